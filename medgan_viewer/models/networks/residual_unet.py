"""A small network that changes a picture instead of making one: what it gives is its input plus a correction."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class ResidualUNet(nn.Module):
    """`[batch, in_channels, H, W]` → `[batch, out_channels, H, W]`; H and W multiples of fold·2^(levels − 1).

    The input's slices lie one after the other, each of `out_channels`, an odd number of them; the middle one is
    corrected. Nothing is normalised, so that the level of a pixel, which is the quantity in CT, goes through as it is
    and noise of twice the strength is met with twice the correction but for the biases. Blocks of `fold`×`fold` pixels
    enter as channels (Zhang et al. 2018, FFDNet, arXiv:1710.04026, section III-A), levels are left by strided
    convolutions, and what each level saw is added again on the way up. Fresh, the network gives its input.
    """

    exact = True
    """Numbers of 8 bits would round the picture itself, not only what is done to it: it runs in full precision."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features: Sequence[int] = (40, 64, 80),
        fold: int = 2,
        strength: float = 1.0,
    ) -> None:
        super().__init__()
        slices, rest = divmod(in_channels, out_channels)
        if rest or slices % 2 == 0:
            raise ValueError("The input of a residual network has an odd number of slices like its output.")
        self.fold, self.strength = fold, strength
        self._arguments = (in_channels, out_channels, tuple(features), fold)
        self._middle = slice(slices // 2 * out_channels, (slices // 2 + 1) * out_channels)
        self.first = nn.Conv2d(in_channels * fold**2, features[0], 3, padding=1)
        pairs = list(pairwise(features))
        self.enter = nn.ModuleList(_Block(width) for width in features[:-1])
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.deepest = nn.Sequential(_Block(features[-1]), _Block(features[-1]))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in reversed(pairs))
        self.leave = nn.ModuleList(_Block(width) for width in reversed(features[:-1]))
        self.last = nn.Conv2d(features[0], out_channels * fold**2, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        # Each block starts as the identity, so that no depth lets the values grow.
        for block in self.modules():
            if isinstance(block, _Block):
                nn.init.zeros_(block.second.weight)
        nn.init.zeros_(self.last.weight)

    def forward(self, image: Tensor) -> Tensor:
        """Return the middle slice plus `strength` times its correction."""
        value = self.first(nn.functional.pixel_unshuffle(image, self.fold))
        kept: list[Tensor] = []
        for block, down in zip(self.enter, self.down, strict=True):
            value = block(value)
            kept.append(value)
            value = torch.relu(down(value))
        value = self.deepest(value)
        for up, block in zip(self.up, self.leave, strict=True):
            value = nn.functional.interpolate(value, scale_factor=2.0, mode="nearest")
            value = block(kept.pop() + up(value))
        correction = nn.functional.pixel_shuffle(self.last(value), self.fold)
        return image[:, self._middle] + self.strength * correction

    def at(self, strength: float) -> "ResidualUNet":
        """Return the network with so much of its correction: 0 gives the input back, 1 all of it."""
        weaker = ResidualUNet(*self._arguments, strength=strength).train(self.training)
        weaker.load_state_dict(self.state_dict())
        return weaker.to(self.last.weight)


class _Block(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, value: Tensor) -> Tensor:
        result: Tensor = value + self.second(torch.relu(self.inner(torch.relu(value))))
        return result
