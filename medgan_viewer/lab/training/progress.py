"""A training on a terminal: one line that is drawn over, and the alarms as lines that stay."""

import sys
from typing import TextIO

from medgan_viewer.lab.training.run_folder import Alarm, RunState

__all__ = ["TerminalProgress", "duration", "progress_line"]

_BAR_WIDTH = 24
_MINUTE, _HOUR = 60, 3600


def duration(seconds: float) -> str:
    """Return a time as somebody would say it: "40 s", "12 min", "3 h 05 min"."""
    if seconds < 1.5 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {minutes:02d} min"


def progress_line(state: RunState) -> str:
    """Return how far a training is, in one line."""
    filled = min(_BAR_WIDTH, _BAR_WIDTH * state.step // max(state.steps, 1))
    parts = [f"{state.phase or state.status} {'█' * filled + '·' * (_BAR_WIDTH - filled)} {state.step}/{state.steps}"]
    if state.images_per_second is not None:
        parts.append(f"{state.images_per_second:.1f} images/s")
    if state.status == "paused":
        parts.append("paused")
    elif state.seconds_left is not None:
        parts.append(f"{duration(state.seconds_left)} left")
    return ", ".join(parts)


class TerminalProgress:
    """Draws a training's progress on a terminal; where the stream is a file, only alarms are written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._drawn = self._stream.isatty()

    def update(self, state: RunState) -> None:
        """Draw how far the training is."""
        if self._drawn:
            self._stream.write(f"\r{progress_line(state)}\x1b[K")
            self._stream.flush()

    def say(self, alarm: Alarm) -> None:
        """Write an alarm as lines of its own; the next update draws the progress below."""
        self.clear()
        self._stream.write(f"{'! ' if alarm.raised else ''}Step {alarm.step}: {alarm.sentence}\n")
        if alarm.raised and alarm.advice:
            self._stream.write(f"  What to try: {alarm.advice}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the progress away."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
