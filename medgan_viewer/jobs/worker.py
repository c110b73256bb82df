"""The other process: it runs one job after the other and says how they go.

The main thread works; a second one listens to the viewer (cancel, look at another slice) and ends the process at once
when the viewer is gone, so that a killed viewer leaves nothing behind on the GPU.
"""

import contextlib
import importlib
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any
from uuid import uuid4

from numpy.typing import NDArray

from medgan_viewer.errors import MedganError, UnsuitableError, described
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice, Progress, SliceReady, Started
from medgan_viewer.jobs.shared_array import ArrayHandle, attach

__all__ = [
    "CancelJob",
    "Context",
    "EndWorker",
    "Job",
    "LogText",
    "LookAt",
    "Returned",
    "resolve",
    "run_worker",
]


_POLITENESS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """Work for the other process: an entry point named "package.module:function" and picklable arguments.

    The function is called as ``function(context, **arguments)``. ``visible`` is the slice the reader looks at.
    """

    entry_point: str
    arguments: dict[str, Any] = field(default_factory=dict)
    visible: int | None = None
    job_id: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Viewer → worker: stop between two batches."""

    job_id: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Viewer → worker: the reader looks at this slice."""

    job_id: str
    index: int


@dataclass(frozen=True, slots=True)
class EndWorker:
    """Viewer → worker: end."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Worker → viewer: what the entry point returned, sent before the last event."""

    job_id: str
    value: Any


@dataclass(frozen=True, slots=True)
class LogText:
    """Worker → viewer: where an error came from, for the log file; see ``errors.described``.

    ``expected`` where a sentence tells the reader what it was, as for a file that cannot be used.
    """

    text: str
    expected: bool = False


class Context:
    """What an entry point sees of the outside: its arrays, the reader's wishes, and a way to say how it goes."""

    def __init__(self, job: Job, send: Callable[[Any], None]) -> None:
        self.job_id = job.job_id
        self.visible = job.visible
        self._send = send
        self._cancelled = threading.Event()
        self._start = time.monotonic()
        self._first_at: float | None = None
        self._total = 0
        self._done: list[int] = []
        self.device = "cpu"

    @property
    def cancelled(self) -> bool:
        """Whether the reader ended the job; entry points look between two batches and return."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the job at the next batch."""
        self._cancelled.set()

    def array(self, handle: ArrayHandle) -> NDArray[Any]:
        """Return a shared array."""
        return attach(handle)

    def started(self, device: str, precision: str, slices: int, inputs: int | None = None) -> None:
        """Say that the work begins, and on how many of the series given where it is not all of them."""
        self.device = device
        self._total = slices
        self._send(Started(self.job_id, device, precision, slices, inputs))

    def slice_ready(self, index: int) -> None:
        """Say that a slice of every output is filled, and how long the rest will take."""
        now = time.monotonic()
        self._done.append(index)
        self._send(SliceReady(self.job_id, index))
        self._send(Progress(self.job_id, len(self._done), self._total, self._seconds_left(now)))

    def _seconds_left(self, now: float) -> float | None:
        """Return an estimate from the second slice on: before the first one come preparations that happen once."""
        done = len(self._done)
        if self._first_at is None:
            self._first_at = now
            return None if self._total > done else 0.0
        return (now - self._first_at) / (done - 1) * (self._total - done)

    def notice(self, sentence: str) -> None:
        """Say something the user should know."""
        self._send(Notice(self.job_id, sentence))

    def finished(self) -> Finished:
        """Return the event of the end."""
        now = time.monotonic()
        first = now if self._first_at is None else self._first_at
        return Finished(self.job_id, self.device, now - self._start, first - self._start)

    def failed(self, sentence: str) -> Failed:
        """Return the event of a failure."""
        return Failed(self.job_id, sentence, tuple(self._done))


def resolve(entry_point: str) -> Callable[..., Any]:
    """Return the function that "package.module:function" names."""
    module, _, name = entry_point.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def run_worker(connection: Connection) -> None:
    """Run jobs from the connection until it closes. The only function that runs first in the new process."""
    # Ctrl+C in a terminal reaches the whole process group; the viewer decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library thinks of its caller is no message for a reader of images; nor may it quote a file.
    logging.captureWarnings(True)
    # Threads that spin while they wait for one another made a network 3.5 times slower on a busy two-core machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if hasattr(os, "nice"):
        # The window comes first where cores are few.
        os.nice(_POLITENESS)
    _Worker(connection).run()


class _Worker:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._jobs: queue.SimpleQueue[Context | None] = queue.SimpleQueue()
        self._waiting: dict[str, tuple[Job, Context]] = {}

    def run(self) -> None:
        threading.Thread(target=self._listen, name="worker-control", daemon=True).start()
        while (context := self._jobs.get()) is not None:
            job, _ = self._waiting[context.job_id]
            self._run_job(job, context)
            del self._waiting[context.job_id]

    def _run_job(self, job: Job, context: Context) -> None:
        try:
            value = resolve(job.entry_point)(context, **job.arguments)
        except MedganError as error:
            if error.__cause__ is not None:
                self._send(LogText(described(error), expected=True))
            failed = replace(context.failed(error.sentence), unsuitable=isinstance(error, UnsuitableError))
            self._send(replace(failed, objections=getattr(error, "objections", ())))
        except MemoryError:
            self._send(context.failed("Memory ran out during this run; close other programs, then run it again."))
        except Exception as error:
            self._send(LogText(described(error)))
            self._send(
                context.failed(f"The model stopped with an internal error ({type(error).__name__}); see the log file.")
            )
        else:
            if context.cancelled:
                self._send(Cancelled(job.job_id))
            else:
                self._send(Returned(job.job_id, value))
                self._send(context.finished())

    def _send(self, message: Event | Returned | LogText) -> None:
        try:
            with self._sending:
                self._connection.send(message)
        except OSError:  # The viewer is gone: nobody is left to work for.
            os._exit(1)

    def _listen(self) -> None:
        """Take messages from the viewer until it is gone; then end the process, whatever it is doing."""
        parent = parent_process()
        sources: list[Any] = [self._connection] if parent is None else [self._connection, parent.sentinel]
        with contextlib.suppress(EOFError, OSError):
            while True:
                if self._connection not in wait(sources):
                    break
                message = self._connection.recv()
                if isinstance(message, EndWorker):
                    self._jobs.put(None)
                    return
                self._take(message)
        os._exit(1)

    def _take(self, message: Job | CancelJob | LookAt) -> None:
        if isinstance(message, Job):
            context = Context(message, self._send)
            self._waiting[message.job_id] = (message, context)
            self._jobs.put(context)
            return
        known = self._waiting.get(message.job_id)
        if known is None:
            return
        if isinstance(message, CancelJob):
            known[1].cancel()
        else:
            known[1].visible = message.index
