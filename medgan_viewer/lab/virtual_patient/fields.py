"""Random fields and interpolation on regular grids, in numpy and scipy (the viewer's process has no torch)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["band_noise", "box_around", "doubled", "exponential", "grid_points", "read_at", "smooth_noise"]

Floats = NDArray[np.float32]


def band_noise(shape: Sequence[int], spacing: Sequence[float], wavelength: float, rng: np.random.Generator) -> Floats:
    """Return noise of unit variance whose waves are all about ``wavelength`` mm long: its zero set is a labyrinth."""
    from scipy.fft import irfftn, rfftfreq, rfftn

    spectrum = rfftn(rng.standard_normal(tuple(shape), dtype=np.float32))
    axes = [np.fft.fftfreq(n, d).astype(np.float32) for n, d in zip(shape[:-1], spacing[:-1], strict=True)]
    axes.append(rfftfreq(shape[-1], spacing[-1]).astype(np.float32))
    squares = np.meshgrid(*[a**2 for a in axes], indexing="ij", sparse=True)
    cycles = np.sqrt(sum(squares)) * wavelength
    spectrum *= np.exp(-0.5 * ((cycles - 1) / 0.18) ** 2)
    noise: Floats = irfftn(spectrum, s=tuple(shape)).astype(np.float32)
    noise /= noise.std()
    return noise


def smooth_noise(shape: Sequence[int], spacing: Sequence[float], scale: float, rng: np.random.Generator) -> Floats:
    """Return noise of about unit variance that varies over ``scale`` mm: coarse white noise, enlarged."""
    coarse = [int(np.ceil((n - 1) * d / scale)) + 2 for n, d in zip(shape, spacing, strict=True)]
    noise = rng.standard_normal(coarse, dtype=np.float32)
    for axis, (count, step) in enumerate(zip(shape, spacing, strict=True)):
        place = np.arange(count) * step / scale
        low = place.astype(int)
        part = (place - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(len(shape))])
        noise = noise.take(low, axis=axis) * (1 - part) + noise.take(low + 1, axis=axis) * part
    scaled: Floats = noise / np.float32(noise.std())
    return scaled


def grid_points(start: Sequence[float], spacing: float, shape: Sequence[int]) -> Floats:
    """Return the points of a grid in mm as ``[3, slice, row, column]``."""
    axes = [
        np.arange(n, dtype=np.float32) * np.float32(spacing) + np.float32(s) for s, n in zip(start, shape, strict=True)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"))


def read_at(values: NDArray[np.generic], points: Floats, start: Sequence[float], spacing: float) -> Floats:
    """Return ``values [slice, row, column]`` of a grid at ``points [3, …]`` in mm, by linear interpolation."""
    from scipy.ndimage import map_coordinates

    shape = (3,) + (1,) * (points.ndim - 1)
    places = (points - np.reshape(np.asarray(start, np.float32), shape)) / np.float32(spacing)
    read: Floats = map_coordinates(values, places, output=np.float32, order=1, mode="nearest")
    return read


def exponential(velocity: Floats, start: Sequence[float], spacing: float, steps: int = 5) -> Floats:
    """Return the displacement in mm, ``[3, slice, row, column]``, of exp(``velocity``) by scaling and squaring."""
    points = grid_points(start, spacing, velocity.shape[1:])
    moved: Floats = velocity / np.float32(2**steps)
    for _ in range(steps):
        moved = moved + np.stack([read_at(part, points + moved, start, spacing) for part in moved])
    return moved


def doubled(values: NDArray[np.generic]) -> Floats:
    """Return ``values`` at half the spacing, by linear interpolation; n points become 2n − 1 on each axis."""
    fine = values.astype(np.float32)
    for axis in range(fine.ndim):
        fine = np.moveaxis(fine, axis, 0)
        wider = np.empty((2 * len(fine) - 1, *fine.shape[1:]), np.float32)
        wider[::2] = fine
        wider[1::2] = (fine[1:] + fine[:-1]) / 2
        fine = np.moveaxis(wider, 0, axis)
    return fine


def box_around(mask: NDArray[np.bool_], margin: int) -> tuple[slice, ...]:
    """Return the smallest box of voxels that holds ``mask``, ``margin`` voxels wider on each side within the grid."""
    sides = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    return tuple(slice(max(int(s[0]) - margin, 0), int(s[-1]) + margin + 1) for s in sides)
