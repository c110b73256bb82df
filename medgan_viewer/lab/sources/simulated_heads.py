"""Simulated heads as a source: from a cache of series, filled by itself, or simulated anew for every batch."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer import resources, settings
from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.simulation.batches import Sampling, sample_series
from medgan_viewer.lab.simulation.data import (
    LABELS,
    PICTURES,
    encode_series,
    load_head_labels,
    training_settings,
    write_series,
)
from medgan_viewer.lab.simulation.heads import CALIBRATION_HEADS, TEST_HEADS, TRAIN_HEADS, VALIDATION_HEADS
from medgan_viewer.lab.simulation.simulate import SIMULATION, SimulationSettings, simulate_series
from medgan_viewer.lab.simulation.tissues import SEGMENTS
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, generators, need_split
from medgan_viewer.models.encoding import ENCODINGS

HEADS: dict[str, tuple[int, ...]] = {
    "train": TRAIN_HEADS,
    "validation": VALIDATION_HEADS,
    "calibration": CALIBRATION_HEADS,
    "test": TEST_HEADS,
}
INPUTS: tuple[str, ...] = ("CT", "T1", "T2", "FLAIR")
_HELD_OUT_PATIENTS = 2
_RECORD = "cache.json"
log = logging.getLogger(__name__)


class SimulatedHeads:
    """`source`, `target`, `segmentation` and `lesions` of simulated series in a cache.

    Each sample takes one of `inputs` (CT, T1, T2, FLAIR; name one twice and it comes twice as often) and gives all
    picture `targets`; `crop` (pixels of 1.25 mm; 0: the whole slice), `neighbours` and `channels_per_slice` (0: what
    the inputs need) are those of the network. The cache holds `series` series of each of `patients` simulated patients
    of each training head, and of two of each other head; what lacks is simulated when a split is prepared, at the
    latest before its first batch (about 10 s of one core for a patient of three series). What belongs to it is
    decided by these numbers alone, so nothing changes under a running training.

    `cache` is a folder (default: one in the user's cache folder, named after settings and seed), `data` the folder of
    `head_labels`. Raises UsageError for an unknown name or a cache of other settings, MissingPartError without data.
    """

    refused: tuple[Refusal, ...] = ()

    def __init__(
        self,
        inputs: Sequence[str],
        targets: Sequence[str] = (),
        crop: int = 160,
        neighbours: int = 1,
        channels_per_slice: int = 0,
        patients: int = 10,
        series: int = 3,
        seed: int = 0,
        cache: str | Path | None = None,
        data: str | Path | None = None,
        simulation: SimulationSettings | None = None,
    ) -> None:
        self.sampling = sampling_of(inputs, targets, crop, neighbours, channels_per_slice)
        self.source_channels = (2 * neighbours + 1) * self.sampling.channels_per_slice
        self.target_channels = len(self.sampling.pictures)
        self.classes = len(SEGMENTS)
        self._simulation = simulation or training_settings()
        side = min(crop or self._simulation.size, self._simulation.size)
        self.size = (side, side)
        self.patients = patients_of(HEADS)
        if patients < 1 or series < 1:
            raise UsageError("Simulated heads need at least one patient and one series (patients, series).")
        self._seed, self._counts = seed, (patients, series)
        self._data = data_folder(data)
        self.cache: Path = self._open_cache(Path(cache) if cache else None)
        self._series: dict[str, list[tuple[NDArray[np.int16], NDArray[np.uint8]]]] = {}

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return random series, slices, inputs, crops and left-right flips."""
        need_split(self.patients, split)
        self.prepare(split)
        series = self._series[split]
        samples = []
        for rng in generators(count, draw):
            pictures, labels = series[int(rng.integers(len(series)))]
            samples.append(sample_series(pictures, labels, self.sampling, rng))
        source, target, labels = (np.stack(arrays) for arrays in zip(*samples, strict=True))
        batch = {"source": torch.from_numpy(source)}
        if self.target_channels:
            batch["target"] = torch.from_numpy(target)
        for index, name in enumerate(LABELS):
            batch[name] = torch.from_numpy(labels[:, index].astype(np.int64))
        return batch

    def prepare(self, split: str) -> None:
        """Simulate what lacks of a split and open its series; does nothing where that was done."""
        if split not in self._series:
            self._series[split] = self._load(split)

    def _open_cache(self, named: Path | None) -> Path:
        record = {"simulation": SIMULATION, "seed": self._seed, "settings": asdict(self._simulation)}
        text = json.dumps(record, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        folder = named or settings.cache_folder() / "simulated-heads" / digest
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _RECORD
        if not path.exists():
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            raise UsageError(
                f"The folder {folder.name} holds series of another simulation or seed: name an empty folder."
            )
        return folder

    def _load(self, split: str) -> list[tuple[NDArray[np.int16], NDArray[np.uint8]]]:
        """Simulate what lacks of a split and open its series, by patient, then head, so that all heads come early."""
        patients, series = self._counts
        if split != "train":
            patients = min(patients, _HELD_OUT_PATIENTS)
        loaded = []
        for patient in range(patients):
            for number in HEADS[split]:
                stems = [self.cache / f"head_{number:02d}_{patient:04d}_{part}" for part in range(series)]
                if not all(stem.with_name(f"{stem.name}.labels.npy").exists() for stem in stems):
                    self._simulate(number, patient, stems)
                loaded += [_opened(stem) for stem in stems]
        return loaded

    def _simulate(self, number: int, patient: int, stems: Sequence[Path]) -> None:
        log.info("simulating patient %d of head %d", patient, number)
        labels, spacing = load_head_labels(self._data, number)
        rng = np.random.default_rng([self._seed, patient, number])
        heads = simulate_series(labels, spacing, rng, self._simulation, len(stems))
        for stem, head in zip(stems, heads, strict=True):
            write_series(stem, *encode_series(head))


def sampling_of(
    inputs: Sequence[str],
    targets: Sequence[str],
    crop: int,
    neighbours: int,
    channels_per_slice: int,
    known: Sequence[str] = INPUTS,
    *,
    together: bool = False,
) -> Sampling:
    """Return how samples are drawn. Raises UsageError for an unknown name or a number that makes no sense."""
    for name, allowed in [*((i, known) for i in inputs), *((t, (*INPUTS, "segmentation")) for t in targets)]:
        if name not in allowed:
            raise UsageError(f"Simulated heads have no picture {name} here: choose among {', '.join(allowed)}.")
    if not inputs:
        raise UsageError("Simulated heads need at least one of the inputs CT, T1, T2, FLAIR.")
    if crop < 0 or neighbours < 0:
        raise UsageError("Crop and neighbours of simulated heads cannot be negative.")
    widths = [ENCODINGS["ct_two_window" if name == "CT" else "mr_head"].channels for name in inputs]
    if together and len(set(inputs)) < len(inputs):
        raise UsageError("Inputs that are taken together must differ.")
    needed = sum(widths) if together else max(widths)
    if channels_per_slice and channels_per_slice < needed:
        raise UsageError(f"The inputs need {needed} channels per slice, not {channels_per_slice}.")
    pictures = tuple(target for target in targets if target in PICTURES)
    return Sampling(tuple(inputs), pictures, crop, neighbours, channels_per_slice or needed)


def patients_of(heads: Mapping[str, Sequence[int]]) -> Mapping[str, tuple[str, ...]]:
    """Return the patients of each split of `heads`."""
    return {split: tuple(f"head_{number:02d}" for number in numbers) for split, numbers in heads.items()}


def data_folder(named: str | Path | None) -> Path:
    """Return the folder of the data sets. Raises MissingPartError where there is none."""
    folder = Path(named) if named else resources.shared_data()
    if folder is None or not folder.is_dir():
        raise MissingPartError("The training data are not here: set MEDGAN_DATA to their folder.")
    return folder


def _opened(stem: Path) -> tuple[Any, Any]:
    pictures, labels = (np.load(f"{stem}.{part}.npy", mmap_mode="r") for part in ("pictures", "labels"))
    return pictures, labels
