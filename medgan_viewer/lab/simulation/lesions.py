"""Simulated lesions: oedema, old infarcts, fresh blood and calcification with irregular, soft edges."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.lab.simulation.fields import smooth_noise
from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX


@dataclass(frozen=True)
class LesionKind:
    """What a lesion consists of, where it may lie, and how large (radius in mm) and how complete (share) it may be."""

    name: str
    tissue: str
    centres: tuple[str, ...]
    spreads_to: tuple[str, ...]
    radius_mm: tuple[float, float]
    share: tuple[float, float]
    weight: float


_BRAIN = (
    "white matter",
    "cortex",
    "deep grey",
    "pallidum",
    "cerebellar white matter",
    "cerebellar cortex",
    "brain stem",
)
LESION_KINDS: tuple[LesionKind, ...] = (
    # Oedema follows white matter and comes in grades: a share of 0.1 is barely visible (28 HU), 1.0 is 15 to 20 HU.
    LesionKind(
        "oedema", "oedema", ("white matter",), ("white matter", "deep grey", "pallidum"), (4.0, 18.0), (0.1, 1.0), 0.4
    ),
    LesionKind("infarct", "old infarct", ("white matter", "cortex", "deep grey"), _BRAIN, (3.0, 14.0), (0.5, 1.0), 0.2),
    LesionKind("blood", "fresh blood", _BRAIN, (*_BRAIN, "csf"), (2.5, 14.0), (0.7, 1.0), 0.25),
    LesionKind(
        "calcification",
        "calcification",
        ("pallidum", "choroid plexus", "deep grey", "csf"),
        (*_BRAIN, "csf", "choroid plexus"),
        (1.0, 3.0),
        (0.5, 1.0),
        0.15,
    ),
)


@dataclass(frozen=True)
class Lesions:
    """Per voxel `[slice, row, column]`: the lesion's share of the voxel (0–1) and its kind (1 + index; 0 none)."""

    share: Tensor
    kind: Tensor


def add_lesions(tissues: Tensor, spacing: tuple[float, float, float], count: int, rng: np.random.Generator) -> Lesions:
    """Draw `count` lesions into a head of tissue indices `[slice, row, column]`; one that finds no room is left out."""
    share = torch.zeros(tissues.shape, dtype=torch.float32)
    kind = torch.zeros(tissues.shape, dtype=torch.uint8)
    weights = np.array([k.weight for k in LESION_KINDS])
    for index in rng.choice(len(LESION_KINDS), size=count, p=weights / weights.sum()):
        _add_lesion(share, kind, tissues, spacing, int(index), rng)
    return Lesions(share, kind)


def _add_lesion(
    share: Tensor,
    kind: Tensor,
    tissues: Tensor,
    spacing: tuple[float, float, float],
    index: int,
    rng: np.random.Generator,
) -> None:
    lesion = LESION_KINDS[index]
    centre = _centre(tissues, lesion, rng)
    if centre is None:
        return
    low, high = lesion.radius_mm
    radius = float(low * (high / low) ** rng.random())
    box = tuple(
        slice(max(0, int(c - 2 * radius / s)), min(n, int(c + 2 * radius / s) + 2))
        for c, s, n in zip(centre, spacing, tissues.shape, strict=True)
    )
    axes = [
        (torch.arange(b.start, b.stop, dtype=torch.float32) - c) * s / radius * float(rng.uniform(0.8, 1.25))
        for b, c, s in zip(box, centre.tolist(), spacing, strict=True)
    ]
    distance = (axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2).sqrt()
    rough = 0.3 * smooth_noise((len(axes[0]), len(axes[1]), len(axes[2])), spacing, max(1.5, 0.6 * radius), rng)
    edge = float(rng.uniform(0.05, 0.25))
    part = torch.sigmoid((1 - distance + rough) / edge) * float(rng.uniform(*lesion.share))
    allowed = torch.isin(
        tissues[box], torch.tensor([TISSUE_INDEX[name] for name in lesion.spreads_to], dtype=torch.uint8)
    )
    part = part * allowed
    stronger = (part > share[box]) & (part > 0.05)
    share[box] = torch.where(stronger, part, share[box])
    kind[box] = torch.where(stronger, torch.tensor(index + 1, dtype=torch.uint8), kind[box])


def _centre(tissues: Tensor, lesion: LesionKind, rng: np.random.Generator) -> NDArray[np.int64] | None:
    """Return a random voxel of a tissue in which this lesion may start, tissues drawn with equal chances."""
    allowed = [TISSUE_INDEX[name] for name in lesion.centres]
    wanted = allowed[int(rng.integers(len(allowed)))]
    for _ in range(40):
        points = rng.integers(0, tissues.shape, (2000, 3))
        hits = np.flatnonzero(tissues.numpy()[points[:, 0], points[:, 1], points[:, 2]] == wanted)
        if len(hits):
            centre: NDArray[np.int64] = points[hits[0]]
            return centre
    return None
