"""Running a model on a series, for the window and the command line alike. Neither Qt nor torch is imported here."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import AS_WELL, NOTE, Layer, Provenance
from medgan_viewer.core.volume import Volume, Voxels, read_only
from medgan_viewer.errors import JobError, UnsuitableError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice, SliceReady, Started
from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.shared_array import SharedArray, remove_leftovers
from medgan_viewer.jobs.worker import Job
from medgan_viewer.models import recognition, refining, registry, suitability
from medgan_viewer.models.device import DeviceReport
from medgan_viewer.models.doubt import Control
from medgan_viewer.models.inspection import CLASSIFIER
from medgan_viewer.models.manifest import AS_ACQUIRED, Package
from medgan_viewer.models.recognition import Guess
from medgan_viewer.models.tasks import Result, task_of

__all__ = ["InferenceService", "ModelRun", "checker"]

_IN_FILE = (
    "Shared memory is too small for this series, so its images lie in a temporary file; the run is a little slower."
)


@dataclass(eq=False)
class ModelRun:
    """One run of a model on a series.

    ``layers`` show the result over the series' regular grid and fill while the run goes on; there are none before
    ``Started``. ``provenance`` (theirs too) names device, precision and date from then on.
    """

    job_id: str
    package: Package
    series_uid: str
    # The slices of the result that are valid, shared with the layers.
    ready: NDArray[np.bool_] = field(repr=False)
    provenance: Provenance
    layers: tuple[Layer, ...] = ()
    # What a model with that control is told.
    degree: float | None = None
    # Into how many slices of the result each of the series is divided.
    parts: int = 1
    # The end, once there is one.
    end: Finished | Failed | Cancelled | None = None


class InferenceService:
    """Runs models in the worker process and gives their results as layers.

    ``on_event`` is called on a thread of its own, after ``ModelRun`` has taken the event in. ``device`` is "auto",
    "cuda", "mps" or "cpu". Input and output voxels lie in shared memory whose names go at the end of a run and whose
    pages go with the last layer over them, so memory holds the results that are shown and nothing else.
    """

    def __init__(self, on_event: Callable[[Event], None], device: str = "auto") -> None:
        self.device = device
        self._on_event = on_event
        self._lock = threading.Lock()
        # Only runs under way are kept here: an ended one, and its voxels, live as long as somebody shows them.
        self._active: dict[str, ModelRun] = {}
        self._runs: WeakValueDictionary[str, ModelRun] = WeakValueDictionary()
        self._arrays: dict[str, list[SharedArray]] = {}
        remove_leftovers()
        self._runner = Runner(self._take)

    def start(
        self,
        package: Package,
        series: Series,
        volume: Volume,
        *,
        further: Sequence[tuple[Series, Volume]] = (),
        visible_slice: int | None = None,
        degree: float | None = None,
        against: Sequence[Voxels] = (),
        confirmed: Sequence[str] | None = None,
    ) -> ModelRun:
        """Queue a model for a series, ``volume`` being its regular grid; return at once.

        ``further`` are the other series, on grids of their own, of a model of several inputs, in the manifest's order
        (``suitability.choose_inputs``); an optional one that cannot be used is left out. ``visible_slice`` (of the
        first grid) comes first. ``degree`` is for models with that control; ``against``, whole sharp pictures of one,
        makes a sober run give doubt too. Where the pixels are to be looked at before the run (``models.inspection``),
        ``confirmed`` are the objections that the user overrides, none at first: a failure names those that there are,
        and the result those that were overridden. Raises UnsuitableError where the model does not fit. Voxels are
        copied when the run's turn comes, on another thread; too little room for them is the run's failure.
        """
        further = _without_misfit(package, series, further)
        reasons = suitability.check(package.manifest, series, volume).reasons or _misfits(package, series, further)
        if reasons:
            raise UnsuitableError(f"{package.manifest.name} cannot be used here. {' '.join(reasons)}")
        control = package.manifest.control
        degree = package.manifest.degree(degree)
        # A network that is told nothing gives its interval at no extra cost.
        doubt = bool(against) if control is not None else package.manifest.interval is not None
        parts = refining.parts_of(volume.affine, package.manifest.preprocessing.slice_spacing_mm)
        visible = None if visible_slice is None else _among_parts(visible_slice, parts)
        job = _job(package, volume, self.device, visible, degree, doubt=doubt)
        if confirmed is not None:
            contrasts = [series.contrast, *(other.contrast for other, _ in further)]
            job.arguments["look"] = {"stated": contrasts, "confirmed": tuple(confirmed), "checker": checker()}
        ready = np.zeros(volume.shape[0] * parts, dtype=np.bool_)
        used = (series, *(other for other, _ in further))
        made = _provenance(package, used, degree)
        made = made.despite(confirmed) if confirmed else made
        run = ModelRun(job.job_id, package, series.uid, ready, made, degree=degree, parts=parts)
        with self._lock:
            self._active[job.job_id] = self._runs[job.job_id] = run
        beside = [grid for _, grid in further]
        self._runner.submit(job, lambda: self._make_arrays(run, series, volume, beside, against, doubt=doubt))
        return run

    def _make_arrays(
        self,
        run: ModelRun,
        series: Series,
        volume: Volume,
        further: Sequence[Volume],
        against: Sequence[Voxels],
        *,
        doubt: bool,
    ) -> dict[str, Any]:
        """Make the shared arrays of a run whose turn has come, and the layers over them; return their handles."""
        task = task_of(run.package.manifest)
        shared: list[SharedArray] = []
        # Known from the first one on, so that the end of the run releases them whatever happens here.
        self._arrays[run.job_id] = shared
        for voxels in (volume.array, *(source.array for source in further), *against):
            shared.append(SharedArray(voxels.shape, voxels.dtype))
            shared[-1].array[...] = voxels
        given, inputs = len(shared), 1 + len(further)
        grid = refining.refined_grid(volume, run.parts)
        shared.extend(SharedArray(grid.shape, kind) for kind in task.output_types(run.package.manifest, doubt=doubt))
        views = [array.view for array in shared[given:]]
        ready = read_only(run.ready)
        manifest, made = run.package.manifest, run.provenance
        run.layers = task.layers(Result(manifest, series, grid, views, ready, made, run.degree, doubt, volume))
        return {
            "source": shared[0].handle,
            "against": tuple(array.handle for array in shared[inputs:given]),
            "further": tuple(
                {"source": array.handle, "affine": np.array(source.affine), "modality": source.modality}
                for array, source in zip(shared[1:inputs], further, strict=True)
            ),
            "outputs": tuple(array.handle for array in shared[given:]),
        }

    def run(self, job_id: str) -> ModelRun:
        """Return a run that is under way or that somebody still holds; KeyError where there is none."""
        return self._runs[job_id]

    def warm(self, package: Package) -> None:
        """Load a model's weights ahead of its first run, quietly: a failure shows when it is run."""
        self._runner.ask(Job("medgan_viewer.models.tasks:warm", {"folder": str(package.folder), "device": self.device}))

    def recognise(self, volume: Volume) -> Guess | None:
        """Return what the pixels of a volume look like; None where no classifier is installed or there is nothing.

        This waits for the worker, which ends runs under way first: it is for a thread in the background. Raises
        JobError.
        """
        folder = checker()
        if not folder:
            return None
        # Pictures are made there too: even on another thread that would hold the window up.
        slices = recognition.looked_at(volume)
        job = Job("medgan_viewer.models.inspection:recognise", {"folder": folder, "volume": slices})
        answer: Guess | None = self._runner.ask(job).result()
        return answer

    def look_at(self, job_id: str, slice_index: int) -> None:
        """Say which slice of the regular grid the reader looks at; it comes next."""
        run = self._active.get(job_id)
        self._runner.look_at(job_id, _among_parts(slice_index, 1 if run is None else run.parts))

    def cancel(self, job_id: str) -> None:
        """End a run; Cancelled comes within about a second. Finished slices stay valid."""
        self._runner.cancel(job_id)

    def devices(self, timeout: float = 60.0) -> DeviceReport:
        """Return what there is to run on. Blocks until the worker has answered; raises JobError or TimeoutError."""
        answer: DeviceReport = self._runner.ask(Job("medgan_viewer.models.device:report")).result(timeout)
        return answer

    def close(self) -> None:
        """End every run and the worker process. Idempotent."""
        self._runner.close()
        with self._lock:
            left = list(self._arrays)
        for job_id in left:
            self._release(job_id)

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker, None where none runs."""
        return self._runner.worker_pid

    def _take(self, event: Event) -> None:
        """Bring a run up to date, then pass its event on."""
        run = self._active.get(event.job_id)
        if run is not None:
            self._update(run, event)
        self._on_event(event)
        if isinstance(event, Started) and any(array.in_file for array in self._arrays.get(event.job_id, ())):
            self._on_event(Notice(event.job_id, _IN_FILE))
        if isinstance(event, Cancelled) and run is not None:
            # The worker may have been killed; the reader who cancelled will often run the model again.
            with contextlib.suppress(JobError):
                self.warm(run.package)

    def _update(self, run: ModelRun, event: Event) -> None:
        match event:
            case Started():
                # Of several series the worker may have left out one that the model can do without.
                sources = run.provenance.source_series_uids[: event.inputs]
                told = dict(run.provenance.settings) | dict(_optional(run.package, len(sources)))
                run.provenance = replace(run.provenance, source_series_uids=sources, settings=tuple(told.items()))
                _stamp(run, event.device, event.precision, datetime.now().astimezone())
            case Notice():
                made = dict(run.provenance.settings)
                made[NOTE] = f"{made.get(NOTE, '')} {event.sentence}".strip()
                run.provenance = replace(run.provenance, settings=tuple(made.items()))
                run.layers = tuple(layer.changed(provenance=run.provenance) for layer in run.layers)
            case SliceReady():
                run.ready[event.index] = True
            case Finished() | Failed() | Cancelled():
                run.end = event
                if isinstance(event, Finished) and event.device != run.provenance.device:
                    mixed = f"{run.provenance.device}, then {event.device}"
                    _stamp(run, mixed, run.provenance.precision, run.provenance.created)
                self._release(event.job_id)
                self._active.pop(event.job_id, None)

    def _release(self, job_id: str) -> None:
        with self._lock:
            arrays = self._arrays.pop(job_id, [])
        for array in arrays:
            array.unlink()


def checker() -> str:
    """Return the folder of the model that says what a series shows; "" where it is not installed."""
    folder = registry.folders()[0] / CLASSIFIER
    return str(folder) if (folder / "manifest.json").is_file() else ""


def _among_parts(visible_slice: int, parts: int) -> int:
    """Return the slice of the result in the middle of a slice of the series."""
    return visible_slice * parts + parts // 2


def _without_misfit(
    package: Package, series: Series, further: Sequence[tuple[Series, Volume]]
) -> Sequence[tuple[Series, Volume]]:
    """Return the series beside the first one, without an optional one whose grid does not fit as its headers did."""
    wanted = package.manifest.requires.inputs[1:]
    if not wanted or not wanted[-1].optional or len(further) < len(wanted):
        return further
    fits = suitability.fits_beside(package.manifest, wanted[-1], series, *further[-1])
    return further if fits else further[:-1]


def _misfits(package: Package, series: Series, further: Sequence[tuple[Series, Volume]]) -> tuple[str, ...]:
    """Return why the series given beside the first one are not those that the model takes with it."""
    requires = package.manifest.requires
    wanted = requires.inputs[1 : max(1 + len(further), requires.least)]
    if len(further) != len(wanted):
        return (f"It takes {1 + len(wanted)} series; {1 + len(further)} were given.",)
    return tuple(
        f"The series given as {each.words} does not fit beside the first one."
        for each, (other, grid) in zip(wanted, further, strict=True)
        if not suitability.fits_beside(package.manifest, each, series, other, grid)
    )


def _job(
    package: Package,
    volume: Volume,
    device: str,
    visible_slice: int | None,
    degree: float | None,
    *,
    doubt: bool,
) -> Job:
    """Return the job but for its arrays."""
    return Job(
        "medgan_viewer.models.tasks:run",
        {
            "folder": str(package.folder),
            "weights_sha256": package.manifest.weights_sha256,
            "affine": np.array(volume.affine),
            "modality": volume.modality,
            "device": device,
            "degree": degree,
            "doubt": doubt,
        },
        visible=visible_slice,
    )


def _provenance(package: Package, used: Sequence[Series], degree: float | None) -> Provenance:
    """Return what is known before the run has begun; device, precision and date follow. ``used`` are all inputs."""
    manifest = package.manifest
    steps, control = manifest.preprocessing, manifest.control
    return Provenance(
        model_id=manifest.id,
        model_name=manifest.name,
        model_version=manifest.version,
        weights_sha256=manifest.weights_sha256,
        source_series_uids=tuple(series.uid for series in used),
        device="",
        precision="",
        created=datetime.now().astimezone(),
        licence=manifest.licence,
        intended_use=manifest.intended_use,
        limits=manifest.limits,
        settings=(
            ("in-plane grid", AS_ACQUIRED if steps.acquired_grid else f"{steps.grid_spacing_mm:g} mm"),
            ("slices seen at once", str(2 * steps.neighbours + 1)),
            ("couch removed", "yes" if steps.mask_couch and any(series.modality == "CT" for series in used) else "no"),
            *_optional(package, len(used)),
            *(((control.name, _chosen(control, degree)),) if control is not None and degree is not None else ()),
        ),
    )


def _optional(package: Package, used: int) -> tuple[tuple[str, str], ...]:
    """Return for each series that the model can do without whether it was among those ``used``."""
    inputs = enumerate(package.manifest.requires.inputs)
    return tuple((f"{each.words}{AS_WELL}", "yes" if place < used else "no") for place, each in inputs if each.optional)


def _chosen(control: Control, value: float) -> str:
    """Return in words how far the network was to go."""
    number = f"{value:.1f}" if value in (0, 1) else f"{value:g}"
    return f"{number} (0 {control.wording.low}, 1 {control.wording.high})"


def _stamp(run: ModelRun, device: str, precision: str, created: datetime) -> None:
    """Write where and when the run took place into the provenance of its layers."""
    run.provenance = replace(run.provenance, device=device, precision=precision, created=created)
    run.layers = tuple(layer.changed(provenance=run.provenance) for layer in run.layers)
