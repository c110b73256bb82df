"""From a plan to results: jobs are started as there is room, their ends taken, results sent on."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from medgan_viewer.batch.plan import Job, remember_skip
from medgan_viewer.batch.sources import Portion, Source
from medgan_viewer.batch.target import Record, Target
from medgan_viewer.dicom.archive import connect, outbox
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.errors import DiskFullError, MedganError
from medgan_viewer.jobs.line import Ended, Failure, Line

__all__ = ["Batch", "Tally", "busy_share"]

_REDRAWN_SECONDS = 1.0
_RESUMED = "the same command does the rest"


@dataclass
class Tally:
    """How far a batch is. ``slices_left`` and ``jobs`` are estimates while studies wait in an archive."""

    jobs: int
    slices_left: int
    done: int = 0
    failed: int = 0
    # When a job's turn had come and its voxels were there: by the input check, and where the model does not fit them.
    questionable: int = 0
    unsuitable: int = 0
    slices: int = 0
    sent: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> int:
        """How many jobs have ended, in whatever way."""
        return self.done + self.failed + self.skipped

    @property
    def skipped(self) -> int:
        """How many jobs were found to be such as should not be done."""
        return self.questionable + self.unsuitable

    @property
    def slices_per_second(self) -> float | None:
        """The rate since the start, None before the first job has ended."""
        return self.slices / (time.monotonic() - self.started) if self.slices else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will take, None before the first job has ended."""
        rate = self.slices_per_second
        return self.slices_left / rate if rate else None


@dataclass(eq=False)
class _Open:
    """A portion of which not everything is over."""

    portion: Portion
    left: int
    well: bool = True


class Batch:
    """Does the jobs of a source on a line. ``say`` is told what went wrong, ``show`` how far it is, now and then."""

    def __init__(
        self,
        source: Source,
        target: Target,
        line: Line,
        *,
        say: Callable[[str], None],
        show: Callable[[Tally], None],
        send_to: Entry | None = None,
    ) -> None:
        self._source, self._target, self._line = source, target, line
        self._say, self._show, self._send_to = say, show, send_to
        jobs = [planned.job for planned in source.planned if planned.job is not None]
        waiting = [one for one in source.waiting if not one.reason]
        slices = sum(job.slices for job in jobs) + sum(one.images for one in waiting)
        self.tally = Tally(len(jobs) + len(waiting), slices)
        self.records: list[Record] = []
        # What should not be done: why, by the job's key.
        self.skipped: dict[str, str] = {}
        self._queue: deque[Job] = deque()
        self._open: dict[str, _Open] = {}
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="batch-sender")
        self._sending: list[Future[None]] = []
        self._running = 0
        self.disk_full = False

    def run(self) -> None:
        """Do everything; return when it is done and sent. A KeyboardInterrupt ends what is under way.

        Where the disk is full nothing else begins, and one sentence says so: all that came next would fail alike.
        """
        portions = self._source.portions(self._complain)
        more = True
        try:
            self._send_what_is_done()
            while self._running or (not self.disk_full and (self._queue or more)):
                while not self.disk_full and self._line.room > 0 and (self._queue or more):
                    if self._queue:
                        self._running += 1
                        self._line.start(self._queue.popleft())
                    else:
                        more = self._take_portion(portions)
                if self._running or self._queue or more:
                    # Where nothing runs yet, the devices of a cluster are still on their way.
                    for ended in self._line.wait(_REDRAWN_SECONDS):
                        self._take(ended)
                self._show(self.tally)
            for sending in () if self.disk_full else self._sending:
                sending.result()
        finally:
            self._line.close()
            self._sender.shutdown(cancel_futures=True)

    def _stop(self) -> None:
        """Begin nothing else; say why, once."""
        if not self.disk_full:
            self.disk_full = True
            self._complain(f"The disk that {self._target.folder.name} is on is full; free some space, then {_RESUMED}.")

    def _complain(self, sentence: str) -> None:
        self.tally.failed += 1
        self._say(sentence)

    def _take_portion(self, portions: Iterator[Portion]) -> bool:
        """Queue the next jobs; return False where there are no more."""
        try:
            portion = next(portions, None)
        except DiskFullError:
            self._stop()
            return False
        if portion is None:
            return False
        self._queue.extend(portion.jobs)
        opened = _Open(portion, len(portion.jobs))
        self._open.update((job.key, opened) for job in portion.jobs)
        if not portion.jobs:
            self._end(opened)
        return True

    def _end(self, opened: _Open) -> None:
        try:
            opened.portion.end(opened.well)
        except DiskFullError:
            self._stop()

    def _take(self, ended: Ended) -> None:
        job: Job = ended.job
        opened = self._open.pop(job.key)
        self._running -= 1
        self.tally.slices_left = max(0, self.tally.slices_left - job.slices)
        if isinstance(ended.value, Failure) and ended.value.skipped:
            self._skip(job, ended.value)
        elif isinstance(ended.value, Failure):
            opened.well = False
            if ended.value.disk_full:
                self._stop()
            else:
                self._complain(f"Series {job.inputs[0].uid}: {ended.value.sentence}")
        else:
            self.tally.done += 1
            self.tally.slices += job.slices
            self.records.append(ended.value)
            for note in ended.value["notes"]:
                self._say(f"Note on series {job.inputs[0].uid}: {note}")
            self._send(job.key)
        opened.left -= 1
        if opened.left == 0:
            self._end(opened)

    def _skip(self, job: Job, why: Failure) -> None:
        if why.questionable:
            self.tally.questionable += 1
        else:
            self.tally.unsuitable += 1
        self.skipped[job.key] = why.sentence
        self._say(f"Series {job.inputs[0].uid} is skipped: {why.sentence}")
        try:
            remember_skip(self._target, job.key, why.sentence, questionable=why.questionable)
        except DiskFullError:
            self._stop()

    def _send_what_is_done(self) -> None:
        """Send what an earlier batch made and did not send."""
        for planned in self._source.planned:
            if planned.done:
                self._send(planned.key)
        for waiting in self._source.waiting:
            known: dict[str, Any] = self._target.study(waiting.key) or {}
            for key in known.get("jobs", ()):
                self._send(key)

    def _send(self, key: str) -> None:
        record = self._target.record(key)
        if self._send_to is not None and record is not None and self._send_to.name not in record.get("sent", ()):
            self._sending.append(self._sender.submit(self._sent, key, self._send_to))

    def _sent(self, key: str, entry: Entry) -> None:
        try:
            sent = connect(entry).send(outbox.files_in([self._target.folder / key]))
            for note in sent.notes:
                self._complain(note)
            self.tally.sent += sent.count
            if sent.complete:
                self._target.note_sent(key, entry.name)
        except MedganError as error:
            self._complain(error.sentence)


def busy_share(records: Sequence[Record]) -> float | None:
    """Return for what share of the time one device was at work, from the end of its first run to that of its last one.

    The first run does not count: the program and the weights are loaded in it. None for fewer than two runs.
    """
    runs = sorted((record["run"]["started"] + record["run"]["seconds"], record["run"]["seconds"]) for record in records)
    if len(runs) < 2 or runs[-1][0] <= runs[0][0]:
        return None
    return float(sum(seconds for _, seconds in runs[1:]) / (runs[-1][0] - runs[0][0]))
