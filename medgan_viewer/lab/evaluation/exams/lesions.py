"""Lesions of known size that are put into an exam's scans, and how much of each a picture shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.lab.evaluation.exams.definition import LesionTest
from medgan_viewer.lab.simulation.anatomy import Anatomy
from medgan_viewer.lab.simulation.fields import smooth_noise
from medgan_viewer.lab.simulation.lesions import LESION_KINDS, LesionKind
from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX

__all__ = ["Planned", "Region", "contrast", "grow", "into", "planned", "regions"]

_KINDS: dict[str, LesionKind] = {kind.name: kind for kind in LESION_KINDS}
_TRIES = 4000
_ROOM = 0.6
"""Share of a lesion's volume that must lie in tissue it may spread to."""
_ROUGH, _EDGE = 0.15, 0.12
"""How ragged and how soft the edge is, in radii."""
_FREE = 0.05
"""Share of a pixel from which it belongs to a lesion and to no ring."""
_FEWEST_INSIDE, _FEWEST_AROUND = 3, 8
_BRAIN = (1, 2, 3, 4, 7, 8)
"""Segments of the brain without its fluid."""


@dataclass(frozen=True)
class Planned:
    """One lesion of a patient; `number` counts from 1, `name` is empty for one of the hundred."""

    number: int
    kind: str
    diameter_mm: float
    name: str = ""
    hounsfield: float | None = None


@dataclass(frozen=True)
class Grown:
    """A planned lesion in a head's own grid: the box that holds it and its share of each voxel there."""

    plan: Planned
    box: tuple[slice, slice, slice]
    share: Tensor


@dataclass(frozen=True)
class Region:
    """Where a lesion lies in a scan `[slice, row, column]`, and the healthy brain around it, as indices."""

    inside: tuple[NDArray[np.int64], ...]
    ring: tuple[NDArray[np.int64], ...]


def planned(test: LesionTest, patient: int, patients: int) -> list[Planned]:
    """Return the lesions of one patient: every patient gets small and large ones, and all kinds."""
    low, high = test.diameter_mm
    found: list[Planned] = []
    for turn, index in enumerate(range(patient, test.count, patients)):
        diameter = low * (high / low) ** (index / max(1, test.count - 1))
        kind = test.kinds[(turn + patient) % len(test.kinds)]
        found.append(Planned(len(found) + 1, kind, diameter))
    for named in test.named:
        for _ in range(patient, named.count, patients):
            found.append(Planned(len(found) + 1, named.kind, named.diameter_mm, named.name, named.hounsfield))
    return found


def grow(anatomy: Anatomy, plans: Sequence[Planned], apart_mm: float, rng: np.random.Generator) -> list[Grown]:
    """Return the lesions in a head, largest first, `apart_mm` from each other; one that finds no room is left out."""
    grown: list[Grown] = []
    taken: list[tuple[NDArray[np.float64], float]] = []
    tissues = anatomy.tissues.numpy()
    spacing = np.array(anatomy.spacing)
    for plan in sorted(plans, key=lambda one: -one.diameter_mm):
        radius = plan.diameter_mm / 2
        kind = _KINDS[plan.kind]
        starts = [TISSUE_INDEX[name] for name in kind.centres]
        spreads = [TISSUE_INDEX[name] for name in kind.spreads_to]
        points = rng.integers(0, tissues.shape, (_TRIES, 3))
        points = points[np.isin(tissues[tuple(points.T)], starts)]
        for centre in points:
            place = centre * spacing
            if any(np.linalg.norm(place - other) < radius + size + apart_mm for other, size in taken):
                continue
            box = tuple(
                slice(max(0, int(c - 1.8 * radius / s) - 1), min(n, int(c + 1.8 * radius / s) + 2))
                for c, s, n in zip(centre, spacing, tissues.shape, strict=True)
            )
            distance = _distance(box, centre, spacing) / radius
            allowed = np.isin(tissues[box], spreads)
            if allowed[distance < 1].mean() < _ROOM:
                continue
            share = _share(distance, allowed, anatomy.spacing, radius, rng)
            grown.append(Grown(plan, (box[0], box[1], box[2]), share))
            taken.append((place, radius))
            break
    return grown


def _distance(box: Sequence[slice], centre: NDArray[np.int64], spacing: NDArray[np.float64]) -> NDArray[np.float64]:
    axes = [(np.arange(b.start, b.stop) - c) * s for b, c, s in zip(box, centre, spacing, strict=True)]
    distance: NDArray[np.float64] = np.sqrt(axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2)
    return distance


def _share(
    distance: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    radius: float,
    rng: np.random.Generator,
) -> Tensor:
    rough = _ROUGH * smooth_noise(distance.shape, spacing, max(1.5, 0.6 * radius), rng)
    away = torch.from_numpy(distance).float()
    return torch.sigmoid((1 - away + rough) / _EDGE) * torch.from_numpy(allowed) * (away < 1.8)


def into(picture: Tensor, grown: Sequence[Grown], values: Mapping[str, float], is_ct: bool, white: float) -> Tensor:
    """Return a clean picture of a head with the lesions in it; `values` by kind, `white` what white matter has.

    A lesion with a CT number of its own has that number in a CT, and in an MR the part of its kind's contrast that
    this grade of it stands for.
    """
    result = picture.clone()
    for lesion in grown:
        grade, own = 1.0, values[lesion.plan.kind]
        if lesion.plan.hounsfield is not None:
            if is_ct:
                own = lesion.plan.hounsfield
            else:
                grade = _grade(lesion.plan)
        part = result[lesion.box]
        part.lerp_(torch.full_like(part, own * grade + white * (1 - grade)), lesion.share)
    return result


def _grade(plan: Planned) -> float:
    """Return how far a lesion's CT number lies from white matter's to its kind's, by the table of tissues."""
    from medgan_viewer.lab.simulation.tissues import TISSUES

    by_name = {tissue.name: tissue.hu for tissue in TISSUES}
    white, full = by_name["white matter"], by_name[_KINDS[plan.kind].tissue]
    assert plan.hounsfield is not None
    return (plan.hounsfield - white) / (full - white)


def regions(
    numbers: NDArray[np.uint8],
    share: NDArray[np.float32],
    segmentation: NDArray[np.uint8],
    pixel_mm: float,
    ring_mm: float,
) -> dict[int, Region]:
    """Return where the lesions of a scan lie, by number; all arrays `[slice, row, column]`.

    A pixel lies inside where a lesion has at least half of its highest share there. The ring is the healthy brain
    within `ring_mm` in the same slices. A lesion of fewer than three pixels, or without a ring, is left out.
    """
    from scipy import ndimage

    brain = np.isin(segmentation, _BRAIN) & (share < _FREE)
    found = {}
    for number in np.unique(numbers[numbers > 0]).tolist():
        own = np.where(numbers == number, share, 0)
        if own.max() < _FREE:
            continue
        slices, rows, columns = (np.flatnonzero(own.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
        margin = int(np.ceil(ring_mm / pixel_mm)) + 1
        box = (
            slice(slices[0], slices[-1] + 1),
            slice(max(0, rows[0] - margin), rows[-1] + margin + 1),
            slice(max(0, columns[0] - margin), columns[-1] + margin + 1),
        )
        inside = own[box] >= 0.5 * own.max()
        away = np.stack(
            [
                ndimage.distance_transform_edt(~plane, sampling=pixel_mm)
                if plane.any()
                else np.full(plane.shape, np.inf)
                for plane in inside
            ]
        )
        ring = (away > 0) & (away <= ring_mm) & brain[box]
        if inside.sum() >= _FEWEST_INSIDE and ring.sum() >= _FEWEST_AROUND:
            offset = [part.start for part in box]
            found[number] = Region(
                *(
                    tuple(axis + start for axis, start in zip(np.nonzero(mask), offset, strict=True))
                    for mask in (inside, ring)
                )
            )
    return found


def contrast(picture: NDArray[np.floating], region: Region) -> float:
    """Return a lesion's mean minus that of its ring."""
    return float(picture[region.inside].mean(dtype=np.float64) - picture[region.ring].mean(dtype=np.float64))
