"""What was tried for a model's goals beside the weights that are packaged (`resources/attempts/<id>.toml`).

A card shows it under the goals. A number in such a file is a copy: `stored` says of what, so that it can be looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from medgan_viewer import resources
from medgan_viewer.lab.evaluation.exams.definition import build, read_table

__all__ = ["Attempt", "attempts_of", "read_attempts"]


@dataclass(frozen=True)
class Attempt:
    """One training: what was `changed` against the one before, how long it took, and what it reached.

    `measured`: which measure, of whom, and whether that was the exam; `numbers`: what came out, by series.
    """

    changed: str
    training: str
    measured: str
    numbers: Mapping[str, float]
    stored: str


@dataclass(frozen=True)
class _Attempts:
    attempts: tuple[Attempt, ...] = ()


def attempts_of(name: str) -> tuple[Attempt, ...]:
    """Return what was tried for the model of an id, in order; nothing where nobody wrote it down. Raises UsageError."""
    path = resources.path("attempts", f"{name}.toml")
    return read_attempts(path.read_text(encoding="utf-8"), f"attempts/{path.name}") if path.is_file() else ()


def read_attempts(text: str, file: str) -> tuple[Attempt, ...]:
    """Return the attempts that `text`, the content of `file`, says. Raises UsageError that names file and key."""
    return build(_Attempts, read_table(text, file), file).attempts
