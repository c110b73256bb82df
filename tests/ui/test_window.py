"""The whole window with real files and a real worker process."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, SliceLoaded
from medgan_viewer.core.layers import HeatLayer, ImageLayer
from medgan_viewer.jobs.events import Event
from medgan_viewer.jobs.worker import Job
from medgan_viewer.models.device import DeviceReport
from medgan_viewer.models.manifest import Package
from medgan_viewer.models.registry import scan
from medgan_viewer.services import InferenceService, ModelRun
from medgan_viewer.ui.actions import TABLE
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.style import style_sheet
from medgan_viewer.ui.theme import DARK
from tests.dicom.export_builder import write_source
from tests.models import tiny
from tests.ui import scans

pytestmark = pytest.mark.window
HEAD = {"BodyPartExamined": "HEAD"}


class _Unchecked(InferenceService):
    """Runs models on anything: the scans of these tests are noise, which the input check would refuse."""

    def start(self, *arguments: Any, **options: Any) -> ModelRun:
        return super().start(*arguments, **{**options, "confirmed": None})


def _unchecked(listener: Callable[[Event], None], device: str) -> InferenceService:
    return _Unchecked(listener, device)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    document = Document()
    made = MainWindow(document, Loader(document), Runs(document, "cpu", make_service=_unchecked))
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def _open(qtbot: QtBot, window: MainWindow, folder: Path) -> str:
    """Open a folder and wait until its first series is on screen and read; return its UID."""
    window.open_paths([folder])
    qtbot.waitUntil(lambda: window.document.selected_series is not None, timeout=20_000)
    uid = window.document.selected_series
    assert uid is not None
    opened = window.document.opened(uid)
    assert opened is not None
    qtbot.waitUntil(lambda: opened.complete and not window.loader.busy, timeout=20_000)
    return uid


def _package(folder: Path, task: str = "synthesis", seconds: float = 0.0) -> Package:
    """Return a model: a weighted sum of the two CT windows, as slow as asked for."""
    channels_out = {"synthesis": 1, "segmentation": 2, "anomaly": 1}[task]
    content = tiny.content(task=task, channels_out=channels_out)
    content["network"]["arguments"]["seconds"] = seconds
    weights = np.zeros((channels_out, 2), np.float32)
    weights[:, 0] = 0.5
    tiny.write_package(folder, content, weights)
    packages, problems = scan([folder])
    assert not problems
    return packages[0]


def _offer(window: MainWindow, package: Package) -> None:
    """Make a test's model runnable in this window's worker, now and after a restart."""
    window.models.set_models([package], [])
    window.runs.service._runner.ask(Job("tests.models.tiny:offer_test_networks")).result(60)


def test_a_dropped_folder_opens_and_its_first_series_comes_up(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(5, 64, 64), changes=HEAD)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    loaded: list[SliceLoaded] = []
    window.document.subscribe(lambda change: loaded.append(change) if isinstance(change, SliceLoaded) else None)
    window.dropEvent(event)
    qtbot.waitUntil(lambda: len(loaded) == 5, timeout=20_000)
    assert loaded[0].index == 2
    content = window.grid.active_pane.content
    assert content is not None
    assert content.series_uid == window.document.selected_series
    assert content.slice_count == 5


def test_a_run_from_the_button_fills_a_layer_in_a_pane_of_its_own(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(5, 64, 64), changes=HEAD)
    _offer(window, _package(tmp_path / "models"))
    uid = _open(qtbot, window, tmp_path / "ct")
    card = window.models.card("tiny")
    assert card is not None
    qtbot.waitUntil(card.button.isEnabled, timeout=5000)
    QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.runs.states) and window.runs.states[0].status == "done", timeout=60_000)
    (layer,) = window.document.layers_of(uid)
    assert isinstance(layer, ImageLayer)
    assert layer.complete
    assert window.grid.layout_name == "1x2"
    assert [pane.content.layer_uid for pane in window.grid.panes[:2] if pane.content] == [None, layer.uid]
    window.document.undo()
    assert not window.document.layers
    window.document.redo()
    assert window.document.layers == (layer,)


def test_a_killed_worker_is_one_sentence_and_the_next_run_works(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(8, 64, 64), changes=HEAD)
    package = _package(tmp_path / "models", seconds=0.3)
    _offer(window, package)
    uid = _open(qtbot, window, tmp_path / "ct")
    job_id = window.run_model("tiny", uid)
    assert job_id is not None
    qtbot.waitUntil(lambda: window.runs.states[0].done >= 1, timeout=60_000)
    pid = window.runs.service.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: window.runs.states[0].status == "failed", timeout=20_000)
    assert window.banner.text == window.runs.states[0].sentence
    (layer,) = window.document.layers_of(uid)
    assert layer.ready.any()
    window.grid.step(1)
    _offer(window, package)
    second = window.run_model("tiny", uid)
    assert second is not None
    qtbot.waitUntil(lambda: not window.runs.states[1].active, timeout=60_000)
    assert window.runs.states[1].status == "done"


def test_escape_cancels_a_run_and_keeps_what_is_finished(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(12, 64, 64), changes=HEAD)
    _offer(window, _package(tmp_path / "models", seconds=0.2))
    uid = _open(qtbot, window, tmp_path / "ct")
    window.run_model("tiny", uid)
    qtbot.waitUntil(lambda: window.runs.states[0].done >= 1, timeout=60_000)
    window.actions_by_id["help.cancel"].trigger()
    qtbot.waitUntil(lambda: window.runs.states[0].status == "cancelled", timeout=20_000)
    (layer,) = window.document.layers_of(uid)
    assert 1 <= int(layer.ready.sum()) < 12


def test_a_heat_map_lists_findings_and_a_higher_threshold_lists_fewer(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(6, 64, 64), changes=HEAD)
    _open(qtbot, window, tmp_path / "ct")
    opened = window.document.opened(window.document.open_uids[0])
    assert opened is not None
    layer = scans.heat_layer(window.document, source=opened.series.uid)
    window.document.add_layer(layer)
    window.runs.heat_ready.emit(layer.uid)
    qtbot.waitUntil(lambda: len(window.document.findings(layer.uid)) == 2, timeout=10_000)
    assert window.findings.isVisible()
    row = window.layers.row(layer.uid)
    assert row is not None
    row.threshold.setValue(70)
    qtbot.waitUntil(lambda: len(window.document.findings(layer.uid)) == 1, timeout=10_000)
    window.actions_by_id["finding.next"].trigger()
    assert window.document.selected_finding == (layer.uid, 1)
    changed = window.document.layer(layer.uid)
    assert isinstance(changed, HeatLayer)
    assert changed.threshold == pytest.approx(0.7)


def test_export_from_the_dialog_writes_marked_files_and_says_where(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    from pydicom import dcmread

    write_source(tmp_path / "ct", shape=(5, 64, 64), changes=HEAD)
    _offer(window, _package(tmp_path / "models"))
    uid = _open(qtbot, window, tmp_path / "ct")
    window.run_model("tiny", uid)
    qtbot.waitUntil(lambda: window.runs.states[0].status == "done", timeout=60_000)
    dialog = ExportDialog(window.document, window.grid, window)
    assert not dialog.export.isEnabled()
    out = tmp_path / "out"
    dialog.folder.setText(str(out))
    dialog.choices.choose_slices(1)
    with qtbot.waitSignal(dialog.finished_writing, timeout=60_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    dialog.close()
    assert finished.args == [True], dialog.message.text()
    written = sorted(path for path in out.rglob("*") if path.is_file())
    series = [path for path in written if path.suffix == ".dcm" and dcmread(path).Modality == "MR"]
    assert len(series) == 5
    assert all(dcmread(path)[0x0008001C].value == "YES" for path in series)
    assert any(path.suffix == ".png" for path in written)
    assert str(out) in dialog.message.text()


def test_an_export_that_cannot_be_written_is_one_sentence(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    window.document.add_layer(scans.image_layer(window.document, source=uid))
    dialog = ExportDialog(window.document, window.grid, window)
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    dialog.folder.setText(str(blocked))
    with qtbot.waitSignal(dialog.finished_writing, timeout=30_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    dialog.close()
    assert finished.args == [False]
    assert dialog.message.text()


def test_tool_keys_choose_the_tool_and_the_toolbar_shows_it(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    _open(qtbot, window, tmp_path / "ct")
    for tool in ("scroll", "pan", "zoom", "crosshair", "window"):
        window.actions_by_id[f"tool.{tool}"].trigger()
        assert window.grid.tool == tool
        checked = [name for name, action in window.actions_by_id.items() if name[:5] == "tool." and action.isChecked()]
        assert checked == [f"tool.{tool}"]


def test_q_reveals_the_original_only_while_it_is_held(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    _open(qtbot, window, tmp_path / "ct")
    QTest.keyPress(window.grid, Qt.Key.Key_Q)
    assert window.grid.revealed
    QTest.keyRelease(window.grid, Qt.Key.Key_Q)
    assert not window.grid.revealed


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160)])
def test_everything_fits_the_smallest_and_the_largest_screen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, size: tuple[int, int]
) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    window.setStyleSheet(style_sheet(DARK))
    _open(qtbot, window, tmp_path / "ct")
    window.resize(*size)
    qtbot.waitUntil(lambda: window.grid.width() > 0.5 * size[0])
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 720


def test_closing_a_study_frees_its_series_and_goes_back_to_the_start(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    window.studies.close_asked.emit(window.document.catalog.studies[0])
    assert window.document.opened(uid) is None
    assert window.document.catalog.studies == ()
    assert all(pane.content is None for pane in window.grid.panes)
    _open(qtbot, window, tmp_path / "ct")
    assert window.document.opened(uid) is not None


def test_clicking_another_pane_does_not_go_back_to_the_finding(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(6, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    layer = scans.heat_layer(window.document, source=uid)
    window.document.add_layer(layer)
    qtbot.waitUntil(lambda: len(window.document.findings(layer.uid)) == 2, timeout=10_000)
    window.actions_by_id["finding.next"].trigger()
    window.grid.go_last()
    place = window.grid.active_pane.content
    window.document.select_series(None)
    window.document.select_series(uid)
    assert window.grid.active_pane.content == place


def test_a_heat_map_brought_back_by_redo_has_its_findings(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(6, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    layer = scans.heat_layer(window.document, source=uid)
    window.document.execute(AddLayers((layer,)))
    window.document.undo()
    window.document.redo()
    qtbot.waitUntil(lambda: len(window.document.findings(layer.uid)) == 2, timeout=10_000)
    assert window.findings.isVisible()


def test_the_menu_holds_every_action_of_the_table(window: MainWindow) -> None:
    button = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Menu")
    reachable = {action.objectName() for part in button.menu().findChildren(QMenu) for action in part.actions()}
    assert {spec.id for spec in TABLE} <= reachable


def test_a_right_click_offers_windows_and_comparison(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    _open(qtbot, window, tmp_path / "ct")
    window.grid.context_menu_asked.emit(window.grid.active_pane, window.mapToGlobal(QPoint(400, 300)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert {"compare.overlay", "image.invert", "image.key"} <= {action.objectName() for action in menu.actions()}
    menu.close()


def test_the_device_can_be_chosen_from_what_the_machine_has(qtbot: QtBot, window: MainWindow) -> None:
    report = DeviceReport("2.13.0", "cuda", ("Card A",), False, "Processor B", 8)
    window.device.set_report(report)
    assert window.device.text() == "Models run on: this computer's processor"
    offered = {action.data(): action for action in window.device.menu().actions()}
    assert list(offered) == ["auto", "cuda", "cpu"]
    assert "Card A" in offered["cuda"].text()
    with qtbot.waitSignal(window.device.device_chosen):
        offered["auto"].trigger()
    assert window.runs.device == "auto"
    assert window.device.text() == "Models run on: this computer's NVIDIA graphics card"


def test_presets_in_hu_change_only_images_in_hu(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    ct = _open(qtbot, window, tmp_path / "ct")
    window.actions_by_id["window.9"].trigger()
    assert window.document.window(ct) == Window(2500, 480)
    layer = scans.image_layer(window.document, source=ct)
    window.document.add_layer(layer)
    window.grid.show_layer(layer.uid, window.grid.active_pane)
    window.actions_by_id["window.2"].trigger()
    assert window.document.window(layer.uid) == Window(*layer.window)
    assert window.document.window(ct) == Window(2500, 480)
    assert "HU" in window.banner.text


def test_overlay_and_swipe_bring_up_the_image_that_stands_in_a_pane(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    window.actions_by_id["compare.swipe"].trigger()
    assert not window.grid.swipe
    assert not window.actions_by_id["compare.swipe"].isChecked()
    assert "no synthetic image" in window.banner.text
    for name in ("t1", "t2"):
        layer = scans.image_layer(window.document, name, uid).changed(visible=False)
        window.document.add_layer(layer)
    window.grid.set_layout_name("1x2")
    window.grid.show_layer("t1", window.grid.panes[1])
    window.actions_by_id["compare.overlay"].trigger()
    assert [layer.visible for layer in window.document.layers] == [True, False]
    window.actions_by_id["compare.swipe"].trigger()
    assert window.grid.swipe


def test_the_menu_says_what_undo_and_redo_would_do(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(6, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    undo, redo = (window.actions_by_id[f"edit.{name}"] for name in ("undo", "redo"))
    assert (undo.text(), redo.text()) == ("Undo", "Redo")
    window.document.add_layer(scans.label_layer(window.document, source=uid))
    row = window.layers.row("labels")
    assert row is not None
    row.opacity.setValue(33)
    name = window.document.layer("labels").name
    assert undo.text() == f"Undo: Opacity of {name}"
    undo.trigger()
    assert (undo.text(), redo.text()) == ("Undo", f"Redo: Opacity of {name}")
    assert row.opacity.value() == 60


def test_redo_shows_the_image_in_its_pane_again(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    layer = scans.image_layer(window.document, source=uid).changed(visible=False)
    window.document.execute(AddLayers((layer,)))
    window.grid.set_layout_name("1x2")
    window.grid.show_layer(layer.uid, window.grid.panes[1])
    window.actions_by_id["edit.undo"].trigger()
    assert layer.uid not in {pane.content.layer_uid for pane in window.grid.panes if pane.content}
    window.actions_by_id["edit.redo"].trigger()
    assert layer.uid in {pane.content.layer_uid for pane in window.grid.panes if pane.content}


def test_a_message_is_only_as_high_as_its_words(window: MainWindow) -> None:
    window.banner.say("The presets are in HU and this image is not; press 0 for an automatic window.", error=False)
    assert window.banner.height() < 80


def test_closing_with_results_asks_first(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_source(tmp_path / "ct", shape=(3, 64, 64), changes=HEAD)
    uid = _open(qtbot, window, tmp_path / "ct")
    window.document.add_layer(scans.image_layer(window.document, source=uid))
    asked: list[str] = []

    def refuse(_parent: object, title: str, *_: object) -> QMessageBox.StandardButton:
        asked.append(title)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", refuse)
    window.asks_before_closing = True
    assert not window.close()
    window.studies.close_asked.emit(window.document.catalog.studies[0])
    assert window.document.catalog.studies
    assert asked == ["Close the program", "Close the study"]
    window.asks_before_closing = False
