"""Playing: the rate is kept, pictures that are late are left out, and nothing plays that is not there."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medgan_viewer.ui.cine import Cine, CineBar
from medgan_viewer.ui.views.grid import ViewGrid
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


class Desk:
    """A pane with five slices, and what plays them."""

    def __init__(self, qtbot: QtBot) -> None:
        stack = scans.stack_of(np.zeros((5, 16, 16), np.int16))
        self.document = scans.document_with(scans.opened_series("ct", stack))
        self.grid: ViewGrid = scans.shown_grid(qtbot, self.document, "1x2")
        self.times: list[int] = []
        self.cine = Cine(self.document, self.grid, self.times.append, self.grid)
        self.bar = CineBar(self.cine)
        qtbot.addWidget(self.bar)
        self.seen: list[int] = []
        self.cine.changed.connect(lambda: self.seen.append(self.cine.position[0]))

    def show(self) -> None:
        self.grid.show_series("ct", self.grid.panes[0])
        self.grid.go_first()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.cine.play(False)


def test_playing_goes_through_the_slices_and_begins_again(qtbot: QtBot, desk: Desk) -> None:
    desk.show()
    desk.cine.set_rate(60)
    desk.cine.play(True)
    qtbot.waitUntil(lambda: len(desk.seen) > 8)
    assert desk.cine.playing
    desk.cine.play(False)
    assert not desk.cine.playing
    shown = len(desk.seen)
    qtbot.wait(60)
    assert len(desk.seen) == shown


def test_the_rate_is_kept_by_leaving_pictures_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.show()
    desk.cine.set_rate(10)
    desk.cine.play(True)
    elapsed = [0]
    monkeypatch.setattr(desk.cine, "_clock", _Clock(elapsed))
    for milliseconds, expected in ((100, 1), (300, 3), (310, 3), (900, 4), (1000, 0)):
        elapsed[0] = milliseconds
        desk.cine._on_tick()
        assert desk.cine.position[0] == expected


class _Clock:
    """A clock that stands where a test puts it."""

    def __init__(self, now: list[int]) -> None:
        self._now = now

    def elapsed(self) -> int:
        return self._now[0]


def test_linked_panes_play_along(qtbot: QtBot, desk: Desk) -> None:
    desk.show()
    desk.grid.show_series("ct", desk.grid.panes[1])
    desk.cine.set_rate(60)
    desk.cine.play(True)
    qtbot.waitUntil(lambda: desk.grid.panes[0].slice_index() == 3)
    assert desk.grid.panes[1].slice_index() == 3


def test_nothing_plays_where_nothing_is_shown_and_a_closed_study_stops_it(qtbot: QtBot, desk: Desk) -> None:
    desk.cine.play(True)
    assert not desk.cine.playing
    desk.show()
    desk.cine.set_rate(60)
    desk.cine.play(True)
    assert desk.cine.playing
    desk.document.close_study(desk.document.catalog.studies[0])
    qtbot.waitUntil(lambda: not desk.cine.playing)


def test_the_bar_plays_stops_and_shows_how_things_stand(qtbot: QtBot, desk: Desk) -> None:
    desk.show()
    desk.bar.show()
    desk.cine.set_rate(25)
    QTest.mouseClick(desk.bar.play, Qt.MouseButton.LeftButton)
    assert desk.cine.playing
    assert desk.bar.play.text() == desk.bar.play.accessibleName() == "Pause"
    desk.bar.course.setCurrentIndex(1)
    desk.bar.course.activated.emit(1)
    assert desk.cine.course == "bounce"
    assert desk.bar.rate.value() == 25
    desk.bar.close_bar()
    assert not desk.cine.playing
    assert desk.bar.isHidden()
    desk.bar.place.setValue(4)
    assert desk.grid.panes[0].slice_index() == 4
    assert not desk.bar.axis.isVisibleTo(desk.bar)


def test_keys_change_the_rate_within_its_bounds(desk: Desk) -> None:
    for _ in range(30):
        desk.cine.change_rate(1)
    assert desk.cine.rate == 60
    for _ in range(30):
        desk.cine.change_rate(-1)
    assert desk.cine.rate == 1


def test_every_control_of_the_bar_can_be_reached_and_has_a_name(desk: Desk) -> None:
    desk.cine.changed.emit()
    for widget in (desk.bar.play, desk.bar.place, desk.bar.rate, desk.bar.course, desk.bar.axis):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert widget.accessibleName()


def test_a_document_without_time_points_plays_slices(desk: Desk) -> None:
    desk.show()
    desk.cine.set_axis("time")
    desk.cine.play(True)
    assert desk.cine.axis == "slices"
    assert not desk.times
