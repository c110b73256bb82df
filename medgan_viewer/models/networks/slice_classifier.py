"""A small classifier of single slices: convolutions at five resolutions, then one average over the whole picture."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


class SliceClassifier(nn.Module):
    """`[batch, in_channels, H, W]` → logits `[batch, out_channels]`, for any H and W of at least 16.

    Each level halves the picture, the first one by its stride; the lower three, where that is cheap, look twice. Batch
    normalisation.
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 2,
        features: Sequence[int] = (16, 24, 40, 56, 80),
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for level, (before, after) in enumerate(pairwise([in_channels, *features])):
            layers += _block(before, after, stride=1 if level else 2)
            if level >= len(features) - 3:
                layers += _block(after, after)
            if 0 < level < len(features) - 1:
                layers.append(nn.MaxPool2d(2))
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(features[-1], out_channels)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.head(self.dropout(self.layers(picture).mean(dim=(2, 3))))
        return logits


def _block(before: int, after: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
