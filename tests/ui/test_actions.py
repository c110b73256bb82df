"""The table of actions is whole: every key once, every action reachable."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.settings import Settings
from medgan_viewer.ui import actions
from medgan_viewer.ui.dialogs.texts import key_groups, keys


def test_no_key_stands_for_two_actions() -> None:
    keys = [QKeySequence(key).toString() for spec in actions.TABLE for key in spec.keys]
    keys.append(QKeySequence(actions.HOLD_TO_REVEAL.keys[0]).toString())
    assert len(keys) == len(set(keys))
    assert all(keys)


def test_tooltips_teach_the_keys_and_the_table_does_not_repeat_them(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made = actions.create({spec.id: lambda *_args: None for spec in actions.TABLE}, window, window)
    for spec in actions.TABLE:
        assert not any(spec.tooltip.endswith(f"({key})") for key in (*spec.keys, "Enter")), spec.id
        if spec.keys:
            assert made[spec.id].toolTip() == f"{spec.tooltip} ({actions.key_text(spec.keys)})"
    assert made["finding.accept"].toolTip() == "Accept (Enter)"
    assert made["file.lab"].toolTip() == "Train models and watch trainings"


def test_no_identifier_stands_for_two_actions() -> None:
    identifiers = [spec.id for spec in actions.TABLE]
    assert len(identifiers) == len(set(identifiers))


def test_every_action_calls_its_own_handler_once(qtbot: QtBot) -> None:
    calls: list[str] = []
    window, image_area = QWidget(), QWidget()
    qtbot.addWidget(window)
    qtbot.addWidget(image_area)
    handlers = {spec.id: lambda *_args, name=spec.id: calls.append(name) for spec in actions.TABLE}
    made = actions.create(handlers, window, image_area)
    for action in made.values():
        action.trigger()
    assert calls == [spec.id for spec in actions.TABLE]


def test_the_sheet_of_keys_names_every_action_that_has_one(qtbot: QtBot) -> None:
    listed = {pair for pairs in key_groups(Settings()).values() for pair in pairs}
    assert {(actions.key_text(spec.keys), spec.text) for spec in actions.TABLE if spec.keys} <= listed
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = keys(parent, Settings()).findChild(QTextBrowser)
    assert sheet is not None
    shown = sheet.toPlainText()
    for key, does in listed:
        assert key in shown
        assert does in shown


def test_keys_of_the_image_leave_the_rest_of_the_window_alone(qtbot: QtBot) -> None:
    window, image_area = QWidget(), QWidget()
    qtbot.addWidget(window)
    qtbot.addWidget(image_area)
    handlers = {spec.id: lambda *_args: None for spec in actions.TABLE}
    made = actions.create(handlers, window, image_area)
    for spec in actions.TABLE:
        holder = image_area if spec.on_image else window
        assert made[spec.id] in holder.actions()
