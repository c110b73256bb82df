"""Parallel lines: Arjovsky, Chintala and Bottou 2017 (arXiv:1701.07875), example 1.

Real points lie at (0, y), synthetic ones at (θ, y), y uniform in 0…1. For every θ ≠ 0 the Jensen–Shannon divergence is
log 2, so a trained discriminator gives the generator nothing to go by; the earth mover's distance is |θ|, with slope 1.
Discriminators and critics are trained for several θ, and the derivative of the generator's loss by θ is taken.
"""

import math
from typing import Any

import torch
from torch import Tensor

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.objectives import objective
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number
from medgan_viewer.lab.proofs.training import judge_by, perceptron, seeded, train_discriminator

DISTANCES = (0.25, 0.5, 1.0)
BATCH, WIDTH = 256, 64
_POINTS = 2000

_SETTINGS: dict[str, dict[str, Any]] = {
    "minimax": {"steps": 600, "rate": 5e-3, "arguments": {}},
    "nonsaturating": {"steps": 600, "rate": 5e-3, "arguments": {}},
    "wgan-gp": {"steps": 800, "rate": 3e-3, "arguments": {"weight": 10.0}},
    "wgan": {"steps": 800, "rate": 3e-3, "arguments": {"clip": 0.1}},
}


class LinesProof(Proof):
    """The estimated distance and the generator's slope for three distances of the lines."""

    name = "lines"
    title = "Parallel lines"

    @property
    def entries(self) -> tuple[str, ...]:
        """The families with a distance to compare."""
        return tuple(_SETTINGS)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return the training's settings."""
        return {"distances": list(DISTANCES), "batch": BATCH, "width": WIDTH} | _SETTINGS[entry]

    def run(self, case: Case) -> Values:
        """Train one discriminator for each distance."""
        values: Values = {}
        for theta in DISTANCES:
            values[f"distance at {theta:g}"], values[f"slope at {theta:g}"] = _measured(case, theta)
        return values

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return what the paper's example says."""
        distances = [number(values, f"distance at {theta:g}") for theta in DISTANCES]
        slopes = [number(values, f"slope at {theta:g}") for theta in DISTANCES]
        if entry in ("minimax", "nonsaturating"):
            log2 = all(abs(distance - math.log(2)) < 0.01 for distance in distances)
            stuck = Claim("JS is log 2 to 0.01, however far the lines are apart", log2)
            if entry == "nonsaturating":
                return [stuck, Claim("its own generator loss keeps a slope above 0.5", all(s > 0.5 for s in slopes))]
            return [stuck, Claim("the generator's slope is below 0.02", all(abs(slope) < 0.02 for slope in slopes))]
        if entry == "wgan-gp":
            near = all(abs(d - theta) < 0.1 * theta + 0.02 for d, theta in zip(distances, DISTANCES, strict=True))
            return [
                Claim("the critic's distance is |θ| to a tenth", near),
                Claim("the generator's slope is 1 to a tenth", all(abs(slope - 1) < 0.1 for slope in slopes)),
            ]
        factors = [distance / theta for distance, theta in zip(distances, DISTANCES, strict=True)]
        return [
            Claim("the critic's distance is |θ| but for one factor, to a tenth", max(factors) < 1.1 * min(factors)),
            Claim("the generator keeps its slope: nowhere below half of the steepest", min(slopes) > 0.5 * max(slopes)),
        ]


def _measured(case: Case, theta: float) -> tuple[float, float]:
    """Return the distance that a trained discriminator sees, and the slope of the generator's loss by θ."""
    settings = case.settings
    chosen = objective(case.entry, **settings["arguments"])
    network = seeded(case.seed, lambda: perceptron(2, 1, WIDTH))

    def sample(draw: Draw) -> tuple[Tensor, Tensor]:
        return _line(0.0, draw.uniform(BATCH)), _line(theta, draw.uniform(BATCH))

    train_discriminator(network, chosen, sample, steps=settings["steps"], rate=settings["rate"], seed=case.seed)
    along = (torch.arange(_POINTS) + 0.5) / _POINTS
    place = torch.tensor(theta, requires_grad=True)
    judge = judge_by(network)
    synthetic = judge(torch.stack([place.expand(_POINTS), along], dim=1))
    loss = float(chosen.discriminator_loss(judge(_line(0.0, along)), synthetic).detach())
    distance = math.log(2) - loss / 2 if case.entry in ("minimax", "nonsaturating") else -loss
    (slope,) = torch.autograd.grad(chosen.generator_loss(synthetic), place)
    return distance, float(slope)


def _line(place: float, along: Tensor) -> Tensor:
    return torch.stack([torch.full_like(along, place), along], dim=1)
