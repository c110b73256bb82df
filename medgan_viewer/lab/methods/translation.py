"""Paired translation: a source picture in, the target picture out, against an image-conditional discriminator.

Conditional GAN (Mirza and Osindero 2014, arXiv:1411.1784) in the form of pix2pix (Isola et al. 2017, arXiv:1611.07004,
equations 1 to 4): the discriminator sees the source beside the picture, and an L1 distance to the target keeps the
generator to the truth. Feature matching (Wang et al. 2018, arXiv:1711.11585, section 3.2) compares what the
discriminator's layers see of both.

One set of weights can be the sober network and the sharp one: told how much its adversary counts, it is trained for
all of these weights at once (loss-conditional training: Dosovitskiy and Djolonga 2020, "You Only Train Once: Loss-
Conditional Training of Deep Networks", ICLR). Quantiles beside the picture say how far off it may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes
from medgan_viewer.lab.methods.paired import Paired, PairedSettings
from medgan_viewer.models.networks.unet_2p5d import UNet2p5D

STOPS = (0.0, 0.5, 1.0)
"""The sharpnesses that a model offers: each stop that is looked at costs a run, and the memory of its pictures."""
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
ERRORS = ("absolute", "root mean square")
CORRECTING = ("residual_unet",)
"""Networks that add a correction to their input, of which a reader may take less."""
_LEAST_SQUARE = 1e-8
"""Keeps the slope of the root finite where a picture is met exactly."""


@dataclass(frozen=True)
class TranslationSettings(PairedSettings):
    """The losses' weights, and what the generator gives and is told beside the picture.

    `error` is "absolute" (the L1 distance) or "root mean square": of each sample by itself, so that every one counts
    by its own PSNR and the noisiest do not outweigh the others as in a mean of squares.

    The distance counts `background_weight` where `segmentation` is 0, 1 elsewhere, and `lesion_weight` more inside
    `lesions`, so that they are not smoothed away; without those maps every pixel counts 1. `segment_weights` says it of
    each label of `segmentation` instead, in their order.

    With `quantiles` (ascending, such as [0.05, 0.95]) the generator gives for each a further set of the target's
    channels, behind those of the picture: all pictures, then all channels of the first quantile, and so on. Their
    pinball loss, weighed by pixels as the distance is, counts `quantile_weight` times in it.

    With `sharpness` the generator is told of each sample how much the adversary counts, from 0 (not at all: the sober
    twin) to 1 (as a network that is told nothing). A share `ends` of the samples is told 0 or 1, as often the one as
    the other, for those are the two that are looked at most; the rest anything in between.
    """

    error: str = "absolute"
    feature_weight: float = 2.0
    lesion_weight: float = 3.0
    background_weight: float = 0.3
    segment_weights: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    quantile_weight: float = 1.0
    sharpness: bool = False
    ends: float = 0.5

    def __post_init__(self) -> None:
        """Check error, quantiles and ends, and the rest as always."""
        super().__post_init__()
        if self.error not in ERRORS:
            raise ValueError(f"error must be {' or '.join(ERRORS)}, not {self.error}.")
        levels = self.quantiles
        if not all(isinstance(level, float) and 0 < level < 1 for level in levels) or list(levels) != sorted(
            set(levels)
        ):
            raise ValueError(f"quantiles must be ascending numbers between 0 and 1, not {list(levels)}.")
        if self.ends > 1:
            raise ValueError("ends is a share of the samples: at most 1.")
        if self.sharpness and getattr(self.family, "pull_away", False):
            raise ValueError("The pull-away term looks at all pictures together: with sharpness, leave pull_away at 0.")


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
        weighed = len(settings.segment_weights)
        if weighed and weighed != data.classes:
            raise ValueError(f"segment_weights has {weighed} numbers, the data have {data.classes} segments.")
        self.settings, self._pictures = settings, data.target_channels
        self.controls = {"sharpness": {"stops": list(STOPS), "default": 1.0}} if settings.sharpness else {}
        if generator.name in CORRECTING:
            self.controls = {"strength": {"stops": list(STRENGTHS), "default": 1.0}}
        self._sets = 1 + len(settings.quantiles)
        super().__init__(
            generator,
            discriminator,
            data,
            settings,
            data.target_channels * self._sets,
            shown_channels=data.target_channels,
            conditioned=settings.sharpness,
        )

    def distance(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the weighted mean of |picture − target|, or of the samples' root mean squares of it."""
        missing, weight = self.shown(output) - batch["target"], self._weight(batch)
        if self.settings.error == "absolute":
            return _mean(missing.abs(), weight)
        squares = missing.square() if weight is None else weight * missing.square()
        return (squares.flatten(1).mean(dim=1) + _LEAST_SQUARE).sqrt().mean()

    def beside(self, output: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return the weighted pinball losses of the quantiles, summed, where there are some."""
        if not self.settings.quantiles:
            return {}
        _, *bounds = torch.split(output, self._pictures, dim=1)
        weight = self._weight(batch)
        losses = [
            _mean(pinball(bound, batch["target"], level), weight)
            for level, bound in zip(self.settings.quantiles, bounds, strict=True)
        ]
        return {"loss/quantiles": self.settings.quantile_weight * torch.stack(losses).sum()}

    def shown(self, output: Tensor) -> Tensor:
        """Return the pictures without the quantiles."""
        return output[:, : self._pictures]

    def told(self, batch: Batch, draw: Draw) -> Tensor | None:
        """Return the sharpness of each sample where the generator is told one: 0, 1 or anything in between."""
        if not self.settings.sharpness:
            return None
        count, ends = len(batch["source"]), self.settings.ends
        which, between = draw.uniform(count), draw.uniform(count)
        ended = torch.where(which < ends / 2, 0.0, 1.0)
        return torch.where(which < ends, ended, between).to(batch["source"].device)

    def grown(self, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Return weights with a modulation that changes nothing, and quantiles that start as the picture."""
        network = self.deployed(self.generator)
        return network.grown(weights, self._sets) if isinstance(network, UNet2p5D) else weights

    def _weight(self, batch: Batch) -> Tensor | None:
        """Return what each pixel counts, `[batch, 1, H, W]`; None where all count alike."""
        if "segmentation" not in batch and "lesions" not in batch:
            return None
        weight = torch.ones_like(batch["target"][:, 0])
        if "segmentation" in batch and self.settings.segment_weights:
            weight = weight.new_tensor(self.settings.segment_weights)[batch["segmentation"]]
        elif "segmentation" in batch:
            background = self.settings.background_weight
            weight = background + (1 - background) * (batch["segmentation"] > 0)
        if "lesions" in batch:
            weight = weight + self.settings.lesion_weight * (batch["lesions"] > 0)
        return weight[:, None]


def pinball(bound: Tensor, target: Tensor, level: float) -> Tensor:
    """Return the pinball loss of each pixel, least on average where `bound` is the target's quantile `level`.

    max(τ·(y − q), (τ − 1)·(y − q)), Koenker and Bassett 1978 (doi:10.2307/1913643), equation 2.3.
    """
    missing = target - bound
    return torch.maximum(level * missing, (level - 1) * missing)


def _mean(values: Tensor, weight: Tensor | None) -> Tensor:
    return values.mean() if weight is None else (weight * values).mean()
