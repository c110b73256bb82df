"""What colours stand for is said beside them, in their unit, and only while they are drawn."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF
from pytestqt.qtbot import QtBot

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import DoubtLayer
from medgan_viewer.ui.views import legend
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.legend import Legend, legend_of
from medgan_viewer.ui.views.lines import box_on, footprint
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
    assert legend_of(heat) == Legend("inferno", "score 1", "0", 0.5, "shown from 0.50", "Head anomaly")
    # A threshold below 1 is never said to be 1.
    almost = legend_of(heat.changed(threshold=0.9961))
    assert almost is not None
    assert almost.words == "shown from 0.996"
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
    assert legend_of(doubt) == Legend("teal-yellow", "≥ 120 a.u. wide", "0", name="CT → MR")
    assert legend_of(scans.label_layer(opened)) is None
    assert legend_of(image) is None


def test_a_small_pane_has_no_room_for_a_legend(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, size=(300, 240))
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    assert not _has_the_colours(grid)


def test_two_legends_name_their_models_and_cover_neither_a_finding_nor_one_another(
    qtbot: QtBot, opened: OpenSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = scans.document_with(opened)
    slices, rows, _ = (count // 2 for count in opened.volume().shape)
    # At the left edge below the middle, where a legend stands if nothing is in its way.
    bounds = ((slices - 2, slices + 3), (rows + 2, rows + 12), (0, 14))
    for uid, model in (("one", "Anomaly (T1, FLAIR)"), ("two", "Anomaly (FLAIR, from glioma patients)")):
        heat, finding = scans.heat_layer(opened, uid)
        document.add_layer(replace(heat, provenance=scans.provenance(model)))
        document.set_findings(uid, (replace(finding, bounds=bounds),))
    drawn: list[tuple[str, QRectF]] = []
    draw = legend._draw

    def noted(painter: Any, room: Any, made: Legend, area: QRectF, theme: Any, *, right: bool) -> None:
        drawn.append((made.name, area))
        draw(painter, room, made, area, theme, right=right)

    monkeypatch.setattr(legend, "_draw", noted)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    drawn.clear()
    pane = grid.active_pane
    pane.capture()
    mapping = pane.mapping()
    assert mapping is not None
    box = box_on(opened.volume(), bounds, mapping)
    assert box is not None
    areas = dict(drawn)
    assert list(areas) == ["T1, FLAIR", "FLAIR, from glioma patients"]
    first, second = areas.values()
    assert not first.intersects(second)
    for area in areas.values():
        assert QRectF(pane.rect()).contains(area)
        assert not area.intersects(QRectF(*box))
        assert area.left() < 20 or area.right() > pane.width() - 20
    # On another slice, where nothing was found, they stand where they stood.
    before = dict(areas)
    drawn.clear()
    grid.step(6)
    pane.capture()
    assert dict(drawn) == before


def test_a_footprint_is_the_box_on_the_screen_of_what_lies_on_the_displayed_slice(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    mapping = grid.active_pane.mapping()
    assert mapping is not None
    bounds = ((8, 13), (20, 31), (5, 14))
    x, y, wide, tall = box_on(opened.volume(), bounds, mapping) or (0, 0, 0, 0)
    assert wide > 0
    np.testing.assert_allclose(footprint(opened.volume(), [bounds], mapping), [[x, y, x + wide, y + tall]])


def test_quiet_words_stand_on_a_dark_ground_over_white(qtbot: QtBot) -> None:
    white = scans.opened_series("ct", scans.stack_of(np.full((5, 64, 96), 1000, np.int16)))
    grid = scans.shown_grid(qtbot, scans.document_with(white))
    grid.show_series("ct")
    picture = scans.pixels(grid.active_pane.capture()).astype(int)
    # The second line of the corner at the top left, beside and behind its quiet words.
    ground = picture[30:38, 14:50].reshape(-1, 3).max(axis=1)
    assert np.median(ground) < 120
    assert picture[300, 400].min() > 250


def test_under_the_pointer_a_score_is_never_rounded_to_one(qtbot: QtBot, opened: OpenSeries) -> None:
    heat, finding = scans.heat_layer(opened)
    document = scans.document_with(opened)
    document.add_layer(replace(heat, volume=heat.volume.with_array(np.where(heat.volume.array > 0, 0.998, 0.0))))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    mapping = grid.active_pane.mapping()
    assert mapping is not None
    scans.mouse(grid.active_pane, QEvent.Type.MouseMove, QPointF(*mapping.to_screen(*finding.index[1:])))
    assert grid.active_pane.pointer_lines()[-1] == "score 0.998"
