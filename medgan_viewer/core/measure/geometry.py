"""Lengths, angles and areas of annotations in patient space, and how a figure changes when a handle is dragged."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.measure.annotation import Annotation, Point
from medgan_viewer.core.volume import Plane, Vector

__all__ = [
    "angle_degrees",
    "area_mm2",
    "box_points",
    "dragged",
    "ellipse_axes",
    "ellipse_points",
    "length_mm",
    "moved",
    "on_plane",
    "outline",
    "to_pixels",
]

_ELLIPSE_STEPS = 72
# Scan lines over which the area of an outline that crosses itself is summed.
_SCAN_LINES = 500


def length_mm(annotation: Annotation) -> float:
    """Return the distance between the first two points in mm."""
    return math.dist(annotation.points[0], annotation.points[1])


def angle_degrees(annotation: Annotation) -> float:
    """Return the angle at the vertex, or the Cobb angle between two lines, in degrees.

    The lines of a Cobb angle are both taken towards one side of the picture (perpendicular, in its plane, to the
    patient's long axis), whichever way they were drawn, so that curves beyond 90° come out right too.
    """
    points = np.asarray(annotation.points)
    if annotation.kind == "angle":
        return _between(points[0] - points[1], points[2] - points[1])
    side = _sideways(np.asarray(annotation.normal))
    first, second = (line if line @ side >= 0 else -line for line in (points[1] - points[0], points[3] - points[2]))
    return _between(first, second)


def _between(first: Vector, second: Vector) -> float:
    # By the arc tangent: the arc cosine is blind to small angles.
    cross = float(np.linalg.norm(np.cross(first, second)))
    return math.degrees(math.atan2(cross, float(first @ second)))


def _sideways(normal: Vector) -> Vector:
    """Return the direction in a plane across the patient's long axis; in an axial plane, across front and back."""
    upwards = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    return np.cross(upwards, normal)


def area_mm2(annotation: Annotation) -> float:
    """Return the enclosed area in mm²; of an outline that crosses itself what an even-odd filling covers."""
    points = np.asarray(annotation.points)
    if annotation.kind == "rectangle":
        return float(np.linalg.norm(np.cross(points[1] - points[0], points[3] - points[0])))
    if annotation.kind == "ellipse":
        return math.pi / 4 * float(np.linalg.norm(np.cross(points[1] - points[0], points[3] - points[2])))
    flat = _flat(points, np.asarray(annotation.normal))
    simple, filled = _shoelace(flat), _even_odd(flat)
    # The shoelace formula is exact, but counts loops that run the other way round as negative.
    return simple if abs(simple - filled) <= 0.02 * filled else filled


def _flat(points: Vector, normal: Vector) -> Vector:
    """Return points (n × 3) as coordinates (n × 2) in mm on their plane."""
    across = _sideways(normal)
    across = across / np.linalg.norm(across)
    return np.stack([(points - points[0]) @ across, (points - points[0]) @ np.cross(normal, across)], axis=1)


def _shoelace(flat: Vector) -> float:
    x, y = flat.T
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def _even_odd(flat: Vector) -> float:
    low, high = float(flat[:, 1].min()), float(flat[:, 1].max())
    step = (high - low) / _SCAN_LINES
    if step <= 0:
        return 0.0
    ends = np.roll(flat, -1, axis=0)
    total = 0.0
    heights = low + (np.arange(_SCAN_LINES) + 0.5) * step
    for start in range(0, _SCAN_LINES, 100):
        y = heights[start : start + 100, None]
        crosses = (flat[:, 1] <= y) != (ends[:, 1] <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            x = flat[:, 0] + (y - flat[:, 1]) / (ends[:, 1] - flat[:, 1]) * (ends[:, 0] - flat[:, 0])
        x = np.sort(np.where(crosses, x, np.inf), axis=1)
        pairs = x[:, : x.shape[1] // 2 * 2].reshape(len(y), -1, 2)
        inside = np.isfinite(pairs[:, :, 1])
        total += float((pairs[:, :, 1][inside] - pairs[:, :, 0][inside]).sum()) * step
    return total


def outline(annotation: Annotation) -> Vector:
    """Return the outline of a region as points (n × 3) in LPS mm, not closed."""
    points = np.asarray(annotation.points)
    if annotation.kind != "ellipse":
        return points
    middle, first, second = ellipse_axes(annotation)
    turn = np.arange(_ELLIPSE_STEPS)[:, None] * (2 * math.pi / _ELLIPSE_STEPS)
    return np.asarray(middle + np.cos(turn) * first + np.sin(turn) * second)


def ellipse_axes(annotation: Annotation) -> tuple[Vector, Vector, Vector]:
    """Return the middle of an ellipse and its two half axes, LPS mm."""
    points = np.asarray(annotation.points)
    return points.mean(axis=0), (points[1] - points[0]) / 2, (points[3] - points[2]) / 2


def to_pixels(plane: Plane, points: Vector) -> Vector:
    """Return (row, column) of the projections of points (n × 3) on a plane, as n × 2."""
    steps = np.stack([plane.row_step, plane.column_step], axis=1)
    return np.asarray((np.asarray(points) - plane.origin) @ np.linalg.pinv(steps).T)


def on_plane(plane: Plane, point: Vector | Point) -> Point:
    """Return the projection of a point on a plane."""
    at = np.asarray(point, dtype=np.float64)
    return _tuple(at - plane.distance(at) * plane.normal)


# -- drawing and dragging --------------------------------------------------------------------------------------------


def box_points(plane: Plane, first: Vector, opposite: Vector) -> tuple[Point, ...]:
    """Return the corners of a rectangle along the rows and columns of a plane, from two opposite ones."""
    along, down = _sides(plane.column_step, plane.row_step, opposite - first)
    return tuple(_tuple(first + step) for step in (along * 0, along, along + down, down))


def ellipse_points(plane: Plane, first: Vector, opposite: Vector) -> tuple[Point, ...]:
    """Return the ends of the axes of the ellipse in the rectangle between two opposite corners."""
    along, down = _sides(plane.column_step, plane.row_step, opposite - first)
    middle = first + (along + down) / 2
    return tuple(_tuple(middle + step / 2) for step in (-along, along, -down, down))


def _sides(along: Vector, down: Vector, diagonal: Vector) -> tuple[Vector, Vector]:
    (a, b), *_ = np.linalg.lstsq(np.stack([along, down], axis=1), diagonal, rcond=None)
    return a * along, b * down


def moved(annotation: Annotation, offset: Vector) -> Annotation:
    """Return the annotation moved by mm."""
    return annotation.with_points(tuple(_tuple(np.asarray(point) + offset) for point in annotation.points))


def dragged(annotation: Annotation, handle: int, point: Vector) -> Annotation:
    """Return the annotation with one of its points dragged elsewhere on its plane.

    A rectangle keeps its opposite corner and its directions, an ellipse the other end of the axis and its directions;
    of a freehand outline the neighbours follow, the less the farther they are.
    """
    points = [np.asarray(one, dtype=np.float64) for one in annotation.points]
    normal = np.asarray(annotation.normal)
    at = np.asarray(point) - ((np.asarray(point) - points[0]) @ normal) * normal
    match annotation.kind:
        case "rectangle":
            return annotation.with_points(_rectangle_dragged(points, handle, at))
        case "ellipse":
            return annotation.with_points(_ellipse_dragged(points, handle, at))
        case "freehand":
            return annotation.with_points(_outline_dragged(points, handle, at))
        case _:
            points[handle] = at
            return annotation.with_points(tuple(_tuple(one) for one in points))


def _rectangle_dragged(points: Sequence[Vector], handle: int, at: Vector) -> tuple[Point, ...]:
    before, after, across = (handle - 1) % 4, (handle + 1) % 4, (handle + 2) % 4
    first, second = points[after] - points[across], points[before] - points[across]
    if not first.any() or not second.any():
        return tuple(_tuple(one) for one in points)
    a, b = _sides(first, second, at - points[across])
    corners = {across: points[across], after: points[across] + a, before: points[across] + b}
    corners[handle] = points[across] + a + b
    return tuple(_tuple(corners[number]) for number in range(4))


def _ellipse_dragged(points: Sequence[Vector], handle: int, at: Vector) -> tuple[Point, ...]:
    fixed = handle ^ 1
    axis = points[handle] - points[fixed]
    if not axis.any():
        return tuple(_tuple(one) for one in points)
    share = float((at - points[fixed]) @ axis) / float(axis @ axis)
    end = points[fixed] + share * axis
    shift = (points[fixed] + end) / 2 - (points[fixed] + points[handle]) / 2
    ends = [point + shift for point in points]
    ends[handle], ends[fixed] = end, points[fixed]
    return tuple(_tuple(one) for one in ends)


def _outline_dragged(points: Sequence[Vector], handle: int, at: Vector) -> tuple[Point, ...]:
    count = len(points)
    reach = max(count // 10, 1)
    offset = at - points[handle]
    away: NDArray[np.int_] = np.abs(np.arange(count) - handle)
    shares = np.clip(1 - np.minimum(away, count - away) / reach, 0, 1)
    return tuple(_tuple(one + share * offset) for one, share in zip(points, shares, strict=True))


def _tuple(point: Vector) -> Point:
    x, y, z = (float(value) for value in point)
    return x, y, z
