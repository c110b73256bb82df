"""What a model is to reach: the limits that its exam set, and what it shall do better than others do.

Limits stand in the exams (`resources/evaluation`) and were held against the numbers when the exam was sat. Comparisons
stand beside them (`resources/goals/<id>.toml`), as a frozen exam may not be changed; they are held against the stored
rows whenever a card is made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.definition import build, read_table
from medgan_viewer.lab.evaluation.rows import WHO

__all__ = ["Comparison", "GoalReached", "comparisons_of", "goals_reached", "read_comparisons"]

_HIGHER_IS_BETTER = ("PSNR", "SSIM", "AUC", "AUPRC", "Dice")


@dataclass(frozen=True)
class Comparison:
    """Metrics that shall be higher than those of everybody in `above`, and no lower than of those in `not_below`."""

    metrics: tuple[str, ...]
    settings: tuple[str, ...]
    above: tuple[str, ...] = ()
    not_below: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is asked, for a table."""
        asked = (("higher than", self.above), ("no lower than", self.not_below))
        return ", ".join(f"{how} {', '.join(WHO[one] for one in who)}" for how, who in asked if who)


@dataclass(frozen=True)
class GoalReached:
    """A goal in one setting: in `words` what is asked; what was `reached`, None where nobody measured it.

    `missing`: by how much it is missed, in the metric's unit.
    """

    metric: str
    words: str
    setting: str
    reached: float | None
    met: bool
    missing: float = 0.0


@dataclass(frozen=True)
class _Comparisons:
    comparisons: tuple[Comparison, ...] = ()


def comparisons_of(name: str) -> tuple[Comparison, ...]:
    """Return what the model of an id shall do better than others; nothing where nothing is asked. Raises UsageError."""
    path = resources.path("goals", f"{name}.toml")
    return read_comparisons(path.read_text(encoding="utf-8"), f"goals/{path.name}") if path.is_file() else ()


def read_comparisons(text: str, file: str) -> tuple[Comparison, ...]:
    """Return the comparisons that `text`, the content of `file`, says. Raises UsageError that names file and key."""
    found = build(_Comparisons, read_table(text, file), file).comparisons
    for one in found:
        for who in (*one.above, *one.not_below):
            if who not in WHO:
                raise UsageError(f"In {file}, comparisons names {who}: it is none of {', '.join(WHO)}.")
        for metric in one.metrics:
            if not metric.startswith(_HIGHER_IS_BETTER):
                raise UsageError(f"In {file}, comparisons names {metric}, of which more may not be better.")
    return found


def goals_reached(
    evaluation: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], comparisons: Sequence[Comparison]
) -> list[GoalReached]:
    """Return every goal of a package: the limits that its `evaluation` stores, then the comparisons of its `rows`."""
    return [*_limits(evaluation.get("goals", ())), *_compared(rows, comparisons)]


def _limits(goals: Sequence[Mapping[str, Any]]) -> Iterator[GoalReached]:
    for goal in goals:
        least = "at_least" in goal
        limit = goal["at_least"] if least else goal["at_most"]
        words = f"{'at least' if least else 'at most'} {limit:g}"
        if not goal["reached"]:
            yield GoalReached(goal["metric"], words, goal["setting"], None, met=False)
        for one in goal["reached"]:
            missing = 0.0 if one["met"] else abs(limit - one["model"])
            yield GoalReached(goal["metric"], words, one["setting"], one["model"], one["met"], missing)


def _compared(rows: Sequence[Mapping[str, Any]], comparisons: Sequence[Comparison]) -> Iterator[GoalReached]:
    named = {(row["setting"], row["metric"]): row for row in rows}
    for one in comparisons:
        for metric in one.metrics:
            for setting in one.settings:
                row = named.get((setting, metric), {})
                wanted = [row.get(who) for who in (*one.above, *one.not_below)]
                if "model" not in row or None in wanted:
                    yield GoalReached(metric, one.words, setting, None, met=False)
                    continue
                reached = row["model"]
                met = all(reached > row[who] for who in one.above)
                met = met and all(reached >= row[who] for who in one.not_below)
                missing = 0.0 if met else max(row[who] for who in (*one.above, *one.not_below)) - reached
                yield GoalReached(metric, one.words, setting, reached, met, missing)
