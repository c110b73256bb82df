"""Voxels and where they are.

Two shapes of the same scan. A ``SliceStack`` holds the slices as they were acquired, each with a position of its own. A
``Volume`` is a regular grid with one affine. An evenly spaced stack *is* a volume (same array); a tilted or unevenly
spaced one is resampled once, see :func:`regular_grid`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Plane", "SliceStack", "Volume", "read_only"]

Vector = NDArray[np.float64]
Voxels = NDArray[Any]

# Positions that deviate from an even grid by less than this share of the slice distance count as even: DICOM writes
# positions as decimal strings, and scanners round them.
_EVEN_TOLERANCE = 0.02

# A nonsensical slice thickness must not blow an uneven series up to a grid that fills the memory.
_MOST_GRID_SLICES = 2000


def read_only(array: Voxels) -> Voxels:
    """Return a view of the array that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class Plane:
    """A rectangle of pixels in space.

    ``origin`` is the centre of pixel [0, 0] in LPS mm; ``row_step`` leads from a pixel to the one a row below,
    ``column_step`` to the one a column to the right, both in mm; ``rows`` and ``columns`` count pixels.
    """

    origin: Vector
    row_step: Vector
    column_step: Vector
    rows: int
    columns: int

    @cached_property
    def normal(self) -> Vector:
        """The unit normal: column direction × row direction, as DICOM orders them."""
        # For three numbers plain arithmetic is ten times faster than ``np.cross``.
        (a, b, c), (d, e, f) = self.column_step.tolist(), self.row_step.tolist()
        x, y, z = b * f - c * e, c * d - a * f, a * e - b * d
        length = math.sqrt(x * x + y * y + z * z)
        return read_only(np.array([x / length, y / length, z / length]))

    @cached_property
    def spacing(self) -> tuple[float, float]:
        """Distance between rows and between columns in mm."""
        return float(np.linalg.norm(self.row_step)), float(np.linalg.norm(self.column_step))

    def point(self, row: float, column: float) -> Vector:
        """Return the LPS point in mm of a pixel position."""
        return np.asarray(self.origin + row * self.row_step + column * self.column_step)

    def pixel(self, point: Vector) -> tuple[float, float]:
        """Return (row, column) of the point's projection on the plane."""
        down, along, away = self.row_step, self.column_step, np.asarray(point) - self.origin
        # The normal equations of two unknowns: a paint asks dozens of times, and a general solver is much slower.
        dd, da, aa = float(down @ down), float(down @ along), float(along @ along)
        on_down, on_along = float(away @ down), float(away @ along)
        area = dd * aa - da * da
        return (on_down * aa - on_along * da) / area, (on_along * dd - on_down * da) / area

    def distance(self, point: Vector) -> float:
        """Return the signed distance of a point from the plane in mm, along the normal."""
        return float(np.dot(np.asarray(point) - self.origin, self.normal))


@dataclass(frozen=True, eq=False)
class Volume:
    """A regular grid of voxels.

    ``array`` is read-only, ``[slice, row, column]``, in the unit ``unit`` ("HU" for CT, "" where there is none) and in
    the smallest type that holds the stored values (int16 stays int16). ``affine`` (4 × 4) maps that index to LPS mm.
    """

    array: Voxels
    affine: Vector
    frame_of_reference_uid: str | None = None
    modality: str = "OT"
    unit: str = ""
    synthetic: bool = False
    # True where the grid is not the acquired one but was computed from it.
    resampled: bool = False

    def __post_init__(self) -> None:
        if self.array.ndim != 3:
            raise ValueError(f"a volume has three axes, not {self.array.ndim}")
        if np.shape(self.affine) != (4, 4):
            raise ValueError("an affine is 4 × 4")
        object.__setattr__(self, "array", read_only(self.array))
        object.__setattr__(self, "affine", read_only(np.asarray(self.affine, dtype=np.float64)))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of slices, rows and columns."""
        slices, rows, columns = self.array.shape
        return slices, rows, columns

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Distances between slices, rows and columns in mm."""
        steps = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(steps[0]), float(steps[1]), float(steps[2])

    @cached_property
    def inverse(self) -> Vector:
        """The affine from LPS mm to index."""
        return read_only(np.linalg.inv(self.affine))

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel in millilitres."""
        return abs(float(np.linalg.det(self.affine[:3, :3]))) / 1000.0

    def point(self, index: Vector | tuple[float, float, float]) -> Vector:
        """Return the LPS point in mm of an index [slice, row, column]."""
        return np.asarray(self.affine[:3, :3] @ np.asarray(index, dtype=np.float64) + self.affine[:3, 3])

    def index(self, point: Vector | tuple[float, float, float]) -> Vector:
        """Return the fractional index [slice, row, column] of an LPS point in mm."""
        return np.asarray(self.inverse[:3, :3] @ np.asarray(point, dtype=np.float64) + self.inverse[:3, 3])

    def corners(self, bounds: Sequence[tuple[int, int]]) -> Vector:
        """Return the eight corners (8 × 3, LPS mm) of half-open ranges of slices, rows and columns.

        They lie at the outer edges of the voxels.
        """
        slices, rows, columns = ((start - 0.5, stop - 0.5) for start, stop in bounds)
        return np.array([self.point((s, r, c)) for s in slices for r in rows for c in columns])

    def plane(self, slice_index: float) -> Plane:
        """Return the plane of one slice."""
        _, rows, columns = self.shape
        return Plane(self.point((slice_index, 0, 0)), self.affine[:3, 1], self.affine[:3, 2], rows, columns)

    def with_array(self, array: Voxels, **changes: Any) -> "Volume":
        """Return a volume on the same grid with other voxels."""
        if array.shape != self.shape:
            raise ValueError(f"shape {array.shape} does not fit the grid {self.shape}")
        return replace(self, array=array, **changes)


@dataclass(frozen=True, eq=False)
class SliceStack:
    """The slices of a series as they were acquired, in order along their common normal.

    ``array`` is read-only ``[slice, row, column]`` in modality units. ``origins`` (n × 3) are the LPS centres of each
    slice's pixel [0, 0]; ``row_step`` and ``column_step`` (mm) are common to all; ``thickness`` (n) is the
    nominal slice thickness in mm. The array may still be filling while the stack is shown: who loads it keeps the
    writable base. Images in colour have ``colour`` (uint8 ``[slice, row, column, 3]``, ``array`` is their luminance);
    overlay planes stored with the images are ``graphics`` (bool ``[slice, row, column]``). Both are for display alone.
    """

    array: Voxels
    origins: Vector
    row_step: Vector
    column_step: Vector
    thickness: Vector
    frame_of_reference_uid: str | None = None
    modality: str = "OT"
    unit: str = ""
    synthetic: bool = False
    sop_instance_uids: tuple[str, ...] = ()
    colour: Voxels | None = None
    graphics: Voxels | None = None

    def __post_init__(self) -> None:
        if self.array.ndim != 3 or self.origins.shape != (self.array.shape[0], 3):
            raise ValueError("a stack needs [slice, row, column] voxels and one origin a slice")
        for name in ("array", "origins", "row_step", "column_step", "thickness"):
            object.__setattr__(self, name, read_only(getattr(self, name)))
        for name in ("colour", "graphics"):
            if (shown := getattr(self, name)) is not None:
                object.__setattr__(self, name, read_only(shown))

    def __len__(self) -> int:
        return int(self.array.shape[0])

    def plane(self, slice_index: int) -> Plane:
        """Return the plane on which a slice was acquired."""
        _, rows, columns = self.array.shape
        return Plane(self.origins[slice_index], self.row_step, self.column_step, rows, columns)

    @cached_property
    def normal(self) -> Vector:
        """The unit normal of all slices: column direction × row direction."""
        return read_only(self.plane(0).normal)

    @cached_property
    def positions(self) -> Vector:
        """Positions of the slices along the normal in mm."""
        return read_only(self.origins @ self.normal)

    @cached_property
    def is_regular(self) -> bool:
        """Whether the slices are evenly spaced and lie straight behind one another along the normal."""
        if len(self) < 2:
            return True
        step = (self.origins[-1] - self.origins[0]) / (len(self) - 1)
        length = float(np.linalg.norm(step))
        if length == 0.0 or abs(float(np.dot(step, self.normal))) < length * (1 - 1e-5):
            return False
        even = self.origins[0] + np.arange(len(self))[:, None] * step
        return bool(np.abs(self.origins - even).max() <= _EVEN_TOLERANCE * length)

    @cached_property
    def slice_step(self) -> Vector:
        """The step in mm from a slice to the next one on the regular grid.

        For an uneven stack: along the normal, as long as the thinnest slice is thick (where no thickness is known, as
        the smallest distance between two slices).
        """
        if len(self) > 1 and self.is_regular:
            return read_only((self.origins[-1] - self.origins[0]) / (len(self) - 1))
        known = self.thickness[self.thickness > 0]
        extent = float(np.ptp(self.positions))
        gaps = np.diff(np.sort(self.positions))
        step = float(known.min() if known.size else min(gaps[gaps > 0], default=1.0))
        return read_only(self.normal * max(step, extent / _MOST_GRID_SLICES))

    def volume(self) -> Volume:
        """Return the regular grid: the same array where the stack is even, else resampled along the normal."""
        if self.is_regular:
            affine = np.eye(4)
            affine[:3, 0], affine[:3, 1], affine[:3, 2] = self.slice_step, self.row_step, self.column_step
            affine[:3, 3] = self.origins[0]
            return Volume(
                self.array, affine, self.frame_of_reference_uid, self.modality, self.unit, synthetic=self.synthetic
            )
        from medgan_viewer.core.regrid import regular_grid

        return regular_grid(self)
