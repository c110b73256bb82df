"""A generator of residual blocks at a quarter of the resolution: Johnson et al. 2016, as CycleGAN uses it.

Zhu et al. 2017 (arXiv:1703.10593, section 4 and appendix 7.2). Upsampling is by nearest neighbour and convolution,
because the original's transposed convolutions of size 3 leave a checkerboard.
"""

from typing import Literal

from torch import Tensor, nn

Normalisation = Literal["batch", "instance", "none"]


class ResNetGenerator(nn.Module):
    """`[batch, in_channels, H, W]` → `[batch, out_channels, H, W]`, unbounded; H and W multiples of 4, at least 8.

    `normalisation` is batch (batch-dependent in training), instance (as in the paper; it erases the absolute level, so
    not where the output is in HU) or none.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features: int = 32,
        blocks: int = 6,
        normalisation: Normalisation = "batch",
    ) -> None:
        super().__init__()
        wide = features * 4
        layers = [
            *_layer(in_channels, features, 7, 1, normalisation),
            *_layer(features, features * 2, 3, 2, normalisation),
            *_layer(features * 2, wide, 3, 2, normalisation),
            *(_Residual(wide, normalisation) for _ in range(blocks)),
        ]
        for a, b in ((wide, features * 2), (features * 2, features)):
            layers += [nn.Upsample(scale_factor=2, mode="nearest"), *_layer(a, b, 3, 1, normalisation)]
        layers.append(nn.Conv2d(features, out_channels, 7, padding=3, padding_mode="reflect"))
        self.layers = nn.Sequential(*layers)

    def forward(self, source: Tensor) -> Tensor:
        """Return the network's raw output."""
        result: Tensor = self.layers(source)
        return result


class _Residual(nn.Module):
    def __init__(self, width: int, normalisation: str) -> None:
        super().__init__()
        first = _layer(width, width, 3, 1, normalisation)
        self.layers = nn.Sequential(*first, *_layer(width, width, 3, 1, normalisation)[:-1])

    def forward(self, value: Tensor) -> Tensor:
        result: Tensor = value + self.layers(value)
        return result


def _layer(inputs: int, outputs: int, kernel: int, stride: int, normalisation: str) -> list[nn.Module]:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, padding_mode="reflect")
    ]
    if normalisation != "none":
        layers.append(nn.BatchNorm2d(outputs) if normalisation == "batch" else nn.InstanceNorm2d(outputs, affine=True))
    return [*layers, nn.ReLU()]
