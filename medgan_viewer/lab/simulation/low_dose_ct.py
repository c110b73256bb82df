"""Low-dose CT from normal CT: forward projection, photon noise in the projections, filtered back-projection.

Parallel beam, batches `[batch, 1, size, size]` of square slices on any device, in HU, with the patient inside the
picture's inscribed circle (a scanner's field of view). What comes out has the streaks and the grain of few photons,
which noise added to the picture has not. It is a simulation all the same: no scatter, no beam hardening, no detector
blur, one monochromatic energy, and the noise of the normal-dose input stays in it.

Units: attenuation in 1/mm at 60 keV (about the mean energy of a 120 kV beam), that of water 0.0206/mm (NIST XCOM,
mass attenuation 0.2059 cm²/g). Photon counts are Poisson with I0 unattenuated photons in each ray, electronic noise is
Gaussian with a spread of `ELECTRONIC` photons (Zeng et al. 2015, doi:10.1109/TNS.2015.2467219; I0 5e3 to 2e5 spans
a few per cent to about full dose).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation.numbers import Numbers

WATER = 0.0206
"""Attenuation of water at 60 keV in 1/mm."""
AIR_HU = -1000.0
ELECTRONIC = 10.0
PHOTONS = (5e3, 2e5)
_MOST_VALUES = 2**24
"""How many numbers a step of the projection may hold at once (64 MB)."""


def low_dose(ct: Tensor, pixel_mm: float, photons: Tensor, numbers: Numbers, angles: int = 360) -> Tensor:
    """Return CTs `[batch, 1, size, size]` in HU as a scan with `photons` `[batch]` in each ray would show them.

    The noise alone is reconstructed and added to the input, so that nothing else of the picture changes. One CT
    `[1, 1, size, size]` is projected once for all of its scans.
    """
    clean = project(attenuation(ct), pixel_mm, angles)
    noisy = with_photon_noise(clean, photons, numbers)
    error = back_project(noisy - clean, pixel_mm, ct.shape[-1])
    return ct + error * (1000.0 / WATER)


def random_photons(numbers: Numbers) -> Tensor:
    """Return I0 for each of a batch, log-uniform over `PHOTONS`."""
    return numbers.log_uniform(*PHOTONS)


def attenuation(hounsfield: Tensor) -> Tensor:
    """Return linear attenuation in 1/mm; nothing attenuates less than air."""
    return (WATER * (1 + hounsfield / 1000)).clamp_min(0)


def project(picture: Tensor, pixel_mm: float, angles: int) -> Tensor:
    """Return line integrals `[batch, angle, size]` of `[batch, 1, size, size]` over angles of 0 to π (Radon).

    Detector elements are a pixel wide; angle 0 sums over rows. What lies outside the picture counts as nothing.
    """
    parts = []
    size = picture.shape[-1]
    for grids in torch.split(_turns(size, angles, picture.device), _chunk(picture)):
        turned = functional.grid_sample(
            picture.transpose(0, 1).expand(len(grids), -1, -1, -1), grids, align_corners=False
        )
        parts.append(turned.sum(dim=2))
    return torch.cat(parts).transpose(0, 1) * pixel_mm


def with_photon_noise(projections: Tensor, photons: Tensor, numbers: Numbers) -> Tensor:
    """Return what a detector measures of line integrals with I0 `photons` `[batch]` in each ray.

    Counts are drawn as normal numbers of the Poisson variance plus the electronic one: hardly any ray has so few
    photons that their skewness would show beside the electronic noise. Rays that are starved of photons count one.
    """
    photons = photons.view(-1, 1, 1)
    expected = photons * torch.exp(-projections)
    spread = (expected + ELECTRONIC**2).sqrt()
    counts = (expected + spread * numbers.normal(projections.shape[1:])).clamp_min(1.0)
    return -torch.log(counts / photons)


def back_project(projections: Tensor, pixel_mm: float, size: int) -> Tensor:
    """Return the picture `[batch, 1, size, size]` of line integrals `[batch, angle, size]`, filtered back-projection.

    The ramp filter is sampled in space (Kak and Slaney 1988, Principles of Computerized Tomographic Imaging, equation
    3.61), so that the mean is right.
    """
    # One element of air on either side: what lies beyond the detector counts as nothing.
    filtered = functional.pad(_ramp_filtered(projections, pixel_mm), (1, 1))
    batch, angles, elements = filtered.shape
    line = torch.arange(size, device=filtered.device) - (size - 1) / 2
    total = torch.zeros(batch, size * size, device=filtered.device)
    for angle in range(angles):
        turn = angle * math.pi / angles
        place = (line[None] * math.cos(turn) + line[:, None] * math.sin(turn) + (elements - 1) / 2).flatten()
        below = place.floor()
        first = below.long()
        view = filtered[:, angle]
        near, far = (view.index_select(1, (first + step).clamp_(0, elements - 1)) for step in (0, 1))
        total += torch.lerp(near, far, place - below)
    return (total * (math.pi / angles)).view(batch, 1, size, size)


def _ramp_filtered(projections: Tensor, pixel_mm: float) -> Tensor:
    size = projections.shape[-1]
    length = 2 ** math.ceil(math.log2(2 * size))
    place = torch.arange(length, device=projections.device)
    distance = torch.minimum(place, length - place)
    kernel = torch.where(distance % 2 == 1, -1 / (math.pi * distance.clamp_min(1) * pixel_mm) ** 2, 0.0)
    kernel[0] = 1 / (4 * pixel_mm**2)
    response = torch.fft.rfft(kernel).real * pixel_mm
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(projections, n=length) * response, n=length)
    return filtered[..., :size]


def _turns(size: int, angles: int, device: torch.device) -> Tensor:
    """Return sampling grids `[angle, size, size, 2]` that turn a picture by the angles."""
    angle = torch.arange(angles, device=device) * (math.pi / angles)
    cosine, sine, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    theta = torch.stack([torch.stack([cosine, -sine, zero], 1), torch.stack([sine, cosine, zero], 1)], 1)
    return functional.affine_grid(theta, [angles, 1, size, size], align_corners=False)


def _chunk(picture: Tensor) -> int:
    return max(1, _MOST_VALUES // picture.numel())
