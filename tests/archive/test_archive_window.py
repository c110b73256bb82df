"""The dialog and a real Orthanc: a study is queried, opens while it arrives, and its results go back."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import generate_uid
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.dicom import assemble, index
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.ui.dialogs.archives import ArchivesDialog
from tests.archive.orthanc import Orthanc
from tests.archive.studies import new_series
from tests.dicom.export_builder import image_layer


def test_that_a_study_comes_from_the_archive_and_its_results_go_back(
    qtbot: QtBot, dimse: Entry, server: Orthanc, configured: Callable[..., None], tmp_path: Path
) -> None:
    configured(dimse)
    study = generate_uid()
    files = tmp_path / "stored"
    server.put(new_series(files, generate_uid(), StudyInstanceUID=study, PatientID="W-1", StudyDate="20260420"))
    document, arrived = Document(), list[Path]()
    window = QWidget()
    qtbot.addWidget(window)
    dialog = ArchivesDialog(window, document, arrived.extend)
    freed: list[bool] = []
    dialog.destroyed.connect(lambda: freed.append(True))
    dialog.show()
    dialog.folder.setText(str(tmp_path / "in"))

    def do(name: str) -> str:
        QTest.mouseClick(getattr(dialog, name), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not dialog.stop.isEnabled(), timeout=60_000)
        return dialog.message.text()

    assert do("check") == "pacs answers."
    dialog.patient_id.setText("W-1")
    assert do("query") == "One study."
    dialog.results._studies()[0].setSelected(True)
    assert do("retrieve") == "3 images have arrived."

    found = index.scan(arrived)
    series = found.studies[0].series[0]
    stack = assemble.load_stack(series)
    document.add_catalog(found)
    document.open_series(OpenSeries(found.studies[0], series, stack, np.ones(len(stack), np.bool_)))
    assert not dialog.send_results.isEnabled()
    document.add_layer(image_layer(series, stack))
    assert "took 3 files" in do("send_results")
    held = server.ask("/tools/find", {"Level": "Instance", "Query": {"StudyInstanceUID": study, "Modality": "MR"}})
    images = [pydicom.dcmread(io.BytesIO(server.read(f"/instances/{one}/file"))) for one in held]
    assert [image.SyntheticData for image in images] == ["YES"] * 3
    dialog.close()
    qtbot.waitUntil(lambda: bool(freed), timeout=20_000)
