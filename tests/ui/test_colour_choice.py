"""The reader chooses in which colours a result is drawn; legend, captures and files follow, and it can be undone."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from medgan_viewer.core.colour_maps import DIFFERENCES, FROM_BLACK, NAMES, SEQUENTIAL, colour_map
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer
from medgan_viewer.dicom.capture import captured
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.panels.colours import ColourChoice
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.session_desk import desk_of, set_up
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.legend import Legend, difference_legend, legend_of, tinted_legend
from medgan_viewer.ui.views.pane import Pane
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_views_difference import ct_layer
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window

# Of the middle slice: in the mantle (40 HU), in the hot box.
MANTLE, HOT = (32, 38), (32, 32)


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    return scans.document_with(opened)


def doubt_layer(image: ImageLayer) -> DoubtLayer:
    """Return a doubt of half its strongest width everywhere."""
    volume = image.volume.with_array(np.full(image.volume.shape, 60, np.int16))
    return DoubtLayer(
        uid="doubt",
        name="Doubt",
        source_series_uid="ct",
        volume=volume,
        ready=image.ready,
        provenance=image.provenance,
        image_uid=image.uid,
        strongest=120.0,
        words="how wide",
        opacity=1.0,
    )


def colour(pane: Pane, pixel: tuple[float, float]) -> list[int]:
    """Return what a capture shows at a pixel of the slice."""
    mapping = pane.mapping()
    assert mapping is not None
    x, y = mapping.to_screen(*pixel)
    return [int(one) for one in scans.pixels(pane.capture())[int(y), int(x)]]


def _choice(panel: LayersPanel, uid: str) -> ColourChoice:
    row = panel.row(uid)
    assert row is not None
    return row.colours


def _choose(choice: ColourChoice, name: str) -> None:
    """Choose as the keyboard does: open the list and go to the entry."""
    choice.setCurrentIndex(choice.findData(name))


def test_a_heat_map_is_drawn_and_exported_in_the_colours_that_were_chosen_and_undo_takes_them_back(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    heat, _ = scans.heat_layer(opened, opacity=1.0)
    document.add_layer(heat)
    panel = LayersPanel(document)
    qtbot.addWidget(panel)
    document.select_series("ct")
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    choice = _choice(panel, "heat")
    for name in SEQUENTIAL:
        _choose(choice, name)
        hot = colour_map(name)[round(0.9 * 255)].astype(int)
        assert np.abs(np.array(colour(grid.panes[0], HOT)) - hot).max() <= 2, name
        shown = document.layer("heat")
        legend = legend_of(shown)
        assert legend is not None
        assert legend.colours == name
        picture = captured(opened.series, opened.stack, 10, Window(80, 40), [shown]).pixels
        assert (picture == hot.astype(np.uint8)).all(axis=-1).any(), name
    document.undo()
    before = SEQUENTIAL[-2]
    assert document.layer("heat").colour_map == before  # type: ignore[union-attr]
    assert choice.currentData() == before


def test_doubt_is_drawn_in_the_colours_that_were_chosen(qtbot: QtBot, document: Document, opened: OpenSeries) -> None:
    image = scans.image_layer(opened)
    document.add_layer(image)
    document.add_layer(doubt_layer(image))
    panel = LayersPanel(document)
    qtbot.addWidget(panel)
    document.select_series("ct")
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    bare = np.array(colour(grid.panes[0], MANTLE))
    grid.set_overlay_visible(True)
    for name in SEQUENTIAL:
        _choose(_choice(panel, "doubt"), name)
        half = (bare + colour_map(name)[128]) / 2
        assert colour(grid.panes[0], MANTLE) == pytest.approx(half.tolist(), abs=3), name
        assert is_marked(grid.panes[0])


def test_a_synthetic_image_over_the_original_can_have_colours_and_none_in_a_pane_of_its_own(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened, opacity=1.0))
    panel = LayersPanel(document)
    qtbot.addWidget(panel)
    document.select_series("ct")
    grid = scans.side_by_side(qtbot, document, "ct", "t1")
    grid.set_overlay_visible(True)
    level = round(0.69 * 255)
    assert colour(grid.panes[0], MANTLE) == pytest.approx([level] * 3, abs=1)
    for name in FROM_BLACK:
        _choose(_choice(panel, "t1"), name)
        assert np.abs(np.array(colour(grid.panes[0], MANTLE)) - colour_map(name)[level].astype(int)).max() <= 4, name
        assert colour(grid.panes[1], MANTLE) == pytest.approx([level] * 3, abs=1)
        assert is_marked(grid.panes[0])
    shown = document.layer("t1")
    assert isinstance(shown, ImageLayer)
    assert tinted_legend(shown, Window(1000, 500)) == Legend(FROM_BLACK[-1], "≥ 1000 a.u.", "≤ 0 a.u.", name=shown.name)
    picture = captured(opened.series, opened.stack, 10, Window(80, 40), [shown]).pixels
    assert (np.abs(picture.astype(int) - colour_map(FROM_BLACK[-1])[level]).max(axis=-1) <= 4).any()


def test_other_values_of_an_image_in_colours_are_drawn_at_once(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    layer = scans.image_layer(opened, opacity=1.0, colour_map="magma", value=100)
    document.add_layer(layer)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    assert colour(grid.panes[0], MANTLE) == pytest.approx(colour_map("magma")[26].tolist(), abs=6)
    volume = layer.volume.with_array(np.full(layer.volume.shape, 900, np.int16))
    document.refill_layer(replace(layer, volume=volume))
    assert colour(grid.panes[0], MANTLE) == pytest.approx(colour_map("magma")[230].tolist(), abs=6)
    document.set_window("t1", Window(3600, 1800))
    assert colour(grid.panes[0], MANTLE) == pytest.approx(colour_map("magma")[64].tolist(), abs=6)


def test_scrolling_the_panel_past_a_choice_does_not_choose(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.heat_layer(opened)[0])
    panel = LayersPanel(document)
    qtbot.addWidget(panel)
    document.select_series("ct")
    choice = _choice(panel, "heat")
    none, modifiers, phase = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    at = QPointF(5, 5)
    wheel = QWheelEvent(at, at, QPoint(), QPoint(0, -120), none, modifiers, phase, False)
    QApplication.sendEvent(choice, wheel)
    assert not wheel.isAccepted()
    assert choice.currentData() == "inferno"
    assert choice.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert choice.accessibleName() == "Colour map of Anomaly"


# -- differences -----------------------------------------------------------------------------------------------------


@pytest.fixture
def comparing(show_window: ShowWindow, opened: OpenSeries) -> MainWindow:
    """Return a window that shows a difference of 60 HU."""
    document = scans.document_with(opened)
    document.add_layer(ct_layer(opened))
    window = show_window(document)
    window.grid.set_comparison("difference")
    return window


def _difference_colours(grid: ViewGrid) -> str:
    made = grid.panes[0].difference
    assert made is not None
    assert difference_legend(made).colours == made.colours
    return made.colours


def test_a_difference_is_drawn_in_the_colours_that_were_chosen(
    comparing: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The images are 60 HU apart.
    comparing.grid.set_difference_range(100.0)
    for name in DIFFERENCES:
        monkeypatch.setattr(QInputDialog, "getItem", lambda *_, words=NAMES[name]: (words, True))
        comparing.actions_by_id["compare.difference_colours"].trigger()
        expected = colour_map(name)[128 + round(127 * 0.6)].tolist()
        assert colour(comparing.grid.panes[0], MANTLE) == pytest.approx(expected, abs=2)
        assert _difference_colours(comparing.grid) == name
        assert is_marked(comparing.grid.panes[0])
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: (NAMES["blue-orange"], False))
    comparing.actions_by_id["compare.difference_colours"].trigger()
    assert comparing.grid.difference_colours == DIFFERENCES[-1]
    with pytest.raises(ValueError, match="no colour map of differences"):
        comparing.grid.set_difference_colours("inferno")


def test_colours_of_a_difference_come_back_with_the_desk(comparing: MainWindow) -> None:
    comparing.grid.set_difference_colours("blue-orange-light")
    desk = desk_of(comparing)
    comparing.grid.set_difference_colours("grey")
    set_up(comparing, desk)
    assert _difference_colours(comparing.grid) == "blue-orange-light"
    with pytest.raises(ValueError, match="no colour map"):
        replace(desk, difference_colours="rainbow")


def test_colours_of_a_heat_map_are_kept_with_it(opened: OpenSeries) -> None:
    from medgan_viewer.core.as_json import decoded
    from medgan_viewer.core.kept_layers import words_of

    heat, _ = scans.heat_layer(opened, colour_map="cividis")
    assert isinstance(heat, HeatLayer)
    assert decoded(str, words_of(heat)["colour_map"]) == "cividis"
