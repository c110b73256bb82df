"""Runs of models: started by a button, followed by events, ending as layers on the document."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import HeatLayer, ImageLayer
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import MedganError, UnsuitableError, UsageError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice, Progress, SliceReady, Started
from medgan_viewer.ui.job_bridge import JobBridge

if TYPE_CHECKING:
    from medgan_viewer.models.manifest import Package
    from medgan_viewer.services import InferenceService, ModelRun

__all__ = ["RunState", "Runs"]

Status = Literal["starting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands. ``seconds`` is the whole time of a finished run."""

    job_id: str
    model_id: str
    series_uid: str
    status: Status
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    seconds: float | None = None
    device: str = ""
    sentence: str = ""

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("starting", "running")


def _named(series: Series) -> str:
    number = "" if series.number is None else f" (series {series.number})"
    return f"{series.description or series.contrast or series.modality}{number}"


def _service(listener: Callable[[Event], None], device: str) -> "InferenceService":
    from medgan_viewer.services import InferenceService

    return InferenceService(listener, device=device)


class Runs(QObject):
    """Starts runs, follows their events on the UI thread and puts their layers on the document."""

    changed = Signal(str)
    layers_added = Signal(object)
    heat_ready = Signal(str)
    notice = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        device: str = "auto",
        make_service: "Callable[[Callable[[Event], None], str], InferenceService] | None" = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._device = device
        self._make_service = make_service or _service
        self._service: InferenceService | None = None
        self._runs: dict[str, ModelRun] = {}
        self._states: dict[str, RunState] = {}
        # Runs whose layers are on the document.
        self._shown: set[str] = set()
        self._bridge = JobBridge(self)
        # Queued even from the UI thread itself: a run is known here before its first event is handled.
        self._bridge.arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)

    @property
    def service(self) -> "InferenceService":
        """The service, made when it is first wanted."""
        if self._service is None:
            self._service = self._make_service(self._bridge.receive, self._device)
        return self._service

    def set_device(self, device: str) -> None:
        """Choose where the next runs run: "auto", "cuda", "mps" or "cpu"."""
        self._device = device
        if self._service is not None:
            self._service.device = device

    @property
    def device(self) -> str:
        """Where runs are to run."""
        return self._device

    @property
    def active(self) -> bool:
        """Whether a run is under way."""
        return any(state.active for state in self._states.values())

    @property
    def states(self) -> tuple[RunState, ...]:
        """All runs, oldest first."""
        return tuple(self._states.values())

    def latest(self, model_id: str, series_uid: str) -> RunState | None:
        """Return the newest run of a model on a series."""
        fitting = [s for s in self._states.values() if (s.model_id, s.series_uid) == (model_id, series_uid)]
        return fitting[-1] if fitting else None

    def start(self, package: "Package", series_uid: str, visible_slice: int | None = None) -> str | None:
        """Run a model on an open series; return the job's id, or None after ``failed`` said why not."""
        opened = self._document.opened(series_uid)
        if opened is None:
            return None
        try:
            run = self.service.start(
                package,
                opened.series,
                opened.volume(),
                further=self._further(package, opened.series),
                visible_slice=visible_slice,
            )
        except MedganError as error:
            self.failed.emit(error.sentence)
            return None
        self._runs[run.job_id] = run
        total = opened.volume().shape[0]
        self._states[run.job_id] = RunState(run.job_id, package.id, series_uid, "starting", total=total)
        self.changed.emit(run.job_id)
        return run.job_id

    def _further(self, package: "Package", series: Series) -> "list[tuple[Series, Volume]]":
        """Return the other inputs of a model of several series; MedganError where they are unclear or not read yet."""
        inputs = package.manifest.requires.inputs
        if not inputs:
            return []
        from medgan_viewer.models.suitability import choose_inputs

        name = package.manifest.name
        choice = choose_inputs(package.manifest, series, self._document.catalog.study_of(series.uid)[0].series)
        if choice.reasons:
            raise UnsuitableError(f"{name} cannot be used here. {' '.join(choice.reasons)}")
        for wanted, several in zip(inputs, choice.candidates, strict=True):
            if len(several) > 1:
                names = ", ".join(_named(one) for one in several)
                raise UsageError(f"{name} takes one {wanted.words} as well and this study has several: {names}.")
        further: list[tuple[Series, Volume]] = []
        for other in choice.inputs[1:]:
            opened = self._document.opened(other.uid)
            if opened is None or not self._document.is_loaded(other.uid):
                raise UsageError(f"Open and read {_named(other)} first: {name} takes it as well.")
            further.append((other, opened.volume()))
        return further

    def cancel(self, job_id: str) -> None:
        """End a run; what is finished stays."""
        if job_id in self._states and self._states[job_id].active:
            self.service.cancel(job_id)

    def look_at(self, series_uid: str, index: int) -> None:
        """Say which slice the reader looks at, so that it is computed next."""
        for state in self._states.values():
            if state.active and state.series_uid == series_uid:
                self.service.look_at(state.job_id, index)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        state = self._states.get(event.job_id)
        run = self._runs.get(event.job_id)
        if state is None or run is None:
            return
        match event:
            case Started(_, device, precision, slices):
                self._set(replace(state, status="running", total=slices, device=f"{device.upper()} {precision}"))
            case Progress(_, done, total, seconds_left):
                self._set(replace(state, done=done, total=total, seconds_left=seconds_left))
            case SliceReady(_, index):
                if event.job_id not in self._shown:
                    self._show(run)
                for layer in run.layers:
                    self._document.layer_slice_ready(layer.uid, index)
            case Notice(_, sentence):
                self.notice.emit(sentence)
            case Finished(_, device, seconds, _):
                self._take_over_provenance(run)
                self._set(replace(state, status="done", done=state.total, seconds=seconds, seconds_left=None))
                self._tell_heat(run)
            case Failed(_, sentence, _):
                self._set(replace(state, status="failed", sentence=sentence, seconds_left=None))
                self._tell_heat(run)
                self.failed.emit(sentence)
            case Cancelled():
                self._set(replace(state, status="cancelled", seconds_left=None))
                self._tell_heat(run)
        if not self._states[event.job_id].active:
            # Who shows the layers keeps their voxels; a run that is over must not.
            self._runs.pop(event.job_id, None)
            self._shown.discard(event.job_id)

    def _set(self, state: RunState) -> None:
        self._states[state.job_id] = state
        self.changed.emit(state.job_id)

    def _show(self, run: "ModelRun") -> None:
        """Put a run's layers on the document, in the place of those of an earlier run of the same model."""
        self._shown.add(run.job_id)
        earlier = tuple(
            layer
            for layer in self._document.layers_of(run.series_uid)
            if layer.provenance.model_id == run.package.id and layer.uid not in {made.uid for made in run.layers}
        )
        # A synthetic image comes up in a pane of its own and lies over the original only when the reader asks for it.
        layers = tuple(layer.changed(visible=False) if isinstance(layer, ImageLayer) else layer for layer in run.layers)
        self._document.execute(AddLayers(layers, earlier))
        self.layers_added.emit(layers)

    def _take_over_provenance(self, run: "ModelRun") -> None:
        """Show where the result was really computed: a run may have fallen back to the CPU."""
        for layer in self._document.layers_of(run.series_uid):
            if layer.uid in {made.uid for made in run.layers} and layer.provenance != run.provenance:
                self._document.change_layer(layer.changed(provenance=run.provenance))

    def _tell_heat(self, run: "ModelRun") -> None:
        for layer in run.layers:
            if isinstance(layer, HeatLayer) and layer.ready.any():
                self.heat_ready.emit(layer.uid)

    def close(self) -> None:
        """End the worker."""
        if self._service is not None:
            self._service.close()
