"""Network architectures by name. Importing this package imports no torch; `build` does."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NETWORKS: tuple[tuple[str, str], ...] = (
    ("unet_2p5d", "medgan_viewer.models.networks.unet_2p5d:UNet2p5D"),
    ("patch_discriminator", "medgan_viewer.models.networks.patch_discriminator:PatchDiscriminator"),
    ("restoring_discriminator", "medgan_viewer.models.networks.restoring_discriminator:RestoringDiscriminator"),
    ("monai", "medgan_viewer.models.networks.monai_networks:MonaiNetwork"),
)
"""Name and class of every architecture, in the order in which they are offered."""


def build(name: str, arguments: Mapping[str, Any]) -> "torch.nn.Module":
    """Build the network `name` with fresh weights; KeyError for an unknown name, TypeError for wrong arguments."""
    module, _, attribute = dict(NETWORKS)[name].partition(":")
    network: torch.nn.Module = getattr(import_module(module), attribute)(**arguments)
    return network
