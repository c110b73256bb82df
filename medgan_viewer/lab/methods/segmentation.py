"""Segmentation: Dice and cross-entropy, and optionally an adversary that looks at the class probabilities.

The adversary is that of Luc et al. 2016 (arXiv:1611.08408): beside the picture it sees either the truth's one-hot map
or the generator's probabilities, and teaches the generator what maps look like as a whole.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import Adversary, Reuse, evaluating, frozen
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import AdversarySettings

Over = Literal["batch", "sample"]
_SMOOTHING = 10.0


@dataclass(frozen=True)
class SegmentationSettings(AdversarySettings):
    """The losses' weights; `dice_over` is batch (steadier where a class is rare; batch-dependent) or sample."""

    reconstruction_weight: float = 20.0
    dice_over: str = "batch"

    def __post_init__(self) -> None:
        """Check what `dice_over` names, and the rest as always."""
        super().__post_init__()
        if self.dice_over not in ("batch", "sample"):
            raise ValueError(f"dice_over must be batch or sample, not {self.dice_over}.")


class Segmentation(Method):
    """Batches need `source` and `segmentation`; the generator gives one logit for each class.

    Batch-dependent: soft Dice with `dice_over` batch.
    """

    name: ClassVar[str] = "segmentation"
    Settings: ClassVar[type[SegmentationSettings]] = SegmentationSettings

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: SegmentationSettings,
    ) -> None:
        """Build the networks. Raises ValueError when they do not fit the data or the objective."""
        if data.classes < 2:
            raise ValueError("The method segmentation needs data with at least two classes, the background being one.")
        self.settings = settings
        self.classes = data.classes
        channels = {"in_channels": data.source_channels, "out_channels": data.classes}
        size = tuple(data.size)
        self.generator = built(generator, "generator", **channels, size=size)
        check_result(self.generator, "generator", (2, data.source_channels, *size), (2, data.classes, *size))
        self._adversary: Adversary | None = None
        if discriminator is not None and settings.adversarial_weight:
            self._adversary = Adversary(discriminator, settings, **channels, size=size)
            self.discriminator = self._adversary.network
            self.discriminator_steps = self._adversary.steps
            self.objective = settings.family
        self._reuse = Reuse()

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the weighted sum of Dice loss and cross-entropy, and with the adversary its loss too."""
        settings = self.settings
        made = self._reuse.take(batch)
        logits: Tensor = self.generator(batch["source"]).float() if made is None else made
        distance = segmentation_loss(
            logits, batch["segmentation"], "batch" if settings.dice_over == "batch" else "sample"
        )
        reconstruction = settings.reconstruction_weight * distance
        parts = {"loss/reconstruction": distance.detach()}
        if not adversarial or self._adversary is None:
            return Losses(reconstruction, parts, reconstruction=reconstruction)
        judge = self._adversary.judge(batch["source"], draw=draw)
        with frozen(self._adversary.network):
            loss = self._adversary.objective.generator_loss(judge(logits.softmax(dim=1)))
        parts["loss/adversarial"] = loss.detach()
        loss = settings.adversarial_weight * loss
        return Losses(reconstruction + loss, parts, adversarial=loss, reconstruction=reconstruction)

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the discriminator's losses on the one-hot truth and on the generator's probabilities."""
        if self._adversary is None:
            return super().discriminator_loss(batch, draw, step=step)
        logits = self.generator(batch["source"]).float()
        self._reuse.keep(batch, logits)
        judge = self._adversary.judge(batch["source"], draw=draw)
        return self._adversary.teach(judge, self.real(batch), logits.softmax(dim=1), draw, step)

    def constrain(self) -> None:
        """Clip the discriminator's weights where the objective does so."""
        if self._adversary is not None:
            self._adversary.objective.constrain(self._adversary.network)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return the class probabilities `[batch, class, H, W]`."""
        with evaluating(generator):
            probabilities: Tensor = generator(batch["source"]).float().softmax(dim=1)
        return probabilities

    def real(self, batch: Batch) -> Tensor:
        """Return the truth as one-hot maps `[batch, class, H, W]`."""
        return one_hot(batch["segmentation"], self.classes).movedim(-1, 1).float()

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor] | None:
        """Return how real the truth and the probabilities are beside their sources, without augmentation."""
        if self._adversary is None:
            return None
        with evaluating(self.generator, self._adversary.network):
            judge = self._adversary.judge(batch["source"])
            made = self.generator(batch["source"]).float().softmax(dim=1)
            return self._adversary.realness(judge, self.real(batch)), self._adversary.realness(judge, made)


def segmentation_loss(logits: Tensor, labels: Tensor, over: Over = "batch") -> Tensor:
    """Return 1 − mean soft Dice over all classes, plus cross-entropy; `[batch, class, H, W]` and `[batch, H, W]`.

    Over the batch (batch-dependent) Dice counts the pixels of all samples together, over the sample each one's alone.
    """
    probabilities = logits.softmax(dim=1)
    wanted = one_hot(labels, logits.shape[1]).movedim(-1, 1).to(probabilities.dtype)
    axes = (0, 2, 3) if over == "batch" else (2, 3)
    overlap = (probabilities * wanted).sum(axes)
    dice = (2 * overlap + _SMOOTHING) / (probabilities.sum(axes) + wanted.sum(axes) + _SMOOTHING)
    return 1 - dice.mean() + cross_entropy(logits, labels)
