"""One view of a series or of a synthetic image: pixels, results, words and the mark, in one paint pass."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views import overlay_text, painting, pointer
from medgan_viewer.ui.views.camera import Camera, Mapping, fitting
from medgan_viewer.ui.views.captions import captions
from medgan_viewer.ui.views.gestures import Gestures
from medgan_viewer.ui.views.lines import box_on
from medgan_viewer.ui.views.mark import draw_marks, mark_for, place_marks
from medgan_viewer.ui.views.overlay_text import Room
from medgan_viewer.ui.views.scene import DisplayState, Picture, Scene, Shown
from medgan_viewer.ui.views.slices import SampleCache, ViewKind
from medgan_viewer.ui.views.tools.pane_tools import PaneTools
from medgan_viewer.ui.views.warning_strip import draw_warning

__all__ = ["LAYER_MIME", "SERIES_MIME", "Pane", "PaneContent"]

SERIES_MIME = "application/x-medgan-series"
LAYER_MIME = "application/x-medgan-layer"
_EMPTY = "Drop a study here, or choose a series"
# Words stand on a slice that is so near to their place, however thin it is.
_SAME_SLICE_MM = 0.5


@dataclass(frozen=True, slots=True)
class PaneContent:
    """What a pane shows. ``slice_index`` counts the slices of its orientation from 0."""

    series_uid: str
    layer_uid: str | None
    orientation: ViewKind
    slice_index: int
    slice_count: int


class Pane(QWidget):
    """Shows one scene. It asks for changes by signals; the grid makes them, here and in linked panes."""

    activated = Signal()
    maximise_asked = Signal()
    slice_asked = Signal(int)
    camera_asked = Signal(object)
    window_asked = Signal(str, object)
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
    ) -> None:
        super().__init__(parent)
        self._samples = samples or SampleCache()
        self._document, self._theme, self._number = document, theme, number
        self.scene: Scene | None = None
        self.camera: Camera | None = None
        self.state = DisplayState()
        self.active = False
        self.warned = False
        self.patient_hidden = False
        self._references: tuple[Plane, ...] = ()
        self.apart = 0.0
        self._crosshair: Vector | None = None
        self.gestures = Gestures(self)
        self.tools = PaneTools(self, self, document)
        self.mark_places: list[QRectF] = []
        self._swipe_at = 0.5
        self._mapping: tuple[object, Mapping] | None = None
        self._pointer: QPointF | None = None
        self._capturing = False
        self._reduced = painting.Reduced()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(60, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._name()

    # -- content -------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> Shown | None:
        """What the pane was asked to show."""
        return None if self.scene is None else self.scene.shown

    @property
    def content(self) -> PaneContent | None:
        """What the pane shows, None while it is empty."""
        if self.scene is None:
            return None
        shown = self.scene.shown
        return PaneContent(shown.series_uid, shown.layer_uid, shown.kind, self.scene.index, self.scene.count)

    def show_content(self, shown: Shown | None) -> None:
        """Show something else, from the slice in the middle, fitted to the pane."""
        self.scene = None if shown is None else Scene(self._document, shown, self._samples)
        self.camera, self._references, self._crosshair, self.apart = None, (), None, 0.0
        if self.scene is not None:
            self.scene.index = self.scene.count // 2
        self._name()
        self.update()

    def show_time(self, series_uid: str) -> None:
        """Show another time point of the series, at the same slice and place."""
        before, camera = self.scene, self.camera
        if before is None:
            return
        self.show_content(replace(before.shown, series_uid=series_uid))
        if self.scene is not None:
            self.scene.turns, self.scene.inverted = before.turns, before.inverted
            self.camera = camera
            self.set_index(before.index)

    def restore(self, scene: Scene | None, camera: Camera | None) -> None:
        """Show again what was shown before."""
        self.show_content(None if scene is None else scene.shown)
        if scene is not None and (scene.shown.layer_uid is None or scene.layer is not None):
            self.scene, self.camera = scene, camera
            self._name()

    def reload(self) -> None:
        """Look again at what the pane shows, after its series was opened or its grid became known."""
        if self.scene is not None and self.scene.count == 0:
            self.show_content(self.scene.shown)
        elif self.scene is not None:
            self.scene.forget(self.scene.shown.series_uid)
            self.update()

    def set_index(self, index: int) -> bool:
        """Show a slice (the nearest there is); return whether it is another one."""
        if self.scene is None or self.scene.count == 0:
            return False
        before, self.scene.index = self.scene.index, int(np.clip(index, 0, self.scene.count - 1))
        if before == self.scene.index:
            return False
        self._name()
        self.update()
        return True

    def go_to(self, point: Vector) -> bool:
        """Show the slice nearest to an LPS point; return whether it is another one."""
        if self.scene is None or not self.scene.go_to(point):
            return False
        self._name()
        self.update()
        return True

    def set_references(self, planes: tuple[Plane, ...], apart: float) -> None:
        """Show where other panes' planes cross this one, and say how many mm the active pane's slice is away."""
        if planes or self._references or apart != self.apart:
            self._references, self.apart = planes, apart
            self.update()

    def set_crosshair(self, point: Vector | None) -> None:
        """Show the crosshair at an LPS point, or none."""
        if point is not None or self._crosshair is not None:
            self._crosshair = point
            self.update()

    def bring_into_view(self, point: Vector) -> None:
        """Show an LPS point: the nearest slice, and the middle of the pane where it would lie outside."""
        self.go_to(point)
        mapping = self.mapping()
        if mapping is None:
            return
        x, y = mapping.point_to_screen(point)
        if not (0 <= x < self.width() and 0 <= y < self.height()):
            away = (y - self.height() / 2) / mapping.scale, (x - self.width() / 2) / mapping.scale
            self.camera = mapping.camera.moved(*away)
        self.update()

    def rotate(self) -> None:
        """Turn the picture clockwise by 90°."""
        if self.scene is not None:
            self.scene.turns = (self.scene.turns + 1) % 4
            self.camera = None if self.camera is None else self.camera.rotated()
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours; the image stays on black."""
        self._theme = theme
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"Pane {self._number}: {self._what()}")

    def _what(self) -> str:
        if self.scene is None or self.scene.opened is None:
            return "empty"
        layer, kind = self.scene.layer, self.scene.shown.kind
        series = self.scene.opened.series
        name = f"synthetic {layer.name}" if layer is not None else series.description or series.modality
        where = "" if kind == "stack" else f", {kind}"
        return f"{name}{where}, slice {self.scene.index + 1} of {self.scene.count}"

    # -- what gestures ask ---------------------------------------------------------------------------------------

    def mapping(self) -> Mapping | None:
        """Return how the displayed plane lies in the pane."""
        plane = None if self.scene is None else self.scene.plane
        if plane is None:
            return None
        key = (plane, self.camera, self.width(), self.height())
        if self._mapping is None or self._mapping[0] != key:
            camera = self.camera or fitting(plane)
            self._mapping = (key, Mapping(plane, camera, max(self.width(), 1), max(self.height(), 1)))
        return self._mapping[1]

    def window_at(self, x: float) -> tuple[str, Window] | None:
        """Return whose window a drag from there changes, and that window: beyond the swipe line the synthetic one's."""
        if self.scene is None or self.scene.opened is None:
            return None
        front = self.synthetic_at(x)
        uid = self.scene.shown.series_uid if front is None else front.uid
        return uid, self._document.window(uid)

    def synthetic_at(self, x: float) -> ImageLayer | None:
        """Return the synthetic image in the place of the original there: of a swiped pair, beyond the line."""
        picture = self._picture()
        if picture.half is not None:
            return picture.synthetic[0] if x >= self._swipe() else None
        return picture.front

    def slice_index(self) -> int:
        """Return the slice being shown."""
        return 0 if self.scene is None else self.scene.index

    def slice_count(self) -> int:
        """Return how many slices there are."""
        return 0 if self.scene is None else self.scene.count

    def swipe_x(self) -> float | None:
        """Return where the swipe line stands, None where there is none."""
        return self._swipe() if self._picture().half is not None else None

    def ask_window(self, uid: str, window: Window) -> None:
        """Ask for another window."""
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
        self._swipe_at = float(np.clip(x / max(self.width(), 1), 0.0, 1.0))
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
            overlay_text.draw_message(painter, Room(self.width(), self.height()), _EMPTY, self._theme)
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
        marks = place_marks(inner, mark_for(opened.series, picture.synthetic, picture.results)) if opened else []
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
        if not self.patient_hidden:
            reach = max(scene.slice_distance / 2, _SAME_SLICE_MM)
            painting.draw_remarks(painter, picture.results, reach, mapping, Room(self.width(), self.height()))

    def _paint_lines(self, painter: QPainter, scene: Scene, mapping: Mapping, words: Sequence[QRectF]) -> None:
        """Paint the lines over the image, but through no word."""
        if self._references or self._crosshair is not None:
            painting.spare(painter, words)
        for plane in self._references:
            painting.draw_reference(painter, plane, mapping, self._theme)
        if self._crosshair is not None:
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
            zoom = mapping.scale * mapping.spacing[1]
            note = f"{self.apart:.0f} mm from the active pane's slice" if self.apart else ""
            hidden = self.patient_hidden
            words = captions(scene, mapping.plane, zoom, lines, picture=picture, note=note, hidden=hidden)
            if words is not None:
                taken = overlay_text.draw_captions(painter, room, words, self._theme)
            bar = overlay_text.draw_scale_bar(painter, room, mapping.scale, self._theme)
            taken += [] if bar is None else [bar.words]
        if picture.half is not None:
            sides = ("original", picture.synthetic[0].name)
            overlay_text.draw_sides_of(painter, room, self._swipe(), sides, self._theme)
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
        return () if at is None else pointer.lines(self.scene, mapping, at, self._picture(), self._swipe())

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
        if self.gestures.near_swipe(event.position()) or not self.tools.press(event):
            self.gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        self._pointer = event.position()
        on_line = self.gestures.near_swipe(event.position()) and not self.gestures.dragging
        shape = self.tools.cursor(event.position()) or Qt.CursorShape.ArrowCursor
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
        if not self.tools.double_click(event) and event.button() == Qt.MouseButton.LeftButton:
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
