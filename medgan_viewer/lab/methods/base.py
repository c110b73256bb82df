"""What a method of training offers to the trainer: networks and losses; the trainer owns everything else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.objectives import Objective

Batch = dict[str, Tensor]
"""Tensors by name, the batch first: `image` (a real picture), or `source` and `target`; `segmentation` and `lesions`
`[batch, H, W]` int64; `label` `[batch]` or, of several questions, `[batch, question]` int64. Which of them are there is
the data source's affair."""


@dataclass(frozen=True)
class Losses:
    """A scalar to minimise, and its parts.

    `parts` are detached scalars by their names in the metrics. `adversarial` and `reconstruction` are the generator's
    weighted terms with their graphs, for the diagnostics' gradient norms.
    """

    total: Tensor
    parts: dict[str, Tensor] = field(default_factory=dict)
    adversarial: Tensor | None = None
    reconstruction: Tensor | None = None


class Method(ABC):
    """One way of training: which networks there are and what they minimise on a batch.

    A registered method is built as `method(generator, discriminator, data, settings)`, the networks still as names and
    arguments, and checks whether all fits. The trainer moves the networks to the device, owns both optimisers, the
    averaged weights of the generator, the clock, checkpoints and metrics. A method draws random numbers only from the
    `Draw` that it is handed.
    """

    name: ClassVar[str]
    """The name by which recipes choose the method."""
    Settings: ClassVar[type[Any]]
    """A frozen dataclass of what a recipe may set (`MethodSettings`)."""
    generator: nn.Module
    """All that the generator's optimiser trains (several networks in one module where a method has them)."""
    discriminator: nn.Module | None = None
    """All that the discriminator's optimiser trains; None where the method has no adversary."""
    discriminator_steps: int = 1
    """The discriminator's steps for one of the generator."""
    tasks: ClassVar[tuple[str, ...]]
    """The tasks that a recipe of the method may name."""
    needs_adversary: ClassVar[bool] = False
    """Whether nothing is learned in a phase without an adversary."""
    no_package: ClassVar[str] = ""
    """Why no model package can be made of what the method trains, as a sentence; empty where one can."""
    limits: ClassVar[tuple[str, ...]] = ()
    """What holds for every model that the method trains, and stands on its card."""
    implied: Mapping[str, Any] = {}
    """Arguments of the generator that follow from the method's settings, beside those that follow from the data."""
    deployed_as: tuple[str, Mapping[str, Any]] | None = None
    """Name and arguments of the network that `deployed` returns, where it is another one than the recipe's generator;
    it may be made of the discriminator, too."""
    neighbours: int = 0
    """How many slices on each side a deployed network sees of which the data give none."""
    controls: Mapping[str, Any] = {}
    """What a reader may choose at a run of the model, as its manifest says it."""
    objective: Objective | None = None
    """The family of the adversary; None where there is none. Says whether `realness` has a meaningful zero."""

    @abstractmethod
    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the generator's losses on a batch; without `adversarial`, those that need no discriminator."""

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the discriminator's losses; `step` counts the discriminator's steps (for lazy penalties).

        Raises ValueError where the method has no adversary.
        """
        raise ValueError(f"The method {self.name} has no discriminator.")

    def constrain(self) -> None:  # noqa: B027 - few families constrain anything
        """Change the discriminator's weights after each of its steps, where its family does so."""

    @abstractmethod
    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return pictures `[batch, channel, H, W]`, about 0…1, that `generator` (present or averaged) makes."""

    def deployed(self, generator: nn.Module) -> nn.Module:
        """Return the network of `generator` (present or averaged) that a model package holds."""
        return generator

    def grown(self, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Return weights of a `deployed` network to start from, filled up where this method's is larger by design."""
        return weights

    def real(self, batch: Batch) -> Tensor:
        """Return the real pictures that `samples` is to resemble, in the same scale."""
        return batch["target"] if "target" in batch else batch["image"]

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor] | None:
        """Return how real the discriminator finds the batch's real and generated pictures, one number a picture.

        Larger is more real and 0 the decision; None where there is no adversary.
        """
        return None
