"""What the measurements share: memory, percentiles, and waiting on an event loop of whichever Qt binding."""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "Paints",
    "percentile",
    "report",
    "resident_mb",
    "scroll",
    "seconds_until_interactive",
    "switch",
    "wait",
]

PATIENCE_SECONDS = 120.0


def report(**values: float | str) -> None:
    """Print the results of a measurement as the process's last line."""
    sys.stdout.write(json.dumps(values) + "\n")


def resident_mb() -> float:
    """Return the resident memory of this process in MB (10⁶ bytes); Linux only."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmRSS in /proc/self/status")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least ``percent`` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def wait(qt: Any, done: Callable[[], bool], what: str) -> float:
    """Run the event loop until ``done``; return the seconds it took. Raises TimeoutError naming ``what``.

    The loop sleeps between events, as it does for a user: one that spins would take the interpreter's lock from the
    threads that are being waited for.
    """
    start = time.monotonic()
    loop, timer = qt.QEventLoop(), qt.QTimer()

    def look() -> None:
        if done() or time.monotonic() - start > PATIENCE_SECONDS:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(1)
    loop.exec()
    timer.stop()
    if not done():
        raise TimeoutError(f"gave up waiting for {what}")
    return time.monotonic() - start


class Paints:
    """Which of the watched widgets have painted since the last ``clear``. ``qt`` is a binding's QtCore module."""

    def __init__(self, qt: Any, widgets: Sequence[Any]) -> None:
        self.widgets = list(widgets)
        self._painted: set[int] = set()
        painted, paint = self._painted, qt.QEvent.Type.Paint

        class Filter(qt.QObject):  # type: ignore[misc]
            def eventFilter(self, watched: Any, event: Any) -> bool:
                if event.type() == paint:
                    painted.add(id(watched))
                return False

        self._filter = Filter()
        for widget in self.widgets:
            widget.installEventFilter(self._filter)

    @property
    def any(self) -> bool:
        """Whether one of them has painted."""
        return bool(self._painted)

    @property
    def all(self) -> bool:
        """Whether each of them has painted."""
        return all(id(widget) in self._painted for widget in self.widgets)

    def clear(self) -> None:
        """Forget what was painted."""
        self._painted.clear()


def seconds_until_interactive(qt: Any, application: Any, window: Any, since: float) -> float:
    """Return the seconds from ``since`` (monotonic) until the window is painted and answers events at once.

    "At once": three rounds of the event loop in a row, each under 20 ms.
    """
    paints = Paints(qt, [window])
    calm = 0
    while calm < 3:
        start = time.monotonic()
        application.processEvents()
        calm = calm + 1 if paints.any and time.monotonic() - start < 0.02 else 0
    return time.monotonic() - since


def scroll(
    application: Any, paints: Paints, step: Callable[[int], object], count: int, name: str = "scroll"
) -> dict[str, float]:
    """Step by a slice ``count`` times; return milliseconds until every watched widget has painted again.

    Median, 99th percentile, and the processor's time for a step, which a busy machine does not stretch; ``name``
    begins what they are called. ``step`` gets +1 or -1; the direction turns every 100 steps. Ten steps go before, so
    that nothing is done for the first time.
    """
    for _ in range(10):
        _time_of_step(application, paints, step, 1)
    processor = time.process_time()
    times = [_time_of_step(application, paints, step, 1 if n // 100 % 2 == 0 else -1) for n in range(count)]
    processor = time.process_time() - processor
    return {
        f"{name}_p50_ms": 1000 * statistics.median(times),
        f"{name}_p99_ms": 1000 * percentile(times, 99),
        f"{name}_cpu_ms": 1000 * processor / count,
    }


def switch(
    application: Any, paints: Paints, step: Callable[[int], object], change: Callable[[int], object], count: int
) -> dict[str, float]:
    """Return what a change takes: the 99th percentile in milliseconds, and how many steps by a slice.

    The latter is median against median, each measured in turn, of the processor's time, which a busy machine does not
    stretch. ``change`` gets 0, 1, 2 …; the first ten go before.
    """
    changes: list[float] = []
    steps: list[float] = []
    waits: list[float] = []
    for number in range(count + 10):
        for times, does, by in ((changes, change, number), (steps, step, 1 if number // 50 % 2 == 0 else -1)):
            before = time.process_time()
            waited = _time_of_step(application, paints, does, by)
            times.append(time.process_time() - before)
            if does is change:
                waits.append(waited)
    return {
        "switch_p99_ms": 1000 * percentile(waits[10:], 99),
        "switch_steps": statistics.median(changes[10:]) / statistics.median(steps[10:]),
    }


def _time_of_step(application: Any, paints: Paints, step: Callable[[int], object], by: int) -> float:
    application.processEvents()
    paints.clear()
    start = time.monotonic()
    step(by)
    while not paints.all:
        application.processEvents()
        if time.monotonic() - start > PATIENCE_SECONDS:
            raise TimeoutError(f"a pane was not painted again after {step}({by})")
    return time.monotonic() - start
