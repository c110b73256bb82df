"""The scans of an exam: patients simulated from the test heads, each scanned well and poorly, with and without lesions.

Everything random comes from the exam's seed; the simulation's building blocks are used with the exam's own numbers
instead of random ones. All arrays `[slice, row, column]`, canonical axes (+S, +P, +L), CT in HU, MR in 1/1000.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams import lesions
from medgan_viewer.lab.evaluation.exams.definition import Fields, Scans, Setting
from medgan_viewer.lab.simulation import individuals
from medgan_viewer.lab.simulation.acquisition import (
    AIR_HU,
    beam_hardening,
    blur_planes,
    bright,
    rician,
    smooth_fields,
)
from medgan_viewer.lab.simulation.anatomy import Anatomy, build_anatomy
from medgan_viewer.lab.simulation.data import load_head_labels
from medgan_viewer.lab.simulation.field_strength import HIGH_TESLA
from medgan_viewer.lab.simulation.fields import blur, displacement, sample, slab_weights
from medgan_viewer.lab.simulation.lesions import LESION_KINDS
from medgan_viewer.lab.simulation.metal import Metal, ct_error, grow_metal, into_ct, into_mr
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.signals import CANONICAL, HIGHER_FIELD
from medgan_viewer.lab.simulation.signals import Sequence as PulseSequence
from medgan_viewer.lab.simulation.simulate import MR_CONTRASTS, SIMULATION, crop_to_head
from medgan_viewer.lab.simulation.tissues import ENCEPHALON_SEGMENTS, SEGMENTS, TISSUE_INDEX

__all__ = ["PICTURES", "Found", "Patient", "Scan", "check_protocol", "simulate_patient"]

PICTURES: tuple[str, ...] = ("CT", *MR_CONTRASTS)
_SHARP_MM = 0.45
_BELOW_MM, _ABOVE_MM = 25.0, 4.0
"""How far a scan reaches below the brain and over the vertex."""
_FINE_MM = 1.25
_METALLIC = 0.1
"""Share of a pixel that is metal from which on its slice is one with metal."""
_METAL = 0x6A09E667F3BC
_OTHER_TURNS = 4.0
"""Roll and yaw in degrees, at most."""


@dataclass(frozen=True)
class Found:
    """A lesion in a scan. Contrasts are against its ring, CT in HU and MR in the picture's own unit.

    `to_noise` is the contrast of each input without noise, over the noise's σ; `target` that of each target, `without`
    the target's where the lesion is not there.
    """

    plan: lesions.Planned
    region: lesions.Region
    to_noise: Mapping[str, float]
    target: Mapping[str, float]
    without: Mapping[str, float]


@dataclass(frozen=True)
class Scan:
    """One scan of a patient. `inputs` as acquired and `targets` by picture; `spacing` (slice, row, column) in mm.

    `scored` are the slices that count, `found` the lesions that can be measured here; `free` are the inputs without
    any lesion or metal, empty where there is none. In a scan `with_metal` the segmentation is 0 where the metal is.
    """

    inputs: Mapping[str, NDArray[np.int16]]
    targets: Mapping[str, NDArray[np.int16]]
    segmentation: NDArray[np.uint8]
    spacing: tuple[float, float, float]
    scored: tuple[int, ...]
    free: Mapping[str, NDArray[np.int16]] = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    with_metal: bool = False


@dataclass(frozen=True)
class Patient:
    """One simulated patient: `name` does not tell a person, `head` is the map behind it."""

    name: str
    head: int
    scans: Mapping[str, Scan]


def check_protocol(scans: Scans) -> None:
    """Raise UsageError where this program simulates or trains for something else than the exam was frozen with."""
    if scans.simulation != SIMULATION:
        raise UsageError(
            f"The scans {scans.id} are frozen with simulation {scans.simulation}, and this program has simulation "
            f"{SIMULATION}: freeze them anew and measure every model again."
        )
    known = CANONICAL if scans.fields is None else HIGHER_FIELD
    if scans.metal_pieces and (scans.easy.lesions or scans.hard.lesions):
        raise UsageError(f"The scans {scans.id} have metal and lesions, and only one of both can be measured at once.")
    same = scans.fields is None or scans.fields.high == HIGH_TESLA
    for name, protocol in scans.protocols.items():
        wanted = PulseSequence(protocol.repetition_ms, protocol.echo_ms, protocol.inversion_ms), protocol.unit
        if not same or known.get(name) != wanted:
            raise UsageError(f"The scans {scans.id} have another protocol for {name} than models are trained for.")


def simulate_patient(scans: Scans, data: Path, number: int, head: int, settings: Mapping[str, Setting]) -> Patient:
    """Return patient `number`, of a head map in `data`, scanned once in each setting."""
    rng = np.random.default_rng([scans.seed, number])
    labels, spacing = load_head_labels(data, head)
    with torch.inference_mode():
        labels = crop_to_head(labels, spacing)
        anatomy = build_anatomy(labels, spacing, rng, vary=True, lesion_probability=0.0)
        tables = _tables(int(rng.integers(2**62)), scans.fields)
        clean = {name: _painted(anatomy, table, name) for name, table in tables.items()}
        plans = lesions.planned(scans.lesions, number % scans.patients, scans.patients)
        grown = lesions.grow(anatomy, plans, scans.lesions.apart_mm, rng)
        made = {
            name: _scan(scans, setting, anatomy, clean, tables, grown if setting.lesions else [], rng)
            for name, setting in settings.items()
        }
    return Patient(f"patient {number + 1:02d}", head, made)


def _tables(seed: int, fields: Fields | None) -> dict[str, NDArray[np.float32]]:
    """Return what each tissue has in each picture: targets by their name, the patient's own as "input …"."""
    numbers = Numbers([seed])
    tables = {name: individuals.canonical(name).numpy() for name in PICTURES}
    if fields is not None:
        tables |= {name: individuals.higher_field(name).numpy() for name in MR_CONTRASTS}
    tables["input CT"] = individuals.hounsfield(numbers)[0].numpy()
    low = None if fields is None else fields.low
    return tables | {f"input {name}": individuals.magnetic(name, numbers, low)[0].numpy() for name in MR_CONTRASTS}


def _painted(anatomy: Anatomy, table: NDArray[np.float32], name: str) -> Tensor:
    if name.endswith("CT"):
        return anatomy.hounsfield(table)
    return anatomy.textured(table, individuals.MR_TEXTURE)


def _scan(
    scans: Scans,
    setting: Setting,
    anatomy: Anatomy,
    clean: Mapping[str, Tensor],
    tables: Mapping[str, NDArray[np.float32]],
    grown: Sequence[lesions.Grown],
    rng: np.random.Generator,
) -> Scan:
    points = _points(scans, setting, anatomy, rng)
    weights = slab_weights(len(points), _FINE_MM, setting.slice_mm, setting.slice_mm, setting.slice_mm / 2 + _FINE_MM)
    spacing = (setting.slice_mm, scans.pixel_mm, scans.pixel_mm)
    seed = int(rng.integers(2**62))

    def cut(pictures: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Blur what a head's grid resolves, and average over each slice."""
        made = {}
        for name, picture in pictures.items():
            sharp = blur(picture, [_SHARP_MM / s for s in anatomy.spacing])
            outside = AIR_HU if name.endswith("CT") else 0.0
            made[name] = torch.tensordot(weights, sample(sharp[None], points, outside=outside)[0], dims=1)
        return made

    free = cut(clean)
    ill = cut({name: _with(picture, grown, tables[name], name) for name, picture in clean.items()}) if grown else free
    numbers, share = _marks(anatomy, grown, points, weights)
    segmentation = _largest(sample(anatomy.segments[None].float(), points, mode="nearest")[0], weights)
    scored, wrong = _scored(len(segmentation), setting), None
    metal = _metal(scans, segmentation, spacing, seed)
    if metal is not None:
        ill = {name: _shown(picture, name, metal) for name, picture in free.items()}
        there = metal.share[0] > _METALLIC
        scored = tuple(torch.nonzero(there.flatten(1).any(dim=1))[:, 0].tolist())
        segmentation[there.numpy()] = 0
        wrong = _wrong(free["input CT"], metal, scored, scans.pixel_mm, seed)
    given, noise_free, noise = _acquired(ill, setting, spacing, seed, wrong)
    healthy = _acquired(free, setting, spacing, seed)[0] if free is not ill else {}
    where = lesions.regions(numbers, share, segmentation, scans.pixel_mm, scans.lesions.ring_mm)
    found = [
        _found(lesion.plan, where[lesion.plan.number], noise_free, noise, ill, free)
        for lesion in grown
        if lesion.plan.number in where
    ]
    return Scan(
        inputs={name: _stored(picture, name) for name, picture in given.items()},
        targets={name: _stored(ill[name].numpy(), name) for name in PICTURES},
        segmentation=segmentation,
        spacing=spacing,
        scored=scored,
        free={name: _stored(picture, name) for name, picture in healthy.items()},
        found=tuple(found),
        with_metal=metal is not None,
    )


def _scored(count: int, setting: Setting) -> tuple[int, ...]:
    """Return which of a scan's slices count."""
    if not setting.scored_slices:
        return tuple(range(count))
    kept = min(setting.scored_slices, count - 2)
    return tuple(sorted({round(place) for place in np.linspace(1, count - 2, kept)}))


def _metal(
    scans: Scans, segmentation: NDArray[np.uint8], spacing: tuple[float, float, float], seed: int
) -> Metal | None:
    """Return the metal in a scan, for a batch of one; None where the scans are of people without any."""
    if not scans.metal_pieces:
        return None
    solid = torch.from_numpy(segmentation > 0)
    lines = [torch.arange(count) * step for count, step in zip(solid.shape, spacing, strict=True)]
    middle = torch.stack(torch.meshgrid(*lines, indexing="ij"))
    reach = torch.tensor([[spacing[0] / 2, 0.0, 0.0]])
    return grow_metal(middle[None], reach, solid[None], scans.metal_pieces, Numbers([seed ^ _METAL]))


def _wrong(ct: Tensor, metal: Metal, slices: Sequence[int], pixel_mm: float, seed: int) -> Tensor:
    """Return by how much a CT `[slice, row, column]` is wrong because of metal in some of its slices, in HU."""
    error = torch.zeros_like(ct)
    own = list(slices)
    part = Metal(metal.share[:, own], metal.attenuation)
    error[own] = ct_error(ct[None, own], part, pixel_mm, Numbers([seed ^ _METAL ^ 1]))[0]
    return error


def _shown(picture: Tensor, name: str, metal: Metal) -> Tensor:
    return (into_ct if name.endswith("CT") else into_mr)(picture[None], metal)[0]


def _with(picture: Tensor, grown: Sequence[lesions.Grown], table: NDArray[np.float32], name: str) -> Tensor:
    values = {kind.name: float(table[TISSUE_INDEX[kind.tissue]]) for kind in LESION_KINDS}
    white = float(table[TISSUE_INDEX["white matter"]])
    return lesions.into(picture, grown, values, name.endswith("CT"), white)


def _points(scans: Scans, setting: Setting, anatomy: Anatomy, rng: np.random.Generator) -> Tensor:
    """Return where each voxel of the scan's fine planes lies in the head, `[plane, row, column, 3]`, in its indices."""
    spacing = anatomy.spacing
    inside = torch.isin(anatomy.segments, torch.tensor(ENCEPHALON_SEGMENTS, dtype=torch.uint8))
    brain = torch.nonzero(inside.any(dim=2).any(dim=1))
    bottom, top = (float(z) * spacing[0] for z in (brain.min(), brain.max()))
    shape = anatomy.segments.shape
    centre = np.array([(bottom + top) / 2, shape[1] * spacing[1] / 2, shape[2] * spacing[2] / 2])
    start = max(-centre[0], bottom - centre[0] - _BELOW_MM)
    fine = torch.arange(start, (shape[0] - 1) * spacing[0] - centre[0] + _ABOVE_MM, _FINE_MM, dtype=torch.float32)
    half = (scans.size - 1) * scans.pixel_mm / 2
    plane = torch.linspace(-half, half, scans.size)
    grid = torch.stack(torch.meshgrid(fine, plane, plane, indexing="ij"), dim=-1)
    turned = grid @ torch.from_numpy(_turn(setting, rng).T.astype(np.float32))
    size = (len(fine), scans.size, scans.size)
    bend = displacement(size, (_FINE_MM, scans.pixel_mm, scans.pixel_mm), setting.bend_mm, rng)
    shift = torch.tensor(centre + np.array([0.0, *rng.uniform(-8, 8, 2)]), dtype=torch.float32)
    return (turned + bend.movedim(0, -1) + shift) / torch.tensor(spacing, dtype=torch.float32)


def _turn(setting: Setting, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a turn (slice, row, column axes) with a zoom: the setting's pitch up or down, a little roll and yaw."""
    pitch = rng.uniform(*setting.pitch_degrees) * rng.choice([-1.0, 1.0])
    roll, yaw = rng.uniform(-_OTHER_TURNS, _OTHER_TURNS, 2)
    matrix = np.diag(rng.uniform(0.94, 1.06, 3))
    for first, second, degrees in ((0, 1, pitch), (0, 2, roll), (1, 2, yaw)):
        angle = math.radians(degrees)
        turn = np.eye(3)
        turn[first, first] = turn[second, second] = math.cos(angle)
        turn[first, second], turn[second, first] = -math.sin(angle), math.sin(angle)
        matrix = turn @ matrix
    return matrix


def _largest(labels: Tensor, weights: Tensor) -> NDArray[np.uint8]:
    """Return the segment that fills most of each slice's voxels; `labels` `[plane, row, column]`."""
    best = torch.zeros(len(weights), *labels.shape[1:])
    result = torch.zeros(best.shape, dtype=torch.uint8)
    for value in range(len(SEGMENTS)):
        share = torch.tensordot(weights, (labels == value).float(), dims=1)
        result[share > best] = value
        best = torch.maximum(best, share)
    return result.numpy()


def _marks(
    anatomy: Anatomy, grown: Sequence[lesions.Grown], points: Tensor, weights: Tensor
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return which lesion lies in each voxel of a scan, and the share of the voxel that it fills."""
    shape = (len(weights), *points.shape[1:3])
    if not grown:
        return np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
    share, numbers = torch.zeros(anatomy.segments.shape), torch.zeros(anatomy.segments.shape)
    for lesion in grown:
        share[lesion.box] = torch.maximum(share[lesion.box], lesion.share)
        part = numbers[lesion.box]
        part[lesion.share > 0.01] = lesion.plan.number
    filled = torch.tensordot(weights, sample(share[None], points)[0], dims=1)
    fine = sample(numbers[None], points, mode="nearest")[0]
    # Lesions lie so far apart that no slice holds two of them in one place.
    named = torch.stack([fine[row > 0].amax(dim=0) for row in weights])
    return named.to(torch.uint8).numpy(), filled.numpy()


def _acquired(
    clean: Mapping[str, Tensor],
    setting: Setting,
    spacing: tuple[float, float, float],
    seed: int,
    wrong: Tensor | None = None,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]], dict[str, float]]:
    """Return each input as scanned, the same without noise, and the noise's σ (CT in HU, MR in the signal's unit).

    The reconstruction of the CT is `wrong` by so many HU beside what bone does to it.
    """
    numbers = Numbers([seed])
    given, noise_free, noise = {}, {}, {}
    for name in PICTURES:
        picture = clean[f"input {name}"][None]
        if name == "CT":
            quiet, loud, sigma = _ct(picture, setting, spacing, numbers, wrong)
        else:
            quiet, loud, sigma = _mr(picture, setting, spacing, numbers)
        given[name], noise_free[name], noise[name] = loud[0].numpy(), quiet[0].numpy(), sigma
    return given, noise_free, noise


def _ct(
    picture: Tensor, setting: Setting, spacing: tuple[float, float, float], numbers: Numbers, wrong: Tensor | None
) -> tuple[Tensor, Tensor, float]:
    one = torch.ones(1)
    quiet = picture + beam_hardening(picture, spacing[1], one * setting.ct_hardening_hu, one * 0, numbers)
    if wrong is not None:
        quiet = quiet + wrong
    quiet = blur_planes(quiet, one * setting.ct_blur_pixels)
    grain = blur_planes(numbers.normal(picture.shape[1:]), one * 0.5)
    loud = quiet + grain * (setting.ct_noise_hu / grain.std())
    if setting.ct_head_rest:
        loud = _with_head_rest(loud, picture, spacing[1])
    return quiet, loud.clamp(-1024, 3071), setting.ct_noise_hu


def _mr(
    picture: Tensor, setting: Setting, spacing: tuple[float, float, float], numbers: Numbers
) -> tuple[Tensor, Tensor, float]:
    one = torch.ones(1)
    quiet = blur_planes(picture, one * setting.mr_blur_pixels)
    quiet = quiet * torch.exp(setting.mr_bias * smooth_fields(picture.shape[1:], spacing, 90.0, numbers))
    sigma = setting.mr_noise * bright(quiet)
    return quiet, rician(quiet, sigma, numbers), float(sigma)


def _with_head_rest(result: Tensor, ct: Tensor, pixel_mm: float) -> Tensor:
    """Return a CT with a curved shell 4 mm behind the head and a pad within it, never over the head itself."""
    rows = torch.arange(ct.shape[2])[:, None] * pixel_mm
    columns = torch.arange(ct.shape[3]) * pixel_mm
    head = (ct > -500).any(dim=1)[0]
    bottom = float((rows[:, 0] * head.any(dim=1)).max()) + 4.0
    middle = float((columns * head.any(dim=0)).sum() / head.any(dim=0).sum().clamp_min(1))
    radius = 105.0
    distance = torch.hypot(rows - (bottom - radius), columns - middle)
    air = ct < -700
    result = result + 30.0 * (air & (distance < radius) & (rows > bottom - 60))
    shell = ((distance - radius).abs() < 2.0) & (rows > bottom - 45)
    return torch.where(air & shell, torch.tensor(-300.0), result)


def _found(
    plan: lesions.Planned,
    region: lesions.Region,
    noise_free: Mapping[str, NDArray[np.float32]],
    noise: Mapping[str, float],
    ill: Mapping[str, Tensor],
    free: Mapping[str, Tensor],
) -> Found:
    return Found(
        plan,
        region,
        {name: lesions.contrast(picture, region) / noise[name] for name, picture in noise_free.items()},
        {name: lesions.contrast(ill[name].numpy(), region) for name in PICTURES},
        {name: lesions.contrast(free[name].numpy(), region) for name in PICTURES},
    )


def _stored(picture: NDArray[np.float32], name: str) -> NDArray[np.int16]:
    scale = 1 if name.endswith("CT") else 1000
    return np.round(np.clip(picture * scale, -32768, 32767)).astype(np.int16)
