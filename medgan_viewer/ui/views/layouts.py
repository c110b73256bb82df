"""The layouts of the panes, and the three planes of MPR. No widget here but the panes that are handed in."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from medgan_viewer.ui.views.camera import Camera, centre_of
from medgan_viewer.ui.views.links import same_space
from medgan_viewer.ui.views.moves import plane_of
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Scene, Shown
from medgan_viewer.ui.views.slices import ViewKind
from medgan_viewer.wording import marked

__all__ = ["LAYOUTS", "MOST_PANES", "ThreePlanes"]

_MOST = 3
# Rows and columns of each layout; panes fill them in reading order.
LAYOUTS: dict[str, tuple[int, int]] = {
    **{f"{rows}x{columns}": (rows, columns) for rows in range(1, _MOST + 1) for columns in range(1, _MOST + 1)},
    "mpr": (2, 2),
}
MOST_PANES = _MOST * _MOST
_MPR: tuple[ViewKind, ...] = (marked("axial"), marked("coronal"), marked("sagittal"))


class ThreePlanes:
    """Shows one series in three planes, and brings back what the panes showed before."""

    def __init__(self, panes: Sequence[Pane], fill: Callable[[Pane, Shown], None]) -> None:
        self._panes, self._fill = panes, fill
        self._before: list[tuple[Scene | None, Camera | None]] = []

    def enter(self, active: Pane) -> None:
        """Show the active pane's series three ways, and beside it what belongs there."""
        self._before = [(pane.scene, pane.camera) for pane in self._panes]
        fourth = self._fourth(active)
        shown = active.shown
        if shown is not None:
            for pane in self._panes:
                pane.show_content(None)
            self.show(shown)
            if fourth is not None:
                self._fill(self._panes[3], fourth)

    def _fourth(self, active: Pane) -> Shown | None:
        """Return what stands beside the three planes: a pane of the same space, or the slices as they were acquired."""
        scene = active.scene
        if scene is None:
            return None
        for pane in self._panes:
            if pane is not active and pane.scene is not None and same_space(pane.scene, scene):
                return pane.shown
        uneven = scene.opened is not None and not scene.opened.stack.is_regular
        return replace(scene.shown, kind="stack") if uneven else None

    def show(self, shown: Shown) -> None:
        """Show a series or a synthetic image in the three planes."""
        for pane, kind in zip(self._panes, _MPR, strict=False):
            self._fill(pane, replace(shown, kind=kind))

    def leave(self) -> None:
        """Bring back what the panes showed before, at the slice that was looked at last."""
        latest, plane = self._panes[0].scene, plane_of(self._panes[0])
        kept, self._before = self._before, []
        for pane, (scene, camera) in zip(self._panes, kept, strict=True):
            pane.restore(scene, camera)
            if latest is not None and plane is not None and pane.scene is not None and same_space(pane.scene, latest):
                pane.go_to(centre_of(plane))
        if latest is not None and latest.shown.series_uid not in {one.shown.series_uid for one, _ in kept if one}:
            self._fill(self._panes[0], replace(latest.shown, kind="stack"))

    def forget(self, series_uid: str) -> None:
        """Do not bring a series back that was closed."""
        self._before = [
            (None, None) if scene is not None and scene.shown.series_uid == series_uid else (scene, camera)
            for scene, camera in self._before
        ]
