"""A stroke of the brush in MedGAN Viewer's window on the scan: ``brush SINCE FOLDER``.

A large pane with a segmentation of the whole slice, in which a disc of 20 mm and then a ball of 20 mm are drawn; the
processor's time of the window's thread for each move of the mouse until the pane has painted it, which a busy machine
does not stretch: the voxels of a segmentation that is new are counted beside it meanwhile.
"""

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.measure import Paints, percentile
from benchmarks.scan_window import report_on_scan

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtWidgets import QApplication

    from medgan_viewer.core.document import OpenSeries
    from medgan_viewer.core.layers import LabelLayer
    from medgan_viewer.ui.main_window import MainWindow
    from medgan_viewer.ui.views.pane import Pane

_DIAMETER_MM = 20.0
_MOVES = 300


def _strokes(application: "QApplication", window: "MainWindow", opened: "OpenSeries") -> dict[str, float]:
    from PySide6 import QtCore

    window.document.select_series(opened.series.uid)
    window.document.add_layer(_body(opened))
    window.segmenting.choose("2.25.3")
    window.segmenting.add_segment()
    window.segmenting.set_diameter(_DIAMETER_MM)
    window.segmenting.take("brush")
    pane = window.grid.active_pane
    paints = Paints(QtCore, [pane])
    found: dict[str, float] = {}
    for name, ball in (("disc", False), ("ball", True)):
        window.segmenting.set_ball(ball)
        times = _times(application, pane, paints)
        found |= {f"{name}_p50_ms": 1000 * percentile(times, 50), f"{name}_p99_ms": 1000 * percentile(times, 99)}
        window.document.undo()
    return found


def _times(application: "QApplication", pane: "Pane", paints: Paints) -> list[float]:
    """Return the processor's seconds for each move of one stroke; the first ones go before."""
    from PySide6.QtCore import QEvent

    places = list(_way(pane))
    _send(application, pane, QEvent.Type.MouseButtonPress, places[0])
    times = []
    for place in places[1:]:
        application.processEvents()
        paints.clear()
        before = time.thread_time()
        _send(application, pane, QEvent.Type.MouseMove, place)
        while not paints.all:
            application.processEvents()
        times.append(time.thread_time() - before)
    _send(application, pane, QEvent.Type.MouseButtonRelease, places[-1])
    return times[10:]


def _way(pane: "Pane") -> "Iterator[QPointF]":
    """Give places on a spiral through the pane, as far apart as a quick hand moves in a frame."""
    from PySide6.QtCore import QPointF

    reach = 0.3 * min(pane.width(), pane.height())
    for number in range(_MOVES + 11):
        angle, radius = number / 12, reach * (0.3 + 0.7 * number / _MOVES)
        yield QPointF(pane.width() / 2 + radius * math.cos(angle), pane.height() / 2 + radius * math.sin(angle))


def _send(application: "QApplication", pane: "Pane", kind: "QEvent.Type", at: "QPointF") -> None:
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QMouseEvent

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button, held = (none, left) if kind == QEvent.Type.MouseMove else (left, left)
    event = QMouseEvent(kind, at, pane.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
    application.sendEvent(pane, event)


def _body(opened: "OpenSeries") -> "LabelLayer":
    """Return a segmentation of all that is no air: the most there can be to draw on a slice."""
    import numpy as np

    from medgan_viewer.core.segment_editing import new_segmentation

    layer = new_segmentation(opened.series.uid, opened.volume(), name="Body")
    labels = (opened.volume().array > -500).astype(np.uint8)
    return layer.changed(uid="2.25.3", volume=layer.volume.with_array(labels), counts={})  # type: ignore[no-any-return]


if __name__ == "__main__":
    report_on_scan(_strokes)
