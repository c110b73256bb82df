"""Steps whose course a test decides: a job is a mapping of what goes wrong in it and what it waits for."""

import threading
from typing import Any

from medgan_viewer.errors import JobError, QuestionableError, ReadError, UnsuitableError

__all__ = ["Device", "Log", "load", "log", "write"]


class Log:
    """What was done, in order; tests wait for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.lines: list[str] = []
        self.gate = threading.Event()

    def add(self, line: str) -> None:
        """Note that something was done."""
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    def wait_for(self, *lines: str) -> None:
        """Wait until all of these were done."""
        with self.changed:
            assert self.changed.wait_for(lambda: set(lines) <= set(self.lines), 30), self.lines


log = Log()


def load(job: dict[str, Any]) -> str:
    """Load."""
    if "unreadable" in job:
        raise ReadError("scan.dcm", "this is no scan.")
    log.add(f"load {job['name']}")
    return f"voxels of {job['name']}"


class Device:
    """One job after the other; those that are ``held`` until the gate opens or the device is closed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._turn = threading.Lock()
        self._closed = False

    def infer(self, job: dict[str, Any], loaded: str) -> str:
        """Run."""
        with self._turn:
            log.add(f"run {job['name']}")
            if "held" in job:
                assert log.gate.wait(30)
            if self._closed:
                raise JobError("The run was cancelled.")
            if "questionable" in job:
                raise QuestionableError("It looks upside down.", ("It looks upside down.",))
            if "unsuitable" in job:
                raise UnsuitableError("It needs a head.")
            if "broken" in job:
                raise ZeroDivisionError
            return f"{loaded} on {self.name}"

    def close(self) -> None:
        """End the job under way."""
        self._closed = True
        log.gate.set()


def write(job: dict[str, Any], loaded: str, outcome: str) -> str:
    """Write."""
    del loaded
    log.add(f"write {job['name']}")
    return f"{outcome}, written"
