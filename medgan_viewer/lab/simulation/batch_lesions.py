"""Lesions for a batch of slices on the device: the same kinds, sizes and edges as in `lesions`."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation.label_bank import CANDIDATES, CODES, LabelBank
from medgan_viewer.lab.simulation.lesions import LESION_KINDS
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX

_TRIES = 32
_ROUGH_REACH = 2.2
"""How many radii the noise of the edge and the lesion reach."""
VISIBLE = 0.25
"""Share of a pixel from which it is labelled."""


@dataclass(frozen=True)
class BatchLesions:
    """Lesions of the samples `ill`: `share` `[ill, slice, plane, row, column]`, `kind` and `tissue` `[ill]`."""

    ill: list[int]
    share: Tensor
    kind: Tensor
    tissue: Tensor

    def into(self, values: Tensor, table: Tensor, slices: slice = slice(None)) -> Tensor:
        """Return the values `[batch, slice, plane, row, column]` of `slices` with the lesions' own in them.

        `table` `[batch, tissue]` are the values of the tissues.
        """
        own = table[self.ill].gather(1, self.tissue[:, None])[:, 0]
        # One by one, in place: copying the samples out and in again takes a CPU longer.
        for row, index in enumerate(self.ill):
            values[index].lerp_(own[row].expand_as(values[index]), self.share[row, slices])
        return values

    def labels(self, batch: int, middle: int) -> Tensor:
        """Return int64 labels `[batch, row, column]` of the middle slice: 0, or 1 + kind where a lesion is."""
        share = self.share[:, middle].mean(dim=1)
        result = torch.zeros((batch, *share.shape[1:]), dtype=torch.int64, device=share.device)
        result[self.ill] = (share > VISIBLE) * (self.kind + 1).view(-1, 1, 1)
        return result


def grow_lesions(
    bank: LabelBank,
    ill: Sequence[int],
    twice: Sequence[int],
    chosen: Tensor,
    middle: Tensor,
    codes: Tensor,
    reach: Tensor,
    numbers: Numbers,
) -> BatchLesions:
    """Return lesions for the samples `ill`, in or near the middle slice; two for those of them at the places `twice`.

    `chosen` `[batch]` heads of the bank, `middle` `[batch, 3, slice, row, column]` mm coordinates, `codes` `[batch,
    slice, plane, row, column]`, `reach` `[batch, 3]`: half the slice's thickness as a vector in mm; `numbers` of `ill`.
    """
    index = list(ill)
    device = numbers.device
    weights = [kind.weight for kind in LESION_KINDS]
    kind = numbers.choice(range(len(weights)), [w / sum(weights) for w in weights]).long()
    radius = _between([k.radius_mm for k in LESION_KINDS], kind, numbers, logarithmic=True)
    share = _between([k.share for k in LESION_KINDS], kind, numbers, logarithmic=False)
    candidates = bank.candidates[chosen[index], kind]
    points, halves = middle[index], reach[index]
    grown = _blob(candidates, points, halves, radius, numbers)
    if twice:
        again = list(twice)
        further = _blob(candidates[again], points[again], halves[again], radius[again], numbers.part(again))
        grown[again] = torch.maximum(grown[again], further)
    allowed = _allowed(device)[kind]
    fine = torch.empty((len(index), *codes.shape[1:]), device=device)
    for row, sample in enumerate(index):
        inside = allowed[row].index_select(0, codes[sample].flatten()).view(codes.shape[1:])
        torch.mul(inside, (grown[row] * share[row])[:, None], out=fine[row])
    tissues = torch.tensor([TISSUE_INDEX[k.tissue] for k in LESION_KINDS], device=device)
    return BatchLesions(index, fine, kind, tissues[kind])


def _blob(candidates: Tensor, points: Tensor, halves: Tensor, radius: Tensor, numbers: Numbers) -> Tensor:
    """Return the share `[ill, slice, row, column]` that one soft ragged ellipsoid takes of each pixel."""
    centre = _centre(candidates, points, radius, halves, numbers)
    stretch = numbers.uniform(0.8, 1.25, (3,)) / radius[:, None]
    noise = numbers.normal((1, 9, 9, 9)) * 0.5
    edge = numbers.uniform(0.05, 0.25).view(-1, 1, 1, 1)
    away = (points - centre[:, :, None, None, None]) * stretch[:, :, None, None, None]
    where = (away / _ROUGH_REACH).movedim(1, -1).flip(-1)
    rough = functional.grid_sample(noise, where, padding_mode="border", align_corners=True)[:, 0]
    total = torch.zeros_like(rough)
    for side in (-0.5, 0.5):  # the mean of two planes within the slice
        within = away + (side * halves * stretch)[:, :, None, None, None]
        total += torch.sigmoid((1 - within.square().sum(dim=1).sqrt() + rough) / edge)
    return total / 2 * (away.square().sum(dim=1) < _ROUGH_REACH**2)


def _centre(candidates: Tensor, points: Tensor, radius: Tensor, halves: Tensor, numbers: Numbers) -> Tensor:
    """Return of some random candidates the one that lies best for the middle slice to cut the lesion, `[ill, 3]` mm."""
    drawn = numbers.integers(CANDIDATES, (_TRIES,))
    tried = candidates.gather(1, drawn[:, :, None].expand(-1, -1, 3))
    slices, rows, columns = points.shape[2:]
    middle = points[:, :, slices // 2, rows // 2, columns // 2]
    corner = points[:, :, slices // 2, 0, 0]
    normal = halves / halves.norm(dim=1, keepdim=True).clamp_min(1e-6)
    away = tried - middle[:, None]
    height = (away * normal[:, None]).sum(dim=2)
    wanted = radius[:, None] * numbers.uniform(-0.6, 0.6, (1,))
    outside = (away.norm(dim=2) - 0.6 * (corner - middle).norm(dim=1)[:, None]).clamp_min(0)
    best = ((height - wanted).abs() + outside).argmin(dim=1)
    return tried.gather(1, best.view(-1, 1, 1).expand(-1, 1, 3))[:, 0]


def _between(limits: Sequence[tuple[float, float]], kind: Tensor, numbers: Numbers, *, logarithmic: bool) -> Tensor:
    low, high = torch.tensor(limits, device=kind.device)[kind].unbind(dim=1)
    drawn = numbers.uniform()
    return low * (high / low) ** drawn if logarithmic else low + (high - low) * drawn


def _allowed(device: torch.device) -> Tensor:
    """Return `[kind, code]` 1 where a kind of lesion may spread to voxels of this code."""
    table = torch.zeros(len(LESION_KINDS), CODES)
    for row, kind in enumerate(LESION_KINDS):
        for name in kind.spreads_to:
            table[row, TISSUE_INDEX[name] * 16 : TISSUE_INDEX[name] * 16 + 16] = 1
    return table.to(device)
