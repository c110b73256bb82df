"""A per-pixel discriminator that looks at a slice and at what a healthy-anatomy generator makes of it.

Two U-Nets in one module. The *generator* is a denoising autoencoder trained on healthy slices only (coarse noise and
simulated anomalies in, the healthy slice out; Kascenas, Pugeault and O'Neil, "Denoising autoencoders for unsupervised
anomaly detection in brain MRI", MIDL 2022). The *discriminator* sees the slice, its reconstruction and their difference
and says for every pixel how little it looks like healthy anatomy (the reconstructive and discriminative pair of
Zavrtanik, Kristan and Skočaj, "DRAEM", ICCV 2021).

Both halves work on a companded intensity: brain tissue lies anywhere between .2 and .9 of the volume's 99.5th
percentile, depending on whether fat was suppressed, and a logarithm turns that unknown gain into an offset.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

COMPANDING = 8.0
"""Slope at zero of the logarithm: noise below 1/8 of the reference level is not blown up."""
GAIN = 4.0
"""Brings differences within tissue to the size of the differences between tissue and air."""


def compand(image: Tensor) -> Tensor:
    """Map intensity 0..1 (a little below 0 and above 1 is allowed) to a logarithmic scale on which 0 → 0 and 1 → 1."""
    return torch.log1p(COMPANDING * image.clamp_min(0.0)) / math.log1p(COMPANDING)


def expand(companded: Tensor) -> Tensor:
    """Undo `compand` (exact for intensities ≥ 0)."""
    return torch.expm1(companded.clamp_min(0.0) * math.log1p(COMPANDING)) / COMPANDING


def contrasts(companded: Tensor) -> Tensor:
    """Channels that show what stands out: [B, 2, H, W], each pixel against the mean of the tissue around it.

    The surroundings are about 8 and 32 pixels wide and leave the air out; in air both channels are 0. Disease changes
    the companded intensity by a tenth of what head and air differ by: without these channels a discriminator learns
    the outline of the head first and little else for long.
    """
    tissue = (companded > 0.2).to(companded.dtype)
    channels = []
    for cells in (2, 8):
        weight, total = (_blurred(plane, cells) for plane in (tissue, companded * tissue))
        channels.append(GAIN * (companded - total / (weight + 0.05)) * tissue)
    return torch.cat(channels, dim=1)


def _blurred(image: Tensor, cells: int) -> Tensor:
    """Mean over about 4 × `cells` pixels, computed on a grid `cells` times coarser."""
    small = functional.avg_pool2d(image, cells)
    wide = functional.avg_pool2d(small, 3, stride=1, padding=1)
    return functional.interpolate(wide, size=image.shape[2:], mode="bilinear", align_corners=False)


def _convolutions(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers)


class _FoldedUNet(nn.Module):
    """U-Net whose first level works on 2×2 blocks of pixels folded into channels: four times fewer positions to
    compute.

    Maps [B, inputs, H, W] to [B, 1, H, W]; H and W are multiples of 2**len(widths).
    """

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.down = nn.ModuleList()
        channels = 4 * inputs
        for width in widths:
            self.down.append(_convolutions(channels, width))
            channels = width
        self.up = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.up.append(_convolutions(channels + width, width))
            channels = width
        self.last = nn.Conv2d(channels + 4 * inputs, 4, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        folded = functional.pixel_unshuffle(image, 2)
        features, skips = folded, []
        for level, block in enumerate(self.down):
            features = block(functional.max_pool2d(features, 2) if level else features)
            skips.append(features)
        skips.pop()
        for block in self.up:
            wider = functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = block(torch.cat([wider, skips.pop()], dim=1))
        return functional.pixel_shuffle(self.last(torch.cat([features, folded], dim=1)), 2)


class RestoringDiscriminator(nn.Module):
    """Generator of healthy anatomy and per-pixel discriminator.

    Input: [B, in_channels, H, W] float, encoding `mr_head` (99.5th percentile of the head → 1), H and W multiples
    of 32. `forward` returns anomaly logits [B, 1, H, W]; `reconstruct` returns the healthy-looking slice [B, 1, H,
    W] in input units. With several slices in, the middle channel is the slice that is judged: by both networks
    together, or with `across` (one weight a slice) each slice alone, and the logits are the weighted mean. Disease
    reaches over several slices more often than a false alarm does.
    """

    def __init__(
        self,
        in_channels: int = 1,
        generator_widths: tuple[int, ...] = (16, 32, 48, 64, 64),
        discriminator_widths: tuple[int, ...] = (16, 32, 64, 96, 96),
        across: tuple[float, ...] = (),
    ) -> None:
        super().__init__()
        if across and len(across) != in_channels:
            raise ValueError("There is one weight in across for each slice that goes in.")
        self.in_channels, self.across = in_channels, tuple(across)
        together = 1 if across else in_channels
        self.generator = _FoldedUNet(together + 2, tuple(generator_widths))
        self.discriminator = _FoldedUNet(together + 4, tuple(discriminator_widths))
        # Start from "the slice is its own reconstruction" and "hardly anything is anomalous".
        nn.init.zeros_(self.generator.last.weight)
        for last, bias in ((self.generator.last, 0.0), (self.discriminator.last, -3.0)):
            if last.bias is not None:
                nn.init.constant_(last.bias, bias)

    def restore(self, companded: Tensor) -> Tensor:
        """Healthy-looking slice [B, 1, H, W] for companded slices [B, in_channels, H, W], both on the companded
        scale.
        """
        middle = self._middle(companded)
        seen = middle if self.across else companded
        return cast(Tensor, middle + self.generator(torch.cat([seen, contrasts(middle)], dim=1)))

    def judge(self, companded: Tensor, restored: Tensor) -> Tensor:
        """Anomaly logits [B, 1, H, W] of companded slices beside their restored slice."""
        middle = self._middle(companded)
        seen = [companded, restored, GAIN * (middle - restored), contrasts(middle)]
        return cast(Tensor, self.discriminator(torch.cat(seen, dim=1)))

    def _middle(self, companded: Tensor) -> Tensor:
        middle = companded.shape[1] // 2
        return companded[:, middle : middle + 1]

    def reconstruct(self, image: Tensor) -> Tensor:
        """What the generator of healthy anatomy makes of the slices: [B, 1, H, W] in input units."""
        return expand(self.restore(compand(image)))

    def forward(self, image: Tensor) -> Tensor:
        companded = compand(image)
        if not self.across:
            return self.judge(companded, self.restore(companded))
        alone = companded.flatten(0, 1)[:, None]
        logits = self.judge(alone, self.restore(alone)).view_as(companded)
        weights = torch.tensor(self.across, dtype=logits.dtype, device=logits.device)
        return (logits * weights.view(1, -1, 1, 1)).sum(dim=1, keepdim=True)
