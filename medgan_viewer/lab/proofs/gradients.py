"""What a generator still hears when it is caught: the slope of its loss by the score of N pictures judged −5.

Compared with the derivative written down by hand. The hinge's is −1/N, whatever the score (Lim and Ye 2017); minimax
falls with sigmoid(score) (Goodfellow et al. 2014, section 3). MONAI's loss of the same name puts tanh before the hinge
and so falls silent: it is measured beside ours.
"""

import math
from collections.abc import Callable
from typing import Any

import torch

from medgan_viewer.lab.objectives import Judgement, objective
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number

SCORE, COUNT = -5.0, 16
MONAI = "MONAI's hinge"

_BY_HAND: dict[str, Callable[[float], float]] = {
    # Of the score; N times the derivative by one of N scores.
    "minimax": lambda v: -_sigma(v),
    "nonsaturating": lambda v: -_sigma(-v),
    "fgan-kl": lambda v: -math.exp(v - 1),
    "fgan-reverse-kl": lambda v: -1.0,
    "fgan-pearson": lambda v: -(v / 2 + 1),
    "fgan-hellinger": lambda v: -math.exp(v),
    "fgan-js": lambda v: -_sigma(v),
    "lsgan": lambda v: v - 1,
    "hinge": lambda v: -1.0,
    "wgan": lambda v: -1.0,
    "wgan-gp": lambda v: -1.0,
    MONAI: lambda v: -(1 - math.tanh(v) ** 2),
}


class GradientProof(Proof):
    """N times the slope of the generator's loss by one of N scores of −5."""

    name = "gradients"
    title = "What the generator hears at a score of −5"

    @property
    def entries(self) -> tuple[str, ...]:
        """The families with scores, and MONAI's hinge."""
        return tuple(_BY_HAND)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return the score and the number of pictures."""
        return {"score": SCORE, "count": COUNT}

    def run(self, case: Case) -> Values:
        """Differentiate; nothing is random."""
        scores = torch.full((COUNT, 1, 1, 1), SCORE, requires_grad=True)
        if case.entry == MONAI:
            from monai.losses import PatchAdversarialLoss

            loss = PatchAdversarialLoss(criterion="hinge")(scores, target_is_real=True, for_discriminator=False)
        else:
            loss = objective(case.entry).generator_loss(Judgement(scores))
        (slope,) = torch.autograd.grad(loss, scores)
        return {
            "slope times N": float(COUNT * slope.flatten()[0]),
            "by hand": _BY_HAND[case.entry](SCORE),
            "uneven by": float(slope.max() - slope.min()),
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that the slope is the derivative by hand."""
        slope, by_hand = number(values, "slope times N"), number(values, "by hand")
        agrees = abs(slope - by_hand) <= 1e-3 * abs(by_hand) and number(values, "uneven by") == 0
        claims = [Claim("is the derivative written down by hand, the same for all N", agrees)]
        if entry == "hinge":
            claims.append(Claim("is −1/N", abs(slope + 1) < 1e-6))
        return claims


def _sigma(value: float) -> float:
    return 1 / (1 + math.exp(-value))
