"""The classical baseline of every model of this lab: a look-up table from one pixel's intensity.

Per input it holds the training mean of each target (or the most frequent segment) for every intensity: the best that
can be done without looking at the neighbourhood. For a CT it is a set of optimal thresholds. Of several inputs it looks
at the intensities in all of them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.simulation.data import LABELS, PICTURES

_BINS = 512
_JOINT_BINS = 64
"""Steps of each input's intensity where there are several."""
_SLICES_PER_SERIES = 6


def bins(picture: NDArray[np.int16], name: str) -> NDArray[np.int64]:
    """Return the table's index of each cached input value: steps of 4 HU (CT) or 1/256 of the reference (MR)."""
    values = (picture.astype(np.int64) + 1024) // 4 if name == "CT" else picture.astype(np.int64) * 256 // 1000
    return np.clip(values, 0, _BINS - 1)


def size(inputs: int) -> int:
    """Return how many places a table of so many inputs has."""
    return _BINS if inputs == 1 else _JOINT_BINS**inputs


def places(pictures: Sequence[NDArray[np.int16]], names: Sequence[str]) -> NDArray[np.int64]:
    """Return the table's index of each pixel, by its cached value in each of the inputs `names`."""
    if len(names) == 1:
        return bins(pictures[0], names[0])
    index = np.zeros(pictures[0].shape, np.int64)
    for picture, name in zip(pictures, names, strict=True):
        index = index * _JOINT_BINS + bins(picture, name) * _JOINT_BINS // _BINS
    return index


def fit_pictures(
    cache: Path,
    names: Sequence[str],
    targets: Sequence[str],
    cleaned: Callable[[NDArray[np.int16]], NDArray[np.int16]] | None = None,
) -> NDArray[np.float32]:
    """Return `[target, place]`: the mean of each target's cached value for the intensities of the inputs `names`.

    What `cleaned` makes of the inputs' slices is looked at in their place.
    """
    count = size(len(names))
    sums = np.zeros((len(targets), count))
    counts = np.zeros(count)
    for stem in _stems(cache):
        pictures = np.load(stem + ".pictures.npy", mmap_mode="r")
        chosen = pictures[:: max(1, len(pictures) // _SLICES_PER_SERIES)]
        inputs = [chosen[:, PICTURES.index(f"input {name}")] for name in names]
        index = places(inputs if cleaned is None else list(map(cleaned, inputs)), names).ravel()
        counts += np.bincount(index, minlength=count)
        for row, target in enumerate(targets):
            values = chosen[:, PICTURES.index(target)].ravel()
            sums[row] += np.bincount(index, weights=values, minlength=count)
    return filled(sums / np.maximum(counts, 1), counts > 0, len(names))


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


def filled(table: NDArray[np.float64], known: NDArray[np.bool_], inputs: int = 1) -> NDArray[np.float32]:
    """Return `[target, place]` with what no voxel fell into: between neighbours, of several inputs from the nearest."""
    if inputs == 1:
        every = np.arange(len(known))
        return np.stack([np.interp(every, every[known], row[known]) for row in table]).astype(np.float32)
    from scipy import ndimage

    grid = known.reshape((round(len(known) ** (1 / inputs)),) * inputs)
    nearest = ndimage.distance_transform_edt(~grid, return_distances=False, return_indices=True)
    return table[:, np.ravel_multi_index(tuple(nearest), grid.shape).ravel()].astype(np.float32)
