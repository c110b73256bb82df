"""What to write, where to; the writing itself happens in the background."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import HeatLayer, ImageLayer, Layer
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import button, label

if TYPE_CHECKING:
    from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["ExportDialog", "ExportPlan", "write"]


@dataclass(frozen=True)
class ExportPlan:
    """What is to be written: results as DICOM objects, and slices as pictures (Secondary Capture and PNG)."""

    opened: OpenSeries
    objects: tuple[Layer, ...]
    drawn: tuple[Layer, ...]
    base: ImageLayer | None
    slices: tuple[int, ...]
    window: Window
    folder: Path


def write(plan: ExportPlan) -> tuple[list[Path], list[str]]:
    """Write a plan; return the paths and sentences about what was left out. Raises MedganError."""
    from medgan_viewer.dicom import export

    paths: list[Path] = []
    notes: list[str] = []
    series, stack = plan.opened.series, plan.opened.stack
    if plan.objects:
        report = export.write_dicom(plan.objects, series, stack, plan.folder)
        paths += report.paths
        notes += report.notes
    if plan.slices:
        drawn = [layer for layer in plan.drawn if not isinstance(layer, ImageLayer)]
        report = export.write_slices(plan.slices, drawn, series, stack, plan.folder, window=plan.window, base=plan.base)
        paths += report.paths
        notes += report.notes
    return paths, notes


class ExportDialog(QDialog):
    """Choose results, slices and a folder; the folder is never overwritten."""

    finished_writing = Signal(bool)

    def __init__(self, document: Document, grid: "ViewGrid", parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setMinimumWidth(480)
        self._document, self._grid = document, grid
        self._background = Background("export", self)
        self._source_uid = self._source()
        self._layers = document.layers_of(self._source_uid)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(label("RESULTS AS DICOM", "heading"))
        self.layer_boxes: dict[str, QCheckBox] = {}
        for layer in self._layers:
            box = QCheckBox(layer.name + ("" if layer.complete else " (not finished: only its finished slices)"))
            box.setChecked(True)
            self.layer_boxes[layer.uid] = box
            column.addWidget(box)
        column.addWidget(label("SLICES AS PICTURES (DICOM SECONDARY CAPTURE AND PNG)", "heading"))
        self._add_slice_choice(column)
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
        column.addWidget(
            label(
                "Files carry the patient's identity as the study does. Everything synthetic is marked in it.", "quiet"
            )
        )
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
        self._close = button("Close")
        self._close.clicked.connect(self.close)
        self.export = button("Export", "Write the chosen results", "primary")
        self.export.clicked.connect(self._on_export)
        buttons.addWidget(self._close)
        buttons.addWidget(self.export)
        column.addLayout(buttons)
        self._update()

    def _source(self) -> str:
        """Return the series to export from: the selected one if it has results, else the newest result's source."""
        selected = self._document.selected_series
        if selected is not None and self._document.layers_of(selected):
            return selected
        return self._document.layers[-1].source_series_uid

    def _heat(self) -> HeatLayer | None:
        return next((layer for layer in reversed(self._layers) if isinstance(layer, HeatLayer)), None)

    def _add_slice_choice(self, column: QVBoxLayout) -> None:
        self._slices = QButtonGroup(self)
        heat = self._heat()
        choices: list[tuple[str, bool]] = [
            ("None", True),
            ("The slice on screen, with the results drawn on it", True),
            ("Every slice above the heat map's threshold", heat is not None),
        ]
        for number, (text, enabled) in enumerate(choices):
            choice = QRadioButton(text)
            choice.setEnabled(enabled)
            choice.setChecked(number == 0)
            self._slices.addButton(choice, number)
            column.addWidget(choice)

    def choose_slices(self, which: int) -> None:
        """Choose no slice (0), the one on screen (1) or all above the threshold (2)."""
        self._slices.button(which).setChecked(True)
        self._update()

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export to")
        if folder:
            self.folder.setText(folder)

    def _update(self) -> None:
        self.export.setEnabled(bool(self.folder.text().strip()) and not self._bar.isVisible())

    def plan(self) -> ExportPlan | None:
        """Return what the dialog's choices ask for; None where the series is not open any more."""
        opened = self._document.opened(self._source_uid)
        if opened is None:
            return None
        shown = self._grid.active_pane.content
        base = None
        if shown is not None and shown.layer_uid is not None:
            layer = self._document.layer(shown.layer_uid)
            base = layer if isinstance(layer, ImageLayer) and layer in self._layers else None
        return ExportPlan(
            opened=opened,
            objects=tuple(layer for layer in self._layers if self.layer_boxes[layer.uid].isChecked()),
            drawn=tuple(layer for layer in self._layers if layer.visible),
            base=base,
            slices=self._chosen_slices(opened),
            window=self._document.window(base.uid if base is not None else self._source_uid),
            folder=Path(self.folder.text().strip()),
        )

    def _chosen_slices(self, opened: OpenSeries) -> tuple[int, ...]:
        heat = self._heat()
        match self._slices.checkedId():
            case 1:
                visible = self._grid.visible_slice(self._source_uid)
                if visible is None:
                    return ()
                from medgan_viewer.core.slicing import nearest_slice

                return (nearest_slice(opened.stack, opened.volume().point((visible, 0, 0))),)
            case 2 if heat is not None:
                from medgan_viewer.core.rendering import slices_above_threshold

                return tuple(slices_above_threshold(heat, opened.stack))
            case _:
                return ()

    def _on_export(self) -> None:
        plan = self.plan()
        if plan is None:
            return
        self._bar.show()
        self._update()
        self._say("")
        self._background.run(_writing(plan), self._on_written)

    def _on_written(self, result: "tuple[Sequence[Path], Sequence[str]] | Exception") -> None:
        self._bar.hide()
        self._update()
        if isinstance(result, MedganError):
            self._say(result.sentence, kind="caution")
        elif isinstance(result, Exception):
            self._say("Nothing was written: something unexpected went wrong; the log has the details.", kind="caution")
        else:
            paths, notes = result
            files = f"{len(paths)} file" + ("" if len(paths) == 1 else "s")
            self._say(" ".join([f"Wrote {files} to {self.folder.text().strip()}.", *notes]))
        self.finished_writing.emit(not isinstance(result, Exception))

    def _say(self, text: str, kind: str = "quiet") -> None:
        self.message.setObjectName(kind)
        self.message.style().polish(self.message)
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Wait until what is being written is whole."""
        self._background.close()
        super().closeEvent(event)


def _writing(plan: ExportPlan) -> Callable[[], tuple[list[Path], list[str]]]:
    return lambda: write(plan)
