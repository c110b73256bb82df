"""Sets of voxels that an editor of segmentations writes: swept brushes, closed regions, shapes between drawn slices.

All of them count voxel centres, [slice, row, column], and measure in mm by the grid's affine, so that a ball is round
on any grid.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Vector

__all__ = ["Box", "Mask", "bounding", "closed_region", "interpolated", "swept"]

Box = tuple[slice, slice, slice]
Mask = NDArray[np.bool_]


def swept(
    affine: Vector,
    shape: tuple[int, int, int],
    start: Vector,
    end: Vector,
    radius: float,
    axis: int | None = None,
) -> tuple[Box, Mask] | None:
    """Return the voxels within ``radius`` mm of the way from one index to another, as a box and the mask in it.

    ``axis`` is the grid axis that a flat brush is normal to: it stays on the slice nearest to ``end``. None sweeps a
    ball. The voxel nearest to ``end`` always belongs to it, however small the brush; None where all lies outside.
    """
    metric = affine[:3, :3].T @ affine[:3, :3]
    start, end = np.array(start, dtype=np.float64), np.array(end, dtype=np.float64)
    axes = [a for a in range(3) if a != axis]
    if axis is not None:
        start[axis] = end[axis] = np.rint(end[axis])
    # How far a ball of that radius reaches along each axis of a grid that may be sheared.
    reach = np.zeros(3)
    reach[axes] = radius * np.sqrt(np.diag(np.linalg.inv(metric[np.ix_(axes, axes)])))
    low = np.ceil(np.minimum(np.minimum(start, end) - reach, np.rint(end))).astype(int).clip(0)
    high = np.floor(np.maximum(np.maximum(start, end) + reach, np.rint(end))).astype(int)
    high = np.minimum(high, np.array(shape) - 1)
    if (high < low).any():
        return None
    from_start = _grids(low, high, start)
    way = end - start
    length = float(way @ metric @ way)
    beside = _product(metric, from_start, from_start)
    if length > 0:
        along = _product(metric, from_start, [np.float32(step) for step in way])
        share = np.clip(along / np.float32(length), 0, 1)
        beside = beside - 2 * share * along + share * share * np.float32(length)
    mask = np.asarray(beside <= np.float32(radius * radius + 1e-4))
    nearest = np.rint(end).astype(int) - low
    if (nearest >= 0).all() and (nearest < mask.shape).all():
        mask[tuple(nearest)] = True
    box = tuple(slice(int(first), int(last) + 1) for first, last in zip(low, high, strict=True))
    return (box[0], box[1], box[2]), mask


def _grids(low: NDArray[np.int_], high: NDArray[np.int_], origin: Vector) -> list[NDArray[np.float32]]:
    """Return the distances in voxels from an index along each axis, ready to be broadcast."""
    grids = []
    for axis in range(3):
        steps = np.arange(low[axis], high[axis] + 1, dtype=np.float32) - np.float32(origin[axis])
        grids.append(steps.reshape([-1 if a == axis else 1 for a in range(3)]))
    return grids


def _product(
    metric: Vector, first: list[NDArray[np.float32]], second: "list[NDArray[np.float32]] | list[np.float32]"
) -> NDArray[np.float32]:
    """Return the scalar product in mm² of vectors in voxels; most grids are not sheared and need three terms."""
    total = np.zeros([grid.size for grid in first], dtype=np.float32)
    for a in range(3):
        for b in range(3):
            if abs(metric[a, b]) > 1e-7 * np.sqrt(metric[a, a] * metric[b, b]):
                total += np.float32(metric[a, b]) * first[a] * second[b]
    return total


def closed_region(labels: NDArray[np.uint8], at: tuple[int, int]) -> Mask | None:
    """Return the pixels of one label that hang together with a pixel of it, by their edges; [row, column].

    None where they reach the edge of the picture: then nothing closes them in.
    """
    same = np.asarray(labels == labels[at])
    by_row = _runs(same)
    by_column = _runs(same.T).T
    region = np.zeros_like(same)
    region[at] = True
    size = 0
    while size != (size := int(region.sum())):
        region = _along(_along(region, by_row), by_column)
    edges = (region[0], region[-1], region[:, 0], region[:, -1])
    return None if any(edge.any() for edge in edges) else region


def _runs(mask: Mask) -> NDArray[np.int32]:
    """Return a number for each unbroken run of pixels along a row, 0 outside."""
    starts = mask.copy()
    starts[:, 1:] &= ~mask[:, :-1]
    return np.where(mask, np.cumsum(starts.ravel()).reshape(mask.shape), 0).astype(np.int32)


def _along(region: Mask, runs: NDArray[np.int32]) -> Mask:
    """Return a region with the whole of every run that it touches."""
    touched = np.zeros(int(runs.max(initial=0)) + 1, dtype=bool)
    touched[runs[region]] = True
    touched[0] = False
    return np.asarray(touched[runs])


def interpolated(drawn: Mask, spacing: tuple[float, float]) -> Mask:
    """Return what lies between drawn slices, [slice, row, column]; the drawn slices themselves are empty in it.

    Signed distances from the outlines (mm, by the ``spacing`` of rows and columns) are blended linearly from a drawn
    slice to the next one, and what is inside on balance belongs to the shape (Raya and Udupa, IEEE TMI 9:32, 1990).
    Shapes that do not overlap are moved towards one another first: else nothing would lie between them.
    """
    between = np.zeros_like(drawn)
    there = np.flatnonzero(drawn.any(axis=(1, 2)))
    for first, last in pairwise(there):
        if last - first > 1:
            _bridge(between, drawn, int(first), int(last), spacing)
    return between


def _bridge(between: Mask, drawn: Mask, first: int, last: int, spacing: tuple[float, float]) -> None:
    rows, columns = _extent(drawn[first] | drawn[last])
    ends = [drawn[index][rows, columns] for index in (first, last)]
    apart = np.zeros(2)
    if not (ends[0] & ends[1]).any():
        apart = np.subtract(*(np.argwhere(end).mean(axis=0) for end in reversed(ends)))
    # Room around both for the distance outside, and for moving them.
    room = np.ceil(np.abs(apart)).astype(int) + 1
    below, above = (_signed_distance(np.pad(end, [(n, n) for n in room]), spacing) for end in ends)
    inner = tuple(slice(int(n), -int(n)) for n in room)
    for index in range(first + 1, last):
        share = (index - first) / (last - first)
        moved_below = np.roll(below, np.rint(share * apart).astype(int), axis=(0, 1))
        moved_above = np.roll(above, np.rint((share - 1) * apart).astype(int), axis=(0, 1))
        between[index][rows, columns] = ((1 - share) * moved_below + share * moved_above >= 0)[inner]


def _extent(mask: Mask) -> tuple[slice, slice]:
    spans = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(int(span[0]), int(span[-1]) + 1) for span in spans)
    return rows, columns


def _signed_distance(mask: Mask, spacing: tuple[float, float]) -> NDArray[np.float64]:
    """Return the distance to the nearest pixel of the other kind, positive inside."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(mask, sampling=spacing)
    return np.asarray(inside - ndimage.distance_transform_edt(~mask, sampling=spacing))


def bounding(mask: Mask) -> Box | None:
    """Return the smallest box that holds every True voxel, None where there is none."""
    spans = []
    for axis in range(3):
        there = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        if not there.size:
            return None
        spans.append(slice(int(there[0]), int(there[-1]) + 1))
    return spans[0], spans[1], spans[2]
