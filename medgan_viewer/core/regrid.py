"""From acquired slices to a regular grid, and planes cut out of a grid."""

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.reslice import inside_of, linear_values, nearest_values
from medgan_viewer.core.volume import Plane, SliceStack, Vector, Volume, Voxels

__all__ = ["extract", "grid_of", "regular_grid"]


def grid_of(stack: SliceStack) -> tuple[tuple[int, int, int], Vector]:
    """Return shape and affine of the stack's regular grid, without touching a voxel.

    An even stack is its own grid. Else the grid keeps the slices' row and column directions and pixel spacing, takes
    the slice normal as its third axis and the smallest slice thickness as its step.
    """
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = stack.slice_step, stack.row_step, stack.column_step
    affine[:3, 3] = stack.origins[0]
    slices, rows, columns = stack.array.shape
    if stack.is_regular:
        return (slices, rows, columns), affine
    order = np.argsort(stack.positions, kind="stable")
    low, rows, columns = _in_plane_extent(_shifts(stack, order), (rows, columns))
    affine[:3, 3] = stack.origins[order[0]] + low[0] * stack.row_step + low[1] * stack.column_step
    length = stack.positions[order[-1]] - stack.positions[order[0]]
    return (round(length / float(np.linalg.norm(stack.slice_step))) + 1, rows, columns), affine


def regular_grid(stack: SliceStack) -> Volume:
    """Return the stack on its regular grid, see :func:`grid_of`.

    Between two acquired slices values are interpolated linearly along the normal, after each slice has been shifted
    in plane by the gantry's shear. Voxels outside every acquired slice take the smallest acquired value (air).
    """
    shape, affine = grid_of(stack)
    order = np.argsort(stack.positions, kind="stable")
    positions = stack.positions[order]
    shifts = _shifts(stack, order)
    shifts = shifts - _in_plane_extent(shifts, stack.array.shape[1:])[0]
    fill = stack.array.min()
    step = float(np.linalg.norm(affine[:3, 0]))
    grid = np.empty(shape, dtype=stack.array.dtype)
    # At most two slices are held shifted at a time: a grid step lies between two neighbours.
    aligned: dict[int, Voxels] = {}
    for index in range(shape[0]):
        below, above, weight = _between(positions, float(positions[0] + index * step))
        for n in {below, above} - aligned.keys():
            aligned[n] = _shifted(stack.array[order[n]], shifts[n], shape[1:], fill)
        aligned = {n: aligned[n] for n in (below, above)}
        image = aligned[above] if weight == 1 else (1 - weight) * aligned[below] + weight * aligned[above]
        grid[index] = np.rint(image) if np.issubdtype(grid.dtype, np.integer) else image
    return Volume(
        grid,
        affine,
        stack.frame_of_reference_uid,
        stack.modality,
        stack.unit,
        synthetic=stack.synthetic,
        resampled=True,
    )


def _shifts(stack: SliceStack, order: NDArray[np.intp]) -> Vector:
    """Return how many (rows, columns) each slice lies beside the first one, seen along the normal."""
    first = stack.plane(int(order[0]))
    return np.array([first.pixel(stack.origins[index]) for index in order])


def _in_plane_extent(shifts: Vector, shape: tuple[int, ...]) -> tuple[Vector, int, int]:
    """Return the smallest shift and the rows and columns that hold every shifted slice."""
    low = np.floor(np.round(shifts.min(axis=0), 3))
    high = np.ceil(np.round(shifts.max(axis=0), 3))
    rows, columns = (int(n) for n in np.asarray(shape) + (high - low))
    return low, rows, columns


def _shifted(image: Voxels, shift: Vector, shape: tuple[int, int], fill: float) -> Voxels:
    """Return the image moved by (rows, columns) on a canvas, linearly interpolated for the fractional part."""
    whole = np.floor(np.round(shift, 6)).astype(int)
    down, right = (float(f) for f in np.round(shift - whole, 6))
    if image.shape == shape and not whole.any() and down == right == 0:
        return image.astype(np.float32)
    padded = np.pad(image.astype(np.float32), 1, mode="edge")
    moved = (1 - down) * padded[1:, :] + down * padded[:-1, :]
    moved = (1 - right) * moved[:, 1:] + right * moved[:, :-1]
    # The moved image covers as many whole pixels as before: half a pixel at its edges still belongs to it.
    rows, columns = image.shape
    first_row, first_column = int(down > 0.5), int(right > 0.5)
    top, left = whole[0] + first_row, whole[1] + first_column
    canvas = np.full(shape, fill, dtype=np.float32)
    canvas[top : top + rows, left : left + columns] = moved[
        first_row : first_row + rows, first_column : first_column + columns
    ]
    return canvas


def _between(positions: Vector, position: float) -> tuple[int, int, float]:
    """Return the slices below and above a position along the normal, and the share of the one above."""
    above = min(int(np.searchsorted(positions, position - 1e-4)), len(positions) - 1)
    below = max(above - 1, 0)
    gap = float(positions[above] - positions[below])
    return below, above, 1.0 if gap <= 0 else float(np.clip((position - positions[below]) / gap, 0, 1))


def extract(volume: Volume, plane: Plane, *, nearest: bool = False, fill: float = 0.0) -> Voxels:
    """Return the volume's values on a plane, [row, column]; ``fill`` outside.

    A plane that lies on a slice, a row or a column of the grid is cut out without interpolation, in the stored
    type; any other is interpolated linearly (or by the nearest voxel for labels).
    """
    start = volume.index(plane.origin)
    row_step = volume.inverse[:3, :3] @ plane.row_step
    column_step = volume.inverse[:3, :3] @ plane.column_step
    straight = _cut(volume, plane, start, row_step, column_step, fill)
    if straight is not None:
        return straight
    if not nearest:
        return linear_values(volume, plane, fill)
    return np.where(inside_of(volume, plane), nearest_values(volume, plane), volume.array.dtype.type(fill))


def _cut(
    volume: Volume, plane: Plane, start: Vector, row_step: Vector, column_step: Vector, fill: float
) -> Voxels | None:
    """Return the plane as a slice of the array where steps are whole voxels along two axes, else None."""
    near = np.rint(start)
    steps = np.rint(np.stack([row_step, column_step]))
    exact = (
        np.abs(start - near).max() < 1e-3
        and np.abs(np.stack([row_step, column_step]) - steps).max() * max(plane.rows, plane.columns) < 0.05
    )
    if not exact or not all(np.abs(step).sum() == 1 for step in steps):
        return None
    row_axis, column_axis = (int(np.abs(step).argmax()) for step in steps)
    if row_axis == column_axis:
        return None
    out = np.full((plane.rows, plane.columns), fill, dtype=volume.array.dtype)
    index: list[int | slice] = [int(n) for n in near]
    target: list[slice] = []
    for axis, step, count in ((row_axis, steps[0], plane.rows), (column_axis, steps[1], plane.columns)):
        sign = int(step[axis])
        positions = int(near[axis]) + sign * np.arange(count)
        inside = np.flatnonzero((positions >= 0) & (positions < volume.shape[axis]))
        if not inside.size:
            return out
        low, high = int(inside[0]), int(inside[-1])
        stop = int(positions[high]) + sign
        index[axis] = slice(int(positions[low]), None if stop < 0 else stop, sign)
        target.append(slice(low, high + 1))
    fixed = ({0, 1, 2} - {row_axis, column_axis}).pop()
    if not 0 <= int(near[fixed]) < volume.shape[fixed]:
        return out
    cut = volume.array[tuple(index)]
    out[target[0], target[1]] = cut if row_axis < column_axis else cut.T
    return out
