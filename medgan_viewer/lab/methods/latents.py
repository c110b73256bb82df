"""What a generation starts from: noise, and the codes of InfoGAN (Chen et al. 2016, arXiv:1606.03657)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from medgan_viewer.lab.draw import Draw


@dataclass(frozen=True)
class Latents:
    """`noise` `[n, latent]` standard normal; categorical codes `[n]` int64; continuous codes `[n, c]` in −1 … 1."""

    noise: Tensor
    categorical: tuple[Tensor, ...] = ()
    continuous: Tensor | None = None

    def vector(self, values: Sequence[int]) -> Tensor:
        """Return the generator's input: noise, each categorical code one-hot (of so many `values`), the continuous."""
        pieces = [self.noise]
        pieces += [one_hot(code, count).to(self.noise) for code, count in zip(self.categorical, values, strict=True)]
        if self.continuous is not None:
            pieces.append(self.continuous)
        return torch.cat(pieces, dim=1)


def drawn(count: int, noise: int, values: Sequence[int], continuous: int, draw: Draw, device: torch.device) -> Latents:
    """Return latents of `count` samples, every code evenly distributed."""
    normal = draw.normal(count, noise).to(device)
    codes = tuple(draw.integers(number, count).to(device) for number in values)
    even = (2 * draw.uniform(count, continuous) - 1).to(device) if continuous else None
    return Latents(normal, codes, even)


def information(latents: Latents, logits: Sequence[Tensor], mean: Tensor, log_spread: Tensor) -> Tensor:
    """Return the lower bound L_I of the mutual information of codes and picture in nats (equation 5 of the paper).

    E[log Q(c|x)] + H(c) summed over the codes, a mean over samples. Q is categorical with `logits`, and for continuous
    codes a normal distribution with `mean` and `log_spread` `[n, c]`; H is log K and log 2 for each code.
    """
    bound = latents.noise.new_zeros(())
    for code, guess in zip(latents.categorical, logits, strict=True):
        bound = bound + math.log(guess.shape[1]) - cross_entropy(guess.float(), code)
    if latents.continuous is not None:
        distance = (latents.continuous - mean.float()) * torch.exp(-log_spread.float())
        density = -0.5 * distance**2 - log_spread.float() - 0.5 * math.log(2 * math.pi)
        bound = bound + (density + math.log(2)).sum(dim=1).mean()
    return bound
