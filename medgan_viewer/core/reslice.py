"""Parallel planes cut out of a volume in any direction: exactly, or quickly while something moves."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.regrid import extract
from medgan_viewer.core.volume import Plane, Volume, Voxels

__all__ = ["Reslicer", "beside", "inside_and_ready", "nearest_values"]

_ON_GRID = 1e-3
# Measured for linear interpolation, in seconds: a sample by scipy, one by SimpleITK, and a byte copied for SimpleITK.
_SCIPY, _SIMPLEITK, _COPY = 78e-9, 10e-9, 0.7e-9
# What SimpleITK takes.
_KNOWN = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
# Planes that SimpleITK cuts at a time: all of a thick slab would take tens of megabytes.
_AT_ONCE = 8


def beside(plane: Plane, distance: float) -> Plane:
    """Return the plane moved along its normal by mm."""
    return Plane(plane.origin + distance * plane.normal, plane.row_step, plane.column_step, plane.rows, plane.columns)


def inside_and_ready(
    volume: Volume, plane: Plane, ready: NDArray[np.bool_] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pixels of a plane lie in a volume, to the edges of its voxels, and which use ready slices alone."""
    inside = np.ones((plane.rows, plane.columns), dtype=bool)
    complete = inside
    for axis, at in enumerate(_indices(volume, plane)):
        inside = inside & (at >= -0.5 - _ON_GRID) & (at <= volume.shape[axis] - 0.5 + _ON_GRID)
        if axis == 0 and ready is not None:
            below, above = (
                np.clip(edge, 0, len(ready) - 1).astype(np.intp)
                for edge in (np.floor(at + _ON_GRID), np.ceil(at - _ON_GRID))
            )
            complete = ready[below] & ready[above]
    return inside, complete


def _indices(volume: Volume, plane: Plane, kind: Any = np.float64) -> Iterator[NDArray[Any]]:
    """Yield the fractional index of a plane's pixels along each axis of the array, [row, column]."""
    start, turn = volume.index(plane.origin), volume.inverse[:3, :3]
    down = np.outer(turn @ plane.row_step, np.arange(plane.rows)).astype(kind)
    along = np.outer(turn @ plane.column_step, np.arange(plane.columns)).astype(kind)
    for axis in range(3):
        yield (down[axis] + kind(start[axis]))[:, None] + along[axis]


def nearest_values(volume: Volume, plane: Plane) -> Voxels:
    """Return the nearest voxels' values on a plane in their stored type; outside, those of the volume's edge."""
    return _nearest(volume, _indices(volume, plane, np.float32))


def _nearest(volume: Volume, indices: Iterable[NDArray[np.float32]]) -> Voxels:
    """Return the nearest voxels' values at fractional indices of the three axes, which are written over."""
    whole = []
    for count, index in zip(volume.shape, indices, strict=True):
        np.rint(index, out=index)
        np.clip(index, 0, count - 1, out=index)
        whole.append(index.astype(np.int64))
    at, (_, rows, columns) = whole[0], volume.shape
    at *= rows
    at += whole[1]
    at *= columns
    at += whole[2]
    return np.asarray(volume.array.reshape(-1).take(at))


class Reslicer:
    """Cuts planes at some distances (mm, evenly spaced) along the normal of one.

    Values are float32, interpolated linearly, or with ``quick`` those of the nearest voxels; NaN outside the volume.
    """

    def __init__(self, volume: Volume, plane: Plane, distances: Sequence[float], *, quick: bool = False) -> None:
        self._volume, self._plane, self._distances, self._quick = volume, plane, distances, quick

    def planes(self) -> Iterator[NDArray[np.float32]]:
        """Yield the values of every plane, [row, column]."""
        if self._quick and self._volume.array.flags.c_contiguous:
            yield from self._quickly()
            return
        low, high = self._block()
        samples = len(self._distances) * self._plane.rows * self._plane.columns
        copied = float(np.prod(high - low)) * self._volume.array.itemsize
        if samples * (_SCIPY - _SIMPLEITK) > copied * _COPY and self._volume.array.dtype.name in _KNOWN:
            yield from self._by_simpleitk(low, high)
            return
        for distance in self._distances:
            plane = beside(self._plane, distance)
            yield self._without_outside(plane, extract(self._volume, plane))

    def _quickly(self) -> Iterator[NDArray[np.float32]]:
        """Yield the nearest voxels' values: the pixels of every plane lie equally far from those of the first."""
        middle = list(_indices(self._volume, self._plane, np.float32))
        step = self._volume.inverse[:3, :3] @ self._plane.normal
        most = [np.float32(count - 0.5 + _ON_GRID) for count in self._volume.shape]
        for distance in self._distances:
            moved = [one + np.float32(distance * by) for one, by in zip(middle, step, strict=True)]
            inside = np.ones(moved[0].shape, dtype=bool)
            for index, end in zip(moved, most, strict=True):
                inside &= (index >= np.float32(-0.5 - _ON_GRID)) & (index <= end)
            yield np.where(inside, _nearest(self._volume, moved), np.float32(np.nan)).astype(np.float32, copy=False)

    def _without_outside(self, plane: Plane, values: Voxels) -> NDArray[np.float32]:
        inside, _ = inside_and_ready(self._volume, plane, None)
        return np.where(inside, values, np.float32(np.nan)).astype(np.float32, copy=False)

    def _block(self) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
        """Return the first and one past the last index of the voxels that all planes need."""
        plane, ends = self._plane, (self._distances[0], self._distances[-1])
        corners = np.array(
            [
                self._volume.index(beside(plane, end).point(row, column))
                for end in ends
                for row in (0, plane.rows - 1)
                for column in (0, plane.columns - 1)
            ]
        )
        # Two voxels more, so that the block's own edge is never interpolated to.
        most = np.array(self._volume.shape)
        low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 2, 0, most - 1)
        return low, np.clip(np.ceil(corners.max(axis=0)).astype(int) + 3, low + 1, most)

    def _by_simpleitk(self, low: NDArray[np.int_], high: NDArray[np.int_]) -> Iterator[NDArray[np.float32]]:
        import SimpleITK as sitk  # noqa: N813

        block = self._volume.array[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
        image = sitk.GetImageFromArray(block)
        plane, turn = self._plane, self._volume.inverse[:3, :3]
        step = self._distances[1] - self._distances[0] if len(self._distances) > 1 else 1.0
        # From (column, row, number) of a plane to the block's (x, y, z): SimpleITK counts axes the other way round.
        steps = np.stack([turn @ plane.column_step, turn @ plane.row_step, turn @ (step * plane.normal)], axis=1)[::-1]
        for first in range(0, len(self._distances), _AT_ONCE):
            count = min(_AT_ONCE, len(self._distances) - first)
            start = self._volume.index(beside(plane, self._distances[first]).origin) - low
            transform = sitk.AffineTransform(3)
            transform.SetMatrix([float(value) for value in steps.ravel()])
            transform.SetTranslation([float(value) for value in start[::-1]])
            size, origin = [plane.columns, plane.rows, count], [0.0, 0.0, 0.0]
            cut = sitk.Resample(
                image,
                size,
                transform,
                sitk.sitkLinear,
                origin,
                [1.0, 1.0, 1.0],
                [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
                float("nan"),
                sitk.sitkFloat32,
            )
            yield from sitk.GetArrayFromImage(cut)
