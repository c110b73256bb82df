"""Wasserstein GAN with gradient penalty: Gulrajani et al. 2017 (arXiv:1704.00028), equation 3 and algorithm 1.

To the critic's loss E[D(G)] − E[D(x)] comes λ·E[(‖∇D(x̂)‖₂ − 1)²] with x̂ = ε·x + (1 − ε)·G(z), one ε from [0, 1) for
each sample (λ = 10, five critic steps for one of the generator). The critic's value of a picture is the mean of its
patches where it gives several. The penalty looks at each sample alone: no layer of the critic may mix samples.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from medgan_viewer.lab.objectives.base import Judge, Judgement, Objective


@dataclass(frozen=True)
class WassersteinGradientPenalty(Objective):
    """The critic's two means and the two-sided penalty; `weight` is λ, not below 0."""

    weight: float = 10.0

    name: ClassVar[str] = "wgan-gp"
    title: ClassVar[str] = "WGAN-GP"
    discriminator_steps: ClassVar[int] = 5
    absolute: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Raise ValueError for a negative weight."""
        if self.weight < 0:
            raise ValueError("The penalty's weight of wgan-gp must not be negative.")

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return mean(synthetic) − mean(real), the estimated distance with its sign changed."""
        return synthetic.scores.mean() - real.scores.mean()

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return −mean(synthetic)."""
        return -synthetic.scores.mean()

    def penalty(self, judge: Judge, real: Tensor, synthetic: Tensor, shares: Tensor) -> Tensor:
        """Return λ·mean((‖gradient at the interpolated picture‖ − 1)²)."""
        share = shares.to(real).view(-1, *[1] * (real.dim() - 1))
        between = (share * real + (1 - share) * synthetic).requires_grad_()
        slope = torch.linalg.vector_norm(slopes(judge, between).flatten(1), dim=1)
        distances: Tensor = (slope - 1) ** 2
        return self.weight * distances.mean()


def slopes(judge: Judge, pictures: Tensor) -> Tensor:
    """Return the gradient of each picture's score with respect to it, shaped like `pictures`, with its own graph.

    `pictures` requires a gradient; the score of a picture is the mean over its patches.
    """
    scores = judge(pictures).scores.float().reshape(len(pictures), -1).mean(dim=1)
    (gradient,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
    return gradient.float()
