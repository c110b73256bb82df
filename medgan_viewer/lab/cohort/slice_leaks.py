"""Leak tests of synthetic slices against the real ones that their generator was trained on."""

from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.cohort.leaks import Distances, Verdict, judge

__all__ = ["judge_slices", "picture_distances"]

_SIDE = 16
_SHIFTS = (-2, -1, 0, 1, 2)
_COPY_SHARE = 0.6
"""Copies are nearer to a training slice than this share of the shortest distance of a real slice held out."""
_PLANTED_NOISE = 0.02


def judge_slices(made: Tensor, train: Tensor, held_out: Tensor, control: Tensor) -> Verdict:
    """Test pictures `[n, 1, H, W]` of 0…1 against those trained on, those held out, and `control`, further real ones.

    The planted copy is a training picture mirrored, darkened and made noisy.
    """
    to_train = picture_distances(torch.cat([held_out, control]), train)
    noise = _PLANTED_NOISE * torch.randn(train[:1].shape, generator=torch.Generator().manual_seed(0))
    planted = 0.8 * train[:1].flip(-1) + noise
    return judge(
        Distances(
            trained=picture_distances(made, train),
            held_out=to_train,
            planted=picture_distances(planted, train),
            members=picture_distances(train, made),
            others=picture_distances(held_out, made),
            copy=_COPY_SHARE * float(to_train.min()),
            control_members=picture_distances(train, control),
            control_others=picture_distances(held_out, control),
        )
    )


def picture_distances(first: Tensor, second: Tensor) -> NDArray[np.float64]:
    """Return √(2 − 2r), r the correlation of small pictures (16 × 16), of each of `first` with each of `second`.

    A brighter, a mirrored and a picture moved by up to two pixels count as the same one.
    """
    other = _features(second).T
    correlation = torch.full((len(first), len(second)), -1.0)
    for turned in (first, first.flip(-1)):
        for down, right in product(_SHIFTS, _SHIFTS):
            moved = _features(turned.roll((down, right), dims=(-2, -1)))
            correlation = torch.maximum(correlation, moved @ other)
    found: NDArray[np.float64] = (2 - 2 * correlation).clamp_min(0).sqrt().double().numpy()
    return found


def _features(pictures: Tensor) -> Tensor:
    small = functional.adaptive_avg_pool2d(pictures.float(), _SIDE).flatten(1)
    small = small - small.mean(dim=1, keepdim=True)
    return functional.normalize(small, dim=1, eps=1e-6)
