"""The slices of a pane: where each lies, and the values of a series or of a result on it. No Qt here.

A stack view goes through the slices as they were acquired, an MPR view through the regular grid. Both hand out planes
in radiological convention.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.acquired import lies_on
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import ImageLayer, LabelLayer, Layer
from medgan_viewer.core.oblique import Triad, oblique_extent, oblique_plane
from medgan_viewer.core.regrid import extract
from medgan_viewer.core.reslice import Reslicer, inside_and_ready, nearest_values, part_of
from medgan_viewer.core.slabs import Slab, cut_slab
from medgan_viewer.core.slicing import Orientation, Turn, mpr_axis, mpr_plane, turn_for
from medgan_viewer.core.volume import Plane, SliceStack, Vector, Volume, Voxels

__all__ = [
    "Box",
    "Cut",
    "GridSlices",
    "ObliqueSlices",
    "Sample",
    "SampleCache",
    "SampleKey",
    "Slices",
    "StackSlices",
    "ViewKind",
    "grid_slices",
    "layer_sample",
    "other_sample",
    "put_together",
    "registered_sample",
    "sampled",
    "series_sample",
]

ViewKind = Literal["stack", "axial", "coronal", "sagittal"]

# Coarse pixels while something moves, alone and in a slab.
_COARSE, _COARSE_IN_SLAB = 2, 4


@dataclass(frozen=True, slots=True)
class Cut:
    """How planes are cut: through a slab, turned, with fewer pixels and planes while something moves."""

    slab: Slab | None = None
    triad: Triad | None = None
    moving: bool = False


# Rows and columns of a plane.
Box = tuple[slice, slice]

# Series or layer, the series whose slices are shown, in which planes, how these are cut, which one of them, and by how
# many quarters it is turned.
SampleKey = tuple[str, str, ViewKind, Cut, int, int]

# Every slice of a head of 28 uneven slices of 512 × 512 with a result takes 30 MB.
_MOST_BYTES = 32 << 20
# Views of a scan hold nothing of their own; as many as hands have in reach are kept, for all panes to share.
_MOST_SAMPLES = 256
# Share of a slice distance within which a plane lies on a slice of the grid.
_ON_GRID = 1e-3


class Slices(Protocol):
    """Parallel planes, counted from 0."""

    @property
    def count(self) -> int:
        """How many there are."""

    def plane(self, index: int) -> Plane:
        """Return a plane in radiological convention."""

    def nearest(self, point: Vector) -> int:
        """Return the plane nearest to an LPS point."""


@dataclass(frozen=True, eq=False)
class StackSlices:
    """The slices as they were acquired."""

    stack: SliceStack

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.stack)

    def plane(self, index: int) -> Plane:
        """Return the plane of a slice as it is displayed; each is made once, for a paint asks several times."""
        if index not in self._planes:
            self._planes[index] = self.turn.plane(self.stack.plane(index))
        return self._planes[index]

    @cached_property
    def _planes(self) -> dict[int, Plane]:
        return {}

    @cached_property
    def turn(self) -> Turn:
        """How all slices are turned for display."""
        return turn_for(self.stack.plane(0))

    def nearest(self, point: Vector) -> int:
        """Return the slice nearest to an LPS point."""
        return int(np.abs(self.stack.positions - float(np.dot(point, self.stack.normal))).argmin())


@dataclass(frozen=True, eq=False)
class GridSlices:
    """The planes of a regular grid in one orientation, counted towards left, posterior or head."""

    volume: Volume
    orientation: Orientation

    @cached_property
    def _axis(self) -> int:
        return mpr_axis(self.volume, self.orientation)

    @cached_property
    def _backwards(self) -> bool:
        # sagittal: left is +x, coronal: posterior is +y, axial: head is +z.
        component = {"sagittal": 0, "coronal": 1, "axial": 2}[self.orientation]
        return bool(self.volume.affine[component, self._axis] < 0)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.volume.shape[self._axis]

    def plane(self, index: int) -> Plane:
        """Return a plane as it is displayed."""
        at = np.zeros(3)
        at[self._axis] = self.count - 1 - index if self._backwards else index
        return mpr_plane(self.volume, self.orientation, self.volume.point(at))

    def nearest(self, point: Vector) -> int:
        """Return the plane nearest to an LPS point."""
        index = int(np.clip(np.rint(self.volume.index(point)[self._axis]), 0, self.count - 1))
        return self.count - 1 - index if self._backwards else index


@dataclass(frozen=True, eq=False)
class ObliqueSlices:
    """Turned planes through a regular grid, counted along their normal; the one through the triad's point is one."""

    volume: Volume
    orientation: Orientation
    triad: Triad
    coarse: int = 1
    # The rows and columns of every plane, all of them where it is None.
    box: Box | None = None

    @cached_property
    def _extent(self) -> tuple[float, int, int]:
        return oblique_extent(self.volume, self.triad, self.orientation)

    @property
    def count(self) -> int:
        """How many there are."""
        _, before, behind = self._extent
        return before + 1 + behind

    def plane(self, index: int) -> Plane:
        """Return a plane as it is displayed; each is made once, for a paint asks several times for the same few."""
        if index not in self._planes:
            away = index - self._extent[1]
            plane = oblique_plane(self.volume, self.triad, self.orientation, away, coarse=self.coarse)
            self._planes[index] = plane if self.box is None else part_of(plane, *self.box)
        return self._planes[index]

    @cached_property
    def _planes(self) -> dict[int, Plane]:
        return {}

    def nearest(self, point: Vector) -> int:
        """Return the plane nearest to an LPS point."""
        step, before, _ = self._extent
        away = (point - np.array(self.triad.point)) @ self.triad.normal(self.orientation)
        return int(np.clip(round(float(away) / step) + before, 0, self.count - 1))


def grid_slices(volume: Volume, kind: Orientation, cut: Cut) -> GridSlices | ObliqueSlices:
    """Return the planes of a regular grid in an orientation, turned where the cut says so."""
    if cut.triad is None:
        return GridSlices(volume, kind)
    coarse = 1 if not cut.moving else _COARSE if cut.slab is None else _COARSE_IN_SLAB
    return ObliqueSlices(volume, kind, cut.triad, coarse)


@dataclass(frozen=True, eq=False)
class Sample:
    """Values on a plane, [row, column] as displayed. ``valid`` says which pixels have one; None where all do.

    ``colour`` [row, column, 3] is shown in place of the values where the image is in colour; ``graphics`` are the
    pixels that its overlay planes draw.
    """

    values: Voxels
    valid: NDArray[np.bool_] | None = None
    colour: Voxels | None = None
    graphics: Voxels | None = None


def put_together(plane: Plane, parts: Sequence[tuple[Box, Sample | None]]) -> Sample | None:
    """Return the sample of a plane whose parts cover it; None where no part has a value."""
    found = [(box, part) for box, part in parts if part is not None]
    if not found:
        return None
    kind = np.result_type(*(part.values.dtype for _, part in found))
    values, valid = (np.zeros((plane.rows, plane.columns), dtype) for dtype in (kind, np.bool_))
    for box, part in found:
        values[box], valid[box] = part.values, True if part.valid is None else part.valid
    return Sample(values, None if valid.all() else valid)


class SampleCache:
    """Samples that all panes share: those used last, up to a number of them, and of bytes that they hold themselves."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._samples: OrderedDict[SampleKey, Sample | None] = OrderedDict()

    def __contains__(self, key: SampleKey) -> bool:
        return key in self._samples

    def take(self, key: SampleKey, make: Callable[[], Sample | None]) -> Sample | None:
        """Return the sample of a key, made where it is not there."""
        if key not in self._samples:
            self._samples[key] = sample = make()
            self._bytes += _size(sample)
            while len(self._samples) > 1 and (self._bytes > self._most_bytes or len(self._samples) > _MOST_SAMPLES):
                self._bytes -= _size(self._samples.popitem(last=False)[1])
        self._samples.move_to_end(key)
        return self._samples[key]

    def forget(self, uid: str) -> None:
        """Let go of everything of a series or layer, and of what was taken on a series' planes: it may get others."""
        for key in [key for key in self._samples if uid in key[:2]]:
            self._bytes -= _size(self._samples.pop(key))


def _size(sample: Sample | None) -> int:
    # A view of a scan that is in memory anyway costs nothing.
    parts = () if sample is None else (sample.values, sample.valid)
    return sum(part.nbytes for part in parts if part is not None and part.flags.owndata)


def series_sample(opened: OpenSeries, slices: Slices, index: int, cut: Cut | None = None) -> Sample | None:
    """Return a series' values on a slice; None where they have not been read. No copy for acquired slices."""
    cut = cut or Cut()
    if isinstance(slices, StackSlices):
        if not opened.ready[index]:
            return None
        stack, turned = opened.stack, slices.turn.image
        colour = None if stack.colour is None else turned(stack.colour[index])
        graphics = None if stack.graphics is None else turned(stack.graphics[index])
        return Sample(turned(stack.array[index]), None, colour, graphics)
    if isinstance(slices, GridSlices | ObliqueSlices):
        # The planes may be those of a synthetic image's grid; the values are the series' own.
        # The grid of an even stack shares its array, so slices that are still being read are black in it.
        volume, plane = opened.volume(), slices.plane(index)
        if cut.slab is not None:
            return _slab_sample(volume, plane, cut)
        if isinstance(slices, ObliqueSlices):
            inside, _ = inside_and_ready(volume, plane, None)
            return Sample(nearest_values(volume, plane) if cut.moving else extract(volume, plane), inside)
        return Sample(extract(volume, plane))
    return None


def _slab_sample(volume: Volume, plane: Plane, cut: Cut, ready: NDArray[np.bool_] | None = None) -> Sample | None:
    if cut.slab is None:
        return None
    values, valid = cut_slab(volume, plane, cut.slab, ready=ready, quick=cut.moving)
    return Sample(values, None if valid.all() else valid) if valid.any() else None


def registered_sample(opened: OpenSeries, volume: Volume, slices: Slices, index: int, cut: Cut) -> Sample | None:
    """Return the values of a series of another space on a slice, interpolated; None where none of it lies there.

    ``volume`` is its grid as it lies in the space of the slices, by a registration.
    """
    ready = opened.ready if opened.stack.is_regular else np.full(volume.shape[0], opened.complete)
    plane = slices.plane(index)
    if cut.slab is not None:
        return _slab_sample(volume, plane, cut, ready)
    (values,) = Reslicer(volume, plane, [0.0], quick=cut.moving).planes()
    valid = ~np.isnan(values) & _valid(volume, ready, plane)
    return Sample(np.nan_to_num(values), valid) if valid.any() else None


def other_sample(opened: OpenSeries, slices: Slices, index: int, cut: Cut) -> Sample | None:
    """Return the values of a series that has been read on a slice of another one; None where none of it lies there."""
    volume, plane = opened.volume(), slices.plane(index)
    if cut.slab is not None:
        return _slab_sample(volume, plane, cut)
    # Slices that could not be decoded have no value; of a computed grid nobody knows which those are.
    ready = opened.ready if opened.stack.is_regular else np.full(volume.shape[0], opened.complete)
    return sampled(volume, ready, plane, nearest=cut.moving)


def layer_sample(
    layer: Layer, slices: Slices, index: int, source: OpenSeries | None, cut: Cut | None = None
) -> Sample | None:
    """Return a result's values on a slice; None where nothing of it is computed or lies there.

    ``source`` is the series whose acquired slices are shown, where it is the one the layer was made from. Of a slab a
    synthetic image is projected as its source is; any other result is that of the plane in the middle.
    """
    if cut is not None and cut.slab is not None and isinstance(layer, ImageLayer):
        return _slab_sample(layer.volume, slices.plane(index), cut, layer.ready)
    if isinstance(slices, StackSlices) and source is not None and lies_on(layer, source.stack):
        if not layer.ready[index]:
            return None
        return Sample(slices.turn.image(layer.volume.array[index]))
    # What moves is cut as the series is, or every edge would differ from it.
    nearest = isinstance(layer, LabelLayer) or (cut is not None and cut.moving)
    sample = sampled(layer.volume, layer.ready, slices.plane(index), nearest=nearest)
    kind = layer.volume.array.dtype
    if sample is None or sample.values.dtype == kind or kind.kind not in "iu":
        return sample
    # In the stored type: what is shown is what would be written.
    return Sample(np.rint(sample.values).astype(kind), sample.valid)


def sampled(volume: Volume, ready: NDArray[np.bool_], plane: Plane, *, nearest: bool = False) -> Sample | None:
    """Return a volume's values on a plane; None where no pixel has one.

    A pixel is valid where it lies in the grid and every slice it is interpolated from is ready.
    """
    corners = np.array([volume.index(plane.point(r, c)) for r in (0, plane.rows - 1) for c in (0, plane.columns - 1)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    first, last = _touched(low[0], high[0], len(ready))
    inside = bool((low >= -0.5 - _ON_GRID).all() and (high <= np.array(volume.shape) - 0.5 + _ON_GRID).all())
    if not ready[first : last + 1].any():
        return None
    if inside and ready[first : last + 1].all():
        return Sample(extract(volume, plane, nearest=nearest))
    valid = _valid(volume, ready, plane)
    return Sample(extract(volume, plane, nearest=nearest), valid) if valid.any() else None


def _touched(low: float, high: float, count: int) -> tuple[int, int]:
    first = int(np.clip(np.floor(low + _ON_GRID), 0, count - 1))
    last = int(np.clip(np.ceil(high - _ON_GRID), 0, count - 1))
    return first, max(first, last)


def _valid(volume: Volume, ready: NDArray[np.bool_], plane: Plane) -> NDArray[np.bool_]:
    start = volume.index(plane.origin)
    row_step = volume.inverse[:3, :3] @ plane.row_step
    column_step = volume.inverse[:3, :3] @ plane.column_step
    rows, columns = np.arange(plane.rows)[:, None], np.arange(plane.columns)[None, :]
    valid = np.ones((plane.rows, plane.columns), dtype=bool)
    for axis in range(3):
        at = start[axis] + row_step[axis] * rows + column_step[axis] * columns
        valid &= (at >= -0.5 - _ON_GRID) & (at <= volume.shape[axis] - 0.5 + _ON_GRID)
        if axis == 0:
            last = len(ready) - 1
            below = np.clip(np.floor(at + _ON_GRID), 0, last).astype(int)
            above = np.clip(np.ceil(at - _ON_GRID), 0, last).astype(int)
            valid &= ready[below] & ready[above]
    return valid
