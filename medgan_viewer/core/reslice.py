"""Parallel planes cut out of a volume in any direction: exactly, or quickly while something moves.

All of it is numpy's: the window imports neither scipy nor SimpleITK for it, which would hold it up and stay in memory.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Plane, Vector, Volume, Voxels

__all__ = ["Reslicer", "beside", "inside_and_ready", "inside_of", "linear_values", "nearest_values", "part_of", "tiles"]

_ON_GRID = 1e-3
# Rows and columns that are interpolated at a time: their numbers, and the voxels around them, stay in the processor's
# cache. Twice as many take twice as long for each.
_TILE = 96
# Fractions of a voxel in the whole numbers with which quick planes count.
_BITS = 15
_PARTS_OF_A_VOXEL = 1 << _BITS


def beside(plane: Plane, distance: float) -> Plane:
    """Return the plane moved along its normal by mm."""
    return Plane(plane.origin + distance * plane.normal, plane.row_step, plane.column_step, plane.rows, plane.columns)


def part_of(plane: Plane, rows: slice, columns: slice) -> Plane:
    """Return some rows and columns of a plane, from ``start`` to one before ``stop``."""
    corner = np.asarray(plane.point(rows.start, columns.start))
    return Plane(corner, plane.row_step, plane.column_step, rows.stop - rows.start, columns.stop - columns.start)


def tiles(plane: Plane, side: int) -> Iterator[tuple[slice, slice]]:
    """Yield the rows and columns of the parts of a plane, of ``side`` pixels each way at most."""
    for top, bottom in pairwise([*range(0, plane.rows, side), plane.rows]):
        for left, right in pairwise([*range(0, plane.columns, side), plane.columns]):
            yield slice(top, bottom), slice(left, right)


def inside_and_ready(
    volume: Volume, plane: Plane, ready: NDArray[np.bool_] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pixels of a plane lie in a volume, to the edges of its voxels, and which use ready slices alone."""
    inside = inside_of(volume, plane, _ON_GRID)
    if ready is None or ready.all():
        return inside, np.ones_like(inside)
    at = next(_indices(volume, plane))
    below, above = (
        np.clip(edge, 0, len(ready) - 1).astype(np.intp) for edge in (np.floor(at + _ON_GRID), np.ceil(at - _ON_GRID))
    )
    return inside, ready[below] & ready[above]


def inside_of(volume: Volume, plane: Plane, beyond: float = 0.0) -> NDArray[np.bool_]:
    """Return which pixels of a plane lie in a volume, to the edges of its voxels and so many voxels ``beyond``."""
    inside = np.ones((plane.rows, plane.columns), dtype=bool)
    low, high = _reach(volume, plane)
    if (low >= -0.5 - beyond).all() and (high <= np.array(volume.shape) - 0.5 + beyond).all():
        return inside
    for at, count in zip(_indices(volume, plane), volume.shape, strict=True):
        inside &= (at >= -0.5 - beyond) & (at <= count - 0.5 + beyond)
    return inside


def _reach(volume: Volume, plane: Plane) -> tuple[Vector, Vector]:
    """Return the smallest and the largest fractional index of a plane's pixels along each axis of the array."""
    corners = np.array([volume.index(plane.point(r, c)) for r in (0, plane.rows - 1) for c in (0, plane.columns - 1)])
    return corners.min(axis=0), corners.max(axis=0)


def _indices(volume: Volume, plane: Plane, kind: Any = np.float64) -> Iterator[NDArray[Any]]:
    """Yield the fractional index of a plane's pixels along each axis of the array, [row, column]."""
    start, turn = volume.index(plane.origin), volume.inverse[:3, :3]
    down = np.outer(turn @ plane.row_step, np.arange(plane.rows)).astype(kind)
    along = np.outer(turn @ plane.column_step, np.arange(plane.columns)).astype(kind)
    for axis in range(3):
        yield (down[axis] + kind(start[axis]))[:, None] + along[axis]


def nearest_values(volume: Volume, plane: Plane) -> Voxels:
    """Return the nearest voxels' values on a plane in their stored type; outside, those of the volume's edge."""
    whole = []
    for count, index in zip(volume.shape, _indices(volume, plane, np.float32), strict=True):
        index += np.float32(0.5)
        np.floor(index, out=index)
        np.clip(index, 0, count - 1, out=index)
        whole.append(index.astype(np.intp))
    return _at(volume.array, whole)


def _at(array: Voxels, whole: Sequence[NDArray[np.signedinteger[Any]]]) -> Voxels:
    """Return the voxels at whole indices of the three axes."""
    if not array.flags.c_contiguous:
        return np.asarray(array[tuple(whole)])
    slices, rows, columns = whole
    flat = slices.astype(np.intp)
    for more, count in ((rows, array.shape[1]), (columns, array.shape[2])):
        flat *= count
        flat += more
    # Nothing lies outside, and without that question the look-up takes half the time.
    return np.asarray(array.reshape(-1).take(flat, mode="wrap"))


def linear_values(volume: Volume, plane: Plane, outside: float = float("nan")) -> NDArray[np.float32]:
    """Return values on a plane, interpolated linearly between the eight voxels around each pixel.

    Half a voxel beyond the last centre still belongs to the volume and has the value there; beyond that lies
    ``outside``.
    """
    values = np.full((plane.rows, plane.columns), np.float32(outside))
    most = np.array(volume.shape) - 0.5
    for rows, columns in tiles(plane, _TILE):
        part = part_of(plane, rows, columns)
        low, high = _reach(volume, part)
        if (high < -0.5).any() or (low > most).any():
            continue
        found = _interpolated(volume, part, np.clip(np.floor(low), 0, np.array(volume.shape) - 1).astype(int))
        values[rows, columns] = np.where(inside_of(volume, part), found, np.float32(outside))
    return values


def _interpolated(volume: Volume, plane: Plane, first: NDArray[np.int_]) -> NDArray[np.float32]:
    """Return the values of a small plane; its smallest index along each axis is ``first`` or the one after that."""
    weights, below = [], []
    start, turn = volume.index(plane.origin) - first, volume.inverse[:3, :3]
    for axis, count in enumerate(volume.shape):
        # Counted from a voxel near by, so that 32 bits say where between two voxels a pixel lies.
        down = (start[axis] + turn[axis] @ plane.row_step * np.arange(plane.rows)).astype(np.float32)
        at = down[:, None] + (turn[axis] @ plane.column_step * np.arange(plane.columns)).astype(np.float32)
        np.clip(at, -first[axis], count - 1 - first[axis], out=at)
        whole = at.astype(np.intp)
        np.clip(whole, 0, max(count - 2 - first[axis], 0), out=whole)
        at -= whole
        whole += first[axis]
        weights.append(at)
        below.append(whole)
    if (first + 1 >= volume.shape).any() or not volume.array.flags.c_contiguous:
        ends = [np.minimum(whole + 1, count - 1) for whole, count in zip(below, volume.shape, strict=True)]
        corners = [
            _at(volume.array, [(below[axis], ends[axis])[one] for axis, one in enumerate(which)])
            for which in np.ndindex(2, 2, 2)
        ]
    else:
        _, rows, columns = volume.shape
        flat, voxels = (below[0] * rows + below[1]) * columns + below[2], volume.array.reshape(-1)
        steps = (0, 1, columns, columns + 1)
        corners = [
            voxels[step:].take(flat, mode="wrap") for step in (*steps, *(rows * columns + step for step in steps))
        ]
    for weight in reversed(weights):
        corners = [_between(one, other, weight) for one, other in zip(corners[::2], corners[1::2], strict=True)]
    return np.asarray(corners[0])


def _between(one: Voxels, other: Voxels, weight: NDArray[np.float32]) -> NDArray[np.float32]:
    values = np.subtract(other, one, dtype=np.float32)
    values *= weight
    values += one
    return np.asarray(values)


class Reslicer:
    """Cuts planes at some distances (mm) along the normal of one.

    Values are float32, interpolated linearly, or with ``quick`` those of the nearest voxels; NaN outside the volume.
    """

    def __init__(self, volume: Volume, plane: Plane, distances: Sequence[float], *, quick: bool = False) -> None:
        self._volume, self._plane, self._distances, self._quick = volume, plane, distances, quick

    def planes(self) -> Iterator[NDArray[np.float32]]:
        """Yield the values of every plane, [row, column]."""
        if self._quick:
            yield from self._quickly()
            return
        for distance in self._distances:
            yield linear_values(self._volume, beside(self._plane, distance))

    def _quickly(self) -> Iterator[NDArray[np.float32]]:
        """Yield the nearest voxels' values: the pixels of every plane lie equally far from those of the first.

        Counted in whole parts of a voxel, which takes half the time of fractions.
        """
        array, parts = self._volume.array, _PARTS_OF_A_VOXEL
        # Half a voxel more: what lies within half a voxel of a centre has that centre's number before the point.
        middle = [((at + 0.5) * parts).astype(np.int32) for at in _indices(self._volume, self._plane)]
        step = self._volume.inverse[:3, :3] @ self._plane.normal * parts
        for distance in self._distances:
            whole = [(at + np.int32(round(distance * by))) >> _BITS for at, by in zip(middle, step, strict=True)]
            inside = np.ones(whole[0].shape, dtype=bool)
            for at, count in zip(whole, array.shape, strict=True):
                # What lies before the first voxel is a very large number where no sign is seen.
                inside &= at.view(np.uint32) < np.uint32(count)
                at *= inside
            yield np.where(inside, _at(array, whole), np.float32(np.nan)).astype(np.float32, copy=False)
