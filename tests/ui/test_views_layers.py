"""Results lie on the pixels they were computed from, in their own colours, and only where they are computed."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.volume import Volume
from medgan_viewer.ui.views.captions import captions
from medgan_viewer.ui.views.checks import CHECK, in_check
from medgan_viewer.ui.views.grid import Comparison, ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.pixels import heat_overlays, label_overlays, outline_parts
from medgan_viewer.ui.views.scene import DisplayState
from medgan_viewer.ui.views.slices import Sample
from tests.ui import view_fixtures as scans
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window

# Pixels of the middle slice: in the core (5 HU), in the mantle (40 HU), in the skull, outside.
CORE, MANTLE, OUTSIDE = (32, 24), (32, 38), (2, 2)


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    return scans.document_with(opened)


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    return grid


def colour(pane: Pane, pixel: tuple[float, float]) -> tuple[int, int, int]:
    """Return what a capture shows at a pixel of the slice."""
    mapping = pane.mapping()
    assert mapping is not None
    x, y = mapping.to_screen(*pixel)
    red, green, blue = scans.pixels(pane.capture())[int(y), int(x)]
    return int(red), int(green), int(blue)


def _grey(value: float, low: float, high: float) -> int:
    return round(float(np.clip((value - low) / (high - low), 0, 1)) * 255)


# -- synthetic images ------------------------------------------------------------------------------------------------


def test_a_synthetic_image_has_its_own_values_and_window(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened))
    grid.show_layer("t1", grid.panes[0])
    assert colour(grid.panes[0], MANTLE)[0] == _grey(700 - 10, 0, 1000)
    assert grid.panes[0].slice_count() == 20
    assert grid.panes[0].slice_index() == 10


def test_an_overlay_is_mixed_with_the_original_by_its_opacity(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    layer = scans.image_layer(opened, opacity=0.25)
    document.add_layer(layer)
    original, synthetic = _grey(40, 0, 80), _grey(690, 0, 1000)
    assert colour(grid.panes[0], MANTLE)[0] == original
    grid.set_overlay_visible(True)
    assert colour(grid.panes[0], MANTLE)[0] == pytest.approx(0.75 * original + 0.25 * synthetic, abs=2)
    document.change_layer(layer.changed(opacity=1.0))
    assert colour(grid.panes[0], MANTLE)[0] == pytest.approx(synthetic, abs=1)
    grid.toggle_overlay()
    assert colour(grid.panes[0], MANTLE)[0] == original


def test_holding_reveals_the_original_in_both_panes(qtbot: QtBot, document: Document, opened: OpenSeries) -> None:
    document.add_layer(scans.image_layer(opened, opacity=1.0))
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct")
    grid.show_layer("t1")
    grid.set_overlay_visible(True)
    shown = [colour(pane, MANTLE)[0] for pane in grid.panes[:2]]
    grid.set_revealed(True)
    revealed = [colour(pane, MANTLE)[0] for pane in grid.panes[:2]]
    assert shown == [_grey(690, 0, 1000)] * 2
    assert revealed == [_grey(40, 0, 80)] * 2
    grid.set_revealed(False)
    assert [colour(pane, MANTLE)[0] for pane in grid.panes[:2]] == shown


def test_a_revealed_original_is_called_so(grid: ViewGrid, document: Document, opened: OpenSeries) -> None:
    document.add_layer(scans.image_layer(opened))
    grid.show_layer("t1", grid.panes[0])
    scene, mapping = grid.panes[0].scene, grid.panes[0].mapping()
    assert scene is not None
    assert mapping is not None
    pictures = [scene.picture(DisplayState(revealed=revealed), (1.0, 1.0)) for revealed in (False, True)]
    shown, revealed = (captions(scene, mapping.plane, 1.0, picture=picture) for picture in pictures)
    assert shown is not None
    assert revealed is not None
    assert (shown.bottom_right[1], shown.bottom_left[0]) == ("Synthetic T1", "W 1000 L 500 · 1.0×")
    assert (revealed.bottom_right[1], revealed.bottom_left[0]) == ("original · 2 · Axial head", "W 80 L 40 · 1.0×")


def test_swiping_shows_the_original_left_and_the_synthetic_image_right_of_the_line(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened))
    grid.set_swipe(True)
    pane = grid.panes[0]
    left, right = (32, 9), (32, 38)
    assert colour(pane, left)[0] == _grey(40, 0, 80)
    assert colour(pane, right)[0] == _grey(690, 0, 1000)
    # The line is dragged to the left of both.
    scans.drag(pane, -300, 0, start=QPointF(401, 200))
    assert colour(pane, left)[0] == _grey(690, 0, 1000)
    assert document.window("ct").width == 80
    grid.set_swipe(False)
    assert colour(pane, right)[0] == _grey(40, 0, 80)


def test_of_several_synthetic_images_the_newest_visible_one_lies_over_the_original(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened, "first", value=250, opacity=1.0))
    second = scans.image_layer(opened, "second", value=750, opacity=1.0)
    document.add_layer(second)
    grid.set_overlay_visible(True)
    assert colour(grid.panes[0], CORE)[0] == _grey(750, 0, 1000)
    document.change_layer(second.changed(visible=False))
    assert colour(grid.panes[0], CORE)[0] == _grey(250, 0, 1000)


def test_slices_of_a_result_show_as_they_are_computed(grid: ViewGrid, document: Document, opened: OpenSeries) -> None:
    ready = np.zeros(20, bool)
    document.add_layer(scans.image_layer(opened, opacity=1.0, ready=ready))
    grid.set_overlay_visible(True)
    pane = grid.panes[0]
    assert colour(pane, MANTLE)[0] == _grey(40, 0, 80)
    assert pane.message() == "Synthetic T1: not computed yet"
    ready[10] = True
    document.layer_slice_ready("t1", 10)
    assert colour(pane, MANTLE)[0] == _grey(690, 0, 1000)
    grid.step(1)
    assert pane.message() == "Synthetic T1: not computed yet"


def _said(pane: Pane) -> str:
    """Return the name that the caption in the lower right corner gives to what is shown."""
    scene, mapping = pane.scene, pane.mapping()
    assert scene is not None
    assert mapping is not None
    found = captions(scene, mapping.plane, 1.0, picture=scene.picture(pane.state, (1.0, 1.0)))
    assert found is not None
    return found.bottom_right[1]


@pytest.mark.parametrize("beside", [False, True])
def test_where_the_synthetic_half_is_not_computed_all_is_the_original_and_said_to_be_so(
    grid: ViewGrid, document: Document, opened: OpenSeries, beside: bool
) -> None:
    ready = np.zeros(20, bool)
    ready[10] = True
    document.add_layer(scans.image_layer(opened, ready=ready))
    pane = grid.panes[0]
    if beside:
        grid.show_layer("t1", pane)
    pane.set_index(10)
    grid.set_swipe(True)
    assert _said(pane) == "2 · Axial head | Synthetic T1"
    pane.capture()
    assert len(pane.mark_places) == 1
    grid.step(1)
    assert _said(pane) == ("original · 2 · Axial head" if beside else "2 · Axial head")
    assert pane.message() == "Synthetic T1: not computed yet"
    assert colour(pane, (32, 38))[0] == _grey(40, 0, 80)
    pane.capture()
    # No synthetic pixel, no mark; a drag changes the original's window on both sides.
    assert pane.mark_places == []
    assert [pane.window_at(QPointF(x, 10)) for x in (10, pane.width() - 10)] == [("ct", document.window("ct"))] * 2


def test_the_line_about_results_is_there_only_where_one_is_computed(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    ready = np.zeros(20, bool)
    ready[10] = True
    document.add_layer(replace(scans.label_layer(opened), ready=ready))
    grid.set_overlay_visible(True)
    pane = grid.panes[0]
    pane.set_index(10)
    pane.capture()
    assert len(pane.mark_places) == 1
    grid.step(1)
    pane.capture()
    assert pane.mark_places == []


# -- segmentations ---------------------------------------------------------------------------------------------------


def test_a_segmentation_fills_its_pixels_with_its_colours(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    layer = scans.label_layer(opened, opacity=1.0)
    document.add_layer(layer)
    grid.show_layer("anatomy")
    pane = grid.panes[0]
    assert colour(pane, CORE) == (255, 0, 0)
    assert colour(pane, MANTLE) == (0, 255, 0)
    assert colour(pane, OUTSIDE) == (0, 0, 0)
    document.change_layer(layer.changed(opacity=0.5))
    red, green, blue = colour(pane, CORE)
    assert (red, green) == pytest.approx((127 + _grey(5, 0, 80) / 2, _grey(5, 0, 80) / 2), abs=2)
    assert blue == green


def test_an_outline_leaves_the_inside_free(grid: ViewGrid, document: Document, opened: OpenSeries) -> None:
    document.add_layer(scans.label_layer(opened, outline=True))
    grid.show_layer("anatomy")
    pane = grid.panes[0]
    grey = _grey(40, 0, 80)
    assert colour(pane, MANTLE) == (grey, grey, grey)
    picture = scans.pixels(pane.capture()).astype(int)
    green = (picture[..., 1] > 200) & (picture[..., 0] < 60)
    assert 0 < green.mean() < 0.05


def test_a_hidden_structure_is_not_drawn(grid: ViewGrid, document: Document, opened: OpenSeries) -> None:
    from dataclasses import replace

    layer = scans.label_layer(opened)
    document.add_layer(layer.changed(segments=tuple(replace(s, visible=s.label == 1) for s in layer.segments)))
    grid.show_layer("anatomy")
    grey = _grey(40, 0, 80)
    assert colour(grid.panes[0], CORE) == (255, 0, 0)
    assert colour(grid.panes[0], MANTLE) == (grey, grey, grey)


@pytest.mark.parametrize("size", [60, 300, 2000])
def test_outlines_are_refined_as_far_as_memory_allows(size: int) -> None:
    layer = scans.label_layer(scans.opened_series("ct", scans.stack_of(scans.ball())), outline=True)
    labels = np.ones((size, size), np.uint8)
    (overlay,) = label_overlays(Sample(labels), layer, outline_parts((3.1, 2.9)))
    assert overlay.image.width() == {60: 180, 300: 900, 2000: 2000}[size]


def test_a_heat_map_is_the_same_whatever_part_of_it_is_computed() -> None:
    layer, _ = scans.heat_layer(scans.opened_series("ct", scans.stack_of(scans.ball())), threshold=0.6)
    heat = np.random.default_rng(7).random((40, 30)).astype(np.float32) ** 0.3
    heat[:9], heat[-7:], heat[:, :5] = 0, 0, 0
    colours, line = heat_overlays(Sample(heat), layer)
    above = np.zeros(heat.shape, bool)
    above[colours.box] = argb(colours.image) >> 24 > 0
    assert above.any()
    # An independent mean over 3 × 3 pixels, the edge repeated.
    padded = np.pad(heat.astype(np.float64), 1, mode="edge")
    mean = sum(padded[r : r + 40, c : c + 30] for r in range(3) for c in range(3)) / 9
    assert (above == (mean >= 0.6)).all()
    inside = np.zeros(heat.shape, bool)
    inside[line.box] = argb(line.image) > 0
    assert (inside <= above).all()
    assert heat_overlays(Sample(heat * 0.5), layer) == []


def argb(image: QImage) -> NDArray[np.uint32]:
    """Return the pixels of a 32-bit picture."""
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())


def test_mpr_shows_the_segmentation_where_the_values_are(qtbot: QtBot, document: Document, opened: OpenSeries) -> None:
    document.add_layer(scans.label_layer(opened))
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    for pane, inside in zip(grid.panes[:3], ((36, 28), (11, 28), (11, 36)), strict=True):
        assert colour(pane, inside) == (255, 0, 0)


# -- heat maps -------------------------------------------------------------------------------------------------------


def test_a_heat_map_is_transparent_below_its_threshold(grid: ViewGrid, document: Document, opened: OpenSeries) -> None:
    layer, finding = scans.heat_layer(opened, opacity=1.0)
    document.add_layer(layer)
    grid.show_layer("heat")
    pane, peak = grid.panes[0], finding.index[1:]
    hot, cold = colour(pane, peak), colour(pane, (32, 12))
    # 0.9 of inferno is a bright yellow, and the CT below is grey.
    assert hot[0] > 230
    assert hot[0] - hot[2] > 100
    assert cold == (_grey(40, 0, 80),) * 3
    document.change_layer(layer.changed(threshold=0.95))
    assert colour(pane, peak) == (_grey(5, 0, 80),) * 3 or colour(pane, peak) == (_grey(40, 0, 80),) * 3


def test_the_finding_being_looked_at_is_brought_up_with_a_box_and_its_number(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    from PySide6.QtGui import QColor

    from medgan_viewer.ui.theme import DARK

    layer, finding = scans.heat_layer(opened)
    document.add_layer(layer)
    document.set_findings("heat", (finding,))
    grid.show_layer("heat")
    pane = grid.panes[0]
    pane.set_index(finding.index[0])
    bare = scans.pixels(pane.capture())
    grid.go_first()
    document.select_finding("heat", 1)
    assert pane.slice_index() == finding.index[0]
    mapping = pane.mapping()
    assert mapping is not None
    (r0, r1), (c0, c1) = finding.bounds[1:]
    left, top = mapping.to_screen(r0 - 0.5, c0 - 0.5)
    right, bottom = mapping.to_screen(r1 - 0.5, c1 - 0.5)
    amber = QColor(DARK.finding)
    wanted = [amber.red(), amber.green(), amber.blue()]
    picture = scans.pixels(pane.capture()).astype(int)
    middle = round((top + bottom) / 2)
    for x in (left - 5, right + 5):
        near = picture[middle, round(x) - 2 : round(x) + 3]
        assert np.abs(near - wanted).max(axis=1).min() < 60
    within = np.s_[round(top) : round(bottom), round(left) : round(right)]
    assert picture[within].size
    assert np.array_equal(picture[within], bare[within]), "the box hides nothing of what it is about"
    grid.step(10)
    picture = scans.pixels(pane.capture()).astype(int)
    assert np.abs(picture[middle, round(left) - 8 : round(left)] - wanted).max(axis=1).min() > 60


def test_the_pointer_names_the_structure_and_the_score(grid: ViewGrid, document: Document, opened: OpenSeries) -> None:
    from PySide6.QtCore import QEvent

    heat, finding = scans.heat_layer(opened)
    document.add_layer(scans.label_layer(opened))
    document.add_layer(heat)
    grid.set_overlay_visible(True)
    pane = grid.panes[0]
    mapping = pane.mapping()
    assert mapping is not None
    scans.mouse(pane, QEvent.Type.MouseMove, QPointF(*mapping.to_screen(*finding.index[1:])))
    assert pane.pointer_lines()[0] in ("5 HU", "40 HU")
    assert pane.pointer_lines()[2:] in (("Core", "score 0.90"), ("Mantle", "score 0.90"))


# -- other grids -----------------------------------------------------------------------------------------------------


def _uneven() -> OpenSeries:
    """Return a head in slices at uneven positions: 0, 4, 8, 12, 13, 20, 27, 34 mm."""
    array = scans.ball((8, 32, 24), (4.0, 3.0, 4.0))
    affine = scans.axial_affine(array.shape, (4.0, 3.0, 4.0))
    origins = np.array([[-46.0, -46.5, z] for z in (0.0, 4, 8, 12, 13, 20, 27, 34)])
    return scans.opened_series("ct", scans.stack_of(array, affine=affine, origins=origins))


def test_results_are_put_on_the_acquired_slices_of_an_uneven_series(qtbot: QtBot) -> None:
    opened = _uneven()
    document = scans.document_with(opened)
    volume = opened.volume()
    # The value says how high the slice lies: 10 a millimetre.
    heights = np.array([volume.point((i, 0, 0))[2] for i in range(volume.shape[0])])
    ramp = np.broadcast_to((heights * 10)[:, None, None], volume.shape).astype(np.int16)
    layer = scans.image_layer(opened)
    document.add_layer(layer.changed(volume=volume.with_array(np.ascontiguousarray(ramp)), window=(400.0, 200.0)))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    assert grid.panes[0].slice_count() == 8
    # The grid of 4 mm ends at 32 mm; the last slice takes its values from there.
    for index, height in enumerate((0, 4, 8, 12, 13, 20, 27, 32)):
        grid.panes[0].set_index(index)
        assert colour(grid.panes[0], (16, 12))[0] == pytest.approx(_grey(10 * height, 0, 400), abs=1)


def test_an_acquired_slice_between_two_of_the_grid_waits_for_both(qtbot: QtBot) -> None:
    opened = _uneven()
    document = scans.document_with(opened)
    ready = np.zeros(opened.volume().shape[0], bool)
    document.add_layer(scans.image_layer(opened, ready=ready))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    pane = grid.panes[0]
    # The slice at 27 mm lies between those at 24 and 28 mm of the grid of 4 mm.
    pane.set_index(6)
    for index in (6, 7):
        assert pane.message() == "not computed yet"
        ready[index] = True
        document.layer_slice_ready("t1", index)
    assert pane.message() == ""


def test_a_segmentation_is_drawn_on_another_series_of_the_same_space(qtbot: QtBot, opened: OpenSeries) -> None:
    shape, spacing = (10, 32, 32), (6.0, 3.0, 3.0)
    other = scans.opened_series("mr", scans.stack_of(scans.ball(shape, spacing), spacing=spacing, modality="MR"))
    document = scans.document_with(opened, other)
    document.add_layer(scans.label_layer(opened))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("mr")
    grid.set_overlay_visible(True)
    assert colour(grid.panes[0], (16, 16)) == (255, 0, 0)
    # 30 mm to the left of the middle is mantle; the corner of the picture is outside.
    assert colour(grid.panes[0], (15.5, 15.5 + 28 / 3)) == (0, 255, 0)
    assert colour(grid.panes[0], (0, 0)) == (0, 0, 0)


def test_a_synthetic_image_is_not_laid_over_another_series(qtbot: QtBot, opened: OpenSeries) -> None:
    other = scans.opened_series("mr", scans.stack_of(scans.ball(), modality="MR"))
    document = scans.document_with(opened, other)
    document.add_layer(scans.image_layer(opened, value=750, opacity=1.0))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("mr")
    grid.set_overlay_visible(True)
    assert colour(grid.panes[0], CORE)[0] == _grey(5, 0, 80)


def test_values_outside_a_result_are_not_made_up(opened: OpenSeries) -> None:
    from medgan_viewer.core.volume import Plane
    from medgan_viewer.ui.views.slices import sampled

    array: NDArray[np.int16] = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    volume = Volume(array, np.eye(4), scans.FRAME)
    # Slice, row and column run along x, y and z here; the plane lies half a slice up and sticks out by two columns.
    plane = Plane(np.array([0.5, 0.0, -2.0]), np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), 3, 6)
    sample = sampled(volume, np.ones(2, bool), plane)
    assert sample is not None
    assert sample.valid is not None
    assert sample.valid.tolist() == [[False, False, True, True, True, True]] * 3
    assert sample.values[:, 2:] == pytest.approx((array[0] + array[1]) / 2)
    assert sampled(volume, np.zeros(2, bool), plane) is None
    assert sampled(volume, np.array([True, False]), plane) is None


def test_beside_the_swipe_line_a_drag_changes_the_window_of_what_it_is_over(
    grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened))
    grid.set_swipe(True)
    scans.drag(grid.panes[0], 200, 0, Qt.MouseButton.LeftButton, QPointF(500, 200))
    assert (document.window("ct").width, document.window("t1").width) == (80, 2000)
    scans.drag(grid.panes[0], -200, 0, Qt.MouseButton.LeftButton, QPointF(350, 200))
    assert (document.window("ct").width, document.window("t1").width) == (40, 2000)


def test_the_original_under_a_synthetic_image_in_mpr_is_the_original(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened, value=900))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    grid.set_layout_name("mpr")
    for pane in grid.panes[:3]:
        scene = pane.scene
        assert scene is not None
        sample = scene.series_values()
        assert sample is not None
        # 900 is the synthetic image's; the original has 5 in its core.
        assert sample.values[sample.values.shape[0] // 2, sample.values.shape[1] // 2] == 5


# -- checkerboard and flicker ----------------------------------------------------------------------------------------


def _compared(qtbot: QtBot, document: Document, opened: OpenSeries, way: Comparison) -> Pane:
    """Return a pane that compares the original (black) with a synthetic image (white)."""
    document.set_window("ct", Window(2.0, 5000.0))
    document.add_layer(scans.image_layer(opened, value=900).changed(window=(2.0, 100.0)))
    grid = scans.shown_grid(qtbot, document, size=(600, 600))
    grid.show_series("ct")
    grid.set_comparison(way)
    return grid.panes[0]


def test_a_checkerboard_shows_original_and_synthetic_field_by_field(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    pane = _compared(qtbot, document, opened, "checkered")
    image = scans.pixels(pane.capture())
    middle = CHECK // 2
    for row in range(3, 5):
        for column in range(3, 5):
            y, x = row * CHECK + middle, column * CHECK + middle
            synthetic = bool((row + column) % 2)
            assert (image[y, x] == (255 if synthetic else 0)).all()
            assert in_check(x, y) == synthetic
            # A drag changes the window, and a tool the value, of what lies there.
            uid = "t1" if synthetic else "ct"
            assert pane.window_at(QPointF(x, y)) == (uid, document.window(uid))
    assert is_marked(pane)
    assert pane.swipe_x() is None


def test_a_flickering_pane_shows_both_in_turn_and_is_marked_all_the_time(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    pane = _compared(qtbot, document, opened, "flicker")
    grid = pane.parentWidget()
    assert isinstance(grid, ViewGrid)
    shades = []
    for _ in range(4):
        shades.append(int(scans.pixels(pane.capture())[300, 300, 0]))
        assert is_marked(pane)
        grid._flip()
    assert shades == [0, 255, 0, 255]
    said = captions(pane.scene, pane.scene.plane, 1.0, picture=pane._picture())  # type: ignore
    assert said is not None
    assert "⇄ Synthetic T1" in said.bottom_right[1]
    grid.set_revealed(True)
    assert not pane._picture().synthetic
    grid.set_revealed(False)
    grid.set_comparison(None)
    assert not grid._flicker.isActive()


def test_nothing_flickers_by_itself_and_never_faster_than_is_safe(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    grid = scans.shown_grid(qtbot, document)
    assert not grid._flicker.isActive()
    grid.set_flicker_rate(4.0)
    grid.set_comparison("flicker")
    told = []
    grid.state_changed.connect(lambda: told.append(1))
    qtbot.waitUntil(lambda: grid.panes[0].state.flipped)
    # Buttons and panels have nothing to do at every turn.
    assert not told
    for rate in (0.0, 4.5, -1.0):
        with pytest.raises(ValueError, match="changes a second"):
            grid.set_flicker_rate(rate)
    assert grid.flicker_rate == 4.0


def test_one_way_of_comparing_takes_the_place_of_another(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    ways: tuple[Comparison, ...] = ("swipe", "checkered", "flicker")
    for way in ways:
        grid.set_comparison(way)
        assert grid.comparison == way
        assert grid.swipe == (way == "swipe")
    grid.set_comparison(None)
    assert grid.comparison is None


def test_an_own_pane_of_a_synthetic_image_is_compared_too(qtbot: QtBot, document: Document, opened: OpenSeries) -> None:
    document.add_layer(scans.image_layer(opened, value=900, visible=False).changed(window=(2.0, 100.0)))
    document.set_window("ct", Window(2.0, 5000.0))
    grid = scans.shown_grid(qtbot, document, size=(600, 600))
    grid.show_layer("t1", grid.panes[0])
    grid.set_comparison("checkered")
    image = scans.pixels(grid.panes[0].capture())
    assert len(np.unique(image[250:350, 250:350, 0])) > 1
    assert is_marked(grid.panes[0])
