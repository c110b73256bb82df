"""What colours stand for is said beside them, in their unit, and only while they are drawn."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import DoubtLayer
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.legend import Legend, legend_of
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    document = scans.document_with(opened)
    heat, _ = scans.heat_layer(opened)
    document.add_layer(heat)
    return document


def _has_the_colours(grid: ViewGrid) -> bool:
    """Whether the left edge below the middle has all colours of the map, from top to bottom."""
    pane = grid.active_pane
    image = scans.pixels(pane.capture()).astype(int)
    column = image[pane.height() // 2 + 10 : pane.height() // 2 + 160, 14]
    wanted = colour_map("inferno")[[240, 190, 128, 60]].astype(int)
    places = [int(np.abs(column - colour).max(axis=1).argmin()) for colour in wanted]
    near = [int(np.abs(column - colour).max(axis=1).min()) for colour in wanted]
    return max(near) < 8 and places == sorted(places)


def test_a_heat_map_has_a_bar_of_its_colours_while_it_is_drawn(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    assert not _has_the_colours(grid)
    grid.set_overlay_visible(True)
    assert _has_the_colours(grid)
    grid.set_revealed(True)
    assert not _has_the_colours(grid)


def test_a_legend_says_unit_and_threshold(document: Document, opened: OpenSeries) -> None:
    heat, _ = scans.heat_layer(opened)
    assert legend_of(heat) == Legend("inferno", "score 1", "0", 0.5, "shown from 0.50")
    image = scans.image_layer(opened)
    doubt = DoubtLayer(
        uid="doubt",
        name="Doubt",
        source_series_uid="ct",
        volume=image.volume,
        ready=image.ready,
        provenance=image.provenance,
        image_uid="t1",
        strongest=120.0,
        words="",
    )
    assert legend_of(doubt) == Legend("teal-yellow", "≥ 120 a.u. wide", "0")
    assert legend_of(scans.label_layer(opened)) is None
    assert legend_of(image) is None


def test_a_small_pane_has_no_room_for_a_legend(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, size=(300, 240))
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    assert not _has_the_colours(grid)
