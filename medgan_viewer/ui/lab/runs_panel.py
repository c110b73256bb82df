"""The list of runs in the chosen folder."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from medgan_viewer.ui.lab.reading import Entry
from medgan_viewer.ui.panels.widgets import ElidedLabel, button, label, restyle
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["RunCard", "RunsPanel"]

# What a run is doing, in one word.
_STATUS = {
    "starting": marked("starting"),
    "running": marked("running"),
    "paused": marked("paused"),
    "stopped": marked("stopped"),
    "interrupted": marked("interrupted"),
    "finished": marked("finished"),
    "failed": marked("failed"),
}


class RunCard(QFrame):
    """One run: title, status, and how far it is."""

    chosen = Signal(object)

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.setObjectName("series")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.path = entry.path
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(3)
        self._title, self._detail = ElidedLabel("", "title"), ElidedLabel("", "quiet")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        for widget in (self._title, self._detail, self._bar):
            column.addWidget(widget)
        self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Show what the run is like now."""
        self._title.set_full_text(entry.title)
        detail = " · ".join(part for part in (tr(_STATUS.get(entry.status, entry.status)), entry.detail) if part)
        self._detail.set_full_text(detail)
        self.setAccessibleName(tr("Training {0}, {1}").format(entry.title, detail))
        self._bar.setVisible(entry.share is not None and entry.status in ("running", "paused", "starting"))
        self._bar.setValue(round(1000 * (entry.share or 0.0)))

    def set_selected(self, selected: bool) -> None:
        """Mark it as the run that is shown."""
        restyle(self, "selected", "true" if selected else "false")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose it with the keyboard."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.path)
        else:
            super().keyPressEvent(event)


class RunsPanel(QWidget):
    """Folder, runs, and the button that starts another one."""

    run_chosen = Signal(object)
    folder_asked = Signal()
    start_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sideContent")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 12)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.addWidget(label(tr("TRAININGS"), "heading", wrap=False))
        row.addStretch(1)
        choose = button(tr("Folder…"), tr("Choose the folder that trainings are kept in"), "link")
        choose.clicked.connect(self.folder_asked)
        row.addWidget(choose, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        self.folder = ElidedLabel("", "faint")
        column.addWidget(self.folder)
        content = QWidget()
        content.setObjectName("sideContent")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 4, 0, 4)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("side")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        column.addWidget(area, 1)
        self.start = button(tr("Start a recipe…"), tr("Choose a recipe and train it"), "primary")
        self.start.clicked.connect(self.start_asked)
        column.addWidget(self.start)
        self._cards: dict[Path, RunCard] = {}
        self._order: list[Path] = []

    @property
    def cards(self) -> tuple[RunCard, ...]:
        """The cards, first to last."""
        return tuple(self._cards[path] for path in self._order)

    def set_folder(self, folder: Path) -> None:
        """Say which folder it is."""
        self.folder.set_full_text(str(folder))

    def show_entries(self, entries: Sequence[Entry], selected: Path | None) -> None:
        """Show the runs; cards of runs that stay are kept, so that focus and scrolling stay."""
        paths = [entry.path for entry in entries]
        for gone in set(self._cards) - set(paths):
            card = self._cards.pop(gone)
            card.hide()
            card.deleteLater()
        for entry in entries:
            if entry.path in self._cards:
                self._cards[entry.path].show_entry(entry)
            else:
                card = RunCard(entry)
                card.chosen.connect(self.run_chosen)
                self._cards[entry.path] = card
        if paths != self._order:
            self._order = paths
            for number, path in enumerate(paths):
                self._column.insertWidget(number, self._cards[path])
        self.select(selected)
        # Where there are no runs, the page in the middle offers the same.
        self.start.setVisible(bool(paths))

    def select(self, path: Path | None) -> None:
        """Mark a run as the one that is shown."""
        for card in self._cards.values():
            card.set_selected(card.path == path)
