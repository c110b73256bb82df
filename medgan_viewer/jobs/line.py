"""Many jobs of three steps each: load, run on a device, write. A line does several at once, so that no step waits.

The steps are named as strings, "package.module:name", as everything that runs elsewhere is. :class:`LocalLine` does
them on threads of this process, ``cluster.ClusterLine`` on the machines of a cluster.
"""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from medgan_viewer.errors import DiskFullError, MedganError, QuestionableError, UnsuitableError, described
from medgan_viewer.jobs.worker import resolve

__all__ = ["Ended", "Failure", "Line", "LocalLine", "Steps", "attempt"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Steps:
    """Where the steps are. What they pass on is picklable.

    ``load(job)`` and ``write(job, loaded, outcome)`` run anywhere, several at a time. ``device(name)`` is made once for
    each device, has ``infer(job, loaded)`` (called by several threads, it decides about their turns) and ``close()``,
    which ends every ``infer`` under way.
    """

    load: str
    device: str
    write: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job came to nothing, one sentence; it takes the place of what the next step would have been given.

    ``disk_full``: the next job would come to nothing as well. ``skipped``: it should not be done, and that is no fault;
    ``questionable``: unless a person wants it all the same.
    """

    sentence: str
    disk_full: bool = False
    skipped: bool = False
    questionable: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is over, and what its last step returned, or a Failure."""

    job: Any
    value: Any


class Line(Protocol):
    """Does jobs, each to its end or a Failure. Used from one thread."""

    @property
    def room(self) -> int:
        """How many more jobs can be started now; with more, memory would fill with what has been loaded."""

    def start(self, job: Any) -> None:
        """Begin a job; return at once."""

    def wait(self, seconds: float) -> list[Ended]:
        """Return what has ended, after some seconds at the latest. Raises JobError where nobody is left to do it."""

    def close(self) -> None:
        """End everything, jobs under way as well."""


def attempt(step: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a step returns, or a Failure; a Failure among the arguments is passed on."""
    for argument in arguments:
        if isinstance(argument, Failure):
            return argument
    try:
        return step(*arguments)
    except MedganError as error:
        return Failure(
            error.sentence,
            disk_full=isinstance(error, DiskFullError),
            skipped=isinstance(error, UnsuitableError),
            questionable=isinstance(error, QuestionableError),
        )
    except MemoryError:
        return Failure("Memory ran out; close other programs, then start again.")
    except Exception as error:  # whatever it was: the other jobs go on
        _log.error("a step of a job failed: %s", described(error))
        return Failure(f"It ended with an internal error ({type(error).__name__}); see the log file.")


class LocalLine:
    """Jobs on threads of this process: while one is on the device, the next is loaded and the last is written."""

    def __init__(self, steps: Steps, device: str, capacity: int = 3) -> None:
        self._load, self._write = resolve(steps.load), resolve(steps.write)
        self._device = resolve(steps.device)(device)
        self._capacity = capacity
        self._threads = ThreadPoolExecutor(capacity, thread_name_prefix="batch")
        self._running: dict[Future[Any], Any] = {}

    @property
    def room(self) -> int:
        """How many more jobs can be started now."""
        return self._capacity - len(self._running)

    def start(self, job: Any) -> None:
        """Begin a job."""
        self._running[self._threads.submit(self._do, job)] = job

    def _do(self, job: Any) -> Any:
        loaded = attempt(self._load, job)
        return attempt(self._write, job, loaded, attempt(self._device.infer, job, loaded))

    def wait(self, seconds: float) -> list[Ended]:
        """Return what has ended."""
        done, _ = wait(self._running, seconds, FIRST_COMPLETED)
        return [Ended(self._running.pop(future), future.result()) for future in done]

    def close(self) -> None:
        """End everything; a step that reads or writes just now is waited for."""
        self._device.close()
        self._threads.shutdown(cancel_futures=True)
