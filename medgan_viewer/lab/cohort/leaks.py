"""Does a synthetic cohort leak somebody who was trained on? What these tests do not find may be there all the same.

*Copies*: no case may be as near to a training case as to be that one again. *Nearness*: cases may not lie near training
cases more often than real ones do who were not trained on (Meehan et al. 2020, arXiv:2004.05675, ask the same).
*Membership*: from the distances to the cohort nobody may tell who was trained on (Chen et al. 2020, arXiv:1909.03935),
beside a control with real cases in the cohort's place, as training and held-out people may differ by themselves. In
every run a training case, changed a little, is planted among the synthetic ones: where it is not caught, the tests are
blind and have failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Distances", "Finding", "Verdict", "auc", "judge"]

Matrix = NDArray[np.float64]
_NEAR = 0.05
"""The share of real cases that count as near to a training case."""
_DRAWS = 1000


@dataclass(frozen=True)
class Distances:
    """Distances `[case, real case]` of a cohort's and of real cases, all by one measure; and when two are one case.

    `trained`, `held_out` and `planted` are distances to the training cases: of the cohort, of real cases who were not
    trained on, and of the planted ones. `members` and `others` are those of training and of other real cases to the
    cohort, `control_members` and `control_others` to further real cases in the cohort's place (empty: no control).
    Two cases are one below `copy`.
    """

    trained: Matrix
    held_out: Matrix
    planted: Matrix
    members: Matrix
    others: Matrix
    copy: float
    control_members: Matrix
    control_others: Matrix


@dataclass(frozen=True)
class Finding:
    """What one test says, in a sentence."""

    test: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """All tests' findings; each case's distance to the nearest training case, and which of them are copies."""

    findings: tuple[Finding, ...]
    nearest: tuple[float, ...]
    copies: tuple[int, ...]

    @property
    def passed(self) -> bool:
        """Whether no test failed."""
        return all(finding.passed for finding in self.findings)

    @property
    def sentence(self) -> str:
        """The verdict for a reader: never that a cohort is private."""
        names = ", ".join(finding.test for finding in self.findings)
        if self.passed:
            return f"No leak was found by the tests {names}."
        failed = " ".join(finding.sentence for finding in self.findings if not finding.passed)
        return f"Leak tests failed: {failed}"


def judge(distances: Distances) -> Verdict:
    """Return what the tests say of a cohort."""
    nearest = distances.trained.min(axis=1)
    copies = np.flatnonzero(nearest < distances.copy)
    caught = bool((distances.planted.min(axis=1) < distances.copy).all())
    findings = (
        Finding(
            "copies",
            not len(copies),
            f"{len(copies)} of {len(nearest)} cases are copies of training cases (nearer than {distances.copy:.3f}).",
        ),
        _nearness(nearest, distances.held_out.min(axis=1)),
        _membership(distances),
        Finding("planted copy", caught, f"A planted copy was {'caught' if caught else 'not caught'}."),
    )
    return Verdict(findings, tuple(float(value) for value in nearest), tuple(int(place) for place in copies))


def _nearness(nearest: Matrix, real: Matrix) -> Finding:
    """Compare how many cases are as near to a training case as the nearest twentieth of the real ones."""
    bar = float(np.quantile(real, _NEAR))
    share = float((nearest < bar).mean())
    # Both shares are uncertain: the bar comes from the real cases drawn with replacement, so do the cases.
    rng = np.random.default_rng(0)
    bars = np.quantile(rng.choice(real, (_DRAWS, len(real))), _NEAR, axis=1)
    drawn = (rng.choice(nearest, (_DRAWS, len(nearest))) < bars[:, None]).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    sentence = (
        f"{share:.0%} of the cases (95 % interval {low:.0%} to {high:.0%}) lie as near to a training case as "
        f"{_NEAR:.0%} of the real ones who were not trained on."
    )
    return Finding("nearness", bool(low <= _NEAR), sentence)


def _membership(distances: Distances) -> Finding:
    """Guess from the distance to the cohort who was trained on; fails where that works, and better than its control."""
    value, low, high = auc(distances.others.min(axis=1), distances.members.min(axis=1))
    sentence = f"Who was trained on is guessed with an AUC of {value:.2f} (95 % interval {low:.2f} to {high:.2f})"
    chance = 0.5
    if distances.control_members.size:
        control, _, _ = auc(distances.control_others.min(axis=1), distances.control_members.min(axis=1))
        chance = max(chance, control)
        sentence += f"; with real cases in the cohort's place {control:.2f}"
    return Finding("membership", bool(low <= chance), f"{sentence}.")


def auc(larger: Sequence[float] | Matrix, smaller: Sequence[float] | Matrix) -> tuple[float, float, float]:
    """Return how often one of `larger` is above one of `smaller` (ties count half), and a 95 % bootstrap interval."""
    first, second = np.asarray(larger, float), np.asarray(smaller, float)
    wins = (first[:, None] > second).astype(float) + 0.5 * (first[:, None] == second)
    rng = np.random.default_rng(0)
    rows = rng.integers(len(first), size=(_DRAWS, len(first)))
    columns = rng.integers(len(second), size=(_DRAWS, len(second)))
    drawn = [float(wins[row][:, column].mean()) for row, column in zip(rows, columns, strict=True)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(wins.mean()), float(low), float(high)
