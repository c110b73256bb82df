"""Words on a terminal: results on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from medgan_viewer.jobs.events import Progress

__all__ = ["ProgressBar", "complain", "show", "show_json", "table"]

_BAR_WIDTH = 30


def show(text: str) -> None:
    """Write a line of the result."""
    sys.stdout.write(f"{text}\n")


def show_json(content: Any) -> None:
    """Write a result for programs."""
    show(json.dumps(content, indent=2, ensure_ascii=False))


def complain(sentence: str) -> None:
    """Write one sentence on stderr, on a line of its own whatever it holds."""
    sys.stderr.write(f"{' '.join(sentence.split())}\n")
    sys.stderr.flush()


def table(rows: Sequence[Sequence[str]], heading: Sequence[str]) -> str:
    """Return rows as aligned columns."""
    lines = [tuple(heading), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heading))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


class ProgressBar:
    """One line that is drawn over on a terminal, and nothing where stderr is a file."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = sys.stderr.isatty()

    def update(self, progress: Progress, rate: str = "") -> None:
        """Draw how far a run is, how quickly it goes where that is said, and how long it will take."""
        if not self._shown:
            return
        # Slow to import, and most commands draw nothing.
        from medgan_viewer.lab.training.progress import duration

        filled = _BAR_WIDTH * progress.done // max(progress.total, 1)
        bar = "█" * filled + "·" * (_BAR_WIDTH - filled)
        left = "" if progress.seconds_left is None else f", {duration(progress.seconds_left)} left"
        rate = f", {rate}" if rate else ""
        sys.stderr.write(f"\r{self._title} {bar} {progress.done}/{progress.total}{rate}{left}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
