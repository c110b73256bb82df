"""The original GAN: Goodfellow et al. 2014 (arXiv:1406.2661), equation 1 and the end of section 3.

With D = sigmoid(score), the discriminator maximises E[log D(x)] + E[log(1 − D(G(z)))] in both families. The generator
minimises E[log(1 − D(G(z)))] (`minimax`), or E[−log D(G(z))] (`nonsaturating`), which has the same fixed point and
keeps its gradient where the discriminator wins. In scores, −log D = softplus(−score) and −log(1 − D) = softplus(score):
these forms neither overflow nor lose digits.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from medgan_viewer.lab.objectives.base import Judgement, Objective


@dataclass(frozen=True)
class Minimax(Objective):
    """The zero-sum game; an undecided discriminator (score 0 everywhere) has a loss of 2·log 2."""

    name: ClassVar[str] = "minimax"
    title: ClassVar[str] = "GAN (minimax)"

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return −mean(log D(real)) − mean(log(1 − D(synthetic)))."""
        return softplus(-real.scores).mean() + softplus(synthetic.scores).mean()

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return mean(log(1 − D(synthetic))); its gradient vanishes where D(synthetic) → 0."""
        return -softplus(synthetic.scores).mean()


@dataclass(frozen=True)
class NonSaturating(Minimax):
    """The same discriminator; the generator maximises log D instead."""

    name: ClassVar[str] = "nonsaturating"
    title: ClassVar[str] = "GAN (non-saturating)"

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return −mean(log D(synthetic))."""
        return softplus(-synthetic.scores).mean()
