"""Where planes cross and where boxes lie, for reference lines and findings. No Qt here."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.findings import box_on_plane
from medgan_viewer.core.volume import Plane, Vector, Volume
from medgan_viewer.ui.views.camera import Mapping, height_over

__all__ = ["are_parallel", "box_on", "crossing", "footprint"]

# Planes within about 15° of one another count as parallel: their crossing would say little.
_PARALLEL = 0.966

Bounds = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


def are_parallel(first: Plane, second: Plane) -> bool:
    """Whether two planes are nearly parallel."""
    return abs(float(first.normal @ second.normal)) > _PARALLEL


def crossing(plane: Plane, on: Plane) -> tuple[Vector, Vector] | None:
    """Return the ends (LPS mm) of the line in which a plane's rectangle crosses another plane, if it does."""
    if are_parallel(plane, on):
        return None
    corners = [plane.point(r, c) for r, c in ((0, 0), (0, plane.columns - 1), (plane.rows - 1, plane.columns - 1))]
    corners.append(plane.point(plane.rows - 1, 0))
    heights = [height_over(on, corner) for corner in corners]
    ends: list[Vector] = []
    for i in range(4):
        here, there = heights[i], heights[(i + 1) % 4]
        if (here < 0) != (there < 0):
            ends.append(corners[i] + (corners[(i + 1) % 4] - corners[i]) * (here / (here - there)))
    return (ends[0], ends[1]) if len(ends) == 2 else None


def box_on(volume: Volume, bounds: Bounds, mapping: Mapping) -> tuple[float, float, float, float] | None:
    """Return (x, y, width, height) on the screen of a box of voxels; None where the displayed plane misses it.

    ``bounds`` are half-open ranges of slices, rows and columns.
    """
    box = box_on_plane(volume, bounds, mapping.plane)
    if box is None:
        return None
    (left, top), (right, bottom) = mapping.to_screen(*box[:2]), mapping.to_screen(*box[2:])
    return left, top, right - left, bottom - top


def footprint(volume: Volume, boxes: Sequence[Bounds], mapping: Mapping) -> NDArray[np.float64]:
    """Return [box, (left, top, right, bottom)] on the screen of boxes of voxels, on whatever slices they lie."""
    edges = np.array(boxes, float) - 0.5
    corners = np.stack([edges[:, range(3), [i >> 2, i >> 1 & 1, i & 1]] for i in range(8)], axis=1)
    points = corners @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    # A place on the screen is a linear function of a point: three steps along the axes tell all of it.
    origin = np.array(mapping.point_to_screen(np.zeros(3)))
    steps = np.array([mapping.point_to_screen(axis) for axis in np.eye(3)]) - origin
    places = points @ steps + origin
    return np.concatenate([places.min(axis=1), places.max(axis=1)], axis=1)
