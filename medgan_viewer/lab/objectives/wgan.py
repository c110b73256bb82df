"""Wasserstein GAN with weight clipping: Arjovsky, Chintala and Bottou 2017 (arXiv:1701.07875), equations 2 and 3.

The critic f maximises E[f(x)] − E[f(G(z))] over functions whose slope is bounded, which for slope 1 is the earth
mover's distance; the generator minimises −E[f(G(z))]. The bound is kept by clipping every weight into [−c, c] after
each of the critic's steps (algorithm 1: c = 0.01, five critic steps for one of the generator), so the distance is known
up to a factor only.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from medgan_viewer.lab.objectives.base import Judgement, Objective


@dataclass(frozen=True)
class Wasserstein(Objective):
    """The critic's two means; `clip` is the bound of its weights, above 0."""

    clip: float = 0.01

    name: ClassVar[str] = "wgan"
    title: ClassVar[str] = "WGAN (clipping)"
    discriminator_steps: ClassVar[int] = 5
    absolute: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Raise ValueError for a bound that leaves no weight."""
        if not self.clip > 0:
            raise ValueError("The clipping bound of wgan must be above 0.")

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return mean(synthetic) − mean(real), the estimated distance with its sign changed."""
        return synthetic.scores.mean() - real.scores.mean()

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return −mean(synthetic)."""
        return -synthetic.scores.mean()

    def constrain(self, discriminator: nn.Module) -> None:
        """Clip every weight of the critic into [−clip, clip]."""
        with torch.no_grad():
            for weight in discriminator.parameters():
                weight.clamp_(-self.clip, self.clip)
