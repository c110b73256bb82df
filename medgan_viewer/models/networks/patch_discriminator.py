"""The adversary of the synthesis models: judges patches of a picture, given the picture it was made from."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class PatchDiscriminator(nn.Module):
    """`[batch, in_channels, H, W]` source and `[batch, out_channels, H, W]` picture → logits of patches.

    No normalisation and Kaiming initialisation: with spectral or instance normalisation it stayed at chance. The
    picture's high-pass part 6·(y − box5(y)) is given as extra channels, so that missing texture is seen at once.
    """

    def __init__(self, in_channels: int, out_channels: int, features: Sequence[int] = (32, 64, 96, 128)) -> None:
        super().__init__()
        sizes = [in_channels + 2 * out_channels, *features]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride=2 if level < 3 else 1, padding=1) for level, (a, b) in enumerate(pairwise(sizes))
        )
        self.head = nn.Conv2d(features[-1], 1, 3, padding=1)
        for layer in [*self.layers, self.head]:
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, source: Tensor, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits `[batch, 1, h, w]` and each layer's features (for feature matching)."""
        smooth = nn.functional.avg_pool2d(picture, 5, stride=1, padding=2, count_include_pad=False)
        value = torch.cat([source, picture, 6 * (picture - smooth)], dim=1)
        features: list[Tensor] = []
        for layer in self.layers:
            value = nn.functional.leaky_relu(layer(value), 0.2)
            features.append(value)
        return self.head(value), features
