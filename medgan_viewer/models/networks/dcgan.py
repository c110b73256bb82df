"""Convolutional generator and discriminators for whole small pictures, after Radford et al. 2016 (arXiv:1511.06434).

The coarsest grid is the size halved as long as it is even and above 7 on each side: 4 × 4 for 32 and 64, 7 × 7 for 28.
Widths double with every halving, up to eight times `features`. The discriminators have no normalisation, which would
mix samples.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

Activation = Literal["sigmoid", "tanh", "none"]
_LARGEST_START = 16


def halvings(size: Sequence[int]) -> int:
    """Return how often `size` (rows, columns) is halved. Raises ValueError when the coarsest grid would stay large."""
    rows, columns = size
    count = 0
    while rows % 2 == 0 and columns % 2 == 0 and min(rows, columns) > 7:
        rows, columns, count = rows // 2, columns // 2, count + 1
    if max(rows, columns) > _LARGEST_START:
        raise ValueError(f"A size of {size[0]} × {size[1]} cannot be halved often enough: take multiples of 16 or 28.")
    return count


def bounded(picture: Tensor, activation: str) -> Tensor:
    """Return the picture inside the range of `activation`: 0…1 (sigmoid), −1…1 (tanh) or as it is (none)."""
    if activation == "none":
        return picture
    return picture.sigmoid() if activation == "sigmoid" else picture.tanh()


def features_of(layers: Iterable[nn.Module], value: Tensor) -> list[Tensor]:
    """Return what each of `layers` gives, one after the other, each through a leaky rectifier."""
    features: list[Tensor] = []
    for layer in layers:
        value = nn.functional.leaky_relu(layer(value), 0.2)
        features.append(value)
    return features


class DCGANGenerator(nn.Module):
    """Latents `[batch, latent_channels]` (and labels `[batch]` with `classes`) → `[batch, out_channels, *size]`.

    A label is embedded and set beside the latents. With `batch_normalisation` the output is batch-dependent.
    """

    def __init__(
        self,
        latent_channels: int,
        out_channels: int,
        size: Sequence[int],
        features: int = 64,
        classes: int = 0,
        batch_normalisation: bool = True,
        activation: Activation = "sigmoid",
    ) -> None:
        super().__init__()
        count = halvings(size)
        widths = [features * min(8, 2 ** (count - level)) for level in range(count + 1)]
        self.start = (widths[0], size[0] // 2**count, size[1] // 2**count)
        self.activation = activation
        self.embedding = nn.Embedding(classes, latent_channels) if classes else None
        inputs = latent_channels * (2 if classes else 1)
        self.first = nn.Linear(inputs, self.start[0] * self.start[1] * self.start[2])
        layers: list[nn.Module] = _layer(widths[0], batch_normalisation)
        for a, b in pairwise(widths):
            # A kernel of twice the stride covers every pixel equally often: no checkerboard.
            layers += [nn.ConvTranspose2d(a, b, 4, stride=2, padding=1), *_layer(b, batch_normalisation)]
        self.layers = nn.Sequential(*layers)
        self.last = nn.Conv2d(widths[-1], out_channels, 3, padding=1)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Return pictures; `label` is needed with `classes` and forbidden without."""
        if self.embedding is not None:
            latent = torch.cat([latent, self.embedding(label)], dim=1)
        value = self.first(latent).view(-1, *self.start)
        return bounded(self.last(self.layers(value)), self.activation)


def _layer(width: int, batch_normalisation: bool) -> list[nn.Module]:
    return [*([nn.BatchNorm2d(width)] if batch_normalisation else []), nn.LeakyReLU(0.1)]


class DCGANDiscriminator(nn.Module):
    """`[batch, in_channels, *size]` source and `[batch, out_channels, *size]` picture → scores `[batch, 1]`."""

    def __init__(self, out_channels: int, size: Sequence[int], in_channels: int = 0, features: int = 64) -> None:
        super().__init__()
        self.layers = _trunk(in_channels + out_channels, size, features)
        count = max(1, halvings(size))
        width = features * min(8, 2 ** (count - 1))
        self.head = nn.Linear(width * (size[0] // 2**count) * (size[1] // 2**count), 1)

    def forward(self, source: Tensor, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the score and each layer's features."""
        features = features_of(self.layers, torch.cat([source, picture], dim=1))
        return self.head(features[-1].flatten(1)), features


class DCGANEncoder(nn.Module):
    """Pictures `[batch, in_channels, *size]` → latents `[batch, latent_channels]` of a `DCGANGenerator`."""

    def __init__(self, latent_channels: int, in_channels: int, size: Sequence[int], features: int = 64) -> None:
        super().__init__()
        self.layers = _trunk(in_channels, size, features)
        count = max(1, halvings(size))
        width = features * min(8, 2 ** (count - 1))
        self.head = nn.Linear(width * (size[0] // 2**count) * (size[1] // 2**count), latent_channels)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the latents; nothing bounds them, as those of a generator are normally distributed."""
        latent: Tensor = self.head(features_of(self.layers, picture)[-1].flatten(1))
        return latent


class ProjectionDiscriminator(nn.Module):
    """As `DCGANDiscriminator`, told the class: Miyato and Koyama 2018 (arXiv:1802.05637), equation 3.

    With φ(x) the mean of the last features over the picture, the score is ψᵀφ(x) + v_yᵀφ(x): a vector for each class
    `y` beside the common one ψ. (The paper's φ is the sum, a constant factor that leaves fresh scores far from 0.)
    """

    def __init__(
        self, out_channels: int, size: Sequence[int], classes: int, in_channels: int = 0, features: int = 64
    ) -> None:
        super().__init__()
        self.layers = _trunk(in_channels + out_channels, size, features)
        width = features * min(8, 2 ** (max(1, halvings(size)) - 1))
        self.head = nn.Linear(width, 1)
        self.embedding = nn.Embedding(classes, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def forward(self, source: Tensor, picture: Tensor, label: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the score `[batch, 1]` of pictures of the classes `label` `[batch]`, and each layer's features."""
        features = features_of(self.layers, torch.cat([source, picture], dim=1))
        seen = features[-1].mean(dim=(2, 3))
        return self.head(seen) + (self.embedding(label) * seen).sum(dim=1, keepdim=True), features


def _trunk(channels: int, size: Sequence[int], features: int) -> nn.ModuleList:
    widths = [channels, *(features * min(8, 2**level) for level in range(max(1, halvings(size))))]
    layers = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, a=0.2)
    return layers
