"""MR signal equations: what a tissue with given T1, T2 and proton density gives in a pulse sequence.

Times in milliseconds, angles in degrees; the signal is relative to fully relaxed water without decay (1). Spin echo
and inversion recovery: Bernstein, King and Zhou, Handbook of MRI Pulse Sequences (2004), chapters 14 and 6; spoiled
gradient echo at steady state: Ernst and Anderson 1966 (doi:10.1063/1.1719961).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from medgan_viewer.lab.simulation.numbers import Numbers


@dataclass(frozen=True)
class Sequence:
    """A pulse sequence: inversion time 0 means no inversion, flip angle 90 a spin echo."""

    repetition_ms: float
    echo_ms: float
    inversion_ms: float = 0.0
    flip_degrees: float = 90.0


def signal(sequence: Sequence, t1: Tensor, t2: Tensor, pd: Tensor) -> Tensor:
    """Return the magnitude signal of tissues with `t1`, `t2` (ms) and `pd`, elementwise."""
    recovered = torch.exp(-sequence.repetition_ms / t1)
    decay = torch.exp(-sequence.echo_ms / t2)
    if sequence.inversion_ms > 0:
        longitudinal = (1 - 2 * torch.exp(-sequence.inversion_ms / t1) + recovered).abs()
    elif sequence.flip_degrees < 90:
        angle = np.deg2rad(sequence.flip_degrees)
        longitudinal = float(np.sin(angle)) * (1 - recovered) / (1 - float(np.cos(angle)) * recovered)
    else:
        longitudinal = 1 - recovered
    return pd * longitudinal * decay


CANONICAL: dict[str, tuple[Sequence, float]] = {
    "T1": (Sequence(2000.0, 3.0, inversion_ms=900.0), 0.60),
    "T2": (Sequence(4500.0, 95.0), 0.65),
    "FLAIR": (Sequence(9000.0, 100.0, inversion_ms=2400.0), 0.36),
}
"""The fixed protocol of the targets, and the signal that is shown as 1."""
HIGHER_FIELD: dict[str, tuple[Sequence, float]] = {
    "T1": (Sequence(3000.0, 3.0, inversion_ms=1200.0), 0.45),
    "T2": (Sequence(5000.0, 80.0), 0.65),
    "FLAIR": (Sequence(9000.0, 100.0, inversion_ms=2400.0), 0.25),
}
"""The fixed protocol of targets as of 7 T, whose longer T1 and shorter T2 ask for other times."""


_FLUID_T1_MS = 4000.0
_NULLING_SHARE = (0.92, 1.04)
"""How near the inversion time of a FLAIR lies to the one that leaves no signal of fluid."""
Ranges = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
PROTOCOLS: dict[str, tuple[Ranges, ...]] = {
    "T1": (
        ((350, 700), (8, 18), (0, 0), (90, 90)),
        ((1700, 2500), (2, 5), (750, 1050), (90, 90)),
        ((9, 40), (2, 6), (0, 0), (15, 35)),
    ),
    "T2": (((2500, 6500), (75, 125), (0, 0), (90, 90)),),
    "FLAIR": (((6500, 11000), (80, 140), _NULLING_SHARE, (90, 90)),),
}
"""Ranges of repetition, echo and inversion time (FLAIR: share of the nulling one) and flip angle of each contrast's
usual kinds of sequence; T1: spin echo, inversion recovery, spoiled gradient echo."""


def random_sequence(contrast: str, rng: np.random.Generator) -> Sequence:
    """Return a clinically plausible sequence of this contrast (T1: spin echo, inversion or gradient echo)."""
    kinds = PROTOCOLS[contrast]
    ranges = kinds[int(rng.integers(len(kinds)))] if len(kinds) > 1 else kinds[0]
    repetition, echo, inversion, flip = (
        rng.uniform(*limits) if limits[0] < limits[1] else limits[0] for limits in ranges
    )
    if contrast == "FLAIR":
        inversion *= _FLUID_T1_MS * np.log(2 / (1 + np.exp(-repetition / _FLUID_T1_MS)))
    return Sequence(repetition, echo, inversion, flip)


def random_signals(
    contrast: str, t1: Tensor, t2: Tensor, pd: Tensor, numbers: Numbers, fluid_t1: Tensor | float = _FLUID_T1_MS
) -> Tensor:
    """Return signals `[batch, tissue]` of `t1`, `t2` (ms) and `pd`, each row in a random sequence of its own.

    The inversion time of a FLAIR is chosen near the one that nulls `fluid_t1` ms (`[batch, 1]`), as scanners do for
    their field strength.
    """
    kinds = torch.tensor(PROTOCOLS[contrast], device=numbers.device)
    ranges = kinds[numbers.integers(len(kinds))]
    drawn = ranges[..., 0] + (ranges[..., 1] - ranges[..., 0]) * numbers.uniform(shape=(4,))
    repetition, echo, inversion, flip = (column[:, None] for column in drawn.T)
    if contrast == "FLAIR":
        inversion = inversion * fluid_t1 * torch.log(2 / (1 + torch.exp(-repetition / fluid_t1)))
    recovered = torch.exp(-repetition / t1)
    angle = torch.deg2rad(flip)
    spoiled = torch.sin(angle) * (1 - recovered) / (1 - torch.cos(angle) * recovered)  # at 90°: spin echo
    inverted = (1 - 2 * torch.exp(-inversion / t1) + recovered).abs()
    return pd * torch.where(inversion > 0, inverted, spoiled) * torch.exp(-echo / t2)
