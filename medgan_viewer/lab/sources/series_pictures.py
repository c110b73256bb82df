"""Slices of series of which it is known what they show, for the method `classification`."""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.dicom import atomic
from medgan_viewer.lab.recognition import augmentation
from medgan_viewer.lab.recognition.series import GROUPS, KINDS, PLACES, REGIONS, SPLITS, WAYS, patients_of, series_of
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, check_patients, generators, need_split
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.sources.splits import GAP
from medgan_viewer.models.recognition import PICTURE, pictures, sampled

SHARES = {
    "simulated heads": 0.5,
    "ixi_t1_2mm": 0.12,
    "ms": 0.12,
    "ct_slices_hu": 0.06,
    "tumour_types": 0.08,
    "hippocampus": 0.03,
    "invented": 0.07,
    "invented bodies": 0.02,
}
"""Share of a batch by what the series comes from; within it, every answer to the first question as often."""
_SLICES = {"simulated heads": 8, "ixi_t1_2mm": 14, "ms": 16, "hippocampus": 6}
_STORED = 128
"""Pixels of the stored pictures: more than are seen, so that they can be enlarged."""
_VERSION = 3
log = logging.getLogger(__name__)


class _Pool:
    """The pictures of a split `[n, H, W]` uint8 and their labels `[n, 4]`; a draw takes group, kind, picture."""

    def __init__(self, pictures: NDArray[np.uint8], labels: NDArray[np.int8], groups: NDArray[np.int8]) -> None:
        self.pictures, self.labels = pictures, labels
        self._places: list[list[NDArray[np.int64]]] = []
        shares = []
        for number, name in enumerate(GROUPS):
            of_group = np.flatnonzero(groups == number)
            if len(of_group):
                kinds = np.unique(labels[of_group, 0])
                self._places.append([of_group[labels[of_group, 0] == kind] for kind in kinds])
                shares.append(SHARES[name])
        self._shares = np.array(shares) / sum(shares)

    def draw(self, rng: np.random.Generator) -> int:
        """Return the number of a picture."""
        kinds = self._places[int(rng.choice(len(self._places), p=self._shares))]
        alike = kinds[int(rng.integers(len(kinds)))]
        return int(alike[int(rng.integers(len(alike)))])


class SeriesPictures:
    """`source` `[n, 1, 96, 96]` of 0…1 and `label` `[n, 4]`: kind, region, plane and way up (−1: not known).

    Series of simulated heads in CT, T1, T1 with contrast medium, T2, FLAIR and other contrasts, in three planes; IXI
    (T1), `ms` (T1, T2, FLAIR), body CT, slices of `tumour_types` (head alone told), crops of hippocampi, noise and test
    objects. Every picture is turned, shaded, windowed and made noisy anew (`recognition.augmentation`). The slices are
    made once (about five minutes of one core) and kept in `cache` (default: in the user's cache folder).

    Raises MissingPartError without data.
    """

    source_channels: int = 1
    target_channels: int = 0
    classes: int = len(KINDS) + len(REGIONS) + len(PLACES) + len(WAYS)
    size: tuple[int, int] = (PICTURE, PICTURE)
    grid_mm: float = 0.0  # pictures are scaled to their own size
    refused: tuple[Refusal, ...] = ()

    def __init__(self, seed: int = 0, cache: str | Path | None = None, data: str | Path | None = None) -> None:
        self._data, self._seed = data_folder(data), seed
        self._cache = Path(cache) if cache else settings.cache_folder() / "series-pictures"
        self._pools: dict[str, _Pool] = {}
        self.patients: Mapping[str, tuple[str, ...]] = {split: patients_of(self._data, split) for split in SPLITS}
        check_patients(self.patients)

    def prepare(self, split: str) -> None:
        """Make the pictures of a split, or read those that were made."""
        if split not in self._pools:
            self._pools[split] = self._pool(split)

    def pool(self, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
        """Return the stored pictures `[n, 128, 128]` of a split and their labels `[n, 4]`."""
        self.prepare(split)
        return self._pools[split].pictures, self._pools[split].labels

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` pictures, each chosen and varied from its own seed."""
        need_split(self.patients, split)
        self.prepare(split)
        pool = self._pools[split]
        rngs = generators(count, draw)
        chosen = np.array([pool.draw(rng) for rng in rngs])
        stored = torch.from_numpy(pool.pictures[chosen]).float()[:, None] / 255
        labels = torch.from_numpy(pool.labels[chosen].astype(np.int64))
        windowed = labels[:, 0] == KINDS.index("CT")
        thick = (labels[:, 2] == PLACES.index("sagittal")) | (labels[:, 2] == PLACES.index("coronal"))
        numbers = Numbers([int(rng.integers(2**62)) for rng in rngs])
        source, turned = augmentation.varied(stored, windowed, thick, numbers, PICTURE)
        labels[:, 3] = torch.where(labels[:, 3] == 0, turned.long(), labels[:, 3])
        return {"source": source, "label": labels}

    def _pool(self, split: str) -> _Pool:
        record = [_VERSION, split, self._seed, list(GROUPS), _SLICES, _STORED, *([GAP] if split != "train" else [])]
        path = self._cache / f"{hashlib.sha256(json.dumps(record).encode()).hexdigest()[:16]}.npz"
        if not path.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            made = _made(self._data, split, self._seed)
            with atomic.new_file(path) as unfinished, unfinished.open("wb") as file:
                np.savez(file, pictures=made["pictures"], labels=made["labels"], groups=made["groups"])
        with np.load(path) as stored:
            return _Pool(stored["pictures"], stored["labels"], stored["groups"])


def _made(data: Path, split: str, seed: int) -> dict[str, NDArray[Any]]:
    made, labels, groups = [], [], []
    for number, group in enumerate(GROUPS):
        log.info("cutting slices of %s for %s", group, split)
        for one in series_of(data, group, split, seed):
            slices = sampled(one.volume.shape[0], _SLICES.get(group, 1))
            for picture in pictures(one.volume, slices, _STORED):
                made.append(np.round(255 * picture[0]).astype(np.uint8))
                labels.append(one.labels)
                groups.append(number)
    return {"pictures": np.stack(made), "labels": np.array(labels, np.int8), "groups": np.array(groups, np.int8)}
