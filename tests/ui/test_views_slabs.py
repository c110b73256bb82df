"""Slabs in panes: what is drawn, what is said, and what stays marked."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.slabs import Slab
from medgan_viewer.ui.dialogs.export_plan import slice_on_screen
from medgan_viewer.ui.slabs import SlabButton, Slabs
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane
from tests.ui import view_fixtures as scans
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window
MIP = Slab("maximum", 12.0)


@pytest.fixture
def opened() -> OpenSeries:
    """Return 20 slices of 3 mm whose value is their number times ten."""
    array = np.zeros((20, 64, 48), np.int16) + 10 * np.arange(20, dtype=np.int16)[:, None, None]
    return scans.opened_series("ct", scans.stack_of(array))


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    document = scans.document_with(opened)
    document.set_window("ct", Window(255.0, 127.5))
    return document


def _middle(pane: Pane) -> int:
    picture = pane.capture()
    return QColor(picture.pixelColor(picture.width() // 2, picture.height() // 2)).red()


@pytest.mark.parametrize(("slab", "expected"), [(MIP, 120), (Slab("minimum", 12.0), 80), (Slab("mean", 12.0), 100)])
def test_a_slab_shows_what_lies_around_the_slice(qtbot: QtBot, document: Document, slab: Slab, expected: int) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.active_pane.set_index(10)
    assert _middle(grid.active_pane) == 100
    grid.set_slab(slab)
    # 12 mm: two slices of 3 mm on each side.
    assert _middle(grid.active_pane) == expected
    name = {"maximum": "MIP", "minimum": "MinIP", "mean": "Average"}[slab.mode]
    assert f"{name} 12 mm · 5 planes" in scans.said_in(grid.active_pane).bottom_right
    assert name in grid.active_pane.accessibleName()


def test_the_slab_follows_the_wheel_and_ends_at_the_slice_that_is_looked_at(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    pane = grid.active_pane
    scans.wheel(pane, 120, None)
    pane.set_index(5)
    grid.set_slab(MIP)
    scans.wheel(pane, 240)
    assert _middle(pane) == 90
    before = pane.mapping()
    grid.set_slab(None)
    assert _middle(pane) == 70
    assert pane.content is not None
    assert (pane.content.orientation, pane.content.slice_index) == ("stack", 7)
    after = pane.mapping()
    assert before is not None
    assert after is not None
    assert before.point_at(50, 60) == pytest.approx(after.point_at(50, 60))


def test_what_is_turned_inverted_and_zoomed_stays_so_in_a_slab(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    pane = grid.active_pane
    grid.rotate()
    grid.invert()
    scans.wheel(pane, 240, keys=Qt.KeyboardModifier.ControlModifier)
    before = pane.mapping()
    grid.set_slab(MIP)
    after = pane.mapping()
    assert before is not None
    assert after is not None
    assert pane.scene is not None
    assert (pane.scene.turns, pane.scene.inverted) == (1, True)
    assert before.point_at(50, 60) == pytest.approx(after.point_at(50, 60))


def test_linked_panes_show_the_slab_together_and_others_do_not(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "1x2")
    for pane in grid.visible_panes:
        grid.show_series("ct", pane)
    grid.set_slab(MIP)
    assert [_middle(pane) for pane in grid.visible_panes] == [120, 120]
    grid.set_linked(False)
    grid.set_slab(None)
    assert [_middle(pane) for pane in grid.visible_panes] == [100, 120]


def test_a_slab_of_a_synthetic_image_is_marked_and_projected(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    layer = scans.image_layer(opened)
    values = 10 * np.arange(20, dtype=np.int16)[:, None, None] + np.zeros((20, 64, 48), np.int16)
    document.add_layer(layer.changed(volume=layer.volume.with_array(values), window=(255.0, 127.5)))
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct")
    grid.show_layer("t1")
    grid.set_slab(MIP)
    assert [_middle(pane) for pane in grid.visible_panes] == [120, 120]
    assert is_marked(grid.panes[1])
    grid.set_overlay_visible(True)
    assert is_marked(grid.panes[0])


def test_a_slab_with_a_slice_that_is_not_computed_says_so(qtbot: QtBot, document: Document, opened: OpenSeries) -> None:
    ready = np.ones(20, dtype=bool)
    ready[12] = False
    document.add_layer(scans.image_layer(opened, ready=ready))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    grid.set_slab(MIP)
    assert grid.panes[0].message() == "not computed yet"
    ready[12] = True
    document.layer_slice_ready("t1", 12)
    assert not grid.panes[0].message()


def test_the_other_planes_show_where_the_slab_ends(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    assert not grid.panes[1]._slab_ends
    grid.set_slab(MIP)
    heights = sorted(float(plane.origin[2]) for plane in grid.panes[1]._slab_ends if abs(plane.normal[2]) > 0.9)
    assert heights[1] - heights[0] == pytest.approx(12.0)


def test_an_uneven_series_is_projected_on_its_regular_grid_and_comes_back_as_it_was(qtbot: QtBot) -> None:
    array = np.zeros((8, 40, 40), np.int16) + 10 * np.arange(8, dtype=np.int16)[:, None, None]
    affine = scans.axial_affine(array.shape, (3.0, 1.5, 2.0))
    heights = np.array([0, 3, 6, 9, 15, 21, 27, 33.0])
    origins = affine[:3, 3] + heights[:, None] * np.array([0, 0, 1.0])
    opened = scans.opened_series("ct", scans.stack_of(array, affine=affine, origins=origins))
    document = scans.document_with(opened)
    document.set_window("ct", Window(255.0, 127.5))
    grid: ViewGrid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    pane = grid.active_pane
    pane.set_index(5)
    grid.set_slab(Slab("maximum", 12.0))
    # 6 mm above 21 mm lies the slice at 27 mm.
    assert _middle(pane) == 60
    assert "resampled grid" in scans.said_in(pane).bottom_right
    grid.set_slab(None)
    assert pane.content is not None
    assert (pane.content.orientation, pane.content.slice_index) == ("stack", 5)
    assert _middle(pane) == 50


def test_no_thin_slice_is_exported_in_the_place_of_a_slab(qtbot: QtBot, document: Document, opened: OpenSeries) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    assert slice_on_screen(document, grid, opened).index == 10
    grid.set_slab(MIP)
    assert "axial slab" in slice_on_screen(document, grid, opened).reason


def test_keys_toggle_a_slab_and_change_its_thickness_and_the_button_says_so(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    parent = QWidget()
    qtbot.addWidget(parent)
    slabs = Slabs(grid, parent)
    button = SlabButton(grid, [QAction("MIP")])
    qtbot.addWidget(button)
    assert button.text() == "Slab"
    slabs.toggle()
    assert grid.slab == Slab("maximum", 10.0)
    assert button.text() == "MIP 10 mm"
    assert button.accessibleName().startswith("MIP 10 mm")
    slabs.step(1)
    slabs.set_mode("minimum")
    assert grid.slab == Slab("minimum", 15.0)
    for _ in range(40):
        slabs.step(-1)
    assert grid.slab == Slab("minimum", 1.0)
    slabs.toggle()
    assert grid.slab is None
    slabs.toggle()
    assert grid.slab == Slab("minimum", 1.0)


def test_a_slab_without_a_series_is_nothing(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.set_slab(MIP)
    assert grid.slab is None
