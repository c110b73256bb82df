"""Differentiable augmentation: Zhao et al. 2020 (arXiv:2006.10738).

Real and synthetic pictures are moved and cut in the same random way before the discriminator looks, and the generator's
gradient passes through it; so a few pictures last longer before the discriminator knows them by heart. Brightness and
colour are left alone: intensity is a quantity here.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from medgan_viewer.lab.draw import Draw

Augment = Callable[[Tensor], Tensor]
"""`[batch, channel, H, W]` → the same shape, the same change at every call and in every channel of a sample."""

AUGMENTATIONS: tuple[str, ...] = ("translation", "cutout")
_LARGEST_SHIFT = 0.125
_CUT = 0.5


def augmentation(names: Sequence[str], count: int, size: tuple[int, int], draw: Draw) -> Augment:
    """Draw one change for each of `count` samples of `size` (rows, columns) and return it as a function.

    `translation` moves by up to an eighth of the size, `cutout` blanks a square of half the size; what is uncovered or
    cut is 0. Raises ValueError for an unknown name.
    """
    unknown = sorted(set(names) - set(AUGMENTATIONS))
    if unknown:
        raise ValueError(f"There is no augmentation {unknown[0]}: choose among {', '.join(AUGMENTATIONS)}.")
    changes: list[Augment] = []
    if "translation" in names:
        changes.append(_translation(draw.uniform(count, 2), size))
    if "cutout" in names:
        changes.append(_cutout(draw.uniform(count, 2), size))

    def augment(pictures: Tensor) -> Tensor:
        for change in changes:
            pictures = change(pictures)
        return pictures

    return augment


def _translation(places: Tensor, size: tuple[int, int]) -> Augment:
    """Move by whole pixels, −n … n with n an eighth of the size; `places` `[count, 2]` in [0, 1)."""
    rows, columns = (_moved(places[:, axis], size[axis]) for axis in (0, 1))

    def change(pictures: Tensor) -> Tensor:
        # A frame of one blank pixel stands for all that comes from outside.
        framed = torch.nn.functional.pad(pictures, (1, 1, 1, 1))
        at = torch.arange(len(pictures), device=pictures.device)[:, None, None]
        moved = framed.movedim(1, -1)[at, rows.to(pictures.device)[:, :, None], columns.to(pictures.device)[:, None, :]]
        return moved.movedim(-1, 1)

    return change


def _moved(places: Tensor, size: int) -> Tensor:
    """Return for each sample which row (or column) of the framed picture comes to each place, `[count, size]`."""
    largest = int(size * _LARGEST_SHIFT + 0.5)
    shifts = (places * (2 * largest + 1)).long() - largest
    return (torch.arange(size) + shifts[:, None] + 1).clamp(0, size + 1)


def _cutout(places: Tensor, size: tuple[int, int]) -> Augment:
    """Blank a rectangle of half the size whose centre may lie anywhere in the picture."""
    inside = []
    for axis in (0, 1):
        side = int(size[axis] * _CUT + 0.5)
        start = (places[:, axis] * (size[axis] + 1 - side % 2)).long() - side // 2
        index = torch.arange(size[axis])
        inside.append((index >= start[:, None]) & (index < start[:, None] + side))
    kept = (~(inside[0][:, :, None] & inside[1][:, None, :]))[:, None]
    return lambda pictures: pictures * kept.to(pictures)
