"""Panes of two spaces are linked by hand: by the same place in their middles; never those of two patients."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog, Patient
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.ui.views.grid import ViewGrid
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window
# The prior examination lies elsewhere in its own space.
SHIFT = np.array([30.0, -12.0, 45.0])


def _prior(patient: Patient = scans.PATIENT) -> OpenSeries:
    """Return the same head from another examination, with a frame of reference of its own."""
    affine = scans.axial_affine((20, 64, 48), (3.0, 1.5, 2.0))
    affine[:3, 3] += SHIFT
    opened = scans.opened_series("prior", scans.stack_of(scans.ball(), affine=affine, frame="1.2.3"), patient=patient)
    study = replace(opened.study, uid="prior study", date="20200101")
    return OpenSeries(study, opened.series, opened.stack, opened.ready)


@pytest.fixture
def document() -> Document:
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())), _prior())


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    return scans.side_by_side(qtbot, document, "ct", "prior")


def _apart(grid: ViewGrid) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return what leads from the middle of the first pane to that of the second."""
    first, second = (pane.middle() for pane in grid.visible_panes)
    assert first is not None
    assert second is not None
    return second - first


def test_two_examinations_go_their_own_way_until_they_are_linked(grid: ViewGrid) -> None:
    scans.wheel(grid.panes[0], 120 * 4)
    assert [pane.slice_index() for pane in grid.visible_panes] == [14, 10]
    assert not any(pane.link_note for pane in grid.visible_panes)


def test_linked_by_hand_they_keep_the_shift_that_the_middles_said(grid: ViewGrid) -> None:
    # One slice off, as a reader may want it.
    grid.panes[1].set_index(11)
    assert grid.link_by_hand()
    assert all(pane.link_note for pane in grid.visible_panes)
    expected = SHIFT + np.array([0, 0, 3.0])
    assert _apart(grid) == pytest.approx(expected)
    scans.wheel(grid.panes[0], 120 * 4)
    assert [pane.slice_index() for pane in grid.visible_panes] == [14, 15]
    scans.wheel(grid.panes[1], -120 * 2)
    assert [pane.slice_index() for pane in grid.visible_panes] == [12, 13]
    scans.drag(grid.panes[1], 35, -20, Qt.MouseButton.MiddleButton)
    scans.wheel(grid.panes[0], 240, QPointF(60, 90), Qt.KeyboardModifier.ControlModifier)
    assert _apart(grid) == pytest.approx(expected)
    scales = [mapping.scale for pane in grid.visible_panes if (mapping := pane.mapping())]
    assert scales[0] == pytest.approx(scales[1])


def test_the_crosshair_stands_at_the_same_place_in_both(grid: ViewGrid) -> None:
    grid.link_by_hand()
    pane = grid.panes[0]
    scans.mouse(pane, QEvent.Type.MouseMove, QPointF(150, 200), keys=Qt.KeyboardModifier.ShiftModifier)
    first, second = (pane._crosshair for pane in grid.visible_panes)
    assert first is not None
    assert second is not None
    assert second - first == pytest.approx(SHIFT)


def test_a_second_time_parts_them(grid: ViewGrid) -> None:
    grid.link_by_hand()
    assert grid.link_by_hand()
    assert not any(pane.link_note for pane in grid.visible_panes)
    scans.wheel(grid.panes[0], 120 * 4)
    assert grid.panes[1].slice_index() == 10


def test_a_series_of_a_linked_space_joins_and_results_are_drawn_on_their_own_space_alone(
    grid: ViewGrid, document: Document
) -> None:
    grid.link_by_hand()
    grid.set_layout_name("2x2")
    scans.wheel(grid.panes[0], 120 * 4)
    grid.show_series("prior", grid.panes[2])
    assert grid.panes[2].slice_index() == 14
    opened = document.opened("ct")
    assert opened is not None
    document.add_layer(scans.label_layer(opened))
    grid.set_overlay_visible(True)
    assert grid.panes[1].scene is not None
    assert not grid.panes[1].scene.results_over()


def test_different_patients_are_never_linked_by_hand(qtbot: QtBot) -> None:
    other = _prior(Patient("Else^Eva", "P-0002"))
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())), other)
    document.add_catalog(Catalog((other.study,)))
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct", grid.panes[0])
    grid.show_series("prior", grid.panes[1])
    assert not grid.link_by_hand()
    scans.wheel(grid.panes[0], 120 * 4)
    assert grid.panes[1].slice_index() == 10
    assert all(pane.warned for pane in grid.visible_panes)


def test_panes_of_one_space_need_no_link_by_hand(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "1x2")
    for pane in grid.visible_panes:
        grid.show_series("ct", pane)
    assert not grid.link_by_hand()
