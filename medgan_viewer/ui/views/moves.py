"""How panes move together: one scrolls, pans, zooms, windows or points, and those linked to it follow."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from medgan_viewer.core.display import Window, automatic_window, initial_window, windows_of
from medgan_viewer.core.document import Document
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.camera import Camera, centre_of, height_over, showing
from medgan_viewer.ui.views.lines import are_parallel
from medgan_viewer.ui.views.links import BY_HAND, Spaces, camera_beside, share_camera, share_window
from medgan_viewer.ui.views.pane import Pane

__all__ = ["TOGETHER", "Moves", "Together", "plane_of", "slab_ends"]

# What linked panes share: the slice, zoom and place of the camera, the window, the crosshair.
Together = Literal["slices", "zoom", "window", "crosshair"]
TOGETHER: tuple[Together, ...] = get_args(Together)

# A slice whose values lie within this share of the whole image's range shows nothing but noise: that of air in a CT of
# the head takes up to a tenth.
_EMPTY = 0.125
# Of a synthetic image one slice in so many tells its range.
_EVERY = 8


class Moves:
    """Moves panes, and those that share their space where ``linked`` is on, in all that ``together`` names."""

    def __init__(self, document: Document, visible: Callable[[], list[Pane]]) -> None:
        self._document, self._visible = document, visible
        self.linked = True
        self.together: set[Together] = set(TOGETHER)
        self.spaces = Spaces()

    def shares(self, what: Together) -> bool:
        """Whether linked panes share something now."""
        return self.linked and what in self.together

    def linked_to(self, pane: Pane, what: Together = "slices") -> Iterator[Pane]:
        """Return the other visible panes that share something with a pane."""
        return (other for other, _ in self._beside(pane, what))

    def _beside(self, pane: Pane, what: Together) -> Iterator[tuple[Pane, Rigid]]:
        """Return the panes that share something with a pane, and what leads from its points to theirs."""
        if self.shares(what):
            for other in self._visible():
                way = None if other is pane else self._way(pane, other)
                if way is not None:
                    yield other, way

    def _way(self, first: Pane, second: Pane) -> Rigid | None:
        if first.scene is None or second.scene is None:
            return None
        return self.spaces.way(first.scene, second.scene)

    def link_note(self, pane: Pane) -> str:
        """Return how a pane is linked to those of other spaces, by hand or by registration; "" where it is not."""
        others = (other.scene for other in self._visible())
        notes = [self.spaces.how(pane.scene, scene) for scene in others if scene is not None] if pane.scene else []
        return tr(BY_HAND) if BY_HAND in notes else next(filter(None, notes), "")

    def showing(self, frame: str, point: Vector) -> Iterator[tuple[Pane, Vector]]:
        """Return the panes that a crosshair of a frame of reference is for, and where it stands in each, LPS mm."""
        scenes = ((pane, pane.scene) for pane in self._visible())
        leader = next((one for one, scene in scenes if scene and scene.frame_of_reference_uid == frame), None)
        if leader is not None:
            yield leader, point
            for other, way in self._beside(leader, "crosshair"):
                yield other, way.point(point)

    def scroll(self, pane: Pane, index: int) -> bool:
        """Show another slice; return whether it is another one."""
        if not pane.set_index(index):
            return False
        for other in self.linked_to(pane):
            self.follow(other, pane)
        return True

    def follow(self, pane: Pane, leader: Pane) -> None:
        """Show the slice nearest to the leader's, where both look the same way."""
        way = self._way(leader, pane) if self.shares("slices") else None
        mine, theirs = plane_of(pane), plane_of(leader)
        if way is None or mine is None or theirs is None:
            return
        there = way.plane(theirs)
        if are_parallel(mine, there):
            pane.go_to(centre_of(there))

    def look(self, pane: Pane, camera: Camera) -> None:
        """Look elsewhere: panes that look the same way look there too."""
        pane.camera = camera
        pane.update()
        plane = plane_of(pane)
        for other, way in self._beside(pane, "zoom"):
            theirs = plane_of(other)
            there = None if plane is None else way.plane(plane)
            if there is not None and theirs is not None and share_camera(there, theirs):
                other.camera = showing(camera, there, theirs)
                other.update()

    def set_window(self, pane: Pane, uid: str, window: Window) -> None:
        """Set the window of what a pane shows (by UID), and of linked series with values of the same scale."""
        if pane.scene is not None and pane.scene.own_window is not None and uid == pane.scene.shown.series_uid:
            pane.scene.own_window = window
            pane.update()
            return
        self._document.set_window(uid, window)
        if pane.scene is None or uid != pane.scene.shown.series_uid:
            return
        for other in self.linked_to(pane, "window"):
            if other.scene is not None and share_window(pane.scene, other.scene):
                self._document.set_window(other.scene.shown.series_uid, window)

    def apply_window(self, pane: Pane, window: Window) -> None:
        """Set the window of what stands in a pane."""
        if pane.scene is not None and pane.scene.opened is not None:
            self.set_window(pane, pane.scene.window_uid, window)

    def apply_automatic_window(self, pane: Pane) -> None:
        """Set the window to the 0.5th to 99.5th percentile of the slice.

        On a slice that shows next to nothing that would draw the noise from black to white: there it is the window
        that the series, or the synthetic image, opens with.
        """
        scene = pane.scene
        if scene is None or scene.opened is None:
            return
        layer, opened = scene.layer, scene.opened
        sample = scene.series_values() if layer is None else scene.layer_values(layer)
        if sample is None:
            return
        values = sample.values if sample.valid is None else sample.values[sample.valid]
        whole = opened.some_values() if layer is None else layer.volume.array[np.flatnonzero(layer.ready)[::_EVERY]]
        window = automatic_window(values)
        if window.width < _EMPTY * automatic_window(whole).width:
            window = initial_window(opened.series, whole) if layer is None else Window(*layer.window)
        self.apply_window(pane, window)

    def apply_next_window(self, pane: Pane) -> None:
        """Set the next of the windows stored in the series; a synthetic image goes back to its own."""
        scene = pane.scene
        if scene is None or scene.opened is None:
            return
        own = windows_of(scene.opened.series) if scene.layer is None else (Window(*scene.layer.window),)
        if own:
            number = own.index(scene.window) + 1 if scene.window in own else 0
            self.apply_window(pane, own[number % len(own)])

    def point(self, pane: Pane, point: Vector, *, shown: bool) -> None:
        """Point at a place (LPS mm) in a pane; linked panes go to their slice through it."""
        for other, way in self._beside(pane, "crosshair"):
            there = way.point(point)
            other.go_to(there)
            other.set_crosshair(there if shown else None)
        pane.set_crosshair(point if shown else None)

    def join(self, pane: Pane, active: Pane) -> None:
        """Let a pane with new content look where linked panes look, the active one first."""
        if not self.linked or pane.scene is None:
            return
        for other in sorted(self._visible(), key=lambda one: one is not active):
            mine, theirs = plane_of(pane), plane_of(other)
            way = self._way(other, pane)
            if other is pane or way is None or mine is None or theirs is None:
                continue
            there = way.plane(theirs)
            if are_parallel(mine, there):
                if self.shares("slices"):
                    pane.go_to(centre_of(there))
                if self.shares("zoom"):
                    pane.camera = camera_beside(other.camera, there, plane_of(pane) or mine)
                return

    def refresh_references(self, active: Pane, sources: list[Pane]) -> None:
        """Draw where the planes of ``sources`` cross each pane, and say how far apart parallel ones are."""
        for pane in self._visible():
            planes: list[Plane] = []
            ends: list[Plane] = []
            for source in sources:
                crossed = self._crossed(pane, source)
                planes += crossed[:1]
                ends += crossed[1:]
            pane.set_references(tuple(planes), self._apart(pane, active), tuple(ends))

    def _crossed(self, pane: Pane, source: Pane) -> list[Plane]:
        """Return another pane's plane where it crosses this one, then those between which its slab lies; else none."""
        mine, other = plane_of(pane), plane_of(source)
        way = None if source is pane else self._way(source, pane)
        if way is None or mine is None or other is None:
            return []
        there = way.plane(other)
        return [] if are_parallel(mine, there) else [there, *map(way.plane, slab_ends(source))]

    def _apart(self, pane: Pane, active: Pane) -> float:
        """Return how many mm a linked, parallel pane is away from the active one's slice; 0 where it is the nearest."""
        mine, other = plane_of(pane), plane_of(active)
        if pane is active or not self.linked or mine is None or other is None or pane.scene is None:
            return 0.0
        way = self._way(active, pane)
        there = None if way is None else way.plane(other)
        if there is None or not are_parallel(mine, there):
            return 0.0
        away = abs(height_over(mine, centre_of(there)))
        return away if away > 1.0 and away > pane.scene.slice_distance else 0.0


def slab_ends(pane: Pane) -> list[Plane]:
    """Return the planes between which a pane's slab lies; none where it shows its plane alone."""
    plane, slab = plane_of(pane), None if pane.scene is None else pane.scene.cut.slab
    if plane is None or slab is None:
        return []
    away = slab.thickness / 2 * plane.normal
    return [replace(plane, origin=plane.origin + end) for end in (-away, away)]


def plane_of(pane: Pane) -> Plane | None:
    """Return the plane that a pane shows, None where it shows none."""
    return None if pane.scene is None else pane.scene.plane
