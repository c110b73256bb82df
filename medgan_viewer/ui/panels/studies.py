"""Patient, studies, series and results on the left."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from medgan_viewer.core.catalog import Patient, Refusal, Series, StoredResult, Study, base_uid
from medgan_viewer.core.document import (
    CatalogChanged,
    Change,
    Document,
    LayerAdded,
    LayerChanged,
    LayerRefilled,
    LayerRemoved,
    SelectionChanged,
)
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.dicom_words import age_text, date_text, person_name
from medgan_viewer.ui.panels.widgets import ElidedLabel, button, clear, label, picture, restyle
from medgan_viewer.ui.sentences import sentence_shown
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.pane import LAYER_MIME, SERIES_MIME

__all__ = ["StudiesPanel"]

_THUMBNAIL = 52
_REFUSED_SHOWN = 4


class _Entry(QFrame):
    """A thumbnail and two lines, to click, to open by Enter and to drag to a pane."""

    opened = Signal(str)

    def __init__(self, uid: str, mime: str, title: str, subtitle: str, *, tip: str, synthetic: bool) -> None:
        super().__init__()
        self.uid, self._mime = uid, mime
        self.said = (uid, title, subtitle)
        self.setObjectName("series")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{title}, {subtitle}")
        self.setToolTip(tip)
        self._press: QPoint | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 5, 6, 5)
        row.setSpacing(9)
        self.thumbnail = QLabel()
        self.thumbnail.setObjectName("thumbnail")
        self.thumbnail.setProperty("synthetic", "true" if synthetic else "false")
        self.thumbnail.setFixedSize(_THUMBNAIL + 4, _THUMBNAIL + 4)
        self.thumbnail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self.thumbnail)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch()
        lines.addWidget(ElidedLabel(title))
        self.subtitle = ElidedLabel(subtitle, "quiet")
        lines.addWidget(self.subtitle)
        lines.addStretch()
        row.addLayout(lines, 1)

    def set_picture(self, pixels: Voxels) -> None:
        """Show the thumbnail."""
        self.thumbnail.setPixmap(picture(pixels, _THUMBNAIL, self.devicePixelRatioF()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.uid)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the entry."""
        if self._press is None or not self._mime or (event.position().toPoint() - self._press).manhattanLength() < 8:
            return
        self._press = None
        drag = QDrag(self.window())
        data = QMimeData()
        data.setData(self._mime, self.uid.encode())
        drag.setMimeData(data)
        # With its frame: what is synthetic is violet while it is dragged too.
        drag.setPixmap(self.thumbnail.grab())
        drag.exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click."""
        if self._press is not None and event.button() == Qt.MouseButton.LeftButton:
            self._press = None
            self.opened.emit(self.uid)


def _patient_line(patient: Patient) -> str:
    return " · ".join(part for part in (patient.identifier, patient.sex, age_text(patient.age)) if part)


def _series_title(series: Series) -> str:
    name = series.description or series.modality
    return f"{series.number} · {name}" if series.number is not None else name


def _series_subtitle(series: Series) -> str:
    count = len(series.instances)
    parts = [series.modality, *([series.contrast] if series.contrast else [])]
    parts.append(tr("1 slice") if count == 1 else tr("{0} slices").format(count))
    if series.times:
        parts.append(tr("{0} time points").format(len(series.times)))
    return " · ".join(parts)


def _layer_subtitle(layer: Layer) -> str:
    """Return the model that made a result, where its name does not say that, and what it is."""
    made_by = tr(layer.provenance.model_name)
    if isinstance(layer, ImageLayer):
        return made_by
    named = layer.provenance.hand == "drawn" or made_by in (layer.name, tr(layer.name))
    return _kind(layer) if named else f"{made_by} · {_kind(layer)}"


def _kind(layer: LabelLayer | HeatLayer | DoubtLayer) -> str:
    if isinstance(layer, HeatLayer):
        return tr("research · heat map")
    if isinstance(layer, DoubtLayer):
        return tr("research · how far off it may be")
    structures = len(layer.segments)
    hand = tr(" · {0} by hand").format(layer.provenance.hand) if layer.provenance.hand else ""
    return (tr("1 structure") if structures == 1 else tr("{0} structures").format(structures)) + hand


class StudiesPanel(QWidget):
    """Who is open, what was scanned, what was made of it, and what did not open."""

    series_chosen = Signal(str)
    layer_chosen = Signal(str)
    result_chosen = Signal(str)
    thumbnail_wanted = Signal(str)
    close_asked = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sideContent")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._document = document
        self._entries: dict[str, _Entry] = {}
        self._kept: dict[tuple[str, str, str], _Entry] = {}
        # What was found beside the series, with the UID of the series that each is about.
        self._stored: list[tuple[StoredResult, str]] = []
        self._pictures: dict[str, Voxels] = {}
        self._show_all_refused = False
        self._patient_hidden = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(4)
        document.subscribe(self._on_change)
        self._rebuild()

    def set_patient_data_hidden(self, hidden: bool) -> None:
        """Show or hide who the patient is."""
        self._patient_hidden = hidden
        self._rebuild()

    def set_thumbnail(self, series_uid: str, pixels: Voxels) -> None:
        """Show the thumbnail of a series."""
        self._pictures[series_uid] = pixels
        if series_uid in self._entries:
            self._entries[series_uid].set_picture(pixels)

    def entry_titles(self) -> list[str]:
        """Return the accessible names of all entries, top to bottom."""
        return [entry.accessibleName() for entry in self._entries.values()]

    def neighbour(self, step: int) -> str | None:
        """Return the UID of the series that stands ``step`` places after the selected one, or None."""
        uids = [series.uid for study in self._document.catalog.studies for series in study.series]
        if not uids:
            return None
        selected = base_uid(self._document.selected_series or "")
        place = uids.index(selected) + step if selected in uids else 0
        return uids[place] if 0 <= place < len(uids) else None

    def _on_change(self, change: Change) -> None:
        match change:
            case CatalogChanged() | LayerAdded() | LayerRemoved():
                self._rebuild()
            case LayerRefilled(uid):
                self._pictures.pop(uid, None)
                self._rebuild()
                self._picture_of_layer(self._document.layer(uid))
            case LayerChanged(uid, int()) if uid in self._entries and uid not in self._pictures:
                self._picture_of_layer(self._document.layer(uid))
            case SelectionChanged():
                self._mark_selected()
            case _:
                pass

    def _rebuild(self) -> None:
        """Show what there is now. Entries that say the same as before stay: one of them may be being dragged."""
        kept = {entry.said: entry for entry in self._entries.values()}
        self._entries = {}
        clear(self._column, keep=set(kept.values()))
        self._kept = kept
        catalog = self._document.catalog
        sources = [(result, catalog.source_of(result)) for result in catalog.results]
        self._stored = [(result, source.uid) for result, source in sources if source is not None]
        above: tuple[int, Patient] | None = None
        for study in self._document.catalog.studies:
            patient = self._document.patient_number(study), study.patient
            if patient != above:
                above = patient
                self._add_patient(*patient)
            self._add_study(study)
            uids = study.series_uids
            self._add_results([layer for layer in self._document.layers if layer.source_series_uid in uids])
        self._add_refused(self._document.catalog.refused)
        self._column.addStretch(1)
        for entry in self._kept.values():
            entry.hide()
            entry.deleteLater()
        self._kept = {}
        # Pictures of what was closed or removed would fill the memory in a day's work.
        self._pictures = {uid: pixels for uid, pixels in self._pictures.items() if uid in self._entries}
        self._mark_selected()

    def _entry(self, uid: str, mime: str, title: str, subtitle: str, *, tip: str, synthetic: bool) -> _Entry:
        """Return the entry that says this, as it was or new, at the end of the column; ``tip`` is what a click does."""
        entry = self._kept.pop((uid, title, subtitle), None)
        if entry is None:
            entry = _Entry(uid, mime, title, subtitle, tip=tip, synthetic=synthetic)
            chosen = {SERIES_MIME: self.series_chosen, LAYER_MIME: self.layer_chosen}.get(mime, self.result_chosen)
            entry.opened.connect(chosen)
            if uid in self._pictures:
                entry.set_picture(self._pictures[uid])
        self._column.addWidget(entry)
        self._entries[uid] = entry
        return entry

    def _add_patient(self, number: int, patient: Patient) -> None:
        hidden = tr("Patient {0} hidden").format(number)
        name = hidden if self._patient_hidden else (person_name(patient.name) or tr("No name"))
        self._column.addSpacing(2)
        self._column.addWidget(ElidedLabel(name, "patient"))
        line = "" if self._patient_hidden else _patient_line(patient)
        if line:
            self._column.addWidget(ElidedLabel(line, "quiet"))

    def _add_study(self, study: Study) -> None:
        date = "" if self._patient_hidden else date_text(study.date)
        title = " · ".join(part for part in (study.description.upper(), date.upper()) if part) or tr("STUDY")
        row = QHBoxLayout()
        row.addWidget(label(title, "heading"), 1)
        close = button("×", tr("Close this study and free its memory"), "link")
        close.clicked.connect(lambda: self.close_asked.emit(study))
        row.addWidget(close)
        heading = QWidget()
        heading.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(heading)
        for series in study.series:
            self._entry(
                series.uid,
                SERIES_MIME,
                _series_title(series),
                _series_subtitle(series),
                tip=tr("Click to show it in the image you are working in, or drag it onto any image."),
                synthetic=series.synthetic or series.simulated,
            )
            if series.uid not in self._pictures:
                self.thumbnail_wanted.emit(series.uid)
            for warning in series.warnings:
                self._column.addWidget(label(sentence_shown(warning), "caution"))
            self._add_stored(series)

    def _add_stored(self, series: Series) -> None:
        """List what was found beside a series and is about it; a click opens it over the series."""
        for result, source_uid in self._stored:
            if source_uid == series.uid:
                subtitle = tr("{0} · on file").format(result.kind)
                tip = tr("Click to show it over the images it belongs to.")
                entry = self._entry(result.uid, "", result.title, subtitle, tip=tip, synthetic=result.synthetic)
                # It has no picture before it is read.
                entry.thumbnail.hide()

    def _add_results(self, layers: Sequence[Layer]) -> None:
        """List the results of a study; those that would say the same name their series."""
        if not layers:
            return
        self._column.addWidget(label(tr("RESULTS"), "heading"))
        often = Counter((layer.name, _layer_subtitle(layer)) for layer in layers)
        for layer in layers:
            beside = tr("Click to show it beside the original, or drag it onto any image.")
            image = isinstance(layer, ImageLayer)
            tip = beside if image else tr("Click to draw it over its image, or drag it onto any image.")
            about = _layer_subtitle(layer)
            if often[layer.name, about] > 1:
                about = f"{_series_title(self._document.catalog.series(layer.source_series_uid))} · {about}"
            # A map of doubt looks like an image too.
            synthetic = image or isinstance(layer, DoubtLayer)
            self._entry(layer.uid, LAYER_MIME, layer.name, about, tip=tip, synthetic=synthetic)
            if layer.uid not in self._pictures:
                self._picture_of_layer(layer)

    def _picture_of_layer(self, layer: Layer) -> None:
        """Show the middle slice, or before that is there the first one that is."""
        from medgan_viewer.ui.panels.thumbnails import layer_thumbnail

        pixels = layer_thumbnail(layer)
        if pixels is None:
            return
        if layer.ready[len(layer.ready) // 2]:
            self._pictures[layer.uid] = pixels
        self._entries[layer.uid].set_picture(pixels)

    def _add_refused(self, refused: Sequence[Refusal]) -> None:
        if not refused:
            return
        self._column.addWidget(label(tr("NOT OPENED"), "heading"))
        shown = refused if self._show_all_refused else refused[:_REFUSED_SHOWN]
        for refusal in shown:
            # Names of files and folders often hold the patient's.
            name = tr("A file") if self._patient_hidden else Path(refusal.path).name
            line = label(f"{name}: {sentence_shown(refusal.reason)}", "caution")
            line.setToolTip("" if self._patient_hidden else str(refusal.path))
            self._column.addWidget(line)
        if len(shown) < len(refused):
            more = button(tr("Show all {0}").format(len(refused)), tr("List every file that was not opened"), "link")
            more.clicked.connect(self._on_show_all)
            self._column.addWidget(more)

    def _on_show_all(self) -> None:
        self._show_all_refused = True
        self._rebuild()

    def _mark_selected(self) -> None:
        selected = base_uid(self._document.selected_series or "")
        for uid, entry in self._entries.items():
            restyle(entry, "selected", "true" if uid == selected else "false")
