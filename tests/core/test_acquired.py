"""Results on the planes where their source was acquired."""

from dataclasses import replace

import numpy as np
import pytest

from medgan_viewer.core.acquired import layer_on_slice, lies_on, ready_slices
from medgan_viewer.core.volume import SliceStack
from tests.core.results import heat_layer, image_layer, label_layer, stack


def test_that_an_even_source_hands_the_slices_through_untouched() -> None:
    # Scanners round positions: a slice may lie a hundredth of the step beside the even grid.
    even = stack(jitter=0.02)
    layer = image_layer(even)
    assert lies_on(layer, even)
    for index in range(len(even)):
        np.testing.assert_array_equal(layer_on_slice(layer, even, index), layer.volume.array[index])
        assert layer_on_slice(layer, even, index).dtype == np.int16


@pytest.mark.parametrize("tilt_degrees", [0.0, 18.5])
def test_that_an_uneven_source_gets_its_image_back_where_it_was_acquired(tilt_degrees: float) -> None:
    uneven = stack(positions=(0.0, 3.0, 6.0, 7.0, 14.0), tilt_degrees=tilt_degrees)
    layer = image_layer(uneven)
    assert not lies_on(layer, uneven)
    for index in range(len(uneven)):
        # The grid may end up to half a step before the last acquired slice, which then takes the grid's last.
        if layer.volume.index(uneven.origins[index])[0] > layer.volume.shape[0] - 1 + 1e-6:
            assert index == len(uneven) - 1
            continue
        values = layer_on_slice(layer, uneven, index)
        rows, columns = np.indices(values.shape)
        plane = uneven.plane(index)
        points = (
            plane.origin[:, None, None]
            + plane.row_step[:, None, None] * rows
            + plane.column_step[:, None, None] * columns
        )
        # The layer holds 100 + 2 L + 3 P + 5 S, rounded.
        expected = 100 + np.tensordot(np.array([2.0, 3.0, 5.0]), points, axes=1)
        assert values.dtype == np.int16
        assert np.abs(values - expected).max() <= 1.0
        # Rounded to the nearest, not cut off, which would darken the image by half a unit.
        assert abs((values - expected).mean()) < 0.2


def test_that_labels_are_never_mixed() -> None:
    uneven = stack(positions=(0.0, 3.0, 6.0, 7.0, 14.0), tilt_degrees=18.5)
    layer = label_layer(uneven)
    found = np.unique([layer_on_slice(layer, uneven, index) for index in range(len(uneven))])
    assert set(found.tolist()) <= {0, 1, 7}


def test_that_outside_the_grid_an_image_is_air_and_a_heat_map_is_nothing() -> None:
    uneven = stack(positions=(0.0, 3.0, 6.0, 7.0, 14.0))
    shifted = SliceStack(
        uneven.array,
        uneven.origins + np.array([0.0, 0.0, 1000.0]),
        uneven.row_step,
        uneven.column_step,
        uneven.thickness,
    )
    image = image_layer(uneven)
    in_hounsfield_units = replace(image, volume=replace(image.volume, unit="HU"))
    assert (layer_on_slice(image, shifted, 0) == 0).all()
    assert (layer_on_slice(in_hounsfield_units, shifted, 0) == -1000).all()
    assert (layer_on_slice(heat_layer(uneven), shifted, 0) == 0).all()


def test_that_ready_slices_of_an_even_source_are_the_layer_s() -> None:
    even = stack()
    assert ready_slices(image_layer(even, ready=[True, False, True, True, False]), even) == [0, 2, 3]


def test_that_an_acquired_slice_is_ready_once_every_grid_slice_beside_it_is() -> None:
    uneven = stack(positions=(0.0, 3.0, 6.0, 7.0, 13.0))
    grid = uneven.volume()
    # The grid's slices lie at 0, 3, 6, 9, 12 mm; the slice at 7 mm needs those at 6 and 9.
    assert grid.shape[0] == 5
    ready = [True, True, True, False, True]
    assert ready_slices(image_layer(uneven, ready=ready), uneven) == [0, 1, 2, 4]
    assert ready_slices(image_layer(uneven, ready=[True] * 5), uneven) == [0, 1, 2, 3, 4]


def test_that_a_grid_of_the_same_shape_elsewhere_is_not_the_acquired_one() -> None:
    even = stack()
    layer = image_layer(even)
    moved = np.array(layer.volume.affine)
    moved[:3, 3] += (0.0, 0.0, 5.0)
    assert not lies_on(replace(layer, volume=replace(layer.volume, affine=moved)), even)
