"""Results that lie beside a scan are listed under their series and open over it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import HeatLayer, Judgement, LabelLayer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom.export import ResultSet
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.main_window import MainWindow
from tests.dicom.export_builder import heat_layer, label_layer, opened, write_source

pytestmark = pytest.mark.window


def _folder(tmp_path: Path) -> tuple[Path, Series, SliceStack, HeatLayer]:
    """Write a series with a segmentation, a heat map and a report in which its finding was rejected."""
    series, stack = opened(write_source(tmp_path / "study" / "source"))
    heat = replace(heat_layer(series, stack), uid="heat", threshold=0.6)
    (finding,) = findings.find(heat)
    said = Judgement(finding, "rejected", datetime(2026, 11, 21, tzinfo=UTC), 0.6, "plexus")
    results = ResultSet(series, stack, tmp_path / "study")
    results.write_layers([label_layer(series, stack), heat])
    results.write_readings([Reading(heat, (finding,), (said,))])
    return tmp_path / "study", series, stack, heat


def _click(qtbot: QtBot, window: MainWindow, words: str) -> None:
    """Click the entry of a stored result, and wait until it is read."""
    (uid,) = [result.uid for result in window.document.catalog.results if result.title.startswith(words)]
    QTest.mouseClick(window.studies._entries[uid], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.stored.busy and not window.loader.busy and not window.finding, timeout=20_000)


def _open(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.open_paths([folder])
    qtbot.waitUntil(lambda: window.document.selected_series is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=20_000)


def test_results_are_listed_under_their_series_and_nothing_of_them_is_refused(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder, *_ = _folder(tmp_path)
    _open(qtbot, window, folder)
    assert window.document.catalog.refused == ()
    series, *results = window.studies.entry_titles()
    assert series.startswith("3 · CT")
    assert sorted(results) == [
        "AI findings (head-ct-to-mr) RESEARCH, report · on file",
        "AI heat map (head-ct-to-mr) RESEARCH, parametric map · on file",
        "AI segmentation (head-ct-to-mr) RESEARCH, segmentation · on file",
    ]


def test_a_click_opens_a_segmentation_over_its_series_once(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder, series, stack, _ = _folder(tmp_path)
    _open(qtbot, window, folder)
    _click(qtbot, window, "AI segmentation")
    (layer,) = window.document.layers
    assert isinstance(layer, LabelLayer)
    assert layer.source_series_uid == series.uid
    np.testing.assert_array_equal(layer.volume.array > 0, label_layer(series, stack).volume.array > 0)
    assert window.grid.overlay_visible
    assert window.document.undo_label == f"Add {layer.name}"
    _click(qtbot, window, "AI segmentation")
    assert len(window.document.layers) == 1


def test_a_report_brings_its_heat_map_findings_and_verdicts(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder, _, _, heat = _folder(tmp_path)
    _open(qtbot, window, folder)
    _click(qtbot, window, "AI findings")
    (layer,) = window.document.layers
    assert isinstance(layer, HeatLayer)
    assert layer.threshold == heat.threshold
    np.testing.assert_array_equal(layer.volume.array, heat.volume.array)
    (finding,) = window.document.findings(layer.uid)
    said = window.document.judgement(layer.uid, finding)
    assert said is not None
    assert (said.verdict, said.reason, said.threshold) == ("rejected", "plexus", 0.6)


def test_a_damaged_result_is_one_sentence_and_the_series_stays(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder, *_ = _folder(tmp_path)
    _open(qtbot, window, folder)
    (path,) = folder.glob("segmentation*.dcm")
    path.write_bytes(path.read_bytes()[:1500])
    with qtbot.waitSignal(window.stored.failed, timeout=20_000) as failed:
        _click(qtbot, window, "AI segmentation")
    assert "segmentation" in failed.args[0]
    assert window.document.layers == ()
    assert window.document.selected_series is not None


def test_results_close_with_their_study(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder, *_ = _folder(tmp_path)
    _open(qtbot, window, folder)
    window.document.close_study(window.document.catalog.studies[0])
    assert window.document.catalog.results == ()
    assert window.studies.entry_titles() == []


def test_what_another_program_made_is_not_offered_for_writing(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder, *_ = _folder(tmp_path)
    _open(qtbot, window, folder)
    _click(qtbot, window, "AI segmentation")
    (layer,) = window.document.layers
    foreign = layer.changed(uid="foreign", provenance=replace(layer.provenance, weights_sha256=""))
    window.document.add_layer(foreign)
    dialog = ExportDialog(window.document, window.grid, window)
    assert set(dialog.choices.layer_boxes) == {layer.uid}
    dialog.folder.setText("somewhere")
    plan = dialog.plan()
    assert plan is not None
    assert plan.objects == (layer,)
    dialog.close()
