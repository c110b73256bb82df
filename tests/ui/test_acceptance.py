"""Before the first picture the program asks whether it is used for research only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medgan_viewer import app, settings
from medgan_viewer.settings import Settings
from medgan_viewer.ui.dialogs.acceptance import WORDS_VERSION, AcceptanceDialog, accepted
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.main_window import MainWindow

pytestmark = pytest.mark.window


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "CACHE", "LOGS"):
        monkeypatch.setenv(f"MEDGAN_{name}", str(tmp_path / name.lower()))


@pytest.fixture
def answering() -> Iterator[list[str]]:
    """Click the buttons that the test names, in turn, on the dialogs that come up; none is left over."""
    answers: list[str] = []
    timer = QTimer()

    def click() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, AcceptanceDialog) and answers:
            getattr(dialog, answers.pop(0)).click()

    timer.timeout.connect(click)
    timer.start(5)
    yield answers
    timer.stop()
    assert answers == []


def test_whoever_agrees_is_not_asked_again(qtbot: QtBot, answering: list[str]) -> None:
    answering.append("agree")
    assert accepted(LiveSettings(Settings()))
    assert settings.load().text("accepted") == WORDS_VERSION
    assert accepted(LiveSettings(settings.load()))


def test_whoever_does_not_agree_is_asked_again(qtbot: QtBot, answering: list[str]) -> None:
    answering.append("quit")
    assert not accepted(LiveSettings(Settings()))
    answering.append("agree")
    assert accepted(LiveSettings(settings.load()))


def test_other_words_are_asked_about_anew(qtbot: QtBot, answering: list[str]) -> None:
    settings.save(Settings().changed("accepted", "0"))
    answering.append("quit")
    assert not accepted(LiveSettings(settings.load()))


def test_the_enter_key_agrees_to_nothing(qtbot: QtBot) -> None:
    dialog = AcceptanceDialog()
    qtbot.addWidget(dialog)
    assert dialog.quit.isDefault()
    assert not dialog.agree.isDefault()


def test_the_program_shows_no_window_to_whoever_does_not_agree(
    qtbot: QtBot, answering: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bool] = []
    monkeypatch.setattr(MainWindow, "show", lambda _window: shown.append(True))
    answering.append("quit")
    assert app.run([]) == 0
    assert shown == []
