"""What is being drawn: which points are fixed, which one follows the mouse, and when it is whole."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from medgan_viewer.core.measure.annotation import Kind, Point
from medgan_viewer.core.measure.geometry import box_points, ellipse_points
from medgan_viewer.core.volume import Plane, Vector

__all__ = ["Draft", "points_of"]

# Places of the mouse that a kind needs; boxes and ellipses are drawn from corner to corner.
_PLACES: dict[Kind, int] = {
    "distance": 2,
    "angle": 3,
    "cobb": 4,
    "rectangle": 2,
    "ellipse": 2,
    "probe": 1,
    "arrow": 2,
    "text": 1,
}
# Pixels of the screen: a press that moves less is a click, a point of an outline nearer than this adds nothing, a click
# as near to the first point closes an outline.
_CLICK, _FINE, _CLOSE = 4.0, 2.0, 9.0


@dataclass(eq=False)
class Draft:
    """A figure that is being drawn on a plane, by dragging or by clicking from place to place.

    Places are LPS points with their position on the screen.
    """

    kind: Kind
    plane: Plane
    fixed: list[Vector] = field(default_factory=list)
    free: Vector | None = None
    _spots: list[tuple[float, float]] = field(default_factory=list)
    _pressed: tuple[float, float] | None = None
    _dragged: bool = False
    whole: bool = False

    def press(self, point: Vector, at: tuple[float, float]) -> None:
        """Take the press of the button."""
        self._pressed, self._dragged = at, False
        if self.kind == "freehand" and self._spots and _apart(self._spots[0], at) < _CLOSE and len(self.fixed) > 2:
            self.whole = True
            return
        self._fix(point, at)

    def move(self, point: Vector, at: tuple[float, float]) -> None:
        """Follow the mouse."""
        if _PLACES.get(self.kind) == 1:
            self.fixed = [point]
            return
        self.free = point
        if self._pressed is None:
            return
        self._dragged = self._dragged or _apart(self._pressed, at) >= _CLICK
        if self.kind == "freehand" and self._dragged and _apart(self._spots[-1], at) >= _FINE:
            self._fix(point, at)

    def release(self, point: Vector, at: tuple[float, float]) -> None:
        """Take the release: after a drag it is a place, after a click the next click is."""
        if self._pressed is None:
            return
        self._pressed = None
        if self.kind == "freehand":
            self.whole = self.whole or self._dragged
        elif self._dragged:
            self._fix(point, at)
        if self.kind != "freehand":
            self.whole = len(self.fixed) >= _PLACES[self.kind]

    def finish(self) -> None:
        """Close an outline that is drawn by clicks."""
        if self.kind == "freehand" and len(self.fixed) > 2:
            self.whole = True

    def _fix(self, point: Vector, at: tuple[float, float]) -> None:
        # A release that went to another window leaves all places taken; the next one ends the figure.
        if len(self.fixed) == _PLACES.get(self.kind):
            return
        self.fixed.append(point)
        self._spots.append(at)
        self.free = None

    @property
    def extent(self) -> float:
        """How far its places lie apart on the screen, in pixels."""
        return max((_apart(self._spots[0], spot) for spot in self._spots), default=0.0)

    @property
    def places(self) -> list[Vector]:
        """Its places so far, the one under the mouse included."""
        following = [] if self.free is None or self.whole else [self.free]
        return [*self.fixed, *following]

    def points(self) -> tuple[Point, ...] | None:
        """Return the points of the figure as it would be now; None while there are too few."""
        places = self.places
        if len(places) < _PLACES.get(self.kind, 3):
            return None
        if self.kind == "rectangle":
            return box_points(self.plane, places[0], places[1])
        if self.kind == "ellipse":
            return ellipse_points(self.plane, places[0], places[1])
        return points_of(places)


def points_of(places: Sequence[Vector]) -> tuple[Point, ...]:
    """Return places as an annotation's points."""
    return tuple((float(x), float(y), float(z)) for x, y, z in places)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.dist(one, other)
