"""Opening files, and bringing series and results up in panes."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Opening"]


class Opening(QObject):
    """Reads what the reader asks for, and shows it."""

    # The panes are to be seen, not the welcome page.
    showing = Signal()
    # The first series of what was opened came up by itself.
    came_up = Signal(str)

    def __init__(self, document: Document, loader: Loader, grid: ViewGrid, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._loader, self._grid, self._parent = document, loader, grid, parent
        self._when_found = False
        # The hash of a study that comes up when it is found.
        self._wanted = ""
        loader.scanning_changed.connect(self._on_scanning)
        grid.files_dropped.connect(self.open_paths)
        grid.series_dropped.connect(self._on_dropped)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders; the first series found comes up where none is open yet."""
        self._when_found = self._document.selected_series is None
        self._loader.scan([Path(path) for path in paths])

    def open_study(self, path: Path, key: str) -> None:
        """Show a study (by its hash), which lies in a folder or file where it is not open yet."""
        self._wanted = key
        if not self._show_wanted():
            self.open_paths([path])

    def _show_wanted(self) -> bool:
        """Show the study that was asked for; return whether it is there."""
        found = [study for study in self._document.catalog.studies if self._wanted and study_key(study) == self._wanted]
        if not found or not found[0].series:
            return False
        self._wanted = ""
        first = self._document.selected_series is None
        uid = found[0].series[0].uid
        self.open_series(uid)
        if first:
            self.came_up.emit(uid)
        self._grid.setFocus()
        return True

    def open_series(self, series_uid: str, pane: Pane | None = None) -> None:
        """Show a series in a pane, the active one unless it is said which."""
        self._when_found = False
        self.showing.emit()
        self._loader.open(series_uid)
        if self._document.opened(series_uid) is not None:
            self._grid.show_series(series_uid, pane)
            self._document.select_series(series_uid)

    def choose_series(self, series_uid: str, pane: Pane | None = None) -> None:
        """Show a series that the reader chose in a pane, the active one; undo brings back what it showed."""
        target = pane or self._grid.active_pane
        series = self._document.catalog.series(series_uid)
        words = tr("Show {0} in the pane").format(series.description or series.modality)
        self._grid.replace_shown(words, lambda: self.open_series(series_uid, target), target)

    def show_time(self, time: int) -> None:
        """Show a time point (from 0) of the selected series wherever the series is shown, in the same window."""
        before = self._document.selected_series
        if before is None:
            return
        series = self._document.catalog.series(before)
        after = series.uids[time]
        if after == before:
            return
        self._loader.open(after)
        if self._document.opened(after) is not None:
            self._document.set_window(after, self._document.window(before))
            self._grid.show_time(before, after)
            self._document.select_series(after)

    def ask_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QFileDialog.getExistingDirectory(self._parent, tr("Open a folder with studies"))
        if folder:
            self.open_paths([Path(folder)])

    def ask_files(self) -> None:
        """Ask for files and open them."""
        files, _ = QFileDialog.getOpenFileNames(self._parent, tr("Open DICOM or NIfTI files"))
        if files:
            self.open_paths([Path(file) for file in files])

    def _on_scanning(self, scanning: bool) -> None:
        if scanning or self._show_wanted():
            return
        self._wanted = ""
        if self._when_found and self._document.catalog.studies:
            uid = self._document.catalog.studies[0].series[0].uid
            self.open_series(uid)
            self.came_up.emit(uid)
            self._grid.setFocus()

    def _on_dropped(self, uid: str, pane: Pane) -> None:
        if any(layer.uid == uid for layer in self._document.layers):
            words = tr("Show {0} in the pane").format(self._document.layer(uid).name)
            self._grid.replace_shown(words, lambda: self._grid.show_layer(uid, pane), pane)
        else:
            self.choose_series(uid, pane)
