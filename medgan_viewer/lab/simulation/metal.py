"""Metal in a head, and what it does to a CT: clips, screws, plates' ends, fillings, staples, electrodes.

Metal attenuates a polychromatic beam less the more of it there was before (beam hardening) and leaves rays few photons.
Both are worked out in the projections, parallel beam, and projected back: dark bands between two pieces, bright and
dark streaks about each. A simulation all the same: two energies, no scatter, no correction of metal by the scanner;
what bone does to the beam is added as if no metal were there and the metal were bone. Slices are square and the head
should lie within their inscribed circle: of a crop, the tissue outside takes no photons away.

Batches `[batch, slice, row, column]` of square slices on any device, CT in HU, attenuation in 1/mm at 60 keV: titanium
0.35, steel and cobalt alloys about 1 (NIST XCOM, mass attenuation 0.766 cm²/g of titanium and 1.205 of iron). Titanium
attenuates 2.1 times as much at 45 keV and half as much at 80 keV; the beam is of equal parts of 1.5 and 0.5 times.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from medgan_viewer.lab.simulation.low_dose_ct import WATER, attenuation, back_project, project, with_photon_noise
from medgan_viewer.lab.simulation.numbers import Numbers

__all__ = ["Metal", "ct_error", "grow_metal", "into_ct", "into_mr"]

ATTENUATION = (0.25, 1.0)
PHOTONS = (1e5, 1e6)
"""In each ray without anything in its way, of a head scan of normal dose."""
_RADIUS_MM, _LENGTH = (0.8, 4.0), (1.0, 3.0)
"""Half a piece's thickness, and how many times as long as thick it is."""
_NEAR_MM = 25.0
"""So far from the first piece, along each axis, the further ones may lie, outside the head too, as leads do."""
_ENERGIES = (0.5, 1.5)
_ANGLES = 180
_EDGE = 0.15
"""How soft a piece's edge is, in its own radii: thick pieces bloom more than a pixel's share of them would."""
_HEIGHTS = (-0.75, -0.25, 0.25, 0.75)
"""Where a slice is looked at through its thickness, in halves of it."""


@dataclass(frozen=True)
class Metal:
    """`share` `[batch, slice, row, column]` of each pixel that is metal, `attenuation` `[batch]` in 1/mm."""

    share: Tensor
    attenuation: Tensor


def grow_metal(middle: Tensor, reach: Tensor, solid: Tensor, pieces: int, numbers: Numbers) -> Metal:
    """Return one to `pieces` pieces of metal in and near each head, all of one alloy; none where nothing is `solid`.

    `middle` `[batch, 3, slice, row, column]` mm coordinates, `reach` `[batch, 3]`: half a slice's thickness as a vector
    in mm; `solid` `[batch, slice, row, column]`: whether the first piece may have its middle there.
    """
    count = 1 + numbers.integers(pieces)
    points = middle.flatten(2)
    chosen = (numbers.uniform(shape=solid.shape[1:]) * solid).flatten(1).argmax(dim=1)
    first = points.gather(2, chosen.view(-1, 1, 1).expand(-1, 3, 1))[:, :, 0]
    share = torch.zeros_like(middle[:, 0])
    for number in range(pieces):
        away = numbers.uniform(-_NEAR_MM, _NEAR_MM, (3,)) * (number > 0)
        radius = numbers.log_uniform(*_RADIUS_MM).view(-1, 1, 1, 1)
        length = numbers.uniform(*_LENGTH).view(-1, 1, 1, 1)
        along = numbers.normal((3,))
        along = along / along.norm(dim=1, keepdim=True).clamp_min(1e-6)
        piece = torch.zeros_like(share)
        for height in _HEIGHTS:
            distance = middle - (first + away - height * reach)[:, :, None, None, None]
            lengthwise = (distance * along[:, :, None, None, None]).sum(dim=1)
            across = (distance.square().sum(dim=1) - lengthwise.square()).clamp_min(0)
            inside = 1 - (across + (lengthwise / length).square()).sqrt() / radius
            piece += torch.sigmoid(inside / _EDGE) * (inside > -4 * _EDGE)
        there = (number < count) & solid.flatten(1).any(dim=1)
        share = torch.maximum(share, piece / len(_HEIGHTS) * there.view(-1, 1, 1, 1))
    return Metal(share, numbers.log_uniform(*ATTENUATION))


def into_ct(clean: Tensor, metal: Metal) -> Tensor:
    """Return clean CTs with the metal as it would measure: far above what a scanner's numbers reach."""
    own = (metal.attenuation / WATER - 1) * 1000
    return torch.lerp(clean, own.view(-1, 1, 1, 1).expand_as(clean), metal.share)


def into_mr(clean: Tensor, metal: Metal) -> Tensor:
    """Return MR pictures in which metal has no signal; that it bends the field about it is left out."""
    return clean * (1 - metal.share)


def ct_error(clean: Tensor, metal: Metal, pixel_mm: float, numbers: Numbers) -> Tensor:
    """Return what a reconstruction gives too much or too little, in HU: by hardening and few photons behind metal.

    `clean` is without the metal; its slices are square.
    """
    batch, slices, size, _ = clean.shape
    tissue = attenuation(clean) * (1 - metal.share)
    alloy = metal.share * metal.attenuation.view(-1, 1, 1, 1)
    both = torch.cat([tissue, alloy]).flatten(0, 1)[:, None]
    through, path = project(both, pixel_mm, _ANGLES).view(2, batch, slices, _ANGLES, size)
    energies = torch.tensor(_ENERGIES, device=clean.device).view(2, 1, 1, 1, 1)
    hardened = -torch.logsumexp(-energies * path, dim=0) + torch.log(energies.new_tensor(float(len(_ENERGIES))))
    expected = through + hardened
    photons = numbers.log_uniform(*PHOTONS)
    measured = with_photon_noise(expected.flatten(1, 2), photons, numbers).view_as(expected)
    # The other rays' noise is the scanner's own, which comes later.
    error = (measured - through - path) * (path > 1e-3)
    return back_project(error.flatten(0, 1), pixel_mm, size).view_as(clean) * (1000 / WATER)
