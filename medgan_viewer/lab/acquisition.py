"""What scanners do to a picture: CT noise, beam hardening, couch and window; MR noise, bias field and blur.

Pictures are `[slice, row, column]` float32 tensors; CT in HU.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from medgan_viewer.lab.fields import blur, smooth_noise

AIR_HU = -1000.0
_COARSE = 3
"""Pixels per pixel of the coarse projections that beam hardening is computed with."""


def acquire_ct(ct: Tensor, spacing: tuple[float, float, float], rng: np.random.Generator) -> Tensor:
    """Return a CT as a scanner might give it from a clean one: kernel, beam hardening, noise, head rest, clipping."""
    result = ct + _beam_hardening(ct, spacing[1], rng) if rng.random() < 0.7 else ct.clone()
    softness = float(rng.uniform(0.1, 0.8))
    result = blur(result, (0.0, softness, softness))
    if rng.random() < 0.3:  # an edge-enhancing reconstruction kernel
        result = result + float(rng.uniform(0.1, 0.5)) * (result - blur(result, (0.0, 1.0, 1.0)))
    result = result + _ct_noise(ct.shape, rng)
    if rng.random() < 0.6:
        _add_head_rest(result, ct, spacing[1], rng)
    result = result + float(rng.normal(0, 1.5))
    low, high = -1024.0, 3071.0
    if rng.random() < 0.15:  # some archives keep only what a display window showed
        low, high = float(rng.choice([-1024.0, -200.0])), float(rng.uniform(100, 1500))
    return result.clamp(low, high)


def _ct_noise(shape: Sequence[int], rng: np.random.Generator) -> Tensor:
    """Return correlated noise of σ 1–10 HU that grows towards the middle of the field of view."""
    sigma = float(1.0 * 10 ** rng.uniform(0, 1))
    noise = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    width = float(rng.uniform(0.3, 0.8))
    noise = blur(noise, (0.0, width, width))
    noise = noise / noise.std()
    rows = torch.linspace(-1, 1, shape[1])[:, None]
    columns = torch.linspace(-1, 1, shape[2])
    return sigma * noise * (1.2 - 0.5 * (rows**2 + columns**2)).clamp(0.5)


def _beam_hardening(ct: Tensor, pixel_mm: float, rng: np.random.Generator) -> Tensor:
    """Return the error of a water-corrected reconstruction through bone: cupping and dark streaks.

    After water correction the projection error is to first order −k·b², b the path length through bone (Joseph and
    Spital 1978, doi:10.1097/00004728-197801000-00017); it is filtered and projected back at a third of the resolution.
    Photon noise that grows along dense paths is added to the same projections: it gives the streaks their grain.
    """
    dense = torch.nn.functional.avg_pool2d(((ct - 150.0).clamp(0, 2000) / 1000.0)[None], _COARSE)
    size = max(dense.shape[-2:])
    padded = torch.zeros(1, len(ct), size, size)
    padded[..., : dense.shape[2], : dense.shape[3]] = dense
    angles = np.linspace(0, np.pi, 45, endpoint=False)
    ramp = torch.fft.rfftfreq(2 * size) * 2
    strength, grain = float(rng.uniform(2.0, 10.0)), float(rng.uniform(0.0, 1.5))
    total = torch.zeros_like(padded)
    noise = torch.from_numpy(rng.standard_normal((len(angles), len(ct), size), dtype=np.float32))
    for angle, noisy in zip(angles, noise, strict=True):
        path = _rotate(padded, float(angle)).sum(dim=2)[0] * _COARSE * pixel_mm / 10
        error = -strength * path**2 + grain * noisy * torch.exp(0.25 * path) * 8
        filtered = torch.fft.irfft(torch.fft.rfft(error, n=2 * size) * ramp, n=2 * size)[:, :size]
        total += _rotate(filtered[None, :, None, :].expand(-1, -1, size, -1), -float(angle))
    total = total[..., : dense.shape[2], : dense.shape[3]] / len(angles)
    return torch.nn.functional.interpolate(total, size=ct.shape[1:], mode="bilinear", align_corners=False)[0]


def _rotate(pictures: Tensor, angle: float) -> Tensor:
    """Turn square pictures `[1, slice, row, column]` about their middle by `angle` (radians)."""
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    theta = torch.tensor([[[cosine, -sine, 0.0], [sine, cosine, 0.0]]])
    size = [1, 1, *pictures.shape[-2:]]
    grid = torch.nn.functional.affine_grid(theta, size, align_corners=False)
    return torch.nn.functional.grid_sample(pictures, grid, align_corners=False)


def _add_head_rest(result: Tensor, ct: Tensor, pixel_mm: float, rng: np.random.Generator) -> None:
    """Draw a thin curved head rest behind the head into `result`, in place, never over the head itself."""
    rows = torch.arange(ct.shape[1], dtype=torch.float32)[:, None] * pixel_mm
    columns = torch.arange(ct.shape[2], dtype=torch.float32)[None] * pixel_mm
    head = (ct > -500).any(dim=0)
    if not head.any():
        return
    posterior = float(torch.nonzero(head.any(dim=1)).max()) * pixel_mm
    middle = float(torch.nonzero(head.any(dim=0)).float().mean()) * pixel_mm
    radius = float(rng.uniform(85, 130))
    bottom = posterior + float(rng.uniform(1, 12))
    distance = ((rows - (bottom - radius)) ** 2 + (columns - middle) ** 2).sqrt()
    shell = ((distance - radius).abs() < rng.uniform(0.8, 3.0)) & (rows > bottom - rng.uniform(15, 70))
    pad = (distance < radius) & (rows > bottom - 60)
    air = ct < -700
    result[air & pad] += float(rng.uniform(0, 60))
    result[air & shell] = float(rng.uniform(-800, 100))


def acquire_mr(signal: Tensor, spacing: tuple[float, float, float], rng: np.random.Generator) -> Tensor:
    """Return an MR picture as a scanner might give it: blur, bias field, Rician noise (Gudbjartsson and Patz 1995)."""
    result = blur(signal, (0.0, float(rng.uniform(0, 0.8)), float(rng.uniform(0, 0.8))))
    field = smooth_noise(signal.shape, spacing, 90.0, rng)
    result = result * torch.exp(float(rng.uniform(0.0, 0.25)) * field)
    scale = float(torch.quantile(result[:: max(1, len(result) // 20)].flatten()[::7], 0.995))
    sigma = scale * float(0.003 * 15 ** rng.random())
    real = torch.from_numpy(rng.standard_normal(tuple(signal.shape), dtype=np.float32)) * sigma
    imaginary = torch.from_numpy(rng.standard_normal(tuple(signal.shape), dtype=np.float32)) * sigma
    return ((result + real) ** 2 + imaginary**2).sqrt()
