"""Waiting ends with what is waited for, or with the patience; meanwhile the program works."""

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from medgan_viewer.ui.waiting import comes_true

pytestmark = pytest.mark.window


def test_what_happens_while_the_program_works_comes_true(qtbot: QtBot) -> None:
    happened: list[bool] = []
    QTimer.singleShot(0, lambda: happened.append(True))
    assert comes_true(lambda: happened, 60_000)


def test_what_never_happens_is_given_up(qtbot: QtBot) -> None:
    asked: list[bool] = []
    assert not comes_true(lambda: asked.append(True), 50)
    assert asked
