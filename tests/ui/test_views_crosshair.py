"""The crosshair's lines leave its place, and every word, free."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.crosshair import free_parts
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Shown
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(0, 100)]),
        ([(40, 60)], [(0, 37), (63, 100)]),
        ([(-10, 10), (90, 120)], [(13, 87)]),
        ([(30, 50), (20, 40)], [(0, 17), (53, 100)]),
        ([(20, 80), (30, 40)], [(0, 17), (83, 100)]),
        ([(-10, 110)], []),
        ([(110, 120)], [(0, 100)]),
    ],
)
def test_what_is_taken_is_left_out(taken: list[tuple[float, float]], left: list[tuple[float, float]]) -> None:
    assert free_parts((0, 100), taken) == left


@pytest.fixture
def document() -> Document:
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))


def _teal(pane: Pane) -> NDArray[np.bool_]:
    colour = np.array(QColor(DARK.crosshair).getRgb()[:3])
    return np.asarray(np.abs(scans.pixels(pane.capture()).astype(int) - colour).max(axis=2) <= 3)


@pytest.mark.parametrize("warned", [False, True])
@pytest.mark.parametrize("size", [(360, 260), (240, 180), (700, 500)])
def test_no_line_runs_through_the_words_in_the_corners(
    qtbot: QtBot, document: Document, size: tuple[int, int], warned: bool
) -> None:
    pane = Pane(document, DARK, 1)
    qtbot.addWidget(pane)
    pane.resize(*size)
    pane.show_content(Shown("ct"))
    pane.warned = warned
    without = scans.pixels(pane.capture()).astype(int)
    mapping = pane.mapping()
    assert mapping is not None
    # Through the lowest line of the lower corners, and down through the left one.
    x, y = 24.0, size[1] - 18.0
    row, column = mapping.to_pixel(x, y)
    pane.set_crosshair(mapping.plane.point(row, column))
    teal = _teal(pane)
    assert teal[round(y) - 1 : round(y) + 2].any()
    assert teal[:, round(x) - 1 : round(x) + 2].any()
    scene = pane.scene
    assert scene is not None
    # Words are light on dark: the lines come near none of them.
    light = (without.min(axis=2) > 150) & (np.ptp(without, axis=2) < 30)
    beside = np.zeros_like(light)
    corner = np.s_[size[1] // 2 :, : size[0] // 3]
    for shift in (-1, 0, 1):
        beside |= np.roll(light, shift, axis=0) | np.roll(light, shift, axis=1)
    assert not (teal & beside)[corner].any()
