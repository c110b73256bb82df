"""The next start offers what the last one left; the Help menu asks for newer versions only where a feed is set."""

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer import app, crash, releases, settings
from medgan_viewer.ui.dialogs.crash_report import CrashReportDialog

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("user_folders")]


def offered() -> list[QWidget]:
    """Return the dialogs that offer reports now."""
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, CrashReportDialog) and each.isVisible()]


def test_the_report_is_shown_when_asked_for_and_offered_once(qtbot: QtBot) -> None:
    report = crash.record(ValueError("DOE^JANE"))
    assert report is not None
    text = report.read_text()
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = CrashReportDialog(crash.unseen(), parent)
    dialog.show()
    assert not dialog.isModal()
    assert not dialog.text.isVisible()
    dialog.show_button.click()
    assert dialog.text.isVisible()
    assert dialog.text.toPlainText() == text
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == text
    dialog.reject()
    assert crash.unseen() == []


def test_the_window_offers_the_report_of_the_last_session(qtbot: QtBot) -> None:
    crash.record(ValueError())
    window = app.make_window()
    qtbot.addWidget(window)
    window.show()
    app._offer_crash_reports(window)
    (dialog,) = offered()
    dialog.close()
    app._offer_crash_reports(window)
    assert offered() == []
    window.close()


def test_the_menu_looks_for_a_newer_version_only_where_a_feed_is_set_and_only_then_asks(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = app.make_window()
    qtbot.addWidget(window)
    assert not window.actions_by_id["help.updates"].isVisible()
    window.close()
    asked: list[str] = []
    check = releases.check

    def count(address: str) -> releases.Release:
        asked.append(address)
        return check(address)

    monkeypatch.setattr(releases, "check", count)
    path = tmp_path / "releases.json"
    path.write_text(json.dumps({"version": "9.1"}))
    settings.save(settings.Settings().changed("release_feed", str(path)))
    window = app.make_window()
    qtbot.addWidget(window)
    window.show()
    assert asked == []
    assert window.actions_by_id["help.updates"].isVisible()
    window.actions_by_id["help.updates"].trigger()
    qtbot.waitUntil(lambda: "Version 9.1" in window.banner.text, timeout=10_000)
    assert asked == [str(path)]
    path.write_text("not json")
    window.actions_by_id["help.updates"].trigger()
    qtbot.waitUntil(lambda: "cannot be read" in window.banner.text, timeout=10_000)
    window.close()
