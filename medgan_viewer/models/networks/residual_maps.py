"""Heat maps by what a generator of healthy anatomy cannot give back: f-AnoGAN and the autoencoder of EBGAN.

Both work on companded intensities (`restoring_discriminator.compand`, cut off at 1). The heat of a pixel is
1 − exp(−10·a) of its anomaly a ≥ 0, so that a residual of a tenth of what air and the brightest tissue differ by has a
heat of .63; `forward` returns the logit of that, as all networks for heat maps do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from medgan_viewer.models.networks.autoencoder_discriminator import AutoencoderDiscriminator
from medgan_viewer.models.networks.dcgan import DCGANDiscriminator, DCGANEncoder, DCGANGenerator, features_of
from medgan_viewer.models.networks.restoring_discriminator import compand

_STEEPNESS = 10.0
_SMALLEST = 1e-6
CRITICS_LAYERS = 2
"""Of the critic's layers an f-AnoGAN keeps so many: later ones see too much at once to say where."""


def given(image: Tensor) -> Tensor:
    """Return slices (99.5th percentile of the head → 1) as these networks see them: companded, 0…1."""
    return compand(image).clamp_max(1.0)


def heat_logit(anomaly: Tensor) -> Tensor:
    """Return the logit of 1 − exp(−10·anomaly), anomaly ≥ 0."""
    scaled = (_STEEPNESS * anomaly.float()).clamp_min(_SMALLEST)
    # log(p / (1 − p)) = log(e^a − 1), which must not overflow for a large a.
    return scaled + torch.log(-torch.expm1(-scaled))


def centred(pictures: Tensor, size: Sequence[int]) -> Tensor:
    """Cut and pad (with 0) pictures `[batch, channel, H, W]` about their middle to `size`; its own inverse inside."""
    rows, columns = (wanted - found for wanted, found in zip(size, pictures.shape[2:], strict=True))
    return functional.pad(pictures, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


class FAnoGAN(nn.Module):
    """f-AnoGAN (Schlegl et al., Medical Image Analysis 54, 2019, doi:10.1016/j.media.2019.01.010).

    `generator`, `encoder` and `critic` are the arguments of a DCGAN's parts beside size and channels; slices of another
    size are cut or padded about their middle. The anomaly of a pixel is |x − G(E(x))| + κ·d, where d is how far the
    features of x and G(E(x)) in the critic's second layer are apart there, as a share of their mean size in the slice
    (the paper adds squared errors, the features' over the whole picture).
    """

    def __init__(
        self,
        size: Sequence[int],
        latent_channels: int = 64,
        generator: Mapping[str, Any] | None = None,
        encoder: Mapping[str, Any] | None = None,
        critic: Mapping[str, Any] | None = None,
        kappa: float = 0.1,
    ) -> None:
        super().__init__()
        self.size, self.kappa = tuple(size), kappa
        self.generator = DCGANGenerator(latent_channels, 1, self.size, **(generator or {}))
        self.encoder = DCGANEncoder(latent_channels, 1, self.size, **(encoder or {}))
        self.critic = DCGANDiscriminator(1, self.size, **(critic or {})).layers[:CRITICS_LAYERS]

    def restore(self, companded: Tensor) -> Tensor:
        """Return G(E(x)) `[batch, 1, H, W]` of companded slices; 0 outside the networks' own size."""
        seen = centred(companded, self.size).clamp_max(1.0)
        return centred(self.generator(self.encoder(seen)), companded.shape[2:])

    def forward(self, image: Tensor) -> Tensor:
        """Return logits of heat `[batch, 1, H, W]` of slices `[batch, 1, H, W]`."""
        seen = centred(given(image), self.size)
        restored = self.generator(self.encoder(seen))
        anomaly = (seen - restored).abs().float()
        of_slice, of_restored = (self._features(pictures) for pictures in (seen, restored))
        apart = (of_slice - of_restored).abs().mean(dim=1, keepdim=True)
        apart = apart / (of_slice.abs().mean(dim=(1, 2, 3), keepdim=True) + 1e-6)
        apart = functional.interpolate(apart, size=self.size, mode="bilinear", align_corners=False)
        return heat_logit(centred(anomaly + self.kappa * apart, image.shape[2:]))

    def _features(self, pictures: Tensor) -> Tensor:
        return features_of(self.critic, pictures)[-1].float()


class EBGANMap(nn.Module):
    """The discriminator of an EBGAN (Zhao et al. 2017, arXiv:1609.03126): the anomaly of a pixel is |x − D(x)|.

    `autoencoder` are the arguments of an `AutoencoderDiscriminator` beside its channels.
    """

    def __init__(self, autoencoder: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.autoencoder = AutoencoderDiscriminator(1, **(autoencoder or {}))

    def restore(self, companded: Tensor) -> Tensor:
        """Return D(x) `[batch, 1, H, W]` of companded slices; H and W divide by two once for each of its layers."""
        seen = companded.clamp_max(1.0)
        return self.autoencoder.decode(self.autoencoder.encode(seen[:, :0], seen)[-1])

    def forward(self, image: Tensor) -> Tensor:
        """Return logits of heat `[batch, 1, H, W]` of slices `[batch, 1, H, W]`."""
        seen = given(image)
        return heat_logit((seen - self.restore(seen)).abs())
