"""What translation and segmentation share: a truth beside every source, and an adversary that sees the source too."""

from abc import abstractmethod
from dataclasses import dataclass
from inspect import signature

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import Adversary, Reuse, evaluating, feature_distance, frozen, weighed
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import AdversarySettings
from medgan_viewer.models.networks import architecture


@dataclass(frozen=True)
class PairedSettings(AdversarySettings):
    """The losses' weights; `feature_weight` multiplies the adversarial weight."""

    reconstruction_weight: float = 20.0
    feature_weight: float = 0.0


MEAN_SHARPNESS = 0.5
"""What `Paired.told` draws on average: the discriminator's weights are 1 on average."""


class Paired(Method):
    """A distance to the truth; and, where there is an adversary, its loss and the distance of what its layers see.

    A generator may be told for each sample how much its adversary counts (`told`). Then what the adversary says of a
    sample, features included, is weighed by that number in the generator's loss, and real and synthetic picture of the
    sample by the same number, over its mean, in the discriminator's: both play one game, whose stakes differ from
    sample to sample. A picture made without an adversary teaches the discriminator nothing, so that it does not
    spend itself on telling blurred pictures, which is easy, and still has something to say of sharp ones.
    """

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: PairedSettings,
        out_channels: int,
        *,
        shown_channels: int = 0,
        conditioned: bool = False,
    ) -> None:
        """Build the networks: the adversary sees `shown_channels` (0: all) and the generator may be `conditioned`.

        Raises ValueError when they do not fit the data or the objective.
        """
        size = tuple(data.size)
        wanted = {"in_channels": data.source_channels, "out_channels": out_channels, "size": size}
        self.implied = {"out_channels": out_channels, **({"conditioned": True} if conditioned else {})}
        self.generator = built(generator, "generator", **wanted, conditioned=conditioned)
        if conditioned and "conditioned" not in signature(architecture(generator.name)).parameters:
            raise ValueError(f"The generator {generator.name} cannot be told a sharpness: choose unet_2p5d.")
        check_result(self.generator, "generator", (2, data.source_channels, *size), (2, out_channels, *size))
        wanted["out_channels"] = shown_channels or out_channels
        self._weights = settings
        self._adversary: Adversary | None = None
        if discriminator is not None and settings.adversarial_weight:
            self._adversary = Adversary(discriminator, settings, **wanted)
            self.discriminator = self._adversary.network
            self.discriminator_steps = self._adversary.steps
            self.objective = settings.family
        self._reuse = Reuse()

    @abstractmethod
    def distance(self, output: Tensor, batch: Batch) -> Tensor:
        """Return how far the generator's raw output is from the truth, a scalar."""

    def shown(self, output: Tensor) -> Tensor:
        """Return the picture that a raw output stands for, which is what the adversary sees."""
        return output

    def beside(self, output: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return, by name, what counts in reconstruction beside the distance."""
        return {}

    def told(self, batch: Batch, draw: Draw) -> Tensor | None:
        """Return what the generator is told of each sample, `[batch]` of 0…1, 0.5 on average; None for nothing."""
        return None

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the weighted distance; with the adversary its loss and the distance of features too."""
        weights = self._weights
        made = self._reuse.take(batch)
        output, told = self._made(batch, draw) if made is None else made
        distance = self.distance(output, batch)
        beside = self.beside(output, batch)
        parts = {"loss/reconstruction": distance.detach()} | {name: value.detach() for name, value in beside.items()}
        reconstruction = weights.reconstruction_weight * torch.stack([distance, *beside.values()]).sum()
        if not adversarial or self._adversary is None:
            return Losses(reconstruction, parts, reconstruction=reconstruction)
        judge = self._adversary.judge(batch["source"], draw=draw)
        with frozen(self._adversary.network):
            judged = judge(self.shown(output))
            loss = weighed(self._adversary.objective.generator_loss, told, judged)
            parts["loss/adversarial"] = loss.detach()
            if weights.feature_weight:
                with torch.no_grad():
                    wanted = judge(self.real(batch)).features
                matching = feature_distance(judged.features, wanted, told)
                parts["loss/feature_matching"] = matching.detach()
                loss = loss + weights.feature_weight * matching
        loss = weights.adversarial_weight * loss
        return Losses(reconstruction + loss, parts, adversarial=loss, reconstruction=reconstruction)

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the discriminator's losses on source and truth, and on source and output."""
        if self._adversary is None:
            return super().discriminator_loss(batch, draw, step=step)
        output, told = made = self._made(batch, draw)
        self._reuse.keep(batch, made)
        judge = self._adversary.judge(batch["source"], draw=draw)
        weights = None if told is None else told / MEAN_SHARPNESS
        return self._adversary.teach(judge, self.real(batch), self.shown(output), draw, step, weights)

    def constrain(self) -> None:
        """Clip the discriminator's weights where the objective does so."""
        if self._adversary is not None:
            self._adversary.objective.constrain(self._adversary.network)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return what `generator` makes of the sources."""
        with evaluating(generator):
            return self.shown(generator(batch["source"]).float())

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor] | None:
        """Return how real the truths and the outputs are beside their sources, without augmentation."""
        if self._adversary is None:
            return None
        with evaluating(self.generator, self._adversary.network):
            judge = self._adversary.judge(batch["source"])
            made = self.shown(self.generator(batch["source"]).float())
            return self._adversary.realness(judge, self.real(batch)), self._adversary.realness(judge, made)

    def _made(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor | None]:
        """Return the generator's raw output and what it was told."""
        source, told = batch["source"], self.told(batch, draw)
        output: Tensor = self.generator(source) if told is None else self.generator(source, told)
        return output.float(), told
