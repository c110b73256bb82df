"""Runs of models: started by a button, followed by events, ending as layers on the document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.document import Change, Document, SeriesClosed
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer
from medgan_viewer.core.volume import Volume, Voxels
from medgan_viewer.errors import MedganError, UnsuitableError, UsageError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice, Progress, SliceReady, Started
from medgan_viewer.ui.job_bridge import JobBridge
from medgan_viewer.ui.sentences import error_shown, sentence_shown
from medgan_viewer.ui.stops import SHARP, SOBER, Stops
from medgan_viewer.ui.translation import tr

if TYPE_CHECKING:
    from medgan_viewer.models.manifest import Package
    from medgan_viewer.services import InferenceService, ModelRun

__all__ = ["RunState", "Runs", "series_name"]

Status = Literal["starting", "running", "done", "failed", "cancelled"]

# So many runs of a model on a series are told of; of a slider that is moved all day there would be no end of them.
_TOLD_OF = 2


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands. ``seconds`` is the whole time of a finished run."""

    job_id: str
    model_id: str
    series_uid: str
    status: Status
    degree: float | None = None
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    seconds: float | None = None
    device: str = ""
    sentence: str = ""
    # What spoke against a run that was not begun; the reader may confirm it.
    objections: tuple[str, ...] = ()
    # What is worth knowing of its input, and of how it ran.
    told: tuple[str, ...] = ()
    # Whether it only adds to a result that is there: another sharpness, or doubt.
    adds: bool = False

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("starting", "running")


def series_name(series: Series) -> str:
    """Return what a series is called in a sentence."""
    number = "" if series.number is None else tr(" (series {0})").format(series.number)
    return f"{series.description or series.contrast or series.modality}{number}"


def _service(listener: Callable[[Event], None], device: str) -> "InferenceService":
    from medgan_viewer.services import InferenceService

    return InferenceService(listener, device=device)


class Runs(QObject):
    """Starts runs, follows their events on the UI thread and puts their layers on the document."""

    changed = Signal(str)
    layers_added = Signal(object)
    heat_ready = Signal(str)
    # A run has come to its end, and these of its results lie over the original.
    results_ready = Signal(object)
    # These of its results are synthetic images.
    images_ready = Signal(object)
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
        # Runs under way whose study was closed: what they still say is for nobody.
        self._given_up: set[str] = set()
        # By model and series: what there is of a result that can be sober and sharp, or in doubt.
        self._stops: dict[tuple[str, str], Stops] = {}
        # The runs that only add to such a result.
        self._adding: set[str] = set()
        # Which slice of a series was looked at last: the next run begins there.
        self._looked_at: dict[str, int] = {}
        # By model and series: what the reader overrides.
        self._confirmed: dict[tuple[str, str], tuple[str, ...]] = {}
        document.subscribe(self._on_change)
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
        """The runs under way and the last ones that ended of each model on each series, oldest first."""
        return tuple(self._states.values())

    def latest(self, model_id: str, series_uid: str) -> RunState | None:
        """Return the newest run of a model on a series."""
        fitting = [s for s in self._states.values() if (s.model_id, s.series_uid) == (model_id, series_uid)]
        return fitting[-1] if fitting else None

    def start(self, package: "Package", series_uid: str, visible_slice: int | None = None) -> str | None:
        """Run a model on an open series; return the job's id, or None after ``failed`` said why not."""
        stops = self.stops(package, series_uid)
        degree = None if stops is None or package.manifest.control is None else stops.chosen
        return self._start(package, series_uid, visible_slice, degree)

    def _start(
        self,
        package: "Package",
        series_uid: str,
        visible_slice: int | None,
        degree: float | None = None,
        against: Sequence[Voxels] = (),
        among: Sequence[str] | None = None,
    ) -> str | None:
        opened = self._document.opened(series_uid)
        if opened is None:
            return None
        try:
            run = self.service.start(
                package,
                opened.series,
                opened.volume(),
                further=self._further(package, opened.series, among),
                visible_slice=visible_slice,
                degree=degree,
                against=against,
                confirmed=self._confirmed.get((package.id, series_uid), ()),
            )
        except MedganError as error:
            self.failed.emit(error_shown(error))
            return None
        self._runs[run.job_id] = run
        total = opened.volume().shape[0]
        self._states[run.job_id] = RunState(run.job_id, package.id, series_uid, "starting", degree, total=total)
        self._forget_old(package.id, series_uid)
        self.changed.emit(run.job_id)
        return run.job_id

    def _forget_old(self, model_id: str, series_uid: str) -> None:
        """Forget the runs of a model on a series that ended and that enough newer ones followed."""
        alike = [one for one in self._states.values() if (one.model_id, one.series_uid) == (model_id, series_uid)]
        for state in alike[:-_TOLD_OF]:
            if not state.active:
                del self._states[state.job_id]

    def confirm(self, model_id: str, series_uid: str, objections: Sequence[str]) -> None:
        """Let a model run on a series from now on although that speaks against it; its results say so."""
        known = self._confirmed.get((model_id, series_uid), ())
        self._confirmed[model_id, series_uid] = tuple(dict.fromkeys((*known, *objections)))

    # -- degrees and doubt ---------------------------------------------------------------------------------------

    def stops(self, package: "Package", series_uid: str) -> Stops | None:
        """Return what can be chosen of a model's result on a series; None where it has neither control nor doubt."""
        if not package.manifest.has_doubt:
            return None
        key = (package.id, series_uid)
        if key not in self._stops:
            control = package.manifest.control
            first = SHARP if control is None else control.default
            self._stops[key] = Stops(self._document, package, series_uid, first)
        return self._stops[key]

    def choose(self, package: "Package", series_uid: str, degree: float) -> None:
        """Show a result as sharp as that, at once where it was computed; else run the model for it meanwhile."""
        stops = self.stops(package, series_uid)
        if stops is None or stops.chosen == degree:
            return
        stops.chosen = degree
        if stops.alive:
            stops.show()
            self._cancel_outrun(stops)
            self._add(stops, degree)
        self._tell(stops)

    def set_doubt(self, package: "Package", series_uid: str, *, on: bool) -> None:
        """Draw how far off a result may be, computed first where it was not; or do not draw it."""
        stops = self.stops(package, series_uid)
        if stops is None or not stops.alive:
            return
        stops.set_doubt(on=on)
        if on and stops.doubt_layers:
            self.layers_added.emit(stops.doubt_layers[:1])
        self._go_on(stops)
        self._tell(stops)

    def _on_change(self, change: Change) -> None:
        """Let go of the runs and pictures of a series that is closed."""
        if isinstance(change, SeriesClosed):
            mine = {job_id: state for job_id, state in self._states.items() if state.series_uid == change.series_uid}
            self._given_up |= {job_id for job_id, state in mine.items() if state.active}
            self._states = {
                job_id: state for job_id, state in self._states.items() if state.active or job_id not in mine
            }
            self._stops = {key: stops for key, stops in self._stops.items() if key[1] != change.series_uid}
            self._looked_at.pop(change.series_uid, None)
            self._confirmed = {key: kept for key, kept in self._confirmed.items() if key[1] != change.series_uid}

    def _tell(self, stops: Stops) -> None:
        state = self.latest(stops.package.id, stops.series_uid)
        self.changed.emit("" if state is None else state.job_id)

    def _cancel_outrun(self, stops: Stops) -> None:
        """End runs of stops that nobody looks at any more, but for those that doubt is waiting for."""
        wanted = {stops.chosen, *((SOBER, SHARP) if stops.doubt_wanted else ())}
        for job_id in self._adding:
            state = self._states[job_id]
            mine = (state.model_id, state.series_uid) == (stops.package.id, stops.series_uid)
            if mine and state.active and state.degree not in wanted:
                self.cancel(job_id)

    def _add(self, stops: Stops, degree: float) -> None:
        """Run a model for another stop of a result that is shown, unless it is there or under way."""
        if self._is_under_way(stops, degree) or stops.is_there(degree):
            return
        # A sober run beside whole sharp pictures gives doubt at no extra cost.
        against = [image.volume.array for image in stops.pictures(SHARP)] if degree == SOBER else []
        self._add_run(stops, degree, against)

    def _add_run(self, stops: Stops, degree: float, against: Sequence[Voxels] = ()) -> None:
        looked_at = self._looked_at.get(stops.series_uid)
        # Of the series that the shown pictures are made from, so that nothing but the degree differs.
        among = self._document.layer(stops.uids[0]).provenance.source_series_uids
        job_id = self._start(stops.package, stops.series_uid, looked_at, degree, against, among)
        if job_id is None:
            stops.doubt_wanted = False
        else:
            self._adding.add(job_id)
            self._set(replace(self._states[job_id], adds=True))

    def _is_under_way(self, stops: Stops, degree: float) -> bool:
        mine = (stops.package.id, stops.series_uid, degree)
        return any(s.active and (s.model_id, s.series_uid, s.degree) == mine for s in self._states.values())

    def _go_on(self, stops: Stops) -> None:
        """Take the next step towards doubt that is wanted: the sharp pictures, then a sober run beside them."""
        if not stops.doubt_wanted or not stops.alive or self._is_under_way(stops, SOBER):
            return
        if stops.pictures(SHARP):
            self._add_run(stops, SOBER, [image.volume.array for image in stops.pictures(SHARP)])
        else:
            self._add(stops, SHARP)

    def _further(
        self, package: "Package", series: Series, among: Sequence[str] | None = None
    ) -> "list[tuple[Series, Volume]]":
        """Return the other inputs of a model of several series, ``among`` some where that is given.

        Raises MedganError where they are unclear or not read yet.
        """
        inputs = package.manifest.requires.inputs
        if not inputs:
            return []
        from medgan_viewer.models.suitability import choose_inputs

        name = tr(package.manifest.name)
        study = self._document.catalog.study_of(series.uid)[0].series
        others = [other for other in study if among is None or other.uid in among]
        choice = choose_inputs(package.manifest, series, others)
        if choice.reasons:
            raise UnsuitableError(
                tr("{0} cannot be used here. {1}").format(name, " ".join(map(sentence_shown, choice.reasons)))
            )
        for wanted, several in zip(inputs[: len(choice.candidates)], choice.candidates, strict=True):
            if len(several) > 1:
                names = ", ".join(series_name(one) for one in several)
                words = tr("{0} takes one {1} as well and this study has several: {2}.")
                raise UsageError(words.format(name, wanted.words, names))
        further: list[tuple[Series, Volume]] = []
        for wanted, other in zip(inputs[1 : len(choice.inputs)], choice.inputs[1:], strict=True):
            opened = self._document.opened(other.uid)
            if opened is None or not self._document.is_loaded(other.uid):
                if wanted.optional:
                    continue
                raise UsageError(tr("Open and read {0} first: {1} takes it as well.").format(series_name(other), name))
            further.append((other, opened.volume()))
        return further

    def cancel(self, job_id: str) -> None:
        """End a run; what is finished stays."""
        if job_id in self._states and self._states[job_id].active:
            self.service.cancel(job_id)

    def look_at(self, series_uid: str, index: int) -> None:
        """Say which slice the reader looks at, so that it is computed next."""
        self._looked_at[series_uid] = index
        for state in self._states.values():
            if state.active and state.series_uid == series_uid:
                self.service.look_at(state.job_id, index)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        state = self._states.get(event.job_id)
        run = self._runs.get(event.job_id)
        if state is None or run is None:
            return
        if event.job_id in self._given_up:
            self._end_given_up(event)
            return
        match event:
            case Started(_, device, precision, slices):
                self._set(replace(state, status="running", total=slices, device=f"{device.upper()} {precision}"))
            case Progress(_, done, total, seconds_left):
                self._set(replace(state, done=done, total=total, seconds_left=seconds_left))
            case SliceReady(_, index):
                if event.job_id not in self._shown:
                    self._show(run)
                stops = self.stops(run.package, run.series_uid)
                if stops is not None:
                    stops.slice_ready(run, index)
                else:
                    for layer in run.layers:
                        self._document.layer_slice_ready(layer.uid, index)
            case Notice(_, sentence):
                self._set(replace(state, told=(*state.told, sentence)))
                self.notice.emit(sentence)
            case Finished(_, device, seconds, _):
                self._take_over_provenance(run)
                self._set(replace(state, status="done", done=state.total, seconds=seconds, seconds_left=None))
                self._tell_heat(run)
                self._tell_results(run)
            case Failed(_, sentence, _, objections):
                self._set(replace(state, status="failed", sentence=sentence, seconds_left=None, objections=objections))
                self._tell_heat(run)
                self.failed.emit(sentence)
            case Cancelled():
                self._set(replace(state, status="cancelled", seconds_left=None))
                self._tell_heat(run)
                self._tell_results(run)
        if not self._states[event.job_id].active:
            self._end(run, finished=isinstance(event, Finished))
            # Who shows the layers keeps their voxels; a run that is over must not.
            self._runs.pop(event.job_id, None)
            self._shown.discard(event.job_id)

    def _end_given_up(self, event: Event) -> None:
        """Forget a run whose study was closed, once it has ended."""
        if isinstance(event, Finished | Failed | Cancelled):
            self._runs.pop(event.job_id, None)
            self._states.pop(event.job_id, None)
            for jobs in (self._given_up, self._shown, self._adding):
                jobs.discard(event.job_id)
            self.changed.emit(event.job_id)

    def _set(self, state: RunState) -> None:
        self._states[state.job_id] = state
        self.changed.emit(state.job_id)

    def _end(self, run: "ModelRun", *, finished: bool) -> None:
        """Go on with a result that can be sober and sharp after a run of it; what failed is not tried again."""
        stops = self.stops(run.package, run.series_uid)
        if stops is None:
            return
        if run.job_id in self._shown:
            stops.end(run)
        if run.degree is None or run.degree in (SOBER, SHARP):
            stops.doubt_wanted &= finished
        self._adding.discard(run.job_id)
        if finished:
            self._go_on(stops)
        self._tell(stops)

    def _show(self, run: "ModelRun") -> None:
        """Put a run's layers on the document, in the place of those of an earlier run of the same model.

        A run of another stop fills the layers that are there.
        """
        self._shown.add(run.job_id)
        stops = self.stops(run.package, run.series_uid)
        if stops is not None and run.job_id in self._adding:
            wanted = stops.doubt_wanted
            doubts = stops.arrive(run)
            if doubts:
                stops.doubt_wanted = False
                if wanted:
                    self.layers_added.emit(doubts[:1])
            return
        earlier = tuple(
            layer
            for layer in self._document.layers_of(run.series_uid)
            if layer.provenance.model_id == run.package.id
            and layer.uid not in {made.uid for made in run.layers}
            and not (isinstance(layer, ImageLayer) and layer.kept)
            # What a reader changed since is the reader's work: no second run takes it away.
            and not layer.provenance.hand
        )
        # Nothing lies over the original before the reader asks for it: what was seen of an earlier run, in its place.
        # A run makes one of each kind; their names may have been told apart from other models' results.
        seen = {type(one) for one in earlier if isinstance(one, HeatLayer | LabelLayer) and one.visible}
        layers = tuple(layer.changed(visible=type(layer) in seen) for layer in run.layers)
        if stops is not None:
            stops.begin(run)
        self._document.execute(AddLayers(layers, earlier))
        self.layers_added.emit(tuple(layer for layer in layers if not isinstance(layer, DoubtLayer)))

    def _take_over_provenance(self, run: "ModelRun") -> None:
        """Show where the result was really computed: a run may have fallen back to the CPU."""
        for layer in self._document.layers_of(run.series_uid):
            theirs = layer.uid in {made.uid for made in run.layers} and not layer.provenance.hand
            if theirs and layer.provenance != run.provenance:
                self._document.change_layer(layer.changed(provenance=run.provenance))

    def _tell_heat(self, run: "ModelRun") -> None:
        for layer in run.layers:
            if isinstance(layer, HeatLayer) and layer.ready.any():
                self.heat_ready.emit(layer.uid)

    def _tell_results(self, run: "ModelRun") -> None:
        there = {layer.uid: layer for layer in self._document.layers_of(run.series_uid)}
        made = [there[layer.uid] for layer in run.layers if layer.uid in there]
        over = tuple(one for one in made if isinstance(one, HeatLayer | LabelLayer) and one.ready.any())
        if over:
            self.results_ready.emit(over)
        images = tuple(one for one in made if isinstance(one, ImageLayer) and one.ready.any())
        if images:
            self.images_ready.emit(images)

    def close(self) -> None:
        """End the worker."""
        if self._service is not None:
            self._service.close()
