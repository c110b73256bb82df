"""MedGAN Viewer's window on the scan: ``viewer_window SINCE FOLDER``.

Start-up from the monotonic time SINCE, the first image and the last after the click on a series, memory, and scrolling
four linked panes with a segmentation over each, and switching between the ways to compare a synthetic image.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import (
    Paints,
    report,
    resident_mb,
    scroll,
    seconds_until_interactive,
    switch,
    wait,
)
from benchmarks.scan_window import segmentation, synthetic

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from medgan_viewer.ui.main_window import MainWindow
    from medgan_viewer.ui.views.grid import ViewGrid


def main(since: float, folder: Path) -> None:
    """Measure and report."""
    from PySide6 import QtCore

    from medgan_viewer import app

    application = app._application()
    window = app.make_window()
    window.show()
    app._collect_here(window)
    startup = seconds_until_interactive(QtCore, application, window, since)
    try:
        report(startup_s=startup, **_measure_scan(application, window, folder))
    finally:
        window.close()


def _measure_scan(application: "QApplication", window: "MainWindow", folder: Path) -> dict[str, float]:
    from PySide6 import QtCore

    document, grid = window.document, window.grid
    window.loader.scan([folder])
    wait(QtCore, lambda: not window.loader.busy and bool(document.catalog.studies), "the list of series")
    uid = document.catalog.studies[0].series[0].uid

    paints = Paints(QtCore, [grid.panes[0]])

    def shows_a_slice() -> bool:
        opened = document.opened(uid)
        content = grid.panes[0].content
        if opened is None or content is None or not opened.ready[content.slice_index]:
            paints.clear()
            return False
        return paints.all

    clicked = QtCore.QElapsedTimer()
    clicked.start()
    window.open_series(uid)
    wait(QtCore, shows_a_slice, "the first image")
    first = clicked.elapsed() / 1000
    wait(QtCore, lambda: not window.loader.busy, "the whole series")
    complete = clicked.elapsed() / 1000
    memory = resident_mb()

    opened = document.opened(uid)
    assert opened is not None
    # The worker starts and guesses what the scan shows: it answers in turn, so after this it is idle.
    window.runs.service.recognise(opened.volume())
    grid.set_layout_name("2x2")
    for pane in grid.visible_panes:
        grid.show_series(uid, pane)
    document.add_layer(segmentation(opened))
    grid.set_overlay_visible(True)
    grid.set_linked(True)
    paints = Paints(QtCore, grid.visible_panes)
    scrolled = scroll(application, paints, grid.step, 600)
    document.add_layer(synthetic(opened))
    # The others keep showing what the images in it are compared with.
    switched = switch(application, Paints(QtCore, [grid.active_pane]), grid.step, _ways(grid), 100)
    return {"first_s": first, "complete_s": complete, "memory_mb": memory, **scrolled, **switched}


def _ways(grid: "ViewGrid") -> Callable[[int], object]:
    """Return what goes on to the next way of comparing, and from the last to none."""
    from medgan_viewer.ui.views.grid import WAYS

    ways = (*WAYS, None)
    return lambda number: grid.set_comparison(ways[number % len(ways)])


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))
