"""What a reader draws on a slice, anchored in the patient and not in pixels."""

import math
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

__all__ = ["KINDS", "NAMES", "POINTS", "REGIONS", "Annotation", "Kind", "Point", "new_uid"]

Kind = Literal["distance", "angle", "cobb", "rectangle", "ellipse", "freehand", "probe", "arrow", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REGIONS: tuple[Kind, ...] = ("rectangle", "ellipse", "freehand")
"""Kinds that enclose pixels."""

Point = tuple[float, float, float]

NAMES: dict[Kind, str] = {
    "distance": "Distance",
    "angle": "Angle",
    "cobb": "Cobb angle",
    "rectangle": "Rectangle",
    "ellipse": "Ellipse",
    "freehand": "Freehand",
    "probe": "Probe",
    "arrow": "Arrow",
    "text": "Text",
}

POINTS: dict[Kind, int] = {
    "distance": 2,
    "angle": 3,
    "cobb": 4,
    "rectangle": 4,
    "ellipse": 4,
    "freehand": 3,
    "probe": 1,
    "arrow": 2,
    "text": 1,
}
"""How many points a kind has; a freehand outline has at least so many."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A figure on a plane. ``points`` are LPS mm, ``normal`` is the unit normal of the plane that they lie on.

    distance: its ends · angle: an end, the vertex, the other end · cobb: two lines, two points each · rectangle: its
    corners in order · ellipse: the ends of one axis, then those of the other · freehand: the outline, not closed ·
    probe, text: the place · arrow: the tip, then the tail.

    ``study_key`` says whose it is (see ``core.measure.keeping``). ``layer_uid`` and ``layer_name`` name the synthetic
    image that it was drawn on, ``on_grid`` is True where it was drawn on a plane cut through the series' regular grid
    and not on an acquired slice. Raises ``ValueError`` for a number of points that makes no figure, or no numbers.
    """

    uid: str
    kind: Kind
    study_key: str
    series_uid: str
    points: tuple[Point, ...]
    normal: Point
    frame_of_reference_uid: str | None = None
    name: str = ""
    text: str = ""
    layer_uid: str | None = None
    layer_name: str = ""
    on_grid: bool = False
    created: datetime = field(default_factory=lambda: datetime.now().astimezone())

    def __post_init__(self) -> None:
        count, wanted = len(self.points), POINTS[self.kind]
        if count < wanted or (count > wanted and self.kind != "freehand"):
            raise ValueError(f"{count} points make no {self.kind}")
        if not all(math.isfinite(value) for point in (*self.points, self.normal) for value in point):
            raise ValueError("a point is no number")

    @property
    def title(self) -> str:
        """Its name, that of its kind where it has none."""
        return self.name or NAMES[self.kind]

    @property
    def centre(self) -> Point:
        """The mean of its points, LPS mm."""
        count = len(self.points)
        x, y, z = (sum(point[axis] for point in self.points) / count for axis in range(3))
        return x, y, z

    def with_points(self, points: tuple[Point, ...]) -> "Annotation":
        """Return the same figure elsewhere."""
        return replace(self, points=points)


def new_uid() -> str:
    """Return an identifier that no other annotation has."""
    return secrets.token_hex(8)
