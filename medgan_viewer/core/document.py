"""What is open, selected and shown, in one place. Views observe it, actions change it, all on one thread."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Catalog, Series, Study
from medgan_viewer.core.changes import (
    CatalogChanged,
    Change,
    CrosshairMoved,
    FindingsChanged,
    FindingSelected,
    KeyImagesChanged,
    LayerAdded,
    LayerChanged,
    LayerRefilled,
    LayerRemoved,
    Listener,
    SelectionChanged,
    SeriesClosed,
    SeriesLoaded,
    SeriesOpened,
    SliceLoaded,
    UndoChanged,
    WindowChanged,
)
from medgan_viewer.core.commands import Command
from medgan_viewer.core.display import Window, initial_window
from medgan_viewer.core.exported import ExportBook
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Finding, ImageLayer, Judgement, Layer, Verdict
from medgan_viewer.core.measure.book import AnnotationBook
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.volume import SliceStack, Vector, Volume, Voxels

__all__ = [
    "CatalogChanged",
    "Change",
    "CrosshairMoved",
    "Document",
    "FindingSelected",
    "FindingsChanged",
    "LayerAdded",
    "LayerChanged",
    "LayerRefilled",
    "LayerRemoved",
    "OpenSeries",
    "SelectionChanged",
    "SeriesClosed",
    "SeriesLoaded",
    "SeriesOpened",
    "SliceLoaded",
    "UndoChanged",
    "WindowChanged",
    "same_patient",
]

# Slices from which a window is measured.
_SAMPLED_SLICES = 16


@dataclass(eq=False)
class OpenSeries:
    """A series whose pixels are in memory or on the way there. ``ready[slice]`` says which slices are valid."""

    study: Study
    series: Series
    stack: SliceStack
    ready: NDArray[np.bool_]
    _volume: Volume | None = field(default=None, repr=False)

    @property
    def complete(self) -> bool:
        """Whether every slice is there. One that cannot be decoded never is: see :meth:`Document.is_loaded`."""
        return bool(self.ready.all())

    def has_read(self, index: int) -> bool:
        """Whether an acquired slice is ready; a series that is still being found may have grown since it was opened."""
        return index < len(self.ready) and bool(self.ready[index])

    def some_values(self) -> Voxels:
        """Return the values of a few slices that are ready, spread over the series; the series itself is not copied."""
        there = np.flatnonzero(self.ready)
        return np.asarray(self.stack.array[there[:: max(1, len(there) // _SAMPLED_SLICES)]])

    @property
    def gridded(self) -> bool:
        """Whether the regular grid is there: the slices lie on one, or it has been computed."""
        return self._volume is not None or self.stack.is_regular

    def volume(self) -> Volume:
        """Return the series on its regular grid (computed once); call it when the series is complete."""
        if self._volume is None:
            self._volume = self.stack.volume()
        return self._volume


# How many edits can be taken back, and how much memory they may hold together; the latest one always can.
_UNDO_DEPTH = 30
_UNDO_BYTES = 128 << 20


class Document:
    """The state that all views share."""

    def __init__(self) -> None:
        self.catalog = Catalog()
        self._open: dict[str, OpenSeries] = {}
        self._loaded: set[str] = set()
        self._layers: dict[str, Layer] = {}
        self._windows: dict[str, Window] = {}
        self._crosshairs: dict[str, Vector] = {}
        self._findings: dict[str, tuple[Finding, ...]] = {}
        # By layer and peak: numbers are given anew whenever a threshold moves, a peak stays where it is.
        self._judgements: dict[tuple[str, tuple[int, int, int]], Judgement] = {}
        self._key_images: tuple[KeyImage, ...] = ()
        # One study of every patient seen, without its series: a patient keeps the number under which it may be hidden.
        self._patients: list[Study] = []
        self._selected_series: str | None = None
        self._selected_finding: tuple[str, int] | None = None
        self._listeners: list[Listener] = []
        self.annotations = AnnotationBook(self._tell)
        self.exported = ExportBook()
        self._done: list[Command] = []
        self._undone: list[Command] = []
        # While a hand draws in a result, nothing is taken back under it.
        self.drawing = False
        # Whether the next move of the same slider belongs to the step before it.
        self._joins = False

    # -- observing -----------------------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener after every change; return a function that ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)

    # -- what is open --------------------------------------------------------------------------------------------

    def add_catalog(self, catalog: Catalog) -> None:
        """Add studies that were found."""
        self.catalog = self.catalog.merged(catalog)
        for study in self.catalog.studies:
            self.patient_number(study)
        self._tell(CatalogChanged())

    def patient_number(self, study: Study) -> int:
        """Return the number (from 1, in the order in which they came) of a study's patient, the same all session."""
        for number, known in enumerate(self._patients, start=1):
            if same_patient(known, study):
                return number
        self._patients.append(replace(study, series=()))
        return len(self._patients)

    def of_patient_shown(self, series_uid: str) -> bool:
        """Whether a series is of the patient whom the panels speak of; every one is while they speak of nobody."""
        try:
            shown, _ = self.catalog.study_of(self._selected_series or "")
            study, _ = self.catalog.study_of(series_uid)
        except KeyError:
            return True
        return same_patient(shown, study)

    def open_series(self, opened: OpenSeries) -> None:
        """Show a series whose geometry is known."""
        self._open[opened.series.uid] = opened
        if opened.complete:
            self._loaded.add(opened.series.uid)
        self._tell(SeriesOpened(opened.series.uid))

    def opened(self, series_uid: str) -> OpenSeries | None:
        """Return an open series, or None."""
        return self._open.get(series_uid)

    @property
    def open_uids(self) -> tuple[str, ...]:
        """UIDs of the open series, in the order in which they were opened."""
        return tuple(self._open)

    def slice_loaded(self, series_uid: str, index: int) -> None:
        """Say that the pixels of a slice are there (``ready`` was set by who read them)."""
        if series_uid in self._open:
            self._tell(SliceLoaded(series_uid, index))

    def series_loaded(self, series_uid: str) -> None:
        """Say that a series has been read to its end."""
        if series_uid in self._open:
            self._loaded.add(series_uid)
            self._tell(SeriesLoaded(series_uid))

    def is_loaded(self, series_uid: str) -> bool:
        """Whether a series has been read to its end; a slice that is not ready then cannot be decoded."""
        return series_uid in self._loaded

    def close_study(self, study: Study) -> None:
        """Close a study: its series, and what was made of them, leave the memory and cannot be brought back by undo.

        Whatever is of no study that stays goes with it: a scan may have listed the study anew since it was taken from
        the catalogue, with fewer time points or other parts.
        """
        key = study_key(study)
        staying = tuple(one for one in self.catalog.studies if study_key(one) != key)
        uids = {uid for one in staying for uid in one.series_uids}
        for layer in self.layers:
            if layer.source_series_uid not in uids:
                self.remove_layer(layer.uid)
        self._done.clear()
        self._undone.clear()
        self.set_key_images(tuple(key for key in self._key_images if key.series_uid in uids))
        for gone in {one.study_key for one in self.annotations.all} - {study_key(one) for one in staying}:
            self.annotations.forget(gone)
        results = tuple(result for result in self.catalog.results if result.study_uid != study.uid)
        self.catalog = replace(self.catalog, studies=staying, results=results)
        closed = self._open.keys() - uids
        for uid in closed:
            del self._open[uid]
        self._let_go()
        # All of them are gone before anybody hears of the first: nobody turns to the next one, which goes as well.
        for uid in closed:
            self._tell(SeriesClosed(uid))
        if self._selected_series not in uids:
            self.select_series(None)
        self._tell(CatalogChanged())
        self._tell(UndoChanged())

    def _let_go(self) -> None:
        """Forget what is known of series and results that cannot come back."""
        self._loaded &= self._open.keys()
        self._windows = {uid: kept for uid, kept in self._windows.items() if uid in self._open or uid in self._layers}
        self._findings = {uid: kept for uid, kept in self._findings.items() if uid in self._layers}
        self._judgements = {place: kept for place, kept in self._judgements.items() if place[0] in self._layers}
        self.exported.keep_only(self._layers.keys())

    # -- selection -----------------------------------------------------------------------------------------------

    @property
    def selected_series(self) -> str | None:
        """UID of the series that the panels speak of."""
        return self._selected_series

    def select_series(self, series_uid: str | None) -> None:
        """Make a series the one that the panels speak of."""
        if series_uid != self._selected_series:
            self._selected_series = series_uid
            self._tell(SelectionChanged())

    @property
    def selected_finding(self) -> tuple[str, int] | None:
        """(layer UID, number) of the finding being looked at."""
        return self._selected_finding

    def select_finding(self, layer_uid: str, number: int) -> None:
        """Look at a finding: the crosshair goes to its peak."""
        finding = next(f for f in self.findings(layer_uid) if f.number == number)
        self._selected_finding = (layer_uid, number)
        # The keys of findings and of annotations are the same: they speak of what was chosen last.
        self.annotations.select(None)
        self._tell(FindingSelected(layer_uid, number))
        frame = self.layer(layer_uid).volume.frame_of_reference_uid
        if frame:
            self.move_crosshair(frame, np.array(finding.point))

    # -- crosshair and windows -----------------------------------------------------------------------------------

    def crosshair(self, frame_of_reference_uid: str) -> Vector | None:
        """Return the crosshair (LPS mm) of a frame of reference."""
        return self._crosshairs.get(frame_of_reference_uid)

    def move_crosshair(self, frame_of_reference_uid: str, point: Vector) -> None:
        """Move the crosshair (LPS mm); every view that shares the frame of reference follows."""
        known = self._crosshairs.get(frame_of_reference_uid)
        if known is None or not np.array_equal(known, point):
            self._crosshairs[frame_of_reference_uid] = np.array(point, dtype=np.float64)
            self._tell(CrosshairMoved(frame_of_reference_uid))

    def window(self, uid: str) -> Window:
        """Return the window of an open series or of an image layer; each has one of its own."""
        if uid not in self._windows:
            layer = self._layers.get(uid)
            if isinstance(layer, ImageLayer):
                return Window(*layer.window)
            opened = self._open[uid]
            window = initial_window(opened.series, opened.some_values())
            if not opened.ready.any():
                return window
            self._windows[uid] = window
        return self._windows[uid]

    def set_window(self, uid: str, window: Window) -> None:
        """Set the window of a series or of an image layer."""
        if self._windows.get(uid) != window:
            self._windows[uid] = window
            self._tell(WindowChanged(uid))

    # -- results -------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All results, oldest first."""
        return tuple(self._layers.values())

    def layer(self, uid: str) -> Layer:
        """Return a result; KeyError where there is none."""
        return self._layers[uid]

    def layers_of(self, series_uid: str) -> tuple[Layer, ...]:
        """Return the results made from a series."""
        return tuple(layer for layer in self._layers.values() if layer.source_series_uid == series_uid)

    def add_layer(self, layer: Layer) -> None:
        """Add a result. Use a command where the user should be able to undo it."""
        self._layers[layer.uid] = layer
        self._tell(LayerAdded(layer.uid))

    def change_layer(self, layer: Layer) -> None:
        """Replace a layer by one with other display settings."""
        self._layers[layer.uid] = layer
        self._tell(LayerChanged(layer.uid))

    def refill_layer(self, layer: Layer) -> None:
        """Replace a layer by one with other voxels; whoever kept any of the old ones is told."""
        self._layers[layer.uid] = layer
        self.exported.voxels_changed(layer.uid)
        self._tell(LayerRefilled(layer.uid))

    def layer_slice_ready(self, layer_uid: str, index: int) -> None:
        """Say that a slice of a layer is filled."""
        if layer_uid in self._layers:
            self._tell(LayerChanged(layer_uid, index))

    def remove_layer(self, uid: str) -> None:
        """Remove a result; its findings and their verdicts stay for an undo."""
        if self._layers.pop(uid, None) is not None:
            if self._selected_finding is not None and self._selected_finding[0] == uid:
                self._selected_finding = None
            self._tell(LayerRemoved(uid))

    @property
    def series_to_export(self) -> str | None:
        """UID of the listed series that an export is about: the selected one if it has results, else the newest's.

        Annotations come after results, key images after annotations; None where there is nothing of a listed series:
        what was kept of a study may lie on a series that is not there today.
        """
        selected = self._selected_series
        made = [layer.source_series_uid for layer in self.layers]
        if selected is not None and selected in made:
            return selected
        marked = (*(key.series_uid for key in self.key_images), *(one.series_uid for one in self.annotations.all))
        if not (made or marked):
            return None
        wanted = (*reversed(made), *(() if selected is None else (selected,)), *reversed(marked))
        listed = {uid for study in self.catalog.studies for uid in study.series_uids}
        return next((uid for uid in wanted if uid in listed), None)

    # -- findings ------------------------------------------------------------------------------------------------

    def findings(self, layer_uid: str) -> tuple[Finding, ...]:
        """Return the findings of a heat map, largest score first."""
        return self._findings.get(layer_uid, ())

    def set_findings(self, layer_uid: str, findings: tuple[Finding, ...]) -> None:
        """Set the findings of a heat map, after its threshold or its voxels changed."""
        before = self._findings.get(layer_uid, ())
        self._findings[layer_uid] = findings
        if self._selected_finding is not None and self._selected_finding[0] == layer_uid:
            peaks = {finding.number: finding.index for finding in before}
            peak = peaks.get(self._selected_finding[1])
            kept = next((finding.number for finding in findings if finding.index == peak), None)
            self._selected_finding = None if kept is None else (layer_uid, kept)
        self._tell(FindingsChanged(layer_uid))

    def judgement(self, layer_uid: str, finding: Finding) -> Judgement | None:
        """Return what the reader said of a finding and when, None while it is open."""
        return self._judgements.get((layer_uid, finding.index))

    def judgements(self, layer_uid: str) -> tuple[Judgement, ...]:
        """Return all that was said of a heat map, also of what its present threshold does not list any more."""
        return tuple(said for (uid, _), said in self._judgements.items() if uid == layer_uid)

    def verdict(self, layer_uid: str, finding: Finding) -> Verdict:
        """Return what the reader said of a finding."""
        said = self.judgement(layer_uid, finding)
        return "open" if said is None else said.verdict

    def set_judgement(self, layer_uid: str, finding: Finding, judgement: Judgement | None) -> None:
        """Keep what the reader said of a finding; None makes it open again."""
        self._judgements.pop((layer_uid, finding.index), None)
        if judgement is not None:
            self._judgements[layer_uid, finding.index] = judgement
        self._tell(FindingsChanged(layer_uid))

    # -- key images ----------------------------------------------------------------------------------------------

    @property
    def key_images(self) -> tuple[KeyImage, ...]:
        """The slices marked as key images, by series; not those of a synthetic image that was removed."""
        return tuple(key for key in self._key_images if not key.layer_uid or key.layer_uid in self._layers)

    def set_key_images(self, marked: tuple[KeyImage, ...]) -> None:
        """Mark slices as key images. Use a command where the user should be able to undo it."""
        if marked != self._key_images:
            self._key_images = marked
            self._tell(KeyImagesChanged())

    # -- undo ----------------------------------------------------------------------------------------------------

    def execute(self, command: Command) -> None:
        """Do an edit that can be undone; moves of one slider, one after the other, become a single step."""
        command.apply(self)
        joined = self._done[-1].joined_with(command) if self._joins and self._done else None
        if joined is not None:
            self._done[-1] = joined
        else:
            self._done.append(command)
        self._joins = True
        # Commands hold the layers that they took away: old ones must not fill the memory.
        del self._done[:-_UNDO_DEPTH]
        while len(self._done) > 1 and sum(done.nbytes for done in self._done) > _UNDO_BYTES:
            del self._done[0]
        self._undone.clear()
        self._tell(UndoChanged())

    def end_gesture(self) -> None:
        """Say that a slider was let go: its next move is a step of its own."""
        self._joins = False

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, or None."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What redo would do again, or None."""
        return self._undone[-1].label if self._undone else None

    def undo(self) -> None:
        """Take the last edit back."""
        if self._done and not self.drawing:
            command = self._done.pop()
            command.revert(self)
            self._undone.append(command)
            self._joins = False
            self._tell(UndoChanged())

    def redo(self) -> None:
        """Do the last undone edit again."""
        if self._undone and not self.drawing:
            command = self._undone.pop()
            command.apply(self)
            self._done.append(command)
            self._joins = False
            self._tell(UndoChanged())


def same_patient(first: Study, second: Study) -> bool:
    """Return whether two studies are of one person: identifier and name agree, and are there or the study is the same.

    The study's UID alone tells nothing: wrongly anonymised copies keep it under another patient.
    """
    a, b = first.patient, second.patient
    if (a.identifier, a.name) != (b.identifier, b.name):
        return False
    return first.uid == second.uid or bool(a.identifier and a.name)
