"""Networks for tests, only ever imported where torch is allowed: in the worker."""

import time

import torch
from torch import Tensor, nn


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
