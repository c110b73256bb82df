"""Paired translation: a source picture in, the target picture out, against an image-conditional discriminator.

Conditional GAN (Mirza and Osindero 2014, arXiv:1411.1784) in the form of pix2pix (Isola et al. 2017, arXiv:1611.07004,
equations 1 to 4): the discriminator sees the source beside the picture, and an L1 distance to the target keeps the
generator to the truth. Feature matching (Wang et al. 2018, arXiv:1711.11585, section 3.2) compares what the
discriminator's layers see of both.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from medgan_viewer.lab.methods.base import Batch
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes
from medgan_viewer.lab.methods.paired import Paired, PairedSettings


@dataclass(frozen=True)
class TranslationSettings(PairedSettings):
    """The losses' weights.

    The L1 distance counts `background_weight` where `segmentation` is 0, 1 elsewhere, and `lesion_weight` more inside
    `lesions`, so that they are not smoothed away; without those maps every pixel counts 1.
    """

    feature_weight: float = 2.0
    lesion_weight: float = 3.0
    background_weight: float = 0.3


class Translation(Paired):
    """Batches need `source` and `target`. Every loss is a mean over samples."""

    name: ClassVar[str] = "translation"
    Settings: ClassVar[type[TranslationSettings]] = TranslationSettings
    tasks: ClassVar[tuple[str, ...]] = ("synthesis", "lab")

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: TranslationSettings,
    ) -> None:
        """Build the networks. Raises ValueError when they do not fit the data or the objective."""
        if data.target_channels < 1:
            raise ValueError("The method translation needs data with a target.")
        super().__init__(generator, discriminator, data, settings, data.target_channels)
        self.settings = settings

    def distance(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the weighted mean of |output − target|."""
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
