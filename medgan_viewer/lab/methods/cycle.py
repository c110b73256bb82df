"""Unpaired translation both ways: CycleGAN, Zhu et al. 2017 (arXiv:1703.10593), equations 1 to 4.

Two generators and two discriminators. A picture that goes there and back must come back (λ·L1, λ = 10); a picture that
is of the wanted kind already should stay as it is (identity loss, 0.5·λ, section 5.2). The discriminators see a history
of 50 earlier outputs besides the new ones (section 4, after Shrivastava et al. 2017, arXiv:1612.07828).

What such a generator adds or removes follows the two collections, not the patient (Cohen et al. 2018,
arXiv:1805.08841): its pictures are not for interpretation.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import Adversary, Reuse, evaluating, frozen
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import AdversarySettings


@dataclass(frozen=True)
class CycleSettings(AdversarySettings):
    """The losses' weights, and how many earlier outputs each discriminator is shown again (`pool`, 0: none)."""

    cycle_weight: float = 10.0
    identity_weight: float = 0.0
    pool: int = 50

    def __post_init__(self) -> None:
        """Check that there is an adversary, and each setting alone as always."""
        super().__post_init__()
        if not self.adversarial_weight:
            raise ValueError("The method cycle learns what the targets look like from its adversary: weight above 0.")


class Cycle(Method):
    """Batches need `source` and `target`, which belong to different patients.

    Every loss is a mean over samples; the pools make the discriminators' losses batch-dependent, and each process has
    its own: for runs that are to be the same for any number of processes, set `pool` to 0.
    """

    name: ClassVar[str] = "cycle"
    Settings: ClassVar[type[CycleSettings]] = CycleSettings
    tasks: ClassVar[tuple[str, ...]] = ("synthesis", "lab")
    limits: ClassVar[tuple[str, ...]] = (
        "Trained without pairs, and no paired truth was there to measure it with: what it adds or removes follows the "
        "two collections of pictures, not the patient.",
    )

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: CycleSettings,
    ) -> None:
        """Build both networks twice. Raises ValueError when they do not fit the data or the objective."""
        if discriminator is None:
            raise ValueError("The method cycle needs a discriminator.")
        source, target = data.source_channels, data.target_channels
        if source != target and settings.identity_weight:
            raise ValueError("An identity loss needs as many channels in the source as in the target: set it to 0.")
        if source != target and {"in_channels", "out_channels"} & {*generator.arguments, *discriminator.arguments}:
            raise ValueError("Both directions share their networks' arguments: leave out in_channels and out_channels.")
        self.settings = settings
        self.objective = settings.family
        size = tuple(data.size)
        self._both = BothWays(
            built(generator, "generator", in_channels=source, out_channels=target, size=size),
            built(generator, "generator", in_channels=target, out_channels=source, size=size),
        )
        self.generator = self._both
        check_result(self._both.to_target, "generator", (2, source, *size), (2, target, *size))
        check_result(self._both.to_source, "generator", (2, target, *size), (2, source, *size))
        wanted: dict[str, Any] = {"in_channels": 0, "size": size}
        self._of_target = Adversary(discriminator, settings, out_channels=target, **wanted)
        self._of_source = Adversary(discriminator, settings, out_channels=source, **wanted)
        self._target_pool = Pool(settings.pool, (target, *size))
        self._source_pool = Pool(settings.pool, (source, *size))
        self.discriminator = nn.ModuleDict(
            {
                "of_target": self._of_target.network,
                "of_source": self._of_source.network,
                "target_pool": self._target_pool,
                "source_pool": self._source_pool,
            }
        )
        self.discriminator_steps = self._of_target.steps
        self._reuse = Reuse()

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the cycle and identity losses of both directions, and both discriminators' with `adversarial`."""
        settings, both = self.settings, self._both
        source, target = batch["source"], batch["target"]
        to_target, to_source = self._reuse.take(batch) or self._made(batch)
        cycle = (both.to_source(to_target) - source).abs().mean() + (both.to_target(to_source) - target).abs().mean()
        parts = {"loss/reconstruction": cycle.detach()}
        reconstruction = settings.cycle_weight * cycle
        if settings.identity_weight:
            identity = (both.to_target(target) - target).abs().mean() + (both.to_source(source) - source).abs().mean()
            parts["loss/identity"] = identity.detach()
            reconstruction = reconstruction + settings.identity_weight * identity
        if not adversarial:
            return Losses(reconstruction, parts, reconstruction=reconstruction)
        losses = []
        for adversary, output in ((self._of_target, to_target), (self._of_source, to_source)):
            with frozen(adversary.network):
                losses.append(adversary.objective.generator_loss(adversary.judge(draw=draw)(output)))
        loss = torch.stack(losses).sum()
        parts["loss/adversarial"] = loss.detach()
        loss = settings.adversarial_weight * loss
        return Losses(reconstruction + loss, parts, adversarial=loss, reconstruction=reconstruction)

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the sum of both discriminators' losses, on the batch and on new and earlier outputs."""
        made = self._made(batch)
        self._reuse.keep(batch, made)
        losses = []
        for adversary, pool, real, output in (
            (self._of_target, self._target_pool, batch["target"], made[0]),
            (self._of_source, self._source_pool, batch["source"], made[1]),
        ):
            seen = pool.exchanged(output.detach(), draw)
            losses.append(adversary.teach(adversary.judge(draw=draw), real, seen, draw, step))
        first, second = losses
        parts = {name: value + second.parts[name] for name, value in first.parts.items()}
        return Losses(first.total + second.total, parts)

    def constrain(self) -> None:
        """Clip both discriminators' weights where the objective does so."""
        for adversary in (self._of_target, self._of_source):
            adversary.objective.constrain(adversary.network)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return the sources translated into targets."""
        with evaluating(generator):
            output: Tensor = generator(batch["source"]).float()
        return output

    def deployed(self, generator: nn.Module) -> nn.Module:
        """Return the network from source to target."""
        assert isinstance(generator, BothWays)
        return generator.to_target

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor] | None:
        """Return how real the targets and the translated sources are."""
        with evaluating(self.generator, self._of_target.network):
            judge = self._of_target.judge()
            output = self.generator(batch["source"]).float()
            return self._of_target.realness(judge, batch["target"]), self._of_target.realness(judge, output)

    def _made(self, batch: Batch) -> tuple[Tensor, Tensor]:
        return self._both.to_target(batch["source"]).float(), self._both.to_source(batch["target"]).float()


class BothWays(nn.Module):
    """Two generators of opposite directions; called like the first, from source to target."""

    def __init__(self, to_target: nn.Module, to_source: nn.Module) -> None:
        super().__init__()
        self.to_target = to_target
        self.to_source = to_source

    def forward(self, source: Tensor) -> Tensor:
        """Return the sources translated into targets."""
        result: Tensor = self.to_target(source)
        return result


class Pool(nn.Module):
    """A history of pictures, kept in buffers so that it is saved and restored with the discriminator."""

    kept: Tensor
    filled: Tensor

    def __init__(self, size: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("kept", torch.zeros(size, *shape))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))

    def exchanged(self, pictures: Tensor, draw: Draw) -> Tensor:
        """Return each picture, or by half the chance an earlier one, whose place it takes; a full pool is needed."""
        if not len(self.kept):
            return pictures
        chances = draw.uniform(len(pictures), 2)
        shown, filled = [], int(self.filled)
        for picture, (swap, place) in zip(pictures, chances.tolist(), strict=True):
            if filled < len(self.kept):
                self.kept[filled] = picture
                filled += 1
                shown.append(picture)
            elif swap < 0.5:
                index = int(place * len(self.kept))
                shown.append(self.kept[index].clone())
                self.kept[index] = picture
            else:
                shown.append(picture)
        self.filled.fill_(filled)
        return torch.stack(shown)
