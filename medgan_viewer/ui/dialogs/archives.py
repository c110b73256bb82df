"""The hospital's archives: keep them, query them, retrieve from them and send to them, all in the background."""

import logging
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer import settings
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.document import Change, Document, LayerAdded, LayerChanged, LayerRemoved, OpenSeries
from medgan_viewer.core.layers import Layer
from medgan_viewer.dicom.archive import connect, credentials, entries, outbox
from medgan_viewer.dicom.archive.base import Archive, Cancelled, Found, FoundSeries, Progress, Query, Received, Sent
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui.dialogs.archive_entry import ArchiveEntryDialog
from medgan_viewer.ui.dialogs.archive_results import ArchiveResults
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import button, label, restyle
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted, scaled
from medgan_viewer.wording import marked

__all__ = ["ArchivesDialog"]

_log = logging.getLogger(__name__)

_EMPTY = marked("No archive is kept yet. Press Add… and enter what your hospital's IT tells you.")
Results = list[tuple[OpenSeries, tuple[Layer, ...], tuple[Series, ...]]]


class ArchivesDialog(QDialog):
    """One thing at a time: while something is under way, all else waits and Cancel ends it.

    ``open_paths`` is given the folder of each series as soon as it is whole. Closed, the dialog cancels what is under
    way; what had arrived stays in its folder.
    """

    _progressed = Signal(object)
    _series_arrived = Signal(object)

    def __init__(self, parent: QWidget, document: Document, open_paths: Callable[[Sequence[Path]], object]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Archives"))
        self.resize(fitted(self, 900, 660))
        self._document, self._open_paths = document, open_paths
        self._background = Background("archive", self)
        self._cancel = threading.Event()
        self._busy = self._left = self._freed = False
        column = QVBoxLayout(self)
        column.setSpacing(8)
        self._add_archives(column)
        self._add_query(column)
        self.results = ArchiveResults()
        self.results.series_wanted.connect(self._on_series_wanted)
        self.results.itemSelectionChanged.connect(self._update)
        column.addWidget(self.results, 1)
        self._add_folder(column)
        self._add_end(column)
        self._progressed.connect(self._on_progress)
        self._series_arrived.connect(lambda folder: self._open_paths([folder]))
        QCoreApplication.instance().aboutToQuit.connect(self._cancel.set)  # type: ignore[union-attr]
        self._unsubscribe = document.subscribe(self._on_document_change)
        self._refresh_archives()

    # -- parts ---------------------------------------------------------------------------------------------------

    def _add_archives(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        self.archive = QComboBox()
        self.archive.setAccessibleName(tr("Archive"))
        self.archive.setMinimumWidth(scaled(220))
        self.archive.currentIndexChanged.connect(lambda _: self.results.clear())
        row.addWidget(self.archive, 1)
        self.check = self._button(row, tr("Check"), tr("Ask the archive for a sign of life"), self._on_check)
        self.add = self._button(row, tr("Add…"), tr("Keep another archive"), self._on_add)
        self.change = self._button(row, tr("Change…"), tr("Change this archive"), self._on_change)
        self.remove = self._button(row, tr("Remove"), tr("Forget this archive and its credentials"), self._on_remove)
        column.addLayout(row)

    def _add_query(self, column: QVBoxLayout) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        self.patient_name = self._field(grid, 0, tr("PATIENT"), tr("Part of the name"), 3)
        self.patient_id = self._field(grid, 1, tr("IDENTIFIER"), tr("Whole; * for any letters"), 3)
        self.date_from = self._field(grid, 2, tr("FROM"), "YYYYMMDD", 2)
        self.date_to = self._field(grid, 3, tr("TO"), "YYYYMMDD", 2)
        self.modality = self._field(grid, 4, tr("MODALITY"), "CT, MR …", 2)
        self.description = self._field(grid, 5, tr("DESCRIPTION"), tr("Part of the study's"), 3)
        self.query = button(tr("Query"), tr("Ask the archive for studies"), "primary")
        self.query.setAutoDefault(False)
        self.query.clicked.connect(self._on_query)
        grid.addWidget(self.query, 1, 6)
        column.addLayout(grid)

    def _add_folder(self, column: QVBoxLayout) -> None:
        column.addWidget(label(tr("FOLDER FOR WHAT ARRIVES (UNENCRYPTED, WITH THE PATIENT'S IDENTITY)"), "heading"))
        row = QHBoxLayout()
        self.folder = QLineEdit(str(settings.data_folder() / "received"))
        self.folder.setAccessibleName(tr("Folder for what arrives"))
        self.folder.textChanged.connect(lambda _: self._update())
        row.addWidget(self.folder, 1)
        self._button(row, tr("Choose…"), tr("Choose a folder for what arrives"), self._on_choose_folder)
        column.addLayout(row)

    def _add_end(self, column: QVBoxLayout) -> None:
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        keeps_its_place = self.bar.sizePolicy()
        keeps_its_place.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(keeps_its_place)
        self.bar.hide()
        column.addWidget(self.bar)
        self.message = label("")
        column.addWidget(self.message)
        row = QHBoxLayout()
        self.send_results = self._button(
            row, tr("Send results"), tr("Send the results of every open series as DICOM"), self._on_send_results
        )
        self.send_files = self._button(row, tr("Send files…"), tr("Send DICOM files of a folder"), self._on_send_files)
        row.addStretch()
        self.stop = self._button(
            row, tr("Cancel"), tr("End what is under way; what has arrived is kept"), self._cancel.set
        )
        close = self._button(row, tr("Close"), "", self.close)
        close.setAutoDefault(False)
        self.retrieve = self._button(row, tr("Retrieve"), tr("Retrieve what is chosen and open it"), self._on_retrieve)
        self.retrieve.setObjectName("primary")
        column.addLayout(row)

    def _button(self, row: QHBoxLayout, text: str, tooltip: str, handler: Callable[[], object]) -> QPushButton:
        made = button(text, tooltip)
        made.setAutoDefault(False)
        made.clicked.connect(lambda _checked=False: handler())
        row.addWidget(made)
        return made

    def _field(self, grid: QGridLayout, column: int, heading: str, placeholder: str, stretch: int) -> QLineEdit:
        grid.addWidget(label(heading, "heading", wrap=False), 0, column)
        field = QLineEdit()
        field.setAccessibleName(heading.capitalize())
        field.setPlaceholderText(placeholder)
        field.returnPressed.connect(self._on_query)
        grid.addWidget(field, 1, column)
        grid.setColumnStretch(column, stretch)
        return field

    # -- the list of archives ------------------------------------------------------------------------------------

    def _refresh_archives(self, name: str = "") -> None:
        name = name or self.archive.currentText()
        self.archive.clear()
        try:
            kept = entries.load()
        except MedganError as error:
            kept = ()
            self._say(error.sentence, "caution")
        else:
            self._say("" if kept else tr(_EMPTY))
        self.archive.addItems([entry.name for entry in kept])
        self.archive.setCurrentIndex(max(self.archive.findText(name), 0) if kept else -1)
        self._update()

    def _on_add(self) -> None:
        self._edit(ArchiveEntryDialog(self))

    def _on_change(self) -> None:
        self._guarded(lambda: self._edit(ArchiveEntryDialog(self, entries.named(self.archive.currentText()))))

    def _edit(self, dialog: ArchiveEntryDialog) -> None:
        dialog.accepted.connect(lambda: self._refresh_archives(dialog.name.text().strip()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_remove(self) -> None:
        def remove() -> None:
            name = self.archive.currentText()
            entries.remove(name)
            credentials.forget(name)
            self._refresh_archives()

        self._guarded(remove)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except MedganError as error:
            self._say(error.sentence, "caution")

    # -- asking --------------------------------------------------------------------------------------------------

    def _on_check(self) -> None:
        name = self.archive.currentText()
        self._begin(
            tr("Asking {0}…").format(name),
            lambda archive, ended: archive.verify(ended),
            lambda _: tr("{0} answers.").format(name),
        )

    def _on_query(self) -> None:
        def find(archive: Archive, ended: Cancelled) -> Found:
            return archive.find_studies(query, ended)

        try:
            query = Query(
                patient_name=self.patient_name.text().strip(),
                patient_id=self.patient_id.text().strip(),
                date_from=self.date_from.text().strip(),
                date_to=self.date_to.text().strip(),
                modality=self.modality.text().strip(),
                description=self.description.text().strip(),
            )
        except MedganError as error:
            self._say(error.sentence, "caution")
            return
        self.results.clear()
        self._begin(tr("Querying…"), find, self._on_found)

    def _on_found(self, found: Found) -> str:
        self.results.show_studies(found.studies)
        count = len(found.studies)
        if found.more:
            return tr("There are more than these {0} studies; narrow the query.").format(count)
        return {0: tr("No study fits."), 1: tr("One study.")}.get(count, tr("{0} studies.").format(count))

    def _on_series_wanted(self, study_uid: str) -> None:
        def list_series(archive: Archive, ended: Cancelled) -> tuple[FoundSeries, ...]:
            return archive.find_series(study_uid, ended)

        def show(series: tuple[FoundSeries, ...]) -> str:
            self.results.show_series(study_uid, series)
            return ""

        self._begin(tr("Asking for the series…"), list_series, show)

    # -- moving images -------------------------------------------------------------------------------------------

    def _on_choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for what arrives"))
        if folder:
            self.folder.setText(folder)

    def _on_retrieve(self) -> None:
        chosen, folder = self.results.chosen(), Path(self.folder.text().strip())

        def bring(archive: Archive, ended: Cancelled) -> list[Received]:
            made = []
            for study_uid, series_uids in chosen.items():
                whole = False
                try:
                    received = archive.retrieve(
                        study_uid,
                        folder,
                        series_uids=series_uids,
                        on_progress=self._progressed.emit,
                        on_series=self._series_arrived.emit,
                        cancelled=ended,
                    )
                    made.append(received)
                    whole = not received.cancelled
                finally:
                    # Of a series that was cut off, what has come opens too.
                    if not whole and (folder / study_uid).exists():
                        self._series_arrived.emit(folder / study_uid)
                if ended():
                    break
            return made

        self._begin(tr("Retrieving…"), bring, _received)

    def _on_send_files(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Send the DICOM files of a folder"))
        if folder:
            self._begin(tr("Sending…"), lambda archive, ended: self._send(archive, Path(folder), ended), _sent)

    def _on_send_results(self) -> None:
        results = self._results()

        def send(archive: Archive, ended: Cancelled) -> Sent:
            from medgan_viewer.dicom import export

            number = export.FIRST_SERIES_NUMBER
            with tempfile.TemporaryDirectory(prefix="medgan-results-") as name:
                for opened, layers, further in results:
                    export.write_dicom(
                        layers, opened.series, opened.stack, Path(name), further=further, first_series_number=number
                    )
                    number += len(layers)
                return self._send(archive, Path(name), ended)

        self._begin(tr("Sending…"), send, _sent)

    def _send(self, archive: Archive, folder: Path, ended: Cancelled) -> Sent:
        return archive.send(outbox.files_in([folder]), on_progress=self._progressed.emit, cancelled=ended)

    def _results(self) -> Results:
        """Return the results in the window by the series they were made from, and what other series they took."""
        found: Results = []
        for uid in self._document.open_uids:
            opened = self._document.opened(uid)
            layers = tuple(layer for layer in self._document.layers_of(uid) if layer.ready.any())
            if opened is not None and layers:
                used = {source for layer in layers for source in layer.provenance.source_series_uids} - {uid}
                study = self._document.catalog.study_of(uid)[0]
                found.append((opened, layers, tuple(one for one in study.series if one.uid in used)))
        return found

    # -- what is under way ---------------------------------------------------------------------------------------

    def _begin(self, doing: str, work: Callable[[Archive, Cancelled], Any], then: Callable[[Any], str]) -> None:
        """Ask the archive that is chosen in the background; ``then`` takes the answer and says it."""
        if self._busy or not self.archive.currentText():
            return
        name = self.archive.currentText()
        self._busy = True
        self._cancel.clear()
        self.bar.setRange(0, 0)
        self._say(doing)
        self._update()
        self._background.run(
            lambda: work(connect(entries.named(name)), self._cancel.is_set), lambda answer: self._on_ended(answer, then)
        )

    def _on_progress(self, progress: Progress) -> None:
        if self._busy:
            self.bar.setRange(0, max(progress.total, progress.done) if progress.total else 0)
            self.bar.setValue(progress.done)
            of = tr(" of {0}").format(progress.total) if progress.total >= progress.done else ""
            self._say(f"{progress.done}{of} · {progress.megabytes:.0f} MB")

    def _on_ended(self, answer: Any, then: Callable[[Any], str]) -> None:
        self._busy = False
        if self._left:
            self._end()
            return
        if isinstance(answer, MedganError):
            self._say(answer.sentence, "caution")
        elif isinstance(answer, Exception):
            _log.error("the archive dialog failed: %s", described(answer))
            self._say(tr("Something unexpected went wrong; the log has the details."), "caution")
        else:
            said = then(answer)
            self._say(tr("Cancelled.") if self._cancel.is_set() and not said else said)
        self._update()

    def _on_document_change(self, change: Change) -> None:
        if isinstance(change, LayerAdded | LayerRemoved | LayerChanged):
            self._update()

    def _update(self) -> None:
        known = self.archive.count() > 0
        for part in (self.archive, self.check, self.change, self.remove, self.query):
            part.setEnabled(known and not self._busy)
        self.add.setEnabled(not self._busy)
        self.send_files.setEnabled(known and not self._busy)
        self.send_results.setEnabled(known and not self._busy and bool(self._results()))
        chosen = bool(self.results.chosen()) and bool(self.folder.text().strip())
        self.retrieve.setEnabled(known and not self._busy and chosen)
        self.stop.setEnabled(self._busy)
        self.bar.setVisible(self._busy)

    def _say(self, text: str, kind: str = "quiet") -> None:
        self.message.setObjectName(kind)
        restyle(self.message, "said", text)
        self.message.setText(text)

    # -- closing -------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Close, by a button, by Esc or by the window's frame."""
        super().done(result)
        self._leave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close a dialog that was not on screen, which Qt does without ``done``."""
        super().closeEvent(event)
        self._leave()

    def _leave(self) -> None:
        """Cancel what is under way, and be freed now or when it has ended."""
        self._left = True
        self._cancel.set()
        if not self._busy:
            self._end()

    def _end(self) -> None:
        if not self._freed:
            self._freed = True
            self._unsubscribe()
            self._background.close()
            self.deleteLater()


def _received(made: list[Received]) -> str:
    count = sum(one.count for one in made)
    notes = [note for one in made for note in one.notes]
    if any(one.cancelled for one in made):
        said = tr("Cancelled; one image has arrived.") if count == 1 else tr("Cancelled; {0} images have arrived.")
    else:
        said = tr("One image has arrived.") if count == 1 else tr("{0} images have arrived.")
    return " ".join([said.format(count), *notes])


def _sent(sent: Sent) -> str:
    if sent.cancelled:
        said = (
            tr("Cancelled; the archive took one file.")
            if sent.count == 1
            else tr("Cancelled; the archive took {0} files.")
        )
    else:
        said = tr("The archive took one file.") if sent.count == 1 else tr("The archive took {0} files.")
    return " ".join([said.format(sent.count), *sent.notes[:5]])
