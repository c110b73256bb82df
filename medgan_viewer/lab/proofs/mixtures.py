"""What is measured of samples that ought to follow a mixture with known modes.

As in Srivastava et al. 2017 (VEEGAN, arXiv:1705.07761) and Lin et al. 2018 (PacGAN, arXiv:1712.04086): a sample is good
within 3 σ of its nearest mode, a mode is covered by one good sample or more of 2,500, and the KL goes from the good
samples' histogram over the modes to the uniform one (PacGAN's "reverse KL"), in nats.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

GOOD_WITHIN = 3.0
"""A sample is good within so many standard deviations of a mode; of true samples 1 − e^−4.5 = 98.9 % are."""


@dataclass(frozen=True)
class Coverage:
    """Modes covered, share of good samples, and KL to equal shares in nats (None where no sample is good)."""

    modes: int
    good: float
    kl: float | None


def coverage(points: Tensor, centres: Tensor, spread: float) -> Coverage:
    """Return how points `[count, 2]` cover equally likely Gaussians of standard deviation `spread` at `[modes, 2]`."""
    nearest, index = torch.cdist(points.double(), centres.double()).min(dim=1)
    good = nearest <= GOOD_WITHIN * spread
    counts = torch.bincount(index[good], minlength=len(centres))
    return Coverage(int((counts > 0).sum()), float(good.double().mean()), kl_to_uniform(counts))


def kl_to_uniform(counts: Tensor) -> float | None:
    """Return the KL from a histogram `[bins]` to the uniform distribution in nats, None for an empty one."""
    total = counts.sum()
    if total == 0:
        return None
    shares = counts.double() / total
    return float(torch.special.xlogy(shares, shares * len(counts)).sum())
