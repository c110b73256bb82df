"""The panels say what the document holds."""

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Catalog, Patient, Refusal, Study
from medgan_viewer.core.commands import AddLayers, RemoveLayers
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import HeatLayer, LabelLayer
from medgan_viewer.ui.panels.finding_words import alarm_sentence
from medgan_viewer.ui.panels.findings import FindingsPanel, finding_picture
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from medgan_viewer.ui.panels.thumbnails import layer_thumbnail
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
    assert "Doe, Jane" in said
    assert "ID-1 · F · 55 y" in said
    assert "12 NOV 2026" in said
    assert panel.entry_titles() == ["1 · CT head, CT · 6 slices", "1 · MR head, MR · FLAIR · 6 slices"]


def test_every_series_of_known_contrast_says_it(qtbot: QtBot) -> None:
    known = [replace(scans.series("1.2", "MR", "T1"), description="T1pre_reg"), scans.series("1.3", "MR", "T1+C")]
    panel = StudiesPanel(scans.document(*known, replace(scans.series("1.4", "MR"), contrast=None)))
    qtbot.addWidget(panel)
    said = [title.rpartition(", ")[2] for title in panel.entry_titles()]
    assert said == ["MR · T1 · 6 slices", "MR · T1+C · 6 slices", "MR · 6 slices"]


def test_hidden_patient_data_leaves_no_trace_in_the_study_list(qtbot: QtBot) -> None:
    panel = StudiesPanel(scans.document())
    qtbot.addWidget(panel)
    panel.set_patient_data_hidden(True)
    said = _texts(panel)
    assert "Doe" not in said
    assert "ID-1" not in said


def test_hidden_patients_have_numbers_that_stay(qtbot: QtBot) -> None:
    held = scans.document()
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    other = Study("9", Patient("Roe^Richard", "ID-9"), "", "", "", "", (replace(scans.series("9.1"), study_uid="9"),))
    nobody = Study("8", Patient("", ""), "", "", "", "", (replace(scans.series("8.1"), study_uid="8"),))
    unknown = replace(nobody, uid="7", series=(replace(scans.series("7.1"), study_uid="7"),))
    held.add_catalog(Catalog((other, nobody, unknown)))
    panel.set_patient_data_hidden(True)
    said = _texts(panel)
    # Two of whom nothing is known may be two people.
    assert [f"Patient {number} hidden" in said for number in range(1, 6)] == [True] * 4 + [False]
    held.close_study(held.catalog.studies[0])
    said = _texts(panel)
    assert "Patient 1 hidden" not in said
    assert "Patient 2 hidden" in said
    assert "Roe" not in said


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


def test_every_entry_says_in_plain_words_what_a_click_on_it_does(qtbot: QtBot) -> None:
    held = scans.document()
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    held.execute(AddLayers((scans.image_layer(held), scans.label_layer(held))))
    tips = [entry.toolTip() for entry in panel.findChildren(QWidget, "series") if not entry.isHidden()]
    assert tips == [
        "Click to show it in the image you are working in, or drag it onto any image.",
        "Click to show it beside the original, or drag it onto any image.",
        "Click to draw it over its image, or drag it onto any image.",
    ]
    assert not any(technical in tip for tip in tips for technical in ("pane", "layer", "open"))


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


def test_a_segmentation_that_is_not_finished_says_in_how_many_slices_its_volumes_were_counted(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    layer = scans.label_layer(held)
    layer.ready[:] = False
    held.add_layer(layer)
    assert " ml" not in _texts(panel)
    assert "Volumes in 0 of 6 slices" in _texts(panel)
    layer.ready[1] = True
    held.layer_slice_ready(layer.uid, 1)
    # One of the two slices of the first structure: 10 × 10 voxels of 3 mm³; nothing is known of the second.
    assert _texts(panel).count("0.3 ml") == 1
    assert "–" in _texts(panel)
    assert "Volumes in 1 of 6 slices" in _texts(panel)
    for index in (0, 2, 3, 4, 5):
        layer.ready[index] = True
        held.layer_slice_ready(layer.uid, index)
    assert "0.6 ml" in _texts(panel)
    assert "Volumes in" not in _texts(panel)


def test_a_finished_segmentation_was_counted_slice_by_slice_while_it_came(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = scans.document(scans.series(), scans.series("1.2", "MR"))
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    layer = scans.label_layer(held)
    layer.ready[:] = False
    held.add_layer(layer)
    for index in range(6):
        layer.ready[index] = True
        held.layer_slice_ready(layer.uid, index)
    counted: list[int] = []
    monkeypatch.setattr(LabelLayer, "count", lambda _, index: counted.append(index))
    held.select_series("1.1")
    assert "0.6 ml" in _texts(panel)
    held.change_layer(held.layer(layer.uid).changed(outline=True))
    held.select_series("1.2")
    held.select_series("1.1")
    assert counted == []


@pytest.mark.parametrize("taken", ["yes", "no"])
def test_a_result_says_whether_a_series_was_taken_that_its_model_can_do_without(qtbot: QtBot, taken: str) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    layer = scans.image_layer(held)
    settings = (("slices seen at once", "3"), ("FLAIR as well", taken), ("note", "One slice seems to show metal."))
    held.add_layer(layer.changed(provenance=replace(layer.provenance, settings=settings)))
    assert f"FLAIR as well: {taken}" in _texts(panel)
    assert "Note: One slice seems to show metal." in _texts(panel)
    assert "slices seen" not in _texts(panel)


def test_provenance_follows_a_run_that_had_to_change_its_device(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    layer = scans.image_layer(held)
    held.add_layer(layer)
    assert "CPU fp32" in _texts(panel)
    held.change_layer(layer.changed(provenance=replace(layer.provenance, device="cuda", precision="fp16")))
    assert "CUDA fp16" in _texts(panel)
    assert "CPU fp32" not in _texts(panel)


def test_results_of_another_patient_are_not_listed_even_in_the_same_frame_of_reference(qtbot: QtBot) -> None:
    held = scans.document()
    other = replace(scans.series("9.1"), study_uid="9")
    study = Study("9", Patient("Roe^Richard", "ID-9", "19600101", "M", "066Y"), "20261112", "Head", "", "", (other,))
    held.add_catalog(Catalog((study,)))
    held.open_series(OpenSeries(study, other, scans.stack(), np.ones(6, bool)))
    held.add_layer(scans.image_layer(held, "theirs", "9.1"))
    held.add_layer(scans.image_layer(held, "mine", "1.1"))
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    assert panel.row("mine") is not None
    assert panel.row("theirs") is None


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


def test_what_a_slider_or_a_switch_changed_is_taken_back_and_the_controls_follow(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    held.add_layer(scans.label_layer(held))
    row = panel.row("labels")
    assert row is not None
    before = row.opacity.value()
    for value in (50, 40, 30):
        row.opacity.setValue(value)
    row.opacity.sliderReleased.emit()
    row.opacity.setValue(20)
    row.outline.click()
    first = next(iter(row.segments))
    row.segments[first].click()
    segment = held.layer("labels").segments[0]  # type: ignore[union-attr]
    assert not segment.visible
    assert held.undo_label == f"Hide {segment.name} of {held.layer('labels').name}"
    held.undo()
    assert row.segments[first].isChecked()
    held.undo()
    assert not row.outline.isChecked()
    held.undo()
    assert (row.opacity.value(), row.percent.text()) == (30, "30%")
    held.undo()
    assert row.opacity.value() == before
    assert held.undo_label is None
    for _ in range(4):
        held.redo()
    assert (row.opacity.value(), row.outline.isChecked(), row.segments[first].isChecked()) == (20, True, False)


def test_a_threshold_is_taken_back_and_its_words_with_it(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    held.add_layer(scans.heat_layer(held).changed(thresholds=((0.05, 0.8), (0.5, 0.4)), threshold=0.8))
    row = panel.row("heat")
    assert row is not None
    row.threshold.setValue(300)
    assert held.layer("heat").threshold == pytest.approx(0.8 - 0.4 * 25 / 45)  # type: ignore[union-attr]
    held.undo()
    assert held.layer("heat").threshold == 0.8  # type: ignore[union-attr]
    assert row.threshold.value() == 50
    assert "5.0%" in row.threshold_line.text()


def test_showing_another_synthetic_image_is_one_step_with_the_first_stepping_back(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    held.add_layer(scans.image_layer(held, "first"))
    held.add_layer(scans.image_layer(held, "second").changed(visible=False))
    row = panel.row("second")
    assert row is not None
    row.visible.click()
    assert [layer.visible for layer in held.layers] == [False, True]
    held.undo()
    assert [layer.visible for layer in held.layers] == [True, False]
    assert held.undo_label is None


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


def test_a_rate_that_was_not_measured_on_healthy_people_does_not_speak_of_them(qtbot: QtBot) -> None:
    held = scans.document()
    layers, cards = LayersPanel(held), FindingsPanel(held)
    qtbot.addWidget(layers)
    qtbot.addWidget(cards)
    held.select_series("1.1")
    layer = scans.heat_layer(held).changed(
        thresholds=((0.2, 0.5), (0.5, 0.4)), threshold=0.5, calibrated_on="slices without tumour of 68 patients"
    )
    held.add_layer(layer)
    held.set_findings("heat", findings.find(layer))
    said = _texts(layers)
    assert "alarms in 20.0% of the reference patients (score 0.50)" in said
    assert "no guarantee for this scan, measured on slices without tumour of 68 patients." in said
    assert "score 0.90, not calibrated on healthy people" in _texts(cards)
    tips = [line.toolTip() for line in cards.findChildren(QLabel)]
    expected = (
        "Score 0.90: it runs from 0 to 1 and is no probability. Measured on slices without tumour of 68 patients."
    )
    assert expected in tips


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


def test_findings_are_listed_by_what_was_said_of_them_and_keys_go_through_those_alone(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    assert panel.filter.texts == ["All 0", "Open 0", "Accepted 0", "Rejected 0"]
    _with_findings(held)
    first, second = panel.card("heat", 1), panel.card("heat", 2)
    assert first is not None
    assert second is not None
    panel.filter.choose("open")
    panel.step(1)
    panel.give_verdict("rejected")
    assert panel.filter.texts == ["All 2", "Open 1", "Accepted 0", "Rejected 1"]
    assert (first.isHidden(), second.isHidden()) == (True, False)
    # What was judged has left the list; the keys go on to what is still open.
    panel.step(1)
    assert held.selected_finding == ("heat", 2)
    panel.step(1)
    assert held.selected_finding == ("heat", 2)
    panel.filter.choose("rejected")
    assert (first.isHidden(), second.isHidden()) == (False, True)
    panel.step(-1)
    assert held.selected_finding == ("heat", 1)
    panel.filter.choose("accepted")
    with qtbot.waitSignal(panel.notice) as said:
        panel.step(1)
    assert "under this choice" in said.args[0]
    assert held.selected_finding == ("heat", 1), "nothing is listed, so nothing is gone to"
    # The choice outlives a new list.
    held.set_findings("heat", held.findings("heat")[:1])
    card = panel.card("heat", 1)
    assert card is not None
    assert card.isHidden()
    panel.filter.choose(None)
    assert not card.isHidden()


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


def test_a_reason_is_kept_with_the_verdict_and_can_be_taken_back(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    _with_findings(held)
    card = panel.card("heat", 1)
    assert card is not None
    assert card.reason.isHidden()
    card.reject.click()
    assert not card.reason.isHidden()
    before = held.judgement("heat", card.finding)
    answers = iter([("  choroid plexus ", True), ("never mind", False)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(answers))
    card.reason.click()
    said = held.judgement("heat", card.finding)
    assert said is not None
    assert (said.verdict, said.reason) == ("rejected", "choroid plexus")
    assert card.reason.toolTip() == "choroid plexus"
    # An answer that was broken off changes nothing.
    card.reason.click()
    assert held.judgement("heat", card.finding) == said
    held.undo()
    assert held.judgement("heat", card.finding) == before


@pytest.mark.parametrize("simulated", [False, True])
def test_pictures_of_findings_have_the_violet_frame_where_the_series_was_simulated(
    qtbot: QtBot, simulated: bool
) -> None:
    held = scans.document(replace(scans.series(), simulated=simulated))
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    _with_findings(held)
    frames = {found.property("synthetic") for found in panel.findChildren(QLabel, "thumbnail")}
    assert frames == {"true" if simulated else "false"}


def test_findings_have_their_picture_although_a_slice_could_not_be_decoded(qtbot: QtBot) -> None:
    held = scans.document(opened=False)
    (study,) = held.catalog.studies
    ready = np.array([True, True, True, True, False, True])
    held.open_series(OpenSeries(study, study.series[0], scans.stack(), ready))
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    layer = scans.heat_layer(held)
    (finding, *_) = findings.find(layer)
    assert finding_picture(held, layer, finding) is None
    held.series_loaded("1.1")
    assert finding_picture(held, layer, finding) is not None


def test_thumbnails_of_segmentations_have_the_colours_of_their_segments(qtbot: QtBot) -> None:
    del qtbot
    layer = scans.label_layer(scans.document())
    pixels = layer_thumbnail(layer, 2)
    assert pixels is not None
    assert {tuple(map(int, colour)) for colour in pixels.reshape(-1, 3)} == {(0, 0, 0), (0x3F, 0xA7, 0xD6)}
    shown = picture(pixels, 40, 1.0).toImage()
    # The block's middle: rows and columns 5 to 14 of 40 × 30, fitted to 40 × 30.
    assert shown.pixelColor(10, 10).name() == "#3fa7d6"


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


def test_switches_follow_what_is_changed_elsewhere(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    layer = scans.label_layer(held)
    held.add_layer(layer)
    held.change_layer(layer.changed(outline=True, visible=False))
    row = panel.row(layer.uid)
    assert row is not None
    assert row.outline.isChecked()
    assert not row.visible.isChecked()


def test_only_one_synthetic_image_lies_over_the_original(qtbot: QtBot) -> None:
    held = scans.document()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    for uid in ("first", "second"):
        held.add_layer(scans.image_layer(held, uid).changed(visible=False))
    for uid in ("first", "second"):
        row = panel.row(uid)
        assert row is not None
        row.visible.setChecked(True)
    assert [(layer.uid, layer.visible) for layer in held.layers] == [("first", False), ("second", True)]


def test_the_keys_of_findings_say_why_there_is_none_to_go_to(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    said: list[str] = []
    panel.notice.connect(said.append)
    panel.step(1)
    assert said.pop() == "No findings in this study: run an anomaly model first."
    panel.give_verdict("accepted")
    assert said == [], "the same keys delete and confirm other things"
    layer = scans.heat_layer(held)
    held.add_layer(replace(layer, ready=np.zeros_like(layer.ready)))
    panel.step(-1)
    assert "still at work" in said.pop()
    held.execute(RemoveLayers((held.layer("heat"),)))
    held.add_layer(layer.changed(threshold=0.99))
    held.set_findings("heat", ())
    panel.step(1)
    assert "List less certain ones" in said.pop()
    held.set_findings("heat", findings.find(layer))
    panel.give_verdict("accepted")
    assert said.pop().startswith("Choose a finding first")


def test_nothing_is_said_to_be_found_or_not_before_all_findings_are_known(qtbot: QtBot) -> None:
    held = scans.document()
    awaited = {"heat"}
    panel = FindingsPanel(held, awaited=awaited.__contains__)
    qtbot.addWidget(panel)
    said: list[str] = []
    panel.notice.connect(said.append)
    held.add_layer(scans.heat_layer(held).changed(threshold=0.99))
    assert panel.isHidden()
    panel.step(1)
    assert said == ["No finding so far; they are still being listed."]
    awaited.clear()
    held.set_findings("heat", ())
    assert not panel.isHidden()
    assert "No finding above the threshold. This does not mean healthy." in panel.count.sentence.text()


def test_a_verdict_leaves_the_buttons_of_a_finding_where_they_are_and_cuts_no_word(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    _with_findings(held)
    panel.resize(1200, 140)
    panel.show()
    card = panel.card("heat", 1)
    assert card is not None
    buttons = (card.accept, card.reject)
    qtbot.waitUntil(lambda: card.reject.x() > card.accept.x())
    before = [one.geometry() for one in buttons]
    for one in buttons:
        one.click()
        QCoreApplication.sendPostedEvents()
        assert [other.geometry() for other in buttons] == before
        assert all(other.width() >= other.sizeHint().width() for other in (*buttons, card.reason))


def test_a_button_lists_less_certain_findings_and_is_undone_as_one_edit(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    held.add_layer(scans.heat_layer(held).changed(thresholds=((0.1, 0.8), (0.05, 0.85), (0.5, 0.4)), threshold=0.85))
    held.set_findings("heat", ())
    panel.count.more.click()
    assert _threshold(held) == 0.8
    held.set_findings("heat", ())
    assert _threshold(held) == 0.4, "a step that lists nothing more is followed by the next"
    held.set_findings("heat", findings.find(_heat(held)))
    assert f"{len(held.findings('heat'))} findings above the threshold." in _texts(panel)
    assert panel.count.more.isHidden(), "the calibration ends there"
    held.set_findings("heat", ())
    assert _threshold(held) == 0.4, "it ends where the calibration ends"
    held.undo()
    assert _threshold(held) == 0.85


def _heat(held: Document) -> HeatLayer:
    layer = held.layer("heat")
    assert isinstance(layer, HeatLayer)
    return layer


def _threshold(held: Document) -> float:
    return _heat(held).threshold


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.5, "0.50"), (0.994, "0.99"), (0.997, "0.997"), (0.99996, "> 0.9999"), (1.0, "1.00"), (0.002, "0.002"),
     (0.00001, "< 0.0001"), (0.0, "0.00")],
)  # fmt: skip
def test_a_score_is_never_rounded_to_what_it_is_not(score: float, text: str) -> None:
    assert findings.score_text(score) == text


@pytest.mark.parametrize(
    ("score", "maxima", "sentence"),
    [
        (0.9, (), "score 0.90, not calibrated on healthy people"),
        (0.997, tuple(np.linspace(0.5, 0.99, 24)), "at most 1 in 25 healthy people shows as much"),
        # Two of 24, and oneself: 3 in 25 is more often than 1 in 9.
        (0.95, (*[0.5] * 22, 0.96, 0.97), "1 in 8 healthy people shows as much"),
        (0.6, (0.7,) * 24, "healthy people often show as much"),
    ],
)
def test_what_a_score_means_among_healthy_people_is_never_made_rarer(
    score: float, maxima: tuple[float, ...], sentence: str
) -> None:
    layer = scans.heat_layer(scans.document()).changed(healthy_maxima=maxima, guaranteed=True)
    finding = replace(findings.find(layer)[0], score=score, false_alarm_rate=findings.false_alarm_rate(score, maxima))
    assert alarm_sentence(layer, finding) == sentence


def test_a_heat_map_without_findings_says_so_and_does_not_say_healthy(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    held.add_layer(scans.heat_layer(held).changed(threshold=0.99))
    held.set_findings("heat", ())
    assert not panel.isHidden()
    assert "No finding above the threshold. This does not mean healthy." in _texts(panel)


def test_each_result_in_the_list_names_its_model(qtbot: QtBot) -> None:
    held = scans.document()
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    made = scans.heat_layer(held).provenance
    for number, model in enumerate(("Anomaly heat map (T1, FLAIR)", "Anomaly heat map (FLAIR, from glioma patients)")):
        heat = scans.heat_layer(held).changed(uid=f"heat{number}", provenance=replace(made, model_name=model))
        held.add_layer(heat.changed(name="Anomaly heat map"))
    labels = scans.label_layer(held)
    held.add_layer(labels)
    held.add_layer(labels.changed(uid="other", name=labels.provenance.model_name))
    said = panel.entry_titles()[-4:]
    assert said[0] == "Anomaly heat map, Anomaly heat map (T1, FLAIR) · research · heat map"
    assert said[1] == "Anomaly heat map, Anomaly heat map (FLAIR, from glioma patients) · research · heat map"
    assert said[2].startswith(f"{labels.name}, {labels.provenance.model_name} · ")
    assert said[3] == f"{labels.provenance.model_name}, {said[2].rpartition(' · ')[2]}"


def test_findings_take_one_line_until_there_is_one(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    panel.resize(1280, 100)
    panel.show()
    held.add_layer(scans.heat_layer(held).changed(threshold=0.99))
    held.set_findings("heat", ())
    sentence, more = panel.count.sentence, panel.count.more
    qtbot.waitUntil(lambda: sentence.isVisible() and sentence.height() >= sentence.sizeHint().height())
    assert panel.height() <= 3 * max(sentence.fontMetrics().height(), more.sizeHint().height())
    assert sentence.width() >= sentence.fontMetrics().horizontalAdvance(sentence.text())
    assert sentence.geometry().center().y() == pytest.approx(more.geometry().center().y(), abs=4)
    low = panel.height()
    held.set_findings("heat", findings.find(scans.heat_layer(held)))
    assert panel.height() > 2 * low
    held.set_findings("heat", ())
    assert panel.height() == low


def test_a_run_that_finds_nothing_says_so_when_its_last_slice_is_there(qtbot: QtBot) -> None:
    held = scans.document()
    panel = FindingsPanel(held)
    qtbot.addWidget(panel)
    layer = scans.heat_layer(held).changed(threshold=0.99)
    begun = np.zeros_like(layer.ready)
    held.add_layer(replace(layer, ready=begun))
    held.set_findings("heat", ())
    assert panel.isHidden()
    begun[:] = True
    held.set_findings("heat", ())
    assert "No finding above the threshold. This does not mean healthy." in _texts(panel)
    assert not panel.isHidden()


def test_cards_and_rows_that_went_leave_nothing_at_the_document(qtbot: QtBot) -> None:
    held = scans.document()
    held.select_series("1.1")
    panels = LayersPanel(held), FindingsPanel(held)
    for panel in panels:
        qtbot.addWidget(panel)
    counts = []
    for _ in range(5):
        _with_findings(held)
        assert panels[0].row("heat") is not None
        assert panels[1].card("heat", 1) is not None
        held.remove_layer("heat")
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        counts.append(weakref.getweakrefcount(held))
    assert counts[-1] == counts[0]
