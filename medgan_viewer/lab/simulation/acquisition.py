"""What scanners do to a picture: CT noise, beam hardening, couch and window; MR noise, bias field and blur.

Pictures are `[batch, slice, row, column]` float32 on any device, CT in HU; random numbers come from a `Numbers` of the
same batch and device, so that each head is acquired as it would be alone.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation.numbers import Numbers

AIR_HU = -1000.0
MR_NOISE, LOW_FIELD_NOISE = (0.003, 15.0), (0.008, 12.0)
"""Least σ of an MR's noise as a share of its brightest signal, and how many times as much it may be."""
_COARSE_MM = 3.75
"""Pixel of the coarse projections that beam hardening is computed with."""
_ANGLES = 36


def acquire_ct(ct: Tensor, pixel_mm: float, numbers: Numbers, error: Tensor | None = None) -> Tensor:
    """Return CTs as scanners might give them from clean ones: kernel, beam hardening, noise, head rest, clipping.

    A further `error` of the reconstruction in HU goes through the same kernel.
    """
    strength = _sometimes(0.8, numbers) * numbers.log_uniform(4.0, 40.0)
    grain = _sometimes(0.6, numbers) * numbers.uniform(0.0, 1.5)
    result = ct + beam_hardening(ct, pixel_mm, strength, grain, numbers)
    if error is not None:
        result = result + error
    result = blur_planes(result, numbers.uniform(0.1, 0.8))
    edges = _sometimes(0.3, numbers) * numbers.uniform(0.1, 0.5)  # an edge-enhancing reconstruction kernel
    result = result + _broad(edges) * (result - blur_planes(result, torch.ones_like(edges)))
    result = result + _ct_noise(ct.shape[1:], numbers)
    result = _with_head_rest(result, ct, pixel_mm, numbers)
    result = result + _broad(1.5 * numbers.normal())
    # Some archives keep only what a display window showed.
    clipped = _sometimes(0.25, numbers)
    low = torch.where(clipped > 0, numbers.choice([-1024.0, -200.0], [0.5, 0.5]), -1024.0)
    high = torch.where(clipped > 0, numbers.uniform(100.0, 1500.0), 3071.0)
    return result.clamp(_broad(low), _broad(high))


def acquire_mr(
    signal: Tensor, spacing: Sequence[float], numbers: Numbers, noise: tuple[float, float] = MR_NOISE
) -> Tensor:
    """Return MR pictures as scanners might: blur, bias field, Rician noise (Gudbjartsson and Patz 1995).

    `spacing` in mm, that of a typical one where the batch's differ between slices. `noise` as in `MR_NOISE`.
    """
    result = blur_planes(signal, numbers.uniform(0.0, 0.8), numbers.uniform(0.0, 0.8))
    field = smooth_fields(signal.shape[1:], spacing, 90.0, numbers)
    result = result * torch.exp(_broad(numbers.uniform(0.0, 0.25)) * field)
    sigma = bright(result) * noise[0] * noise[1] ** numbers.uniform()
    return rician(result, sigma, numbers)


def rician(signal: Tensor, sigma: Tensor, numbers: Numbers) -> Tensor:
    """Return the magnitude of signal and complex Gaussian noise of `sigma` `[batch]` in each channel.

    Gudbjartsson and Patz 1995, doi:10.1002/mrm.1910340618.
    """
    real = numbers.normal(signal.shape[1:]) * _broad(sigma)
    imaginary = numbers.normal(signal.shape[1:]) * _broad(sigma)
    return torch.hypot(signal + real, imaginary)


def bright(pictures: Tensor) -> Tensor:
    """Return each sample's 99.5th percentile, `[batch]`, from about 4,000 of its pixels."""
    flat = pictures.flatten(1)
    return torch.quantile(flat[:, :: max(1, flat.shape[1] // 4_000)], 0.995, dim=1)


def smooth_fields(shape: Sequence[int], spacing: Sequence[float], scale_mm: float, numbers: Numbers) -> Tensor:
    """Return Gaussian noise of about unit variance that varies over `scale_mm`, `[batch, *shape]`.

    Coarse white noise is enlarged with linear interpolation; `spacing` is the voxel's size in mm.
    """
    coarse = [max(2, round(n * s / scale_mm) + 1) for n, s in zip(shape, spacing, strict=True)]
    noise = numbers.normal(coarse)
    # Axis by axis as products of small matrices: on a CPU much faster than torch's own interpolation.
    planes, rows, columns = (_enlarging(n, m, noise.device) for n, m in zip(shape, coarse, strict=True))
    field = rows @ (torch.einsum("sp,bpij->bsij", planes, noise) @ columns.T)
    return field * 1.6  # linear interpolation keeps about (2/3)^(3/2) of the standard deviation


def _enlarging(count: int, coarse: int, device: torch.device) -> Tensor:
    """Return `[count, coarse]` weights that interpolate a line linearly, first on first and last on last place."""
    place = torch.linspace(0, coarse - 1, count, device=device) if count > 1 else torch.zeros(1, device=device)
    return (1 - (place[:, None] - torch.arange(coarse, device=device)).abs()).clamp_min(0)


def blur_planes(pictures: Tensor, rows: Tensor, columns: Tensor | None = None) -> Tensor:
    """Blur in plane with a Gaussian of σ `rows` and `columns` pixels `[batch]` (at most 1), repeating the edge."""
    for axis, sigma in ((-2, rows), (-1, rows if columns is None else columns)):
        weights = _kernel(sigma)
        length = pictures.shape[axis]
        pad = (0, 0, 2, 2) if axis == -2 else (2, 2, 0, 0)
        padded = functional.pad(pictures, pad, mode="replicate")
        result = padded.narrow(axis, 0, length) * _broad(weights[:, 0])
        for offset in range(1, weights.shape[1]):
            result.addcmul_(padded.narrow(axis, offset, length), _broad(weights[:, offset]))
        pictures = result
    return pictures


def beam_hardening(ct: Tensor, pixel_mm: float, strength: Tensor, grain: Tensor, numbers: Numbers) -> Tensor:
    """Return the error of a water-corrected reconstruction through bone: cupping and dark streaks.

    After water correction the projection error is to first order −k·b², b the path length through bone (Joseph and
    Spital 1978, doi:10.1097/00004728-197801000-00017); it is filtered and projected back at a third of the resolution.
    Photon noise that grows along dense paths is added to the same projections: it gives the streaks their grain.
    `strength` and `grain` `[batch]`.
    """
    batch, slices, height, width = ct.shape
    step = max(1, round(_COARSE_MM / pixel_mm))
    dense = functional.avg_pool2d((ct - 150.0).clamp(0, 2000) / 1000.0, step, ceil_mode=True, count_include_pad=False)
    rows, columns = dense.shape[-2:]
    size = max(rows, columns)
    padded = functional.pad(dense, (0, size - columns, 0, size - rows)).flatten(0, 1)
    turns = _turns(size, ct.device)
    views = functional.grid_sample(padded.expand(_ANGLES, -1, -1, -1), turns, align_corners=False)
    path = views.sum(dim=2).view(_ANGLES, batch, slices, size) * (step * pixel_mm / 10)
    noise = numbers.normal((slices, _ANGLES, size)).permute(2, 0, 1, 3)
    strength, grain = (values.view(1, -1, 1, 1) for values in (strength, grain))
    error = -strength * path**2 + grain * noise * torch.exp(0.25 * path) * 8
    ramp = torch.fft.rfftfreq(2 * size, device=ct.device) * 2
    filtered = torch.fft.irfft(torch.fft.rfft(error, n=2 * size) * ramp, n=2 * size)[..., :size]
    back = filtered.flatten(1, 2)[:, :, None].expand(-1, -1, size, -1)
    total = functional.grid_sample(back, turns.flip(0), align_corners=False).mean(dim=0)
    total = total.view(batch, slices, size, size)[..., :rows, :columns]
    fine = functional.interpolate(total, size=(rows * step, columns * step), mode="bilinear", align_corners=False)
    return fine[..., :height, :width]


def _turns(size: int, device: torch.device) -> Tensor:
    """Return sampling grids `[angle, size, size, 2]` of turns from −π/2 to π/2; reversed they turn back."""
    angle = (torch.arange(_ANGLES, device=device) + 0.5) * (math.pi / _ANGLES) - math.pi / 2
    cosine, sine, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    theta = torch.stack([torch.stack([cosine, -sine, zero], 1), torch.stack([sine, cosine, zero], 1)], 1)
    return functional.affine_grid(theta, [_ANGLES, 1, size, size], align_corners=False)


def _ct_noise(shape: Sequence[int], numbers: Numbers) -> Tensor:
    """Return correlated noise of σ 1–12 HU that grows towards the middle of the field of view."""
    sigma = numbers.log_uniform(1.0, 12.0)
    width = numbers.uniform(0.3, 0.8)
    # Blurring by weights w along an axis leaves Σ w² of the variance.
    left = _kernel(width).square().sum(dim=1)
    noise = blur_planes(numbers.normal(shape), width) * _broad(sigma / left)
    rows = torch.linspace(-1, 1, shape[1], device=noise.device)[:, None]
    columns = torch.linspace(-1, 1, shape[2], device=noise.device)
    return noise * (1.2 - 0.5 * (rows**2 + columns**2)).clamp(0.5)


def _with_head_rest(result: Tensor, ct: Tensor, pixel_mm: float, numbers: Numbers) -> Tensor:
    """Return `result` with a thin curved head rest behind the head (in three of five), never over the head itself."""
    rows = torch.arange(ct.shape[2], device=ct.device, dtype=torch.float32)[:, None] * pixel_mm
    columns = torch.arange(ct.shape[3], device=ct.device, dtype=torch.float32) * pixel_mm
    head = (ct > -500).any(dim=1)
    posterior = (rows[:, 0] * head.any(dim=2)).amax(dim=1)
    across = head.any(dim=1).float()
    middle = (columns * across).sum(dim=1) / across.sum(dim=1).clamp_min(1)
    radius = numbers.uniform(85, 130)
    bottom = posterior + numbers.uniform(1, 12)
    centre = (bottom - radius).view(-1, 1, 1)
    distance = torch.hypot(rows - centre, columns - middle.view(-1, 1, 1))
    radius, bottom = radius.view(-1, 1, 1), bottom.view(-1, 1, 1)
    width, height = numbers.uniform(0.8, 3.0, (1, 1)), numbers.uniform(15, 70, (1, 1))
    shell = ((distance - radius).abs() < width) & (rows > bottom - height)
    pad = (distance < radius) & (rows > bottom - 60)
    air = (ct < -700) & (_broad(_sometimes(0.6, numbers)) > 0)
    result = result + _broad(numbers.uniform(0, 60)) * (air & pad[:, None])
    return torch.where(air & shell[:, None], _broad(numbers.uniform(-800, 100)), result)


def _kernel(sigma: Tensor) -> Tensor:
    """Return Gaussian weights of five pixels, `[batch, 5]`, for σ `[batch]` of up to 1; for σ = 0 the identity."""
    offsets = torch.arange(-2, 3, device=sigma.device, dtype=torch.float32)
    weights = torch.exp(-0.5 * (offsets / sigma.clamp_min(0.05)[:, None]) ** 2)
    return weights / weights.sum(dim=1, keepdim=True)


def _sometimes(share: float, numbers: Numbers) -> Tensor:
    """Return 1 for about `share` of the batch and 0 for the others, `[batch]`."""
    return (numbers.uniform() < share).float()


def _broad(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)
