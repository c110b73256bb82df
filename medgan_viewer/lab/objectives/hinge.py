"""Hinge GAN: Lim and Ye 2017 (arXiv:1705.02894); as in Miyato et al. 2018 (arXiv:1802.05957), equations 16 and 17.

The discriminator minimises E[max(0, 1 − D(x))] + E[max(0, 1 + D(G))], the generator −E[D(G)]. Nothing is put on the
scores, so the generator's gradient is −1/N for each of N scores however surely it is caught.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import relu

from medgan_viewer.lab.objectives.base import Judgement, Objective


@dataclass(frozen=True)
class Hinge(Objective):
    """The geometric GAN; an undecided discriminator (score 0 everywhere) has a loss of 2."""

    name: ClassVar[str] = "hinge"
    title: ClassVar[str] = "Hinge GAN"

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return mean(max(0, 1 − real)) + mean(max(0, 1 + synthetic))."""
        return relu(1 - real.scores).mean() + relu(1 + synthetic.scores).mean()

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return −mean(synthetic)."""
        return -synthetic.scores.mean()
