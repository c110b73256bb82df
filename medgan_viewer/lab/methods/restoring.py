"""Restoring and judging: a generator of healthy anatomy, and a discriminator that says where a slice is not healthy.

Both lie in one network (see `models.networks.restoring_discriminator`) and learn together on healthy slices with
simulated anomalies: the generator to give the healthy slice back (a denoising autoencoder, Kascenas et al., MIDL 2022:
in part of the slices covered with coarse noise), the discriminator which pixels are anomalous (Zavrtanik et al., DRAEM,
ICCV 2021). The discriminator is told the truth, so there is no adversary and one optimiser trains both.
"""

from dataclasses import dataclass
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import evaluating
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import MethodSettings
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator, compand, expand

_CELLS = 10
"""Cells a side of the coarse noise."""


@dataclass(frozen=True)
class RestoringSettings(MethodSettings):
    """The losses' weights, and the coarse noise: on which share of the slices, and its largest spread (companded).

    `dice_weight` is needed: with focal loss alone the discriminator stays for very long at "perhaps" everywhere.
    `across` are weights of the slices, one after the other, over whose logits the packaged network takes the mean
    (divided by their sum): training is the same.
    """

    discriminator_weight: float = 3.0
    dice_weight: float = 0.1
    focal_gamma: float = 1.0
    coarse_share: float = 0.2
    coarse_sigma: float = 0.3
    across: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check that the weights belong to a slice and as many on either side, and each value alone as always."""
        super().__post_init__()
        if self.across and (len(self.across) % 2 == 0 or not sum(self.across) > 0):
            raise ValueError("across has an odd number of weights, which are not all 0.")


class Restoring(Method):
    """Batches need `source` (ill), `target` (healthy), `segmentation` (1 anomalous) and `weight` (0: not judged).

    `known`, where there is one, is 0 for pixels whose healthy picture nobody knows: the generator need not restore
    them.

    Batch-dependent: focal and Dice loss, which are taken over all judged pixels of the batch, and the network's batch
    normalisation.
    """

    name: ClassVar[str] = "restoring"
    Settings: ClassVar[type[RestoringSettings]] = RestoringSettings
    tasks: ClassVar[tuple[str, ...]] = ("anomaly", "lab")

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: RestoringSettings,
    ) -> None:
        """Build the network. Raises ValueError when it is another one, does not fit, or has a discriminator beside."""
        if discriminator is not None:
            raise ValueError("The method restoring has its discriminator in the generator: leave [discriminator] out.")
        self.settings = settings
        size = tuple(data.size)
        self.generator = built(generator, "generator", in_channels=data.source_channels)
        if not isinstance(self.generator, RestoringDiscriminator):
            raise ValueError("The method restoring needs the network restoring_discriminator.")
        check_result(self.generator, "generator", (2, data.source_channels, *size), (2, 1, *size))
        if settings.across:
            if data.source_channels != 1:
                raise ValueError("Only a network that judges each slice alone takes the mean across slices.")
            whole = sum(settings.across)
            weights = [round(float(weight) / whole, 6) for weight in settings.across]
            arguments = {**generator.arguments, "in_channels": len(weights), "across": weights}
            self.deployed_as = ("restoring_discriminator", arguments)
            self.neighbours = len(weights) // 2

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the L1 distance to the healthy slices, and the focal and Dice loss of the pixels judged."""
        settings, network = self.settings, cast(RestoringDiscriminator, self.generator)
        healthy, seen = compand(batch["target"]), compand(batch["source"])
        given, judged = self._covered(seen, draw)
        restored = network.restore(given)
        distance = (restored.float() - healthy).abs() * (0.2 + (healthy > 0.1))
        if "known" in batch:
            distance = distance * batch["known"]
        distance = distance.mean()
        # A slice under coarse noise says nothing about disease.
        logits = network.judge(given, restored.detach()).float()
        wanted = batch["segmentation"][:, None].float()
        weight = batch["weight"] * judged
        judging = focal_loss(logits, wanted, weight, settings.focal_gamma)
        judging = judging + settings.dice_weight * soft_dice_loss(logits, wanted, weight)
        parts = {"loss/reconstruction": distance.detach(), "loss/discriminator": judging.detach()}
        return Losses(distance + settings.discriminator_weight * judging, parts, reconstruction=distance)

    def deployed(self, generator: nn.Module) -> nn.Module:
        """Return the network, or with `across` the one that takes the mean over slices of what this one says."""
        if self.deployed_as is None:
            return generator
        network, trained = RestoringDiscriminator(**self.deployed_as[1]), cast(RestoringDiscriminator, generator)
        network.generator, network.discriminator = trained.generator, trained.discriminator
        return network.eval()

    def _covered(self, seen: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
        """Return slices, some under coarse noise where there is tissue, and 1 for those that are not `[B, 1, 1, 1]`."""
        count = len(seen)
        covered = (draw.uniform(count, 1, 1, 1) < self.settings.coarse_share).to(seen)
        strength = draw.uniform(count, 1, 1, 1).to(seen) * self.settings.coarse_sigma
        noise = draw.normal(count, 1, _CELLS, _CELLS).to(seen)
        noise = functional.interpolate(noise, size=seen.shape[2:], mode="bilinear", align_corners=True)
        given = (seen + noise * strength * covered * (seen > 0.05)).clamp_min(0)
        return given, 1 - covered

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return what the generator makes of the ill slices, in their own intensities."""
        network = cast(RestoringDiscriminator, generator)
        with evaluating(network):
            restored: Tensor = expand(network.restore(compand(batch["source"])).float())
        return restored


def focal_loss(logits: Tensor, target: Tensor, weight: Tensor, gamma: float) -> Tensor:
    """Mean focal loss (Lin et al., 2017, equation 4; both classes alike) over pixels with `weight` > 0."""
    plain = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    loss = (1 - torch.exp(-plain)).pow(gamma) * plain
    return (loss * weight).sum() / weight.sum().clamp_min(1.0)


def soft_dice_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """1 − Dice of the probabilities over the whole batch (Milletari et al., 2016): small anomalies count as well."""
    probability = torch.sigmoid(logits) * weight
    overlap = (probability * target).sum()
    return 1 - (2 * overlap + 1) / (probability.sum() + (target * weight).sum() + 1)
