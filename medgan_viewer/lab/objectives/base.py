"""What an adversarial objective offers to a method and to the trainer."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Judgement:
    """What a discriminator says of a batch.

    `scores` has the batch first and any shape after it: logits, a critic's values, or energies. `features` are what its
    layers gave, lowest first, for feature matching and for terms that look at a representation.
    """

    scores: Tensor
    features: tuple[Tensor, ...] = ()


Judge = Callable[[Tensor], Judgement]
"""A discriminator as a function of the picture alone: conditions are bound already."""


@dataclass(frozen=True)
class Objective(ABC):
    """One family of GANs: two losses, each a mean over all scores, and what goes with them.

    A family is a frozen dataclass whose fields are its parameters (penalty weight, margin, …), so that a recipe can set
    them by name.
    """

    name: ClassVar[str]
    """The name by which recipes choose the family."""
    title: ClassVar[str]
    """The family's name as the literature writes it."""
    discriminator_steps: ClassVar[int] = 1
    """How many steps the discriminator takes for one of the generator, where the paper says so."""
    discriminator_kind: ClassVar[str] = "scores"
    """"scores" for a discriminator that scores pictures or patches, "autoencoder" for one that reconstructs them."""
    absolute: ClassVar[bool] = True
    """Whether `realness` has a meaningful zero; a critic's scores are known but for a constant."""

    @abstractmethod
    def discriminator_loss(self, real: Judgement, synthetic: Judgement) -> Tensor:
        """Return what the discriminator minimises, a scalar; `penalty` comes on top."""

    @abstractmethod
    def generator_loss(self, synthetic: Judgement) -> Tensor:
        """Return what the generator minimises, a scalar."""

    def penalty(self, judge: Judge, real: Tensor, synthetic: Tensor, shares: Tensor) -> Tensor:
        """Return what is added to the discriminator's loss; 0 unless the family has such a term.

        `real` and `synthetic` are detached pictures `[batch, …]`, `shares` is uniform noise `[batch]` out of [0, 1).
        """
        return torch.zeros((), device=real.device)

    def constrain(self, discriminator: nn.Module) -> None:  # noqa: B027 - most families constrain nothing
        """Change the discriminator's weights after each of its steps, where the family does so (clipping)."""

    def realness(self, scores: Tensor) -> Tensor:
        """Return scores so that larger is more real and, where `absolute`, the decision lies at 0."""
        return scores
