"""Another pose and another scanner for labelled MR slices of the head, so that few patients teach more."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from medgan_viewer.lab.anomaly.augmentation import LARGEST, acquire, augment, shade
from medgan_viewer.lab.simulation.numbers import Numbers

__all__ = ["varied"]

_REPEATED = 0.2
"""Share of samples whose slices are all the middle one, as in a series of a single slice."""
_SUPPRESSED = 0.3
"""Share of samples whose brightest tissue, the fat, is made darker: many scanners suppress it."""
_FAT = 0.75
"""Signal from which on tissue is taken for fat, where nothing suppresses it."""
_BRIGHTER = 0.3
"""Share of samples whose brain is brighter, as it is beside suppressed fat: the reference is then the brain's own."""


def varied(source: Tensor, labels: Tensor, classes: int, slices: int, numbers: Numbers) -> tuple[Tensor, Tensor]:
    """Return encoded MR `[batch, slices · channels, H, W]` and `labels` `[batch, H, W]`, both changed alike in pose.

    Pose, gain, curve, shading, blur and noise are those of the anomaly model's slices (`lab.anomaly.augmentation`).
    """
    batch, _, height, width = source.shape
    source = _repeated(source.view(batch, slices, -1, height, width), numbers).view(source.shape)
    masks = one_hot(labels, classes).movedim(-1, 1)[:, 1:].float()
    moved, masks = augment(source, masks, numbers)
    values = torch.arange(1, classes, device=labels.device).view(1, -1, 1, 1)
    bright = shade(_brighter(_suppressed(moved, numbers), numbers), numbers)
    return acquire(bright, numbers), (masks * values).sum(dim=1)


def _repeated(source: Tensor, numbers: Numbers) -> Tensor:
    middle = source[:, source.shape[1] // 2, None]
    return torch.where(numbers.uniform(shape=(1, 1, 1, 1)) < _REPEATED, middle, source)


def _suppressed(image: Tensor, numbers: Numbers) -> Tensor:
    chosen = numbers.uniform(shape=(1, 1, 1)) < _SUPPRESSED
    share = numbers.uniform(0.2, 0.9, (1, 1, 1)) * chosen
    return image * (1 - share * torch.sigmoid((image - _FAT) / 0.05))


def _brighter(image: Tensor, numbers: Numbers) -> Tensor:
    chosen = numbers.uniform(shape=(1, 1, 1)) < _BRIGHTER
    gain = torch.where(chosen, numbers.log_uniform(1.0, 1.6, (1, 1, 1)), 1.0)
    return (image * gain).clamp_max(LARGEST)
