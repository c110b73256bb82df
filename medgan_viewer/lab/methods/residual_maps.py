"""Heat maps by what a generator of healthy anatomy cannot give back: f-AnoGAN, and the discriminator of an EBGAN.

Both learn from healthy pictures alone. They are the reference modes for `restoring`, which is told what is ill.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import feature_distance, frozen
from medgan_viewer.lab.methods.base import Batch, Losses
from medgan_viewer.lab.methods.generation import Generation, GenerationSettings
from medgan_viewer.lab.methods.latents import Latents
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes
from medgan_viewer.lab.objectives import Objective
from medgan_viewer.models.networks.autoencoder_discriminator import AutoencoderDiscriminator
from medgan_viewer.models.networks.dcgan import DCGANDiscriminator, DCGANEncoder, DCGANGenerator
from medgan_viewer.models.networks.residual_maps import CRITICS_LAYERS, EBGANMap, FAnoGAN, given

_FROM_DATA = ("latent_channels", "in_channels", "out_channels", "size", "classes")


class _HealthyGeneration(Generation):
    """Generation of companded healthy slices of one channel, of which a heat map comes out."""

    tasks: ClassVar[tuple[str, ...]] = ("anomaly", "lab")
    no_package: ClassVar[str] = ""
    deployed_as: tuple[str, Mapping[str, Any]]
    networks: ClassVar[tuple[str, str]]
    """The generator and the discriminator that the heat map's network is made of."""

    def __init__(
        self, generator: NetworkChoice, discriminator: NetworkChoice | None, data: Shapes, settings: GenerationSettings
    ) -> None:
        """Build the networks. Raises ValueError when they do not fit the data, the objective or the heat map."""
        wanted = dict(zip(("generator", "discriminator"), self.networks, strict=True))
        for role, choice in (("generator", generator), ("discriminator", discriminator)):
            if choice is not None and choice.name != wanted[role]:
                raise ValueError(f"The method {self.name} needs the {role} {wanted[role]}, not {choice.name}.")
        if data.target_channels != 1:
            raise ValueError(f"The method {self.name} takes slices of one channel, not of {data.target_channels}.")
        if settings.conditional or settings.codes or settings.pack > 1 or settings.spectral:
            raise ValueError(f"The method {self.name} goes without classes, codes, packing and spectral normalisation.")
        super().__init__(generator, discriminator, data, settings)

    def real(self, batch: Batch) -> Tensor:
        """Return the batch's slices, companded."""
        return given(super().real(batch))


@dataclass(frozen=True)
class FAnoGANSettings(GenerationSettings):
    """`kappa` weighs the critic's features against the pixels, in the encoder's loss and in the heat map."""

    objective: str | Mapping[str, Any] | Objective = "wgan-gp"
    kappa: float = 0.1


class FAnoGANMethod(_HealthyGeneration):
    """f-AnoGAN (Schlegl et al. 2019, doi:10.1016/j.media.2019.01.010), its encoder trained as izi_f.

    In phases with an adversary a GAN (WGAN-GP in the paper) learns healthy slices; in phases without one the encoder
    learns to find the latents of a slice: mean |x − G(E(x))| plus κ times how far the critic's features of both are
    apart, every layer as a share of its size (the paper has the squares, and one layer). Generator and critic stay as
    they are then.
    """

    name: ClassVar[str] = "f-anogan"
    Settings: ClassVar[type[FAnoGANSettings]] = FAnoGANSettings
    needs_adversary: ClassVar[bool] = False
    networks: ClassVar[tuple[str, str]] = ("dcgan_generator", "dcgan_discriminator")

    def __init__(
        self, generator: NetworkChoice, discriminator: NetworkChoice | None, data: Shapes, settings: FAnoGANSettings
    ) -> None:
        """Build generator, critic, and an encoder like the critic. Raises ValueError when they do not fit."""
        super().__init__(generator, discriminator, data, settings)
        assert discriminator is not None
        size, critic = tuple(data.size), _own(discriminator)
        encoder = DCGANEncoder(settings.latent, 1, size, **critic)
        self.generator = nn.ModuleDict({"generator": self.generator, "encoder": encoder})
        arguments = {"generator": _own(generator), "encoder": critic, "critic": critic, "kappa": settings.kappa}
        self.deployed_as = ("f_anogan", {"size": list(size), "latent_channels": settings.latent, **arguments})
        self.kappa = settings.kappa

    def pictures(self, generator: nn.Module, latents: Latents, label: Tensor | None = None) -> Tensor:
        """Return what the generator among the networks of `generator` makes of latents."""
        return super().pictures(cast(nn.ModuleDict, generator)["generator"], latents, label)

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the generator's losses with an adversary, the encoder's without."""
        if adversarial:
            return super().generator_loss(batch, draw, adversarial=True)
        parts = cast(nn.ModuleDict, self.generator)
        slices = self.real(batch)
        latents = parts["encoder"](slices)
        with frozen(parts["generator"]), frozen(self._adversary.network):
            # As it will be used: running averages are those of the pictures that it learned to make.
            parts["generator"].eval()
            restored = parts["generator"](latents)
            parts["generator"].train()
            judge = self._adversary.judge()
            with torch.no_grad():
                wanted = judge(slices).features
            features = feature_distance(judge(restored).features, wanted)
            pixels = (restored.float() - slices).abs().mean()
            total = pixels + self.kappa * features
        return Losses(
            total,
            {"loss/reconstruction": pixels.detach(), "loss/features": features.detach()},
            reconstruction=total,
        )

    def deployed(self, generator: nn.Module) -> nn.Module:
        """Return the heat map's network, made of these networks."""
        parts, critic = cast(nn.ModuleDict, generator), cast(DCGANDiscriminator, self._adversary.network)
        network = FAnoGAN(**self.deployed_as[1])
        network.generator = cast(DCGANGenerator, parts["generator"])
        network.encoder = cast(DCGANEncoder, parts["encoder"])
        network.critic = critic.layers[:CRITICS_LAYERS]
        return network.eval()


@dataclass(frozen=True)
class EBGANMapSettings(GenerationSettings):
    """Those of a generation, with an objective whose discriminator is an autoencoder."""

    objective: str | Mapping[str, Any] | Objective = "ebgan"


class EBGANMapMethod(_HealthyGeneration):
    """An EBGAN of healthy slices (Zhao et al. 2017, arXiv:1609.03126); the heat map is its autoencoder's error."""

    name: ClassVar[str] = "ebgan-map"
    Settings: ClassVar[type[EBGANMapSettings]] = EBGANMapSettings
    networks: ClassVar[tuple[str, str]] = ("dcgan_generator", "autoencoder_discriminator")

    def __init__(
        self, generator: NetworkChoice, discriminator: NetworkChoice | None, data: Shapes, settings: EBGANMapSettings
    ) -> None:
        """Build generator and autoencoder. Raises ValueError when they do not fit."""
        super().__init__(generator, discriminator, data, settings)
        assert discriminator is not None
        self.deployed_as = ("ebgan_map", {"autoencoder": _own(discriminator)})

    def deployed(self, generator: nn.Module) -> nn.Module:
        """Return the heat map's network, made of the discriminator alone."""
        network = EBGANMap(**self.deployed_as[1])
        network.autoencoder = cast(AutoencoderDiscriminator, self._adversary.network)
        return network.eval()


def _own(choice: NetworkChoice) -> dict[str, Any]:
    """Return the arguments of a network that do not follow from the data."""
    return {name: value for name, value in choice.arguments.items() if name not in _FROM_DATA}
