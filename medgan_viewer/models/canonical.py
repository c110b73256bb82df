"""From a series' own grid to the grid a network was trained on, and back. numpy only.

Canonical axial orientation: slices run towards the top of the head, rows towards the back, columns towards the left
(+S, +P, +L in LPS). The slices stay the series' own; only their order and the order of their pixels change, so no voxel
is interpolated for the orientation. In plane, pixels are averaged or interpolated to the network's spacing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Vector, Voxels

__all__ = ["CanonicalView", "Crop", "crop_around", "resampling_matrix"]

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class CanonicalView:
    """How a source array is turned to canonical orientation: rows and columns exchanged or not, then axes reversed.

    ``shape`` and ``spacing`` (mm) are those of the canonical array [slice, row, column].
    """

    transposed: bool
    reversed_axes: tuple[bool, bool, bool]
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]

    @classmethod
    def of(cls, affine: Vector, shape: tuple[int, int, int]) -> "CanonicalView":
        """Return the view for an affine from [slice, row, column] to LPS mm; the slices must be about axial."""
        steps = np.asarray(affine, dtype=np.float64)[:3, :3]
        # Rows lie along whichever in-plane axis points more towards the back or the front.
        transposed = bool(abs(steps[1, 2]) > abs(steps[1, 1]))
        order = (0, 2, 1) if transposed else (0, 1, 2)
        # LPS: x to the left, y to the back, z to the top; slices go with z, rows with y, columns with x.
        signs = tuple(bool(steps[axis, source] < 0) for axis, source in zip((2, 1, 0), order, strict=True))
        spacing = np.linalg.norm(steps, axis=0)[list(order)]
        return cls(
            transposed,
            (signs[0], signs[1], signs[2]),
            (shape[order[0]], shape[order[1]], shape[order[2]]),
            (float(spacing[0]), float(spacing[1]), float(spacing[2])),
        )

    def turned(self, array: Voxels) -> Voxels:
        """Return a source array [slice, row, column] in canonical orientation (a view)."""
        turned = array.transpose(0, 2, 1) if self.transposed else array
        return turned[tuple(slice(None, None, -1 if back else 1) for back in self.reversed_axes)]

    def slice_of(self, index: int) -> int:
        """Return the canonical number of a source slice, and the source number of a canonical one (it is the same)."""
        return self.shape[0] - 1 - index if self.reversed_axes[0] else index

    def image_back(self, image: Voxels) -> Voxels:
        """Return a canonical image [row, column] as the source has it (a view)."""
        rows, columns = (slice(None, None, -1 if back else 1) for back in self.reversed_axes[1:])
        turned = image[rows, columns]
        return turned.T if self.transposed else turned


@dataclass(frozen=True)
class Crop:
    """A window on the network's grid along one axis: its first pixel and its number of pixels. It may reach outside."""

    start: int
    count: int

    def within(self, size: int) -> slice:
        """Return the part of the window that lies on a grid of so many pixels."""
        return slice(max(self.start, 0), max(min(self.start + self.count, size), 0))

    def cut(self, array: Voxels, axis: int, outside: float) -> Voxels:
        """Return the window of an array along an axis; ``outside`` where it reaches over the edge."""
        size = array.shape[axis]
        index = [slice(None)] * array.ndim
        index[axis] = self.within(size)
        pad = [(0, 0)] * array.ndim
        pad[axis] = (max(-self.start, 0), max(self.start + self.count - size, 0))
        return np.pad(array[tuple(index)], pad, constant_values=outside)


def crop_around(inside: NDArray[np.bool_], multiple: int, margin: int) -> Crop:
    """Return the window around the True part of a line, with a margin, its size a multiple; the whole line if none."""
    places = np.flatnonzero(inside)
    low, high = (int(places[0]) - margin, int(places[-1]) + 1 + margin) if places.size else (0, inside.size)
    low, high = max(low, 0), min(high, inside.size)
    count = -(-(high - low) // multiple) * multiple
    return Crop(low - (count - (high - low)) // 2, count)


def resampling_matrix(
    count_out: int, spacing_out: float, start_out: float, count_in: int, spacing_in: float, start_in: float = 0.0
) -> Matrix:
    """Return the matrix [out, in] that takes pixel values of one line to those of another.

    ``start`` is the centre of the first pixel and ``spacing`` the pixel size in mm on a common axis. Towards larger
    pixels each output is the mean over its extent (a larger detector element), towards smaller ones a linear
    interpolation.
    Rows sum to 1 inside the input's extent and to less where an output pixel reaches outside.
    """
    centres_out = (start_out + spacing_out * np.arange(count_out))[:, None]
    centres_in = (start_in + spacing_in * np.arange(count_in))[None, :]
    if spacing_out > spacing_in:
        right = np.minimum(centres_out + spacing_out / 2, centres_in + spacing_in / 2)
        left = np.maximum(centres_out - spacing_out / 2, centres_in - spacing_in / 2)
        return np.asarray(np.clip(right - left, 0, None) / spacing_out, dtype=np.float32)
    first, last = float(centres_in[0, 0]), float(centres_in[0, -1])
    reach = spacing_in / 2 + 1e-6 * spacing_in
    clamped = np.clip(centres_out, first, last)
    weights = np.clip(1 - np.abs(clamped - centres_in) / spacing_in, 0, None)
    weights[((centres_out < first - reach) | (centres_out > last + reach))[:, 0]] = 0
    return np.asarray(weights, dtype=np.float32)
