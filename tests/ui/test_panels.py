"""The panels say what the document holds."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Catalog, Refusal
from medgan_viewer.core.document import AddLayers, Document, RemoveLayers
from medgan_viewer.core.layers import HeatLayer
from medgan_viewer.ui.panels.findings import FindingsPanel
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from medgan_viewer.ui.panels.widgets import ElidedLabel, picture
from tests.ui import scans


def _texts(widget: QWidget) -> str:
    """Return everything that the labels of a widget say."""
    labels = [child for child in widget.findChildren(QLabel) if not child.isHidden()]
    return "\n".join(label.accessibleName() or label.text() for label in labels)


def _with_findings(held: Document) -> HeatLayer:
    layer = scans.heat_layer(held)
    held.add_layer(layer)
    held.set_findings(layer.uid, findings.find(layer))
    return layer


def test_the_study_list_names_patient_study_and_series(qtbot: QtBot) -> None:
    panel = StudiesPanel(scans.document(scans.series(), scans.series("1.2", "MR", "FLAIR")))
    qtbot.addWidget(panel)
    said = _texts(panel)
    assert "Doe Jane" in said
    assert "ID-1 · F · 055Y" in said
    assert "12 NOV 2026" in said
    assert panel.entry_titles() == ["1 · CT head, CT · 6 slices", "1 · MR head, MR · 6 slices · FLAIR"]


def test_hidden_patient_data_leaves_no_trace_in_the_study_list(qtbot: QtBot) -> None:
    panel = StudiesPanel(scans.document())
    qtbot.addWidget(panel)
    panel.set_patient_data_hidden(True)
    said = _texts(panel)
    assert "Doe" not in said
    assert "ID-1" not in said


def test_each_file_that_did_not_open_is_named_with_its_reason(qtbot: QtBot) -> None:
    held = scans.document()
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    refused = tuple(Refusal(Path(f"folder/bad{n}.dcm"), "is cut short") for n in range(6))
    held.add_catalog(Catalog(refused=refused))
    assert "bad0.dcm: is cut short" in _texts(panel)
    assert "bad5.dcm" not in _texts(panel)
    panel.findChild(QWidget, "link").click()  # type: ignore[union-attr]
    assert "bad5.dcm: is cut short" in _texts(panel)


def test_a_click_opens_a_series_and_the_selected_one_is_marked(qtbot: QtBot) -> None:
    held = scans.document(scans.series(), scans.series("1.2", "MR"))
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    panel.show()
    entries = panel.findChildren(QWidget, "series")
    with qtbot.waitSignal(panel.series_chosen) as chosen:
        QTest.mouseClick(entries[1], Qt.MouseButton.LeftButton)
    assert chosen.args == ["1.2"]
    held.select_series("1.2")
    assert [entry.property("selected") for entry in entries] == ["false", "true"]


def test_left_and_right_walk_through_the_series_and_stop_at_the_ends(qtbot: QtBot) -> None:
    held = scans.document(scans.series(), scans.series("1.2", "MR"))
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    assert panel.neighbour(1) == "1.2"
    assert panel.neighbour(-1) is None


def test_only_synthetic_images_have_the_violet_frame(qtbot: QtBot) -> None:
    held = scans.document()
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    held.execute(AddLayers((scans.image_layer(held), scans.label_layer(held))))
    shown = [entry for entry in panel.findChildren(QWidget, "series") if not entry.isHidden()]
    frames = [entry.findChild(QLabel, "thumbnail").property("synthetic") for entry in shown]  # type: ignore[union-attr]
    assert frames == ["false", "true", "false"]


def test_millilitres_are_voxels_times_their_volume(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    held.add_layer(scans.label_layer(held))
    # 2 × 10 × 10 voxels of 3 mm³ are 0.6 ml, 1 × 5 × 4 are 0.06 ml.
    said = _texts(panel)
    assert "0.6 ml" in said
    assert "0.1 ml" in said


def test_the_opacity_slider_changes_the_layer_and_removal_can_be_undone(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    layer = scans.image_layer(held)
    held.execute(AddLayers((layer,)))
    row = panel.row("image")
    assert row is not None
    row.opacity.setValue(35)
    assert held.layer("image").opacity == pytest.approx(0.35)
    held.execute(RemoveLayers((held.layer("image"),)))
    assert panel.row("image") is None
    held.undo()
    assert held.layer("image").opacity == pytest.approx(0.35)
    assert panel.row("image") is not None


def test_provenance_names_model_weights_device_and_limits(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    held.add_layer(scans.image_layer(held))
    said = _texts(panel)
    for part in (
        "test-model 1.0",
        "abababab",
        "CPU fp32",
        "Apache-2.0",
        "Research only.",
        "Knows nothing of children.",
    ):
        assert part in said


def test_the_threshold_speaks_of_healthy_people_only_where_it_was_calibrated_on_them(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    held.add_layer(scans.heat_layer(held))
    assert "not calibrated on healthy people" in _texts(panel)
    held.remove_layer("heat")
    calibrated = scans.heat_layer(held, "calibrated").changed(
        thresholds=((0.05, 0.8), (0.5, 0.4)), threshold=0.8, guaranteed=True
    )
    held.add_layer(calibrated)
    assert "alarms in 5.0% of healthy people (score 0.80)" in _texts(panel)
    row = panel.row("calibrated")
    assert row is not None
    row.threshold.setValue(500)
    layer = held.layer("calibrated")
    assert isinstance(layer, HeatLayer)
    assert layer.threshold == pytest.approx(0.4)


def test_findings_come_ranked_and_next_and_previous_go_round(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    assert panel.isHidden()
    layer = _with_findings(held)
    assert not panel.isHidden()
    assert [finding.score for finding in held.findings(layer.uid)] == pytest.approx([0.9, 0.6])
    panel.step(1)
    assert held.selected_finding == ("heat", 1)
    crosshair = held.crosshair(scans.FRAME)
    assert crosshair is not None
    assert np.allclose(crosshair, held.findings("heat")[0].point)
    panel.step(1)
    panel.step(1)
    assert held.selected_finding == ("heat", 1)
    panel.step(-1)
    assert held.selected_finding == ("heat", 2)


def test_a_verdict_can_be_given_taken_back_and_undone(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    _with_findings(held)
    panel.step(1)
    panel.give_verdict("accepted")
    assert held.verdict("heat", held.findings("heat")[0]) == "accepted"
    panel.give_verdict("accepted")
    assert held.verdict("heat", held.findings("heat")[0]) == "open"
    panel.give_verdict("rejected")
    held.undo()
    assert held.verdict("heat", held.findings("heat")[0]) == "open"
    assert held.redo_label == "Reject finding 1"


def test_a_long_name_is_elided_and_told_whole_in_the_tooltip(qtbot: QtBot) -> None:
    long = "A very long series description that no panel can show in one line " * 2
    line = ElidedLabel(long)
    qtbot.addWidget(line)
    line.resize(120, 20)
    line.show()
    assert line.text().endswith("…")
    assert line.toolTip() == long
    assert line.accessibleName() == long


def test_a_thumbnail_keeps_its_proportions(qtbot: QtBot) -> None:
    del qtbot
    made = picture(np.zeros((100, 50), np.uint8), 40, 2.0)
    assert (made.width(), made.height()) == (40, 80)
    assert made.devicePixelRatio() == 2.0
