"""Slabs: what lies within some millimetres of a plane, as its maximum, its minimum or its mean.

A slab is cut in parallel planes on both sides of the plane that is shown, so close that no voxel is stepped over:
along the axes of the grid they are the grid's own planes, and nothing is interpolated. A plane belongs to the slab
where its distance is at most half the thickness.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.regrid import extract
from medgan_viewer.core.reslice import Reslicer, beside, inside_and_ready
from medgan_viewer.core.volume import Plane, Vector, Volume, Voxels

__all__ = ["NAMES", "Mode", "Slab", "cut_slab", "grid_axis", "plane_count", "plane_step"]

Mode = Literal["maximum", "minimum", "mean"]
# What radiologists call them.
NAMES: dict[Mode, str] = {"maximum": "MIP", "minimum": "MinIP", "mean": "Average"}

_ON_GRID = 1e-3
# Planes on each side of the middle of a slab that is cut quickly.
_QUICK_REACH = 4
# Slices that are reduced along their rows at a time.
_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Slab:
    """What is taken of a slab, and how thick it is in mm."""

    mode: Mode
    thickness: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.thickness) and self.thickness > 0):
            raise ValueError(f"a slab cannot be {self.thickness} mm thick")


def plane_step(volume: Volume, normal: Vector) -> float:
    """Return how far apart, in mm, planes with a unit normal may lie so that no voxel of a grid is stepped over.

    Along an axis of the grid that is the distance of its planes.
    """
    return 1.0 / float(np.abs(volume.inverse[:3, :3] @ normal).max())


def plane_count(volume: Volume, normal: Vector, slab: Slab) -> int:
    """Return in how many planes a slab is cut."""
    return 2 * _reach(volume, normal, slab) + 1


def _reach(volume: Volume, normal: Vector, slab: Slab) -> int:
    """Return how many planes of a slab lie on each side of the one in its middle."""
    return int(slab.thickness / 2 / plane_step(volume, normal) + 1e-6)


def cut_slab(
    volume: Volume,
    plane: Plane,
    slab: Slab,
    *,
    ready: NDArray[np.bool_] | None = None,
    quick: bool = False,
) -> tuple[Voxels, NDArray[np.bool_]]:
    """Return a slab's values on the pixels of the plane in its middle, and which pixels have one.

    The values are those of the stored type where the planes are the grid's own, but for the mean; else float32. What
    lies outside the volume does not count; a pixel has no value where nothing of its ray lies inside, or where a
    slice that its ray crosses is not ``ready``. ``quick`` leaves out planes between those of the grid and takes the
    nearest voxels, for what moves.
    """
    axis = grid_axis(volume, plane)
    if axis is None:
        return _across_the_grid(volume, plane, slab, ready, quick=quick)
    reach = _reach(volume, plane.normal, slab)
    middle = round(float(volume.index(plane.origin)[axis]))
    low, high = max(middle - reach, 0), min(middle + reach, volume.shape[axis] - 1)
    if low > high or (axis == 0 and ready is not None and not ready[low : high + 1].all()):
        nothing = np.zeros((plane.rows, plane.columns), dtype=bool)
        return np.zeros(nothing.shape, volume.array.dtype), nothing
    thin = _thinned(volume, axis, low, high, slab.mode)
    moved = _moved_into(thin, plane, axis)
    inside, complete = inside_and_ready(thin, moved, ready if axis != 0 else None)
    return extract(thin, moved), inside & complete


def _across_the_grid(
    volume: Volume, plane: Plane, slab: Slab, ready: NDArray[np.bool_] | None, *, quick: bool
) -> tuple[Voxels, NDArray[np.bool_]]:
    """Return a slab whose planes are not the grid's own."""
    step, reach = plane_step(volume, plane.normal), _reach(volume, plane.normal, slab)
    stride = max(1, reach // _QUICK_REACH) if quick else 1
    # From the middle on both sides, so that a stride keeps the plane that is shown.
    ends = reach // stride
    distances = [number * stride * step for number in range(-ends, ends + 1)]
    total = np.full((plane.rows, plane.columns), np.float32(0 if slab.mode == "mean" else np.nan))
    found, ok = np.zeros(total.shape, dtype=np.int32), np.ones(total.shape, dtype=bool)
    cut = Reslicer(volume, plane, distances, quick=quick)
    for distance, values in zip(distances, cut.planes(), strict=True):
        inside = ~np.isnan(values)
        if ready is not None:
            ok &= ~inside | inside_and_ready(volume, beside(plane, distance), ready)[1]
        if slab.mode == "mean":
            total += np.where(inside, values, np.float32(0))
        else:
            # What lies outside is no number, and these pass it over.
            (np.fmax if slab.mode == "maximum" else np.fmin)(total, values, out=total)
        found += inside
    if slab.mode == "mean":
        total /= np.maximum(found, 1)
    return np.nan_to_num(total, copy=False), (found > 0) & ok


def grid_axis(volume: Volume, plane: Plane) -> int | None:
    """Return the grid's axis along which a plane's normal runs, where the plane lies on one of the grid's own."""
    along = np.abs(volume.inverse[:3, :3] @ plane.normal)
    axis = int(along.argmax())
    at = float(volume.index(plane.origin)[axis])
    # Over the whole plane the pixels may leave the grid's plane by no more than a hundredth of a voxel.
    steps = (plane.rows * plane.row_step, plane.columns * plane.column_step)
    leaves = max(abs(float(volume.inverse[axis, :3] @ step)) for step in steps)
    straight = np.delete(along, axis).max() < _ON_GRID * along[axis]
    return axis if straight and leaves < 0.01 and abs(at - round(at)) < 0.01 else None


def _thinned(volume: Volume, axis: int, low: int, high: int, mode: Mode) -> Volume:
    """Return the slab as a volume of one voxel along an axis; that voxel's index is 0."""
    index: list[slice] = [slice(None)] * 3
    index[axis] = slice(low, high + 1)
    block = volume.array[tuple(index)]
    match mode:
        case "maximum":
            values = _extreme(np.maximum, block, axis)
        case "minimum":
            values = _extreme(np.minimum, block, axis)
        case "mean":
            values = block.mean(axis=axis, keepdims=True, dtype=np.float32)
    return Volume(values, volume.affine, volume.frame_of_reference_uid, volume.modality, volume.unit)


def _extreme(of: np.ufunc, block: Voxels, axis: int) -> Voxels:
    """Return the largest or smallest values along an axis, which stays with one voxel.

    Along the last axis numpy takes each short row by itself. There every value is compared with its neighbour, these
    with those two further on, and so on: that goes through all rows at once, some slices at a time, which stay in the
    processor's cache meanwhile.
    """
    if axis != 2:
        return np.asarray(of.reduce(block, axis=axis, keepdims=True))
    slices, rows, count = block.shape
    values = np.empty((slices, rows, 1), dtype=block.dtype)
    for first in range(0, slices, _TOGETHER):
        run, of_so_many = np.ascontiguousarray(block[first : first + _TOGETHER]).reshape(-1), 1
        while of_so_many < count:
            further = min(of_so_many, count - of_so_many)
            run, of_so_many = of(run[:-further], run[further:]), of_so_many + further
        values[first : first + _TOGETHER, :, 0] = run[::count].reshape(-1, rows)
    return values


def _moved_into(thin: Volume, plane: Plane, axis: int) -> Plane:
    """Return the plane moved along an axis of the grid onto the one voxel of the thin volume."""
    origin = plane.origin - np.asarray(thin.affine[:3, axis]) * float(thin.index(plane.origin)[axis])
    return Plane(origin, plane.row_step, plane.column_step, plane.rows, plane.columns)
