"""R1 gradient penalty: Mescheder, Geiger and Nowozin 2018 (arXiv:1801.04406), section 4.1; lazy as in StyleGAN2.

The discriminator's slope is punished on real pictures alone: γ/2·E[‖∇D(x)‖²]. Karras et al. 2020 (arXiv:1912.04958,
section 3.1) take it at every k-th step only, k times as strong, at nearly the same effect and a fraction of the price.
"""

import torch
from torch import Tensor

from medgan_viewer.lab.objectives import Judge
from medgan_viewer.lab.objectives.wgan_gp import slopes


def r1(judge: Judge, real: Tensor, gamma: float) -> Tensor:
    """Return γ/2·mean(‖∇D(x)‖²), a mean over pictures; D(x) is the mean over a picture's patches."""
    gradient = slopes(judge, real.detach().requires_grad_())
    return gamma / 2 * torch.square(gradient).flatten(1).sum(dim=1).mean()
