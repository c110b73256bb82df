"""The three planes of MPR are turned together about the point in which they meet."""

from collections.abc import Sequence

from medgan_viewer.core.oblique import Triad, meeting_point
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Turning"]


class Turning:
    """Turns the three planes of MPR about the point in which they meet."""

    def __init__(self) -> None:
        # The planes as they were when a line was taken hold of.
        self._held: Triad | None = None

    @staticmethod
    def hub(panes: Sequence[Pane]) -> Vector | None:
        """Return where the planes of three panes meet; None where they do not show one volume three ways."""
        scenes = [pane.scene for pane in panes]
        planes = [scene.plane for scene in scenes if scene is not None and scene.shown.kind != "stack"]
        cut = [plane for plane in planes if plane is not None]
        if len(cut) != 3 or len({scene.shown for scene in scenes if scene is not None}) != 3:
            return None
        try:
            return meeting_point(cut)
        except ValueError:
            return None

    def turn(self, panes: Sequence[Pane], pane: Pane, degrees: float, *, held: bool) -> None:
        """Turn the lines of a pane clockwise, counted from where they were taken hold of while they are ``held``."""
        start = self._held or self._triad(panes)
        if start is None or pane.scene is None or pane.scene.plane is None:
            return
        self._held = start if held else None
        turned = start.turned(pane.scene.plane.normal, degrees)
        for other in panes:
            other.turn_planes(turned, moving=True)
            if not held:
                other.come_to_rest()

    def _triad(self, panes: Sequence[Pane]) -> Triad | None:
        """Return how the planes lie now, through the point in which they meet."""
        point, scene = self.hub(panes), panes[0].scene
        volume = None if scene is None else scene.grid if scene.layer is None else scene.layer.volume
        if point is None or scene is None or volume is None:
            return None
        return (scene.cut.triad or Triad.along(volume, point)).at(point)

    def straighten(self, panes: Sequence[Pane]) -> bool:
        """Cut the planes along the grid again; return whether they were turned."""
        self._held = None
        turned = [pane for pane in panes if pane.scene is not None and pane.scene.cut.triad is not None]
        for pane in turned:
            pane.turn_planes(None)
        return bool(turned)
