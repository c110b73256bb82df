"""The main job on the virtual patient, done by the window's own code without anybody at the mouse."""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import HeatLayer, ImageLayer, LabelLayer
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dialogs.export import ExportPlan, write
from medgan_viewer.ui.dialogs.export_plan import SlicePicture, reading_of, report_order
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import RunState
from medgan_viewer.ui.waiting import comes_true

__all__ = ["Demo"]

_STEPS = (("head-ct-to-mr", "CT"), ("head-anatomy", "CT"), ("head-anomaly", "FLAIR"))
_PATIENCE_MS = 600_000


class Demo:
    """Opens, runs, exports and takes a picture; each step waits for what it needs, not for a time."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self._window = window
        self._out = out

    def run(self) -> int:
        """Do everything; return 0 only when all of it was done."""
        window = self._window
        self._wait(lambda: bool(window.document.catalog.studies) and not window.loader.busy, "the study to open")
        self._wait(lambda: window.models.package("head-ct-to-mr") is not None, "the models to be found")
        missing = [model for model, _ in _STEPS if window.models.package(model) is None]
        for model in missing:
            sys.stderr.write(f"The model {model} is not installed; its step is left out.\n")
        done = [self._run_step(model, kind) for model, kind in _STEPS if model not in missing]
        self._arrange()
        written = self._export()
        self._picture()
        for path in written:
            sys.stdout.write(f"{path}\n")
        return 0 if all(done) and not missing and written else 1

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        if not comes_true(condition, _PATIENCE_MS):
            raise MedganError(f"The demo waited in vain for {what}.")

    def _series(self, kind: str) -> Series:
        study = self._window.document.catalog.studies[0]
        return next(series for series in study.series if kind in (series.modality, series.contrast))

    def _run_step(self, model: str, kind: str) -> bool:
        window, series = self._window, self._series(kind)
        window.open_series(series.uid)
        opened = window.document.opened(series.uid)
        self._wait(lambda: opened is not None and opened.complete and not window.loader.busy, "a series to be read")
        job_id = window.run_model(model, series.uid)
        if job_id is None:
            return False
        self._wait(lambda: not self._state(job_id).active, f"{model} to end")
        return self._state(job_id).status == "done"

    def _state(self, job_id: str) -> RunState:
        return next(state for state in self._window.runs.states if state.job_id == job_id)

    def _arrange(self) -> None:
        """Show original, synthetic images and the heat map side by side, at the first finding."""
        window, document = self._window, self._window.document
        self._wait(lambda: not window.finding, "the findings")
        window.grid.set_layout_name("2x2")
        original, *others, last = window.grid.visible_panes
        window.grid.show_series(self._series("CT").uid, original)
        images = [layer for layer in document.layers if isinstance(layer, ImageLayer)]
        for layer, pane in zip(images, others, strict=False):
            window.grid.show_layer(layer.uid, pane)
        window.grid.show_series(self._series("FLAIR").uid, last)
        # As a reader does: results are not drawn before.
        window.actions_by_id["compare.overlay"].trigger()
        for result in document.layers:
            if isinstance(result, LabelLayer):
                # Outlines leave the image under them to be seen.
                document.change_layer(result.changed(outline=True))
        found = [layer.uid for layer in document.layers if document.findings(layer.uid)]
        if found:
            document.select_finding(found[0], 1)

    def _export(self) -> list[Path]:
        document = self._window.document
        written: list[Path] = []
        for series_uid in dict.fromkeys(layer.source_series_uid for layer in document.layers):
            opened = document.opened(series_uid)
            layers = document.layers_of(series_uid)
            if opened is None:
                continue
            middle = len(opened.stack) // 2
            drawn = tuple(layer for layer in layers if not isinstance(layer, ImageLayer))
            readings = tuple(reading_of(document, layer) for layer in layers if isinstance(layer, HeatLayer))
            window = document.window(series_uid)
            films = tuple((layer, ".mp4") for layer in layers if isinstance(layer, ImageLayer))
            # One report is about all of the study: with the first series that has results.
            report = None if written else report_order(document, opened, SlicePicture(), ())
            plan = ExportPlan(
                opened, layers, drawn, None, (middle,), window, self._out,
                readings=readings, report=report, films=films[:1],
            )  # fmt: skip
            paths, notes = write(plan)
            written += paths
            sys.stderr.writelines(f"{note}\n" for note in notes)
        return written

    def _picture(self) -> None:
        panes = self._window.grid.visible_panes
        self._wait(lambda: min(pane.width() for pane in panes) > self._window.width() // 5, "the panes to be laid out")
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
        self._out.mkdir(parents=True, exist_ok=True)
        self._window.grab().save(str(self._out / "window.png"))
