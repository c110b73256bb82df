"""The composition root: settings are remembered, models are found behind the first paint, closing leaves nothing."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from medgan_viewer import app, settings
from medgan_viewer.ui.theme import LIGHT
from tests.dicom.export_builder import write_source

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("user_folders")]


def test_models_and_devices_come_after_the_window_and_closing_ends_the_worker(qtbot: QtBot) -> None:
    window = app.make_window()
    qtbot.addWidget(window)
    window.show()
    assert not window.models.has_models
    qtbot.waitUntil(lambda: window.device.menu() is not None, timeout=60_000)
    pid = window.runs.service.worker_pid
    assert pid is not None
    assert {action.data() for action in window.device.menu().actions()} >= {"auto", "cpu"}
    window.close()
    assert not Path(f"/proc/{pid}").exists()


def _parts_of_a_window_that_ends(qtbot: QtBot) -> list[Callable[[], object]]:
    window = app.make_window()
    window.show()
    qtbot.waitUntil(lambda: window.device.menu() is not None, timeout=60_000)
    window.close()
    window.deleteLater()
    return [weakref.ref(window), weakref.ref(window.document), weakref.ref(window.grid.panes[0])]


def test_a_window_that_has_ended_leaves_nothing_in_memory(qtbot: QtBot) -> None:
    parts = _parts_of_a_window_that_ends(qtbot)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert sum(part() is not None for part in parts) == 0


def test_choices_are_remembered_for_the_next_start(qtbot: QtBot) -> None:
    window = app.make_window()
    qtbot.addWidget(window)
    window.actions_by_id["view.light"].trigger()
    window.device.device_chosen.emit("cpu")
    window.actions_by_id["compare.link"].trigger()
    window.close()
    stored = settings.load()
    assert (stored.value("theme"), stored.value("device"), stored.value("linked")) == ("light", "cpu", False)
    again = app.make_window()
    qtbot.addWidget(again)
    assert again.actions_by_id["view.light"].isChecked()
    assert again._theme is LIGHT
    assert again.runs.device == "cpu"
    assert not again.grid.linked
    again.close()


def test_settings_that_cannot_be_read_do_not_keep_the_window_from_opening(qtbot: QtBot) -> None:
    settings.default_path().parent.mkdir(parents=True)
    settings.default_path().write_text("not json")
    window = app.make_window()
    qtbot.addWidget(window)
    assert window.runs.device == "auto"
    window.show()
    qtbot.waitUntil(lambda: "settings.json" in window.banner.text, timeout=10_000)
    window.close()


def test_folders_are_remembered_until_that_is_turned_off(qtbot: QtBot, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 16, 16))
    window = app.make_window()
    qtbot.addWidget(window)
    kept = tmp_path / "cache" / "index.sqlite"
    assert window.actions_by_id["file.remember"].isChecked()
    window.loader.scan([tmp_path / "ct"])
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=10_000)
    assert kept.exists()
    window.actions_by_id["file.remember"].trigger()
    assert not kept.exists()
    assert window.loader.remembered is None
    assert settings.load().value("remember_folders") is False
    window.close()
    again = app.make_window()
    qtbot.addWidget(again)
    assert not again.actions_by_id["file.remember"].isChecked()
    assert again.loader.remembered is None
    again.close()


def test_a_demonstration_in_a_window_is_a_start_like_any_other_but_shows_no_patient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[tuple[object, bool]] = []

    def run(paths: object, *, of_patients: bool) -> int:
        started.append((paths, of_patients))
        return 7

    monkeypatch.setattr(app, "run", run)
    assert app.run_demo(Path("study"), None, headless=False) == 7
    assert started == [([Path("study")], False)]
