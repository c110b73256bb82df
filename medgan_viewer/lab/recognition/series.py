"""Series of which it is known what they show: simulated heads and the archives of the data folder, by split.

Whole patients are kept apart. Of the real ones: IXI's `calibrate`, `ms` 07 and 26 and the exam patients of
`ct_slices_hu` are the test; of those to train on, IXI's last four, `ms` 04 and one patient of `ct_slices_hu` validate.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.core.volume import Volume
from medgan_viewer.lab.recognition import inventions
from medgan_viewer.lab.simulation import individuals
from medgan_viewer.lab.simulation.acquisition import acquire_ct, acquire_mr
from medgan_viewer.lab.simulation.anatomy import Anatomy, build_anatomy
from medgan_viewer.lab.simulation.data import load_head_labels
from medgan_viewer.lab.simulation.fields import blur, displacement, random_affine, sample
from medgan_viewer.lab.simulation.heads import TEST_HEADS, TRAIN_HEADS, VALIDATION_HEADS
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.simulate import crop_to_head
from medgan_viewer.lab.simulation.tissues import ENCEPHALON_SEGMENTS, TISSUE_INDEX, TISSUES
from medgan_viewer.lab.sources.splits import NEIGHBOURS, block, body_patients
from medgan_viewer.models.encoding import AIR_HU
from medgan_viewer.models.recognition import along, plane_of

__all__ = [
    "ALL_GROUPS",
    "GROUPS",
    "KINDS",
    "PLACES",
    "REGIONS",
    "SPLITS",
    "WAYS",
    "Labelled",
    "labels",
    "patient",
    "patients_of",
    "series_of",
]

KINDS = ("CT", "T1", "T1+C", "T2", "FLAIR", "other")
REGIONS = ("head", "body", "other")
PLACES = ("axial", "sagittal", "coronal", "none")
WAYS = ("upright", "upside down")
SPLITS = ("train", "validation", "test")
_GRID_MM = 2.0
_HEADS = {"train": TRAIN_HEADS, "validation": VALIDATION_HEADS, "test": TEST_HEADS}
_VARIANTS = {"train": 3, "validation": 2, "test": 1}
_IXI_VALIDATION = 4
_MS = {"train": ("01", "03"), "validation": ("04",), "test": ("07", "26")}
_MS_FILES = {"T1": "t1", "T2": "t2", "FLAIR": "flair", "T1+C": "t1post"}
_CROPS = {"train": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}
_INVENTED = {"train": 1200, "validation": 150, "test": 150}
_BODIES_SHARE = 5
"""For so many invented pictures of nothing there is one invented body."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """A series and what it shows: indices of `KINDS`, `REGIONS`, `PLACES` and `WAYS`; −1 where that is not known.

    `group` names the data that it is of.
    """

    group: str
    patient: str
    volume: Volume
    labels: tuple[int, int, int, int]


def labels(kind: str, region: str = "head", plane: str = "axial", way: str = "upright") -> tuple[int, int, int, int]:
    """Return the labels of these words; "" is not known."""
    words = zip((KINDS, REGIONS, PLACES, WAYS), (kind, region, plane, way), strict=True)
    first, second, third, fourth = (known.index(word) if word else -1 for known, word in words)
    return first, second, third, fourth


def series_of(data: Path, group: str, split: str, seed: int = 0) -> Iterator[Labelled]:
    """Yield the series of a group for a split. Raises KeyError for an unknown group."""
    return ALL_GROUPS[group](data, split, seed)


def patients_of(data: Path, split: str) -> tuple[str, ...]:
    """Return who is in a split; parts of archives without patient ids, and inventions, stand for one each."""
    parts = [f"tumour_types, block for {split}", f"inventions for {split}"]
    heads = [f"head_{number:02d}" for number in _HEADS[split]]
    crops = [path.name.split(".")[0] for path in _crops(data, split)]
    ms = [f"ms {number}" for number in _MS[split]]
    return (*heads, *_ixi_patients(data, split), *ms, *_body_patients(data, split), *crops, *parts)


def _three_planes(group: str, patient: str, volume: Volume, kind: str) -> Iterator[Labelled]:
    for axis in range(3):
        turned = along(volume, axis)
        yield Labelled(group, patient, turned, labels(kind, plane=plane_of(turned)))


# Simulated heads


def _simulated(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    for number in _HEADS[split]:
        whole, spacing = load_head_labels(data, number)
        whole = crop_to_head(whole, spacing)
        for variant in range(_VARIANTS[split]):
            rng = np.random.default_rng([seed, variant, number])
            yield from patient(f"head_{number:02d}", whole, spacing, rng)


def patient(
    name: str, whole: NDArray[np.uint16], spacing: tuple[float, float, float], rng: np.random.Generator
) -> Iterator[Labelled]:
    """Yield one simulated patient in every kind and plane, on an even grid."""
    with torch.inference_mode():
        anatomy = build_anatomy(whole, spacing, rng, vary=True, lesion_probability=0.5)
        points = _points(anatomy, rng)
        inside = torch.isin(anatomy.segments, torch.tensor((*ENCEPHALON_SEGMENTS, 6), dtype=torch.uint8)).float()
        brain = sample(blur(inside, [1.0 / s for s in spacing])[None], points)[0] > 0.5
        # Some archives hold heads without skull and skin; the same one for all series of the patient.
        stripped = rng.random() < 0.2
        for kind in KINDS:
            numbers = Numbers([int(rng.integers(2**62))])
            picture = _painted(anatomy, kind, numbers, points)
            if stripped and kind != "CT":
                picture = picture * brain
            volume = _volume(picture.numpy(), "CT" if kind == "CT" else "MR")
            for one in _three_planes("simulated heads", name, volume, kind):
                yield replace(one, volume=_acquired(one.volume, numbers))


def _points(anatomy: Anatomy, rng: np.random.Generator) -> Tensor:
    """Return where the voxels of a new grid lie in the head's, `[slice, row, column, 3]`: turned, bent, cut below."""
    shape = anatomy.segments.shape
    inside = torch.isin(anatomy.segments, torch.tensor(ENCEPHALON_SEGMENTS, dtype=torch.uint8))
    brain = torch.nonzero(inside.any(dim=2).any(dim=1)).flatten() * anatomy.spacing[0]
    bottom, top = float(brain.min()), float(brain.max())
    centre = np.array([(bottom + top) / 2, shape[1] * anatomy.spacing[1] / 2, shape[2] * anatomy.spacing[2] / 2])
    low = max(0.0, bottom - float(rng.uniform(0, 75))) - centre[0]
    high = (shape[0] - 1) * anatomy.spacing[0] - centre[0] + 4
    rows, columns = (float(rng.uniform(105, 130)), float(rng.uniform(85, 130)))
    axes = [
        torch.arange(first, last, _GRID_MM, dtype=torch.float32)
        for first, last in ((low, high), (-rows, rows), (-columns, columns))
    ]
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    moved = grid @ torch.from_numpy(random_affine(rng, 0.8).T.astype(np.float32))
    size = (grid.shape[0], grid.shape[1], grid.shape[2])
    bend = displacement(size, (_GRID_MM,) * 3, float(rng.uniform(0.5, 3.5)), rng)
    shift = torch.tensor(centre, dtype=torch.float32)
    return (moved + bend.movedim(0, -1) + shift) / torch.tensor(anatomy.spacing, dtype=torch.float32)


def _painted(anatomy: Anatomy, kind: str, numbers: Numbers, points: Tensor) -> Tensor:
    """Return the clean picture of a kind on the new grid."""
    if kind == "CT":
        painted = anatomy.hounsfield(individuals.hounsfield(numbers)[0].numpy())
    else:
        painted = anatomy.textured(_signals(kind, numbers).numpy(), individuals.MR_TEXTURE)
    fine = blur(painted, [0.8 / s for s in anatomy.spacing])
    return sample(fine[None], points, outside=AIR_HU if kind == "CT" else 0.0)[0]


def _signals(kind: str, numbers: Numbers) -> Tensor:
    """Return what each tissue gives: of "other" proton density, or a random contrast that no sequence has."""
    if kind == "other":
        weighted = _tensor("pd") * (1 - torch.exp(-3000.0 / _tensor("t1"))) * torch.exp(-20.0 / _tensor("t2"))
        random = individuals.magnetic("MR", numbers)[0]
        return weighted if float(numbers.uniform()) < 0.5 else random
    signals = individuals.magnetic(kind.removesuffix("+C"), numbers)[0]
    bright = ("vein", "artery", "choroid plexus", "mucosa", "dura")
    chosen = [TISSUE_INDEX[name] for name in bright]
    white = signals[TISSUE_INDEX["white matter"]]
    if kind == "T1+C":
        strength = torch.tensor([1.0, 0.85, 0.8, 0.85, 0.6])
        signals[chosen] = white * strength * numbers.uniform(1.3, 2.3) * numbers.uniform(0.85, 1.15, (5,))[0]
    elif kind == "T1":
        # Without contrast medium vessels are dark or grey; inflow makes a few of them bright.
        signals[chosen[:2]] = white * numbers.uniform(0.1, 0.9) * numbers.uniform(0.8, 1.2, (2,))[0]
    return signals


def _tensor(field: str) -> Tensor:
    return torch.tensor([getattr(tissue, field) for tissue in TISSUES])


def _volume(array: NDArray[Any], modality: str, spacing: tuple[float, float, float] = (_GRID_MM,) * 3) -> Volume:
    """Return a volume in canonical axial orientation."""
    affine = np.zeros((4, 4))
    affine[[2, 1, 0, 3], [0, 1, 2, 3]] = [*spacing, 1.0]
    return Volume(array, affine, modality=modality, unit="HU" if modality == "CT" else "")


def _acquired(volume: Volume, numbers: Numbers) -> Volume:
    """Return a series as a scanner might give it: slices averaged to some thickness, noise, shading, couch."""
    group = int(numbers.choice([1, 2, 3], [0.4, 0.35, 0.25]))
    count = len(volume.array) // group
    thick = volume.array[: count * group].reshape(count, group, *volume.shape[1:]).mean(axis=1)
    picture = torch.from_numpy(np.ascontiguousarray(thick))[None]
    if volume.modality == "CT":
        made = acquire_ct(picture, _GRID_MM, numbers)
    else:
        made = acquire_mr(picture, (_GRID_MM * group, _GRID_MM, _GRID_MM), numbers)
    affine = volume.affine.copy()
    affine[:, 0] *= group
    return replace(volume, array=made[0].numpy(), affine=affine)


# Archives


def _ixi(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    from medgan_viewer.dicom import nifti

    for patient in _ixi_patients(data, split):
        volume = nifti.read(data / "ixi_t1_2mm" / f"{patient}.nii.gz")
        yield from _three_planes("ixi_t1_2mm", patient, volume, "T1")


def _ixi_patients(data: Path, split: str) -> list[str]:
    index = json.loads((data / "ixi_t1_2mm" / "index.json").read_text(encoding="utf-8"))
    role = "calibrate" if split == "test" else "train"
    patients = sorted(patient for patient, entry in index.items() if entry["role"] == role)
    if split == "test":
        return patients
    return patients[-_IXI_VALIDATION:] if split == "validation" else patients[:-_IXI_VALIDATION]


def _ms(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    from medgan_viewer.dicom import nifti

    for session in sorted(path for path in (data / "ms").glob("patient*") if path.name[7:9] in _MS[split]):
        for kind, stem in _MS_FILES.items():
            path = session / f"{stem}.nii.gz"
            if path.exists():
                yield from _three_planes("ms", session.name[7:9], nifti.read(path), kind)


def _body(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    for patient in _body_patients(data, split):
        for path in sorted((data / "ct_slices_hu").glob(f"{patient}_*.npz")):
            with np.load(path) as stored:
                row, column = (float(value) for value in stored["spacing"])
                volume = _volume(stored["hu"][None], "CT", (5.0, row, column))
            yield Labelled("ct_slices_hu", patient, volume, labels("CT", "body"))


def _body_patients(data: Path, split: str) -> list[str]:
    return list(body_patients((data / "ct_slices_hu").glob("*.npz"), 1)[split])


def _tumour_types(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    """Slices of single patients whose plane nobody wrote down; patient ids are lost, so blocks stand for patients.

    Their kind is told in the test alone. Learned from them, whatever comes from a scanner and has a tumour is T1 with
    contrast medium: no other kind has tumours of real patients.
    """
    with np.load(data / "tumour_types" / "t1post_128.npz") as stored:
        images, classes = stored["image"], stored["label"].astype(int)
    for kind in range(3):
        places = np.flatnonzero(classes == kind)
        for place in places[block(split, len(places))]:
            volume = _volume(images[place][None], "MR", (5.0, 1.0, 1.0))
            known = labels("T1+C" if split == "test" else "", plane="")
            yield Labelled("tumour_types", f"{kind}, slices {place // NEIGHBOURS}", volume, known)


def _hippocampus(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    from medgan_viewer.dicom import nifti

    for path in _crops(data, split):
        volume = nifti.read(path)
        yield Labelled("hippocampus", path.name.split(".")[0], volume, labels("other", "other", "none", ""))


def _crops(data: Path, split: str) -> list[Path]:
    paths = sorted((data / "hippocampus" / "images").glob("*.nii.gz"))
    low, high = _CROPS[split]
    return paths[round(low * len(paths)) : round(high * len(paths))]


def _invented(data: Path, split: str, seed: int, body: bool = False) -> Iterator[Labelled]:
    """Pictures of nothing and of test objects, or of bodies made of ellipses."""
    group = "invented bodies" if body else "invented"
    for number in range(_INVENTED[split] // (_BODIES_SHARE if body else 1)):
        rng = np.random.default_rng([seed, SPLITS.index(split), number])
        array = (inventions.body(rng) if body else inventions.other(rng))[None]
        known = labels("CT", "body") if body else labels("other", "other", "none", "")
        yield Labelled(group, f"{split} {number}", _volume(array, "CT" if body else "MR", (5.0, 2.0, 2.0)), known)


def _lgg(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    index = json.loads((data / "lgg" / "index.json").read_text(encoding="utf-8"))
    for patient, entry in sorted(index.items()):
        if split != "test" or entry["split"] != "test":
            continue
        with np.load(data / "lgg" / f"{patient}.npz") as stored:
            for kind, part in (("T1", "t1"), ("FLAIR", "flair")):
                if part != "t1" or entry["has_t1"]:
                    volume = _volume(stored[part], "MR", (5.0, 1.25, 1.25))
                    yield Labelled("lgg", patient, volume, labels(kind))


def _phantom(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    for path in sorted((data / "ct_dose_phantom" / "fbp").glob("*/*/*_001.raw")) if split == "test" else ():
        slices = np.fromfile(path, "<i2").reshape(1, 256, 256)
        yield Labelled("ct_dose_phantom", path.parent.name, _volume(slices, "CT"), labels("other", "other", "none", ""))


def _dicom(data: Path, split: str, seed: int) -> Iterator[Labelled]:
    """Series of real studies: what they show is known from their headers, which were checked by eye."""
    from medgan_viewer.dicom import assemble, index

    for folder in sorted(path for path in (data / "dicom").glob("*") if path.is_dir()) if split == "test" else ():
        for study in index.scan([folder], learn=False).studies:
            for series in study.series:
                stack = assemble.open_stack(series)
                stack.read_all()
                region = "body" if "CHEST" in series.body_part.upper() else "head"
                known = labels(series.contrast or series.modality, region)
                yield Labelled("dicom", folder.name, stack.stack.volume(), known)


GROUPS: Mapping[str, Callable[[Path, str, int], Iterator[Labelled]]] = {
    "simulated heads": _simulated,
    "ixi_t1_2mm": _ixi,
    "ms": _ms,
    "ct_slices_hu": _body,
    "tumour_types": _tumour_types,
    "hippocampus": _hippocampus,
    "invented": _invented,
    "invented bodies": partial(_invented, body=True),
}
"""What series come from, by name."""
OUTSIDE: Mapping[str, Callable[[Path, str, int], Iterator[Labelled]]] = {
    "lgg": _lgg,
    "ct_dose_phantom": _phantom,
    "dicom": _dicom,
}
"""Data that nothing is ever trained on: they have the split test only."""
ALL_GROUPS = {**GROUPS, **OUTSIDE}
