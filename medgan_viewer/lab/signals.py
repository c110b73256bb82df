"""MR signal equations: what a tissue with given T1, T2 and proton density gives in a pulse sequence.

Times in milliseconds, angles in degrees; the signal is relative to fully relaxed water without decay (1). Spin echo
and inversion recovery: Bernstein, King and Zhou, Handbook of MRI Pulse Sequences (2004), chapters 14 and 6; spoiled
gradient echo at steady state: Ernst and Anderson 1966 (doi:10.1063/1.1719961).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


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


_FLUID_T1_MS = 4000.0


def random_sequence(contrast: str, rng: np.random.Generator) -> Sequence:
    """Return a clinically plausible sequence of this contrast (T1: spin echo, inversion or gradient echo)."""
    if contrast == "T2":
        return Sequence(rng.uniform(2500, 6500), rng.uniform(75, 125))
    if contrast == "FLAIR":
        repetition = rng.uniform(6500, 11000)
        nulling = _FLUID_T1_MS * np.log(2 / (1 + np.exp(-repetition / _FLUID_T1_MS)))
        return Sequence(repetition, rng.uniform(80, 140), inversion_ms=rng.uniform(0.92, 1.04) * nulling)
    kind = rng.integers(3)
    if kind == 0:
        return Sequence(rng.uniform(350, 700), rng.uniform(8, 18))
    if kind == 1:
        return Sequence(rng.uniform(1700, 2500), rng.uniform(2, 5), inversion_ms=rng.uniform(750, 1050))
    return Sequence(rng.uniform(9, 40), rng.uniform(2, 6), flip_degrees=rng.uniform(15, 35))
