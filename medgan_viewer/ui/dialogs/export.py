"""What to write, where to; the writing itself happens in the background."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.document import Change, CrosshairMoved, Document, OpenSeries, UndoChanged
from medgan_viewer.core.findings import score_text
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import HeatLayer, ImageLayer, Layer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.listing import listed
from medgan_viewer.core.measure.picture import slice_of
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dialogs.export_destination import Destination
from medgan_viewer.ui.dialogs.export_paper import PaperChoice
from medgan_viewer.ui.dialogs.export_parts import Scrolled, judged, names, set_kind
from medgan_viewer.ui.dialogs.export_plan import (
    ExportPlan,
    SlicePicture,
    all_slices,
    key_images_of,
    reading_of,
    report_order,
    slice_on_screen,
    what_goes,
)
from medgan_viewer.ui.dialogs.export_writing import report_of, write
from medgan_viewer.ui.dialogs.report_preview import ReportPreview
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.report.content import ReportContent, ReportOrder
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

if TYPE_CHECKING:
    from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["ExportDialog", "ExportPlan", "write"]

_log = logging.getLogger(__name__)

# The choices of slices, in their order.
_NONE, _ON_SCREEN, _ABOVE_THRESHOLD = range(3)
_BELOW_A_CHOICE = 22
# The width it has at first, and what is left free of the screen.
_WIDTH, _AROUND = 880, 60


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
        self._source_uid = self._source()
        self._writing = self._left = self._freed = self._sized = False
        self.layer_boxes: dict[str, QCheckBox] = {}
        self.finding_boxes: dict[str, QCheckBox] = {}
        column = self._column = QVBoxLayout(self)
        column.setSpacing(8)
        self._title = label("", "title")
        column.addWidget(self._title)
        left, right = self._add_choices(column)
        self._add_results(left)
        self._add_findings(left)
        left.addStretch()
        self._add_slice_choice(right)
        self._add_paper(right)
        right.addStretch()
        self._add_destination(column, secret)
        self._add_end(column)
        self._unsubscribe = document.subscribe(self._on_change)
        grid.active_pane_changed.connect(self._refresh)
        grid.state_changed.connect(self._refresh)
        grid.looked_at.connect(self._on_looked_at)
        self._refresh()

    def _source(self) -> str:
        """Return the series to export from; ValueError where there is nothing to export."""
        uid = self._document.series_to_export
        if uid is None:
            raise ValueError("nothing of a series that is listed can be exported")
        return uid

    # -- parts ---------------------------------------------------------------------------------------------------

    def _add_choices(self, column: QVBoxLayout) -> tuple[QVBoxLayout, QVBoxLayout]:
        """Add what can be exported: on the left what programs read, on the right what people look at."""
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(24)
        columns = QVBoxLayout(), QVBoxLayout()
        for one in columns:
            one.setSpacing(8)
            row.addLayout(one)
        row.setStretch(0, 2)
        row.setStretch(1, 3)
        self._choices = Scrolled(inside)
        column.addWidget(self._choices, 1)
        return columns

    def _add_results(self, column: QVBoxLayout) -> None:
        series = self._document.catalog.series(self._source_uid)
        name = series.description or series.modality
        self._title.setText(tr("Series {0} · {1}").format(series.number, name) if series.number is not None else name)
        column.addWidget(label(tr("RESULTS AS DICOM"), "heading"))
        self._results = QVBoxLayout()
        column.addLayout(self._results)
        self._elsewhere = label(tr("Results of another series: choose that series, then export."), "quiet")
        column.addWidget(self._elsewhere)

    def _add_slice_choice(self, column: QVBoxLayout) -> None:
        column.addWidget(label(tr("SLICES AS PICTURES (DICOM SECONDARY CAPTURE AND PNG)"), "heading"))
        self._slices = QButtonGroup(self)
        self._below: dict[int, QLabel] = {}
        for number in (_NONE, _ON_SCREEN, _ABOVE_THRESHOLD):
            choice = QRadioButton(tr("None"))
            choice.setChecked(number == _NONE)
            self._slices.addButton(choice, number)
            column.addWidget(choice)
            if number != _NONE:
                self._below[number] = label("", "quiet")
                self._below[number].setContentsMargins(scaled(_BELOW_A_CHOICE), 0, 0, 0)
                column.addWidget(self._below[number])
        self._slices.idToggled.connect(lambda *_: self._update())

    def _add_findings(self, column: QVBoxLayout) -> None:
        self._findings_heading = label(tr("FINDINGS AND VERDICTS (CSV, JSON AND DICOM REPORT)"), "heading")
        column.addWidget(self._findings_heading)
        self._findings = QVBoxLayout()
        column.addLayout(self._findings)
        self._marked_heading = label(tr("KEY IMAGES (DICOM KEY OBJECT SELECTION)"), "heading")
        column.addWidget(self._marked_heading)
        self.marked = QCheckBox()
        self.marked.setChecked(True)
        self.marked.toggled.connect(lambda _: self._update())
        column.addWidget(self.marked)
        self._measured_heading = label(tr("MEASUREMENTS (CSV AND DICOM REPORT)"), "heading")
        column.addWidget(self._measured_heading)
        self.measured = QCheckBox()
        self.measured.setChecked(True)
        self.measured.toggled.connect(lambda _: self._update())
        column.addWidget(self.measured)

    def _add_paper(self, column: QVBoxLayout) -> None:
        self.paper = PaperChoice()
        self.paper.changed.connect(self._update)
        self.paper.preview_asked.connect(self._on_preview)
        column.addWidget(self.paper)

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
        self._bar.hide()
        column.addWidget(self._bar)
        self.message = label("")
        self.message.hide()
        column.addWidget(self.message)
        buttons = QHBoxLayout()
        buttons.addStretch()
        close = button(tr("Close"))
        close.clicked.connect(self.close)
        self.export = button(tr("Export"), tr("Write the chosen results"), "primary")
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
        self._refresh_marked()
        self.paper.offer([one for one in self._layers() if isinstance(one, ImageLayer) and one.ready.any()])
        opened = self._opened
        if opened is not None:
            self._offer_on_screen(slice_on_screen(self._document, self._grid, opened), opened)
            self._offer_above_threshold(all_slices(self._document, self._grid, opened))
        self._choices.fit()
        self._update()

    def _refresh_results(self) -> None:
        # What another program made and was only read from a file is drawn in pictures, and not written again.
        layers = {layer.uid: layer for layer in self._layers() if layer.provenance.own}
        self._fit(self.layer_boxes, self._results, dict.fromkeys(layers, True))
        for uid, layer in layers.items():
            unfinished = "" if layer.complete else tr(" (not finished: only its finished slices)")
            self.layer_boxes[uid].setText(layer.name + unfinished)
        others = [one for one in self._document.layers if one.source_series_uid != self._source_uid]
        self._elsewhere.setVisible(bool(others))

    def _refresh_findings(self) -> None:
        """Offer the findings of each heat map; they are chosen at first where the reader has judged some."""
        readings = {layer.uid: reading_of(self._document, layer) for layer in self._heat_maps()}
        # A list that is not made yet would be written as an empty one.
        offered = {uid: one for uid, one in readings.items() if one.findings or one.judgements}
        self._fit(self.finding_boxes, self._findings, {uid: bool(one.judgements) for uid, one in offered.items()})
        self._findings_heading.setVisible(bool(offered))
        for uid, reading in offered.items():
            self.finding_boxes[uid].setText(judged(reading))

    def _refresh_measured(self) -> None:
        count = len(self._annotations())
        for widget in (self._measured_heading, self.measured):
            widget.setVisible(count > 0)
        what = tr("The measurement") if count == 1 else tr("The {0} measurements").format(count)
        self.measured.setText(tr("{0} of this study").format(what))

    def _refresh_marked(self) -> None:
        count = len(self._key_images())
        for widget in (self._marked_heading, self.marked):
            widget.setVisible(count > 0)
        self.marked.setText(
            tr("The key image of this study") if count == 1 else tr("The {0} key images of this study").format(count)
        )

    def _key_images(self) -> tuple[KeyImage, ...]:
        opened = self._opened
        return () if opened is None else key_images_of(self._document, opened)

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

    def _offer_on_screen(self, picture: SlicePicture, opened: OpenSeries) -> None:
        count = len(opened.stack)
        which = (
            tr("Acquired slice on screen")
            if picture.index is None
            else tr("Acquired slice {0} of {1}").format(picture.index + 1, count)
        )
        figures = sum(slice_of(one, opened) == picture.index for one in self._annotations())
        if picture.index is None:
            figures = 0
        what = tr("one figure") if figures == 1 else tr("{0} figures").format(figures)
        if picture.base is not None:
            text = tr("{0}, {1} in place of the original").format(which, picture.base.name)
        elif picture.index is not None and not picture.drawn:
            said = tr("{0}, with {1} drawn on it") if figures else tr("{0}, with nothing drawn on it")
            text, figures = said.format(which, what), 0
        else:
            text = tr("{0}, with the results that are visible drawn on it").format(which)
        if figures:
            text = tr("{0}, and {1}").format(text, what)
        self._offer(_ON_SCREEN, text, picture, available=picture.index is not None)

    def _offer_above_threshold(self, picture: SlicePicture) -> None:
        heat = self._heat()
        text = tr("Every acquired slice above a heat map's threshold")
        if heat is not None:
            text = tr("Every acquired slice on which {0} reaches its threshold ({1})").format(
                heat.name, score_text(heat.threshold)
            )
        self._offer(_ABOVE_THRESHOLD, text, picture, available=heat is not None)

    def _offer(self, number: int, text: str, picture: SlicePicture, *, available: bool) -> None:
        choice, below = self._slices.button(number), self._below[number]
        choice.setText(text)
        choice.setEnabled(available)
        said = [picture.reason]
        if available:
            said += [
                names(tr("Drawn on it:"), picture.drawn),
                names(tr("Made from another series, not drawn:"), picture.elsewhere),
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

    def _update(self) -> None:
        slices = self._slices.checkedButton()
        boxes = (*self.layer_boxes.values(), *self.finding_boxes.values())
        measured = bool(self._annotations()) and self.measured.isChecked()
        wanted = self._slices.checkedId() != _NONE or measured or any(box.isChecked() for box in boxes)
        wanted = wanted or self.paper.chosen or (bool(self._key_images()) and self.marked.isChecked())
        # A chosen picture that cannot be made now is said to be so; it is never left out in silence.
        settled = slices is not None and slices.isEnabled()
        for number, below in self._below.items():
            set_kind(below, "quiet" if settled or number != self._slices.checkedId() else "caution")
        # Report and films are no DICOM objects: no archive takes them.
        somewhere = self.destination.settled and bool(self.folder.text().strip() or not self.paper.chosen)
        possible = settled and self._opened is not None and somewhere
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
        measurements = tuple(listed(self._document, self._annotations()))
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
            window=picture.window
            or self._document.window(picture.base.uid if picture.base is not None else self._source_uid),
            folder=Path(folder) if (folder := self.folder.text().strip()) else None,
            secret=self.identity.secret,
            above=self._heat() if which == _ABOVE_THRESHOLD else None,
            measurements=measurements if self.measured.isChecked() else (),
            key_images=self._key_images() if self.marked.isChecked() else (),
            annotations=tuple(entry.annotation for entry in measurements),
            study=self._document.catalog.study_of(opened.series.uid)[0].series,
            readings=tuple(
                reading_of(self._document, layer)
                for layer in self._heat_maps()
                if layer.uid in self.finding_boxes and self.finding_boxes[layer.uid].isChecked()
            ),
            report=self._report_order() if self.paper.report.isChecked() else None,
            films=self.paper.wanted_films,
            archive=self.destination.archive_name,
        )

    def _on_preview(self) -> None:
        """Show the pages of the report, made in the background."""
        order = self._report_order()
        if order is None:
            return
        secret = self.identity.secret
        self.paper.preview.setEnabled(False)
        self._background.run(lambda: report_of(order, secret), self._on_previewed)

    def _on_previewed(self, made: "ReportContent | Exception") -> None:
        self.paper.preview.setEnabled(True)
        if isinstance(made, ReportContent):
            ReportPreview(self, made).show()
        else:
            self._say_failure(made, tr("The report could not be made."))

    def _report_order(self) -> ReportOrder | None:
        """Return what a report would be about now; its pictures are of the slice on the screen."""
        opened = self._opened
        if opened is None:
            return None
        shown = slice_on_screen(self._document, self._grid, opened)
        measurements = tuple(listed(self._document, self._annotations()))
        return report_order(self._document, opened, shown, measurements)

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

    def _on_written(self, folder: Path | None, result: "tuple[list[Path], list[str]] | Exception") -> None:
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
        self.message.setVisible(bool(text))

    def showEvent(self, event: QShowEvent) -> None:
        """Be as large as all choices need, as far as the screen has room."""
        super().showEvent(event)
        if not self._sized:
            self._sized = True
            room = self.screen().availableGeometry()
            width = min(max(self.sizeHint().width(), scaled(_WIDTH)), room.width() - _AROUND)
            self.resize(width, self.height())
            self._column.activate()
            missing = self._choices.verticalScrollBar().maximum()
            self.resize(width, min(self.height() + missing, room.height() - _AROUND))

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
