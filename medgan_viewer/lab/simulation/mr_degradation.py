"""Worse MR from good MR: noise, undersampled k-space, thick slices. Batches `[batch, slice, row, column]`, any device.

Simulating from magnitude pictures is optimistic: a real acquisition has phase, several coils and motion, and what the
scanner has already filtered and interpolated cannot be undone. So a model that undoes these degradations does less on
real scans than it does here.
"""

import math

import torch
from torch import Tensor

from medgan_viewer.lab.simulation.acquisition import rician
from medgan_viewer.lab.simulation.numbers import Numbers

ACCELERATIONS = (2.0, 8.0)
_CENTRE_SHARE = 0.32
"""Share of the kept lines that lie together in the middle of k-space, as in fastMRI (Zbontar et al. 2018,
arXiv:1811.08839: 8 % of all lines at R = 4, 4 % at R = 8)."""


def add_noise(pictures: Tensor, sigma: Tensor, numbers: Numbers) -> Tensor:
    """Return magnitude pictures with Rician noise of `sigma` `[batch]`, in the pictures' unit."""
    return rician(pictures, sigma, numbers)


def undersampling_mask(rows: int, acceleration: Tensor, numbers: Numbers) -> Tensor:
    """Return which phase-encoding lines are kept, `[batch, rows]` bool, zero frequency at `rows // 2`.

    Of each sample exactly round(rows / `acceleration` `[batch]`) lines are kept: the middle ones, and random others.
    """
    kept = (rows / acceleration).round().clamp(1, rows)
    middle = (kept * _CENTRE_SHARE).round().clamp_min(1)
    line = torch.arange(rows, device=numbers.device)
    distance = (line - rows // 2).abs() * 2 + (line > rows // 2)
    # The lowest numbers are kept: first the middle lines, then those that chance puts in front.
    score = torch.where(distance.argsort().argsort() < middle[:, None], -1.0, numbers.uniform(shape=(rows,)))
    return score.argsort(dim=1).argsort(dim=1) < kept[:, None]


def undersample(pictures: Tensor, mask: Tensor) -> Tensor:
    """Return the magnitude of pictures of which only the k-space lines of `mask` `[batch, row]` were measured.

    The rows are the phase-encoding direction; lines that were not measured are zero (Cartesian, one coil).
    """
    shifted = torch.fft.fftshift(torch.fft.fft2(pictures), dim=-2) * mask[:, None, :, None]
    magnitude: Tensor = torch.fft.ifft2(torch.fft.ifftshift(shifted, dim=-2)).abs()
    return magnitude


def lower_resolution(pictures: Tensor, share: Tensor) -> Tensor:
    """Return pictures of the same size of whose k-space only the middle `share` `[batch]` (0–1) was measured."""
    rows, columns = (torch.fft.fftfreq(size, device=pictures.device).abs() for size in pictures.shape[-2:])
    half = share.view(-1, 1, 1, 1) / 2
    kept = (rows[:, None] <= half) & (columns[None] <= half)
    magnitude: Tensor = torch.fft.ifft2(torch.fft.fft2(pictures) * kept).abs()
    return magnitude


def thick_slices(pictures: Tensor, slice_mm: float, thickness_mm: float, spacing_mm: float) -> Tensor:
    """Return slices of `thickness_mm` every `spacing_mm`, by averaging thin ones of `slice_mm` (a box profile).

    The first slab begins with the first thin slice; slabs that reach past the last one are left out. Raises ValueError
    when not even one fits.
    """
    weights = slab_weights(pictures.shape[1], slice_mm, thickness_mm, spacing_mm).to(pictures.device)
    return torch.einsum("tn,bnhw->bthw", weights, pictures)


def slab_weights(count: int, slice_mm: float, thickness_mm: float, spacing_mm: float, start_mm: float = 0.0) -> Tensor:
    """Return `[slab, thin slice]`: how much of each of `count` thin slices is in each slab that lies wholly in them.

    The first slab begins `start_mm` behind the beginning of the first thin slice. Raises ValueError when none fits.
    """
    extent = count * slice_mm - start_mm
    slabs = math.floor((extent - thickness_mm) / spacing_mm + 1e-6) + 1 if extent >= thickness_mm - 1e-6 else 0
    if slabs < 1:
        raise ValueError(f"No slice of {thickness_mm} mm fits into {extent} mm.")
    low = torch.arange(slabs)[:, None] * spacing_mm + start_mm
    edges = torch.arange(count) * slice_mm
    overlap = (torch.minimum(low + thickness_mm, edges + slice_mm) - torch.maximum(low, edges)).clamp_min(0)
    weights: Tensor = overlap / overlap.sum(dim=1, keepdim=True)
    return weights
