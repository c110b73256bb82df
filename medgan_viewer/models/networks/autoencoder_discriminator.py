"""EBGAN's discriminator: an autoencoder whose reconstruction error is the energy (Zhao 2017, arXiv:1609.03126)."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from medgan_viewer.models.networks.dcgan import features_of


class AutoencoderDiscriminator(nn.Module):
    """`[batch, in_channels, H, W]` source and `[batch, out_channels, H, W]` picture → energies `[batch]`.

    The picture is halved once for each of `features`; H and W must allow it. `code` is the number of channels of the
    coarsest grid, through which all must pass. The source is seen, but only the picture is reconstructed.
    """

    kind = "autoencoder"

    def __init__(
        self, out_channels: int, in_channels: int = 0, features: Sequence[int] = (32, 64), code: int = 16
    ) -> None:
        super().__init__()
        widths = [in_channels + out_channels, *features]
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
        self.code = nn.Conv2d(widths[-1], code, 3, padding=1)
        self.first = nn.Conv2d(code, widths[-1], 3, padding=1)
        back = [*reversed(features), features[0]]
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(back))
        self.last = nn.Conv2d(features[0], out_channels, 3, padding=1)

    def encode(self, source: Tensor, picture: Tensor) -> list[Tensor]:
        """Return each layer's features, the code `[batch, code, h, w]` last."""
        features = features_of(self.down, torch.cat([source, picture], dim=1))
        return [*features, self.code(features[-1])]

    def decode(self, code: Tensor) -> Tensor:
        """Return the picture `[batch, out_channels, H, W]` of a code."""
        picture: Tensor = self.last(features_of([self.first, *self.up], code)[-1])
        return picture

    def forward(self, source: Tensor, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the mean squared error of each picture's reconstruction, and the features, the code last."""
        features = self.encode(source, picture)
        distance = (self.decode(features[-1]) - picture).float() ** 2
        return distance.flatten(1).mean(dim=1), features
