"""f-GAN: Nowozin, Cseke and Tomioka 2016 (arXiv:1606.00709), equations 4, 6 and 7 with tables 2 and 6.

For a convex f with f(1) = 0 the divergence D_f(P‖Q) = ∫ q·f(p/q) has the lower bound E_P[T] − E_Q[f*(T)], f* being
f's Fenchel conjugate; the bound is reached by T = f′(p/q). T is an output activation g_f of the network's score v,
which keeps T inside the domain of f*. The discriminator maximises the bound, the generator minimises it, that is
−E_Q[f*(T)].

| name            | f(u)                     | g_f(v)               | f*(t)           | f*(g_f(v))          |
|-----------------|--------------------------|----------------------|-----------------|---------------------|
| fgan-kl         | u·log u                  | v                    | exp(t − 1)      | exp(v − 1)          |
| fgan-reverse-kl | −log u                   | −exp(−v)             | −1 − log(−t)    | v − 1               |
| fgan-pearson    | (u − 1)²                 | v                    | t²/4 + t        | v²/4 + v            |
| fgan-hellinger  | (√u − 1)²                | 1 − exp(−v)          | t/(1 − t)       | exp(v) − 1          |
| fgan-js         | u·log u − (u+1)·log(½(u+1)) | log 2 − softplus(−v) | −log(2 − exp t) | softplus(v) − log 2 |

All g_f rise with v, so that a larger score means more real. Where the paper's table 1 writes the divergences out, two
of them disagree with the f beside them; here f decides: `fgan-pearson` is ∫ (p − q)²/q, and `fgan-js` is twice the
Jensen–Shannon divergence, at most 2·log 2. The composed forms in the last column are what is computed: no logarithm
of a difference, no division.

With `nonsaturating` the generator maximises E_Q[g_f(v)] instead (section 3.2), the paper's own remedy for a generator
without a gradient while the discriminator wins.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

from medgan_viewer.lab.objectives.base import Judgement, Objective


@dataclass(frozen=True)
class FDivergence(Objective):
    """The variational bound of one f-divergence; `nonsaturating` changes the generator's loss as told above."""

    nonsaturating: bool = False

    undecided: ClassVar[float] = 0.0
    """The score v at which g_f(v) = f′(1): the optimum where both densities are equal."""

    @abstractmethod
    def activation(self, scores: Tensor) -> Tensor:
        """Return g_f(v)."""

    @abstractmethod
    def conjugate(self, scores: Tensor) -> Tensor:
        """Return f*(g_f(v)), of the score v and not of t."""

    def bound(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return the lower bound of the divergence, mean(g_f(real)) − mean(f*(g_f(synthetic)))."""
        return self.activation(real.scores).mean() - self.conjugate(synthetic.scores).mean()

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return the bound with its sign changed."""
        return -self.bound(real, synthetic)

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return −mean(f*(g_f(synthetic))), or −mean(g_f(synthetic)) with `nonsaturating`."""
        if self.nonsaturating:
            return -self.activation(synthetic.scores).mean()
        return -self.conjugate(synthetic.scores).mean()

    def realness(self, scores: Tensor) -> Tensor:
        """Return the scores' distance from where both densities are equal."""
        return scores - self.undecided


@dataclass(frozen=True)
class KullbackLeibler(FDivergence):
    """KL(data ‖ model): covers every mode, and pays little for pictures between them."""

    name: ClassVar[str] = "fgan-kl"
    title: ClassVar[str] = "f-GAN (KL)"
    undecided: ClassVar[float] = 1.0

    def activation(self, scores: Tensor) -> Tensor:
        """Return v."""
        return scores

    def conjugate(self, scores: Tensor) -> Tensor:
        """Return exp(v − 1)."""
        return torch.exp(scores - 1)


@dataclass(frozen=True)
class ReverseKullbackLeibler(FDivergence):
    """KL(model ‖ data): avoids pictures that are not in the data, and pays little for modes that it misses."""

    name: ClassVar[str] = "fgan-reverse-kl"
    title: ClassVar[str] = "f-GAN (reverse KL)"

    def activation(self, scores: Tensor) -> Tensor:
        """Return −exp(−v)."""
        return -torch.exp(-scores)

    def conjugate(self, scores: Tensor) -> Tensor:
        """Return v − 1."""
        return scores - 1


@dataclass(frozen=True)
class PearsonChiSquared(FDivergence):
    """Pearson's χ²: heavy where the data has mass and the model has little."""

    name: ClassVar[str] = "fgan-pearson"
    title: ClassVar[str] = "f-GAN (Pearson χ²)"

    def activation(self, scores: Tensor) -> Tensor:
        """Return v."""
        return scores

    def conjugate(self, scores: Tensor) -> Tensor:
        """Return v²/4 + v."""
        return scores**2 / 4 + scores


@dataclass(frozen=True)
class SquaredHellinger(FDivergence):
    """The squared Hellinger distance, between 0 and 2."""

    name: ClassVar[str] = "fgan-hellinger"
    title: ClassVar[str] = "f-GAN (squared Hellinger)"

    def activation(self, scores: Tensor) -> Tensor:
        """Return 1 − exp(−v)."""
        return -torch.expm1(-scores)

    def conjugate(self, scores: Tensor) -> Tensor:
        """Return exp(v) − 1."""
        return torch.expm1(scores)


@dataclass(frozen=True)
class JensenShannon(FDivergence):
    """Twice the Jensen–Shannon divergence; the original GAN's game up to the constant 2·log 2."""

    name: ClassVar[str] = "fgan-js"
    title: ClassVar[str] = "f-GAN (Jensen–Shannon)"

    def activation(self, scores: Tensor) -> Tensor:
        """Return log 2 − log(1 + exp(−v))."""
        return math.log(2) - softplus(-scores)

    def conjugate(self, scores: Tensor) -> Tensor:
        """Return log(1 + exp v) − log 2."""
        return softplus(scores) - math.log(2)
