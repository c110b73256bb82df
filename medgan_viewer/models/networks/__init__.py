"""Network architectures by name. Importing this package imports no torch; `build` does.

Generators take what they start from (a source picture `[batch, in_channels, H, W]`, or latents `[batch,
latent_channels]` and, with `classes`, labels `[batch]`). Discriminators are called with the source (of no channels
where there is none), the picture, and, with `classes`, the labels; they return scores and a list of features, lowest
first.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NETWORKS: tuple[tuple[str, str], ...] = (
    ("unet_2p5d", "medgan_viewer.models.networks.unet_2p5d:UNet2p5D"),
    ("residual_unet", "medgan_viewer.models.networks.residual_unet:ResidualUNet"),
    ("red_cnn", "medgan_viewer.models.networks.red_cnn:REDCNN"),
    ("resnet_generator", "medgan_viewer.models.networks.resnet_generator:ResNetGenerator"),
    ("dcgan_generator", "medgan_viewer.models.networks.dcgan:DCGANGenerator"),
    ("mlp_generator", "medgan_viewer.models.networks.mlp:MLPGenerator"),
    ("patch_discriminator", "medgan_viewer.models.networks.patch_discriminator:PatchDiscriminator"),
    ("monai_patch_discriminator", "medgan_viewer.models.networks.monai_discriminator:MonaiPatchDiscriminator"),
    ("dcgan_discriminator", "medgan_viewer.models.networks.dcgan:DCGANDiscriminator"),
    ("projection_discriminator", "medgan_viewer.models.networks.dcgan:ProjectionDiscriminator"),
    ("mlp_discriminator", "medgan_viewer.models.networks.mlp:MLPDiscriminator"),
    ("autoencoder_discriminator", "medgan_viewer.models.networks.autoencoder_discriminator:AutoencoderDiscriminator"),
    ("mlp_autoencoder", "medgan_viewer.models.networks.mlp:MLPAutoencoder"),
    ("code_head", "medgan_viewer.models.networks.code_head:CodeHead"),
    ("restoring_discriminator", "medgan_viewer.models.networks.restoring_discriminator:RestoringDiscriminator"),
    ("f_anogan", "medgan_viewer.models.networks.residual_maps:FAnoGAN"),
    ("ebgan_map", "medgan_viewer.models.networks.residual_maps:EBGANMap"),
    ("slice_classifier", "medgan_viewer.models.networks.slice_classifier:SliceClassifier"),
    ("monai", "medgan_viewer.models.networks.monai_networks:MonaiNetwork"),
)
"""Name and class of every architecture, in the order in which they are offered."""


def architecture(name: str) -> "type[torch.nn.Module]":
    """Return the class of the network `name`; KeyError for an unknown name."""
    module, _, attribute = dict(NETWORKS)[name].partition(":")
    found: type[torch.nn.Module] = getattr(import_module(module), attribute)
    return found


def build(name: str, arguments: Mapping[str, Any]) -> "torch.nn.Module":
    """Build the network `name` with fresh weights; KeyError for an unknown name, TypeError for wrong arguments."""
    return architecture(name)(**arguments)
