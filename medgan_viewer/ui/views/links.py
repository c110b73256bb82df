"""Which panes belong together. No Qt here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.commands import Command
from medgan_viewer.core.document import Document, same_patient
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.views.camera import Camera, fitting, showing
from medgan_viewer.ui.views.lines import are_parallel
from medgan_viewer.ui.views.scene_values import SceneValues
from medgan_viewer.wording import marked

__all__ = [
    "BY_HAND",
    "LinkSpaces",
    "Place",
    "Spaces",
    "camera_beside",
    "one_patient",
    "patients_differ",
    "same_space",
    "share_camera",
    "share_window",
    "space_of",
]

BY_HAND = marked("linked by hand, not registered")

# Fields of view that differ by more than this are fitted on their own.
_ALIKE = 2.0
_SAME = Rigid()


def same_space(first: SceneValues, second: SceneValues) -> bool:
    """Whether a point means the same in both: one frame of reference (or one series), and surely one patient."""
    if first.opened is None or second.opened is None:
        return False
    if first.shown.series_uid == second.shown.series_uid:
        return True
    frame = first.frame_of_reference_uid
    if frame is None or frame != second.frame_of_reference_uid:
        return False
    return same_patient(first.opened.study, second.opened.study)


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """Where a space lies in its group: ``to_group`` leads from its points to the group's; ``how`` says who found that.

    The first of a group has no ``how``: its points are the group's.
    """

    group: int
    to_group: Rigid = _SAME
    how: str = ""


@dataclass(eq=False)
class Spaces:
    """Which spaces were linked, and what leads from the points of one to those of another: by hand or by registration.

    By hand it is a shift alone, for a point that both show was named by a reader: nothing is turned.
    """

    # For each space (a frame of reference, or a series without one).
    _places: dict[str, Place] = field(default_factory=dict)
    _groups: int = 0
    # What leads from one space to another, the very same object as long as both lie where they do.
    _ways: dict[tuple[str, str], tuple[Place, Place, Rigid]] = field(default_factory=dict)

    def way(self, first: SceneValues, second: SceneValues) -> Rigid | None:
        """Return what leads from a point of the first scene's space to the same one of the second's.

        None where the two are not linked; the identity where they are one space.
        """
        if same_space(first, second):
            return _SAME
        if not self._places or not one_patient(first, second):
            return None
        key = space_of(first), space_of(second)
        here, there = (self._places.get(space) for space in key)
        if here is None or there is None or here.group != there.group:
            return None
        known = self._ways.get(key)
        if known is None or known[0] is not here or known[1] is not there:
            known = self._ways[key] = (here, there, there.to_group.inverse.after(here.to_group))
        return known[2]

    def registered(self, first: SceneValues, second: SceneValues) -> tuple[Rigid, str] | None:
        """Return what leads from the first scene's points to the second's and its figure, where both were registered.

        None for one space, and for what is linked by hand.
        """
        how = self.how(first, second)
        way = self.way(first, second) if how not in ("", BY_HAND) else None
        return None if way is None else (way, how)

    def how(self, first: SceneValues, second: SceneValues) -> str:
        """Return how two scenes of different spaces are linked, in words; "" where they are not."""
        if same_space(first, second) or self.way(first, second) is None:
            return ""
        found = [self._places[space_of(scene)].how for scene in (first, second)]
        # What is linked by hand at one end is so as a whole.
        return BY_HAND if BY_HAND in found else next((words for words in found if words), "")

    def link(self, first: SceneValues, point: Vector, second: SceneValues, same: Vector) -> bool:
        """Say that a point of one scene is ``same`` in another one's; return False for different patients."""
        return self.join(first, second, Rigid.shift(point - same), BY_HAND)

    def join(self, first: SceneValues, second: SceneValues, first_from_second: Rigid, how: str) -> bool:
        """Link two spaces by what leads from the second's points to the first's; False for different patients."""
        if not one_patient(first, second) or same_space(first, second):
            return False
        anchor = self._places.get(space_of(first)) or Place(self._new_group())
        self._places[space_of(first)] = anchor
        self._places[space_of(second)] = Place(anchor.group, anchor.to_group.after(first_from_second), how)
        return True

    def _new_group(self) -> int:
        self._groups += 1
        return self._groups

    def unlink(self, scene: SceneValues) -> bool:
        """Take a scene's space out of its group; return whether it was in one."""
        return self._places.pop(space_of(scene), None) is not None

    @property
    def places(self) -> dict[str, Place]:
        """Where spaces lie now, to be put back by an undo."""
        return dict(self._places)

    def put_back(self, places: Mapping[str, Place]) -> None:
        """Let spaces lie as they did."""
        self._places = dict(places)
        # A group that is made later is none of these.
        self._groups = max([self._groups, *(place.group for place in places.values())])


@dataclass(frozen=True, eq=False)
class LinkSpaces(Command):
    """Link spaces, or part them: ``spaces`` lie as in ``after`` from now on. ``told`` is called after every change."""

    words: str
    spaces: Spaces
    before: Mapping[str, Place]
    after: Mapping[str, Place]
    told: Callable[[], None]

    @property
    def label(self) -> str:
        """Menu text."""
        return self.words

    def apply(self, document: Document) -> None:
        """Link or part them."""
        self._put(self.after)

    def revert(self, document: Document) -> None:
        """Let them lie as they did."""
        self._put(self.before)

    def _put(self, places: Mapping[str, Place]) -> None:
        self.spaces.put_back(places)
        self.told()


def space_of(scene: SceneValues) -> str:
    """Return the name of a scene's space: its frame of reference, or the series where it has none."""
    return scene.frame_of_reference_uid or f"series {scene.shown.series_uid}"


def one_patient(first: SceneValues, second: SceneValues) -> bool:
    """Whether two scenes surely show one patient."""
    if first.opened is None or second.opened is None:
        return False
    return same_patient(first.opened.study, second.opened.study)


def share_camera(first: Plane, second: Plane) -> bool:
    """Whether two displayed planes look the same way and are turned alike."""
    down = first.row_step @ second.row_step / (first.spacing[0] * second.spacing[0])
    return are_parallel(first, second) and float(down) > 0.9


def share_window(first: SceneValues, second: SceneValues) -> bool:
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
