"""How far two sets of pictures are from each other, without an encoder that was trained on something.

Pictures are `[picture, channel, row, column]`, about 0…1. What is compared are fixed features, so these distances are
no "FID": layouts (pictures averaged down to 16 × 16) and textures (how strongly neighbouring pixels differ in each
part of the picture, at three scales).
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.diagnostics import diversity

__all__ = ["FEATURES", "density", "energy_distance", "layouts", "nearest", "textures"]

_NEIGHBOURS = 5
_PARTS = 8
_SCALES = 3


def layouts(pictures: Tensor) -> Tensor:
    """Return `[picture, number]`: what coverage and recall compare."""
    return diversity.features(pictures)


def textures(pictures: Tensor) -> Tensor:
    """Return `[picture, number]`: the mean difference of neighbouring pixels in 8 × 8 parts, at three scales."""
    found, scaled = [], pictures.float()
    for _ in range(_SCALES):
        if min(scaled.shape[2:]) < 2:
            break
        down = (scaled[:, :, 1:, 1:] - scaled[:, :, :-1, 1:]).abs()
        across = (scaled[:, :, 1:, 1:] - scaled[:, :, 1:, :-1]).abs()
        parts = (min(_PARTS, down.shape[2]), min(_PARTS, down.shape[3]))
        found.append(functional.adaptive_avg_pool2d(down + across, parts).flatten(1))
        scaled = functional.avg_pool2d(scaled, 2)
    return torch.cat(found, dim=1)


FEATURES = {"layouts": layouts, "textures": textures}


def energy_distance(
    first: Tensor, second: Tensor, of_first: Sequence[str] = (), of_second: Sequence[str] = (), draws: int = 0
) -> tuple[float, list[float]]:
    """Return √(2·E|X − Y| − E|X − X'| − E|Y − Y'|), 0 for equal distributions, and `draws` values of the bootstrap.

    Székely and Rizzo 2013 (doi:10.1016/j.jspi.2013.03.018), in units of the features. `of_first` and `of_second` say
    whose each picture is: every patient counts alike, and the bootstrap draws patients. X and X' are of different
    patients (a U-statistic: pairs of a patient with himself would make every distance too large by what patients
    differ, more so the fewer there are), so the square has no bias; where chance makes it negative the distance is 0.
    Of one patient alone X and X' are different pictures.
    """
    groups = [_groups(of, len(points)) for of, points in ((of_first, first), (of_second, second))]
    across, within, beside = (
        _means(torch.cdist(a, b), p, q)
        for a, b, p, q in (
            (first, second, groups[0], groups[1]),
            (first, first, groups[0], groups[0]),
            (second, second, groups[1], groups[1]),
        )
    )

    def distance(count: NDArray[np.int64], other: NDArray[np.int64]) -> float:
        between = float(count @ across @ other) / (count.sum() * other.sum())
        square = 2 * between - _apart(within, count, groups[0]) - _apart(beside, other, groups[1])
        return math.sqrt(max(square, 0.0))

    rng = np.random.default_rng(0)
    counts = [len(np.unique(group)) for group in groups]
    drawn = [distance(*(rng.multinomial(count, np.full(count, 1 / count)) for count in counts)) for _ in range(draws)]
    return distance(*(np.ones(count, dtype=np.int64) for count in counts)), drawn


def _apart(within: NDArray[np.float64], count: NDArray[np.int64], group: NDArray[np.int64]) -> float:
    """Return the mean distance of different patients, each taken `count` times; of one alone that of his pictures."""
    pairs = np.outer(count, count).astype(np.float64)
    np.fill_diagonal(pairs, 0.0)
    if pairs.any():
        return float((pairs * within).sum() / pairs.sum())
    only = int(count.argmax())
    pictures = int((group == only).sum())
    # The mean over all pairs holds each picture beside itself, at no distance.
    return float(within[only, only]) * pictures / max(pictures - 1, 1)


def density(real: Tensor, generated: Tensor) -> float:
    """Return how many real pictures' balls of 5 neighbours a generated one lies in, over 5: 1 for equal distributions.

    Naeem 2020 (arXiv:2002.09797), equation 4.
    """
    neighbours = min(_NEIGHBOURS, len(real) - 1)
    radii = torch.cdist(real, real).kthvalue(neighbours + 1, dim=1).values
    inside = torch.cdist(real, generated) <= radii[:, None]
    return float(inside.float().sum(dim=0).mean() / neighbours)


def nearest(pictures: Tensor, others: Tensor) -> Tensor:
    """Return the distance of each picture from the nearest of `others`, `[picture]`."""
    return torch.cdist(pictures, others).min(dim=1).values


def _groups(of: Sequence[str], count: int) -> NDArray[np.int64]:
    return np.unique(list(of), return_inverse=True)[1].astype(np.int64) if of else np.arange(count)


def _means(distances: Tensor, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean distance of each patient's pictures from each patient's."""
    by_row = np.eye(rows.max() + 1)[rows].T
    by_column = np.eye(columns.max() + 1)[columns]
    sums: NDArray[np.float64] = by_row @ distances.double().numpy() @ by_column
    return sums / np.outer(by_row.sum(axis=1), by_column.sum(axis=0))
