"""MedGAN Viewer's window with the whole scan in it, and results on its grid, for what is measured after opening."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import report, wait

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from medgan_viewer.core.document import OpenSeries
    from medgan_viewer.core.layers import ImageLayer, LabelLayer, Provenance
    from medgan_viewer.ui.main_window import MainWindow

__all__ = ["report_on_scan", "segmentation", "synthetic"]


def report_on_scan(measure: "Callable[[QApplication, MainWindow, OpenSeries], dict[str, float]]") -> None:
    """Measure in the window with the scan of the folder that the command line names, ``NAME SINCE FOLDER``; report."""
    with _scan_window(Path(sys.argv[2])) as (application, window, opened):
        report(**measure(application, window, opened))


@contextlib.contextmanager
def _scan_window(folder: Path) -> Iterator[tuple["QApplication", "MainWindow", "OpenSeries"]]:
    """Give the window with the only series of a folder, complete and in the active pane."""
    from PySide6 import QtCore

    from medgan_viewer import app

    application = app._application()
    window = app.make_window()
    window.resize(1600, 900)
    window.show()
    app._collect_here(window)
    document = window.document
    try:
        window.loader.scan([folder])
        wait(QtCore, lambda: not window.loader.busy and bool(document.catalog.studies), "the list of series")
        uid = document.catalog.studies[0].series[0].uid
        window.open_series(uid)
        wait(QtCore, lambda: document.is_loaded(uid) and not window.loader.busy, "the whole series")
        opened = document.opened(uid)
        assert opened is not None
        # The worker starts and guesses what the scan shows: it answers in turn, so after this it is idle.
        window.runs.service.recognise(opened.volume())
        yield application, window, opened
    finally:
        window.close()


def synthetic(opened: "OpenSeries") -> "ImageLayer":
    """Return an image on the scan's grid that a model could have made of it."""
    import numpy as np

    from medgan_viewer.core.layers import ImageLayer

    volume = opened.volume()
    return ImageLayer(
        uid="2.25.2",
        name="Synthetic CT",
        source_series_uid=opened.series.uid,
        volume=volume.with_array(volume.array + np.int16(20), synthetic=True),
        ready=np.ones(volume.shape[0], dtype=bool),
        provenance=_provenance(opened),
        contrast="",
        window=(80.0, 60.0),
    )


def _provenance(opened: "OpenSeries") -> "Provenance":
    from medgan_viewer.core.layers import Provenance

    return Provenance(
        model_id="threshold",
        model_name="Threshold",
        model_version="1",
        weights_sha256="0" * 64,
        source_series_uids=(opened.series.uid,),
        device="cpu",
        precision="fp32",
        created=datetime.now(UTC),
        licence="Apache-2.0",
        intended_use="Measuring how quickly the window draws.",
    )


def segmentation(opened: "OpenSeries") -> "LabelLayer":
    """Return a segmentation of the scan's bone by a threshold, as a model would have left it."""
    import numpy as np

    from medgan_viewer.core.layers import Code, LabelLayer, Segment

    volume = opened.volume()
    bone = Segment(
        1, "Bone", "#8fd3ff", Code("272673000", "SCT", "Bone"), Code("123037004", "SCT", "Anatomical Structure")
    )
    return LabelLayer(
        uid="2.25.1",
        name="Bone",
        source_series_uid=opened.series.uid,
        volume=volume.with_array((volume.array > 300).astype(np.uint8), unit="", synthetic=True),
        ready=np.ones(volume.shape[0], dtype=bool),
        provenance=_provenance(opened),
        segments=(bone,),
    )
