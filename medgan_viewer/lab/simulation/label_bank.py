"""All training heads as one tensor on the device, so that a batch samples any of them by plain indexing.

A voxel is an int16: tissue · 16 + segment, and above that the fat share of soft tissue in 64 steps (`pack`). Each head
has a border of air, which stands for everything outside it. mm are counted from the head's first voxel, canonical axes
(+S, +P, +L).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from medgan_viewer.lab.simulation.anatomy import Anatomy
from medgan_viewer.lab.simulation.lesions import LESION_KINDS
from medgan_viewer.lab.simulation.tissues import ENCEPHALON_SEGMENTS, TISSUE_INDEX

CODES = 512
FAT_STEPS = 63
CANDIDATES = 512
"""Voxels of each head where a lesion of one kind may start."""


@dataclass(frozen=True)
class LabelBank:
    """`voxels` of all heads in one row; of each head its `start` there, `shape`, `spacing` (mm), brain and centre (mm).

    `brain` `[head, 2]` is the lowest and highest slice with brain, `candidates` `[head, lesion kind, CANDIDATES, 3]`
    where lesions may start, `counts` `[head, CODES]` how many voxels have a code, pure fat counted as its own tissue.
    """

    voxels: Tensor
    start: Tensor
    shape: Tensor
    spacing: Tensor
    brain: Tensor
    centre: Tensor
    candidates: Tensor
    counts: Tensor

    def __len__(self) -> int:
        return len(self.start)

    def to(self, device: torch.device | str) -> "LabelBank":
        """Return the same bank on a device."""
        return LabelBank(*(getattr(self, field.name).to(device) for field in fields(self)))

    def choose(self, heads: Sequence[int]) -> "LabelBank":
        """Return a bank that shares the voxels and knows these heads only."""
        index = list(heads)
        return LabelBank(self.voxels, *(getattr(self, field.name)[index] for field in fields(self)[1:]))


def build_bank(anatomies: Sequence[Anatomy], rng: np.random.Generator) -> LabelBank:
    """Return the bank of some heads (see `anatomy.build_anatomy`; lesions are left out) on the CPU.

    Raises ValueError for a head of 2**24 voxels or more.
    """
    rows: list[dict[str, Tensor]] = []
    voxels: list[Tensor] = []
    used = 0
    for anatomy in anatomies:
        padded = torch.nn.functional.pad(pack(anatomy), (1, 1, 1, 1, 1, 1))
        if padded.numel() >= 2**24:
            raise ValueError("A head of more than 2**24 voxels cannot be counted in float32: cut it (crop_to_head).")
        rows.append(_describe(anatomy, used, rng) | {"shape": torch.tensor(padded.shape)})
        voxels.append(padded.flatten())
        used += padded.numel()
    stacked = {field.name: torch.stack([row[field.name] for row in rows]) for field in fields(LabelBank)[1:]}
    return LabelBank(voxels=torch.cat(voxels), **stacked)


def pack(anatomy: Anatomy) -> Tensor:
    """Return the int16 voxels of a head."""
    fat = (anatomy.fat * FAT_STEPS).round().to(torch.int16)
    return (anatomy.tissues * 16).to(torch.int16) + anatomy.segments.to(torch.int16) + fat * CODES


def _describe(anatomy: Anatomy, start: int, rng: np.random.Generator) -> dict[str, Tensor]:
    spacing = torch.tensor(anatomy.spacing)
    brain = torch.isin(anatomy.segments, torch.tensor(ENCEPHALON_SEGMENTS, dtype=torch.uint8)).any(dim=2).any(dim=1)
    slices = torch.nonzero(brain).flatten()
    bottom, top = float(slices.min()) * anatomy.spacing[0], float(slices.max()) * anatomy.spacing[0]
    middle = [anatomy.segments.shape[axis] * anatomy.spacing[axis] / 2 for axis in (1, 2)]
    codes = (anatomy.tissues * 16).to(torch.int64) + anatomy.segments.to(torch.int64)
    codes = torch.where(anatomy.fat > 0.5, TISSUE_INDEX["fat"] * 16, codes)
    return {
        "start": torch.tensor(start),
        "spacing": spacing,
        "brain": torch.tensor([bottom, top]),
        "centre": torch.tensor([(bottom + top) / 2, *middle]),
        "candidates": torch.stack([_candidates(anatomy, kind.centres, rng) for kind in LESION_KINDS]) * spacing,
        "counts": torch.bincount(codes.flatten(), minlength=CODES).float(),
    }


def _candidates(anatomy: Anatomy, tissues: Sequence[str], rng: np.random.Generator) -> Tensor:
    """Return random voxels `[CANDIDATES, 3]` of some tissues, as many of each; the middle where there are none."""
    found = []
    for name in tissues:
        places = torch.nonzero(anatomy.tissues == TISSUE_INDEX[name])
        if len(places):
            chosen = torch.from_numpy(rng.integers(len(places), size=CANDIDATES // len(tissues) + 1))
            found.append(places[chosen])
    if not found:
        return torch.tensor(anatomy.tissues.shape).div(2.0).expand(CANDIDATES, 3)
    joined = torch.cat(found).float()
    return joined[torch.from_numpy(rng.permutation(len(joined)))][torch.arange(CANDIDATES) % len(joined)]
