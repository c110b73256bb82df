"""What a pane shows and which part of it, without how it is painted and without the mouse."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from medgan_viewer.core.document import Document
from medgan_viewer.core.oblique import Triad
from medgan_viewer.core.slabs import NAMES, Slab
from medgan_viewer.core.slicing import facing
from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.camera import Camera, Mapping, centre_of, fitting, holding, showing
from medgan_viewer.ui.views.pieces import Pieces
from medgan_viewer.ui.views.scene import DisplayState, Links, Scene, Shown
from medgan_viewer.ui.views.slices import SampleCache, ViewKind

__all__ = ["ContentPane", "PaneContent"]

# What is shown coarsely while it moves becomes exact so long after the last movement.
_REST_MS = 160
_WHOLE = object()


@dataclass(frozen=True, slots=True)
class PaneContent:
    """What a pane shows. ``slice_index`` counts the slices of its orientation from 0."""

    series_uid: str
    layer_uid: str | None
    orientation: ViewKind
    slice_index: int
    slice_count: int


class ContentPane(QWidget):
    """A widget with a scene, the camera that looks at it, and what other panes point at in it."""

    def __init__(
        self,
        document: Document,
        theme: Theme,
        number: int,
        parent: QWidget | None,
        samples: SampleCache | None,
        pieces: Pieces | None,
    ) -> None:
        super().__init__(parent)
        self.samples = samples or SampleCache()
        self._pieces = pieces or Pieces(self)
        self._document, self._theme, self._number = document, theme, number
        self.scene: Scene | None = None
        self.camera: Camera | None = None
        self.state = DisplayState()
        # How spaces were registered to one another.
        self.links: Links | None = None
        self._references: tuple[Plane, ...] = ()
        # Where slabs of other panes begin and end.
        self._slab_ends: tuple[Plane, ...] = ()
        self.apart = 0.0
        self._crosshair: Vector | None = None
        # Where the planes of MPR meet, about which their lines are turned.
        self.hub: Vector | None = None
        self._mapping: tuple[object, Mapping] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.come_to_rest)
        # What is being cut exactly, piece by piece, and for what.
        self._exact: tuple[tuple[object, ...], Iterator[None]] | None = None
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
        self.scene = None if shown is None else Scene(self._document, shown, samples=self.samples, links=self.links)
        self.camera, self._references, self._crosshair, self.apart = None, (), None, 0.0
        self._slab_ends, self.hub = (), None
        if self.scene is not None:
            self.scene.index = self.scene.count // 2
        self._name()
        self.update()

    def show_instead(self, shown: Shown) -> None:
        """Show something else in the same way: the same place, turned, inverted and cut alike."""
        before, camera = self.scene, self.camera
        if before is None:
            self.show_content(shown)
            return
        plane = before.plane
        self.show_content(shown)
        if self.scene is None:
            return
        self.scene.go_on_as(before)
        if plane is not None:
            self.scene.go_to(centre_of(plane))
            after = self.scene.plane
            self.camera = camera if camera is None or after is None else showing(camera, plane, after)
        self._name()

    def show_time(self, series_uid: str) -> None:
        """Show another time point of the series, at the same slice and place."""
        before, camera = self.scene, self.camera
        if before is not None:
            self.show_instead(replace(before.shown, series_uid=series_uid))
            self.camera = camera
            self.set_index(before.index)

    def restore(self, scene: Scene | None, camera: Camera | None) -> None:
        """Show again what was shown before; the original where that was a synthetic image that is gone."""
        there = scene is None or scene.shown.layer_uid is None or scene.layer is not None
        shown = None if scene is None else scene.shown
        self.show_content(shown if shown is None or there else replace(shown, layer_uid=None))
        if scene is not None and there:
            self.scene, self.camera = scene, camera
            self._name()
            # Its series may have been opened anew meanwhile.
            self.reload()

    def reload(self) -> None:
        """Look again at what the pane shows, after its series was opened or its grid became known."""
        if self.scene is not None and self.scene.count == 0:
            self.show_instead(self.scene.shown)
            self.scene.index = self.scene.count // 2
            self._name()
        elif self.scene is not None:
            self.scene.forget(self.scene.shown.series_uid)
            # It may have been opened anew with other slices.
            self.scene.set_cut(self.scene.cut)
            self.scene.index = min(self.scene.index, max(self.scene.count - 1, 0))
            self.update()

    # -- slabs and turned planes ---------------------------------------------------------------------------------

    def set_slab(self, slab: Slab | None) -> None:
        """Show what lies around the plane, or the plane alone.

        A slab is one of the regular grid; a pane of acquired slices goes back to these when it ends.
        """
        scene = self.scene
        if scene is None or scene.cut.slab == slab:
            return
        plane, shown = scene.plane, scene.shown
        if slab is not None and shown.kind == "stack" and plane is not None:
            scene.from_stack = True
            self.show_instead(replace(shown, kind=facing(plane)))
        elif slab is None and scene.from_stack:
            scene.from_stack = False
            scene.set_cut(replace(scene.cut, slab=None))
            self.show_instead(replace(shown, kind="stack"))
        if self.scene is not None:
            self.scene.set_cut(replace(self.scene.cut, slab=slab))
        self._name()
        self.update()

    def turn_planes(self, triad: Triad | None, *, moving: bool = False) -> None:
        """Cut planes that are turned, through the triad's point, which stays where it is on the screen; None ends that.

        ``moving`` cuts them coarsely until the pane comes to rest.
        """
        scene, mapping = self.scene, self.mapping()
        if scene is None or mapping is None or scene.shown.kind == "stack":
            return
        plane, camera = mapping.plane, mapping.camera
        if triad is None:
            scene.set_cut(replace(scene.cut, triad=None, moving=False))
            self.camera = None
            scene.go_to(centre_of(plane))
        else:
            point = np.array(triad.point)
            scene.set_cut(replace(scene.cut, triad=triad, moving=moving))
            scene.go_to(point)
            after = scene.plane
            self.camera = None if after is None else holding(camera, mapping, after, point)
        if moving:
            self._rest.start()
        self._name()
        self.update()

    def come_to_rest(self) -> None:
        """Show exactly what was shown coarsely while it moved: at once, or in pieces between which the window answers.

        What moves on, or is drawn otherwise, meanwhile is left coarse, or begun anew.
        """
        self._rest.stop()
        self._pieces.end(self._cut_piece)
        self._exact = None
        if self.scene is None or not self.scene.cut.moving:
            return
        self._exact = self._cut_now(), self.scene.exactly(self.state)
        self._pieces.begin(self._cut_piece)

    def _cut_now(self) -> tuple[object, ...]:
        """What the pieces of an exact cut belong to."""
        scene = self.scene
        return () if scene is None else (scene, scene.cut, scene.index, scene.revision, self.state)

    def _cut_piece(self) -> bool:
        """Cut a piece; return whether there is more to cut."""
        if self._exact is None or self._exact[0] != self._cut_now():
            if not self._rest.isActive():
                self.come_to_rest()
            return False
        if next(self._exact[1], _WHOLE) is not _WHOLE:
            return True
        self._exact = None
        if self.scene is not None:
            self.scene.set_cut(replace(self.scene.cut, moving=False))
        self.update()
        return False

    def _keep_moving(self) -> None:
        """Cut turned planes coarsely while they are scrolled."""
        if self.scene is not None and self.scene.cut.triad is not None:
            self.scene.set_cut(replace(self.scene.cut, moving=True))
            self._rest.start()

    def set_index(self, index: int) -> bool:
        """Show a slice (the nearest there is); return whether it is another one."""
        if self.scene is None or self.scene.count == 0:
            return False
        before, self.scene.index = self.scene.index, int(np.clip(index, 0, self.scene.count - 1))
        if before == self.scene.index:
            return False
        self._keep_moving()
        self._name()
        self.update()
        return True

    def go_to(self, point: Vector) -> bool:
        """Show the slice nearest to an LPS point; return whether it is another one."""
        if self.scene is None or not self.scene.go_to(point):
            return False
        self._keep_moving()
        self._name()
        self.update()
        return True

    def set_references(self, planes: tuple[Plane, ...], apart: float, slab_ends: tuple[Plane, ...] = ()) -> None:
        """Show where other panes' planes, and the ends of their slabs, cross this one.

        ``apart`` is how many mm the active pane's slice is away.
        """
        if planes or self._references or apart != self.apart:
            self._references, self.apart, self._slab_ends = planes, apart, slab_ends
            self.update()

    def set_hub(self, point: Vector | None) -> None:
        """Let the lines of MPR be turned about an LPS point, or about none."""
        if point is not None or self.hub is not None:
            self.hub = point
            self.update()

    def set_crosshair(self, point: Vector | None) -> None:
        """Show the crosshair at an LPS point, or none."""
        if point is not None or self._crosshair is not None:
            self._crosshair = point
            self.update()

    def middle(self) -> Vector | None:
        """Return the LPS point in the middle of the pane, None where there is no plane."""
        mapping = self.mapping()
        return None if mapping is None else mapping.point_at(self.width() / 2, self.height() / 2)

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

    @property
    def magnification(self) -> float:
        """How many pixels of the screen show one of the plane, however coarsely that is cut; 0 where there is none."""
        mapping = self.mapping()
        if mapping is None or self.scene is None:
            return 0.0
        return mapping.scale * mapping.spacing[1] / self.scene.coarse

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
        self.setAccessibleName(tr("Pane {0}: {1}").format(self._number, self._what()))

    def _what(self) -> str:
        if self.scene is None or self.scene.opened is None:
            return tr("empty")
        layer, kind = self.scene.layer, self.scene.shown.kind
        series = self.scene.opened.series
        name = tr("synthetic {0}").format(layer.name) if layer is not None else series.description or series.modality
        turned = tr("turned ") if self.scene.cut.triad is not None else ""
        slab = self.scene.cut.slab
        thick = "" if slab is None else numbers(tr(" {0} of {1:g} mm").format(tr(NAMES[slab.mode]), slab.thickness))
        where = "" if kind == "stack" else f", {turned}{tr(kind)}{thick}"
        return tr("{0}{1}, slice {2} of {3}").format(name, where, self.scene.index + 1, self.scene.count)

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
