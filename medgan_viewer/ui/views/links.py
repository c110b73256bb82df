"""Which panes belong together. No Qt here."""

from dataclasses import dataclass, field

import numpy as np

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.document import same_patient
from medgan_viewer.core.volume import Plane, Vector, read_only
from medgan_viewer.ui.views.camera import Camera, fitting, showing
from medgan_viewer.ui.views.lines import are_parallel
from medgan_viewer.ui.views.scene import Scene

__all__ = ["Spaces", "camera_beside", "patients_differ", "same_space", "share_camera", "share_window"]

# Fields of view that differ by more than this are fitted on their own.
_ALIKE = 2.0
_NO_SHIFT = read_only(np.zeros(3))


def same_space(first: Scene, second: Scene) -> bool:
    """Whether a point means the same in both: one frame of reference (or one series), and surely one patient."""
    if first.opened is None or second.opened is None:
        return False
    if first.shown.series_uid == second.shown.series_uid:
        return True
    frame = first.frame_of_reference_uid
    if frame is None or frame != second.frame_of_reference_uid:
        return False
    return same_patient(first.opened.study, second.opened.study)


@dataclass(eq=False)
class Spaces:
    """Which spaces were linked by hand, and by what shift: a point that both show, named by a reader.

    Without a registration that is all there is to say: nothing is turned, and what differs stays different.
    """

    # For each space (a frame of reference, or a series without one) its group and the shift to the group's, in mm.
    _places: dict[str, tuple[int, Vector]] = field(default_factory=dict)
    _groups: int = 0

    def shift(self, first: Scene, second: Scene) -> Vector | None:
        """Return what leads from a point of the first scene's space to the same one of the second's, in LPS mm.

        None where the two are not linked; zeros where they are one space.
        """
        if same_space(first, second):
            return _NO_SHIFT
        if not self._places or not _one_patient(first, second):
            return None
        here, there = self._places.get(_space(first)), self._places.get(_space(second))
        if here is None or there is None or here[0] != there[0]:
            return None
        return np.asarray(here[1] - there[1])

    def by_hand(self, first: Scene, second: Scene) -> bool:
        """Whether two scenes are linked by hand alone."""
        return not same_space(first, second) and self.shift(first, second) is not None

    def link(self, first: Scene, point: Vector, second: Scene, same: Vector) -> bool:
        """Say that a point of one scene is ``same`` in another one's; return False for different patients."""
        if not _one_patient(first, second) or same_space(first, second):
            return False
        group, shift = self._places.get(_space(first)) or (self._new_group(), _NO_SHIFT)
        self._places[_space(first)] = group, shift
        self._places[_space(second)] = group, shift + point - same
        return True

    def _new_group(self) -> int:
        self._groups += 1
        return self._groups

    def unlink(self, scene: Scene) -> bool:
        """Take a scene's space out of its group; return whether it was in one."""
        return self._places.pop(_space(scene), None) is not None


def _space(scene: Scene) -> str:
    return scene.frame_of_reference_uid or f"series {scene.shown.series_uid}"


def _one_patient(first: Scene, second: Scene) -> bool:
    if first.opened is None or second.opened is None:
        return False
    return same_patient(first.opened.study, second.opened.study)


def share_camera(first: Plane, second: Plane) -> bool:
    """Whether two displayed planes look the same way and are turned alike."""
    down = first.row_step @ second.row_step / (first.spacing[0] * second.spacing[0])
    return are_parallel(first, second) and float(down) > 0.9


def share_window(first: Scene, second: Scene) -> bool:
    """Whether two panes show values of one scale: CT beside CT. MR has no scale, a synthetic image only its own."""
    if first.opened is None or second.opened is None or first.layer is not None or second.layer is not None:
        return False
    one, other = first.opened, second.opened
    if one.series.synthetic or other.series.synthetic or not one.stack.unit:
        return False
    return one.series.modality == other.series.modality and one.stack.unit == other.stack.unit


def camera_beside(camera: Camera | None, plane: Plane, newcomer: Plane) -> Camera | None:
    """Return the camera with which a pane joins a linked one; None where it had better be fitted on its own."""
    if not share_camera(plane, newcomer):
        return None
    here, own = camera or fitting(plane), fitting(newcomer)
    if not 1 / _ALIKE < here.height / own.height < _ALIKE:
        return None
    joined = showing(here, plane, newcomer)
    if abs(joined.down) > own.height / 2 or abs(joined.right) > own.width / 2:
        return None
    return joined


def patients_differ(studies: list[Study]) -> bool:
    """Whether studies are not surely of one patient."""
    return any(not same_patient(studies[0], other) for other in studies[1:])
