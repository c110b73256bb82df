"""How panes move together: one scrolls, pans, zooms, windows or points, and those linked to it follow."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from medgan_viewer.core.display import Window, automatic_window, windows_of
from medgan_viewer.core.document import Document
from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.views.camera import Camera, centre_of, height_over, showing
from medgan_viewer.ui.views.lines import are_parallel
from medgan_viewer.ui.views.links import Spaces, camera_beside, share_camera, share_window
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Moves", "plane_of", "slab_ends"]


class Moves:
    """Moves panes, and those that share their space where ``linked`` is on."""

    def __init__(self, document: Document, visible: Callable[[], list[Pane]]) -> None:
        self._document, self._visible = document, visible
        self.linked = True
        self.spaces = Spaces()

    def linked_to(self, pane: Pane) -> Iterator[Pane]:
        """Return the other visible panes that move with a pane."""
        return (other for other, _ in self._beside(pane))

    def _beside(self, pane: Pane) -> Iterator[tuple[Pane, Vector]]:
        """Return the panes that move with a pane, and what leads from its points to theirs."""
        if self.linked and pane.scene is not None:
            for other in self._visible():
                if other is not pane and other.scene is not None:
                    shift = self.spaces.shift(pane.scene, other.scene)
                    if shift is not None:
                        yield other, shift

    def _shift(self, first: Pane, second: Pane) -> Vector | None:
        if first.scene is None or second.scene is None:
            return None
        return self.spaces.shift(first.scene, second.scene)

    def scroll(self, pane: Pane, index: int) -> bool:
        """Show another slice; return whether it is another one."""
        if not pane.set_index(index):
            return False
        for other in self.linked_to(pane):
            self.follow(other, pane)
        return True

    def follow(self, pane: Pane, leader: Pane) -> None:
        """Show the slice nearest to the leader's, where both look the same way."""
        shift = self._shift(leader, pane) if self.linked else None
        mine, theirs = plane_of(pane), plane_of(leader)
        if shift is not None and mine is not None and theirs is not None and are_parallel(mine, theirs):
            pane.go_to(centre_of(theirs) + shift)

    def look(self, pane: Pane, camera: Camera) -> None:
        """Look elsewhere: panes that look the same way look there too."""
        pane.camera = camera
        pane.update()
        plane = plane_of(pane)
        for other, shift in self._beside(pane):
            theirs = plane_of(other)
            if plane is not None and theirs is not None and share_camera(plane, theirs):
                other.camera = showing(camera, shifted(plane, shift), theirs)
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
        for other in self.linked_to(pane):
            if other.scene is not None and share_window(pane.scene, other.scene):
                self._document.set_window(other.scene.shown.series_uid, window)

    def apply_window(self, pane: Pane, window: Window) -> None:
        """Set the window of what stands in a pane."""
        if pane.scene is not None and pane.scene.opened is not None:
            self.set_window(pane, pane.scene.window_uid, window)

    def apply_automatic_window(self, pane: Pane) -> None:
        """Set the window to the 0.5th to 99.5th percentile of the slice."""
        scene = pane.scene
        if scene is None:
            return
        sample = scene.series_values() if scene.layer is None else scene.layer_values(scene.layer)
        if sample is not None:
            self.apply_window(pane, automatic_window(sample.values))

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
        for other, shift in self._beside(pane):
            other.go_to(point + shift)
            other.set_crosshair(point + shift if shown else None)
        pane.set_crosshair(point if shown else None)

    def join(self, pane: Pane, active: Pane) -> None:
        """Let a pane with new content look where linked panes look, the active one first."""
        if not self.linked or pane.scene is None:
            return
        for other in sorted(self._visible(), key=lambda one: one is not active):
            mine, theirs = plane_of(pane), plane_of(other)
            shift = self._shift(other, pane)
            if other is pane or shift is None or mine is None or theirs is None:
                continue
            if are_parallel(mine, theirs):
                pane.go_to(centre_of(theirs) + shift)
                pane.camera = camera_beside(other.camera, shifted(theirs, shift), plane_of(pane) or mine)
                return

    def refresh_references(self, active: Pane, sources: list[Pane]) -> None:
        """Draw where the planes of ``sources`` cross each pane, and say how far apart parallel ones are."""
        for pane in self._visible():
            planes = [plane for plane in (self._crossed(pane, source) for source in sources) if plane is not None]
            ends = [end for source in sources if self._crossed(pane, source) for end in slab_ends(source)]
            pane.set_references(tuple(planes), self._apart(pane, active), tuple(ends))

    def _crossed(self, pane: Pane, source: Pane) -> Plane | None:
        mine, other = plane_of(pane), plane_of(source)
        if source is pane or mine is None or other is None or are_parallel(mine, other):
            return None
        shift = self._shift(source, pane)
        return None if shift is None else shifted(other, shift)

    def _apart(self, pane: Pane, active: Pane) -> float:
        """Return how many mm a linked, parallel pane is away from the active one's slice; 0 where it is the nearest."""
        mine, other = plane_of(pane), plane_of(active)
        if pane is active or not self.linked or mine is None or other is None or pane.scene is None:
            return 0.0
        shift = self._shift(active, pane)
        if shift is None or not are_parallel(mine, other):
            return 0.0
        away = abs(height_over(mine, centre_of(other) + shift))
        return away if away > max(pane.scene.slice_distance, 1.0) else 0.0


def shifted(plane: Plane, shift: Vector) -> Plane:
    """Return a plane moved by a shift; the same one where that is nothing."""
    return replace(plane, origin=plane.origin + shift) if shift.any() else plane


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
