"""Orientation and resampling, against geometry computed another way."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medgan_viewer.models.canonical import CanonicalView, crop_around, resampling_matrix
from tests.models.scans import AXIAL, affine, tilted

SHAPE = (3, 4, 5)
SIGNS = list(itertools.product((1, -1), repeat=3))


def grids() -> list[NDArray[np.float64]]:
    """Return the step directions of all axis-parallel axial grids, and of some tilted and turned ones."""
    straight = [AXIAL * np.array(signs) for signs in SIGNS]
    turned = [AXIAL[:, [0, 2, 1]] * np.array(signs) for signs in SIGNS]
    oblique = [tilted(25, 0) @ tilted(20, 2) @ grid for grid in (straight[0], straight[5], turned[3])]
    return straight + turned + oblique


@pytest.mark.parametrize("directions", grids())
def test_that_canonical_axes_lead_up_back_and_left(directions: NDArray[np.float64]) -> None:
    spacing = (3.0, 0.7, 0.9)
    matrix = affine(spacing, directions)
    view = CanonicalView.of(matrix, SHAPE)
    # Each voxel holds its own LPS point, so the canonical array says where its voxels are.
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1)
    points = index @ matrix[:3, :3].T + matrix[:3, 3]
    turned = np.stack([view.turned(points[..., axis]) for axis in range(3)], axis=-1)
    assert turned.shape[:3] == view.shape
    for axis, direction in enumerate((2, 1, 0)):
        steps = np.diff(turned, axis=axis).reshape(-1, 3)
        assert (steps[:, direction] > 0).all()
        assert (np.abs(steps).argmax(axis=1) == direction).all()
        np.testing.assert_allclose(np.linalg.norm(steps, axis=1), view.spacing[axis])


@pytest.mark.parametrize("directions", grids())
def test_that_an_image_comes_back_to_the_slice_it_was_taken_from(directions: NDArray[np.float64]) -> None:
    source = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    view = CanonicalView.of(affine((1.0, 1.0, 1.0), directions), SHAPE)
    for index, image in enumerate(view.turned(source)):
        np.testing.assert_array_equal(view.image_back(image), source[view.slice_of(index)])


def test_that_equal_grids_are_left_as_they_are() -> None:
    np.testing.assert_allclose(resampling_matrix(5, 0.7, 0.0, 5, 0.7), np.eye(5), atol=1e-12)


def test_that_larger_pixels_are_the_mean_of_the_smaller_ones_in_them() -> None:
    values = np.random.default_rng(1).random(12).astype(np.float32)
    matrix = resampling_matrix(4, 1.5, 0.5, 12, 0.5)
    np.testing.assert_allclose(matrix @ values, values.reshape(4, 3).mean(axis=1), rtol=1e-6)


def test_that_smaller_pixels_are_interpolated_as_numpy_does() -> None:
    values = np.random.default_rng(2).random(6).astype(np.float32)
    matrix = resampling_matrix(17, 0.3, 0.1, 6, 1.0)
    np.testing.assert_allclose(matrix @ values, np.interp(0.1 + 0.3 * np.arange(17), np.arange(6), values), atol=1e-6)


def test_that_nothing_is_made_up_outside_the_image() -> None:
    matrix = resampling_matrix(10, 1.0, -3.0, 4, 1.0)
    np.testing.assert_array_equal(matrix.sum(axis=1), [0, 0, 0, 1, 1, 1, 1, 0, 0, 0])


@given(
    count=st.integers(4, 60),
    spacing=st.floats(0.3, 3.0),
    grid=st.floats(0.3, 3.0),
    slope=st.floats(-5, 5),
)
def test_that_a_ramp_stays_a_ramp_in_mm(count: int, spacing: float, grid: float, slope: float) -> None:
    positions = spacing * np.arange(count)
    inside = int((count - 1) * spacing / grid) - 2
    if inside < 1:
        return
    matrix = resampling_matrix(inside, grid, grid, count, spacing)
    expected = slope * (grid + grid * np.arange(inside))
    # A mean over pixels of another size sees steps of one source pixel, never a shift.
    np.testing.assert_allclose(matrix @ (slope * positions), expected, atol=abs(slope) * spacing / 2 + 1e-3)


def test_that_a_window_around_the_head_has_the_right_size_and_keeps_it_inside() -> None:
    inside = np.zeros(50, bool)
    inside[20:31] = True
    crop = crop_around(inside, multiple=8, margin=2)
    assert crop.count == 16
    cut = crop.cut(inside, 0, False)
    assert cut.sum() == 11
    assert crop.start <= 18
    assert crop.start + crop.count >= 33


def test_that_a_window_larger_than_the_image_is_filled_with_air() -> None:
    crop = crop_around(np.ones(5, bool), multiple=8, margin=6)
    values = crop.cut(np.arange(5.0), 0, -1.0)
    assert values.size == 8
    np.testing.assert_array_equal(values[values >= 0], np.arange(5.0))
    assert (values == -1).sum() == 3


def test_that_an_empty_image_is_taken_whole() -> None:
    crop = crop_around(np.zeros(16, bool), multiple=8, margin=2)
    assert (crop.start, crop.count) == (0, 16)
