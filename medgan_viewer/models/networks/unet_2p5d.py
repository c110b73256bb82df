"""The generator: a U-Net over one slice that sees its neighbours as extra channels."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class UNet2p5D(nn.Module):
    """`[batch, in_channels, H, W]` → `[batch, out_channels, H, W]`; H and W multiples of 2^(levels − 1).

    Two 3×3 convolutions per level with batch normalisation (instance normalisation would erase the absolute level, which
    is the quantity in CT), nearest-neighbour upsampling (transposed convolutions leave a checkerboard).
    """

    def __init__(self, in_channels: int, out_channels: int, features: Sequence[int] = (24, 48, 96, 160, 224)) -> None:
        super().__init__()
        inputs = [in_channels, *features[:-1]]
        self.down = nn.ModuleList(_block(a, b) for a, b in zip(inputs, features, strict=True))
        levels = range(len(features) - 1, 0, -1)
        self.up = nn.ModuleList(_block(features[i] + features[i - 1], features[i - 1]) for i in levels)
        self.head = nn.Conv2d(features[0], out_channels, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the network's raw output; nothing bounds it."""
        kept: list[Tensor] = []
        value = image
        for level, block in enumerate(self.down):
            if level:
                value = nn.functional.max_pool2d(value, 2)
            value = block(value)
            kept.append(value)
        kept.pop()
        for block in self.up:
            value = nn.functional.interpolate(value, scale_factor=2.0, mode="nearest")
            value = block(torch.cat([value, kept.pop()], dim=1))
        result: Tensor = self.head(value)
        return result


def _block(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.1, inplace=True),
        ]
    return nn.Sequential(*layers)
