"""The arms of an experiment: which cases a network is trained on, and how much of the real ones there is."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["MIXES", "PARTS", "SHARES", "Arm", "Mix", "arm"]

Mix = Literal["real", "real + synthetic", "synthetic"]
SHARES: dict[Mix, float] = {"real": 0.0, "real + synthetic": 0.5, "synthetic": 1.0}
"""The share of the training pictures that is synthetic."""
MIXES: tuple[Mix, ...] = tuple(SHARES)
PARTS = (0.1, 0.25, 1.0)
"""How much of the real training data there is."""


@dataclass(frozen=True)
class Arm:
    """A mix, and the part of the real training data that exists for network and generator alike.

    `part` 0: none of it. Only a generator that saw no real case of these data can have such an arm.
    """

    mix: Mix
    part: float

    @property
    def name(self) -> str:
        """The entry under which results are stored."""
        return f"{self.mix}, {100 * self.part:.0f} %" if self.part else self.mix


def arm(name: str, arms: tuple[Arm, ...]) -> Arm:
    """Return the arm of this name. Raises KeyError."""
    return {one.name: one for one in arms}[name]
