"""The three steps of a batch's job, see ``jobs.line``: the same functions here and on a cluster."""

import os
import socket
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import medgan_viewer
from medgan_viewer import results
from medgan_viewer.batch.plan import Job, replaced_uid
from medgan_viewer.batch.target import Record, Target
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.volume import SliceStack, Volume
from medgan_viewer.errors import JobError, QuestionableError, ReadError, UnsuitableError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice
from medgan_viewer.jobs.line import Steps
from medgan_viewer.services import InferenceService, ModelRun

__all__ = ["STEPS", "Device", "Loaded", "Outcome", "load", "write"]

STEPS = Steps(f"{__name__}:load", f"{__name__}:Device", f"{__name__}:write")


@dataclass(frozen=True)
class Loaded:
    """The voxels of a job's series: as acquired for the first one, on regular grids for all."""

    stack: SliceStack
    volumes: tuple[Volume, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A finished run. ``ended`` is a time of the clock (s), ``seconds`` how long the device was at work on it.

    ``host`` and ``process`` say whose device that was.
    """

    layers: tuple[Layer, ...]
    host: str
    process: int
    device: str
    precision: str
    ended: float
    seconds: float
    first_slice_seconds: float
    notes: tuple[str, ...] = ()


def load(job: Job) -> Loaded:
    """Read the voxels. Raises ReadError where an image cannot be read: nobody is there to see what is missing."""
    from medgan_viewer.dicom import assemble

    stacks, notes = [], []
    needed = job.package.manifest.requires.least
    for place, series in enumerate(job.inputs):
        pending = assemble.open_stack(series)
        pending.read_all()
        missing = len(pending) - int(pending.ready.sum())
        if missing and place >= needed:
            notes.append(f"{missing} of {len(pending)} images of an optional series cannot be read: made without it.")
            continue
        if missing:
            reason = f"{missing} of {len(pending)} images of its series cannot be read, so nothing was made of them."
            raise ReadError(pending.problems[0].path if pending.problems else series.instances[0].path, reason)
        notes += [*series.warnings, *(f"{problem.path.name}: {problem.reason}" for problem in pending.problems)]
        stacks.append(pending.stack)
    return Loaded(stacks[0], tuple(stack.volume() for stack in stacks), tuple(notes))


class Device:
    """The worker process of this machine's device, for several threads: their runs wait for one another."""

    def __init__(self, device: str) -> None:
        self._changed = threading.Condition()
        self._ended: dict[str, float] = {}
        self._notes: dict[str, list[str]] = {}
        self._service = InferenceService(self._take, device)

    def infer(self, job: Job, loaded: Loaded) -> Outcome:
        """Run the model, and wait for its end.

        Raises JobError where it fails, QuestionableError where the input check speaks against it and the job is not to
        be done all the same, UnsuitableError.
        """
        run, ended, notes = self._run(job, loaded, ())
        if job.force and isinstance(run.end, Failed) and run.end.objections:
            overridden = run.end.objections
            run, ended, notes = self._run(job, loaded, overridden)
            notes = [*(f"Overridden: {objection}" for objection in overridden), *notes]
        return self._outcome(run, ended, notes)

    def _run(self, job: Job, loaded: Loaded, confirmed: tuple[str, ...]) -> tuple[ModelRun, float, list[str]]:
        """Return a run that is over, when it ended, and what was said in it."""
        further = list(zip(job.inputs[1 : len(loaded.volumes)], loaded.volumes[1:], strict=True))
        run = self._service.start(
            job.package,
            job.inputs[0],
            loaded.volumes[0],
            further=further,
            degree=job.degree,
            confirmed=confirmed,
        )
        with self._changed:
            self._changed.wait_for(lambda: run.job_id in self._ended)
            return run, self._ended.pop(run.job_id), self._notes.pop(run.job_id, [])

    @staticmethod
    def _outcome(run: ModelRun, ended: float, notes: list[str]) -> Outcome:
        if isinstance(run.end, Failed) and run.end.objections:
            raise QuestionableError(run.end.sentence, run.end.objections)
        if isinstance(run.end, Failed) and run.end.unsuitable:
            raise UnsuitableError(run.end.sentence)
        if not isinstance(run.end, Finished):
            raise JobError(run.end.sentence if isinstance(run.end, Failed) else "The run was cancelled.")
        made = run.provenance
        times = run.end.seconds, run.end.first_slice_seconds
        where = socket.gethostname(), os.getpid()
        return Outcome(run.layers, *where, made.device, made.precision, ended, *times, tuple(notes))

    def close(self) -> None:
        """End every run and the worker process."""
        self._service.close()

    def _take(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, Notice):
                self._notes.setdefault(event.job_id, []).append(event.sentence)
            elif isinstance(event, Finished | Failed | Cancelled):
                self._ended[event.job_id] = time.time()
                self._changed.notify_all()


def write(job: Job, loaded: Loaded, outcome: Outcome) -> Record:
    """Write the result whole and return its record, or that of the same job that was quicker. Raises WriteError.

    Notes on the images name files and series: without identity they are told, and not kept.
    """
    from medgan_viewer.dicom.deidentify import Deidentifier

    target = Target(job.target)
    deidentifier = None if job.secret is None else Deidentifier(secret=job.secret)
    with target.result(job.key) as folder:
        report, _ = results.write(
            outcome.layers,
            job.inputs,
            loaded.stack,
            folder,
            job.form,
            deidentifier=deidentifier,
            numbers_taken=job.numbers_taken,
        )
        record = _record(job, outcome)
        record["outputs"] = sorted(path.relative_to(folder).as_posix() for path in report.paths)
        record["notes"] = [*(loaded.notes if deidentifier is None else ()), *outcome.notes, *report.notes]
        target.write_record(folder, record)
    record = target.record(job.key) or record
    return record if deidentifier is None else {**record, "notes": [*loaded.notes, *record["notes"]]}


def _named(series: Series, secret: bytes | None) -> str:
    """Return what names a series in a record: a part of a split one keeps its number."""
    uid, hash_sign, part = series.uid.partition("#")
    return f"{replaced_uid(uid, secret)}{hash_sign}{part}"


def _record(job: Job, outcome: Outcome) -> Record:
    manifest = job.package.manifest
    return {
        "schema": 1,
        "key": job.key,
        "program": medgan_viewer.__version__,
        "model": manifest.id,
        "model_version": manifest.version,
        "weights_sha256": manifest.weights_sha256,
        "study": replaced_uid(job.inputs[0].study_uid, job.secret),
        "series": [_named(series, job.secret) for series in job.inputs],
        "without_identity": job.secret is not None,
        "degree": job.degree,
        "input_check_overridden": outcome.layers[0].provenance.overridden or None,
        "images": job.slices,
        "format": job.form,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": outcome.host,
        "process": outcome.process,
        "device": outcome.device,
        "precision": outcome.precision,
        "run": {
            "started": round(outcome.ended - outcome.seconds, 3),
            "seconds": round(outcome.seconds, 3),
            "first_slice_seconds": round(outcome.first_slice_seconds, 3),
        },
    }
