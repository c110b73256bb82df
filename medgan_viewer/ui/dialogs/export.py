"""What to write, where to; the writing itself happens in the background."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.document import Change, CrosshairMoved, Document, UndoChanged
from medgan_viewer.core.exported import Contents
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dialogs.export_choices import ExportChoices
from medgan_viewer.ui.dialogs.export_destination import Destination
from medgan_viewer.ui.dialogs.export_parts import Scrolled, set_kind
from medgan_viewer.ui.dialogs.export_plan import (
    ExportPlan,
    contents_of,
    what_goes,
)
from medgan_viewer.ui.dialogs.export_writing import report_of, write
from medgan_viewer.ui.dialogs.report_preview import ReportPreview
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.report.content import ReportContent
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

if TYPE_CHECKING:
    from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["ExportDialog", "ExportPlan", "write"]

_log = logging.getLogger(__name__)

# The width it has at first, and what is left free of the screen.
_WIDTH, _AROUND = 880, 60
# How many lines are kept free for what is said at the end.
_LINES = 2


class ExportDialog(QDialog):
    """Choose results, slices and a folder; the folder is never overwritten.

    It stands beside the window: what it offers follows what is shown there, and what is written is settled when
    Export is pressed. Closed, it is gone at once, and freed when what is being written is whole; it comes back where
    something could not be written.
    """

    finished_writing = Signal(bool)

    def __init__(self, document: Document, grid: "ViewGrid", parent: QWidget, secret: bytes | None = None) -> None:
        """Take the secret by which identity is replaced: exports with the same one still belong together."""
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self._document, self._grid = document, grid
        self._background = Background("export", self)
        self._writing = self._left = self._freed = self._sized = False
        self.choices = ExportChoices(document, grid)
        self.choices.changed.connect(self._update)
        self.choices.paper.preview_asked.connect(self._on_preview)
        column = self._column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(label(self.choices.title, "title"))
        self._scrolled = Scrolled(self.choices)
        column.addWidget(self._scrolled, 1)
        self._add_destination(column, secret)
        self._add_end(column)
        self._unsubscribe = document.subscribe(self._on_change)
        grid.active_pane_changed.connect(self._refresh)
        grid.state_changed.connect(self._refresh)
        grid.looked_at.connect(self._on_looked_at)
        self._refresh()

    # -- parts ---------------------------------------------------------------------------------------------------

    def _add_destination(self, column: QVBoxLayout, secret: bytes | None) -> None:
        self.destination = Destination(secret)
        self.destination.changed.connect(self._update)
        self.folder, self.identity = self.destination.folder, self.destination.identity
        self.identity.list_asked.connect(self._on_list_asked)
        column.addWidget(self.destination)

    def _on_list_asked(self) -> None:
        plan = self.plan()
        if plan is not None:
            self._background.run(lambda: what_goes(plan), self.identity.show_list)

    def _add_end(self, column: QVBoxLayout) -> None:
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        # The choices above stay where they are when it comes and goes, and when there is something to say.
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._bar.hide()
        column.addWidget(self._bar)
        self.message = label("")
        self.message.setMinimumHeight(_LINES * self.message.fontMetrics().lineSpacing())
        buttons = QHBoxLayout()
        buttons.addWidget(self.message, 1)
        close = button(tr("Close"))
        close.clicked.connect(self.close)
        self.export = button(tr("Export"), tr("Write the chosen results"), "primary")
        self.export.clicked.connect(self._on_export)
        buttons.addWidget(close)
        buttons.addWidget(self.export)
        column.addLayout(buttons)

    def _on_change(self, change: Change) -> None:
        if not isinstance(change, CrosshairMoved | UndoChanged):
            self._refresh()

    def _on_looked_at(self, series_uid: str, index: int) -> None:
        del series_uid, index
        self._refresh()

    def _refresh(self) -> None:
        self.choices.refresh()
        before = self.width()
        self._scrolled.fit()
        if self._sized:
            self._column.activate()
            if self.width() > before:
                self._place(self.geometry().center())

    def _update(self) -> None:
        # Report and films are no DICOM objects: no archive takes them.
        paper = self.choices.paper.chosen
        somewhere = self.destination.settled and bool(self.folder.text().strip() or not paper)
        possible = self.choices.settled and self.choices.opened is not None and somewhere
        self.export.setEnabled(self.choices.wanted and possible and not self._writing)

    def plan(self) -> ExportPlan | None:
        """Return what the dialog's choices ask for; None where the series is not open any more."""
        folder = self.folder.text().strip()
        return self.choices.plan(Path(folder) if folder else None, self.identity.secret, self.destination.archive_name)

    # -- writing -------------------------------------------------------------------------------------------------

    def _on_preview(self) -> None:
        """Show the pages of the report, made in the background."""
        order = self.choices.report_order()
        if order is None:
            return
        secret = self.identity.secret
        self.choices.paper.preview.setEnabled(False)
        self._background.run(lambda: report_of(order, secret), self._on_previewed)

    def _on_previewed(self, made: "ReportContent | Exception") -> None:
        self.choices.paper.preview.setEnabled(True)
        if isinstance(made, ReportContent):
            ReportPreview(self, made).show()
        else:
            self._say_failure(made, tr("The report could not be made."))

    def _on_export(self) -> None:
        self._refresh()
        plan = self.plan() if self.export.isEnabled() else None
        if plan is None:
            return
        self._writing = True
        self._bar.show()
        self._update()
        self._say("")
        contents = contents_of(self._document, plan)
        self._document.exported.begin(contents)
        self._background.run(lambda: write(plan), lambda result: self._on_written(plan.folder, contents, result))

    def _on_written(
        self, folder: Path | None, contents: Contents, result: "tuple[list[Path], list[str]] | Exception"
    ) -> None:
        self._keep_in_mind(folder, contents, result)
        self._writing = False
        self._bar.hide()
        self._update()
        if isinstance(result, Exception):
            self._say_failure(result, tr("Something unexpected went wrong, and not everything was written."))
        else:
            paths, notes = result
            said = [] if folder is None else [_written(len(paths), folder)]
            self._say(" ".join([*said, *notes]))
        self.finished_writing.emit(not isinstance(result, Exception))
        if self._left:
            self._end(all_written=not isinstance(result, Exception) and not result[1])

    def _keep_in_mind(
        self, folder: Path | None, contents: Contents, result: "tuple[list[Path], list[str]] | Exception"
    ) -> None:
        """Remember what was exported, where that is sure: a note may say that an archive or a list lacks something."""
        whole = not isinstance(result, Exception) and not result[1]
        if not whole:
            contents.key_images.clear()
        written = whole or (folder is not None and not isinstance(result, Exception))
        self._document.exported.end(contents, written=written)

    def _say_failure(self, error: Exception, words: str) -> None:
        """Say an error's sentence; of one that is a mistake of the program, the words."""
        if isinstance(error, MedganError):
            words = error.sentence
        else:
            # Its text may hold a path, and that a patient's name.
            _log.error("the export failed: %s", type(error).__name__)
        self._say(words, kind="caution")

    def _say(self, text: str, kind: str = "quiet") -> None:
        set_kind(self.message, kind)
        self.message.setText(text)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as large as all choices need, as far as the screen has room."""
        super().showEvent(event)
        if not self._sized:
            self._sized = True
            room = self.screen().availableSize()
            if self._scrolled.needed > room.width() - _AROUND:
                self.choices.stack()
            # Only now its words have their size.
            self._scrolled.fit()
            width = min(max(self.sizeHint().width(), scaled(_WIDTH)), room.width() - _AROUND)
            self.resize(width, self.height())
            self._column.activate()
            missing = self._scrolled.verticalScrollBar().maximum()
            self.resize(width, min(self.height() + missing, room.height() - _AROUND))
            parent = self.parentWidget()
            self._place((self if parent is None else parent.window()).geometry().center())

    def _place(self, centre: QPoint) -> None:
        """Stand around a point of the screen, but whole on the screen, with its frame."""
        edge = _AROUND // 2
        room = self.screen().availableGeometry().adjusted(edge, edge, -edge, -edge)
        place = QRect(QPoint(), self.size())
        place.moveCenter(centre)
        place.moveRight(min(place.right(), room.right()))
        place.moveBottom(min(place.bottom(), room.bottom()))
        self.move(max(place.left(), room.left()), max(place.top(), room.top()))

    # -- closing -------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Close, by the button, by Esc or by the window's frame."""
        super().done(result)
        self._leave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close a dialog that was not on screen, which Qt does without ``done``."""
        super().closeEvent(event)
        self._leave()

    def _leave(self) -> None:
        """Be freed now, or when what is being written is whole."""
        self._left = True
        if not self._writing:
            self._end(all_written=True)

    def _end(self, *, all_written: bool) -> None:
        parent = self.parentWidget()
        if not all_written and parent is not None and parent.isVisible():
            self._left = False
            self.show()
        elif not self._freed:
            self._freed = True
            self._unsubscribe()
            self._background.close()
            self.deleteLater()


def _written(count: int, folder: Path) -> str:
    if not count:
        return tr("Nothing was written.")
    return (tr("Wrote 1 file to {1}.") if count == 1 else tr("Wrote {0} files to {1}.")).format(count, folder)
