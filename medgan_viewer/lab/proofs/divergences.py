"""Each discriminator's loss against the divergence that it bounds, between two Gaussians.

P = N(0, 1) and Q = N(0.8, 1.1²). The optimum of each loss is an integral, taken by quadrature; it is compared with the
loss at the optimal discriminator, and with that of a small trained network, on 400,000 quantiles of each Gaussian
instead of random samples.

| loss | optimal score | optimum of the loss | source |
|---|---|---|---|
| f-GAN | g_f⁻¹(f′(p/q)) | −∫ q f(p/q) | Nowozin 2016 (arXiv:1606.00709) |
| minimax | log(p/q) | 2 log 2 − 2·JS | Goodfellow 2014 (arXiv:1406.2661), theorem 1 |
| LSGAN | p/(p + q) | ½∫ pq/(p + q) | Mao 2017 (arXiv:1611.04076), section 3.2 |
| hinge | sign(p − q) | 2∫ min(p, q) | Lim and Ye 2017 (arXiv:1705.02894) |
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.objectives import Judgement, objective
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number
from medgan_viewer.lab.proofs.training import judge_by, perceptron, seeded, train_discriminator

MEAN, DEVIATION = 0.8, 1.1
QUANTILES, WIDTH, BATCH, STEPS, RATE = 400_000, 64, 1024, 1500, 3e-3

Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_LOSS_AT: dict[str, Callable[[float, float], float]] = {
    # Of the densities p and q at a point, what the optimal loss adds up.
    "fgan-kl": lambda p, q: -p * math.log(p / q),
    "fgan-reverse-kl": lambda p, q: -q * math.log(q / p),
    "fgan-pearson": lambda p, q: -((p - q) ** 2) / q,
    "fgan-hellinger": lambda p, q: -((math.sqrt(p) - math.sqrt(q)) ** 2),
    "fgan-js": lambda p, q: -p * math.log(2 * p / (p + q)) - q * math.log(2 * q / (p + q)),
    "minimax": lambda p, q: -p * math.log(p / (p + q)) - q * math.log(q / (p + q)),
    "lsgan": lambda p, q: 0.5 * p * q / (p + q),
    "hinge": lambda p, q: 2 * min(p, q),
}
_OPTIMAL_SCORE: dict[str, Function] = {
    # Of u = p/q.
    "fgan-kl": lambda u: 1 + np.log(u),
    "fgan-reverse-kl": np.log,
    "fgan-pearson": lambda u: 2 * (u - 1),
    "fgan-hellinger": lambda u: np.log(u) / 2,
    "fgan-js": np.log,
    "minimax": np.log,
    "lsgan": lambda u: u / (1 + u),
    "hinge": lambda u: np.sign(u - 1),
}


class DivergenceProof(Proof):
    """The optimum by quadrature, at the optimal discriminator, and of a trained one."""

    name = "divergences"
    title = "Divergences and their bounds"

    @property
    def entries(self) -> tuple[str, ...]:
        """The families whose discriminator estimates a divergence."""
        return tuple(_LOSS_AT)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return the Gaussians and the training."""
        gaussians = {"mean": MEAN, "deviation": DEVIATION, "quantiles": QUANTILES}
        return gaussians | {"width": WIDTH, "batch": BATCH, "steps": STEPS, "rate": RATE}

    def run(self, case: Case) -> Values:
        """Integrate, evaluate and train."""
        chosen = objective(case.entry)
        real, synthetic = _quantiles(0, 1), _quantiles(MEAN, DEVIATION)
        best = [Judgement(torch.from_numpy(_OPTIMAL_SCORE[case.entry](_ratio(x)))) for x in (real, synthetic)]
        network = seeded(case.seed, lambda: perceptron(1, 1, WIDTH, activation=torch.nn.Tanh))
        train_discriminator(network, chosen, _sample, steps=STEPS, rate=RATE, seed=case.seed)
        judge = judge_by(network)
        with torch.no_grad():
            trained = [judge(torch.from_numpy(x).float()[:, None]) for x in (real, synthetic)]
        return {
            "optimum by quadrature": optimum(case.entry),
            "loss at the optimal discriminator": float(chosen.discriminator_loss(*best)),
            "loss of the trained discriminator": float(chosen.discriminator_loss(*trained)),
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that the loss is bounded by its optimum and gets there."""
        best = number(values, "optimum by quadrature")
        at_optimum = number(values, "loss at the optimal discriminator")
        trained = number(values, "loss of the trained discriminator")
        return [
            Claim(
                "reaches the numerical optimum at the optimal discriminator, to 0.2 %", _near(at_optimum, best, 2e-3)
            ),
            Claim(
                "a trained discriminator does not go below the optimum (0.1 % allowed)",
                trained > best - 1e-3 * abs(best),
            ),
            Claim("a trained discriminator comes within 3 % of the optimum", _near(trained, best, 3e-2)),
        ]


def optimum(entry: str) -> float:
    """Return the least possible discriminator loss of a family, by adaptive quadrature over −12…12 deviations of Q."""
    from scipy.integrate import quad

    low, high = MEAN - 12 * DEVIATION, MEAN + 12 * DEVIATION

    def integrand(x: float) -> float:
        return _LOSS_AT[entry](max(_density(x, 0, 1), 1e-300), _density(x, MEAN, DEVIATION))

    # Where the densities cross, the hinge's integrand has a kink.
    return float(quad(integrand, low, high, points=sorted(_crossings()), limit=400, epsabs=1e-10)[0])


def _crossings() -> tuple[float, float]:
    """Return where p = q: the roots of x²/2 − (x − m)²/(2s²) − log s = 0."""
    a, b = 0.5 - 0.5 / DEVIATION**2, MEAN / DEVIATION**2
    c = -(MEAN**2) / (2 * DEVIATION**2) - math.log(DEVIATION)
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def _density(x: float, mean: float, deviation: float) -> float:
    return math.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))


def _ratio(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p/q."""
    ratio: NDArray[np.float64] = DEVIATION * np.exp(0.5 * ((x - MEAN) / DEVIATION) ** 2 - 0.5 * x**2)
    return ratio


def _quantiles(mean: float, deviation: float) -> NDArray[np.float64]:
    from scipy.special import ndtri

    spread: NDArray[np.float64] = mean + deviation * ndtri((np.arange(QUANTILES) + 0.5) / QUANTILES)
    return spread


def _sample(draw: Draw) -> tuple[Tensor, Tensor]:
    return draw.normal(BATCH, 1), MEAN + DEVIATION * draw.normal(BATCH, 1)


def _near(value: float, expected: float, tolerance: float) -> bool:
    return abs(value - expected) <= tolerance * abs(expected)
