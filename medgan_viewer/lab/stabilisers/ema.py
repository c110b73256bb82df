"""Averaged weights: an exponential moving average of the generator's, as in Yazıcı et al. 2019 (arXiv:1806.04498)."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """A second copy of a network whose weights follow the first one's slowly.

    `network` is in evaluation mode and takes no gradients; its state_dict is all there is to save.
    """

    def __init__(self, present: nn.Module, decay: float = 0.999) -> None:
        """Start from the weights of `present`. Raises ValueError when `decay` is not in [0, 1)."""
        if not 0 <= decay < 1:
            raise ValueError("The decay of the averaged weights must be at least 0 and below 1.")
        self.decay = decay
        self.network = copy.deepcopy(present).requires_grad_(False).eval()
        self._weights: list[Tensor] = list(self.network.parameters())

    def update(self, present: nn.Module, steps: int) -> None:
        """Move towards `present` after `steps` steps; in the beginning faster, so that the first weights are forgotten.

        Buffers (the running statistics of batch normalisation) are averages already: they are copied.
        """
        decay = min(self.decay, (1 + steps) / (10 + steps))
        with torch.no_grad():
            # One call for all weights, as torch's own averaging does: a call for each costs time on a GPU.
            torch._foreach_lerp_(self._weights, list(present.parameters()), 1 - decay)
            for kept, buffer in zip(self.network.buffers(), present.buffers(), strict=True):
                kept.copy_(buffer)
