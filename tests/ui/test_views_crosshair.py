"""Crosshair and reference lines leave every word free."""

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Shown
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.fixture
def document() -> Document:
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))


def _teal(pane: Pane) -> NDArray[np.bool_]:
    colour = np.array([int(DARK.crosshair[place : place + 2], 16) for place in (1, 3, 5)])
    return np.asarray(np.abs(scans.pixels(pane.capture()).astype(int) - colour).max(axis=2) <= 3)


@pytest.mark.parametrize("warned", [False, True])
@pytest.mark.parametrize("size", [(360, 260), (240, 180), (700, 500)])
def test_no_line_runs_through_the_words_in_the_corners(
    qtbot: QtBot, document: Document, size: tuple[int, int], warned: bool
) -> None:
    pane = scans.pane_showing(qtbot, document, Shown("ct"), size)
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


def test_reference_lines_run_through_no_words_either(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "mpr", size=(600, 440))
    grid.show_series("ct")
    axial = grid.panes[0]
    without = scans.pixels(axial.capture()).astype(int)
    light = (without.min(axis=2) > 150) & (np.ptp(without, axis=2) < 30)
    words = light[-40:, :90]
    mapping = axial.mapping()
    assert mapping is not None
    row, column = mapping.to_pixel(30.0, axial.height() - 18.0)
    document.move_crosshair(scans.FRAME, mapping.plane.point(row, column))
    after = scans.pixels(axial.capture()).astype(int)
    changed = np.abs(after - without).max(axis=2)[-40:, :90] > 40
    assert changed.any()
    # What the pointer's line says may have been added; the words that were there are as they were.
    lowest = slice(-22, None)
    assert words[lowest].any()
    assert not (changed & words)[lowest].any()
