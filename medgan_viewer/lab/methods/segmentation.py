"""Segmentation: Dice and cross-entropy, and optionally an adversary that looks at the class probabilities.

The adversary is that of Luc et al. 2016 (arXiv:1611.08408): beside the picture it sees either the truth's one-hot map
or the generator's probabilities, and teaches the generator what maps look like as a whole.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from medgan_viewer.lab.methods.base import Batch
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes
from medgan_viewer.lab.methods.paired import Paired, PairedSettings

_SMOOTHING = 10.0
_AXES = {"batch": (0, 2, 3), "sample": (2, 3)}


@dataclass(frozen=True)
class SegmentationSettings(PairedSettings):
    """The losses' weights; `dice_over` is batch (steadier where a class is rare; batch-dependent) or sample."""

    dice_over: str = "batch"

    def __post_init__(self) -> None:
        """Check what `dice_over` names, and the rest as always."""
        super().__post_init__()
        if self.dice_over not in _AXES:
            raise ValueError(f"dice_over must be batch or sample, not {self.dice_over}.")


class Segmentation(Paired):
    """Batches need `source` and `segmentation`; the generator gives one logit for each class.

    Every loss is a mean over samples, but soft Dice with `dice_over` batch is batch-dependent.
    """

    name: ClassVar[str] = "segmentation"
    Settings: ClassVar[type[SegmentationSettings]] = SegmentationSettings
    tasks: ClassVar[tuple[str, ...]] = ("segmentation", "lab")

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
        super().__init__(generator, discriminator, data, settings, data.classes)
        self.settings = settings
        self.classes = data.classes

    def distance(self, output: Tensor, batch: Batch) -> Tensor:
        """Return Dice loss plus cross-entropy of the logits."""
        return segmentation_loss(output, batch["segmentation"], self.settings.dice_over)

    def shown(self, output: Tensor) -> Tensor:
        """Return the class probabilities `[batch, class, H, W]`."""
        return output.softmax(dim=1)

    def real(self, batch: Batch) -> Tensor:
        """Return the truth as one-hot maps `[batch, class, H, W]`."""
        return one_hot(batch["segmentation"], self.classes).movedim(-1, 1).float()


def segmentation_loss(logits: Tensor, labels: Tensor, over: str = "batch") -> Tensor:
    """Return 1 − mean soft Dice over all classes, plus cross-entropy; `[batch, class, H, W]` and `[batch, H, W]`.

    `over` the batch (batch-dependent) Dice counts the pixels of all samples together, over the sample each one's alone.
    """
    probabilities = logits.softmax(dim=1)
    wanted = one_hot(labels, logits.shape[1]).movedim(-1, 1).to(probabilities.dtype)
    axes = _AXES[over]
    overlap = (probabilities * wanted).sum(axes)
    dice = (2 * overlap + _SMOOTHING) / (probabilities.sum(axes) + wanted.sum(axes) + _SMOOTHING)
    return 1 - dice.mean() + cross_entropy(logits, labels)
