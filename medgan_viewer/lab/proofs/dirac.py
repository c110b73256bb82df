"""Dirac-GAN: Mescheder, Geiger and Nowozin 2018 (arXiv:1801.04406), section 2 and appendix C.

The data are the point 0, the generator's only sample is its weight θ, the discriminator is D(x) = ψ·x. Both players go
down their own loss by plain gradient descent, at once (simultaneous) or one after the other (alternating). The only
equilibrium is (0, 0). What our objectives do is compared with two calculations that share no code with them: the
discrete map with gradients derived by hand, and the differential equation of infinitely small steps.

With s = ψθ and σ the logistic function, minimax gives θ′ = σ(s)ψ, ψ′ = −σ(s)θ, so θ² + ψ² never changes. Non-saturating
gives θ′ = σ(−s)ψ, so d(θ² + ψ²)/dt = −2s·tanh(s/2): it creeps in, ever slower (r² ≈ 8/t), and not exponentially.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.lab.objectives import Judgement, Objective, objective
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number
from medgan_viewer.lab.stabilisers import r1

RATE, STEPS, START = 0.1, 500, (1.0, 1.0)
GAMMA, CLIP, PENALTY = 0.3, 1.0, 0.15

_FAMILIES: dict[str, dict[str, Any]] = {
    "minimax": {},
    "nonsaturating": {},
    "hinge": {},
    "wgan": {"clip": CLIP},
    "wgan-gp": {"weight": PENALTY},
    "minimax + R1": {},
    "nonsaturating + R1": {},
}
_UPDATES = ("simultaneous", "alternating")

Gradient = Callable[[float, float], float]


class DiracProof(Proof):
    """Distance from the equilibrium after 500 steps of 0.1, and how far our code is from the hand-made map."""

    name = "dirac"
    title = "Dirac-GAN"

    @property
    def entries(self) -> tuple[str, ...]:
        """Each family with both kinds of updates."""
        return tuple(f"{family}, {updates}" for family in _FAMILIES for updates in _UPDATES)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return rate, steps, start and the family's parameters."""
        family = entry.split(", ")[0]
        common = {"rate": RATE, "steps": STEPS, "start": list(START), "arguments": _FAMILIES[family]}
        return common | ({"gamma": GAMMA} if "R1" in family else {})

    def run(self, case: Case) -> Values:
        """Follow the three trajectories; nothing is random."""
        family, updates = case.entry.split(", ")
        ours = trajectory(family, updates)
        by_hand = discrete_map(family, updates)
        distance = np.hypot(*ours.T)
        return {
            "start": float(distance[0]),
            "end": float(distance[-1]),
            "least of last third": float(distance[-STEPS // 3 :].min()),
            "most of last third": float(distance[-STEPS // 3 :].max()),
            "differs from the map": float(np.abs(ours - by_hand).max()),
            "end of the differential equation": float(np.hypot(*continuous(family))),
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return what the paper says of this family."""
        family, updates = entry.split(", ")
        end, start, least = (number(values, name) for name in ("end", "start", "least of last third"))
        # Penalties are computed in single precision.
        exact = Claim("follows the map derived by hand to 1e-5", number(values, "differs from the map") < 1e-5)
        if "R1" in family:
            return [exact, Claim("converges: the distance falls below 1/100 of the start", end < start / 100)]
        if family == "minimax" and updates == "simultaneous":
            return [exact, Claim("goes away from the equilibrium", end > 1.2 * start)]
        if family == "minimax":
            return [
                exact,
                Claim("circles: neither nearer than 0.7 nor farther than 1.4 of the start", _circles(values)),
            ]
        if family == "nonsaturating":
            return [exact, Claim("converges no faster than 1/√t: stays above 1/10 of the start", least > start / 10)]
        return [exact, Claim("does not converge: stays above 1/10 of the start", least > start / 10)]


def trajectory(family: str, updates: str) -> NDArray[np.float64]:
    """Return (θ, ψ) of every step `[steps + 1, 2]`, with our objectives and torch's gradients, in float64."""
    chosen = objective(family.removesuffix(" + R1"), **_FAMILIES[family])
    theta, psi = (torch.tensor([[value]], dtype=torch.float64, requires_grad=True) for value in START)
    seen = [START]
    for _ in range(STEPS):
        slope = _slope(_discriminator_loss(chosen, theta, psi, penalised="R1" in family), psi)
        if updates == "alternating":
            psi = _moved(psi, slope)
            chosen.constrain(_OneWeight(psi))
        next_theta = _moved(theta, _slope(chosen.generator_loss(Judgement(theta * psi)), theta))
        if updates == "simultaneous":
            psi = _moved(psi, slope)
            chosen.constrain(_OneWeight(psi))
        theta = next_theta
        seen.append((float(theta.detach()), float(psi.detach())))
    return np.array(seen)


def discrete_map(family: str, updates: str) -> NDArray[np.float64]:
    """Return the same trajectory from gradients written down by hand."""
    generator, discriminator = _gradients(family)
    theta, psi = START
    seen = [START]
    for _ in range(STEPS):
        next_psi = psi - RATE * discriminator(theta, psi)
        if family == "wgan":
            next_psi = min(max(next_psi, -CLIP), CLIP)
        theta = theta - RATE * generator(theta, next_psi if updates == "alternating" else psi)
        psi = next_psi
        seen.append((theta, psi))
    return np.array(seen)


def continuous(family: str) -> tuple[float, float]:
    """Return (θ, ψ) at time rate·steps of the differential equation (without clipping)."""
    from scipy.integrate import solve_ivp

    generator, discriminator = _gradients(family)
    solved = solve_ivp(
        lambda _, state: (-generator(*state), -discriminator(*state)), (0, RATE * STEPS), START, rtol=1e-8, atol=1e-10
    )
    return float(solved.y[0, -1]), float(solved.y[1, -1])


def _gradients(family: str) -> tuple[Gradient, Gradient]:
    """Return the derivative of the generator's loss by θ and of the discriminator's by ψ, as functions of (θ, ψ)."""
    pull = GAMMA if "R1" in family else 0.0
    return {
        "minimax": (lambda t, p: -_sigma(p * t) * p, lambda t, p: _sigma(p * t) * t + pull * p),
        "nonsaturating": (lambda t, p: -_sigma(-p * t) * p, lambda t, p: _sigma(p * t) * t + pull * p),
        "hinge": (lambda t, p: -p, lambda t, p: t if p * t > -1 else 0.0),
        "wgan": (lambda t, p: -p, lambda t, p: t),
        "wgan-gp": (lambda t, p: -p, lambda t, p: t + 2 * PENALTY * (abs(p) - 1) * math.copysign(1, p)),
    }[family.removesuffix(" + R1")]


def _sigma(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _circles(values: Values) -> bool:
    start = number(values, "start")
    return 0.7 * start < number(values, "least of last third") <= number(values, "most of last third") < 1.4 * start


def _discriminator_loss(chosen: Objective, theta: Tensor, psi: Tensor, *, penalised: bool) -> Tensor:
    """Return the discriminator's whole loss; the real point is 0."""

    def judge(points: Tensor) -> Judgement:
        return Judgement(points * psi)

    real, synthetic = torch.zeros_like(theta), theta.detach()
    loss = chosen.discriminator_loss(judge(real), judge(synthetic))
    loss = loss + chosen.penalty(judge, real, synthetic, torch.full((1,), 0.5))
    return loss + r1(judge, real, GAMMA) if penalised else loss


def _slope(loss: Tensor, weight: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(loss, weight)
    return gradient


def _moved(weight: Tensor, slope: Tensor) -> Tensor:
    return (weight - RATE * slope).detach().requires_grad_()


class _OneWeight(torch.nn.Module):
    """A discriminator's weight in the shape that objectives constrain; shares the tensor's memory."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(weight.detach())
