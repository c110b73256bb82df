"""Least-squares GAN: Mao et al. 2017 (arXiv:1611.04076), equation 9 (targets 0 for synthetic, 1 for real, c = 1).

With scores D: the discriminator minimises ½·E[(D(x) − 1)²] + ½·E[D(G)²], the generator ½·E[(D(G) − 1)²]. No activation
is put on the scores.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from medgan_viewer.lab.objectives.base import Judgement, Objective


@dataclass(frozen=True)
class LeastSquares(Objective):
    """The least-squares objective; an undecided discriminator (D = ½ everywhere) has a loss of ¼."""

    name: ClassVar[str] = "lsgan"
    title: ClassVar[str] = "LSGAN"

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return ½·mean((real − 1)²) + ½·mean(synthetic²)."""
        return 0.5 * ((real.scores - 1) ** 2).mean() + 0.5 * (synthetic.scores**2).mean()

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return ½·mean((synthetic − 1)²)."""
        return 0.5 * ((synthetic.scores - 1) ** 2).mean()

    def realness(self, scores: Tensor) -> Tensor:
        """Return the scores' distance from the middle between the two targets."""
        return scores - 0.5
