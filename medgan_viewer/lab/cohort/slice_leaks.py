"""Leak tests of synthetic slices against the real ones that their generator was trained on."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.cohort.leaks import Distances, Verdict, judge

__all__ = ["judge_slices", "picture_distances"]

_SIDE = 32
_COPY_SHARE = 0.5
"""Copies are nearer to a training slice than this share of the shortest distance between real slices of two splits."""
_PLANTED_NOISE = 0.03


def judge_slices(made: Tensor, train: Tensor, held_out: Tensor, control: Tensor) -> Verdict:
    """Test pictures `[n, 1, H, W]` of 0…1 against those trained on and those held out; `control` are further real ones.

    The planted copy is a training picture mirrored, brightened, moved by a pixel and made noisy.
    """
    to_train = picture_distances(held_out, train)
    noise = _PLANTED_NOISE * torch.randn(train[:1].shape, generator=torch.Generator().manual_seed(0))
    planted = (1.2 * train[:1].flip(-1).roll(1, dims=-2) + noise).clamp(0, 1)
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


def picture_distances(first: Tensor, second: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return √(2 − 2r), r the correlation of small pictures (32 × 32), of each of `first` with each of `second`.

    A mirrored picture counts as the same one, and so does a brighter one.
    """
    own, mirrored = _features(first), _features(first.flip(-1))
    other = _features(second)
    correlation = torch.maximum(own @ other.T, mirrored @ other.T)
    found: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = (
        (2 - 2 * correlation).clamp_min(0).sqrt().double().numpy()
    )
    return found


def _features(pictures: Tensor) -> Tensor:
    small = functional.adaptive_avg_pool2d(pictures.float(), _SIDE).flatten(1)
    small = small - small.mean(dim=1, keepdim=True)
    return small / small.norm(dim=1, keepdim=True).clamp_min(1e-6)
