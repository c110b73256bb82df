"""The picture of the surfaces: what OpenGL drew, the words over it and its mark, painted in one pass."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from medgan_viewer.core.surfaces import Surface
from medgan_viewer.errors import MissingPartError
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views import overlay_text
from medgan_viewer.ui.views.captions import Captions
from medgan_viewer.ui.views.gestures import DOUBLING
from medgan_viewer.ui.views.mark import Mark, draw_marks, place_marks
from medgan_viewer.ui.views.overlay_text import Room
from medgan_viewer.ui.volume.camera import Camera
from medgan_viewer.ui.volume.drawing import SurfacePainter

__all__ = ["Headings", "VolumeView"]

_WHEEL_ZOOM, _NOTCH = 1.25, 120
# Degrees that a drag over a pixel turns, and a key.
_DRAG_TURN, _KEY_TURN = 0.4, 5.0
_KEY_ZOOM = 1.1
_SHARP_AFTER_MS = 160
_TURNS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ZOOMS = {Qt.Key.Key_Plus: _KEY_ZOOM, Qt.Key.Key_Equal: _KEY_ZOOM, Qt.Key.Key_Minus: 1 / _KEY_ZOOM}


@dataclass(frozen=True, slots=True)
class Headings:
    """The words in the corners, as on every pane."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()


class VolumeView(QWidget):
    """Shows surfaces: left drag turns them, middle drag (or Shift) moves them, right drag and wheel zoom.

    Whatever is painted here carries its mark, on the screen and in a picture of the widget.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Surfaces in three dimensions"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme = theme
        self._painter: SurfacePainter | None = None
        self._surfaces: dict[int, Surface] = {}
        self._shown: tuple[tuple[int, str], ...] = ()
        self.headings, self.mark = Headings(), Mark()
        self._message, self._lost = "", False
        self.camera = Camera(np.zeros(3))
        # Whether the reader has chosen a look: then new surfaces do not change it.
        self._chosen = False
        self._drag: tuple[Qt.MouseButton, QPointF] | None = None
        # What was drawn last, until something about it changes.
        self._image: QImage | None = None
        self._moving = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_SHARP_AFTER_MS)
        self._rest.timeout.connect(self._on_rest)

    # -- what is shown -------------------------------------------------------------------------------------------

    def set_painter(self, painter: SurfacePainter) -> None:
        """Draw with OpenGL from now on."""
        self._painter = painter
        for label in self._surfaces:
            self._upload(label)
        self._changed()

    def put(self, label: int, surface: Surface | None) -> None:
        """Take the surface of a segment in the place of the one before; None where it has none any more."""
        if surface is None:
            self._surfaces.pop(label, None)
        else:
            self._surfaces[label] = surface
        self._upload(label)
        if not self._chosen:
            self.fit()
        # More may come: what is drawn meanwhile may be coarse.
        self._coarse_for_now()

    def _upload(self, label: int) -> None:
        """Let the card have what is there of a segment."""
        if self._painter is None:
            return
        try:
            if label in self._surfaces:
                self._painter.put(label, self._surfaces[label])
            else:
                self._painter.drop(label)
        except MissingPartError:
            self._lose_painter()

    def _lose_painter(self) -> None:
        """Say that the card was taken away, or is out of memory: that may happen to any of them at any time."""
        self._painter, self._lost = None, True
        self.update()

    def keep(self, labels: Sequence[int]) -> None:
        """Forget the surfaces of all other segments."""
        for label in set(self._surfaces) - set(labels):
            self.put(label, None)

    def clear(self) -> None:
        """Forget all surfaces, and the look at them."""
        self._chosen = False
        self.keep(())

    def close_painter(self) -> None:
        """Give back what the card holds."""
        painter, self._painter = self._painter, None
        if painter is not None:
            # Of a card that was taken away there is nothing to give back.
            with suppress(MissingPartError):
                painter.close()

    @property
    def surfaces(self) -> dict[int, Surface]:
        """The surfaces that are there, by label."""
        return dict(self._surfaces)

    @property
    def shown(self) -> tuple[tuple[int, str], ...]:
        """Labels and colours (#rrggbb) of the surfaces that are drawn."""
        return tuple(each for each in self._shown if each[0] in self._surfaces)

    def set_shown(self, shown: Sequence[tuple[int, str]]) -> None:
        """Draw these segments, each a label and a colour (#rrggbb)."""
        self._shown = tuple(shown)
        self._changed()

    def set_words(self, headings: Headings, mark: Mark) -> None:
        """Write these words over the picture, and mark it so."""
        self.headings, self.mark = headings, mark
        self.update()

    def say(self, message: str) -> None:
        """Write a sentence in the middle while there is nothing to see; "" for none."""
        self._message = message
        self.setAccessibleDescription(message)
        self.update()

    @property
    def message(self) -> str:
        """The sentence in the middle, "" where surfaces are drawn."""
        if self._lost:
            return tr("OpenGL stopped working. Close this window and open it again.")
        return "" if self._painter is not None and self.shown else self._message

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        self._theme = theme
        self.update()

    # -- looking -------------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show all surfaces, from the side from which they are seen."""
        if self._surfaces:
            points = np.concatenate([surface.points for surface in self._surfaces.values()])
            self.camera = self.camera.fitted(points, self.width(), self.height())
            self._changed()

    def look_from(self, view: str) -> None:
        """Look from a side of ``camera.VIEWS``."""
        self._look(self.camera.seen_from(view))

    def _look(self, camera: Camera, *, moving: bool = False) -> None:
        self.camera, self._chosen = camera, True
        if moving:
            self._coarse_for_now()
        else:
            self._changed()

    def _coarse_for_now(self) -> None:
        self._moving = True
        self._rest.start()
        self._changed()

    def _on_rest(self) -> None:
        self._moving = False
        self._changed()

    def _changed(self) -> None:
        self._image = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        self._drag = (event.button(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn, move or zoom."""
        if self._drag is None:
            return
        button, before = self._drag
        self._drag = (button, event.position())
        way = event.position() - before
        pans = button == Qt.MouseButton.MiddleButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if button == Qt.MouseButton.RightButton:
            camera = self.camera.zoomed(2 ** (-way.y() / DOUBLING))
        elif pans:
            camera = self.camera.moved(way.x(), way.y())
        else:
            camera = self.camera.turned(way.x() * _DRAG_TURN, way.y() * _DRAG_TURN)
        self._look(camera, moving=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        del event
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of it again."""
        del event
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        self._look(self.camera.zoomed(_WHEEL_ZOOM ** (event.angleDelta().y() / _NOTCH)), moving=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn, + and − zoom, Space shows all of it from the front."""
        key = Qt.Key(event.key())
        if key in _TURNS:
            across, down = _TURNS[key]
            self._look(self.camera.turned(across * _KEY_TURN, down * _KEY_TURN))
        elif key in _ZOOMS:
            self._look(self.camera.zoomed(_ZOOMS[key]))
        elif key == Qt.Key.Key_Space:
            self.look_from("front")
            self.fit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit surfaces in that the reader has not turned yet."""
        super().resizeEvent(event)
        self._image = None
        if not self._chosen:
            self.fit()

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surfaces, the words and, last, the mark."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        painter.fillRect(area, QColor(self._theme.image_background))
        image = self._drawn()
        if image is not None:
            painter.drawImage(area, image)
        marks = place_marks(area, self.mark)
        self._paint_words(painter, [place.area for place in marks], drawn=image is not None)
        draw_marks(painter, area, marks, self._theme)
        painter.end()

    def _drawn(self) -> QImage | None:
        """Return the picture of the surfaces, coarser while they move; None where there is nothing to draw."""
        if self._painter is None or not self.shown:
            return None
        if self._image is None:
            ratio = self.devicePixelRatioF() * (0.5 if self._moving else 1.0)
            try:
                self._image = self._painter.picture(self.camera, QSize(self.width(), self.height()), ratio, self.shown)
            except MissingPartError:
                self._lose_painter()
        return self._image

    def _paint_words(self, painter: QPainter, marks: Sequence[QRectF], *, drawn: bool) -> None:
        wide = max((place.width() for place in marks), default=0.0)
        tall = self.height() - min((place.top() for place in marks), default=float(self.height()))
        room = Room(self.width(), self.height(), wide, tall)
        words = self.headings
        sides = self.camera.sides if drawn else ("", "", "", "")
        corners = Captions(words.top_left, words.top_right, (), words.bottom_right, sides)
        overlay_text.draw_captions(painter, room, corners, self._theme)
        if drawn:
            overlay_text.draw_scale_bar(painter, room, self.camera.scale, self._theme)
        else:
            overlay_text.draw_message(painter, room, self.message, self._theme)
