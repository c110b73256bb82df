"""What the lab's window knows of trainings: runs in a folder, and one run followed as it grows. No Qt in here."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import ReadError
from medgan_viewer.lab.training.progress import duration
from medgan_viewer.lab.training.run_folder import Alarm, RunFolder, RunInfo, RunState, Sample, Wish
from medgan_viewer.ui.translation import tr

__all__ = ["LOG", "UNDER_WAY", "Curve", "Entry", "RunReader", "RunView", "find_runs", "status_of"]

LOG = "training.log"
"""What a training that was started from the window writes on its terminal."""
_STARTS_WITHIN_SECONDS = 120.0
UNDER_WAY = ("starting", "running", "paused")
_MARKS_OF_A_RUN = ("run.json", "state.json", "recipe.toml")


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric over the steps at which it was measured."""

    steps: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class RunView:
    """All that is shown of one run at one moment."""

    path: Path
    info: RunInfo | None = None
    state: RunState | None = None
    interrupted: bool = False
    wish: Wish = "run"
    curves: Mapping[str, Curve] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    samples: tuple[Sample, ...] = ()
    recipe: str = ""

    @property
    def title(self) -> str:
        """The run's title, its folder's name where it has none."""
        return self.info.title if self.info is not None and self.info.title else self.path.name

    @property
    def status(self) -> str:
        """The status in one word."""
        return status_of(self.state, self.interrupted)

    @property
    def standing(self) -> tuple[Alarm, ...]:
        """The alarms that are raised at present, the oldest first."""
        last = {alarm.kind: alarm for alarm in self.alarms}
        return tuple(alarm for alarm in last.values() if alarm.raised)

    @property
    def phase_starts(self) -> tuple[tuple[str, int], ...]:
        """Names of the phases and the steps at which they begin."""
        starts, step = [], 0
        for phase in self.info.phases if self.info is not None else ():
            starts.append((phase.name, step))
            step += phase.steps
        return tuple(starts)


@dataclass(frozen=True)
class Entry:
    """One line in the list of runs."""

    path: Path
    title: str
    status: str
    detail: str
    share: float | None
    started: str


class RunReader:
    """Follows one run; every `read` takes up only what was added since the last one."""

    def __init__(self, path: Path) -> None:
        self._folder = RunFolder(path)
        self._recipe = ""
        self._alarms: list[Alarm] = []
        self._samples: list[Sample] = []
        self._offsets = [0, 0, 0]
        self._start_again()

    def _start_again(self) -> None:
        self._metrics: dict[str, tuple[list[float], list[float]]] = {}
        self._curves: dict[str, Curve] = {}
        self._last_step = -1

    def read(self) -> RunView:
        """Return the run as it is now; what was not written yet is empty."""
        folder = self._folder
        self._read_metrics()
        self._alarms, self._offsets[1] = _grown(self._alarms, self._offsets[1], folder.alarms)
        self._samples, self._offsets[2] = _grown(self._samples, self._offsets[2], folder.samples)
        if not self._recipe:
            self._recipe = _text(folder.recipe)
        return RunView(
            folder.path,
            folder.info(),
            folder.state(),
            folder.interrupted(),
            folder.wish(),
            dict(self._curves),
            tuple(self._alarms),
            tuple(self._samples),
            self._recipe,
        )

    def _read_metrics(self) -> None:
        lines, end = self._folder.metrics(self._offsets[0])
        if lines and _step(lines[0]) <= self._last_step:
            # The run went on from an older checkpoint and its file was cut.
            self._start_again()
            lines, end = self._folder.metrics(0)
        self._offsets[0] = end
        changed: set[str] = set()
        for line in lines:
            step = _step(line)
            if step < 0:
                continue
            self._last_step = max(self._last_step, step)
            for name, value in line.items():
                if "/" in name or name == "images_per_second":
                    self._add(name, step, value, changed)
        for name in changed:
            steps, values = self._metrics[name]
            self._curves[name] = Curve(np.array(steps, np.float64), np.array(values, np.float64))

    def _add(self, name: str, step: int, value: Any, changed: set[str]) -> None:
        number = float(value) if isinstance(value, (int, float)) and math.isfinite(value) else math.nan
        steps, values = self._metrics.setdefault(name, ([], []))
        steps.append(step)
        values.append(number)
        changed.add(name)


def find_runs(folder: Path) -> list[Entry]:
    """Return the runs in a folder (and the folder itself, if it is one), those that are under way and newest first.

    Raises ReadError where the folder cannot be read.
    """
    try:
        candidates = [folder, *folder.iterdir()]
    except OSError as error:
        raise ReadError(folder, "the folder cannot be read; choose another one") from error
    entries = [_entry(path) for path in candidates if _is_run(path)]
    newest_first = sorted(entries, key=lambda entry: (entry.started, entry.path.name), reverse=True)
    return sorted(newest_first, key=lambda entry: entry.status not in UNDER_WAY)


def status_of(state: RunState | None, interrupted: bool) -> str:
    """Return the status in one word: "interrupted" where the training's process is no more."""
    if state is None:
        return "starting"
    return "interrupted" if interrupted else state.status


def _entry(path: Path) -> Entry:
    folder = RunFolder(path)
    info, state = folder.info(), folder.state()
    status = status_of(state, folder.interrupted())
    title = info.title if info is not None and info.title else path.name
    # What has not said anything yet was started just now.
    started = info.started if info is not None else "9999"
    if state is None:
        return Entry(path, title, status, tr("nothing measured yet"), None, started)
    detail = state.sentence
    if status == "running":
        left = state.seconds_left
        detail = tr("{0} left").format(duration(left)) if left is not None else ""
    elif not detail:
        detail = tr("step {0} of {1}").format(state.step, state.steps)
    return Entry(path, title, status, detail, state.step / state.steps if state.steps else None, started)


def _is_run(path: Path) -> bool:
    """Return whether a folder is a run, or was made for one just now; what cannot be looked into is none."""
    try:
        if any((path / name).exists() for name in _MARKS_OF_A_RUN):
            return True
        return time.time() - (path / LOG).stat().st_mtime < _STARTS_WITHIN_SECONDS
    except OSError:
        return False


def _step(line: Mapping[str, Any]) -> int:
    step = line.get("step")
    return step if isinstance(step, int) else -1


def _grown(known: list[Any], offset: int, read: Any) -> tuple[list[Any], int]:
    """Return what is known with what was added, and where to read on; all anew where the file was cut."""
    added, end = read(offset)
    if added and known and (added[0].step < known[-1].step or added[0] in known):
        return read(0)  # type: ignore[no-any-return]
    return [*known, *added], end


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
