"""The models' panel offers what fits a series and says of the others why not."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.runs import Runs, RunState
from tests.models.tiny import content, write_package
from tests.ui import scans


def _package(folder: Path, name: str, modality: str) -> Package:
    manifest = content(modality=modality) | {"id": name}
    return read_package(write_package(folder, manifest, np.ones((1, 1 if modality == "MR" else 2), np.float32)))


def _panel(qtbot: QtBot, packages: list[Package]) -> ModelsPanel:
    held = scans.document(scans.series("1.1", "CT"))
    panel = ModelsPanel(held, Runs(held))
    qtbot.addWidget(panel)
    panel.set_models(packages, [])
    held.select_series("1.1")
    return panel


def _press(panel: ModelsPanel, words: str) -> None:
    links = [one for one in panel.findChildren(QPushButton) if one.text() == words and not one.isHidden()]
    assert len(links) == 1
    links[0].click()


def test_models_that_do_not_fit_are_listed_with_the_reason_when_asked_and_go_again(
    qtbot: QtBot, tmp_path: Path
) -> None:
    panel = _panel(qtbot, [_package(tmp_path, "for-ct", "CT"), _package(tmp_path, "for-mr", "MR")])
    assert panel.card("for-ct") is not None
    assert panel.card("for-mr") is None
    _press(panel, "Why not the others (1)?")
    card = panel.card("for-mr")
    assert card is not None
    assert "Needs MR" in card.line.text()
    _press(panel, "Hide the others")
    assert panel.card("for-mr") is None


def test_where_no_model_fits_the_reasons_stand_there_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    panel = _panel(qtbot, [_package(tmp_path, "for-mr", "MR")])
    card = panel.card("for-mr")
    assert card is not None
    assert "Needs MR" in card.line.text()


def test_a_result_of_an_earlier_session_is_known_as_done_and_can_be_run_again(qtbot: QtBot, tmp_path: Path) -> None:
    held = scans.document(scans.series("1.1", "CT"))
    panel = ModelsPanel(held, Runs(held))
    qtbot.addWidget(panel)
    panel.set_models([_package(tmp_path, "test-model", "CT")], [])
    held.select_series("1.1")
    card = panel.card("test-model")
    assert card is not None
    assert card.button.text() == "Run"
    layer = scans.image_layer(held)
    held.add_layer(layer)
    assert card.button.text() == "Run again"
    made = layer.provenance
    assert card.line.text() == "Done"
    assert card.line.toolTip() == f"{made.device.upper()} {made.precision}"
    held.remove_layer(layer.uid)
    assert card.button.text() == "Run"


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("CPU bf16 fused", "Done in 2.9 s on the processor"),
        ("CUDA bf16", "Done in 2.9 s on the graphics card"),
        ("MPS fp32", "Done in 2.9 s on the Apple graphics"),
        ("", "Done in 2.9 s"),
    ],
)
def test_a_finished_run_is_told_in_plain_words_and_how_exactly_under_the_pointer(
    qtbot: QtBot, tmp_path: Path, device: str, words: str
) -> None:
    card = _panel(qtbot, [_package(tmp_path, "for-ct", "CT")]).card("for-ct")
    assert card is not None
    card.show_fit(RunState("job", "for-ct", "1.1", "done", seconds=2.94, device=device), (), ready=True)
    assert card.line.text() == words
    assert card.line.toolTip() == device


def test_what_was_told_of_a_run_stays_under_its_model(qtbot: QtBot, tmp_path: Path) -> None:
    card = _panel(qtbot, [_package(tmp_path, "for-ct", "CT")]).card("for-ct")
    assert card is not None
    done = RunState(
        "job", "for-ct", "1.1", "done", seconds=2.9, told=("The images are noisy.", "Two slices show metal.")
    )
    card.show_fit(done, ("The region is not stated.",), ready=True)
    assert card.caution.isVisibleTo(card)
    assert card.caution.text() == "The region is not stated. The images are noisy. Two slices show metal."
    card.show_fit(None, (), ready=True)
    assert not card.caution.isVisibleTo(card)


def test_a_button_stands_below_a_name_with_a_long_word_so_that_both_are_whole_in_a_narrow_side(
    qtbot: QtBot, tmp_path: Path
) -> None:
    needed = []
    for name in ("MR → CT", "Niedriggradiges Gliom"):
        manifest = content(modality="CT") | {"id": "model", "name": name}
        weights = np.ones((1, 2), np.float32)
        card = _panel(qtbot, [read_package(write_package(tmp_path / name[:2], manifest, weights))]).card("model")
        assert card is not None
        card.resize(card.minimumSizeHint().width(), 300)
        card.show()
        words = next(one for one in card.findChildren(QLabel) if one.text() == name)
        assert words.width() >= max(words.fontMetrics().horizontalAdvance(word) for word in name.split())
        assert (words.geometry().bottom() < card.button.geometry().top()) == (name != "MR → CT")
        needed.append(card.minimumSizeHint().width())
    assert needed[1] < needed[0] + 60


def test_a_long_name_stands_above_its_button_in_a_narrow_side_and_beside_it_in_a_wide_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    manifest = content(modality="CT") | {"id": "model", "name": "CT → MR (T1, T2, FLAIR)"}
    weights = np.ones((1, 2), np.float32)
    card = _panel(qtbot, [read_package(write_package(tmp_path, manifest, weights))]).card("model")
    assert card is not None
    card.setParent(None)
    qtbot.addWidget(card)
    card.show()
    name = next(one for one in card.findChildren(QLabel) if one.text() == "CT → MR (T1, T2, FLAIR)")
    for width, below in ((180, True), (400, False), (180, True)):
        card.resize(width, 300)
        QApplication.processEvents()
        assert (name.geometry().bottom() < card.button.geometry().top()) == below
        assert name.height() >= name.heightForWidth(name.width())
        assert not below or name.heightForWidth(name.width()) <= 2 * name.fontMetrics().lineSpacing() + 4
