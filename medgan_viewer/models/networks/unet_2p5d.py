"""The generator: a U-Net over one slice that sees its neighbours as extra channels."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class UNet2p5D(nn.Module):
    """`[batch, in_channels, H, W]` → `[batch, out_channels, H, W]`; H and W multiples of fold·2^(levels − 1).

    Blocks of `fold`×`fold` pixels enter as channels, so that the widest level works on a coarser grid (on a CPU three
    quarters of the time for the same number of weights); the result is unfolded and refined beside the input at full
    resolution, which keeps edges sharp. Batch normalisation, because instance normalisation would erase the absolute
    level, which is the quantity in CT; nearest-neighbour upsampling, because transposed convolutions leave a
    checkerboard.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features: Sequence[int] = (48, 96, 160, 224),
        fold: int = 2,
        refinement: int = 16,
    ) -> None:
        super().__init__()
        self.fold = fold
        inputs = [in_channels * fold**2, *features[:-1]]
        self.down = nn.ModuleList(_block(a, b) for a, b in zip(inputs, features, strict=True))
        levels = range(len(features) - 1, 0, -1)
        self.up = nn.ModuleList(_block(features[i] + features[i - 1], features[i - 1]) for i in levels)
        self.refine = _layer(features[0] // fold**2 + in_channels, refinement)
        self.head = nn.Conv2d(refinement, out_channels, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the network's raw output; nothing bounds it."""
        kept: list[Tensor] = []
        value = nn.functional.pixel_unshuffle(image, self.fold)
        for level, block in enumerate(self.down):
            if level:
                value = nn.functional.max_pool2d(value, 2)
            value = block(value)
            kept.append(value)
        kept.pop()
        for block in self.up:
            value = nn.functional.interpolate(value, scale_factor=2.0, mode="nearest")
            value = block(torch.cat([value, kept.pop()], dim=1))
        value = nn.functional.pixel_shuffle(value, self.fold)
        result: Tensor = self.head(self.refine(torch.cat([value, image.to(value.dtype)], dim=1)))
        return result


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(_layer(inputs, outputs), _layer(outputs, outputs))


def _layer(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1, inplace=True),
    )
