"""Anomalies for healthy slices: what the per-pixel discriminator learns to tell from healthy anatomy.

Each anomaly is a soft shape (a ragged disc, or smooth noise above a level) that makes the slice brighter or darker,
takes a new intensity with its own texture, blurs the anatomy, or brings a patch from elsewhere; some have a core of
another intensity, and some push their surroundings aside. Shapes have *smoothed* edges: with hard ones a network
learns the edge (the winners of the MOOD challenge 2022; Zavrtanik et al., DRAEM, 2021).

Everything is done on a batch at once with torch, on images [B, 1, H, W] in encoded units; random numbers come from a
`Numbers` of the batch, so that no slice depends on the others beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation.numbers import Numbers

LESIONS = 2
"""At most so many anomalies in one slice."""
FLOOR = 0.04
"""Opacity under which a shape is cut off, so that all else stays exactly as it was."""
CERTAIN = 0.35
"""Opacity from which a pixel counts as anomalous; between FLOOR and CERTAIN it counts as neither."""
CLOUDS = 0.15
"""Share of the anomalies that are smooth noise above a level; the others are ragged discs."""
VISIBLE = 0.15
"""Mean change, as a share of the local intensity, under which an anomaly teaches nothing and is ignored."""


@dataclass(frozen=True, slots=True)
class AnomalousBatch:
    """`image` [B, 1, H, W]; `mask` bool: anomalous; `ignored` bool: neither (soft edges, displaced surroundings)."""

    image: Tensor
    mask: Tensor
    ignored: Tensor


def coarse_noise(shape: Sequence[int], cells: int, numbers: Numbers) -> Tensor:
    """White noise on a grid of cells × cells, bilinearly enlarged to [B, C, H, W] (Kascenas et al. 2022)."""
    small = numbers.normal((shape[1], cells, cells))
    return functional.interpolate(small, size=list(shape[2:]), mode="bilinear", align_corners=True)


def add_anomalies(
    image: Tensor, place: Tensor, flair: Tensor, foreign: Tensor, numbers: Numbers, clouds: float = CLOUDS
) -> AnomalousBatch:
    """Add up to LESIONS anomalies to each slice.

    `place` [B, 1, H, W] bool says where an anomaly may lie (the brain, or the inside of the head); `flair` [B] bool:
    in FLAIR most disease is bright, in T1 most is dark; `foreign` [B, 1, H, W] are other slices, from which patches
    are taken. The share `clouds` of the anomalies has the shape of smooth noise above a level. Outside `mask` and
    `ignored` the result equals `image` exactly.
    """
    changed = image.clone()
    mask = torch.zeros_like(image, dtype=torch.bool)
    ignored = torch.zeros_like(mask)
    inside = functional.avg_pool2d(place.float(), 3, stride=1, padding=1)
    for number in range(LESIONS):
        present = _uniform(0, 1, numbers) < (0.85, 0.4)[number]
        present &= place.flatten(1).any(dim=1).view(-1, 1, 1, 1)
        distance = _ragged_distance(place, numbers, clouds)
        softness = _uniform(0.04, 0.22, numbers)
        opacity = _cut(torch.sigmoid((1 - distance) / softness) * inside * present)
        if number == 0:
            changed, pushed = _push_aside(changed, distance, present, numbers)
            ignored |= pushed
        core = _cut(torch.sigmoid((_uniform(0.3, 0.7, numbers) - distance) / softness) * inside)
        touched = _fill(changed, opacity, core, flair, foreign, numbers)
        certain, visible = opacity >= CERTAIN, _is_visible(changed, touched, opacity)
        mask |= certain & visible
        ignored |= (opacity > 0) & ~(certain & visible)
        changed = torch.where(opacity > 0, touched, changed)
    return AnomalousBatch(changed, mask, ignored & ~mask)


def _uniform(low: float, high: float, numbers: Numbers) -> Tensor:
    """One number per slice, [B, 1, 1, 1]."""
    return numbers.uniform(low, high, (1, 1, 1))


def _cut(opacity: Tensor) -> Tensor:
    return torch.where(opacity < FLOOR, torch.zeros_like(opacity), opacity)


def _ragged_distance(place: Tensor, numbers: Numbers, share_of_clouds: float) -> Tensor:
    """Distance to a random centre in `place`, 1 at the anomaly's edge; an irregular ellipse, or smooth noise."""
    batch, _, height, width = place.shape
    weights = (place.flatten(1).double() + 1e-6).cumsum(dim=1)
    centre = torch.searchsorted(weights, weights[:, -1:] * numbers.uniform(shape=(1,))).clamp_(max=height * width - 1)
    rows = torch.arange(height, device=place.device).view(1, 1, -1, 1) - (centre // width).view(-1, 1, 1, 1)
    columns = torch.arange(width, device=place.device).view(1, 1, 1, -1) - (centre % width).view(-1, 1, 1, 1)
    # Radius in pixels, as many small ones as large ones on a logarithmic scale: 5 to 40 mm at 1.5 mm.
    radius = torch.exp(_uniform(1.2, 3.3, numbers))
    stretch, angle = _uniform(0.6, 1.6, numbers), _uniform(0, torch.pi, numbers)
    along = (rows * angle.cos() + columns * angle.sin()) * stretch / radius
    across = (columns * angle.cos() - rows * angle.sin()) / stretch / radius
    shape = (batch, 1, height, width)
    ragged = 0.3 * coarse_noise(shape, 24, numbers) + 0.25 * coarse_noise(shape, 9, numbers)
    distance = (along.square() + across.square()).sqrt() + ragged * _uniform(0.3, 1.2, numbers)
    clouds = 1 + 0.8 * (_uniform(0.9, 1.7, numbers) - coarse_noise(shape, 12, numbers))
    return torch.where(_uniform(0, 1, numbers) < share_of_clouds, clouds, distance)


def _push_aside(image: Tensor, distance: Tensor, present: Tensor, numbers: Numbers) -> tuple[Tensor, Tensor]:
    """Mass effect: the anatomy moves outwards by up to 5 pixels, fading with distance; also says where it moved."""
    strength = _uniform(1.0, 5.0, numbers) * (_uniform(0, 1, numbers) < 0.3) * present
    height, width = image.shape[2:]
    smooth = functional.avg_pool2d(distance.clamp(max=4), 9, stride=1, padding=4, count_include_pad=False)
    slope_rows, slope_columns = torch.gradient(smooth, dim=(2, 3))
    steepness = (slope_rows.square() + slope_columns.square()).sqrt() + 1e-3
    amount = strength * torch.exp(-((smooth - 0.8).clamp_min(0) ** 2) / 0.5)
    rows = torch.arange(height, device=image.device).view(1, 1, -1, 1) - amount * slope_rows / steepness
    columns = torch.arange(width, device=image.device).view(1, 1, 1, -1) - amount * slope_columns / steepness
    grid = torch.stack([(2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1], dim=-1)[:, 0]
    moved = functional.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)
    pushed = amount > 0.3
    return torch.where(pushed, moved, image), pushed


def _fill(image: Tensor, opacity: Tensor, core: Tensor, flair: Tensor, foreign: Tensor, numbers: Numbers) -> Tensor:
    """The slice with the anomaly in it, one of six kinds per slice."""
    level = _level(image, opacity)
    brighter = _uniform(0, 1, numbers) < torch.where(flair.view(-1, 1, 1, 1), 0.85, 0.35)
    amount = torch.where(brighter, _uniform(0.2, 1.0, numbers), -_uniform(0.2, 0.9, numbers))
    texture = coarse_noise(image.shape, 40, numbers) * _uniform(0, 0.15, numbers)
    foreign = foreign.flip(3) * (level / _level(foreign, opacity)).clamp(0.3, 3)
    blurred = functional.avg_pool2d(image, 9, stride=1, padding=4, count_include_pad=False)
    kinds = [
        image * (1 + amount),
        image + amount * level * 0.8,
        level * (1 + amount + texture),
        0.6 * level * (1 + amount + texture) + 0.4 * image,
        foreign,
        blurred * (1 + 0.5 * amount),
    ]
    kind = numbers.choice(range(len(kinds)), [0.32, 0.18, 0.18, 0.22, 0.06, 0.04], (1, 1, 1)).long()
    filled = torch.gather(torch.cat(kinds, dim=1), 1, kind.expand(-1, 1, *image.shape[2:]))
    with_core = (_uniform(0, 1, numbers) < 0.3) * core
    filled = filled * (1 - with_core) + with_core * level * (_uniform(0.1, 2.0, numbers) + texture)
    return (image + opacity * (filled - image)).clamp_min(0)


def _level(image: Tensor, opacity: Tensor) -> Tensor:
    """Mean intensity under the shape, [B, 1, 1, 1]."""
    weight = opacity.sum(dim=(2, 3), keepdim=True).clamp_min(1e-3)
    return ((image * opacity).sum(dim=(2, 3), keepdim=True) / weight).clamp_min(0.05)


def _is_visible(before: Tensor, after: Tensor, opacity: Tensor) -> Tensor:
    weight = opacity.sum(dim=(2, 3), keepdim=True).clamp_min(1e-3)
    change = ((after - before).abs() * opacity).sum(dim=(2, 3), keepdim=True) / weight
    return change >= VISIBLE * _level(before, opacity)
