"""Keys and mouse gestures as the user wants them: none stands for two actions, whatever a file says."""

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medgan_viewer import app, settings
from medgan_viewer.settings import Settings
from medgan_viewer.ui import keys
from medgan_viewer.ui.actions import REMAPPABLE, TABLE
from medgan_viewer.ui.dialogs.texts import key_groups
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.views.gestures import Mouse
from tests.ui import view_fixtures as scans


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("ctrl+shift+o", "Ctrl+Shift+O"),
        ("Shift+?", "?"),
        ("Shift+A", "Shift+A"),
        ("Enter", "Return"),
        ("Shift", ""),
        ("nothing at all", ""),
        ("Ctrl+K, Ctrl+L", ""),
        ("", ""),
    ],
)
def test_a_key_is_written_in_one_way(written: str, canonical: str) -> None:
    assert keys.canonical(written) == canonical


def test_without_choices_every_action_has_the_keys_of_the_table() -> None:
    assert keys.in_use({}) == {spec.id: spec.keys for spec in REMAPPABLE}


def test_a_chosen_key_goes_before_a_default_and_no_key_stands_for_two() -> None:
    used = keys.in_use({"file.quit": "E", "edit.undo": "E Ctrl+U", "file.lab": "whatever else", "gone": "Ctrl+G"})
    assert used["file.quit"] == ("E",)
    assert used["edit.undo"] == ("Ctrl+U",)
    assert used["measure.ellipse"] == ()
    assert used["file.lab"] == ()
    assert "gone" not in used
    everything = list(itertools.chain.from_iterable(used.values()))
    assert len(everything) == len(set(everything))


def test_a_key_that_is_taken_is_told_with_its_action() -> None:
    used = keys.in_use({})
    holder = keys.holder("E", used, "file.quit")
    assert holder is not None
    assert holder.id == "measure.ellipse"
    assert keys.holder("E", used, "measure.ellipse") is None
    assert keys.holder("Ctrl+F12", used, "file.quit") is None


def test_taking_a_key_takes_it_from_the_other_and_both_defaults_come_back() -> None:
    chosen = keys.with_key({}, "file.quit", "E")
    assert chosen == {"file.quit": "E", "measure.ellipse": ""}
    chosen = keys.without(chosen, "measure.ellipse")
    assert keys.in_use(chosen)["measure.ellipse"] == ("E",)
    assert keys.in_use(chosen)["file.quit"] == ()
    assert keys.without(chosen, "file.quit") == {}


def test_the_default_key_is_no_choice() -> None:
    assert keys.with_key({"file.quit": "E"}, "file.quit", "Ctrl+Q") == {}


@pytest.fixture
def window(qtbot: QtBot, user_folders: None) -> Iterator[MainWindow]:
    changed = Settings().changed("keys", {"view.panels": "K", "compare.reveal": "Shift+F12"})
    settings.save(changed.changed("mouse_wheel", "zoom").changed("mouse_left", "pan"))
    made = app.make_window()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def test_the_window_takes_its_keys_from_the_settings(window: MainWindow) -> None:
    action = window.actions_by_id["view.panels"]
    assert action.shortcut() == QKeySequence("K")
    assert action.toolTip() == "Only the images (K)"
    assert window.actions_by_id["file.open_folder"].toolTip() == "Open every study in a folder (Ctrl+O)"
    window.grid.set_overlay_visible(True)
    QTest.keyPress(window, Qt.Key.Key_Q)
    assert not window.grid.revealed
    QTest.keyPress(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert window.grid.revealed
    QTest.keyRelease(window, Qt.Key.Key_F12)
    assert not window.grid.revealed


def test_panes_take_their_gestures_from_the_settings(window: MainWindow) -> None:
    assert window.grid.tool == "pan"
    assert {pane.gestures.mouse for pane in window.grid.panes} == {Mouse(left="pan", wheel="zoom")}


def test_the_sheet_of_keys_tells_what_was_chosen() -> None:
    chosen = Settings().changed("keys", {"view.panels": "Ctrl+K"}).changed("mouse_right", "pan")
    groups = key_groups(chosen)
    assert ("Ctrl+K", "Hide the panels") in groups["View"]
    assert ("Right drag", "Move the image") in groups["Mouse"]
    assert ("hold Q", "Hold to reveal the original") in groups["Compare"]
    assert len(groups["Mouse"]) == len(set(groups["Mouse"]))


def test_every_gesture_that_can_be_chosen_is_one_that_panes_know() -> None:
    for setting in settings.DECLARED:
        for value, _ in setting.choices if setting.group == "Mouse" else ():
            assert isinstance(keys.mouse_of(Settings().changed(setting.name, value)), Mouse)


def test_no_action_has_a_key_that_cannot_be_written_down() -> None:
    assert [spec.id for spec in TABLE for key in spec.keys if keys.canonical(key) != key] == []


def test_the_other_buttons_and_the_wheel_do_what_was_chosen(qtbot: QtBot) -> None:
    grid = scans.shown_grid(qtbot, scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball()))))
    grid.show_series("ct")
    pane = grid.active_pane
    before = pane.slice_index()
    grid.set_mouse(Mouse(middle="scroll", wheel="ten slices", wheel_ctrl="slices", maximises=False))
    scans.wheel(pane, 120, keys=Qt.KeyboardModifier.ControlModifier)
    assert pane.slice_index() == before + 1
    scans.wheel(pane, -120)
    assert pane.slice_index() == max(0, before - 9)
    at = pane.slice_index()
    scans.drag(pane, 0, -40, Qt.MouseButton.MiddleButton)
    assert pane.slice_index() > at
    grid.set_layout_name("1x2")
    QTest.mouseDClick(pane, Qt.MouseButton.LeftButton)
    assert len(grid.visible_panes) == 2
    grid.set_mouse(Mouse())
    QTest.mouseDClick(pane, Qt.MouseButton.LeftButton)
    assert len(grid.visible_panes) == 1
