"""Networks for tests, only ever imported where torch is allowed: in the worker."""

import time

import torch
from torch import Tensor, nn


class Sharpened(nn.Module):
    """A weighted sum whose first channel is raised by a tenth of what it is told, 0…1 (1 where it is told nothing)."""

    def __init__(self, channels_in: int, channels_out: int, conditioned: bool = True, degree: float = 1.0) -> None:
        super().__init__()
        self.sum = nn.Conv2d(channels_in, channels_out, 1)
        self.degree = degree
        assert conditioned

    def at(self, degree: float) -> "Sharpened":
        """Return the network that is told this once and for all."""
        made = Sharpened(self.sum.in_channels, self.sum.out_channels, degree=degree).eval()
        made.load_state_dict(self.state_dict())
        return made

    def forward(self, image: Tensor) -> Tensor:
        """Return the sum."""
        made: Tensor = self.sum(image)
        raised = torch.zeros(made.shape[1], dtype=made.dtype)
        raised[0] = 0.1 * self.degree
        return made + raised[None, :, None, None]


class WeightedSum(nn.Module):
    """A weighted sum of the input channels at every pixel, which can be slow and can claim to need much memory."""

    def __init__(self, channels_in: int, channels_out: int, seconds: float = 0.0, largest_batch: int = 1000) -> None:
        super().__init__()
        self.sum = nn.Conv2d(channels_in, channels_out, 1)
        self.seconds = seconds
        self.largest_batch = largest_batch

    def forward(self, image: Tensor) -> Tensor:
        """Return the sum after ``seconds``; raise torch's own error for a batch over ``largest_batch``."""
        if len(image) > self.largest_batch:
            raise torch.OutOfMemoryError("out of memory, as asked for by a test")
        time.sleep(self.seconds)
        result: Tensor = self.sum(image)
        return result
