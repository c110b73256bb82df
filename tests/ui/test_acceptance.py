"""At the first start the program asks whether it is used for research only."""

from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer import app, settings
from medgan_viewer.settings import Settings
from medgan_viewer.ui.dialogs.acceptance import WORDS_VERSION, AcceptanceDialog, ask
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.main_window import MainWindow

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("user_folders")]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    shown = QWidget()
    qtbot.addWidget(shown)
    shown.show()
    return shown


def asked(window: QWidget, values: Settings) -> AcceptanceDialog | None:
    """Ask over the window, and return the dialog that came up."""
    ask(LiveSettings(values), window)
    return window.findChild(AcceptanceDialog)


def test_whoever_agrees_is_not_asked_again(window: QWidget) -> None:
    live = LiveSettings(Settings())
    ask(live, window)
    dialog = window.findChild(AcceptanceDialog)
    assert dialog is not None
    assert dialog.isModal()
    dialog.agree.click()
    assert window.isVisible()
    assert settings.load().text("accepted") == WORDS_VERSION
    other = QWidget()
    assert asked(other, settings.load()) is None


def test_whoever_does_not_agree_finds_the_window_closed_and_is_asked_again(window: QWidget) -> None:
    live = LiveSettings(Settings())
    ask(live, window)
    dialog = window.findChild(AcceptanceDialog)
    assert dialog is not None
    dialog.quit.click()
    assert not window.isVisible()
    assert settings.load().text("accepted") != WORDS_VERSION


def test_other_words_are_asked_about_anew(window: QWidget) -> None:
    dialog = asked(window, Settings().changed("accepted", "0"))
    assert dialog is not None
    assert dialog.isVisible()


def test_the_enter_key_agrees_to_nothing(window: QWidget) -> None:
    dialog = AcceptanceDialog(window)
    assert dialog.quit.isDefault()
    assert not dialog.agree.isDefault()


@pytest.mark.parametrize("of_patients", [True, False])
def test_the_program_asks_over_its_window_but_not_for_the_virtual_patient(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, of_patients: bool
) -> None:
    seen: list[bool] = []

    def looked() -> int:
        """Look at the window in place of letting a user work with it."""
        (window,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible())
        dialog = window.findChild(AcceptanceDialog)
        seen.append(dialog is not None and dialog.isVisible())
        if dialog is not None:
            dialog.quit.click()
            assert not window.isVisible()
        window.close()
        return 0

    monkeypatch.setattr(app, "_application", lambda: SimpleNamespace(exec=looked))
    assert app.run([], of_patients=of_patients) == 0
    assert seen == [of_patients]
