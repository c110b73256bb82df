"""How long a training took, how fast it is at present, and how long it will still take."""

import time
from collections import deque

__all__ = ["Pace"]

_OVER = 32
"""Marks that the present speed is taken over."""
_MARK_SECONDS = 0.2


class Pace:
    """A clock that can be held. `seconds` counts what was spent before a resumption as well."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._before = seconds
        self._began: float | None = time.monotonic()
        self._marks: deque[tuple[float, int]] = deque(maxlen=_OVER)

    @property
    def seconds(self) -> float:
        """The seconds spent training."""
        return self._before + (time.monotonic() - self._began if self._began is not None else 0.0)

    @property
    def step_seconds(self) -> float | None:
        """The seconds that a step takes at present, None before two marks."""
        if len(self._marks) < 2:
            return None
        (first, low), (last, high) = self._marks[0], self._marks[-1]
        return (last - first) / (high - low)

    def mark(self, step: int) -> None:
        """Remember when a step ended; marks that come fast after each other are left out."""
        now = time.monotonic()
        if not self._marks or (now - self._marks[-1][0] >= _MARK_SECONDS and step > self._marks[-1][1]):
            self._marks.append((now, step))

    def hold(self) -> None:
        """Stop the clock (a pause)."""
        self._before, self._began = self.seconds, None
        self._marks.clear()

    def go_on(self) -> None:
        """Let the clock run again."""
        self._began = time.monotonic()
