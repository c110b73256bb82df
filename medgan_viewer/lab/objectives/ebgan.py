"""Energy-based GAN: Zhao, Mathieu and LeCun 2017 (arXiv:1609.03126), sections 2.1 to 2.4.

The discriminator is an autoencoder, and a picture's energy D(x) = ‖Dec(Enc(x)) − x‖ says how badly it is
reconstructed (here the mean squared error over the picture, so that the margin does not depend on its size). The
discriminator minimises E[D(x)] + E[max(0, m − D(G(z)))], the generator E[D(G(z))]. The pull-away term keeps a batch's
codes S = Enc(G(z)) apart: 1/(N(N − 1))·Σ_{i≠j} (S_iᵀS_j / (‖S_i‖·‖S_j‖))².
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize, relu

from medgan_viewer.lab.objectives.base import Judgement, Objective


@dataclass(frozen=True)
class EnergyBased(Objective):
    """The margin loss on energies (not negative, one a picture).

    `margin` is m, above 0: about the energy that real pictures have before training, or less. `pull_away` is the weight
    of the pull-away term in the generator's loss (0.1 in the paper's EBGAN-PT); it is batch-dependent, all else is a
    mean over pictures. The code is the last of the judgement's features.
    """

    margin: float = 1.0
    pull_away: float = 0.0

    name: ClassVar[str] = "ebgan"
    title: ClassVar[str] = "EBGAN"
    discriminator_kind: ClassVar[str] = "autoencoder"
    absolute: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Raise ValueError for parameters out of range."""
        if not self.margin > 0 or self.pull_away < 0:
            raise ValueError("The margin of ebgan must be above 0 and the weight of its pull-away term not negative.")

    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return mean(real) + mean(max(0, margin − synthetic))."""
        return real.scores.mean() + relu(self.margin - synthetic.scores).mean()

    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return mean(synthetic), plus the weighted pull-away term of the codes."""
        energy = synthetic.scores.mean()
        if not self.pull_away:
            return energy
        return energy + self.pull_away * pull_away(synthetic.features[-1])

    def realness(self, scores: Tensor) -> Tensor:
        """Return the energies with their sign changed; no energy is a border between real and synthetic."""
        return -scores


def pull_away(codes: Tensor) -> Tensor:
    """Return the mean squared cosine between the codes `[batch, …]` of different samples; 0 for a single sample.

    Batch-dependent: a batch in two halves has fewer pairs than the whole.
    """
    unit = normalize(codes.float().flatten(1), dim=1)
    squares = (unit @ unit.T) ** 2
    pairs = max(1, len(unit) * (len(unit) - 1))
    return (squares.sum() - torch.diagonal(squares).sum()) / pairs
