"""Adversarial objectives by name: each gives the discriminator's and the generator's loss from its scores."""

from typing import Any

from medgan_viewer.lab.objectives.base import Judge, Judgement, Objective
from medgan_viewer.lab.objectives.ebgan import EnergyBased
from medgan_viewer.lab.objectives.fgan import (
    FDivergence,
    JensenShannon,
    KullbackLeibler,
    PearsonChiSquared,
    ReverseKullbackLeibler,
    SquaredHellinger,
)
from medgan_viewer.lab.objectives.hinge import Hinge
from medgan_viewer.lab.objectives.lsgan import LeastSquares
from medgan_viewer.lab.objectives.minimax import Minimax, NonSaturating
from medgan_viewer.lab.objectives.wgan import Wasserstein
from medgan_viewer.lab.objectives.wgan_gp import WassersteinGradientPenalty

__all__ = ["OBJECTIVES", "FDivergence", "Judge", "Judgement", "Objective", "objective"]

OBJECTIVES: tuple[type[Objective], ...] = (
    Minimax,
    NonSaturating,
    KullbackLeibler,
    ReverseKullbackLeibler,
    PearsonChiSquared,
    SquaredHellinger,
    JensenShannon,
    LeastSquares,
    Hinge,
    Wasserstein,
    WassersteinGradientPenalty,
    EnergyBased,
)
"""Every family, in the order in which they are offered."""


def objective(name: str, **arguments: Any) -> Objective:
    """Return the objective `name` with its parameters.

    Raises KeyError for an unknown name, TypeError for an unknown parameter, ValueError for one out of range.
    """
    return {entry.name: entry for entry in OBJECTIVES}[name](**arguments)
