"""RED-CNN, the usual yardstick for low-dose CT: a residual encoder-decoder without any pooling.

Chen et al. 2017, "Low-Dose CT with a Residual Encoder-Decoder Convolutional Neural Network", IEEE Transactions on
Medical Imaging 36 (doi:10.1109/TMI.2017.2715284), figure 1: five convolutions and five transposed ones of 5×5, three
shortcuts. Theirs are 96 channels wide (1.85 million weights).
"""

from itertools import pairwise

from torch import Tensor, nn


class REDCNN(nn.Module):
    """`[batch, in_channels, H, W]` → the same number of channels; H and W at least 24."""

    exact = True
    """As in `ResidualUNet`: the picture itself goes through."""

    def __init__(self, in_channels: int, out_channels: int, features: int = 96) -> None:
        super().__init__()
        if in_channels != out_channels:
            raise ValueError("RED-CNN gives as many channels as it takes: its input is added to its result.")
        steps = list(pairwise([in_channels, *[features] * 5]))
        self.encoder = nn.ModuleList(nn.Conv2d(a, b, 5) for a, b in steps)
        self.decoder = nn.ModuleList(nn.ConvTranspose2d(b, a, 5) for a, b in reversed(steps))

    def forward(self, image: Tensor) -> Tensor:
        """Return the restored picture; unlike the original's it may be negative, as HU are."""
        value, kept = image, []
        for number, layer in enumerate(self.encoder):
            if number % 2 == 0:
                kept.append(value)
            value = nn.functional.relu(layer(value))
        for number, layer in enumerate(self.decoder):
            value = layer(value)
            if number % 2 == 0:
                value = value + kept.pop()
            if number < len(self.decoder) - 1:
                value = nn.functional.relu(value)
        return value
