"""Drawing, choosing and moving figures in one pane with the left button.

A measuring tool draws by dragging, or by clicking from place to place; an outline is closed by letting go, by a click
on its first point, or by a double click. With any tool a figure under the mouse can be chosen by a click, moved by its
line and changed by its handles. Esc leaves what is under way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure.annotation import Annotation, Kind, Point, new_uid
from medgan_viewer.core.measure.book import EditAnnotations
from medgan_viewer.core.measure.geometry import dragged, moved
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.words import Line
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.measurement_words import name_shown
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.camera import Mapping
from medgan_viewer.ui.views.compared import Image
from medgan_viewer.ui.views.scene import Picture, Scene
from medgan_viewer.ui.views.tools import hits, painting
from medgan_viewer.ui.views.tools.draft import Draft, points_of
from medgan_viewer.ui.views.tools.figures import Figures, Projection, figure_of, handle_number, same_images, weak
from medgan_viewer.ui.views.tools.labels import Box
from medgan_viewer.ui.views.tools.sheets import Sheets, made_sheet
from medgan_viewer.ui.views.tools.text_editor import TextEditor

__all__ = ["PaneTools"]

_WORDED: tuple[Kind, ...] = ("arrow", "text")
# A figure smaller than this on the screen was not meant.
_SMALLEST = 3.0


class Board(Protocol):
    """The pane, as tools see it."""

    scene: Scene | None

    def mapping(self) -> Mapping | None:
        """Return how the plane lies on the screen."""

    def synthetic_at(self, at: QPointF) -> ImageLayer | None:
        """Return the synthetic image in the place of the original."""

    def update(self) -> None:
        """Paint again."""


@dataclass(eq=False)
class _Grab:
    """A figure held by a handle, or by its line."""

    before: Annotation
    handle: int | None
    start: Vector
    at: QPointF
    after: Annotation


class PaneTools:
    """What the left button does with figures in one pane, and how they are painted."""

    def __init__(self, board: Board, widget: QWidget, document: Document) -> None:
        self._board, self._widget, self._document = board, widget, document
        self.kind: Kind | None = None
        self._draft: Draft | None = None
        # UID and name of the synthetic image under the draft.
        self._drawn_on: tuple[str | None, str] = (None, "")
        self._grab: _Grab | None = None
        self._editor: TextEditor | None = None
        self._figures = Figures(document)
        self._draft_uid = new_uid()
        self._painted: list[painting.Placement] = []
        self._sheets = Sheets()

    # -- the mouse -----------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is being drawn, moved or typed."""
        return self._draft is not None or self._grab is not None or self._editor is not None

    @property
    def shown_uids(self) -> set[str]:
        """The annotations on the slice that the pane shows."""
        scene = self._board.scene
        return set() if scene is None else {one.uid for one in self._figures.on_slice(scene)}

    def can_show(self, annotation: Annotation) -> bool:
        """Whether one of the pane's slices has an annotation on it."""
        return self._board.scene is not None and self._figures.can_show(annotation, self._board.scene)

    def press(self, event: QMouseEvent) -> bool:
        """Take the press of a button; return False where it is not for figures."""
        mapping = self._board.mapping()
        if event.button() != Qt.MouseButton.LeftButton or mapping is None or self._board.scene is None:
            return False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        if self._draft is None and self._take_hold(event.position(), mapping):
            return True
        if self.kind is None:
            self._document.annotations.select(None)
            return False
        if self._draft is None or self._draft.plane is not mapping.plane:
            self._document.annotations.select(None)
            self._draft = Draft(self.kind, mapping.plane)
            layer = self._board.synthetic_at(event.position())
            self._drawn_on = (None, "") if layer is None else (layer.uid, layer.name)
        at = event.position()
        self._draft.press(mapping.point_at(at.x(), at.y()), (at.x(), at.y()))
        self._board.update()
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Follow the mouse; return whether it is for figures alone."""
        mapping = self._board.mapping()
        if mapping is None:
            return False
        at = event.position()
        point = mapping.point_at(at.x(), at.y())
        if self._grab is not None:
            self._pull(self._grab, point, at)
        elif self._draft is not None and self._is_here(self._draft, mapping):
            self._draft.move(point, (at.x(), at.y()))
        else:
            return False
        self._board.update()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """Take the release of the left button; return whether it was for figures."""
        mapping = self._board.mapping()
        if event.button() != Qt.MouseButton.LeftButton or mapping is None:
            return False
        if self._grab is not None:
            self._let_go(self._grab)
            return True
        if self._draft is None or not self._is_here(self._draft, mapping):
            return False
        at = event.position()
        self._draft.release(mapping.point_at(at.x(), at.y()), (at.x(), at.y()))
        self._keep_if_whole()
        self._board.update()
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Take a double click: its second press, the end of an outline, or the wish to change words."""
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if self._draft is not None:
            self._draft.finish()
            if self._draft.whole:
                self._keep_if_whole()
                return True
            return self.press(event)
        found = hits.under(self._painted, event.position())
        if found is None:
            return self.kind is not None and self.press(event)
        if found.figure.annotation.kind in _WORDED:
            self._ask_words(found.figure.annotation, known=True)
        return True

    def cancel(self) -> bool:
        """Leave what is under way, else what is chosen; return whether there was anything."""
        if self._editor is not None:
            self._editor.cancel()
        elif self._draft is not None or self._grab is not None:
            self._draft = self._grab = None
        else:
            return False
        self._board.update()
        return True

    def forget(self) -> None:
        """Let go of figures, their words and pictures: a study was closed."""
        self._sheets, self._painted = Sheets(), []
        self._figures.forget()

    def cursor(self, at: QPointF) -> Qt.CursorShape | None:
        """Return the mouse pointer's shape over a place, None where figures do not care."""
        if self._grab is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self._draft is None and hits.under(self._painted, at) is not None:
            return Qt.CursorShape.PointingHandCursor
        return None if self.kind is None else Qt.CursorShape.CrossCursor

    # -- choosing and moving -------------------------------------------------------------------------------------

    def _take_hold(self, at: QPointF, mapping: Mapping) -> bool:
        found = hits.under(self._painted, at)
        if found is None:
            return False
        annotation = found.figure.annotation
        handle = None if found.handle is None else handle_number(annotation, found.handle)
        self._document.annotations.select(annotation.uid)
        # Whoever takes hold of a number would not expect what it measured to move; words are the figure itself.
        if found.on_label and annotation.kind != "text":
            return True
        start = mapping.point_at(at.x(), at.y())
        self._grab = _Grab(annotation, handle, start, at, annotation)
        return True

    def _pull(self, grab: _Grab, point: Vector, at: QPointF) -> None:
        if grab.after is grab.before and (at - grab.at).manhattanLength() < _SMALLEST:
            return
        if grab.handle is None:
            grab.after = moved(grab.before, point - grab.start)
        else:
            grab.after = dragged(grab.before, grab.handle, point)

    def _let_go(self, grab: _Grab) -> None:
        self._grab = None
        if grab.after is not grab.before:
            self._document.execute(
                EditAnnotations(tr("Move {0}").format(name_shown(grab.before)), (grab.before,), (grab.after,))
            )
        self._board.update()

    # -- drawing -------------------------------------------------------------------------------------------------

    def _is_here(self, draft: Draft, mapping: Mapping) -> bool:
        """Whether the slice on which it was begun is still shown; else it is dropped."""
        if draft.plane is mapping.plane:
            return True
        self._draft = None
        return False

    def _keep_if_whole(self) -> None:
        draft = self._draft
        if draft is None or not draft.whole:
            return
        self._draft = None
        self._figures.forget_label(self._draft_uid)
        annotation = self._annotation(draft, draft.kind, draft.points())
        single = draft.kind in ("probe", "text")
        if annotation is None or (draft.extent < _SMALLEST and not single):
            return
        name = self._document.annotations.free_name(draft.kind, annotation.study_key)
        annotation = replace(annotation, uid=new_uid(), name=name)
        if draft.kind in _WORDED:
            self._ask_words(annotation, known=False)
        else:
            self._add(annotation)

    def _add(self, annotation: Annotation) -> None:
        self._document.execute(EditAnnotations(tr("Draw {0}").format(name_shown(annotation)), (), (annotation,)))
        self._document.annotations.select(annotation.uid)

    def _annotation(self, draft: Draft, kind: Kind, points: tuple[Point, ...] | None) -> Annotation | None:
        """Return a figure of a draft; None while there are too few points."""
        scene = self._board.scene
        if scene is None or scene.opened is None or points is None:
            return None
        x, y, z = (float(value) for value in draft.plane.normal)
        layer_uid, layer_name = self._drawn_on
        return Annotation(
            uid=self._draft_uid,
            kind=kind,
            study_key=study_key(scene.opened.study),
            series_uid=scene.shown.series_uid,
            points=points,
            normal=(x, y, z),
            frame_of_reference_uid=scene.frame_of_reference_uid,
            layer_uid=layer_uid,
            layer_name=layer_name,
            on_grid=scene.shown.kind != "stack",
        )

    def _ask_words(self, annotation: Annotation, *, known: bool) -> None:
        mapping = self._board.mapping()
        if mapping is None or self._editor is not None:
            return
        x, y = mapping.point_to_screen(np.asarray(annotation.points[-1]))

        def done(text: str | None) -> None:
            self._editor = None
            self._widget.setFocus(Qt.FocusReason.OtherFocusReason)
            # An arrow speaks for itself; a text without words is nothing.
            if text is not None and (text or annotation.kind == "arrow"):
                after = replace(annotation, text=text)
                if not known:
                    self._add(after)
                elif after != annotation:
                    self._document.execute(
                        EditAnnotations(tr("Change {0}").format(name_shown(annotation)), (annotation,), (after,))
                    )
            self._board.update()

        self._editor = TextEditor(self._widget, QPointF(x, y), annotation.text, done)

    # -- painting ------------------------------------------------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        scene: Scene,
        mapping: Mapping,
        picture: Picture,
        words: Sequence[QRectF],
        theme: Theme,
    ) -> None:
        """Paint the figures on the slice; their labels keep off words and marks."""
        if not self._document.annotations.revision and self._draft is None:
            self._painted = []
            return
        under = picture.sides or picture.synthetic[:1]
        boxes = painting.boxes_of(words)
        size, ratio = (mapping.width, mapping.height), painter.device().devicePixelRatioF()
        if self._draft is not None or self._grab is not None:
            held = self._draft_uid if self._grab is None else self._grab.before.uid
            self._painted = self._placed(scene, mapping, under, boxes)
            painting.paint(painter, self._painted, held, theme, ratio)
            return
        selected = self._document.annotations.selected
        chosen = None if selected is None else selected.uid
        place = (scene.shown, scene.cut, scene.index, scene.turns, mapping.camera, *size, ratio, tuple(boxes))
        # By weak references: what is kept of a picture must not keep the voxels of a study that was closed.
        shown = (weak(scene), weak(scene.opened), same_images(under), scene.revision)
        key = (*place, *shown, self._document.annotations.revision, chosen, theme)
        sheet = self._sheets.take(
            key, lambda: made_sheet(self._placed(scene, mapping, under, boxes), size, chosen, theme, ratio)
        )
        self._painted = sheet.placed
        sheet.paint(painter)

    def _placed(
        self, scene: Scene, mapping: Mapping, under: Sequence[Image], words: Sequence[Box]
    ) -> list[painting.Placement]:
        drawn = [(one, self._figures.label(one, scene, under)) for one in self._of_slice(scene)]
        drawn += self._of_draft(scene, mapping, under)
        projection = Projection(mapping)
        figures = [figure_of(one, projection, said) for one, said in drawn]
        return painting.place(figures, painting.room_of(mapping.width, mapping.height), words)

    def _of_slice(self, scene: Scene) -> list[Annotation]:
        held = self._grab
        return [
            held.after if held is not None and held.before.uid == one.uid else one
            for one in self._figures.on_slice(scene)
        ]

    def _of_draft(
        self, scene: Scene, mapping: Mapping, under: Sequence[Image]
    ) -> list[tuple[Annotation, tuple[Line, ...]]]:
        """Return what is drawn of a draft: the figure with its number, or the line that there is so far."""
        draft = self._draft
        if draft is None or not self._is_here(draft, mapping):
            return []
        whole = self._annotation(draft, draft.kind, draft.points())
        if whole is not None:
            return [(whole, self._figures.label(whole, scene, under))]
        line = self._annotation(draft, "distance", points_of(draft.places[:2]) if len(draft.places) > 1 else None)
        return [] if line is None else [(line, ())]
