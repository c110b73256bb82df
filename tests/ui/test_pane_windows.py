"""A pane in a window of its own: the same pane with its marks, linked as before, at the place where it was last."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from medgan_viewer import settings
from medgan_viewer.settings import Settings
from medgan_viewer.ui import pane_windows, preferences
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.pane_windows import PaneWindow
from medgan_viewer.ui.session_desk import Desk, desk_of, set_up
from medgan_viewer.ui.window_places import WindowPlace, as_text, first_place, from_text, rectangle
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window

TWO = {"left": QRect(0, 0, 1600, 900), "right": QRect(1600, 100, 1280, 1024)}


@pytest.fixture
def window(show_window: ShowWindow) -> MainWindow:
    """Return a window with a CT beside the synthetic image made of it, which is the active pane."""
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    document = scans.document_with(opened)
    document.add_layer(scans.image_layer(opened))
    window = show_window(document)
    window.grid.set_layout_name("1x2")
    window.grid.show_layer("t1", window.grid.panes[1])
    window.grid.activate_next()
    return window


def _moved_out(window: MainWindow) -> PaneWindow:
    window.actions_by_id["layout.window"].trigger()
    return window.pane_windows._windows[window.grid.panes[1]]


def test_a_pane_in_a_window_of_its_own_keeps_its_marks_and_hides_the_patient(window: MainWindow) -> None:
    pane = window.grid.panes[1]
    own = _moved_out(window)
    assert own.isVisible()
    assert pane.window() is own
    assert own.windowFlags() & Qt.WindowType.Window == Qt.WindowType.Window
    assert is_marked(pane)
    words = scans.pixels(pane.capture())
    window.set_patient_hidden(True)
    assert pane.patient_hidden
    assert (scans.pixels(pane.capture()) != words).any()
    assert is_marked(pane)
    # What a taskbar shows tells of no patient.
    assert "Phantom" not in own.windowTitle()
    assert "P-0001" not in own.windowTitle()


def test_it_scrolls_with_the_panes_that_stayed_and_they_with_it(window: MainWindow) -> None:
    first, second = window.grid.panes[:2]
    _moved_out(window)
    scans.wheel(second, 120 * 3)
    assert first.slice_index() == second.slice_index()
    scans.wheel(first, -240)
    assert first.slice_index() == second.slice_index()
    assert window.grid.visible_panes == [first, second]


def test_the_others_take_its_room_and_give_it_back_when_the_window_is_closed(window: MainWindow) -> None:
    first, second = window.grid.panes[:2]
    QApplication.processEvents()
    before = first.width()
    own = _moved_out(window)
    QApplication.processEvents()
    assert first.width() > 1.8 * before
    own.close()
    QApplication.processEvents()
    assert second.parentWidget() is window.grid
    assert first.width() == before
    assert not window.actions_by_id["layout.window"].isChecked()
    assert is_marked(second)


def test_where_rows_and_columns_are_needed_its_place_says_where_it_is(window: MainWindow) -> None:
    grid = window.grid
    _moved_out(window)
    assert grid._away[grid.panes[1]].isHidden()
    grid.set_layout_name("2x2")
    assert not grid._away[grid.panes[1]].isHidden()
    grid.set_layout_name("1x1")
    # It stays out there though the layout has one pane alone.
    assert grid.visible_panes == grid.panes[:2]
    assert grid._away[grid.panes[1]].isHidden()


def test_the_only_pane_can_go_and_its_place_says_so(window: MainWindow) -> None:
    grid = window.grid
    grid.set_layout_name("1x1")
    assert grid.active_pane is grid.panes[0]
    window.actions_by_id["layout.window"].trigger()
    assert window.pane_windows.has(grid.panes[0])
    assert not grid._away[grid.panes[0]].isHidden()
    window.actions_by_id["layout.window"].trigger()
    assert not window.pane_windows.numbers
    assert grid.panes[0].isVisibleTo(grid)


def test_keys_do_in_the_window_what_they_do_in_the_main_one(qtbot: QtBot, window: MainWindow) -> None:
    own = _moved_out(window)
    own.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is own, timeout=20_000)
    before = own.pane.slice_index()
    QTest.keyClick(own, Qt.Key.Key_Up)
    assert own.pane.slice_index() == before + 1
    QTest.keyClick(own, Qt.Key.Key_O)
    assert window.grid.overlay_visible
    QTest.keyClick(own, Qt.Key.Key_F12)
    assert not window.pane_windows.numbers


def test_the_original_is_revealed_while_its_key_is_held_there(window: MainWindow) -> None:
    own = _moved_out(window)
    for kind, revealed in ((QEvent.Type.KeyPress, True), (QEvent.Type.KeyRelease, False)):
        QApplication.sendEvent(own, QKeyEvent(kind, Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier, "q"))
        assert window.grid.revealed is revealed
    QApplication.sendEvent(own, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier, "q"))
    own.left.emit()
    assert not window.grid.revealed


def test_a_double_click_fills_the_screen_of_the_window_and_leaves_the_layout(window: MainWindow) -> None:
    own = _moved_out(window)
    own.showNormal()
    own.pane.maximise_asked.emit()
    assert own.isMaximized()
    own.pane.maximise_asked.emit()
    assert not own.isMaximized()
    assert window.grid.visible_panes == window.grid.panes[:2]


def test_the_button_and_the_context_menu_bring_it_back(window: MainWindow) -> None:
    own = _moved_out(window)
    assert window.actions_by_id["layout.window"].isChecked()
    (back,) = own.findChildren(QPushButton)
    assert back.accessibleName()
    back.click()
    assert not window.pane_windows.numbers


def test_closing_the_program_takes_the_windows_along(window: MainWindow) -> None:
    own = _moved_out(window)
    window.close()
    assert own.isHidden()


def test_prior_and_current_come_up_where_they_should_though_a_third_pane_is_away(window: MainWindow) -> None:
    grid = window.grid
    grid.set_layout_name("1x3")
    window.pane_windows.move_out(grid.panes[2])
    grid.set_layout_name("1x2")
    assert grid.visible_panes == grid.panes[:3]
    assert grid.pane_beside("ct") is grid.panes[1]


def test_a_window_comes_back_where_it_was_last_after_a_restart_too(
    show_window: ShowWindow, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path))
    monkeypatch.setenv("MEDGAN_CACHE", str(tmp_path))
    preferences.connect(window, LiveSettings(Settings(), window))
    own = _moved_out(window)
    own.showNormal()
    own.setGeometry(40, 60, 500, 400)
    own.close()
    kept = from_text(settings.load().text("pane_windows"))
    assert (kept[1].left, kept[1].top, kept[1].width, kept[1].height) == (40, 60, 500, 400)
    again = show_window(scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball()))))
    preferences.connect(again, LiveSettings(settings.load(), again))
    again.grid.set_layout_name("1x2")
    again.grid.activate_next()
    assert _moved_out(again).geometry() == QRect(40, 60, 500, 400)


def test_a_window_whose_screen_is_gone_comes_to_the_main_one_and_goes_back_with_it(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = window.screen().name()
    there = {home: QRect(0, 0, 800, 800), "second": QRect(800, 0, 1000, 700)}
    monkeypatch.setattr(pane_windows, "_screens", lambda: dict(there))
    place = WindowPlace("second", 10, 20, 600, 500)
    window.pane_windows.remember(as_text({1: place}))
    own = _moved_out(window)
    assert own.geometry() == QRect(810, 20, 600, 500)
    area = there.pop("second")
    window.pane_windows.settle()
    assert there[home].contains(own.geometry())
    assert own.isVisible()
    assert own.displaced
    # That was nobody's choice: it is not remembered.
    window.pane_windows.note()
    assert window.pane_windows._places == {1: place}
    there["second"] = area
    window.pane_windows.settle()
    assert own.geometry() == QRect(810, 20, 600, 500)
    assert not own.displaced


def test_the_main_window_comes_back_where_it_was_closed(show_window: ShowWindow, window: MainWindow) -> None:
    kept: list[str] = []
    window.pane_windows.placed.connect(kept.append)
    window.pane_windows.place_home()
    window.setGeometry(30, 40, 700, 500)
    wanted = window.geometry()
    window.close()
    again = show_window(scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball()))))
    again.pane_windows.remember(kept[-1])
    again.pane_windows.place_home()
    assert again.geometry() == wanted


def test_where_the_main_window_stands_is_nobodys_business_in_the_demonstration(window: MainWindow) -> None:
    kept: list[str] = []
    window.pane_windows.placed.connect(kept.append)
    window.close()
    assert kept == []


def test_the_windows_are_looked_after_when_a_screen_goes(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(window.pane_windows, "settle", lambda: asked.append(True))
    window.pane_windows._on_screens(QGuiApplication.primaryScreen())
    qtbot.waitUntil(lambda: asked == [True], timeout=10_000)


def test_which_panes_are_away_is_kept_with_the_desk_and_set_up_again(
    show_window: ShowWindow, window: MainWindow
) -> None:
    _moved_out(window)
    window.grid.set_layout_name("1x1")
    desk = desk_of(window)
    assert desk.away == (1,)
    assert [pane is not None for pane in desk.panes] == [True, True]
    window.pane_windows.set_numbers(())
    set_up(window, desk)
    assert window.pane_windows.numbers == (1,)
    assert window.grid.panes[1].shown == desk.panes[1].shown if desk.panes[1] is not None else False
    assert is_marked(window.grid.panes[1])
    with pytest.raises(ValueError, match="there is not"):
        Desk("1x1", 0, (None,), (), away=(9,))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (WindowPlace("right", 10, 20, 600, 500), QRect(1610, 120, 600, 500)),
        # On a screen that is gone: the main one.
        (WindowPlace("gone", 10, 20, 600, 500), QRect(10, 20, 600, 500)),
        # Larger than the screen, beside it, and too small for a pane.
        (WindowPlace("right", 5000, -70, 9000, 9000), QRect(1600, 100, 1280, 1024)),
        (WindowPlace("left", 1590, 890, 10, 10), QRect(1280, 660, 320, 240)),
    ],
)
def test_a_window_lies_on_a_screen_that_is_there_as_a_whole(place: WindowPlace, expected: QRect) -> None:
    assert rectangle(place, TWO, "left") == expected


def test_a_window_that_never_was_anywhere_fills_the_other_screen() -> None:
    assert first_place(TWO, "left").screen == "right"
    assert first_place(TWO, "left").maximised
    alone = first_place({"left": TWO["left"]}, "left")
    assert (alone.screen, alone.maximised) == ("left", False)
    assert TWO["left"].contains(rectangle(alone, TWO, "left"))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"x": {}}', '{"1": {"screen": 3}}', "[" * 9_000, "{" * 20_000])
def test_places_that_cannot_be_read_are_none(text: str) -> None:
    assert from_text(text) == {}


def test_places_come_back_as_they_were_kept() -> None:
    places = {0: WindowPlace("left", 1, 2, 300, 400), 4: WindowPlace("right", 0, 0, 640, 480, maximised=True)}
    assert from_text(as_text(places)) == places
