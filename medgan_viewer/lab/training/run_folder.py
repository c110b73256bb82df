"""A training run as a folder of small files: who trains writes them, who watches reads them, neither needs the other.

    recipe.toml              the recipe, word for word
    run.json                 what is trained: `RunInfo`
    state.json               how far it is: `RunState`, about every second
    metrics.jsonl            measured numbers, one line each time
    alarms.jsonl             what looked wrong, and when it was over: `Alarm`
    samples/, samples/index.jsonl   pictures of the fixed samples: `Sample`
    control.json             what whoever watches wishes: go on, pause or stop
    checkpoint.pt, checkpoint.previous.pt
    evaluation.json

JSON files are replaced as a whole, lines are appended; a reader never sees half of either. Neither torch nor Qt is
needed to read or write any of it, so the viewer follows a training that runs in another process, or did.
"""

import json
import math
import os
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from medgan_viewer.errors import WriteError

__all__ = ["Alarm", "Phase", "RunFolder", "RunInfo", "RunState", "Sample", "Status", "Wish"]

Status = Literal["starting", "running", "paused", "stopped", "finished", "failed"]
Wish = Literal["run", "pause", "stop"]
SCHEMA = 1
_FOREIGN_SILENCE_SECONDS = 120.0
"""A training on another machine of which nothing was heard for so long is taken for dead."""
_ATTEMPTS = 10
"""Windows refuses to replace a file in the moment in which somebody reads it."""

Record = TypeVar("Record", "RunInfo", "RunState", "Alarm", "Sample")


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a training and its length in steps of the generator."""

    name: str
    steps: int


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is trained with what (run.json). `patients` counts them by split; nobody is named."""

    id: str
    title: str
    objective: str
    method: str
    seed: int
    started: str
    versions: dict[str, str]
    git: str | None
    device: str
    world: int
    precision: str
    parameters: dict[str, int]
    phases: tuple[Phase, ...]
    steps: int
    patients: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunState:
    """How far a training is (state.json); `step` counts all phases together, `seconds` those spent training."""

    status: Status
    sentence: str = ""
    phase: str = ""
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None
    images_per_second: float | None = None
    pid: int = 0
    host: str = ""
    updated: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that was raised at a step, or one that is over."""

    step: int
    kind: str
    raised: bool
    sentence: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of the fixed samples: a grid of `rows` by `columns`, in the file `file` of the folder samples."""

    step: int
    file: str
    rows: int
    columns: int


class RunFolder:
    """Reads and writes one run's files; everything that reads gives None or nothing where nothing was written yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def checkpoint(self) -> Path:
        """The newest checkpoint; see `medgan_viewer.lab.training.checkpoints`."""
        return self.path / "checkpoint.pt"

    @property
    def previous_checkpoint(self) -> Path:
        """The checkpoint before it."""
        return self.path / "checkpoint.previous.pt"

    @property
    def recipe(self) -> Path:
        """The copy of the recipe."""
        return self.path / "recipe.toml"

    @property
    def samples_folder(self) -> Path:
        """Where the pictures of the fixed samples are."""
        return self.path / "samples"

    def write_info(self, info: RunInfo) -> None:
        """Write run.json. Raises WriteError."""
        self._replace("run.json", {"schema": SCHEMA, **asdict(info)})

    def info(self) -> RunInfo | None:
        """Return what run.json says, None where it is absent or from a newer version."""
        content = self._content("run.json")
        if content is None or content.get("schema") != SCHEMA:
            return None
        info = _record(RunInfo, content)
        return info and replace(info, phases=tuple(Phase(**phase) for phase in content["phases"]))

    def write_state(self, state: RunState) -> None:
        """Write state.json with this process, machine and time. Raises WriteError."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        stamped = replace(state, pid=os.getpid(), host=socket.gethostname(), updated=now)
        self._replace("state.json", asdict(stamped))

    def state(self) -> RunState | None:
        """Return what state.json says."""
        content = self._content("state.json")
        state = None if content is None else _record(RunState, content)
        return state if state and state.status in get_args(Status) else None

    def interrupted(self) -> bool:
        """Whether the training broke off: state.json says that it goes on, but its process is no more."""
        state = self.state()
        return state is not None and state.status in ("starting", "running", "paused") and not _alive(state)

    def in_use(self) -> bool:
        """Whether a process that is alive trains here."""
        state = self.state()
        return state is not None and state.status in ("starting", "running", "paused") and _alive(state)

    def append_metrics(self, line: Mapping[str, Any]) -> None:
        """Append a line of measured numbers; what is no number becomes null. Raises WriteError."""
        self._append("metrics.jsonl", {name: _finite(value) for name, value in line.items()})

    def metrics(self, after: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Return the lines behind byte `after`, and the byte from which to read on next time."""
        return self._lines("metrics.jsonl", after)

    def append_alarm(self, alarm: Alarm) -> None:
        """Append an alarm. Raises WriteError."""
        self._append("alarms.jsonl", asdict(alarm))

    def alarms(self, after: int = 0) -> tuple[list[Alarm], int]:
        """Return the alarms behind byte `after`, and the byte from which to read on next time."""
        lines, end = self._lines("alarms.jsonl", after)
        return [alarm for alarm in (_record(Alarm, line) for line in lines) if alarm], end

    def append_sample(self, sample: Sample) -> None:
        """Append a picture, whose file is there already, to the index. Raises WriteError."""
        self._append("samples/index.jsonl", asdict(sample))

    def samples(self, after: int = 0) -> tuple[list[Sample], int]:
        """Return the pictures behind byte `after` of the index, and the byte from which to read on next time."""
        lines, end = self._lines("samples/index.jsonl", after)
        return [sample for sample in (_record(Sample, line) for line in lines) if sample], end

    def rewind(self, step: int) -> None:
        """Drop all lines behind `step`: a run that goes on from an older checkpoint writes them again."""
        for name in ("metrics.jsonl", "alarms.jsonl", "samples/index.jsonl"):
            lines, _ = self._lines(name, 0)
            kept = [line for line in lines if line.get("step", 0) <= step]
            if (self.path / name).exists():
                self._write(name, "".join(_text(line) + "\n" for line in kept))

    def write_wish(self, wish: Wish) -> None:
        """Ask the training to go on, pause or stop. Raises WriteError."""
        self._replace("control.json", {"wish": wish})

    def wish(self) -> Wish:
        """Return what the training was asked for; "run" where nobody asked for anything."""
        wish: Any = (self._content("control.json") or {}).get("wish")
        known: Wish = wish if wish in get_args(Wish) else "run"
        return known

    def write_evaluation(self, evaluation: Mapping[str, Any]) -> None:
        """Write evaluation.json. Raises WriteError."""
        self._replace("evaluation.json", evaluation)

    def evaluation(self) -> dict[str, Any] | None:
        """Return what evaluation.json says."""
        return self._content("evaluation.json")

    def _content(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def _replace(self, name: str, content: Mapping[str, Any]) -> None:
        self._write(name, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    def _write(self, name: str, text: str) -> None:
        path = self.path / name
        unfinished = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(text, encoding="utf-8")
            _move(unfinished, path)
        except OSError as error:
            raise WriteError(path, f"nothing could be written ({error.strerror})") from error

    def _append(self, name: str, content: Mapping[str, Any]) -> None:
        path = self.path / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(_text(content) + "\n")
        except OSError as error:
            raise WriteError(path, f"no line could be added ({error.strerror})") from error

    def _lines(self, name: str, after: int) -> tuple[list[dict[str, Any]], int]:
        """Return the whole lines behind byte `after`; a line that is just being written is left for the next time."""
        try:
            with (self.path / name).open("rb") as file:
                # A file that became shorter was rewound: it is read from its start.
                start = after if after <= file.seek(0, os.SEEK_END) else 0
                file.seek(start)
                read = file.read()
        except OSError:
            return [], 0
        whole = read[: read.rfind(b"\n") + 1]
        lines: list[dict[str, Any]] = []
        for line in whole.splitlines():
            try:
                content = json.loads(line)
            except ValueError:  # cut off by a full disk or a kill
                continue
            if isinstance(content, dict):
                lines.append(content)
        return lines, start + len(whole)


def _record(kind: type[Record], content: Mapping[str, Any]) -> Record | None:
    """Build a record out of the keys that it knows; None where one is missing."""
    known = {entry.name for entry in fields(kind)}
    try:
        return kind(**{name: value for name, value in content.items() if name in known})
    except TypeError:
        return None


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _move(source: Path, target: Path) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            source.replace(target)
        except PermissionError:
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.01)
        else:
            return


def _alive(state: RunState) -> bool:
    """Whether the process that wrote a state still runs; on another machine: whether it was heard of lately."""
    if state.host == socket.gethostname():
        return _process_alive(state.pid)
    try:
        updated = datetime.fromisoformat(state.updated)
    except ValueError:
        return False
    return (datetime.now(UTC) - updated).total_seconds() < _FOREIGN_SILENCE_SECONDS


def _process_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return _windows_process_alive(pid)
    if pid <= 0:
        return False
    try:
        # A child of this very process that ended would count as alive until somebody waits for it.
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process
        return True
    return True


def _windows_process_alive(pid: int) -> bool:
    import ctypes

    kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    may_wait, still_running = 0x00100000, 258
    handle = kernel.OpenProcess(may_wait, False, pid)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == still_running)
    finally:
        kernel.CloseHandle(handle)
