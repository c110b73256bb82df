"""What can be exported of a series and what is chosen of it: results, findings, slices, paper."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QCheckBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.findings import score_text
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import HeatLayer, ImageLayer, Layer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.listing import listed
from medgan_viewer.core.measure.picture import slice_of
from medgan_viewer.ui.dialogs.export_paper import PaperChoice
from medgan_viewer.ui.dialogs.export_parts import judged, names, set_kind
from medgan_viewer.ui.dialogs.export_plan import (
    ExportPlan,
    SlicePicture,
    all_slices,
    key_images_of,
    reading_of,
    report_order,
    slice_on_screen,
)
from medgan_viewer.ui.panels.widgets import label
from medgan_viewer.ui.report.content import ReportOrder
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

if TYPE_CHECKING:
    from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["ExportChoices"]

# The choices of slices, in their order.
_NONE, _ON_SCREEN, _ABOVE_THRESHOLD = range(3)
_BELOW_A_CHOICE = 22


class ExportChoices(QWidget):
    """Offers what there is now: on the left what programs read, on the right what people look at."""

    changed = Signal()

    def __init__(self, document: Document, grid: "ViewGrid") -> None:
        super().__init__()
        self._document, self._grid = document, grid
        self._source_uid = self._source()
        self.layer_boxes: dict[str, QCheckBox] = {}
        self.finding_boxes: dict[str, QCheckBox] = {}
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 8, 0)
        self._row.setSpacing(24)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, stretch in ((left, 2), (right, 3)):
            column.setSpacing(8)
            self._row.addLayout(column, stretch)
        self._add_results(left)
        self._add_findings(left)
        left.addStretch()
        self._add_slice_choice(right)
        self._add_paper(right)
        right.addStretch()

    @property
    def title(self) -> str:
        """Which series it is of."""
        series = self._document.catalog.series(self._source_uid)
        name = series.description or series.modality
        return tr("Series {0} · {1}").format(series.number, name) if series.number is not None else name

    def stack(self) -> None:
        """Have the two columns one below the other."""
        self._row.setDirection(QBoxLayout.Direction.TopToBottom)

    def _source(self) -> str:
        """Return the series to export from; ValueError where there is nothing to export."""
        uid = self._document.series_to_export or self._document.selected_series
        if uid is None:
            raise ValueError("nothing of a series that is listed can be exported")
        return uid

    def _add_results(self, column: QVBoxLayout) -> None:
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
        self._slices.idToggled.connect(lambda *_: self._on_chosen())

    def _add_findings(self, column: QVBoxLayout) -> None:
        self._findings_heading = label(tr("FINDINGS AND VERDICTS (CSV, JSON AND DICOM REPORT)"), "heading")
        column.addWidget(self._findings_heading)
        self._findings = QVBoxLayout()
        column.addLayout(self._findings)
        self._marked_heading = label(tr("KEY IMAGES (DICOM KEY OBJECT SELECTION)"), "heading")
        column.addWidget(self._marked_heading)
        self.marked = QCheckBox()
        self.marked.setChecked(True)
        self.marked.toggled.connect(lambda _: self._on_chosen())
        column.addWidget(self.marked)
        self._marked_elsewhere = label(tr("Key images of another series: choose that series, then export."), "quiet")
        column.addWidget(self._marked_elsewhere)
        self._measured_heading = label(tr("MEASUREMENTS (CSV AND DICOM REPORT)"), "heading")
        column.addWidget(self._measured_heading)
        self.measured = QCheckBox()
        self.measured.setChecked(True)
        self.measured.toggled.connect(lambda _: self._on_chosen())
        column.addWidget(self.measured)

    def _add_paper(self, column: QVBoxLayout) -> None:
        self.paper = PaperChoice()
        self.paper.changed.connect(self._on_chosen)
        column.addWidget(self.paper)

    # -- what there is to choose from ----------------------------------------------------------------------------

    @property
    def opened(self) -> OpenSeries | None:
        """The series, None where it is not open any more."""
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

    def refresh(self) -> None:
        """Offer what there is now."""
        self._refresh_results()
        self._refresh_findings()
        self._refresh_measured()
        self._refresh_marked()
        self.paper.offer([one for one in self._layers() if isinstance(one, ImageLayer) and one.ready.any()])
        opened = self.opened
        if opened is not None:
            self._offer_on_screen(slice_on_screen(self._document, self._grid, opened), opened)
            self._offer_above_threshold(all_slices(self._document, self._grid, opened))
        self._on_chosen()

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
        count, all_of_study = self._marked_here, len(self._key_images())
        self._marked_heading.setVisible(all_of_study > 0)
        self.marked.setVisible(count > 0)
        self._marked_elsewhere.setVisible(count < all_of_study)
        self.marked.setText(
            tr("The key image of this series") if count == 1 else tr("The {0} key images of this series").format(count)
        )

    def _key_images(self) -> tuple[KeyImage, ...]:
        opened = self.opened
        return () if opened is None else key_images_of(self._document, opened)

    def _annotations(self) -> tuple[Annotation, ...]:
        """Return what was drawn in the study that the results are of."""
        opened = self.opened
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
                boxes[uid].toggled.connect(lambda _: self._on_chosen())
                column.addWidget(boxes[uid])

    def _offer_on_screen(self, picture: SlicePicture, opened: OpenSeries) -> None:
        which = tr("Slice on screen")
        if picture.index is not None:
            which = _slice_words(opened).format(picture.index + 1, len(opened.stack))
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
        text = tr("Every slice above a heat map's threshold")
        if heat is not None:
            text = tr("Every slice on which {0} reaches its threshold ({1})").format(
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

    # -- what is chosen ------------------------------------------------------------------------------------------

    def _on_chosen(self) -> None:
        # A chosen picture that cannot be made now is said to be so; it is never left out in silence.
        for number, below in self._below.items():
            set_kind(below, "quiet" if self.settled or number != self._slices.checkedId() else "caution")
        self.changed.emit()

    @property
    def settled(self) -> bool:
        """Whether the chosen pictures can be made."""
        slices = self._slices.checkedButton()
        return slices is not None and slices.isEnabled()

    @property
    def wanted(self) -> bool:
        """Whether anything is chosen."""
        boxes = (*self.layer_boxes.values(), *self.finding_boxes.values())
        measured = bool(self._annotations()) and self.measured.isChecked()
        pictures = self._slices.checkedId() != _NONE or self.paper.chosen
        return pictures or measured or any(box.isChecked() for box in boxes) or self._marked_wanted

    @property
    def _marked_here(self) -> int:
        """How many slices of this series are marked: the list that is written is of one series."""
        return sum(key.series_uid == self._source_uid for key in self._key_images())

    @property
    def _marked_wanted(self) -> bool:
        return self._marked_here > 0 and self.marked.isChecked()

    def plan(self, folder: Path | None, secret: bytes | None, archive: str) -> ExportPlan | None:
        """Return what the choices ask for, to be written there; None where the series is not open any more."""
        opened = self.opened
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
            folder=folder,
            secret=secret,
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
            pictured=tuple(reading_of(self._document, one) for one in picture.drawn if isinstance(one, HeatLayer)),
            report=self.report_order() if self.paper.report.isChecked() else None,
            films=self.paper.wanted_films,
            archive=archive,
        )

    def report_order(self) -> ReportOrder | None:
        """Return what a report would be about now; its pictures are of the slice on the screen."""
        opened = self.opened
        if opened is None:
            return None
        shown = slice_on_screen(self._document, self._grid, opened)
        measurements = tuple(listed(self._document, self._annotations()))
        return report_order(self._document, opened, shown, measurements)


def _slice_words(opened: OpenSeries) -> str:
    """Return how a slice of a series is called, with places for its number and the count of all."""
    if opened.series.simulated:
        return tr("Slice {0} of {1} (simulated)")
    if opened.series.synthetic or opened.stack.synthetic:
        return tr("Slice {0} of {1} (synthetic)")
    return tr("Slice {0} of {1}")
