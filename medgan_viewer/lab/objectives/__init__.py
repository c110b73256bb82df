"""Adversarial objectives by name: each gives the discriminator's and the generator's loss from its scores."""

from typing import Any

from medgan_viewer.lab.objectives.base import Judge, Judgement, Objective
from medgan_viewer.lab.objectives.lsgan import LeastSquares

__all__ = ["OBJECTIVES", "Judge", "Judgement", "Objective", "objective"]

OBJECTIVES: tuple[type[Objective], ...] = (LeastSquares,)
"""Every family, in the order in which they are offered."""


def objective(name: str, **arguments: Any) -> Objective:
    """Return the objective `name` with its parameters. Raises KeyError for an unknown name, TypeError for a wrong one."""
    return {entry.name: entry for entry in OBJECTIVES}[name](**arguments)
