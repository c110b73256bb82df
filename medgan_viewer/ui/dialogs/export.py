"""What to write, where to; the writing itself happens in the background."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.document import Change, CrosshairMoved, Document, OpenSeries, UndoChanged
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import HeatLayer, Layer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.listing import listed
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dialogs.export_identity import IdentityChoice
from medgan_viewer.ui.dialogs.export_plan import (
    ExportPlan,
    SlicePicture,
    all_slices,
    reading_of,
    slice_on_screen,
    what_goes,
    write,
)
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import button, label

if TYPE_CHECKING:
    from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["ExportDialog", "ExportPlan", "write"]

_log = logging.getLogger(__name__)

# The choices of slices, in their order.
_NONE, _ON_SCREEN, _ABOVE_THRESHOLD = range(3)
_BELOW_A_CHOICE = 22


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
        self.setWindowTitle("Export")
        self.setMinimumWidth(520)
        self._document, self._grid = document, grid
        self._background = Background("export", self)
        self._source_uid = self._source()
        self._secret = secret
        self._writing = self._left = self._freed = False
        self.layer_boxes: dict[str, QCheckBox] = {}
        self.finding_boxes: dict[str, QCheckBox] = {}
        column = QVBoxLayout(self)
        column.setSpacing(8)
        self._add_results(column)
        self._add_slice_choice(column)
        self._add_findings(column)
        self._add_folder(column)
        self._add_end(column)
        self._unsubscribe = document.subscribe(self._on_change)
        grid.active_pane_changed.connect(self._refresh)
        grid.state_changed.connect(self._refresh)
        grid.looked_at.connect(self._on_looked_at)
        self._refresh()

    def _source(self) -> str:
        """Return the series to export from: the selected one if it has results, else the newest result's source."""
        selected = self._document.selected_series
        if selected is not None and self._document.layers_of(selected):
            return selected
        if self._document.layers:
            return self._document.layers[-1].source_series_uid
        return selected or self._document.annotations.all[-1].series_uid

    # -- parts ---------------------------------------------------------------------------------------------------

    def _add_results(self, column: QVBoxLayout) -> None:
        series = self._document.catalog.series(self._source_uid)
        name = series.description or series.modality
        column.addWidget(label(f"Series {series.number} · {name}" if series.number is not None else name, "title"))
        column.addWidget(label("RESULTS AS DICOM", "heading"))
        self._results = QVBoxLayout()
        column.addLayout(self._results)

    def _add_slice_choice(self, column: QVBoxLayout) -> None:
        column.addWidget(label("SLICES AS PICTURES (DICOM SECONDARY CAPTURE AND PNG)", "heading"))
        self._slices = QButtonGroup(self)
        self._below: dict[int, QLabel] = {}
        for number in (_NONE, _ON_SCREEN, _ABOVE_THRESHOLD):
            choice = QRadioButton("None")
            choice.setChecked(number == _NONE)
            self._slices.addButton(choice, number)
            column.addWidget(choice)
            if number != _NONE:
                self._below[number] = label("", "quiet")
                self._below[number].setContentsMargins(_BELOW_A_CHOICE, 0, 0, 0)
                column.addWidget(self._below[number])
        self._slices.idToggled.connect(lambda *_: self._update())

    def _add_findings(self, column: QVBoxLayout) -> None:
        self._findings_heading = label("FINDINGS AND VERDICTS (CSV, JSON AND DICOM REPORT)", "heading")
        column.addWidget(self._findings_heading)
        self._findings = QVBoxLayout()
        column.addLayout(self._findings)
        self._measured_heading = label("MEASUREMENTS (CSV AND DICOM REPORT)", "heading")
        column.addWidget(self._measured_heading)
        self.measured = QCheckBox()
        self.measured.setChecked(True)
        self.measured.toggled.connect(lambda _: self._update())
        column.addWidget(self.measured)

    def _add_folder(self, column: QVBoxLayout) -> None:
        column.addWidget(label("FOLDER", "heading"))
        row = QHBoxLayout()
        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder to write to")
        self.folder.setPlaceholderText("Choose a folder")
        self.folder.textChanged.connect(lambda _: self._update())
        row.addWidget(self.folder, 1)
        choose = button("Choose…", "Choose a folder to write to")
        choose.clicked.connect(self._on_choose)
        row.addWidget(choose)
        column.addLayout(row)
        self.identity = IdentityChoice(self._secret)
        self.identity.list_asked.connect(self._on_list_asked)
        column.addWidget(self.identity)

    def _on_list_asked(self) -> None:
        plan = self.plan()
        if plan is not None:
            self._background.run(lambda: what_goes(plan), self.identity.show_list)

    def _add_end(self, column: QVBoxLayout) -> None:
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.hide()
        column.addWidget(self._bar)
        self.message = label("")
        self.message.hide()
        column.addWidget(self.message)
        buttons = QHBoxLayout()
        buttons.addStretch()
        close = button("Close")
        close.clicked.connect(self.close)
        self.export = button("Export", "Write the chosen results", "primary")
        self.export.clicked.connect(self._on_export)
        buttons.addWidget(close)
        buttons.addWidget(self.export)
        column.addLayout(buttons)

    # -- what there is to choose from ----------------------------------------------------------------------------

    @property
    def _opened(self) -> OpenSeries | None:
        return self._document.opened(self._source_uid)

    def _layers(self) -> tuple[Layer, ...]:
        """Return the results as they are now; who keeps them writes what was shown some time ago."""
        return self._document.layers_of(self._source_uid)

    def _heat_maps(self) -> list[HeatLayer]:
        return [layer for layer in self._layers() if isinstance(layer, HeatLayer)]

    def _heat(self) -> HeatLayer | None:
        """Return the heat map whose threshold chooses slices: the newest, of those that are visible if any is."""
        maps = self._heat_maps()
        return next(reversed([layer for layer in maps if layer.visible] or maps), None)

    def _on_change(self, change: Change) -> None:
        if not isinstance(change, CrosshairMoved | UndoChanged):
            self._refresh()

    def _on_looked_at(self, series_uid: str, index: int) -> None:
        del series_uid, index
        self._refresh()

    def _refresh(self) -> None:
        """Offer what there is now."""
        self._refresh_results()
        self._refresh_findings()
        self._refresh_measured()
        opened = self._opened
        if opened is not None:
            self._offer_on_screen(slice_on_screen(self._document, self._grid, opened), len(opened.stack))
            self._offer_above_threshold(all_slices(self._document, self._grid, opened))
        self._update()

    def _refresh_results(self) -> None:
        # What another program made and was only read from a file is drawn in pictures, and not written again.
        layers = {layer.uid: layer for layer in self._layers() if layer.provenance.weights_sha256}
        self._fit(self.layer_boxes, self._results, dict.fromkeys(layers, True))
        for uid, layer in layers.items():
            unfinished = "" if layer.complete else " (not finished: only its finished slices)"
            self.layer_boxes[uid].setText(layer.name + unfinished)

    def _refresh_findings(self) -> None:
        """Offer the findings of each heat map; they are chosen at first where the reader has judged some."""
        readings = {layer.uid: reading_of(self._document, layer) for layer in self._heat_maps()}
        # A list that is not made yet would be written as an empty one.
        offered = {uid: one for uid, one in readings.items() if one.findings or one.judgements}
        self._fit(self.finding_boxes, self._findings, {uid: bool(one.judgements) for uid, one in offered.items()})
        self._findings_heading.setVisible(bool(offered))
        for uid, reading in offered.items():
            self.finding_boxes[uid].setText(_judged(reading))

    def _refresh_measured(self) -> None:
        count = len(self._annotations())
        for widget in (self._measured_heading, self.measured):
            widget.setVisible(count > 0)
        what = "The measurement" if count == 1 else f"The {count} measurements"
        self.measured.setText(f"{what} of this study")

    def _annotations(self) -> tuple[Annotation, ...]:
        """Return what was drawn in the study that the results are of."""
        opened = self._opened
        return () if opened is None else self._document.annotations.of(study_key(opened.study))

    def _fit(self, boxes: dict[str, QCheckBox], column: QVBoxLayout, wanted: dict[str, bool]) -> None:
        """Have one box for everything wanted, which says whether a new one is checked, and none for anything else."""
        for uid in [uid for uid in boxes if uid not in wanted]:
            box = boxes.pop(uid)
            column.removeWidget(box)
            box.hide()
            box.deleteLater()
        for uid, checked in wanted.items():
            if uid not in boxes:
                boxes[uid] = QCheckBox()
                boxes[uid].setChecked(checked)
                boxes[uid].toggled.connect(lambda _: self._update())
                column.addWidget(boxes[uid])

    def _offer_on_screen(self, picture: SlicePicture, count: int) -> None:
        which = (
            "Acquired slice on screen" if picture.index is None else f"Acquired slice {picture.index + 1} of {count}"
        )
        if picture.base is not None:
            text = f"{which}, {picture.base.name} in place of the original"
        elif picture.index is not None and not picture.drawn:
            text = f"{which}, with nothing drawn on it"
        else:
            text = f"{which}, with the results that are visible drawn on it"
        self._offer(_ON_SCREEN, text, picture, available=picture.index is not None)

    def _offer_above_threshold(self, picture: SlicePicture) -> None:
        heat = self._heat()
        text = "Every acquired slice above a heat map's threshold"
        if heat is not None:
            text = f"Every acquired slice on which {heat.name} reaches its threshold ({heat.threshold:.2f})"
        self._offer(_ABOVE_THRESHOLD, text, picture, available=heat is not None)

    def _offer(self, number: int, text: str, picture: SlicePicture, *, available: bool) -> None:
        choice, below = self._slices.button(number), self._below[number]
        choice.setText(text)
        choice.setEnabled(available)
        said = [picture.reason]
        if available:
            said += [
                _names("Drawn on it:", picture.drawn),
                _names("Made from another series, not drawn:", picture.elsewhere),
            ]
        below.setText(" ".join(part for part in said if part))
        below.setVisible(bool(below.text()))

    def choose_slices(self, which: int) -> None:
        """Choose no slice (0), the one on screen (1) or all above the threshold (2)."""
        self._slices.button(which).setChecked(True)

    def choice(self, which: int) -> QAbstractButton:
        """Return the button of a choice of slices."""
        return self._slices.button(which)

    def explanation(self, which: int) -> str:
        """Return what stands below a choice of slices."""
        return self._below[which].text()

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export to")
        if folder:
            self.folder.setText(folder)

    def _update(self) -> None:
        slices = self._slices.checkedButton()
        boxes = (*self.layer_boxes.values(), *self.finding_boxes.values())
        measured = bool(self._annotations()) and self.measured.isChecked()
        wanted = self._slices.checkedId() != _NONE or measured or any(box.isChecked() for box in boxes)
        # A chosen picture that cannot be made now is said to be so; it is never left out in silence.
        settled = slices is not None and slices.isEnabled()
        for number, below in self._below.items():
            _set_kind(below, "quiet" if settled or number != self._slices.checkedId() else "caution")
        possible = settled and self._opened is not None and bool(self.folder.text().strip())
        self.export.setEnabled(wanted and possible and not self._writing)

    # -- writing -------------------------------------------------------------------------------------------------

    def plan(self) -> ExportPlan | None:
        """Return what the dialog's choices ask for; None where the series is not open any more."""
        opened = self._opened
        if opened is None:
            return None
        which = self._slices.checkedId()
        picture = SlicePicture()
        if which == _ON_SCREEN:
            picture = slice_on_screen(self._document, self._grid, opened)
        elif which == _ABOVE_THRESHOLD:
            picture = all_slices(self._document, self._grid, opened)
        return ExportPlan(
            opened=opened,
            objects=tuple(
                layer
                for layer in self._layers()
                if layer.uid in self.layer_boxes and self.layer_boxes[layer.uid].isChecked()
            ),
            drawn=picture.drawn,
            base=picture.base,
            slices=() if picture.index is None else (picture.index,),
            window=self._document.window(picture.base.uid if picture.base is not None else self._source_uid),
            folder=Path(self.folder.text().strip()),
            secret=self.identity.secret,
            above=self._heat() if which == _ABOVE_THRESHOLD else None,
            measurements=tuple(listed(self._document, self._annotations())) if self.measured.isChecked() else (),
            study=self._document.catalog.study_of(opened.series.uid)[0].series,
            readings=tuple(
                reading_of(self._document, layer)
                for layer in self._heat_maps()
                if layer.uid in self.finding_boxes and self.finding_boxes[layer.uid].isChecked()
            ),
        )

    def _on_export(self) -> None:
        self._refresh()
        plan = self.plan() if self.export.isEnabled() else None
        if plan is None:
            return
        self._writing = True
        self._bar.show()
        self._update()
        self._say("")
        self._background.run(lambda: write(plan), lambda result: self._on_written(plan.folder, result))

    def _on_written(self, folder: Path, result: "tuple[list[Path], list[str]] | Exception") -> None:
        self._writing = False
        self._bar.hide()
        self._update()
        if isinstance(result, MedganError):
            self._say(result.sentence, kind="caution")
        elif isinstance(result, Exception):
            # Its text may hold a path, and that a patient's name.
            _log.error("the export failed: %s", type(result).__name__)
            self._say("Something unexpected went wrong, and not everything was written.", kind="caution")
        else:
            paths, notes = result
            files = (
                "Nothing was written" if not paths else f"Wrote {len(paths)} file" + ("" if len(paths) == 1 else "s")
            )
            self._say(" ".join([f"{files} to {folder}." if paths else f"{files}.", *notes]))
        self.finished_writing.emit(not isinstance(result, Exception))
        if self._left:
            self._end(all_written=not isinstance(result, Exception) and not result[1])

    def _say(self, text: str, kind: str = "quiet") -> None:
        _set_kind(self.message, kind)
        self.message.setText(text)
        self.message.setVisible(bool(text))

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


def _set_kind(line: QLabel, kind: str) -> None:
    if line.objectName() != kind:
        line.setObjectName(kind)
        line.style().polish(line)


def _judged(reading: Reading) -> str:
    """Return what the list of findings of a heat map holds."""
    count = len(reading.findings)
    said = [f"{number} {verdict}" for verdict in ("accepted", "rejected") if (number := reading.count(verdict))]
    found = f"{count} finding" + ("" if count == 1 else "s")
    return f"{reading.layer.name}: {', '.join([found, *(said or ['none judged yet'])])}"


def _names(before: str, layers: tuple[Layer, ...]) -> str:
    return f"{before} {', '.join(layer.name for layer in layers)}." if layers else ""
