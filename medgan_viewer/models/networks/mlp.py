"""Fully connected networks for points in the plane and other tiny data.

A size of 1 × 1 stands for points: pictures are `[batch, channels]` then, and `[batch, channels, *size]` otherwise.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn

from medgan_viewer.models.networks.dcgan import Activation, bounded, features_of


class MLPGenerator(nn.Module):
    """Latents `[batch, latent_channels]` (and labels `[batch]` with `classes`) → pictures; `depth` hidden layers."""

    def __init__(
        self,
        latent_channels: int,
        out_channels: int,
        size: Sequence[int] = (1, 1),
        width: int = 128,
        depth: int = 3,
        classes: int = 0,
        activation: Activation = "none",
    ) -> None:
        super().__init__()
        self.shape = _shape(out_channels, size)
        self.activation = activation
        self.embedding = nn.Embedding(classes, latent_channels) if classes else None
        inputs = latent_channels * (2 if classes else 1)
        self.hidden = _hidden([inputs, *[width] * depth])
        self.last = nn.Linear(width, prod(self.shape))

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Return pictures; `label` is needed with `classes` and forbidden without."""
        if self.embedding is not None:
            latent = torch.cat([latent, self.embedding(label)], dim=1)
        return bounded(self.last(features_of(self.hidden, latent)[-1]).view(-1, *self.shape), self.activation)


class MLPDiscriminator(nn.Module):
    """Source and picture → scores `[batch, 1]`; with `classes` a projection of the label is added.

    The projection is that of Miyato and Koyama 2018 (arXiv:1802.05637), equation 3.
    """

    def __init__(
        self,
        out_channels: int,
        size: Sequence[int] = (1, 1),
        in_channels: int = 0,
        width: int = 128,
        depth: int = 3,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.hidden = _hidden([(in_channels + out_channels) * prod(size), *[width] * depth])
        self.head = nn.Linear(width, 1)
        self.embedding = nn.Embedding(classes, width) if classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def forward(self, source: Tensor, picture: Tensor, label: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Return the score and each layer's features; `label` is needed with `classes` and forbidden without."""
        features = features_of(self.hidden, torch.cat([source.flatten(1), picture.flatten(1)], dim=1))
        scores = self.head(features[-1])
        if self.embedding is not None:
            scores = scores + (self.embedding(label) * features[-1]).sum(dim=1, keepdim=True)
        return scores, features


class MLPAutoencoder(nn.Module):
    """EBGAN's discriminator for points: the energy `[batch]` is the mean squared error of the reconstruction.

    `code` is the number of values that a picture passes through; fewer than it has, or everything is reconstructed.
    """

    kind = "autoencoder"

    def __init__(
        self,
        out_channels: int,
        size: Sequence[int] = (1, 1),
        in_channels: int = 0,
        width: int = 128,
        depth: int = 2,
        code: int = 1,
    ) -> None:
        super().__init__()
        values = prod(size)
        self.encoder = _hidden([(in_channels + out_channels) * values, *[width] * depth])
        self.code = nn.Linear(width, code)
        self.decoder = _hidden([code, *[width] * depth])
        self.last = nn.Linear(width, out_channels * values)

    def forward(self, source: Tensor, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the energies and each layer's features, the code last."""
        features = features_of(self.encoder, torch.cat([source.flatten(1), picture.flatten(1)], dim=1))
        features.append(self.code(features[-1]))
        again = self.last(features_of(self.decoder, features[-1])[-1])
        return ((again - picture.flatten(1)) ** 2).float().mean(dim=1), features


def _shape(channels: int, size: Sequence[int]) -> tuple[int, ...]:
    return (channels,) if tuple(size) == (1, 1) else (channels, *size)


def _hidden(widths: Sequence[int]) -> nn.ModuleList:
    return nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
