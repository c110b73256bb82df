"""Paired translation: a source picture in, the target picture out, against an image-conditional discriminator.

Conditional GAN (Mirza and Osindero 2014, arXiv:1411.1784) in the form of pix2pix (Isola et al. 2017, arXiv:1611.07004,
equations 1 to 4): the discriminator sees the source beside the picture, and an L1 distance to the target keeps the
generator to the truth. Feature matching (Wang et al. 2018, arXiv:1711.11585, section 3.2) compares what the
discriminator's layers see of both.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import Adversary, Reuse, evaluating, feature_distance, frozen
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import AdversarySettings


@dataclass(frozen=True)
class TranslationSettings(AdversarySettings):
    """The losses' weights; `feature_weight` multiplies the adversarial weight.

    The L1 distance counts `background_weight` where `segmentation` is 0, 1 elsewhere, and `lesion_weight` more inside
    `lesions`, so that they are not smoothed away; without those maps every pixel counts 1.
    """

    reconstruction_weight: float = 20.0
    feature_weight: float = 2.0
    lesion_weight: float = 3.0
    background_weight: float = 0.3


class Translation(Method):
    """Batches need `source` and `target`. Every loss is a mean over samples."""

    name: ClassVar[str] = "translation"
    Settings: ClassVar[type[TranslationSettings]] = TranslationSettings

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: TranslationSettings,
    ) -> None:
        """Build the networks. Raises ValueError when they do not fit the data or the objective."""
        channels = {"in_channels": data.source_channels, "out_channels": data.target_channels}
        self.settings = settings
        size = tuple(data.size)
        self.generator = built(generator, "generator", **channels, size=size)
        check_result(self.generator, "generator", (2, data.source_channels, *size), (2, data.target_channels, *size))
        self._adversary: Adversary | None = None
        if discriminator is not None and settings.adversarial_weight:
            self._adversary = Adversary(discriminator, settings, **channels, size=size)
            self.discriminator = self._adversary.network
            self.discriminator_steps = self._adversary.steps
            self.objective = settings.family
        self._reuse = Reuse()

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the weighted L1 distance; with the adversary its loss and the distance of features too."""
        settings = self.settings
        made = self._reuse.take(batch)
        output: Tensor = self.generator(batch["source"]).float() if made is None else made
        distance = self._distance(output, batch)
        reconstruction = settings.reconstruction_weight * distance
        parts = {"loss/reconstruction": distance.detach()}
        if not adversarial or self._adversary is None:
            return Losses(reconstruction, parts, reconstruction=reconstruction)
        judge = self._adversary.judge(batch["source"], draw=draw)
        with frozen(self._adversary.network):
            judged = judge(output)
            loss = self._adversary.objective.generator_loss(judged)
            parts["loss/adversarial"] = loss.detach()
            if settings.feature_weight:
                with torch.no_grad():
                    wanted = judge(batch["target"]).features
                matching = feature_distance(judged.features, wanted)
                parts["loss/feature_matching"] = matching.detach()
                loss = loss + settings.feature_weight * matching
        loss = settings.adversarial_weight * loss
        return Losses(reconstruction + loss, parts, adversarial=loss, reconstruction=reconstruction)

    def _distance(self, output: Tensor, batch: Batch) -> Tensor:
        difference = (output - batch["target"]).abs()
        if "segmentation" not in batch and "lesions" not in batch:
            return difference.mean()
        weight = torch.ones_like(output[:, 0])
        if "segmentation" in batch:
            background = self.settings.background_weight
            weight = background + (1 - background) * (batch["segmentation"] > 0)
        if "lesions" in batch:
            weight = weight + self.settings.lesion_weight * (batch["lesions"] > 0)
        return (weight[:, None] * difference).mean()

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the discriminator's losses on the pair of source and target, and of source and output."""
        if self._adversary is None:
            return super().discriminator_loss(batch, draw, step=step)
        output = self.generator(batch["source"]).float()
        self._reuse.keep(batch, output)
        judge = self._adversary.judge(batch["source"], draw=draw)
        return self._adversary.teach(judge, batch["target"], output, draw, step)

    def constrain(self) -> None:
        """Clip the discriminator's weights where the objective does so."""
        if self._adversary is not None:
            self._adversary.objective.constrain(self._adversary.network)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return the translated sources."""
        with evaluating(generator):
            output: Tensor = generator(batch["source"]).float()
        return output

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor] | None:
        """Return how real the targets and the outputs are beside their sources, without augmentation."""
        if self._adversary is None:
            return None
        with evaluating(self.generator, self._adversary.network):
            judge = self._adversary.judge(batch["source"])
            output = self.generator(batch["source"]).float()
            return self._adversary.realness(judge, batch["target"]), self._adversary.realness(judge, output)
