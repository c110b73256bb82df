"""A slice with its results as a picture: the right way round, undistorted, nothing drawn that is not there."""

from dataclasses import replace

import numpy as np
import pytest

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window, grey
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.rendering import Picture, render_slice, slices_above_threshold
from medgan_viewer.core.volume import Plane, SliceStack
from tests.core.results import heat_layer, image_layer, label_layer, stack

WINDOW = Window(6000, 3000)
FINDING = (64, 224, 255)


def test_that_pixels_are_square_and_the_picture_is_large_enough_to_read() -> None:
    picture = render_slice(stack(), 0, WINDOW)
    rows, columns, _ = picture.pixels.shape
    assert min(rows, columns) >= 512
    down, along = picture.plane.spacing
    assert down == pytest.approx(along, rel=0.01)
    assert rows * down == pytest.approx(30 * 0.9)
    assert columns * along == pytest.approx(40 * 0.7)


def test_that_the_picture_covers_exactly_the_acquired_slice() -> None:
    source = stack(tilt_degrees=18.5)
    plane = render_slice(source, 2, WINDOW).plane
    acquired = source.plane(2)
    np.testing.assert_allclose(plane.point(-0.5, -0.5), acquired.point(-0.5, -0.5))
    np.testing.assert_allclose(
        plane.point(plane.rows - 0.5, plane.columns - 0.5), acquired.point(29.5, 39.5), atol=1e-9
    )


def test_that_a_slice_larger_than_asked_for_keeps_its_pixels() -> None:
    source = stack(spacing=(0.7, 0.7))
    picture = render_slice(source, 1, WINDOW, smallest_side=20)
    np.testing.assert_array_equal(picture.pixels[..., 0], grey(source.array[1], WINDOW))


def test_that_an_upside_down_source_is_turned_to_radiological_convention() -> None:
    # Rows run from back to front and columns from left to right, as in a prone patient.
    upright = stack(spacing=(0.7, 0.7))
    turned = SliceStack(
        upright.array[:, ::-1, ::-1].copy(),
        upright.origins + 29 * upright.row_step + 39 * upright.column_step,
        -upright.row_step,
        -upright.column_step,
        upright.thickness,
    )
    expected = render_slice(upright, 1, WINDOW, smallest_side=20)
    picture = render_slice(turned, 1, WINDOW, smallest_side=20)
    np.testing.assert_array_equal(picture.pixels, expected.pixels)
    np.testing.assert_allclose(picture.plane.origin, expected.plane.origin)


def test_that_an_inverted_source_shows_low_values_bright() -> None:
    plain = render_slice(stack(), 0, WINDOW).pixels
    np.testing.assert_array_equal(render_slice(stack(), 0, WINDOW, inverted=True).pixels, 255 - plain)


def test_that_a_synthetic_base_takes_the_original_s_place() -> None:
    source = stack(spacing=(0.7, 0.7))
    layer = image_layer(source)
    picture = render_slice(source, 1, Window(*layer.window), base=layer, smallest_side=20)
    np.testing.assert_array_equal(picture.pixels[..., 2], grey(layer.volume.array[1], Window(*layer.window)))


@pytest.mark.parametrize(("opacity", "share"), [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0)])
def test_that_a_synthetic_image_is_laid_over_with_its_opacity(opacity: float, share: float) -> None:
    source = stack(spacing=(0.7, 0.7))
    layer = replace(image_layer(source), opacity=opacity)
    original = grey(source.array[1], WINDOW).astype(float)
    synthetic = grey(layer.volume.array[1], Window(*layer.window)).astype(float)
    picture = render_slice(source, 1, WINDOW, [layer], smallest_side=20)
    np.testing.assert_allclose(picture.pixels[..., 0], original * (1 - share) + synthetic * share, atol=0.5)


def test_that_filled_labels_are_mixed_with_the_image_and_leave_the_rest_alone() -> None:
    source = stack(spacing=(0.7, 0.7))
    picture = render_slice(source, 0, Window(1, 30000), [label_layer(source)], smallest_side=20).pixels
    np.testing.assert_array_equal(picture[10, 20], (128, 0, 0))
    np.testing.assert_array_equal(picture[22, 7], (0, 128, 0))
    assert picture.any(axis=-1).sum() == 10 * 20 + 5 * 5


def test_that_outlined_labels_show_the_image_inside() -> None:
    source = stack(spacing=(0.7, 0.7))
    picture = render_slice(source, 0, Window(1, 30000), [label_layer(source, outline=True)], smallest_side=20).pixels
    np.testing.assert_array_equal(picture[5, 10:30], [(255, 0, 0)] * 20)
    assert not picture[6:14, 11:29].any()
    assert picture.any(axis=-1).sum() == 2 * (10 + 20) - 4 + 2 * (5 + 5) - 4


def test_that_hidden_segments_hidden_layers_and_unfinished_slices_are_not_drawn() -> None:
    source = stack(spacing=(0.7, 0.7))
    labels = label_layer(source)
    hidden = replace(labels, segments=(replace(labels.segments[0], visible=False), labels.segments[1]))
    heat = heat_layer(source, ready=[True, False, True, True, True])
    layers: list[Layer] = [hidden, replace(labels, visible=False), heat]
    picture = render_slice(source, 1, Window(1, 30000), layers, smallest_side=20).pixels
    assert picture.any(axis=-1).sum() == 5 * 5


def test_that_heat_is_drawn_above_its_threshold_alone_with_an_outline() -> None:
    source = stack(spacing=(0.7, 0.7))
    picture = render_slice(source, 1, Window(1, 30000), [heat_layer(source)], smallest_side=20).pixels
    np.testing.assert_array_equal(picture[10, 20], colour_map("inferno")[round(0.9 * 255)])
    # The score is the mean of 3 × 3: beside the box it is (3 · 0.9 + 6 · 0.1) / 9 = 0.37, at its edge 0.63.
    assert tuple(picture[5, 20]) == FINDING
    assert not picture[4, 20].any()
    assert not render_slice(source, 0, Window(1, 30000), [heat_layer(source)], smallest_side=20).pixels.any()


def test_that_slices_above_the_threshold_are_those_with_a_score_that_reaches_it() -> None:
    source = stack()
    assert slices_above_threshold(heat_layer(source)) == [1, 3]
    assert slices_above_threshold(heat_layer(source), source) == [1, 3]
    assert slices_above_threshold(heat_layer(source, threshold=0.95)) == []
    assert slices_above_threshold(heat_layer(source, ready=[True, False, True, True, True]), source) == [3]


def test_that_a_single_hot_pixel_is_no_finding() -> None:
    source = stack()
    layer = heat_layer(source)
    heat = np.zeros(layer.volume.shape, dtype=np.float32)
    heat[2, 10, 10] = 1.0
    assert slices_above_threshold(replace(layer, volume=layer.volume.with_array(heat))) == []


def test_that_slices_above_the_threshold_count_acquired_slices_of_an_uneven_source() -> None:
    source = stack(positions=(0.0, 3.0, 6.0, 9.0, 10.0, 15.0))
    layer = heat_layer(source)
    # The grid's hot slices lie at 3 and 9 mm; at 10 mm two thirds of the heat are left.
    assert slices_above_threshold(layer, source) == [1, 3, 4]


@pytest.mark.parametrize("name", ["inferno", "viridis", "magma", "cividis"])
def test_that_colour_maps_are_those_of_pyqtgraph(name: str) -> None:
    pyqtgraph = pytest.importorskip("pyqtgraph")
    expected = pyqtgraph.colormap.get(name).getLookupTable(nPts=256)[:, :3]
    assert np.abs(colour_map(name).astype(int) - expected).max() <= 7


def test_that_an_unknown_colour_map_is_inferno() -> None:
    np.testing.assert_array_equal(colour_map("rainbow"), colour_map("inferno"))


def test_that_a_picture_must_fit_its_plane() -> None:
    plane = Plane(np.zeros(3), np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), 4, 5)
    with pytest.raises(ValueError, match="as large as its plane"):
        Picture(np.zeros((5, 4, 3), dtype=np.uint8), plane)
    assert not Picture(np.zeros((4, 5, 3), dtype=np.uint8), plane).pixels.flags.writeable
