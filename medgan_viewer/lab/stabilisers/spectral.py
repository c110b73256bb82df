"""Spectral normalisation: Miyato et al. 2018 (arXiv:1802.05957), equation 8.

Every weight matrix is divided by its largest singular value, estimated by power iteration (one step for each forward
pass in training), so that no layer stretches its input by more than 1.
"""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.Embedding)


def normalise_spectrally(network: nn.Module) -> nn.Module:
    """Normalise all convolutions, linear layers and embeddings of `network` in place, and return it."""
    for module in list(network.modules()):
        if isinstance(module, _LAYERS):
            spectral_norm(module)
    return network
