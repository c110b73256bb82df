"""What an adversarial objective offers to the trainer."""

from typing import Protocol

from torch import Tensor


class Objective(Protocol):
    """Losses from the discriminator's logits on real and on synthetic pictures, each a mean over all logits."""

    @property
    def name(self) -> str:
        """The name by which recipes choose the objective."""

    def discriminator_loss(self, real: Tensor, synthetic: Tensor) -> Tensor:
        """Return what the discriminator minimises."""

    def generator_loss(self, synthetic: Tensor) -> Tensor:
        """Return what the generator minimises."""
