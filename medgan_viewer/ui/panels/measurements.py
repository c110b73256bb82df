"""The measurements of the selected study: what they say, where they are, what they are called."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from medgan_viewer.core.changes import AnnotationsChanged, AnnotationSelected, Change, LayerRefilled
from medgan_viewer.core.document import (
    Document,
    LayerAdded,
    LayerChanged,
    LayerRemoved,
    SelectionChanged,
    SeriesClosed,
    SeriesLoaded,
    SeriesOpened,
)
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.listing import Listed, listed
from medgan_viewer.ui.measurement_words import line_shown, name_shown, place_shown
from medgan_viewer.ui.panels.histogram import HistogramStrip
from medgan_viewer.ui.panels.widgets import Card, ElidedLabel, button, clear, label
from medgan_viewer.ui.runs import series_name
from medgan_viewer.ui.theme import DARK, Theme
from medgan_viewer.ui.translation import tr

__all__ = ["MeasurementsPanel"]

_LONGEST_NAME = 80
# Slices of a result that is being computed come many a second; the numbers follow when they have come.
_SOON_MS = 120


class _NameEditor(QLineEdit):
    """A name that is being changed: Enter keeps it, Esc does not."""

    ended = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setMaxLength(_LONGEST_NAME)
        self.setAccessibleName(tr("Name of the measurement"))
        self.selectAll()
        self.returnPressed.connect(lambda: self.ended.emit(self.text().strip()))

    def event(self, event: QEvent) -> bool:
        """Keep every key from the window's actions: Esc here cancels no run."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the name as it was with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed where the reader goes on elsewhere."""
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason):
            self.ended.emit(self.text().strip())


class _Row(Card):
    """One measurement."""

    chosen = Signal(str)
    renamed = Signal(str, str)
    delete_asked = Signal(str)

    def __init__(self, entry: Listed, *, selected: bool, theme: Theme) -> None:
        super().__init__()
        self.uid = entry.annotation.uid
        lines, place = [line_shown(entry.annotation, line) for line in entry.lines], place_shown(entry)
        self.said = tuple(line.text for line in lines)
        drawn_on = _drawn_on(entry)
        self._shown = (entry.annotation, self.said, drawn_on, place, selected, theme)
        self._title = name_shown(entry.annotation)
        self._editor: _NameEditor | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{self._title}, {'; '.join(self.said)}")
        self.set_state("running" if selected else "")
        self._top = QHBoxLayout()
        self._name = ElidedLabel(self._title, "title")
        self._name.setToolTip(self._title)
        self._top.addWidget(self._name, 1)
        self.rename = button(tr("Rename"), tr("Rename {0} (F2)").format(self._title), "link")
        self.rename.clicked.connect(self.edit_name)
        self.rename.setVisible(selected)
        self._top.addWidget(self.rename)
        self.delete = button("×", tr("Delete {0} (can be undone)").format(self._title), "link")
        self.delete.clicked.connect(lambda: self.delete_asked.emit(self.uid))
        self._top.addWidget(self.delete)
        self.column.addLayout(self._top)
        self._add_place(drawn_on, place)
        if drawn_on:
            self.setToolTip(tr("Drawn on {0}").format(drawn_on))
        for line in lines:
            self.column.addWidget(label(line.text, "syntheticValue" if line.synthetic else "quiet"))
        if selected:
            for values in entry.measurement.images:
                if values.count > 1:
                    self.column.addWidget(HistogramStrip(values, theme))

    def _add_place(self, drawn_on: str, place: str) -> None:
        """Say on which series or synthetic image it was drawn, and on which slice."""
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(ElidedLabel(drawn_on, "quiet"), 1)
        if place:
            row.addWidget(label(place, "quiet", wrap=False))
        self.column.addLayout(row)

    def shows(self, entry: Listed, *, selected: bool, theme: Theme) -> bool:
        """Whether it shows this already."""
        said = tuple(line_shown(entry.annotation, line).text for line in entry.lines)
        return self._shown == (entry.annotation, said, _drawn_on(entry), place_shown(entry), selected, theme)

    @property
    def editing(self) -> bool:
        """Whether the name is being changed."""
        return self._editor is not None

    def edit_name(self) -> None:
        """Let the reader type another name."""
        if self._editor is not None:
            return
        self._editor = _NameEditor(self._title)
        self._editor.ended.connect(self._on_named)
        self._name.hide()
        self._top.insertWidget(0, self._editor, 1)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_named(self, name: str | None) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        editor.hide()
        editor.deleteLater()
        self._name.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if name and name != self._title:
            self.renamed.emit(self.uid, name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to it."""
        self.chosen.emit(self.uid)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to it, rename or delete it."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.chosen.emit(self.uid)
            case Qt.Key.Key_F2:
                self.edit_name()
            case Qt.Key.Key_Delete:
                self.delete_asked.emit(self.uid)
            case _:
                super().keyPressEvent(event)


def _drawn_on(entry: Listed) -> str:
    """Return the series or the synthetic image that it was drawn on; "" where that is not known."""
    if entry.annotation.layer_name:
        return f"{entry.annotation.layer_name} · SYNTHETIC"
    return "" if entry.series is None else series_name(entry.series)


class MeasurementsPanel(QWidget):
    """A list that is hidden while there is nothing in it. It asks; who made it changes the document."""

    chosen = Signal(str)
    renamed = Signal(str, str)
    delete_asked = Signal(str)
    copy_asked = Signal()
    export_asked = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sideContent")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._document, self._theme = document, DARK
        self.rows: dict[str, _Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 0)
        self._column.setSpacing(6)
        self._heading = self._made_heading()
        self._column.addWidget(self._heading)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._rebuild)
        document.subscribe(self._on_change)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._rebuild()

    def annotations(self) -> tuple[Annotation, ...]:
        """Return the annotations of the study that the panels speak of."""
        uid = self._document.selected_series
        if uid is None:
            return ()
        try:
            study, _ = self._document.catalog.study_of(uid)
        except KeyError:
            return ()
        return self._document.annotations.of(study_key(study))

    def entries(self) -> list[Listed]:
        """Return them with their numbers."""
        return listed(self._document, self.annotations())

    def _on_change(self, change: Change) -> None:
        match change:
            case AnnotationsChanged() | AnnotationSelected() | SelectionChanged() | SeriesOpened() | SeriesClosed():
                self._soon.start(0)
            case SeriesLoaded() | LayerAdded() | LayerRemoved() | LayerRefilled() | LayerChanged(_, int()):
                if self.rows and not self._soon.isActive():
                    self._soon.start(_SOON_MS)
            case _:
                pass

    def _rebuild(self) -> None:
        if any(row.editing for row in self.rows.values()):
            self._soon.start(_SOON_MS)
            return
        entries = self.entries()
        focused = next((uid for uid, row in self.rows.items() if row.hasFocus()), None)
        selected = self._document.annotations.selected
        chosen = None if selected is None else selected.uid
        kept = {entry.annotation.uid: self._row(entry, selected=entry.annotation.uid == chosen) for entry in entries}
        clear(self._column, keep=(self._heading, *kept.values()))
        self.rows = kept
        for widget in (self._heading, *kept.values()):
            self._column.addWidget(widget)
        self.setVisible(bool(entries))
        if focused in self.rows:
            self.rows[focused].setFocus(Qt.FocusReason.OtherFocusReason)

    def _row(self, entry: Listed, *, selected: bool) -> _Row:
        """Return the row of a measurement: the one that there is where it says the same."""
        known = self.rows.get(entry.annotation.uid)
        if known is not None and known.shows(entry, selected=selected, theme=self._theme):
            return known
        row = _Row(entry, selected=selected, theme=self._theme)
        row.chosen.connect(self.chosen)
        row.renamed.connect(self.renamed)
        row.delete_asked.connect(self.delete_asked)
        return row

    def _made_heading(self) -> QWidget:
        held = QWidget()
        row = QHBoxLayout(held)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(tr("MEASUREMENTS"), "heading", wrap=False), 1)
        copy = button(tr("Copy"), tr("Copy all measurements of this study as text"), "link")
        copy.clicked.connect(self.copy_asked)
        row.addWidget(copy)
        export = button(tr("Export…"), tr("Write them as a table and as a DICOM report"), "link")
        export.clicked.connect(self.export_asked)
        row.addWidget(export)
        return held
