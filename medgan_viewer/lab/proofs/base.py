"""What a proof is: entries that are run by seed and give numbers, and what the theory says about these numbers."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

Values = dict[str, float | int | None]
"""Measured numbers by name; None is a number that does not exist (the KL of an empty histogram)."""


@dataclass(frozen=True)
class Claim:
    """A sentence of the literature about an entry's numbers, and whether it holds for what was measured."""

    sentence: str
    holds: bool


@dataclass(frozen=True)
class Case:
    """One entry of a proof with one seed and everything else that its numbers depend on."""

    proof: str
    entry: str
    seed: int
    settings: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any of the settings."""
        text = json.dumps({"proof": self.proof, "entry": self.entry, "settings": self.settings}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


class Proof(ABC):
    """A set of entries (families or variants) that are measured in the same way."""

    name: ClassVar[str]
    """The name by which the command line chooses the proof and under which its results are stored."""
    title: ClassVar[str]
    """The heading in `docs/gan-families.md`."""
    seeds: ClassVar[int] = 1
    """How many seeds the full run takes; the short one takes the first."""

    @property
    @abstractmethod
    def entries(self) -> tuple[str, ...]:
        """The entries in the order in which they are shown."""

    @property
    def short_entries(self) -> tuple[str, ...]:
        """The entries of the short run."""
        return self.entries

    @abstractmethod
    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return everything (but for the seed) that the numbers depend on, as JSON writes it."""

    @abstractmethod
    def run(self, case: Case) -> Values:
        """Measure one case."""

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return what must hold for an entry's numbers; none where a training's outcome is open."""
        return []

    def cases(self, *, short: bool) -> list[Case]:
        """Return the cases of the short or the full run, seed by seed."""
        entries = self.short_entries if short else self.entries
        return [
            Case(self.name, entry, seed, self.settings(entry, short=short))
            for seed in range(1 if short else self.seeds)
            for entry in entries
        ]


def number(values: Values, name: str) -> float:
    """Return a value that must exist. Raises KeyError where it was not measured or does not exist."""
    value = values[name]
    if value is None:
        raise KeyError(name)
    return float(value)
