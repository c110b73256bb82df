"""Which panes belong together. No Qt here."""

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.document import same_patient
from medgan_viewer.core.volume import Plane
from medgan_viewer.ui.views.camera import Camera, fitting, showing
from medgan_viewer.ui.views.lines import are_parallel
from medgan_viewer.ui.views.scene import Scene

__all__ = ["camera_beside", "patients_differ", "same_space", "share_camera", "share_window"]

# Fields of view that differ by more than this are fitted on their own.
_ALIKE = 2.0


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
