"""The viewer's side of the other process: starts it, feeds it one job at a time, hears what it says, buries it.

One thread owns the process and the pipe. All other threads leave wishes in a queue and wake it, so nothing here needs
more than one lock, and nothing blocks the caller.
"""

import atexit
import logging
import multiprocessing
import pickle
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from medgan_viewer.errors import JobError, MedganError, described
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, SliceReady
from medgan_viewer.jobs.worker import CancelJob, EndWorker, Job, LogText, LookAt, Returned, run_worker

__all__ = ["Runner"]

_log = logging.getLogger(__name__)

_KILLED = (
    "The process that ran the model was ended from outside, most likely because memory ran out; close other programs, "
    "then run it again. Finished slices are kept."
)
_CRASHED = (
    "The process that ran the model stopped unexpectedly (code {code}); run it again, on the CPU if it happens twice. "
    "Finished slices are kept."
)
_GIVEN_UP = "The run ended with an internal error ({kind}); run it again. Finished slices are kept."


class Runner:
    """Runs jobs, one at a time, in one long-lived process that is started when first needed.

    ``on_event`` is called on the runner's own thread, with every event of every job submitted with :meth:`submit`; it
    must be quick and must not call :meth:`close`. ``patience`` is how many seconds a cancelled job may take to stop
    by itself before its process is killed; with the killing it is over within a second.
    """

    def __init__(self, on_event: Callable[[Event], None], *, patience: float = 0.7) -> None:
        self._on_event = on_event
        self._patience = patience
        self._lock = threading.Lock()
        self._wishes: deque[Job | CancelJob | LookAt | EndWorker] = deque()
        self._questions: dict[str, Future[Any]] = {}
        self._preparations: dict[str, Callable[[], Mapping[str, Any]]] = {}
        self._pending: deque[Job] = deque()
        self._current: Job | None = None
        self._done: list[int] = []
        self._deadline: float | None = None
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._pid: int | None = None
        self._wake_receiver, self._wake_sender = multiprocessing.Pipe(duplex=False)
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="job-runner", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    # -- called from any thread ----------------------------------------------------------------------------------

    def submit(self, job: Job, prepare: Callable[[], Mapping[str, Any]] | None = None) -> str:
        """Queue a job; return its id. Raises JobError after :meth:`close`, and at once what pickling it raises.

        ``prepare`` is called on the runner's thread when the job's turn has come, and gives further arguments: slow
        preparations, such as shared arrays, then block no caller and take no memory while the job waits. A MedganError
        from it is the job's failure.
        """
        pickle.dumps(job)
        if prepare is not None:
            self._preparations[job.job_id] = prepare
        self._wish(job)
        return job.job_id

    def ask(self, job: Job) -> "Future[Any]":
        """Queue a job quietly; the future holds what its entry point returns, or a JobError. It has no events."""
        answer: Future[Any] = Future()
        self._questions[job.job_id] = answer
        self._wish(job)
        return answer

    def cancel(self, job_id: str) -> None:
        """End a job; its one last event is Cancelled. Does nothing where the job has already ended."""
        self._wish(CancelJob(job_id))

    def look_at(self, job_id: str, slice_index: int) -> None:
        """Say which slice the reader looks at, so that it comes next."""
        self._wish(LookAt(job_id, slice_index))

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker, None where none runs."""
        return self._pid

    def close(self) -> None:
        """Cancel everything, end the process and the thread. Idempotent."""
        atexit.unregister(self.close)
        with self._lock:
            if not self._closed:
                self._closed = True
                self._wishes.append(EndWorker())
                self._wake_sender.send_bytes(b"!")
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _wish(self, wish: Job | CancelJob | LookAt) -> None:
        with self._lock:
            if self._closed:
                if isinstance(wish, Job):
                    raise JobError("The program is closing; nothing new is run.")
                return
            self._wishes.append(wish)
            if len(self._wishes) == 1:
                self._wake_sender.send_bytes(b"!")

    # -- called on the runner's thread only ------------------------------------------------------------------------

    def _loop(self) -> None:
        is_over = False
        while not is_over:
            try:
                is_over = self._turn()
            except Exception as error:  # whatever it was: without this thread no job would ever end
                self._give_up(error)
        self._end()

    def _turn(self) -> bool:
        """Do what there is to do; return whether the end was wished for."""
        self._wait()
        while (wish := self._next_wish()) is not None:
            if isinstance(wish, EndWorker):
                return True
            self._grant(wish)
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self._kill_cancelled()
        self._start_next()
        return False

    def _give_up(self, error: Exception) -> None:
        """Fail the current job and end its process after an error of this thread's own; what waits still runs."""
        _log.error("the current job was given up: %s", described(error))
        job, self._current = self._current, None
        cancelled, self._deadline = self._deadline is not None, None
        if self._process is not None:
            self._process.kill()
        self._forget_worker()
        if job is not None and cancelled:
            self._emit(Cancelled(job.job_id))
        elif job is not None:
            self._emit(Failed(job.job_id, _GIVEN_UP.format(kind=type(error).__name__), tuple(self._done)))

    def _wait(self) -> None:
        """Sleep until there is a wish, a message, a death or an overdue cancellation; take the messages."""
        sources: list[Any] = [self._wake_receiver]
        if self._connection is not None and self._process is not None:
            sources += [self._connection, self._process.sentinel]
        left = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        if self._wishes or (self._pending and self._current is None):  # left over from a turn that was given up
            left = 0.0
        ready = wait(sources, left)
        if self._wake_receiver in ready:
            self._wake_receiver.recv_bytes()
        if self._connection in ready or (self._process is not None and self._process.sentinel in ready):
            self._receive()

    def _receive(self) -> None:
        """Take all messages that have arrived; an end of the stream is the worker's death."""
        assert self._process is not None
        # Asked before the last look into the pipe: what a dying worker said still counts.
        alive = self._process.is_alive()
        if not self._drain() or not alive:
            self._bury()

    def _drain(self) -> bool:
        """Hear what has arrived; return False at the end of the stream."""
        assert self._connection is not None
        try:
            while self._connection.poll():
                self._hear(self._connection.recv())
        except (EOFError, OSError):
            return False
        return True

    def _next_wish(self) -> Job | CancelJob | LookAt | EndWorker | None:
        with self._lock:
            return self._wishes.popleft() if self._wishes else None

    def _grant(self, wish: Job | CancelJob | LookAt) -> None:
        if isinstance(wish, Job):
            self._pending.append(wish)
        elif self._current is not None and wish.job_id == self._current.job_id:
            self._tell(wish)
            if isinstance(wish, CancelJob) and self._deadline is None:
                self._deadline = time.monotonic() + self._patience
        else:
            self._grant_waiting(wish)

    def _grant_waiting(self, wish: CancelJob | LookAt) -> None:
        for place, job in enumerate(self._pending):
            if job.job_id == wish.job_id:
                if isinstance(wish, CancelJob):
                    del self._pending[place]
                    self._preparations.pop(job.job_id, None)
                    self._emit(Cancelled(job.job_id))
                else:
                    self._pending[place] = replace(job, visible=wish.index)
                return

    def _start_next(self) -> None:
        while self._current is None and self._pending:
            job = self._pending.popleft()
            self._done = []
            try:
                job = self._prepared(job)
                if self._process is None:
                    self._start_worker()
            except MedganError as error:
                self._emit(Failed(job.job_id, error.sentence))
            except OSError as error:
                self._emit(Failed(job.job_id, f"The process for models could not be started ({error.strerror})."))
            except Exception as error:  # of the preparation: this thread has to go on
                _log.error("a job could not be prepared: %s", described(error))
                self._emit(Failed(job.job_id, f"The run could not be prepared ({type(error).__name__}); see the log."))
            else:
                self._current = job
                self._tell(job)

    def _prepared(self, job: Job) -> Job:
        prepare = self._preparations.pop(job.job_id, None)
        return job if prepare is None else replace(job, arguments={**job.arguments, **prepare()})

    def _start_worker(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=run_worker, args=(theirs,), name="medgan-viewer worker", daemon=False)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            # From now on only the worker holds its end, so its death is the end of the stream.
            theirs.close()
        self._connection, self._process, self._pid = ours, process, process.pid

    def _tell(self, message: Job | CancelJob | LookAt | EndWorker) -> None:
        assert self._connection is not None
        try:
            self._connection.send(message)
        except OSError:
            _log.debug("the worker ended before it could be told anything")

    def _hear(self, message: Event | Returned | LogText) -> None:
        if isinstance(message, LogText):
            _log.log(logging.WARNING if message.expected else logging.ERROR, "a model failed: %s", message.text)
            return
        if isinstance(message, Returned):
            if message.job_id in self._questions:
                self._questions[message.job_id].set_result(message.value)
            return
        if isinstance(message, SliceReady):
            self._done.append(message.index)
        if isinstance(message, Finished | Failed | Cancelled):
            self._current = None
            self._deadline = None
        self._emit(message)

    def _bury(self) -> None:
        """Clear up after a worker that ended by itself, and say so if it was working."""
        code = self._forget_worker()
        job, self._current = self._current, None
        cancelled, self._deadline = self._deadline is not None, None
        if job is None:
            return
        if cancelled:
            self._emit(Cancelled(job.job_id))
        else:
            _log.error("the worker process ended with code %s", code)
            sentence = _KILLED if code is not None and code in (-9, 137) else _CRASHED.format(code=code)
            self._emit(Failed(job.job_id, sentence, tuple(self._done)))

    def _kill_cancelled(self) -> None:
        """Kill the worker that did not stop in time; start the next one at once, so that it is warm when needed."""
        assert self._process is not None
        self._process.kill()
        self._process.join()
        self._drain()
        self._bury()
        try:
            self._start_worker()
        except OSError as error:  # The next job tries again, and says so if that fails.
            _log.error("the process for models could not be started: %s", described(error))

    def _forget_worker(self) -> int | None:
        """Make sure that the process is gone; return its exit code."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        self._pid = None
        if connection is not None:
            connection.close()
        if process is None:
            return None
        process.join(self._patience)
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode
        process.close()
        return code

    def _end(self) -> None:
        jobs = [*([self._current] if self._current else []), *self._pending]
        if self._process is not None:
            if self._current is not None:
                self._process.kill()
            else:
                self._tell(EndWorker())
            self._forget_worker()
        self._current = None
        self._pending.clear()
        for job in jobs:
            self._emit(Cancelled(job.job_id))
        self._wake_receiver.close()
        self._wake_sender.close()

    def _emit(self, event: Event) -> None:
        if event.job_id in self._questions:
            self._answer(event)
            return
        try:
            self._on_event(event)
        except Exception as error:
            _log.error("a listener failed on an event of a job: %s", described(error))

    def _answer(self, event: Event) -> None:
        """Settle a quiet job at its end."""
        if isinstance(event, Finished | Failed | Cancelled):
            question = self._questions.pop(event.job_id)
            if not question.done():
                sentence = event.sentence if isinstance(event, Failed) else "The program is closing."
                question.set_exception(JobError(sentence))
