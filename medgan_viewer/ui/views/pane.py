"""One view of a series or of a synthetic image: pixels, results, words and the mark, in one paint pass."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import ImageLayer, LabelLayer
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views import overlay_text, painting, pointer
from medgan_viewer.ui.views.camera import Camera, Mapping
from medgan_viewer.ui.views.captions import captions
from medgan_viewer.ui.views.checks import in_check
from medgan_viewer.ui.views.compared import Difference, Image
from medgan_viewer.ui.views.gestures import Gestures
from medgan_viewer.ui.views.handles import draw_handles, handles, near_handle
from medgan_viewer.ui.views.legend import Ground, draw_legends
from medgan_viewer.ui.views.lines import box_on
from medgan_viewer.ui.views.mark import Mark, draw_marks, mark_for, place_marks
from medgan_viewer.ui.views.overlay_text import Room
from medgan_viewer.ui.views.pane_content import ContentPane
from medgan_viewer.ui.views.pieces import Pieces
from medgan_viewer.ui.views.scene import Picture, Scene
from medgan_viewer.ui.views.slices import SampleCache
from medgan_viewer.ui.views.tools.pane_tools import PaneTools
from medgan_viewer.ui.views.warning_strip import draw_warning
from medgan_viewer.wording import marked

__all__ = ["LAYER_MIME", "SERIES_MIME", "Pane"]

SERIES_MIME = "application/x-medgan-series"
LAYER_MIME = "application/x-medgan-layer"
# What a drag changes in the place of a window.
_DIFFERENCE = "difference"
_EMPTY = marked("Drop a study here, or choose a series")
# Words stand on a slice that is so near to their place, however thin it is.
_SAME_SLICE_MM = 0.5


class Pane(ContentPane):
    """Shows one scene. It asks for changes by signals; the grid makes them, here and in linked panes."""

    activated = Signal()
    maximise_asked = Signal()
    slice_asked = Signal(int)
    camera_asked = Signal(object)
    window_asked = Signal(str, object)
    range_asked = Signal(float)
    turn_asked = Signal(float, bool)
    pointed = Signal(object)
    moved_without_pointing = Signal()
    context_menu_asked = Signal(QPoint)
    series_dropped = Signal(str)
    files_dropped = Signal(list)

    def __init__(
        self,
        document: Document,
        theme: Theme,
        number: int,
        parent: QWidget | None = None,
        samples: SampleCache | None = None,
        pieces: Pieces | None = None,
    ) -> None:
        super().__init__(document, theme, number, parent, samples, pieces)
        self.active = False
        self.warned = False
        # How it is linked to panes of other spaces, in words.
        self.link_note = ""
        self.patient_hidden = False
        self.gestures = Gestures(self)
        self.tools = PaneTools(self, self, document)
        self.mark_places: list[QRectF] = []
        self._swipe_at = 0.5
        self._pointer: QPointF | None = None
        self._capturing = False
        self._reduced = painting.Reduced()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(60, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # -- what gestures ask ---------------------------------------------------------------------------------------

    def window_at(self, at: QPointF) -> tuple[str, Window] | None:
        """Return whose window a drag from there changes, and that window: beyond the swipe line the synthetic one's."""
        if self.scene is None or self.scene.opened is None:
            return None
        picture = self._picture()
        if picture.difference is not None:
            return _DIFFERENCE, Window(2 * picture.difference.strongest, 0.0)
        front = self._image_at(picture, at)
        uid = self.scene.shown.series_uid if front is None else front.uid
        return uid, self.scene.window_of(uid)

    def synthetic_at(self, at: QPointF) -> ImageLayer | None:
        """Return the synthetic image in the place of the original there: beyond the swipe line, in its checks."""
        picture = self._picture()
        if picture.difference is not None:
            return next(iter(picture.synthetic), None)
        front = self._image_at(picture, at)
        return front if isinstance(front, ImageLayer) else None

    def _image_at(self, picture: Picture, at: QPointF) -> Image | None:
        """Return the image in the place of the pane's own series there, None for that."""
        if picture.half is not None and picture.sides is not None and self._beyond((at.x(), at.y())):
            return picture.sides[1]
        return picture.front

    def _beyond(self, at: tuple[float, float]) -> bool:
        """Whether a place belongs to the synthetic image where two share the pane."""
        return in_check(*at) if self.state.checkered else at[0] >= self._swipe()

    def slice_index(self) -> int:
        """Return the slice being shown."""
        return 0 if self.scene is None else self.scene.index

    def slice_count(self) -> int:
        """Return how many slices there are."""
        return 0 if self.scene is None else self.scene.count

    def turn_hub(self, at: QPointF) -> tuple[float, float] | None:
        """Return about which place the line at a position can be turned, None where none can be held there."""
        mapping = self.mapping()
        if mapping is None or self.hub is None or not near_handle(at, self._handles(mapping)):
            return None
        return mapping.point_to_screen(self.hub)

    def _handles(self, mapping: Mapping) -> list[QPointF]:
        return [] if self.hub is None else handles(self.hub, self._references, mapping)

    def ask_turn(self, degrees: float, held: bool) -> None:
        """Ask for the lines to be turned."""
        self.turn_asked.emit(degrees, held)

    def swipe_x(self) -> float | None:
        """Return where the swipe line stands, None where there is none."""
        picture = self._picture()
        return self._swipe() if picture.half is not None and not picture.checkered else None

    def ask_window(self, uid: str, window: Window) -> None:
        """Ask for another window, or another range of a difference."""
        if uid == _DIFFERENCE:
            self.range_asked.emit(window.width / 2)
        else:
            self.window_asked.emit(uid, window)

    def ask_slice(self, index: int) -> None:
        """Ask for another slice."""
        self.slice_asked.emit(index)

    def ask_camera(self, camera: Camera) -> None:
        """Ask to look elsewhere."""
        self.camera_asked.emit(camera)

    def ask_crosshair(self, point: Vector) -> None:
        """Ask to move the crosshair."""
        self.pointed.emit(point)

    def ask_swipe(self, x: float) -> None:
        """Move the swipe line."""
        self.swipe_share = x / max(self.width(), 1)

    @property
    def swipe_share(self) -> float:
        """How far across the pane its swipe line stands, 0…1."""
        return self._swipe_at

    @swipe_share.setter
    def swipe_share(self, share: float) -> None:
        self._swipe_at = float(np.clip(share, 0.0, 1.0))
        self.update()

    def ask_menu(self, at: QPoint) -> None:
        """Ask for the context menu."""
        self.context_menu_asked.emit(at)

    # -- painting ------------------------------------------------------------------------------------------------

    def capture(self) -> QImage:
        """Return the pane as it is on the screen, marks included, without the outline of the active pane."""
        self._capturing = True
        try:
            return self.grab().toImage()
        finally:
            self._capturing = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything: pixels and their mark are never apart."""
        painter = QPainter(self)
        mapping, picture = self.mapping(), self._picture()
        self._paint_ground(painter, mapping, picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = self._paint_frame(painter)
        if self.scene is None:
            overlay_text.draw_message(painter, Room(self.width(), self.height()), tr(_EMPTY), self._theme)
        else:
            self._paint_scene(painter, self.scene, inner, mapping, picture)
        painter.end()

    def _paint_ground(self, painter: QPainter, mapping: Mapping | None, picture: Picture) -> None:
        """Paint the ground where the picture will not cover it."""
        black, whole = QColor(self._theme.image_background), self.rect()
        if mapping is None or not picture.opaque:
            painter.fillRect(whole, black)
            return
        # Two pixels less than the picture, whose edge is blended with what lies below, and four less than the pane,
        # whose outlines are.
        picture_area = QRectF(*mapping.rectangle()).adjusted(2, 2, -2, -2).toRect()
        covered = picture_area.intersected(whole.adjusted(4, 4, -4, -4))
        below, right = covered.y() + covered.height(), covered.x() + covered.width()
        for strip in (
            QRect(0, 0, whole.width(), covered.y()),
            QRect(0, below, whole.width(), whole.height() - below),
            QRect(0, covered.y(), covered.x(), covered.height()),
            QRect(right, covered.y(), whole.width() - right, covered.height()),
        ):
            painter.fillRect(strip, black)

    def _paint_frame(self, painter: QPainter) -> QRectF:
        """Paint the outlines of the pane; return what they leave."""
        inner = QRectF(self.rect())
        if self.warned:
            inner = painting.draw_outline(painter, inner, self._theme.image_warning, 2.0)
        if self.active and not self._capturing:
            inner = painting.draw_outline(painter, inner, self._theme.accent, 1.0)
        return inner

    def _paint_scene(
        self, painter: QPainter, scene: Scene, inner: QRectF, mapping: Mapping | None, picture: Picture
    ) -> None:
        opened = scene.opened
        painter.save()
        painter.setClipRect(inner)
        if mapping is not None:
            painting.draw_picture(painter, picture, mapping, self._swipe(), self._theme, self._reduced)
        mark = (
            mark_for(opened.series, picture.synthetic, picture.results, picture.stored_synthetic) if opened else Mark()
        )
        marks = place_marks(inner, mark)
        self.mark_places = [place.area for place in marks]
        words = self._paint_words(painter, scene, picture, mapping, inner)
        if mapping is not None:
            self._paint_remarks(painter, scene, picture, mapping)
            self._paint_lines(painter, scene, mapping, words)
            painter.setClipRect(inner)
            self.tools.paint(painter, scene, mapping, picture, [*words, *self.mark_places], self._theme)
        painter.restore()
        # Last: no word and no line covers a mark.
        draw_marks(painter, inner, marks, self._theme)

    def _paint_remarks(self, painter: QPainter, scene: Scene, picture: Picture, mapping: Mapping) -> None:
        """Paint what results say in words, unless the patient is hidden: readers write names into them."""
        remarked = [layer for layer in picture.results if isinstance(layer, LabelLayer) and layer.remarks]
        if remarked and not self.patient_hidden:
            reach = max(scene.slice_distance / 2, _SAME_SLICE_MM)
            painting.draw_remarks(painter, remarked, reach, mapping, Room(self.width(), self.height()))

    def _paint_lines(self, painter: QPainter, scene: Scene, mapping: Mapping, words: Sequence[QRectF]) -> None:
        """Paint the lines over the image, but through no word."""
        if self._references or self._crosshair is not None:
            painting.spare(painter, words)
        for plane in self._references:
            painting.draw_reference(painter, plane, mapping, self._theme)
        for plane in self._slab_ends:
            painting.draw_slab_end(painter, plane, mapping, self._theme)
        draw_handles(painter, self._handles(mapping), self._theme)
        # Where lines are turned, upright ones beside them would say nothing.
        if self._crosshair is not None and scene.cut.triad is None:
            painting.draw_crosshair(painter, self._crosshair, mapping, self._theme)
        selected = scene.selected_finding(self.state)
        box = None if selected is None else box_on(selected[0].volume, selected[1].bounds, mapping)
        if selected is not None and box is not None:
            room = Room(self.width(), self.height())
            painting.draw_finding(painter, QRectF(*box), selected[1].number, room, self._theme)

    def _swipe(self) -> float:
        return self._swipe_at * self.width()

    def _paint_words(
        self, painter: QPainter, scene: Scene, picture: Picture, mapping: Mapping | None, inner: QRectF
    ) -> list[QRectF]:
        """Paint what is said in words; return the areas that the captions take."""
        wide = max((place.width() for place in self.mark_places), default=0.0)
        tall = self.height() - min((place.top() for place in self.mark_places), default=float(self.height()))
        # Below the warning everything is laid out as in a pane that is so much lower.
        strip = draw_warning(painter, inner, self._theme) if self.warned else 0.0
        painter.translate(0, strip)
        taken: list[QRectF] = []
        room = Room(self.width(), self.height() - strip, wide, tall)
        if mapping is not None:
            lines = self.pointer_lines()
            notes = [self.link_note] if self.link_note else []
            notes += [tr("{0:.0f} mm from the active pane's slice").format(self.apart)] if self.apart else []
            hidden = self.patient_hidden
            words = captions(
                scene, mapping.plane, self.magnification, lines, picture=picture, notes=notes, hidden=hidden
            )
            if words is not None:
                taken = overlay_text.draw_captions(painter, room, words, self._theme)
            bar = overlay_text.draw_scale_bar(painter, room, mapping.scale, self._theme)
            taken += [] if bar is None else [bar.words]
            around = [*taken, *([] if bar is None else [bar.area])]
            taken += draw_legends(painter, room, picture, self._theme, Ground(scene.document, mapping, around))
        if picture.half is not None and picture.sides is not None and not picture.checkered:
            first, second = picture.sides
            overlay_text.draw_sides_of(painter, room, self._swipe(), (first.name, second.name), self._theme)
        if picture.message and picture.base is None:
            overlay_text.draw_message(painter, room, picture.message, self._theme)
        elif picture.message:
            overlay_text.draw_headline(painter, room, picture.message, self._theme.image_quiet_text)
        painter.translate(0, -strip)
        return [area.translated(0, strip) for area in taken]

    def pointer_lines(self) -> tuple[str, ...]:
        """Return what lies under the pointer, else under the crosshair: value, position, what results say."""
        mapping = self.mapping()
        if self.scene is None or mapping is None:
            return ()
        at = self._pointed(mapping)
        return () if at is None else pointer.lines(self.scene, mapping, at, self._picture(), beyond=self._beyond(at))

    @property
    def difference(self) -> Difference | None:
        """The difference that is shown, None where there is none."""
        return self._picture().difference

    def message(self) -> str:
        """Return why there are no pixels where there are none."""
        return self._picture().message

    def _pointed(self, mapping: Mapping) -> tuple[float, float] | None:
        """Return the place the words speak of: the pointer's, else the crosshair's."""
        if self._pointer is not None:
            return self._pointer.x(), self._pointer.y()
        return None if self._crosshair is None else mapping.point_to_screen(self._crosshair)

    def _picture(self) -> Picture:
        mapping = self.mapping()
        if self.scene is None:
            return Picture(None)
        if mapping is None:
            return self.scene.picture(self.state, (1.0, 1.0))
        down, along = (mapping.scale * mm * self.devicePixelRatioF() for mm in mapping.spacing)
        return self.scene.picture(self.state, (down, along))

    # -- events --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make the pane the active one and begin a drag."""
        self.activated.emit()
        if self._on_line(event.position()) or not self.tools.press(event):
            self.gestures.press(event)

    def _on_line(self, at: QPointF) -> bool:
        """Whether a press there moves the swipe line or turns the lines of MPR, whatever the tool."""
        return self.gestures.near_swipe(at) or self.turn_hub(at) is not None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        self._pointer = event.position()
        on_line = self.gestures.near_swipe(event.position()) and not self.gestures.dragging
        shape = self.tools.cursor(event.position()) or Qt.CursorShape.ArrowCursor
        if not self.gestures.dragging and self.turn_hub(event.position()) is not None:
            shape = Qt.CursorShape.PointingHandCursor
        self.setCursor(Qt.CursorShape.SplitHCursor if on_line else shape)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.moved_without_pointing.emit()
        if self.gestures.dragging or not self.tools.move(event):
            self.gestures.move(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        if not self.tools.release(event):
            self.gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Maximise the pane, or go back."""
        left = event.button() == Qt.MouseButton.LeftButton
        if not self.tools.double_click(event) and left and self.gestures.mouse.maximises:
            self.maximise_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the slices or zoom."""
        self.gestures.wheel(event)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Speak of the pointer."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Stop speaking of the pointer."""
        self._pointer = None
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take series, results and files."""
        data = event.mimeData()
        if data.hasFormat(SERIES_MIME) or data.hasFormat(LAYER_MIME) or data.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for what was dropped."""
        data = event.mimeData()
        for mime in (SERIES_MIME, LAYER_MIME):
            if data.hasFormat(mime):
                event.acceptProposedAction()
                self.series_dropped.emit(bytes(data.data(mime).data()).decode("utf-8"))
                return
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)
