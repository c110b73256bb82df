"""The control of a restoring model: its own words on the card, and the stops that its manifest names."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medgan_viewer.models.doubt import Control
from medgan_viewer.ui.panels.control import ControlRow


def test_that_a_restoring_model_is_offered_from_original_to_restored(qtbot: QtBot) -> None:
    control = ControlRow("Low-dose CT", Control((0.0, 0.5, 1.0), 1.0, "strength"))
    qtbot.addWidget(control)
    assert control.slider.accessibleName() == "Strength of Low-dose CT, from original to restored"
    assert control.doubt_words.text() == "Show what was changed"
    control.follow(1.0, alive=True, doubt=False)
    assert control.line.text() == "Restored: all of the correction that the network makes."
    control.follow(0.5, alive=True, doubt=False)
    assert control.line.text() == "0.5 of the correction that the network makes."
    with qtbot.waitSignal(control.chosen) as chosen:
        control.slider.setValue(0)
    assert chosen.args == [0.0]
    control.follow(0.0, alive=True, doubt=False)
    assert control.line.text() == "Nothing is changed: the picture as it was acquired."


def test_that_a_model_with_an_interval_alone_has_no_slider(qtbot: QtBot) -> None:
    control = ControlRow("CT → MR", None)
    qtbot.addWidget(control)
    control.follow(1.0, alive=True, doubt=True)
    assert control.slider.maximum() == 0
    assert control.doubt.isChecked()
    assert control.doubt_words.text() == "Show how far off it may be"


def test_that_a_click_on_the_words_of_the_box_is_one_on_the_box(qtbot: QtBot) -> None:
    control = ControlRow("CT → MR", None)
    qtbot.addWidget(control)
    control.follow(1.0, alive=True, doubt=False)
    control.resize(160, 120)
    control.show()
    with qtbot.waitSignal(control.doubt_asked) as asked:
        QTest.mouseClick(control.doubt_words, Qt.MouseButton.LeftButton)
    assert asked.args == [True]
    assert control.doubt.isChecked()
