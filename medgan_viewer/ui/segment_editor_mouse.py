"""The mouse over panes while a segmentation is drawn in: strokes, fills, the size by the wheel, and a ring to aim with.

It sits before the panes' own handling of the mouse: the left button draws, everything else stays theirs. The swipe line
and the rings on the lines of MPR come first, as with any other tool.
"""

from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.slicing import mpr_axis
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.pane import Pane

__all__ = ["BrushRing", "DrawingMouse", "Hand", "drawing_axis", "no_drawing", "voxel_at"]

_NOTCH = 120
_MARGIN = 3


def no_drawing(pane: Pane, layer: LabelLayer) -> str:
    """Return why nobody can draw in a segmentation in a pane, one sentence; "" where one can."""
    scene = pane.scene
    if scene is None or scene.opened is None:
        return tr("Open a series to draw on.")
    if scene.shown.series_uid != layer.source_series_uid:
        source = scene.document.catalog.series(layer.source_series_uid)
        return tr("{0} belongs to {1}: draw on that series.").format(layer.name, source.description or source.modality)
    if scene.layer is not None:
        return tr("Segmentations are drawn on the original, not on a synthetic image.")
    if scene.shown.kind == "stack":
        if not scene.opened.stack.is_regular:
            return tr("The slices of this series are uneven or tilted: draw in MPR, on its regular grid.")
    elif scene.cut.triad is not None:
        return tr("These planes are turned: straighten the lines of MPR to draw.")
    elif scene.cut.slab is not None:
        return tr("A slab shows more than one slice: go back to the plane alone to draw.")
    return ""


def drawing_axis(pane: Pane, layer: LabelLayer) -> int:
    """Return the axis of the segmentation's grid that the pane's slices are normal to."""
    if pane.scene is None or pane.scene.shown.kind == "stack":
        return 0
    return mpr_axis(layer.volume, pane.scene.shown.kind)


def voxel_at(pane: Pane, layer: LabelLayer, at: QPointF) -> Vector | None:
    """Return the index [slice, row, column] under a place of a pane, None where there is no plane."""
    mapping = pane.mapping()
    if mapping is None:
        return None
    index = layer.volume.index(mapping.point_at(at.x(), at.y()))
    axis = drawing_axis(pane, layer)
    index[axis] = np.rint(index[axis])
    return index


class Hand(Protocol):
    """Who draws: knows the tool, and what a press means."""

    @property
    def active(self) -> bool:
        """Whether the left button draws."""

    @property
    def drawing(self) -> bool:
        """Whether a stroke is under way."""

    @property
    def ring_mm(self) -> float | None:
        """How large the tool is, None where it has no size."""

    def begin(self, pane: Pane, at: QPointF) -> None:
        """Press."""

    def go_on(self, pane: Pane, at: QPointF) -> None:
        """Move with the button held."""

    def end(self) -> None:
        """Let go."""

    def resize(self, notches: float) -> None:
        """Make the tool larger, smaller where negative."""


class BrushRing(QWidget):
    """The outline of the brush around the pointer."""

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self, at: QPointF, diameter: float) -> None:
        """Stand around a place of the pane, ``diameter`` logical pixels across."""
        reach = diameter / 2 + _MARGIN
        self.setGeometry(QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach).toAlignedRect())
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a light line with a dark one beside it, to be seen on any image."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        for grown, colour in ((1.0, QColor(0, 0, 0, 150)), (0.0, QColor(255, 255, 255, 210))):
            painter.setPen(QPen(colour, 1.0))
            painter.drawEllipse(area.adjusted(-grown, -grown, grown, grown))
        painter.end()


class DrawingMouse(QObject):
    """Hands what the mouse does over panes to the one who draws."""

    def __init__(self, panes: Sequence[Pane], hand: Hand, parent: QObject) -> None:
        super().__init__(parent)
        self._hand = hand
        self._rings = {pane: BrushRing(pane) for pane in panes}
        self._last: tuple[Pane, QPointF] | None = None
        for pane in panes:
            pane.installEventFilter(self)

    def refresh(self) -> None:
        """Show the ring as the tool is now."""
        for pane, ring in self._rings.items():
            if self._last is None or self._last[0] is not pane or not self._hand.active:
                ring.hide()
        if self._last is not None:
            self._follow(*self._last)

    def _follow(self, pane: Pane, at: QPointF) -> None:
        self._last = (pane, at)
        mapping, size = pane.mapping(), self._hand.ring_mm
        if mapping is None or size is None or not self._hand.active:
            self._rings[pane].hide()
        else:
            self._rings[pane].follow(at, size * mapping.scale)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is for drawing; return whether the pane is not to have it."""
        if not isinstance(watched, Pane) or not self._hand.active:
            return False
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick:
                return self._press(watched, cast(QMouseEvent, event))
            case QEvent.Type.MouseMove:
                at = cast(QMouseEvent, event).position()
                if self._hand.drawing:
                    self._hand.go_on(watched, at)
                self._follow(watched, at)
            case QEvent.Type.MouseButtonRelease:
                if self._hand.drawing and cast(QMouseEvent, event).button() == Qt.MouseButton.LeftButton:
                    self._hand.end()
                    return True
            case QEvent.Type.Wheel:
                return self._wheel(cast(QWheelEvent, event))
            case QEvent.Type.Leave:
                self._last = None
                self._rings[watched].hide()
            case _:
                pass
        return False

    def _press(self, pane: Pane, event: QMouseEvent) -> bool:
        at = event.position()
        if self._hand.drawing:
            return True
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.button() != Qt.MouseButton.LeftButton or not plain:
            return False
        if pane.gestures.dragging or pane.gestures.near_swipe(at) or pane.turn_hub(at) is not None:
            return False
        pane.activated.emit()
        self._hand.begin(pane, at)
        return True

    def _wheel(self, event: QWheelEvent) -> bool:
        """Change the size with Alt held; keep the slice while a stroke is under way."""
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and self._hand.ring_mm is not None:
            # With Alt the wheel turns sideways.
            self._hand.resize((event.angleDelta().x() or event.angleDelta().y()) / _NOTCH)
            event.accept()
            return True
        return self._hand.drawing
