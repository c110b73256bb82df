"""A batch of pictures as other scanners, protocols and archives might have given them."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation.numbers import Numbers

__all__ = ["varied"]

_ROWS_A_SLICE = 3
_PERCENTILES = (0.005, 0.995)


def varied(
    pictures: Tensor, windowed: Tensor, thick: Tensor, numbers: Numbers, size: int, upside_down: float = 0.25
) -> tuple[Tensor, Tensor]:
    """Return pictures of `size` pixels, and which of them (about a share `upside_down`) are upside down now, 0 or 1.

    `pictures` are `[batch, 1, H, W]` of 0…1; `windowed` (CT) may be cut to a narrow display window, `thick` (sagittal
    and coronal ones) may be put together from a few thick axial slices, `[batch]` bool.
    """
    turned = (numbers.uniform() < upside_down).float()
    made = _moved(_reformatted(pictures, thick, numbers), turned, numbers, size)
    made = _windowed(made, windowed, numbers)
    # Shading, contrast and noise, as coils, sequences and displays differ.
    shade = functional.interpolate(numbers.normal((1, 3, 3)), size=made.shape[2:], mode="bicubic", align_corners=True)
    made = made * torch.exp(0.3 * _broad(_sometimes(0.4, numbers) * numbers.uniform()) * shade)
    made = made.clamp(0, 1.5) ** _broad(torch.exp(0.22 * numbers.normal()))
    blurred = functional.avg_pool2d(made, 3, stride=1, padding=1, count_include_pad=False)
    made = made + _broad(_sometimes(0.4, numbers) * numbers.uniform()) * (blurred - made)
    noise = _broad(_sometimes(0.6, numbers) * 0.1 * numbers.uniform() ** 2) * numbers.normal(made.shape[1:])
    return _scaled((made + noise).abs()), turned


def _moved(pictures: Tensor, turned: Tensor, numbers: Numbers, size: int) -> Tensor:
    """Turn, stretch, enlarge and shift; mirror half; `turned` ones come upside down."""
    angle = numbers.uniform(-0.25, 0.25)
    zoom, aspect = numbers.log_uniform(0.7, 1.45), numbers.log_uniform(0.92, 1.09)
    mirror = 1 - 2 * _sometimes(0.5, numbers)
    flip = 1 - 2 * turned
    cosine, sine = angle.cos() * zoom, angle.sin() * zoom
    theta = torch.stack(
        [
            torch.stack([cosine * aspect * mirror, -sine * flip, 0.25 * (numbers.uniform() - 0.5)], dim=1),
            torch.stack([sine * aspect * mirror, cosine * flip, 0.25 * (numbers.uniform() - 0.5)], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(theta, [len(pictures), 1, size, size], align_corners=False)
    return functional.grid_sample(pictures, grid, align_corners=False)


def _reformatted(pictures: Tensor, thick: Tensor, numbers: Numbers) -> Tensor:
    """Let some pictures be cut out of a stack of few thick slices: rows in steps, none above or below the stack."""
    rows = pictures.shape[2]
    coarse = functional.adaptive_avg_pool2d(pictures, (rows // _ROWS_A_SLICE, pictures.shape[3]))
    stepped = functional.interpolate(coarse, size=pictures.shape[2:], mode="bilinear", align_corners=False)
    stepped = torch.where(_broad(_sometimes(0.4, numbers)) > 0, stepped, pictures)
    place = torch.linspace(0, 1, rows)[None]
    first = _sometimes(0.35, numbers) * numbers.uniform(0, 0.35)
    last = 1 - _sometimes(0.5, numbers) * numbers.uniform(0, 0.4)
    inside = ((place >= first[:, None]) & (place <= last[:, None])).float()[:, None, :, None]
    return torch.where(_broad(thick.float()) > 0, stepped * inside, pictures)


def _windowed(pictures: Tensor, windowed: Tensor, numbers: Numbers) -> Tensor:
    """Cut the darkest and brightest values off some pictures; of CT, some to a narrow window as displays do."""
    low = _sometimes(0.3, numbers) * numbers.uniform(0, 0.12)
    high = 1 - _sometimes(0.4, numbers) * numbers.uniform(0, 0.4)
    narrow = windowed.float() * _sometimes(0.25, numbers)
    low = torch.where(narrow > 0, numbers.uniform(0.15, 0.42), low)
    high = torch.where(narrow > 0, numbers.uniform(0.5, 0.9), high)
    return ((pictures - _broad(low)) / _broad(high - low)).clamp(0, 1)


def _scaled(pictures: Tensor) -> Tensor:
    """Return pictures between their percentiles as 0…1, as `models.recognition` gives them."""
    flat = pictures.flatten(1).sort(dim=1).values
    low, high = (flat[:, math.floor(share * (flat.shape[1] - 1))] for share in _PERCENTILES)
    return ((pictures - _broad(low)) / _broad((high - low).clamp_min(1e-4))).clamp(0, 1)


def _sometimes(share: float, numbers: Numbers) -> Tensor:
    return (numbers.uniform() < share).float()


def _broad(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)
