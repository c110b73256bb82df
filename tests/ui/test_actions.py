"""The table of actions is whole: every key once, every action reachable."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.ui import actions
from medgan_viewer.ui.dialogs.texts import keys_markdown


def test_no_key_stands_for_two_actions() -> None:
    keys = [QKeySequence(key).toString() for spec in actions.TABLE for key in spec.keys]
    keys.append(QKeySequence(actions.HOLD_TO_REVEAL[0]).toString())
    assert len(keys) == len(set(keys))
    assert all(keys)


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


def test_the_sheet_of_keys_names_every_action_that_has_one() -> None:
    sheet = keys_markdown()
    for spec in actions.TABLE:
        if spec.keys:
            assert f"| {' '.join(spec.keys)} | {spec.text} |" in sheet
    assert "hold Q" in sheet


def test_keys_of_the_image_leave_the_rest_of_the_window_alone(qtbot: QtBot) -> None:
    window, image_area = QWidget(), QWidget()
    qtbot.addWidget(window)
    qtbot.addWidget(image_area)
    handlers = {spec.id: lambda *_args: None for spec in actions.TABLE}
    made = actions.create(handlers, window, image_area)
    for spec in actions.TABLE:
        holder = image_area if spec.on_image else window
        assert made[spec.id] in holder.actions()
