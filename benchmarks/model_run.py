"""A model's second run on the virtual patient, in the window: ``model_run SINCE FOLDER``.

From the press of Run to the repaint of the visible slice, the longest stall of the event loop while slices are being
scrolled, and from Cancel to the end of the run. The patient is made in FOLDER unless it is there.
"""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Paints, report, wait

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from medgan_viewer.ui.main_window import MainWindow

MODEL = "head-ct-to-mr"
SCROLL_EVERY_SECONDS = 0.1


def main(folder: Path) -> None:
    """Measure and report."""
    from medgan_viewer import app
    from medgan_viewer.lab.virtual_patient import ensure_study

    study = ensure_study(folder)
    application = app._application()
    window = app.make_window()
    window.show()
    try:
        report(**_measure_runs(application, window, study))
    finally:
        window.close()


def _measure_runs(application: "QApplication", window: "MainWindow", study: Path) -> dict[str, float]:
    from PySide6 import QtCore

    document, runs = window.document, window.runs
    window.loader.scan([study])
    wait(QtCore, lambda: not window.loader.busy and bool(document.catalog.studies), "the list of series")
    wait(QtCore, lambda: window.models.package(MODEL) is not None, "the models")
    uid = next(series.uid for series in document.catalog.studies[0].series if series.modality == "CT")
    window.open_series(uid)
    wait(QtCore, lambda: not window.loader.busy, "the CT")

    cold = _start(window, uid)
    wait(QtCore, lambda: not runs.active, "the first run")
    _remove_results(window)
    _check(window, cold)

    visible = _start_and_see(window, uid)
    stall = _longest_stall(application, window)
    _remove_results(window)

    cancelled = _start(window, uid)
    wait(QtCore, lambda: any(layer.ready.any() for layer in document.layers), "a slice")
    start = time.monotonic()
    runs.cancel(cancelled)
    wait(QtCore, lambda: not runs.active, "the end of the run")
    return {"visible_s": visible, "stall_ms": 1000 * stall, "cancel_s": time.monotonic() - start}


def _start(window: "MainWindow", uid: str) -> str:
    job_id = window.run_model(MODEL, uid)
    if job_id is None:
        raise RuntimeError(f"{MODEL} did not start")
    return job_id


def _check(window: "MainWindow", job_id: str) -> None:
    state = next(state for state in window.runs.states if state.job_id == job_id)
    if state.status != "done":
        raise RuntimeError(f"the run ended as {state.status}: {state.sentence}")


def _remove_results(window: "MainWindow") -> None:
    for layer in window.document.layers:
        window.document.remove_layer(layer.uid)


def _start_and_see(window: "MainWindow", uid: str) -> float:
    """Start a run; return the seconds until its slice at the one being looked at has been painted."""
    from PySide6 import QtCore

    index = window.grid.visible_slice(uid)
    assert index is not None
    paints = Paints(QtCore, window.grid.panes)

    def painted() -> bool:
        # Only what is painted once the slice is there counts.
        if not any(layer.ready[index] for layer in window.document.layers):
            paints.clear()
            return False
        return paints.any

    start = time.monotonic()
    _start(window, uid)
    wait(QtCore, painted, "the visible slice")
    return time.monotonic() - start


def _longest_stall(application: "QApplication", window: "MainWindow") -> float:
    """Scroll until the run has ended; return the longest time in seconds that one round of the event loop took."""
    longest, next_step, direction = 0.0, time.monotonic(), 1
    before = time.monotonic()
    while window.runs.active:
        if before >= next_step:
            window.grid.step(direction)
            direction, next_step = -direction, before + SCROLL_EVERY_SECONDS
        application.processEvents()
        time.sleep(0.001)
        now = time.monotonic()
        longest, before = max(longest, now - before), now
    return longest


if __name__ == "__main__":
    main(Path(sys.argv[2]))
