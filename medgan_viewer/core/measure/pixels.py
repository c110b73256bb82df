"""Which pixels an annotation takes in, and their values in a series or in a synthetic image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.acquired import lies_on
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure.annotation import REGIONS, Annotation
from medgan_viewer.core.measure.geometry import ellipse_axes, to_pixels
from medgan_viewer.core.slicing import Orientation, mpr_axis, mpr_plane, nearest_slice
from medgan_viewer.core.volume import Plane, SliceStack, Vector, Volume, Voxels

__all__ = ["Ground", "are_parallel", "grid_values", "ground", "inside", "layer_values", "reach_mm", "series_values"]

# Cosine of 2°: planes of two series of one examination are rarely turned alike to the last digit.
_PARALLEL = 0.9994
_ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
_ON_GRID = 1e-3

Indices = NDArray[np.int_]


@dataclass(frozen=True, eq=False)
class Ground:
    """The plane of pixels that an annotation lies on: an acquired slice (``index``), else one of the regular grid."""

    plane: Plane
    index: int | None


def are_parallel(normal: Vector, other: Vector) -> bool:
    """Whether two unit normals stand for parallel planes."""
    return abs(float(normal @ other)) > _PARALLEL


def reach_mm(stack: SliceStack, index: int) -> float:
    """Return how far from a slice's plane, in mm, is still the slice: half way to the farther neighbour."""
    here = float(stack.positions[index])
    beside = [abs(float(stack.positions[i]) - here) for i in (index - 1, index + 1) if 0 <= i < len(stack)]
    return (max(beside) if beside else max(float(stack.thickness[index]), 0.1)) / 2 + _ON_GRID


def ground(annotation: Annotation, opened: OpenSeries, *, on_grid: bool | None = None) -> Ground | None:
    """Return where an annotation lies in a series; None where that has no such plane (yet).

    ``on_grid`` asks for a plane of the regular grid, or for an acquired slice; by default as it was drawn.
    """
    wants_grid = annotation.on_grid if on_grid is None else on_grid
    centre, normal = np.asarray(annotation.centre), np.asarray(annotation.normal)
    stack = opened.stack
    if (not wants_grid or stack.is_regular) and are_parallel(normal, stack.normal):
        index = nearest_slice(stack, centre)
        plane = stack.plane(index)
        return Ground(plane, index) if abs(plane.distance(centre)) <= reach_mm(stack, index) else None
    if not wants_grid or not opened.gridded:
        return None
    volume = opened.volume()
    for orientation in _ORIENTATIONS:
        plane = mpr_plane(volume, orientation, centre)
        if are_parallel(normal, plane.normal):
            step = volume.spacing[mpr_axis(volume, orientation)]
            return Ground(plane, None) if abs(plane.distance(centre)) <= step / 2 + _ON_GRID else None
    return None


def inside(annotation: Annotation, plane: Plane) -> tuple[Indices, Indices]:
    """Return rows and columns of the pixels of a plane whose centres a region encloses, or in which a probe lies."""
    if annotation.kind == "ellipse":
        return _in_ellipse(annotation, plane)
    at = to_pixels(plane, np.asarray(annotation.points))
    if annotation.kind in REGIONS:
        return _in_polygon(at, plane)
    pixel = np.rint(at[:1]).astype(int)
    fits = ((pixel >= 0) & (pixel < (plane.rows, plane.columns))).all(axis=1)
    return pixel[fits, 0], pixel[fits, 1]


def _box(at: Vector, plane: Plane) -> tuple[int, int, int, int]:
    """Return first and one past the last row and column around positions, as far as the plane goes."""
    low, high = np.ceil(at.min(axis=0)), np.floor(at.max(axis=0)) + 1
    top, left = (int(max(value, 0)) for value in low)
    bottom, right = (int(value) for value in np.minimum(high, (plane.rows, plane.columns)))
    return top, max(bottom, top), left, max(right, left)


def _in_polygon(at: Vector, plane: Plane) -> tuple[Indices, Indices]:
    """Return the pixels inside by the even-odd rule: along each row an edge is where inside begins or ends."""
    top, bottom, left, right = _box(at, plane)
    rows, columns = np.arange(top, bottom)[:, None], right - left
    ends = np.roll(at, -1, axis=0)
    crosses = (at[:, 0] <= rows) != (ends[:, 0] <= rows)
    row, edge = np.nonzero(crosses)
    share = (row + top - at[edge, 0]) / (ends[edge, 0] - at[edge, 0])
    column = np.ceil(at[edge, 1] + share * (ends[edge, 1] - at[edge, 1])).astype(int) - left
    switches = np.zeros((len(rows), columns + 1), dtype=np.int64)
    np.add.at(switches, (row, np.clip(column, 0, columns)), 1)
    found = np.nonzero(switches.cumsum(axis=1)[:, :columns] % 2)
    return found[0] + top, found[1] + left


def _in_ellipse(annotation: Annotation, plane: Plane) -> tuple[Indices, Indices]:
    middle, first, second = ellipse_axes(annotation)
    corners = np.stack([middle + a * first + b * second for a in (-1, 1) for b in (-1, 1)])
    top, bottom, left, right = _box(to_pixels(plane, corners), plane)
    rows, columns = np.mgrid[top:bottom, left:right]
    offset = plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step - middle
    square = np.zeros(rows.shape)
    for axis in (first, second):
        size = float(axis @ axis)
        square += np.inf if size == 0 else (offset @ axis / size) ** 2
    found = np.nonzero(square <= 1)
    return found[0] + top, found[1] + left


def series_values(opened: OpenSeries, on: Ground, rows: Indices, columns: Indices) -> Voxels | None:
    """Return a series' values of these pixels; None where they have not been read."""
    if on.index is not None:
        return opened.stack.array[on.index][rows, columns] if opened.ready[on.index] else None
    volume = opened.volume()
    at = np.rint(_voxels(volume, on.plane, rows, columns)).astype(int)
    return np.asarray(volume.array[tuple(at)])


def layer_values(layer: ImageLayer, opened: OpenSeries, on: Ground, rows: Indices, columns: Indices) -> Voxels | None:
    """Return a synthetic image's values of these pixels, as shown there; None where one of them is not computed.

    Between its own voxels they are interpolated linearly and, for whole numbers, rounded.
    """
    if on.index is not None and lies_on(layer, opened.stack):
        return np.asarray(layer.volume.array[on.index][rows, columns]) if layer.ready[on.index] else None
    return grid_values(layer.volume, layer.ready, on, rows, columns)


def grid_values(volume: Volume, ready: NDArray[np.bool_], on: Ground, rows: Indices, columns: Indices) -> Voxels | None:
    """Return the values of these pixels in a volume, interpolated as :func:`layer_values` says.

    None where one of them lies outside, or on a slice that is not ``ready``.
    """
    at = _voxels(volume, on.plane, rows, columns)
    last = np.array(volume.shape)[:, None] - 1
    if ((at < -0.5 - _ON_GRID) | (at > last + 0.5 + _ON_GRID)).any():
        return None
    below, above = (
        np.clip(edge, 0, last[0]).astype(int) for edge in (np.floor(at[0] + _ON_GRID), np.ceil(at[0] - _ON_GRID))
    )
    if not (ready[below] & ready[above]).all():
        return None
    from scipy import ndimage

    values = ndimage.map_coordinates(volume.array, at, output=np.float32, order=1, mode="nearest")
    kind = volume.array.dtype
    return np.asarray(np.rint(values).astype(kind) if kind.kind in "iu" else values)


def _voxels(volume: Volume, plane: Plane, rows: Indices, columns: Indices) -> Vector:
    """Return fractional indices (3 × n) of a plane's pixels in a volume."""
    points = plane.origin[:, None] + plane.row_step[:, None] * rows + plane.column_step[:, None] * columns
    return np.asarray(volume.inverse[:3, :3] @ points + volume.inverse[:3, 3:])
