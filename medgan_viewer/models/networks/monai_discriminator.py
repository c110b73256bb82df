"""MONAI's patch discriminator in this project's contract; MONAI is imported when one is built."""

from typing import Literal

import torch
from torch import Tensor, nn


class MonaiPatchDiscriminator(nn.Module):
    """`[batch, in_channels, H, W]` source and `[batch, out_channels, H, W]` picture → scores `[batch, 1, h, w]`.

    `features` channels in the first of `layers` layers, doubled in each further one. MONAI normalises by batch unless
    told otherwise; here it is by instance or not at all, because a batch's statistics give samples away.
    """

    def __init__(
        self,
        out_channels: int,
        in_channels: int = 0,
        features: int = 32,
        layers: int = 3,
        normalisation: Literal["instance", "none"] = "instance",
    ) -> None:
        super().__init__()
        from monai.networks.nets import PatchDiscriminator

        self.network = PatchDiscriminator(
            spatial_dims=2,
            channels=features,
            in_channels=in_channels + out_channels,
            num_layers_d=layers,
            norm=("INSTANCE", {"affine": True}) if normalisation == "instance" else None,
        )

    def forward(self, source: Tensor, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the scores of the patches and each layer's features."""
        *features, scores = self.network(torch.cat([source, picture], dim=1))
        return scores, features
