"""A difference is drawn in place of the images: second minus first, in its unit, only where both have a value."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.volume import Volume
from medgan_viewer.ui.views.captions import captions
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.legend import Legend, difference_legend
from medgan_viewer.ui.views.pane import Pane
from tests.ui import view_fixtures as scans
from tests.ui.test_views_marks import is_marked, is_unmarked

pytestmark = pytest.mark.window

# Of the middle slice: in the mantle (40 HU), outside the head.
MANTLE, OUTSIDE = (32, 38), (2, 2)


def ct_layer(opened: OpenSeries, uid: str = "sct", more: int = 60, **changes: Any) -> ImageLayer:
    """Return a synthetic CT: the original's values, ``more`` HU higher in the head."""
    source = opened.volume().array
    array = np.where(source > -500, source + more, source).astype(np.int16)
    made = scans.image_layer(opened, uid, name="Synthetic CT")
    return replace(made, volume=opened.volume().with_array(array, unit="HU"), **({"contrast": "CT"} | changes))


def mr_series(uid: str = "t2", gain: float = 1.0, **changes: Any) -> OpenSeries:
    """Return a T2 of the head on a coarser grid than the CT's, in the same space."""
    array = np.where(scans.ball((20, 32, 24), (3.0, 3.0, 4.0)) > -500, 400, 0) * gain
    array[:, 16:, :] *= 1.5
    stack = scans.stack_of(array.astype(np.int16), spacing=(3.0, 3.0, 4.0), modality="MR", unit="")
    return scans.opened_series(uid, stack, contrast="T2", description="T2 TSE", number=5, windows=(), **changes)


def mr_layer(opened: OpenSeries, uid: str = "st2", gain: float = 2.5, **changes: Any) -> ImageLayer:
    """Return a synthetic T2 made from the CT, in units of its own."""
    head = scans.ball() > -500
    array = np.where(head, 400, 0) * gain
    array[:, 32:, :] *= 1.5
    grid = opened.volume()
    volume = Volume(array.astype(np.int16), grid.affine, grid.frame_of_reference_uid, "MR", "a.u.")
    return replace(scans.image_layer(opened, uid, name="Synthetic T2"), volume=volume, **({"contrast": "T2"} | changes))


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    held = scans.document_with(opened)
    held.add_layer(ct_layer(opened))
    return held


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_comparison("difference")
    return grid


def values(pane: Pane) -> NDArray[np.float32]:
    """Return the differences that a pane shows, NaN where it shows none."""
    assert pane.difference is not None, pane.message()
    sample = pane.difference.sample
    shown = np.asarray(sample.values, np.float32)
    return shown if sample.valid is None else np.where(sample.valid, shown, np.float32(np.nan))


def colour(pane: Pane, pixel: tuple[float, float]) -> NDArray[np.uint8]:
    """Return what a capture shows at a pixel of the slice."""
    mapping = pane.mapping()
    assert mapping is not None
    x, y = mapping.to_screen(*pixel)
    return np.asarray(scans.pixels(pane.capture())[int(y), int(x)])


def test_synthetic_minus_original_is_shown_in_hounsfield_units(grid: ViewGrid) -> None:
    pane = grid.panes[0]
    shown = values(pane)
    assert shown[MANTLE] == 60
    assert shown[OUTSIDE] == 0
    assert pane.difference is not None
    assert pane.difference.name == "Synthetic CT − original"
    assert (pane.difference.strongest, pane.difference.scale.unit) == (50.0, "HU"), "the round number nearest to 60"
    grid.set_difference_range(100.0)
    expected = colour_map("blue-orange")[128 + round(127 * 0.6)].astype(int)
    assert np.abs(colour(pane, MANTLE).astype(int) - expected).max() <= 2
    # Zero has a colour too; only where nothing is known it is black.
    assert np.abs(colour(pane, OUTSIDE).astype(int) - colour_map("blue-orange")[128]).max() <= 2


def test_a_difference_is_marked_and_says_what_it_is_of_and_in_which_range(grid: ViewGrid) -> None:
    pane = grid.panes[0]
    assert is_marked(pane)
    scene = pane.scene
    assert scene is not None
    assert scene.plane is not None
    said = captions(scene, scene.plane, 1.0, picture=pane._picture())
    assert said is not None
    assert said.bottom_right[1] == "Synthetic CT − 2 · Axial head"
    assert said.bottom_left[0].startswith("± 50 HU")
    assert pane.difference is not None
    assert difference_legend(pane.difference) == Legend("blue-orange", "≥ +50 HU", "≤ −50 HU", 0.5, "0")
    grid.set_revealed(True)
    assert is_unmarked(pane)
    assert pane.difference is None


def test_the_bar_of_a_difference_is_drawn_in_small_panes_too(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, size=(300, 220))
    grid.show_series("ct")
    pane = grid.panes[0]
    before = scans.pixels(pane.capture()).astype(int)
    grid.set_comparison("difference")
    after = scans.pixels(pane.capture()).astype(int)
    top = colour_map("blue-orange")[250].astype(int)
    column = slice(10, 18)
    assert np.abs(after[:, column] - top).max(axis=2).min() < 12
    assert np.abs(before[:, column] - top).max(axis=2).min() > 12


def test_a_drag_changes_the_range_and_no_window(grid: ViewGrid, document: Document) -> None:
    pane = grid.panes[0]
    before = document.window("ct"), document.window("sct")
    scans.drag(pane, 200, 0, start=QPointF(300, 200))
    assert grid.difference_range == (100.0, "HU"), "twice as wide as the first"
    scans.drag(pane, -400, 300, start=QPointF(500, 100))
    assert grid.difference_range == (25.0, "HU")
    assert (document.window("ct"), document.window("sct")) == before
    grid.set_difference_range(None)
    assert grid.difference_range == (50.0, "HU")
    with pytest.raises(ValueError, match="shows nothing"):
        grid.set_difference_range(0.0)


def test_the_pointer_tells_the_difference_and_both_values(grid: ViewGrid) -> None:
    pane = grid.panes[0]
    mapping = pane.mapping()
    assert mapping is not None
    pane._pointer = QPointF(*mapping.to_screen(*MANTLE))
    lines = pane.pointer_lines()
    assert lines[0] == "+60 HU"
    assert lines[1] == "100 HU − 40 HU"


def test_slices_that_are_not_computed_have_no_difference(
    document: Document, opened: OpenSeries, grid: ViewGrid
) -> None:
    ready = np.arange(20) < 10
    document.refill_layer(ct_layer(opened, ready=ready))
    pane = grid.panes[0]
    assert pane.slice_index() == 10
    assert pane.difference is None
    assert "not computed yet" in pane.message()
    assert is_unmarked(pane)
    grid.go_to_slice(5)
    assert values(pane)[MANTLE] == 60


def test_outside_the_common_field_of_view_nothing_is_drawn(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    """The second image covers the left half of the first: there are differences there and black beyond."""
    volume = opened.volume()
    half = Volume(volume.array[:, :, 24:], _moved(volume, 24), volume.frame_of_reference_uid, "CT", "HU")
    layer = replace(ct_layer(opened, "half"), volume=half.with_array(half.array + np.int16(10)))
    document.add_layer(layer)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_pair(("ct", "half"))
    grid.set_comparison("difference")
    shown = values(grid.panes[0])
    assert np.isnan(shown[:, :24]).all()
    np.testing.assert_array_equal(shown[:, 24:], 10)
    assert colour(grid.panes[0], (32, 10)).tolist() == [0, 0, 0]
    assert colour(grid.panes[0], (32, 40)).max() > 0


def _moved(volume: Volume, columns: int) -> NDArray[np.float64]:
    affine = np.array(volume.affine)
    affine[:3, 3] = volume.point((0, 0, columns))
    return affine


def test_a_synthetic_t2_is_compared_with_a_real_one_of_another_grid_and_rescaled(
    qtbot: QtBot, opened: OpenSeries
) -> None:
    document = scans.document_with(opened, mr_series())
    document.add_layer(mr_layer(opened))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("st2", grid.panes[0])
    grid.set_pair(("t2", "st2"))
    grid.set_comparison("difference")
    pane = grid.panes[0]
    shown = values(pane)
    # The same head in another gain: inside, away from edges, nothing is left of it.
    assert abs(shown[20, 24]) < 1.0
    assert abs(shown[44, 24]) < 1.0
    assert pane.difference is not None
    assert pane.difference.scale.unit == "%"
    scene = pane.scene
    assert scene is not None
    assert scene.plane is not None
    said = captions(scene, scene.plane, 1.0, picture=pane._picture())
    assert said is not None
    assert any("rescaled × 0.4 " in line for line in said.bottom_right)
    assert is_marked(pane)


def test_mr_waits_for_the_whole_image_as_its_scale_is_measured_on_it(qtbot: QtBot, opened: OpenSeries) -> None:
    document = scans.document_with(opened, mr_series())
    document.add_layer(mr_layer(opened, ready=np.arange(20) < 15))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("st2", grid.panes[0])
    grid.set_pair(("t2", "st2"))
    grid.set_comparison("difference")
    assert "wait until they are finished" in grid.panes[0].message()
    document.change_layer(mr_layer(opened))
    assert abs(values(grid.panes[0])[20, 24]) < 1.0


def test_images_without_a_common_unit_are_not_subtracted_but_the_reason_is_said(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(mr_layer(opened))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_pair(("ct", "st2"))
    grid.set_comparison("difference")
    assert "no common unit" in grid.panes[0].message()
    assert grid.difference_range is None
    assert is_unmarked(grid.panes[0])


def test_two_results_are_compared_with_one_another_keeping_slice_zoom_and_window(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(ct_layer(opened, "other", more=10))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("sct", grid.panes[0])
    pane = grid.panes[0]
    grid.go_to_slice(7)
    scans.wheel(pane, 120)
    mapping, windows = pane.mapping(), [document.window(uid) for uid in ("ct", "sct", "other")]
    grid.set_pair(("sct", "other"))
    for way in ("swipe", "checkered", "flicker", "difference"):
        grid.set_comparison(way)
        assert is_marked(pane)
        sides = pane._picture().sides
        assert sides is not None
        assert [side.uid for side in sides] == ["sct", "other"]
    assert np.unique(values(pane)).tolist() == [-50, 0]
    assert pane.mapping() == mapping
    assert pane.slice_index() == 8
    assert [document.window(uid) for uid in ("ct", "sct", "other")] == windows
    grid.set_pair(None)
    assert np.unique(values(pane)).tolist() == [0, 60]


def test_both_sides_of_a_swipe_have_their_own_image_window_and_value(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(ct_layer(opened, "other", more=-20))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("sct", grid.panes[0])
    grid.set_pair(("sct", "other"))
    grid.set_swipe(True)
    pane = grid.panes[0]
    left, right = QPointF(300, 300), QPointF(500, 300)
    assert [pane.window_at(place) for place in (left, right)] == [
        ("sct", document.window("sct")),
        ("other", document.window("other")),
    ]
    said = []
    for place in (left, right):
        pane._pointer = place
        said.append(pane.pointer_lines()[0])
    assert [int(words.split()[0]) for words in said] == [100, 20]


def test_a_pane_that_shows_neither_of_two_images_goes_on_as_it_is(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(ct_layer(opened, "other"))
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct", grid.panes[0])
    grid.show_layer("sct", grid.panes[1])
    for _ in range(2):
        grid.set_pair(("sct", "other"))
        grid.set_comparison("difference")
        grid.activate_next()
    assert is_unmarked(grid.panes[0])
    assert grid.panes[0].difference is None
    assert grid.panes[1].difference is not None
    document.remove_layer("other")
    # What was compared is gone: the pane shows its own image again, with its mark.
    assert grid.panes[1].difference is None
    assert is_marked(grid.panes[1])


def test_a_stored_synthetic_series_beside_an_original_is_marked(qtbot: QtBot, opened: OpenSeries) -> None:
    stored = scans.opened_series(
        "stored", scans.stack_of(scans.ball() + np.int16(30)), synthetic=True, description="Synthetic CT of a file"
    )
    document = scans.document_with(opened, stored)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_pair(("ct", "stored"))
    assert is_unmarked(grid.panes[0])
    for way in ("swipe", "checkered", "flicker", "difference"):
        grid.set_comparison(way)
        assert is_marked(grid.panes[0]), way
    assert np.unique(values(grid.panes[0])).tolist() == [30]


def test_two_acquired_series_are_compared_without_a_mark(qtbot: QtBot, opened: OpenSeries) -> None:
    document = scans.document_with(opened, scans.opened_series("later", scans.stack_of(scans.ball() + np.int16(5))))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_pair(("ct", "later"))
    for way in ("swipe", "checkered", "flicker", "difference"):
        grid.set_comparison(way)
        assert grid.panes[0]._picture().sides is not None
        assert is_unmarked(grid.panes[0]), way


def test_series_of_another_space_or_patient_are_never_compared(qtbot: QtBot, opened: OpenSeries) -> None:
    elsewhere = scans.opened_series("elsewhere", scans.stack_of(scans.ball(), frame="1.2.3"))
    other = replace(scans.PATIENT, identifier="P-0002", name="Phantom^Bob")
    stranger = scans.opened_series("stranger", scans.stack_of(scans.ball()), patient=other)
    document = scans.document_with(opened, elsewhere, stranger)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    scene = grid.panes[0].scene
    assert scene is not None
    assert [image.uid for image in scene.images()] == ["ct"]
    for uid in ("elsewhere", "stranger"):
        grid.set_pair(("ct", uid))
        grid.set_comparison("difference")
        assert grid.panes[0]._picture().sides is None


def test_a_difference_is_cut_in_mpr_and_slabs_as_images_are(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_layout_name("mpr")
    for pane in grid.panes[:3]:
        grid.set_comparison("difference")
        grid.activate_next()
        assert set(np.unique(values(pane))) == {0.0, 60.0}
        assert is_marked(pane)
    grid.activate_next()
    # Coarse while it moves, but both images alike: no edge of the one differs from the other's.
    grid.panes[0].ask_turn(5.0, True)
    for pane in grid.panes[:3]:
        assert pane.scene is not None
        assert pane.scene.cut.moving
        assert set(np.unique(values(pane)[~np.isnan(values(pane))])) == {0.0, 60.0}
    grid.panes[0].ask_turn(5.0, False)
    assert grid.turn_lines(5.0)
    scans.wait_for_rest(grid)
    for pane in grid.panes[:3]:
        shown = values(pane)
        # Beyond the corners of the volume is nothing; between head and air values are mixed.
        # A synthetic image is rounded to its stored type, the original is not.
        assert np.nanmin(shown) >= -0.5
        assert np.nanmax(shown) == pytest.approx(60, abs=0.5)
