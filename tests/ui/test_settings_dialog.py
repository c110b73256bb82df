"""The dialog shows every declared setting, changes it at once, and says when a key is taken."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer import app, settings
from medgan_viewer.settings import DECLARED, Settings
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.settings_dialog import SettingsDialog
from medgan_viewer.ui.settings_dialog_keys import KeysRow
from medgan_viewer.ui.settings_dialog_rows import SettingRow

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("user_folders")]


@pytest.fixture
def live() -> LiveSettings:
    return LiveSettings(Settings())


@pytest.fixture
def dialog(qtbot: QtBot, live: LiveSettings) -> SettingsDialog:
    made = SettingsDialog(live)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    return made


def _row(dialog: SettingsDialog, name: str) -> SettingRow:
    row = next(row for row in dialog.rows if row.setting.name == name)
    assert isinstance(row, SettingRow)
    return row


def _keys(dialog: SettingsDialog) -> KeysRow:
    return next(row for row in dialog.rows if isinstance(row, KeysRow))


def test_every_setting_with_a_group_has_a_row_with_its_words(dialog: SettingsDialog) -> None:
    assert [row.setting for row in dialog.rows] == [setting for setting in DECLARED if setting.group]
    for row in dialog.rows:
        if isinstance(row, SettingRow):
            assert row.control.accessibleName() == row.setting.title
            assert row.control.toolTip() == row.setting.description


def test_a_change_holds_and_is_stored_at_once_and_a_reset_brings_the_default(
    dialog: SettingsDialog, live: LiveSettings
) -> None:
    row = _row(dialog, "theme")
    assert isinstance(row.control, QComboBox)
    assert not row.reset.isVisible()
    row.control.setCurrentIndex(row.control.findData("light"))
    assert live.values.text("theme") == settings.load().text("theme") == "light"
    assert row.reset.isVisible()
    row.reset.click()
    assert live.values.text("theme") == settings.load().text("theme") == "dark"
    assert row.control.currentData() == "dark"
    assert "theme" not in json.loads(settings.default_path().read_text())


def test_each_kind_has_its_control(
    dialog: SettingsDialog, live: LiveSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    linked, rate, folder, feed = (
        _row(dialog, name) for name in ("linked", "flicker_rate", "model_folder", "release_feed")
    )
    assert isinstance(linked.control, QCheckBox)
    linked.control.click()
    assert live.values.value("linked") is False
    assert isinstance(rate.control, QDoubleSpinBox)
    assert (rate.control.minimum(), rate.control.maximum()) == rate.setting.range
    rate.control.setValue(2.5)
    assert live.values.number("flicker_rate") == 2.5
    assert isinstance(feed.control, QLineEdit)
    feed.control.setText(" https://example.org/feed ")
    feed.control.editingFinished.emit()
    assert live.values.text("release_feed") == "https://example.org/feed"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path))
    folder._on_choose()
    assert live.values.text("model_folder") == str(tmp_path)
    assert isinstance(folder.control, QLineEdit)
    assert folder.control.text() == str(tmp_path)


def test_a_change_made_elsewhere_shows(dialog: SettingsDialog, live: LiveSettings) -> None:
    live.set("linked", False)
    control = _row(dialog, "linked").control
    assert isinstance(control, QCheckBox)
    assert not control.isChecked()


def test_the_search_finds_titles_descriptions_choices_groups_and_keys(dialog: SettingsDialog) -> None:
    def shown() -> list[str]:
        return [row.setting.name for row in dialog.rows if row.isVisible()]

    dialog.search.setText("flicker FASTER")
    assert shown() == ["flicker_rate"]
    dialog.search.setText("nvidia")
    assert shown() == ["device"]
    dialog.search.setText("mouse wheel")
    assert shown() == ["mouse_wheel", "mouse_wheel_shift", "mouse_wheel_ctrl"]
    dialog.search.setText("ellipse")
    assert shown() == ["keys"]
    items = _keys(dialog)._items
    assert not items["measure.ellipse"].isHidden()
    assert items["file.quit"].isHidden()
    dialog.search.setText("colourless green ideas")
    assert shown() == []
    assert dialog._nothing.isVisible()
    dialog.search.setText("")
    assert len(shown()) == len(dialog.rows)
    assert not items["file.quit"].isHidden()


def test_a_free_key_is_given_at_once(dialog: SettingsDialog, live: LiveSettings) -> None:
    row = _keys(dialog)
    row.choose("view.panels")
    row.edit.setKeySequence(QKeySequence("Ctrl+Shift+P"))
    assert live.values.mapping("keys") == {"view.panels": "Ctrl+Shift+P"}
    assert row._items["view.panels"].text(1) == "Ctrl+Shift+P"
    assert row.message.text() == ""
    row.reset.click()
    assert live.values.mapping("keys") == {}
    assert row._items["view.panels"].text(1) == "F9"


def test_a_key_that_is_taken_is_told_and_only_taken_when_asked_for(dialog: SettingsDialog, live: LiveSettings) -> None:
    row = _keys(dialog)
    row.choose("view.panels")
    row.edit.setKeySequence(QKeySequence("E"))
    assert row.message.text() == "E stands for “Ellipse”."
    assert row.take.isVisible()
    assert live.values.mapping("keys") == {}
    row.take.click()
    assert live.values.mapping("keys") == {"view.panels": "E", "measure.ellipse": ""}
    assert row._items["measure.ellipse"].text(1) == ""
    assert not row.take.isVisible()
    row.reset_all.click()
    assert live.values.mapping("keys") == {}


def test_another_action_chosen_forgets_the_key_that_was_asked_for(dialog: SettingsDialog, live: LiveSettings) -> None:
    row = _keys(dialog)
    row.choose("view.panels")
    row.edit.setKeySequence(QKeySequence("E"))
    row.choose("file.quit")
    assert row.message.text() == ""
    assert row.edit.keySequence().isEmpty()
    row.none.click()
    assert live.values.mapping("keys") == {"file.quit": ""}


def test_the_wheel_passes_over_a_control_that_was_not_chosen(dialog: SettingsDialog, live: LiveSettings) -> None:
    control = _row(dialog, "cine_rate").control
    dialog.search.setFocus()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(control, event)
    assert live.values.number("cine_rate") == 10


def test_what_cannot_be_stored_holds_and_is_one_sentence(qtbot: QtBot, live: LiveSettings) -> None:
    settings.configuration_folder().parent.mkdir(parents=True, exist_ok=True)
    settings.configuration_folder().write_text("a file where the folder should be")
    with qtbot.waitSignal(live.failed) as told:
        live.set("theme", "light")
    assert live.values.text("theme") == "light"
    assert told.args is not None
    assert "settings.json" in told.args[0]


def test_a_change_leaves_what_another_window_stored(live: LiveSettings) -> None:
    settings.save(Settings().changed("device", "cpu"))
    live.set("theme", "light")
    assert settings.load().text("device") == "cpu"
    assert settings.load().text("theme") == "light"


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    yield made
    made.close()


def test_a_window_has_one_dialog(qtbot: QtBot, live: LiveSettings, parent: QWidget) -> None:
    first = SettingsDialog.open_for(live, parent)
    assert SettingsDialog.open_for(live, parent) is first
    with qtbot.waitSignal(first.destroyed):
        first.reject()


def test_the_dialog_changes_the_window_and_the_window_the_dialog(qtbot: QtBot) -> None:
    window = app.make_window()
    qtbot.addWidget(window)
    window.show()
    window.actions_by_id["file.settings"].trigger()
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    for name, value in (("theme", "light"), ("device", "cpu"), ("mouse_left", "zoom"), ("mouse_right", "pan")):
        control = _row(dialog, name).control
        assert isinstance(control, QComboBox)
        control.setCurrentIndex(control.findData(value))
    assert window.actions_by_id["view.light"].isChecked()
    assert window.runs.device == "cpu"
    assert "this computer's processor" in window.device.text()
    assert window.grid.tool == "zoom"
    assert window.grid.active_pane.gestures.mouse.right == "pan"
    for name, wanted in (("cine_rate", 25), ("flicker_rate", 2)):
        number = _row(dialog, name).control
        assert isinstance(number, QDoubleSpinBox)
        number.setValue(wanted)
    assert window.cine.rate == 25
    assert window.grid.flicker_rate == 2
    hidden = _row(dialog, "hide_patient").control
    hidden.click()  # type: ignore[union-attr]
    assert window.actions_by_id["view.hide_patient"].isChecked()
    window.actions_by_id["compare.link"].trigger()
    linked = _row(dialog, "linked").control
    assert isinstance(linked, QCheckBox)
    assert not linked.isChecked()
    linked.click()
    assert window.grid.linked
    row = _keys(dialog)
    row.choose("view.panels")
    row.edit.setKeySequence(QKeySequence("Ctrl+Shift+P"))
    assert window.actions_by_id["view.panels"].shortcut() == QKeySequence("Ctrl+Shift+P")
    window.close()
