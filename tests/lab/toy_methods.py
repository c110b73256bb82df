"""A small GAN on points of the plane, with R1 or a gradient penalty, for the tests of the trainer."""

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses, Method

LATENT = 4


def network(inputs: int, outputs: int, width: int = 32) -> nn.Module:
    """Return a perceptron without anything that depends on the batch."""
    return nn.Sequential(nn.Linear(inputs, width), nn.Tanh(), nn.Linear(width, outputs))


class ToyGan(Method):
    """Non-saturating GAN of points; `penalty` is none, r1 (every second step) or gp; outside a phase with an adversary
    the generator learns to give the origin.
    """

    name = "toy"

    def __init__(self, penalty: str = "none", seed: int = 0, discriminator_steps: int = 1) -> None:
        torch.manual_seed(seed)
        self.generator = network(LATENT, 2)
        self.discriminator: nn.Module = network(2, 1)
        self.penalty = penalty
        self.discriminator_steps = discriminator_steps

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        made = self.samples(self.generator, batch, draw)
        reconstruction = made.square().mean()
        parts = {"loss/reconstruction": reconstruction.detach()}
        if not adversarial:
            return Losses(reconstruction, parts, reconstruction=reconstruction)
        loss = nn.functional.softplus(-self.discriminator(made)).mean()
        return Losses(loss, parts | {"loss/adversarial": loss.detach()}, adversarial=loss)

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        real = batch["image"]
        with torch.no_grad():
            made = self.samples(self.generator, batch, draw)
        loss = (
            nn.functional.softplus(-self.discriminator(real)).mean()
            + nn.functional.softplus(self.discriminator(made)).mean()
        )
        shares = draw.uniform(len(real), 1).to(real.device)
        penalty = self._penalty(real, made, shares, step)
        return Losses(loss + penalty, {"loss/penalty": penalty.detach()})

    def _penalty(self, real: Tensor, made: Tensor, shares: Tensor, step: int) -> Tensor:
        if self.penalty == "none" or (self.penalty == "r1" and step % 2):
            return torch.zeros((), device=real.device)
        at = real.clone() if self.penalty == "r1" else made + shares * (real - made)
        at.requires_grad_(True)
        (gradient,) = torch.autograd.grad(self.discriminator(at).sum(), at, create_graph=True)
        squares = gradient.square().sum(dim=1)
        return 0.5 * squares.mean() if self.penalty == "r1" else (squares.sqrt() - 1).square().mean()

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        device = next(generator.parameters()).device
        made: Tensor = generator(draw.normal(len(batch["image"]), LATENT).to(device))
        return made
