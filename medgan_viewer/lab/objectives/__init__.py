"""Adversarial objectives by name: each gives the discriminator's and the generator's loss from logits."""

from medgan_viewer.lab.objectives.base import Objective
from medgan_viewer.lab.objectives.lsgan import LeastSquares

OBJECTIVES: tuple[Objective, ...] = (LeastSquares(),)


def objective(name: str) -> Objective:
    """Return the objective `name`. Raises KeyError for an unknown name."""
    return {entry.name: entry for entry in OBJECTIVES}[name]
