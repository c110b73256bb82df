"""The classical baseline of every model of this lab: a look-up table from one pixel's intensity.

Per input it holds the training mean of each target (or the most frequent segment) for every intensity: the best that
can be done without looking at the neighbourhood. For a CT it is a set of optimal thresholds.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.simulation.data import LABELS, PICTURES

_BINS = 512
_SLICES_PER_SERIES = 6


def bins(picture: NDArray[np.int16], name: str) -> NDArray[np.int64]:
    """Return the table's index of each cached input value: steps of 4 HU (CT) or 1/256 of the reference (MR)."""
    values = (picture.astype(np.int64) + 1024) // 4 if name == "CT" else picture.astype(np.int64) * 256 // 1000
    return np.clip(values, 0, _BINS - 1)


def fit_pictures(cache: Path, name: str, targets: tuple[str, ...]) -> NDArray[np.float32]:
    """Return `[target, bin]`: the mean of each target's cached value for each intensity of input `name`."""
    sums = np.zeros((len(targets), _BINS))
    counts = np.zeros(_BINS)
    for stem in _stems(cache):
        pictures = np.load(stem + ".pictures.npy", mmap_mode="r")
        chosen = pictures[:: max(1, len(pictures) // _SLICES_PER_SERIES)]
        index = bins(chosen[:, PICTURES.index(f"input {name}")], name).ravel()
        counts += np.bincount(index, minlength=_BINS)
        for row, target in enumerate(targets):
            values = chosen[:, PICTURES.index(target)].ravel()
            sums[row] += np.bincount(index, weights=values, minlength=_BINS)
    return _filled(sums / np.maximum(counts, 1), counts > 0).astype(np.float32)


def fit_segments(cache: Path, name: str, count: int) -> NDArray[np.uint8]:
    """Return `[bin]`: the most frequent segment for each intensity of input `name`."""
    votes = np.zeros((count, _BINS))
    for stem in _stems(cache):
        pictures = np.load(stem + ".pictures.npy", mmap_mode="r")
        labels = np.load(stem + ".labels.npy", mmap_mode="r")
        step = max(1, len(pictures) // _SLICES_PER_SERIES)
        index = bins(pictures[::step, PICTURES.index(f"input {name}")], name).ravel()
        segment = labels[::step, LABELS.index("segmentation")].ravel()
        for value in range(count):
            votes[value] += np.bincount(index[segment == value], minlength=_BINS)
    winners: NDArray[np.uint8] = votes.argmax(axis=0).astype(np.uint8)
    return winners


def _stems(cache: Path) -> list[str]:
    return sorted(str(path).removesuffix(".labels.npy") for path in cache.glob("*.labels.npy"))


def _filled(table: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fill the bins that no voxel fell into from their neighbours."""
    places = np.arange(_BINS)
    return np.stack([np.interp(places, places[known], row[known]) for row in table])
