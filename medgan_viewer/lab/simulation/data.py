"""Training data: the anatomical label maps, a cache of series simulated from them, and random batches out of it."""

import json
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.simulation.heads import CALIBRATION_HEADS, TEST_HEADS, TRAIN_HEADS, VALIDATION_HEADS
from medgan_viewer.lab.simulation.simulate import MR_CONTRASTS, SimulatedHead, SimulationSettings, simulate_series
from medgan_viewer.models.encoding import mask_couch, mr_reference

__all__ = [
    "CALIBRATION_HEADS",
    "LABELS",
    "PICTURES",
    "TEST_HEADS",
    "TRAIN_HEADS",
    "VALIDATION_HEADS",
    "encode_series",
    "evaluation_settings",
    "load_head_labels",
    "simulate_cache",
    "training_settings",
    "write_series",
]

PICTURES: tuple[str, ...] = ("CT", "T1", "T2", "FLAIR", "input CT", "input T1", "input T2", "input FLAIR")
"""What a cached series holds beside its labels: targets, then inputs; CT in HU, MR in 1/1000 of its reference."""
LABELS: tuple[str, ...] = ("segmentation", "lesions")


def load_head_labels(data: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
    """Return head `number` of `data`/head_labels as FreeSurfer labels `[slice, row, column]` (+S, +P, +L) and mm."""
    import SimpleITK

    folder = data / "head_labels"
    image = SimpleITK.DICOMOrient(SimpleITK.ReadImage(folder / f"head_{number:02d}.nii.gz"), "LPS")
    codes = json.loads((folder / "codes.json").read_text(encoding="utf-8"))
    table = np.zeros(256, dtype=np.uint16)
    for code, label in codes.items():
        table[int(code)] = label
    column, row, plane = image.GetSpacing()
    return table[SimpleITK.GetArrayFromImage(image)], (plane, row, column)


def encode_series(head: SimulatedHead) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """Return a series as `[slice, picture, row, column]` int16 (see `PICTURES`) and `[slice, label, row, column]`.

    Inputs are what a network gets to see: the couch is masked out of the CT, each MR divided by its reference.
    """
    pictures = [head.ct, head.t1 * 1000, head.t2 * 1000, head.flair * 1000, mask_couch(head.inputs["CT"], head.spacing)]
    for contrast in MR_CONTRASTS:
        picture = head.inputs[contrast]
        pictures.append(picture * (1000 / mr_reference(picture, head.spacing)))
    stacked = np.clip(np.round(np.stack(pictures, axis=1)), -32768, 32767).astype(np.int16)
    return stacked, np.stack([head.segmentation, head.lesions], axis=1)


def simulate_cache(
    data: Path,
    cache: Path,
    heads: tuple[int, ...],
    settings: SimulationSettings,
    *,
    patients: int,
    series: int,
    seed: int,
) -> None:
    """Simulate `patients` patients of each head into `cache`, `series` of each patient; what is there is kept.

    The order is by patient, then head, so that an unfinished cache is already balanced.
    """
    cache.mkdir(parents=True, exist_ok=True)
    for patient in range(patients):
        for number in heads:
            last = cache / f"head_{number:02d}_{seed + patient:04d}_{series - 1}.labels.npy"
            if last.exists():
                continue
            labels, spacing = load_head_labels(data, number)
            rng = np.random.default_rng([seed + patient, number])
            for part, head in enumerate(simulate_series(labels, spacing, rng, settings, series)):
                write_series(cache / f"head_{number:02d}_{seed + patient:04d}_{part}", *encode_series(head))


def training_settings() -> SimulationSettings:
    """Return settings with short series: many positions of many patients rather than whole heads."""
    return SimulationSettings(max_slices=32)


def evaluation_settings() -> SimulationSettings:
    """Return settings with whole series of usual slice thickness."""
    return SimulationSettings(slice_mm=(2.5, 6.0))


def write_series(stem: Path, pictures: NDArray[np.int16], labels: NDArray[np.uint8]) -> None:
    """Write an encoded series to `stem`.pictures.npy and, last, `stem`.labels.npy, each complete or not at all."""
    for suffix, array in ((".pictures.npy", pictures), (".labels.npy", labels)):
        # Two processes of one training may simulate the same series at the same time.
        unfinished = stem.with_name(f"{stem.name}{suffix}.{os.getpid()}.part")
        with unfinished.open("wb") as file:
            np.save(file, array)
        unfinished.replace(stem.with_name(stem.name + suffix))
