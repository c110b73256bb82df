"""Thick slices on a grid of thinner ones: cubic B-splines through the slices, the plane of each slice as it is.

Nothing is gained by it but the grid: what lies between two slices is a smooth guess, which a network may then improve.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Vector, Volume, Voxels

__all__ = ["parts_of", "refined", "refined_affine", "refined_grid", "spline_matrix"]

_DEGREE = 3


def spline_matrix(count: int, places: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the matrix `[place, slice]` of the interpolating B-spline through `count` slices at index 0, 1, ….

    Cubic, of a lower degree where there are fewer than four slices; past the ends the last slice is repeated.
    """
    from scipy.interpolate import make_interp_spline

    inside = np.clip(np.asarray(places, np.float64), 0, count - 1)
    degree = min(_DEGREE, count - 1)
    if degree == 0:
        return np.ones((len(inside), 1), np.float32)
    spline = make_interp_spline(np.arange(count), np.eye(count), k=degree)
    return np.asarray(spline(inside), np.float32)


def parts_of(affine: Vector, thinnest_mm: float) -> int:
    """Return into how many slices each is divided to be as near to `thinnest_mm` apart as can be, 1 or more.

    1 where nothing is to be divided (`thinnest_mm` 0).
    """
    slice_mm = float(np.linalg.norm(np.asarray(affine)[:3, 0]))
    return max(1, round(slice_mm / thinnest_mm)) if thinnest_mm > 0 else 1


def refined(array: Voxels, parts: int) -> NDArray[np.float32]:
    """Return `[slice, row, column]` with each slice divided into `parts`: their middles lie within the old one."""
    count = array.shape[0]
    matrix = spline_matrix(count, _places(count, parts))
    flat = np.asarray(array, np.float32).reshape(count, -1)
    return (matrix @ flat).reshape(count * parts, *array.shape[1:])


def refined_affine(affine: Vector, parts: int) -> Vector:
    """Return the affine of the divided slices."""
    finer = np.array(affine, dtype=np.float64)
    finer[:3, 3] += finer[:3, 0] * float(_places(1, parts)[0])
    finer[:3, 0] /= parts
    return finer


def refined_grid(volume: Volume, parts: int) -> Volume:
    """Return the grid of the divided slices; its voxels are nothing yet, and take no memory. As it is for one part."""
    if parts == 1:
        return volume
    slices, rows, columns = volume.shape
    nothing = np.broadcast_to(np.zeros((), volume.array.dtype), (slices * parts, rows, columns))
    return replace(volume, array=nothing, affine=refined_affine(volume.affine, parts), resampled=True)


def _places(count: int, parts: int) -> NDArray[np.float64]:
    """Return where the middles of the divided slices lie among the old ones."""
    return (np.arange(count * parts) + 0.5) / parts - 0.5
