"""Work in pieces: those who have some take turns, and the window answers between any two pieces."""

import itertools
from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from medgan_viewer.ui.views.pieces import Pieces

pytestmark = pytest.mark.window


def _worker(name: str, pieces: int, done: list[str]) -> Callable[[], bool]:
    left = pieces

    def work() -> bool:
        nonlocal left
        left -= 1
        done.append(name)
        return left > 0

    return work


def test_who_begins_first_begins_at_once_and_then_they_take_turns(qtbot: QtBot) -> None:
    pieces, done = Pieces(), list[str]()
    pieces.begin(_worker("a", 3, done))
    assert done == ["a"]
    pieces.begin(_worker("b", 2, done))
    pieces.begin(_worker("c", 1, done))
    assert done == ["a"]
    qtbot.waitUntil(lambda: len(done) == 6)
    assert done == ["a", "a", "b", "c", "a", "b"]


def test_what_takes_one_piece_is_done_at_once(qtbot: QtBot) -> None:
    pieces, done = Pieces(), list[str]()
    for name in "ab":
        pieces.begin(_worker(name, 1, done))
    assert done == ["a", "b"]


def test_the_window_answers_between_two_pieces(qtbot: QtBot) -> None:
    pieces, done = Pieces(), list[str]()
    answers = QTimer()
    answers.setInterval(0)
    answers.timeout.connect(lambda: done.append("window"))
    answers.start()
    pieces.begin(_worker("a", 4, done))
    qtbot.waitUntil(lambda: done.count("a") == 4)
    answers.stop()
    places = [number for number, name in enumerate(done) if name == "a"][1:]
    assert all(after - before > 1 for before, after in itertools.pairwise(places))


def test_work_that_is_ended_does_not_go_on(qtbot: QtBot) -> None:
    pieces, done = Pieces(), list[str]()
    given_up = _worker("a", 9, done)
    pieces.begin(given_up)
    pieces.begin(given_up)
    pieces.begin(_worker("b", 2, done))
    pieces.end(given_up)
    pieces.end(given_up)
    qtbot.waitUntil(lambda: done.count("b") == 2)
    assert done == ["a", "b", "b"]
