"""Smooth random fields, blurring and resampling on voxel grids, with an explicit generator.

Arrays are `[slice, row, column]`; a leading channel axis where stated. Work is done by torch on the CPU because its
resampling is several times faster than scipy's.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Shape = tuple[int, int, int]


def smooth_noise(shape: Sequence[int], spacing: Sequence[float], scale_mm: float, rng: np.random.Generator) -> Tensor:
    """Return Gaussian noise of about unit variance that varies over `scale_mm`, `[slice, row, column]`.

    Coarse white noise is enlarged with linear interpolation; `spacing` is the voxel's size in mm.
    """
    coarse = [max(2, round(n * s / scale_mm) + 1) for n, s in zip(shape, spacing, strict=True)]
    noise = torch.from_numpy(rng.standard_normal(coarse, dtype=np.float32))[None, None]
    field = torch.nn.functional.interpolate(noise, size=list(shape), mode="trilinear", align_corners=True)[0, 0]
    return field * 1.6  # linear interpolation keeps about (2/3)^(3/2) of the standard deviation


def blur(volume: Tensor, sigma_voxels: Sequence[float]) -> Tensor:
    """Blur the last three axes with a Gaussian of `sigma_voxels` per axis, repeating the edge."""
    for axis, sigma in zip((-3, -2, -1), sigma_voxels, strict=True):
        if sigma > 0.05:
            volume = _blur_axis(volume, axis, sigma)
    return volume


def coarse_blur(volume: Tensor, sigma_voxels: Sequence[float]) -> Tensor:
    """Blur `[slice, row, column]` like `blur` but at half resolution: eight times cheaper, for σ of 3 and more."""
    small = torch.nn.functional.avg_pool3d(volume[None, None], 2, ceil_mode=True, count_include_pad=False)
    small = blur(small, [sigma / 2 for sigma in sigma_voxels])
    size = [n * 2 for n in small.shape[2:]]
    large = torch.nn.functional.interpolate(small, size=size, mode="trilinear", align_corners=False)[0, 0]
    return large[: volume.shape[0], : volume.shape[1], : volume.shape[2]]


def _blur_axis(volume: Tensor, axis: int, sigma: float) -> Tensor:
    radius = max(1, round(2.5 * sigma))
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32)
    weights = torch.exp(-0.5 * (offsets / sigma) ** 2)
    weights = weights / weights.sum()
    length = volume.shape[axis]
    first, last = volume.narrow(axis, 0, 1), volume.narrow(axis, length - 1, 1)
    repeats = [1] * volume.ndim
    repeats[axis] = radius
    padded = torch.cat([first.repeat(repeats), volume, last.repeat(repeats)], dim=axis)
    result = torch.zeros_like(volume)
    for k, weight in enumerate(weights.tolist()):
        result.add_(padded.narrow(axis, k, length), alpha=weight)
    return result


def displacement(shape: Shape, spacing: Sequence[float], amplitude_mm: float, rng: np.random.Generator) -> Tensor:
    """Return a smooth displacement in mm, `[3, slice, row, column]`, of about `amplitude_mm` over 35 mm."""
    fields = [smooth_noise(shape, spacing, 35.0, rng) for _ in range(3)]
    return torch.stack(fields) * (amplitude_mm / 1.6)


def random_affine(rng: np.random.Generator, strength: float) -> NDArray[np.float64]:
    """Return a 3×3 matrix (slice, row, column axes): pitch up to ±20°, roll and yaw ±8°, zoom 0.9–1.1, some shear."""
    pitch, yaw, roll = np.deg2rad(rng.uniform(-1, 1, 3) * np.array([20.0, 8.0, 8.0])) * strength
    matrix = np.eye(3)
    for first, second, angle in ((0, 1, pitch), (0, 2, yaw), (1, 2, roll)):
        turn = np.eye(3)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    zoom = np.diag(1 + strength * rng.uniform(-0.1, 0.1, 3))
    shear = np.eye(3) + np.triu(rng.uniform(-0.04, 0.04, (3, 3)), 1) * strength
    product: NDArray[np.float64] = matrix @ zoom @ shear
    return product


def sample(volume: Tensor, points: Tensor, mode: str = "bilinear", outside: float = 0.0) -> Tensor:
    """Sample `volume` `[channel, slice, row, column]` at `points` `[slice, row, column, 3]` (index coordinates)."""
    sizes = torch.tensor(volume.shape[1:], dtype=torch.float32)
    normalised = (points / (sizes - 1) * 2 - 1).flip(-1)[None]
    values = torch.nn.functional.grid_sample(
        (volume - outside)[None], normalised, mode=mode, padding_mode="zeros", align_corners=True
    )
    return values[0] + outside


def slab_weights(fine_count: int, fine_mm: float, spacing_mm: float, thickness_mm: float, start_mm: float) -> Tensor:
    """Return `[slices, fine_count]` weights, rows summing to 1, that average fine slices over thick slabs."""
    extent = (fine_count - 1) * fine_mm
    centres = torch.arange(start_mm, extent - thickness_mm / 2 + 1e-3, spacing_mm, dtype=torch.float32)
    positions = torch.arange(fine_count, dtype=torch.float32) * fine_mm
    distance = (positions[None] - centres[:, None]).abs()
    # A trapezoid one fine slice wide at its edges: the slab's exact share of each fine slice.
    weights = ((thickness_mm / 2 - distance) / fine_mm + 0.5).clamp(0, 1)
    return weights / weights.sum(dim=1, keepdim=True)
