"""Simulate one head: perfectly paired CT, T1, T2, FLAIR and segmentation from an anatomical label map.

Canonical orientation throughout: `[slice, row, column]`, slices towards the head's top (+S), rows towards the back
(+P), columns towards the left (+L). The *targets* are canonical (one protocol, no noise, no shading); the *inputs* show
the same head as scanners of many kinds would. Everything random comes from the generator that is passed in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.lab.simulation import individuals
from medgan_viewer.lab.simulation.acquisition import AIR_HU, acquire_ct, acquire_mr
from medgan_viewer.lab.simulation.anatomy import Anatomy, Spacing, build_anatomy
from medgan_viewer.lab.simulation.fields import blur, displacement, random_affine, sample, slab_weights
from medgan_viewer.lab.simulation.lesions import LESION_KINDS
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.tissues import ENCEPHALON_SEGMENTS, SEGMENTS

MR_CONTRASTS: tuple[str, ...] = ("T1", "T2", "FLAIR")
SIMULATION = 5
"""Raised with every change of what a seed gives, so that a cache of an older simulation is not taken for this one."""


@dataclass(frozen=True)
class SimulationSettings:
    """How far a simulated head strays from its label map and how it is scanned.

    With `reposition` the head is turned, stretched, deformed and cut into slices of `in_plane_mm` pixels and `size`²
    with a random thickness out of `slice_mm`, of which at most `max_slices` neighbouring ones are kept; without it,
    the grid stays that of the labels.
    """

    reposition: bool = True
    vary_anatomy: bool = True
    lesion_probability: float = 0.8
    in_plane_mm: float = 1.25
    size: int = 192
    slice_mm: tuple[float, float] = (1.0, 7.0)
    max_slices: int | None = None
    acquire: bool = True


@dataclass(frozen=True)
class SimulatedHead:
    """All arrays `[slice, row, column]` on one grid of `spacing` mm.

    `ct` in HU; `t1`, `t2`, `flair` in 0…about 1 (see `signals.CANONICAL`); `segmentation` indexes `tissues.SEGMENTS`;
    `lesions` is 0 or 1 + the index of `lesions.LESION_KINDS`; `inputs` holds "CT" (HU), "T1", "T2" and "FLAIR"
    (arbitrary unit) as acquired, empty when `SimulationSettings.acquire` is off.
    """

    ct: NDArray[np.float32]
    t1: NDArray[np.float32]
    t2: NDArray[np.float32]
    flair: NDArray[np.float32]
    segmentation: NDArray[np.uint8]
    lesions: NDArray[np.uint8]
    spacing: Spacing
    inputs: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def simulate_head(
    labels: NDArray[np.uint16],
    spacing: Spacing,
    rng: np.random.Generator,
    settings: SimulationSettings = SimulationSettings(),
) -> SimulatedHead:
    """Simulate the head of a label map (FreeSurfer label numbers, canonical orientation, `spacing` in mm).

    Raises ValueError when the map is not three-dimensional or holds no head.
    """
    return next(simulate_series(labels, spacing, rng, settings))


def simulate_series(
    labels: NDArray[np.uint16],
    spacing: Spacing,
    rng: np.random.Generator,
    settings: SimulationSettings,
    count: int = 1,
) -> Iterator[SimulatedHead]:
    """Yield `count` series of one simulated patient: the same tissues and lesions, repositioned and acquired anew.

    Raises ValueError when the map is not three-dimensional or holds no head.
    """
    if labels.ndim != 3 or not labels.any():
        raise ValueError("A label map must have three axes and contain a head.")
    with torch.inference_mode():
        if settings.reposition:
            labels = crop_to_head(labels, spacing)
        anatomy = build_anatomy(
            labels, spacing, rng, vary=settings.vary_anatomy, lesion_probability=settings.lesion_probability
        )
        pictures = _paint(anatomy, rng, settings.acquire)
        lesions = anatomy.lesions.kind * (anatomy.lesions.share > 0.25)
    for _ in range(count):
        with torch.inference_mode():
            if settings.reposition:
                series = _reposition(pictures, anatomy.segments, lesions, spacing, rng, settings)
            else:
                series = (pictures, anatomy.segments, lesions, spacing)
            head = _finish(*series, rng, settings)
        yield head


def crop_to_head(labels: NDArray[np.uint16], spacing: Spacing) -> NDArray[np.uint16]:
    """Cut away empty space, and what lies more than 80 mm below the brain: no new slice reaches it."""
    low = [int(np.flatnonzero(labels.any(axis=axes))[0]) for axes in ((1, 2), (0, 2), (0, 1))]
    high = [int(np.flatnonzero(labels.any(axis=axes))[-1]) + 1 for axes in ((1, 2), (0, 2), (0, 1))]
    cerebellum = np.flatnonzero(((labels == 8) | (labels == 47)).any(axis=(1, 2)))
    if len(cerebellum):
        low[0] = max(low[0], int(cerebellum[0] - 80 / spacing[0]))
    return np.ascontiguousarray(labels[low[0] : high[0], low[1] : high[1], low[2] : high[2]])


def _paint(anatomy: Anatomy, rng: np.random.Generator, acquire: bool) -> dict[str, Tensor]:
    """Return the clean pictures (CT, T1, T2, FLAIR) and, to be acquired, the individual ones ("input …")."""
    tables = {name: individuals.canonical(name) for name in ("CT", *MR_CONTRASTS)}
    if acquire:
        numbers = Numbers([int(rng.integers(2**62))])
        tables["input CT"] = individuals.hounsfield(numbers)[0]
        tables |= {f"input {name}": individuals.magnetic(name, numbers)[0] for name in MR_CONTRASTS}
    pictures = {}
    for name, table in tables.items():
        values = table.numpy()
        is_ct = name.endswith("CT")
        picture = anatomy.hounsfield(values) if is_ct else anatomy.textured(values, individuals.MR_TEXTURE)
        pictures[name] = blur(picture, [0.45 / s for s in anatomy.spacing])
    return pictures


def _reposition(
    pictures: dict[str, Tensor],
    segments: Tensor,
    lesions: Tensor,
    spacing: Spacing,
    rng: np.random.Generator,
    settings: SimulationSettings,
) -> tuple[dict[str, Tensor], Tensor, Tensor, Spacing]:
    """Turn and deform the head and cut it into slices; pictures are averaged over the slab, labels by majority."""
    low, high = settings.slice_mm
    slice_mm = float(low * (high / low) ** rng.random())
    thickness = slice_mm * float(rng.choice([1.0, rng.uniform(0.7, 1.1)]))
    fine_mm = min(1.25, max(thickness, 0.5))
    points = _points(segments, spacing, fine_mm, rng, settings)
    if settings.max_slices is not None:
        kept = int((settings.max_slices * slice_mm + 2 * thickness) / fine_mm) + 2
        first = int(rng.integers(0, max(1, len(points) - kept + 1)))
        points = points[first : first + kept]
    weights = slab_weights(len(points), fine_mm, slice_mm, max(thickness, fine_mm), thickness / 2 + fine_mm)
    result: dict[str, Tensor] = {}
    for name, picture in pictures.items():
        outside = AIR_HU if name.endswith("CT") else 0.0
        result[name] = torch.tensordot(weights, sample(picture[None], points, outside=outside)[0], dims=1)
    moved = sample(torch.stack([segments, lesions]).float(), points, mode="nearest")
    return (
        result,
        _majority(moved[0], len(SEGMENTS), weights),
        _majority(moved[1], len(LESION_KINDS) + 1, weights),
        (slice_mm, settings.in_plane_mm, settings.in_plane_mm),
    )


def _points(
    segments: Tensor, spacing: Spacing, fine_mm: float, rng: np.random.Generator, settings: SimulationSettings
) -> Tensor:
    """Return where each voxel of the new fine grid lies in the label map, `[slice, row, column, 3]` in its indices.

    The new stack starts up to 35 mm below the brain, never below the map's end, and reaches just over the vertex.
    """
    inside = torch.isin(segments, torch.tensor(ENCEPHALON_SEGMENTS, dtype=torch.uint8))
    brain = torch.nonzero(inside.any(dim=2).any(dim=1))
    bottom, top = (float(z) * spacing[0] for z in (brain.min(), brain.max()))
    centre = np.array([(bottom + top) / 2, segments.shape[1] * spacing[1] / 2, segments.shape[2] * spacing[2] / 2])
    start = max(-centre[0], bottom - centre[0] - float(rng.uniform(0, 35)))
    end = (segments.shape[0] - 1) * spacing[0] - centre[0] + 4.0
    half = (settings.size - 1) * settings.in_plane_mm / 2
    plane = torch.linspace(-half, half, settings.size)
    fine = torch.arange(start, end, fine_mm, dtype=torch.float32)
    grid = torch.stack(torch.meshgrid(fine, plane, plane, indexing="ij"), dim=-1)
    moved = grid @ torch.from_numpy(random_affine(rng, 1.0).T.astype(np.float32))
    shape = (len(fine), settings.size, settings.size)
    bend = displacement(shape, (fine_mm, settings.in_plane_mm, settings.in_plane_mm), float(rng.uniform(1.0, 4.5)), rng)
    shift = torch.tensor(centre + np.array([0.0, *rng.uniform(-8, 8, 2)]), dtype=torch.float32)
    return (moved + bend.movedim(0, -1) + shift) / torch.tensor(spacing, dtype=torch.float32)


def _majority(values: Tensor, count: int, weights: Tensor) -> Tensor:
    """Return for each slab the label that fills most of it; `values` `[fine slice, row, column]` hold 0…count-1."""
    best = torch.zeros(len(weights), *values.shape[1:])
    result = torch.zeros(best.shape, dtype=torch.uint8)
    for value in range(count):
        share = torch.tensordot(weights, (values == value).float(), dims=1)
        result[share > best] = value
        best = torch.maximum(best, share)
    return result


def _finish(
    pictures: dict[str, Tensor],
    segments: Tensor,
    lesions: Tensor,
    spacing: Spacing,
    rng: np.random.Generator,
    settings: SimulationSettings,
) -> SimulatedHead:
    inputs: dict[str, NDArray[np.float32]] = {}
    if settings.acquire:
        numbers = Numbers([int(rng.integers(2**62))])
        inputs["CT"] = acquire_ct(pictures["input CT"][None], spacing[1], numbers)[0].numpy()
        for contrast in MR_CONTRASTS:
            inputs[contrast] = acquire_mr(pictures[f"input {contrast}"][None], spacing, numbers)[0].numpy()
    return SimulatedHead(
        ct=pictures["CT"].numpy(),
        t1=pictures["T1"].numpy(),
        t2=pictures["T2"].numpy(),
        flair=pictures["FLAIR"].numpy(),
        segmentation=segments.numpy(),
        lesions=lesions.numpy(),
        spacing=spacing,
        inputs=inputs,
    )
