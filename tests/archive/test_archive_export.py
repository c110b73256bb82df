"""The export dialog and a real Orthanc: files without identity, the same results in the patient's study there."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import generate_uid
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.dicom import assemble, index
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.grid import ViewGrid
from tests.archive.orthanc import Orthanc
from tests.archive.studies import new_series
from tests.dicom.export_builder import image_layer


def test_that_files_go_without_identity_and_the_archive_gets_the_same_in_the_study_of_the_patient(
    qtbot: QtBot, dimse: Entry, server: Orthanc, configured: Callable[..., None], tmp_path: Path
) -> None:
    configured(dimse)
    study = generate_uid()
    files = new_series(tmp_path / "in", generate_uid(), StudyInstanceUID=study, PatientID="X-9")
    server.put(files)
    catalog = index.scan([tmp_path / "in"])
    series = catalog.studies[0].series[0]
    stack = assemble.load_stack(series)
    document, window = Document(), QWidget()
    qtbot.addWidget(window)
    grid = ViewGrid(document, DARK, window)
    QVBoxLayout(window).addWidget(grid)
    document.add_catalog(catalog)
    document.open_series(OpenSeries(catalog.studies[0], series, stack, np.ones(len(stack), np.bool_)))
    document.add_layer(image_layer(series, stack))
    document.select_series(series.uid)
    dialog = ExportDialog(document, grid, window)
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.destination.send.setChecked(True)
    with qtbot.waitSignal(dialog.finished_writing, timeout=60_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert finished.args == [True], dialog.message.text()
    assert dialog.message.text().endswith("pacs took 3 DICOM objects.")
    assert all(b"X-9" not in path.read_bytes() for path in (tmp_path / "out").rglob("*.dcm"))
    held = server.ask("/tools/find", {"Level": "Instance", "Query": {"StudyInstanceUID": study, "Modality": "MR"}})
    images = [pydicom.dcmread(io.BytesIO(server.read(f"/instances/{one}/file"))) for one in held]
    assert [(image.SyntheticData, image.PatientID) for image in images] == [("YES", "X-9")] * 3
    dialog.close()
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=20_000)
