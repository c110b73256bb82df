"""Healthy head slices, with simulated anomalies in them for the method `restoring`, without for other heat maps."""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from medgan_viewer import settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly.augmentation import acquire, augment, shade
from medgan_viewer.lab.anomaly.data import (
    GRID_MM,
    PIXELS,
    SOURCES,
    TUMOUR_MARGIN_MM,
    HealthySlices,
    build_cache,
    ixi_files,
    lgg_patients,
    patients_of,
)
from medgan_viewer.lab.anomaly.synthesis import CLOUDS, add_anomalies
from medgan_viewer.lab.recipe import suggestion
from medgan_viewer.lab.simulation.heads import TRAIN_HEADS, VALIDATION_HEADS
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, generators, need_split
from medgan_viewer.lab.sources.simulated_heads import data_folder

NARROW_MM = 192.0
"""Width that is trained on: heads are narrower than long, and air teaches nothing."""
MULTIPLE = 32
"""Rows and columns are a multiple of this, as networks need it."""
Kind = tuple[str, bool]
MIXTURE: dict[Kind, float] = {
    ("simulated", True): 0.42,
    ("simulated", False): 0.12,
    ("ixi", False): 0.22,
    ("ms", True): 0.16,
    ("ms", False): 0.08,
    ("lgg", True): 0.8,
    ("lgg", False): 0.2,
}
"""Share of a batch by source and contrast (True: FLAIR), in proportion to those that are there."""
RICH_PLACE, RICH_SHARE = 0.08, 0.85
"""A slice is rich when anomalies may lie in so much of it; so many of the drawn slices are."""
_HELD_OUT_PER_MAP = 3
_COARSEST_MM = 3.0
_VERSION = 1
log = logging.getLogger(__name__)


class HealthySource:
    """`source`: slices of 240 × 192 mm (or a little more) with anomalies, noise and shading; `target`: no anomalies.

    Pixels are `grid_mm` wide, and not smaller than the 1.5 mm in which the slices are kept. With `anomalies` off there
    is nothing but `image`: slices that hold no pixel that may be ill, as they were acquired, in another pose only.

    `segmentation` is 1 where an anomaly lies, `weight` `[batch, 1, H, W]` 0 where a pixel is neither. T1 and FLAIR,
    simulated from the training heads (`heads_per_map` times each) and real: IXI (T1), multiple sclerosis (both,
    suspected lesions left out), and with `lgg` slices far from the tumours of patients with glioma, which are then half
    of each batch and bind the weights to non-commercial use. With `tumours` all other slices of these patients come in
    too: what lies in or near a tumour is then neither judged nor to be restored (`known` 0), and no patch of a slice
    with a tumour is put elsewhere as an anomaly. `shares` says how much of a batch is of which kind ("lgg FLAIR", "ixi
    T1"; a kind that is not named is left out), `clouds` which share of the anomalies are clouds. Held-out slices are
    simulated from the validation heads; there is no test split, that is the exam's. The slices are made once (some
    minutes) and kept in `cache` (default: in the user's cache folder).

    Raises MissingPartError without data, UsageError for a number or name that makes no sense.
    """

    source_channels: int = 1
    target_channels: int = 1
    classes: int = 2
    refused: tuple[Refusal, ...] = ()

    def __init__(
        self,
        heads_per_map: int = 14,
        lgg: bool = False,
        tumours: bool = False,
        shares: Mapping[str, float] | None = None,
        clouds: float = CLOUDS,
        seed: int = 0,
        cache: str | Path | None = None,
        data: str | Path | None = None,
        grid_mm: float = GRID_MM,
        anomalies: bool = True,
    ) -> None:
        if heads_per_map < 1:
            raise UsageError("At least one head must be simulated from each map (heads_per_map).")
        if tumours and not lgg:
            raise UsageError("Slices with tumours come with lgg = true only.")
        if not 0 <= clouds <= 1:
            raise UsageError("The share of clouds among the anomalies lies between 0 and 1.")
        if not GRID_MM <= grid_mm <= _COARSEST_MM:
            raise UsageError(f"Pixels of healthy slices (grid_mm) are {GRID_MM:g} to {_COARSEST_MM:g} mm wide.")
        mixture = MIXTURE if shares is None else _mixture(shares)
        self._tumours, self._clouds, self._anomalies = tumours, clouds, anomalies
        folder = data_folder(data)
        kept = Path(cache) if cache else settings.cache_folder() / "healthy-slices"
        self._side = round(PIXELS * GRID_MM / grid_mm)
        self.size = (_up(self._side), _up(round(NARROW_MM / grid_mm)))
        self.patients: Mapping[str, tuple[str, ...]] = {
            "train": patients_of(folder, TRAIN_HEADS, real=True, lgg=lgg),
            "validation": patients_of(folder, VALIDATION_HEADS, real=False),
            "test": (),
        }
        self._slices = {
            "train": _kept(kept, folder, TRAIN_HEADS, heads_per_map, seed, real=True, lgg=lgg, tumours=tumours),
            "validation": _kept(kept, folder, VALIDATION_HEADS, _HELD_OUT_PER_MAP, seed, real=False),
        }
        every = {"train": mixture, "validation": MIXTURE}
        self._pools = {split: _Pools(slices, every[split]) for split, slices in self._slices.items()}
        self._foreign = dict(self._pools)
        train = self._slices["train"]
        if not anomalies:
            self._pools["train"] = _Pools(train, mixture, _clear(train))
        elif tumours:
            self._foreign["train"] = _Pools(train, mixture, _clear(train))

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` slices, each augmented and (with anomalies) made ill from its own seed."""
        need_split(self.patients, split)
        slices, pools = self._slices[split], self._pools[split]
        rngs = generators(count, draw)
        chosen = np.array([pools.draw(rng) for rng in rngs])
        if not self._anomalies:
            numbers = Numbers([int(rng.integers(2**62)) for rng in rngs])
            healthy = _images(slices.image[chosen])[:, None]
            return {"image": self._on_grid(augment(healthy, torch.zeros_like(healthy), numbers)[0])}
        others = np.array([self._foreign[split].draw(rng) for rng in rngs])
        numbers = Numbers([int(rng.integers(2**62)) for rng in rngs])
        images = torch.stack([_images(slices.image[index]) for index in (chosen, others)], dim=1)
        masks = torch.from_numpy(np.stack([slices.place[chosen], slices.ignored[chosen]], 1)).float()
        moved, masks = augment(images, masks, numbers)
        moved, masks = self._on_grid(moved), self._on_grid(masks)
        image, other = moved[:, :1], moved[:, 1:]
        flair = torch.from_numpy(slices.flair[chosen])
        ill = add_anomalies(image, masks[:, :1], flair, other, numbers, self._clouds)
        both = shade(torch.cat([image, ill.image], 1), numbers)
        weight = ~(ill.ignored | (masks[:, 1:] & ~ill.mask))
        return {
            "source": acquire(both[:, 1:], numbers),
            "target": both[:, :1],
            "segmentation": ill.mask[:, 0].long(),
            "weight": weight.float(),
            **({"known": (~masks[:, 1:]).float()} if self._tumours else {}),
        }

    def _on_grid(self, pictures: Tensor) -> Tensor:
        """Return pictures or masks on the grid that is trained on, cut and padded about their middle."""
        if self._side != PIXELS:
            if pictures.dtype == torch.bool:
                pictures = (
                    functional.interpolate(pictures.float(), (self._side, self._side), mode="nearest-exact") > 0.5
                )
            else:
                pictures = functional.interpolate(
                    pictures, (self._side, self._side), mode="bilinear", antialias=True, align_corners=False
                )
        rows, columns = (size - self._side for size in self.size)
        return functional.pad(pictures, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


class _Pools:
    """Which slices are of which kind: a draw takes the kind first, then mostly a slice with much brain."""

    def __init__(
        self, slices: HealthySlices, mixture: Mapping[Kind, float], allowed: NDArray[np.bool_] | None = None
    ) -> None:
        usable = np.ones(len(slices.place), dtype=bool) if allowed is None else allowed
        rich = slices.place.mean(axis=(1, 2)) > RICH_PLACE
        self._all: list[NDArray[np.int64]] = []
        self._rich: list[NDArray[np.int64]] = []
        shares = []
        for (source, flair), share in mixture.items():
            pool = np.flatnonzero(usable & (slices.source == SOURCES.index(source)) & (slices.flair == flair))
            if len(pool):
                self._all.append(pool)
                # Anomalies in slices with little brain hardly show: most of the time goes to slices with much of it.
                self._rich.append(pool[rich[pool]])
                shares.append(share)
        if not shares:
            raise UsageError("There is no slice of any kind that shares names.")
        self._shares = np.array(shares) / sum(shares)

    def draw(self, rng: np.random.Generator) -> int:
        """Return the number of a slice."""
        kind = int(rng.choice(len(self._all), p=self._shares))
        rich = self._rich[kind]
        pool = rich if rng.random() < RICH_SHARE and len(rich) else self._all[kind]
        return int(pool[int(rng.integers(len(pool)))])


def _up(pixels: int) -> int:
    return -(-pixels // MULTIPLE) * MULTIPLE


def _clear(slices: HealthySlices) -> NDArray[np.bool_]:
    """Return which slices hold no pixel that may be ill."""
    return np.asarray(~slices.ignored.any(axis=(1, 2)))


def _mixture(shares: Mapping[str, float]) -> dict[Kind, float]:
    known = {f"{source} {'FLAIR' if flair else 'T1'}": (source, flair) for source, flair in MIXTURE}
    for name, share in shares.items():
        if name not in known:
            raise UsageError(f"There are no slices {name}: {suggestion(name, list(known))}")
        if not share > 0:
            raise UsageError(f"The share of {name} must be above 0; leave out what shall not be there.")
    return {known[name]: float(share) for name, share in shares.items()}


def _images(slices: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(slices.astype(np.float32))


def _kept(
    folder: Path,
    data: Path,
    heads: tuple[int, ...],
    heads_per_map: int,
    seed: int,
    *,
    real: bool,
    lgg: bool = False,
    tumours: bool = False,
) -> HealthySlices:
    record = [_VERSION, heads, heads_per_map, seed, real, GRID_MM, len(ixi_files(data / "ixi_t1_2mm", "train"))]
    if lgg:
        record.append(lgg_patients(data / "lgg"))
    if tumours:
        record.append(TUMOUR_MARGIN_MM)
    path = folder / f"{hashlib.sha256(json.dumps(record).encode()).hexdigest()[:16]}.npz"
    if not path.exists():
        log.info("simulating and reading healthy slices of %d heads", len(heads))
        folder.mkdir(parents=True, exist_ok=True)
        build_cache(data, heads, heads_per_map, seed, real=real, lgg=lgg, tumours=tumours).save(path)
    return HealthySlices.load(path)
