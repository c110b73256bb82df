"""What a source of training data offers, and what all of them check: patients kept apart, files that did not open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol, runtime_checkable

import numpy as np

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch

__all__ = [
    "Batch",
    "DataSource",
    "Draw",
    "Prepared",
    "Refusal",
    "check_patients",
    "check_refusals",
    "generators",
    "need_split",
]

MOST_REFUSED = 0.05
"""The largest share of the files that may fail to open before a training is not begun."""


@dataclass(frozen=True)
class Refusal:
    """A file that did not open: where it is, and why, as a sentence."""

    path: str
    sentence: str


class DataSource(Protocol):
    """Draws batches of one data set, the same ones for the same `Draw`.

    `source_channels`, `target_channels` and `classes` are 0 where there is none, `size` is rows and columns.
    `patients` names the patients of each split ("train", "validation", "test"), which have none in common.
    """

    source_channels: int
    target_channels: int
    classes: int
    size: tuple[int, int]
    patients: Mapping[str, tuple[str, ...]]
    refused: tuple[Refusal, ...]

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` samples of this process's share. Raises UsageError where the split is empty."""
        ...


@runtime_checkable
class Prepared(Protocol):
    """A source whose splits take time to make: they are prepared before the first step, else at the first batch."""

    def prepare(self, split: str) -> None:
        """Make what lacks of a split."""
        ...


def generators(count: int, draw: Draw) -> list[np.random.Generator]:
    """Return one generator for each sample, so that no sample depends on the others of its batch."""
    return [np.random.default_rng(seed) for seed in draw.seeds(count)]


def need_split(patients: Mapping[str, Sequence[str]], split: str) -> None:
    """Raise UsageError when there is no patient in a split."""
    if not patients.get(split):
        raise UsageError(f"The data have no patients in the split {split}: name some in the recipe's [data].")


def check_patients(patients: Mapping[str, Sequence[str]]) -> None:
    """Raise UsageError when a patient is in two splits; says how many are, but names nobody."""
    for first, second in combinations(patients, 2):
        shared = set(patients[first]) & set(patients[second])
        if shared:
            raise UsageError(
                f"{len(shared)} of the patients are in {first} and in {second} as well: a patient may be in one split "
                "only, else the test measures what the model remembers."
            )


def check_refusals(refused: Sequence[Refusal], files: int) -> None:
    """Raise UsageError when more than `MOST_REFUSED` of the `files` did not open."""
    if len(refused) > MOST_REFUSED * files:
        raise UsageError(
            f"{len(refused)} of {files} files did not open, the first one {refused[0].path} ({refused[0].sentence}): "
            f"at most {MOST_REFUSED:.0%} may be left out; mend them or take them out of the folder."
        )
