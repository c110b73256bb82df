"""The public data sets of the data folder as sources, each with the split that every number refers to."""

import json
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab.simulation import low_dose_ct
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, check_refusals, generators
from medgan_viewer.lab.sources.cases import Case, CaseSource, Window
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.sources.splits import BLOCKS, block, body_patients
from medgan_viewer.lab.sources.variation import varied
from medgan_viewer.lab.sources.volumes import SliceCache, as_target, axial, canonical, encoded, on_grid
from medgan_viewer.models.encoding import AIR_HU, compand_ct, named, scaled_mr_channels

MS_OUTSIDE = ("07", "26")
CLASSES = {"tumour_types": ("pituitary tumour", "meningioma", "glioma")}
_LGG_SPACING = (5.0, 1.25, 1.25)
"""mm; of these slices only the size in pixels is known. Needed for the size of the head's smoothing only."""
LOW_DOSE = "low dose CT"
_SCANS = 12

Pictures = dict[str, NDArray[Any]]
Placed = tuple[str, str, Pictures, NDArray[Any] | None, int | None]
"""Split, patient, canonical pictures `[slice, channel, row, column]` ("… in" and "… out"), segmentation, class."""


class Archive(CaseSource):
    """One archive: `source` and `target` (and `segmentation`, `label`); `image` where there are no `inputs`.

    - `ixi_t1_2mm`: T1; its 30 train patients, and the 24 for calibration as the split of that name.
    - `lgg`: T1, FLAIR, segmentation (1 tumour); split as in its index. Patients without a T1 of their own are left out
      where T1 is asked for. *Non-commercial.*
    - `ms`: T1, T2, FLAIR, and T1+C and segmentation (1 lesion) of patients 07 and 26 only; `held_out` patients are the
      test, the others train.
    - `tumour_types`: T1+C with `label` 0 pituitary, 1 meningioma, 2 glioma. Patient ids are lost: the split is by
      contiguous blocks of each class (70, 15, 15 %), the first slices of the later ones left out (`splits`).
    - `ct_slices_hu`: CT of the body; the four patients of the exam "ct-low-dose" test, the last other one validates.
      As an input also "low dose CT": twelve scans of every slice with few photons, simulated once (`low_dose_ct`;
      about a minute of one core for five slices).

    A sample takes one of the `inputs`, or all of them `together`, one's channels after the other's in every slice. The
    last of them can be `optional`: it is zeros in half of the samples and where a patient has none. With `vary`
    training samples of MR with a segmentation get another pose and another scanner's signal (`variation`). The last
    `set_aside` patients of validation become the split "calibration".

    Raises UsageError for an unknown archive or picture and for what cannot be varied, MissingPartError where the data
    are absent.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[str] = (),
        targets: Sequence[str] = (),
        crop: int = 160,
        neighbours: int = 0,
        channels_per_slice: int = 0,
        grid_mm: float = 1.25,
        paired: bool = True,
        together: bool = False,
        optional: Sequence[str] = (),
        vary: bool = False,
        held_out: Sequence[str] = MS_OUTSIDE,
        set_aside: int = 0,
        cache: str | Path | None = None,
        data: str | Path | None = None,
    ) -> None:
        if name not in READERS:
            raise UsageError(f"There is no archive {name}: choose one of {', '.join(READERS)}.")
        known, read = READERS[name]
        for wanted in (*inputs, *targets):
            if wanted not in known or (wanted == LOW_DOSE and wanted in targets):
                raise UsageError(f"The archive {name} has no {wanted}: it has {', '.join(known)}.")
        pictures = tuple(target for target in targets if target != "segmentation")
        segmented = "segmentation" in targets
        if not inputs and not pictures:
            raise UsageError(f"The archive {name} needs inputs or targets among {', '.join(known)}.")
        if vary and (pictures or not segmented or any(_encoding(one) != "mr_head" for one in inputs)):
            raise UsageError("Only inputs of MR with the target segmentation and no other can be varied.")
        needed = tuple(inputs[: len(inputs) - len(optional)])
        if optional and (not together or len(inputs) < 2 or list(optional) != list(inputs[-1:])):
            raise UsageError("Only the last of several inputs that are taken together can be optional.")
        self._vary, self._optional = vary, bool(optional)
        kept = SliceCache(Path(cache) if cache else settings.cache_folder() / "slices", [name, grid_mm])
        wanted_pictures = (*inputs, *pictures), (*needed, *pictures)
        reading = _Reading(data_folder(data) / name, grid_mm, kept, tuple(held_out), *wanted_pictures, segmented)
        cases: dict[str, list[Case]] = {"train": [], "validation": [], "test": []}
        for placed in read(reading):
            case = _case(placed, inputs, pictures, segmented=segmented)
            if case is not None and (not together or set(needed) <= set(case.sources)):
                cases.setdefault(placed[0], []).append(_joined(case, len(needed)) if together else case)
        if set_aside:
            _set_aside(cases, set_aside)
        check_refusals(reading.refused, reading.files)
        widths = [named(_encoding(one)).channels for one in dict.fromkeys(inputs)] or [1]
        width = channels_per_slice or (sum(widths) if together else max(widths))
        super().__init__(
            cases,
            Window(crop, neighbours, width),
            classes=len(CLASSES.get(name, ())) or (2 if segmented else 0),
            paired=paired,
            refused=reading.refused,
        )

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return random samples as `CaseSource` does, those of train varied where that is wanted."""
        batch = super().batch(count, draw, split)
        if not self._vary or split != "train":
            return batch
        numbers = Numbers([int(rng.integers(2**62)) for rng in generators(count, draw)])
        slices = 2 * self._window.neighbours + 1
        source, labels = varied(batch["source"], batch["segmentation"], self.classes, slices, numbers)
        if self._optional:
            # A series that is not there has no noise either.
            given, made = (one.view(count, slices, -1, *one.shape[2:]) for one in (batch["source"], source))
            made[(given[:, :, -1] == 0).flatten(1).all(dim=1), :, -1] = 0
        return {**batch, "source": source, "segmentation": labels}


class _Reading:
    """What the readers share: where the archive is, what is wanted of it, and what did not open."""

    def __init__(
        self,
        folder: Path,
        grid_mm: float,
        cache: SliceCache,
        held_out: tuple[str, ...],
        wanted: tuple[str, ...],
        needed: tuple[str, ...],
        segmented: bool,
    ) -> None:
        self.folder, self.grid_mm, self.held_out = folder, grid_mm, held_out
        self.wanted, self.needed, self.segmented = wanted, needed, segmented
        self.refused: list[Refusal] = []
        self.files = 0
        self._cache = cache

    def kept(self, path: Path, part: str, make: Callable[[], Any]) -> NDArray[Any] | None:
        """Return an array out of a file, from the cache where it is; None where the file does not open."""
        self.files += 1
        try:
            return self._cache.get([path], part, make)
        except (MedganError, OSError, ValueError, KeyError) as error:
            sentence = error.sentence if isinstance(error, MedganError) else "It cannot be read."
            self.refused.append(Refusal(path.name, sentence))
            return None

    def volume(self, path: Path, grid: Path, role: str) -> NDArray[Any] | None:
        """Return the slices of a NIfTI MR volume on the grid of another one; `role` is in, out or labels."""

        def make() -> Any:
            from medgan_viewer.dicom import nifti

            labels = role == "labels"
            volume, reference = (axial(replace(nifti.read(one), modality="MR")) for one in (path, grid))
            values, spacing = canonical(on_grid(volume, reference, labels=labels), self.grid_mm, labels=labels)
            if labels:
                return (values > 0).astype(np.uint8)
            return _both(values, spacing, "MR")[role].astype(np.float16)

        return self.kept(path, role, make)


def _ixi(reading: _Reading) -> Iterator[Placed]:
    index = json.loads((reading.folder / "index.json").read_text(encoding="utf-8"))
    splits = {"train": "train", "calibrate": "calibration"}
    for patient, entry in sorted(index.items()):
        path = reading.folder / f"{patient}.nii.gz"
        picture = reading.volume(path, path, "in")
        if picture is not None:
            yield splits[entry["role"]], patient, {"T1 in": picture, "T1 out": picture}, None, None


def _lgg(reading: _Reading) -> Iterator[Placed]:
    index = json.loads((reading.folder / "index.json").read_text(encoding="utf-8"))
    splits = {"train": "train", "val": "validation", "test": "test"}
    for patient, entry in sorted(index.items()):
        if "T1" in reading.needed and not entry["has_t1"]:
            continue
        path = reading.folder / f"{patient}.npz"
        pictures: Pictures = {}
        for name, part in (("T1", "t1"), ("FLAIR", "flair")):
            # Without a T1 of the patient's own its place holds a copy of another picture.
            if name in reading.wanted and (name != "T1" or entry["has_t1"]):
                made = reading.kept(path, part, partial(_lgg_slices, path, part))
                if made is not None:
                    pictures |= {f"{name} in": made, f"{name} out": made}
        mask = reading.kept(path, "mask", partial(_stored, path, "mask")) if reading.segmented else None
        yield splits[entry["split"]], patient, pictures, mask, None


def _ms(reading: _Reading) -> Iterator[Placed]:
    files = {"T1": "t1", "T2": "t2", "FLAIR": "flair", "T1+C": "t1post"}
    for session in sorted(path for path in reading.folder.glob("patient*") if path.is_dir()):
        number = session.name[7:9]
        grid = session / "flair.nii.gz"
        pictures: Pictures = {}
        for name in dict.fromkeys(reading.wanted):
            path = session / f"{files[name]}.nii.gz"
            made = reading.volume(path, grid, "in") if path.exists() else None
            if made is not None:
                pictures |= {f"{name} in": made, f"{name} out": made}
        lesions = session / "lesions.nii.gz"
        mask = reading.volume(lesions, grid, "labels") if reading.segmented and lesions.exists() else None
        yield "test" if number in reading.held_out else "train", number, pictures, mask, None


def _tumour_types(reading: _Reading) -> Iterator[Placed]:
    path = reading.folder / "t1post_128.npz"
    images, labels = (reading.kept(path, part, partial(_stored, path, part)) for part in ("image", "label"))
    if images is None or labels is None:
        return
    for kind in range(len(CLASSES["tumour_types"])):
        places = np.flatnonzero(np.asarray(labels).astype(int) == kind)
        for split in BLOCKS:
            picture = scaled_mr_channels(images[places[block(split, len(places))]] / 255.0)
            pictures = {"T1+C in": picture, "T1+C out": picture}
            yield split, f"class {kind}, block for {split}", pictures, None, kind


def _ct_slices(reading: _Reading) -> Iterator[Placed]:
    paths = sorted(reading.folder.glob("*.npz"))
    splits = {patient: split for split, chosen in body_patients(paths, 1).items() for patient in chosen}
    for path in paths:
        patient = path.name.split("_")[0]
        made = reading.kept(path, "both", partial(_ct_slice, path, reading.grid_mm))
        if made is None:
            continue
        pictures = {"CT in": made[:, :2], "CT out": made[:, 2:]}
        if LOW_DOSE not in reading.wanted:
            yield splits[patient], patient, pictures, None, None
            continue
        scans = reading.kept(path, LOW_DOSE, partial(_low_dose, path, reading.grid_mm))
        for scan in [] if scans is None else scans:
            yield splits[patient], patient, pictures | {f"{LOW_DOSE} in": scan[None]}, None, None


READERS: dict[str, tuple[tuple[str, ...], Callable[[_Reading], Iterator[Placed]]]] = {
    "ixi_t1_2mm": (("T1",), _ixi),
    "lgg": (("T1", "FLAIR", "segmentation"), _lgg),
    "ms": (("T1", "T2", "FLAIR", "T1+C", "segmentation"), _ms),
    "tumour_types": (("T1+C",), _tumour_types),
    "ct_slices_hu": (("CT", LOW_DOSE), _ct_slices),
}
"""Archive → the pictures that it has, and how it is read."""


def _case(placed: Placed, inputs: Sequence[str], pictures: Sequence[str], *, segmented: bool) -> Case | None:
    """Return the case, None where it lacks a target, all of the inputs, or a segmentation that is asked for."""
    _, patient, found, mask, label = placed
    sources = {name: found[f"{name} in"] for name in inputs if f"{name} in" in found}
    targets = [found[f"{name} out"] for name in pictures if f"{name} out" in found]
    if (inputs and not sources) or len(targets) < len(pictures) or (segmented and mask is None):
        return None
    outside = {name: named(_encoding(name)).outside for name in sources}
    outside["target"] = tuple(float(compand_ct(np.array(-1000.0))) if name == "CT" else 0.0 for name in pictures)
    return Case(patient, sources, np.concatenate(targets, axis=1) if targets else None, outside, mask, label)


def _joined(case: Case, needed: int) -> Case:
    """Return the case with its inputs as one; where there are more than are needed, with the needed ones as another."""
    names = list(case.sources)
    parts = sorted({needed, len(names)})
    each = [replace(case, sources={name: case.sources[name] for name in names[:part]}).joined() for part in parts]
    sources = {name: stack for one in each for name, stack in one.sources.items()}
    outside = {name: values for one in each for name, values in one.outside.items()}
    return replace(case, sources=sources, outside=outside)


def _set_aside(cases: dict[str, list[Case]], count: int) -> None:
    """Move the last `count` patients of validation to calibration, and leave one. Raises UsageError for too many."""
    patients = sorted({case.patient for case in cases["validation"]})
    if count >= len(patients):
        raise UsageError(f"Of {len(patients)} patients for validation, at most all but one can be set aside.")
    chosen = set(patients[-count:])
    cases["calibration"] = [case for case in cases["validation"] if case.patient in chosen]
    cases["validation"] = [case for case in cases["validation"] if case.patient not in chosen]


def _encoding(name: str) -> str:
    return "ct_two_window" if name.endswith("CT") else "mr_head"


def _both(values: NDArray[Any], spacing: Sequence[float], modality: str) -> Pictures:
    name = "ct_two_window" if modality == "CT" else "mr_head"
    return {
        "in": encoded(values, spacing, modality, name, mask_couch=False),
        "out": as_target(values, spacing, modality, mask_couch=False),
    }


def _stored(path: Path, part: str) -> NDArray[Any]:
    with np.load(path) as stored:
        return np.asarray(stored[part])


def _lgg_slices(path: Path, part: str) -> NDArray[Any]:
    return _both(_stored(path, part), _LGG_SPACING, "MR")["in"].astype(np.float16)


def _ct_slice(path: Path, grid_mm: float) -> NDArray[Any]:
    """Return `[1, 3, row, column]`: the two channels of the encoding, and the companded CT."""
    values, spacing = _hounsfield(path, grid_mm)
    return np.concatenate(list(_both(values, spacing, "CT").values()), axis=1).astype(np.float16)


def _low_dose(path: Path, grid_mm: float) -> NDArray[Any]:
    """Return `[scan, 2, row, column]`: encoded scans of the slice with few photons, the same ones for the same file."""
    import torch

    values, spacing = _hounsfield(path, grid_mm)
    clean = torch.from_numpy(values)[None]
    numbers = Numbers([zlib.crc32(path.name.encode()) * 64 + scan for scan in range(_SCANS)])
    photons = low_dose_ct.random_photons(numbers)
    size = max(values.shape[1:])
    below, right = (size - length for length in values.shape[1:])
    square = torch.nn.functional.pad(clean, (0, right, 0, below), value=AIR_HU).expand(_SCANS, -1, -1, -1)
    angles = math.ceil(1.2 * size)
    noisy = low_dose_ct.low_dose(square, grid_mm, photons, numbers, angles)[..., : clean.shape[-2], : clean.shape[-1]]
    return encoded(noisy[:, 0].numpy(), spacing, "CT", "ct_two_window", mask_couch=False).astype(np.float16)


def _hounsfield(path: Path, grid_mm: float) -> tuple[NDArray[np.float32], tuple[float, float, float]]:
    from medgan_viewer.core.volume import Volume

    row, column = (float(value) for value in _stored(path, "spacing"))
    affine = np.array([[0, 0, column, 0], [0, row, 0, 0], [5.0, 0, 0, 0], [0, 0, 0, 1.0]])
    return canonical(Volume(_stored(path, "hu")[None], affine, None, "CT", "HU"), grid_mm)
