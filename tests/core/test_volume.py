"""Geometry: where voxels are in LPS millimetres."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medgan_viewer.core.volume import Plane, SliceStack, Volume, read_only


def rotation(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return a rotation matrix."""
    matrix = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    if np.linalg.det(matrix) < 0:
        matrix[:, 0] *= -1
    return np.asarray(matrix)


def oblique(seed: int = 0, shape: tuple[int, int, int] = (3, 4, 5)) -> Volume:
    """Return a volume of 2.5 × 0.7 × 0.9 mm voxels, turned and moved."""
    affine = np.eye(4)
    affine[:3, :3] = rotation(seed) * (2.5, 0.7, 0.9)
    affine[:3, 3] = (-40.0, 25.5, 310.0)
    return Volume(np.arange(np.prod(shape), dtype=np.int16).reshape(shape), affine)


def stack(origins: object, **facts: object) -> SliceStack:
    """Return slices of 4 × 5 pixels of 0.5 mm at the given origins, axial, 2 mm thick."""
    places = np.asarray(origins, dtype=np.float64)
    values: dict[str, object] = {
        "array": np.zeros((len(places), 4, 5), np.int16),
        "origins": places,
        "row_step": np.array([0.0, 0.5, 0.0]),
        "column_step": np.array([0.5, 0.0, 0.0]),
        "thickness": np.full(len(places), 2.0),
    }
    return SliceStack(**(values | facts))  # type: ignore[arg-type]


@given(seed=st.integers(0, 10_000), index=st.tuples(*[st.floats(-50, 50)] * 3))
@settings(max_examples=50, deadline=None)
def test_an_index_and_its_point_lead_to_each_other(seed: int, index: tuple[float, float, float]) -> None:
    volume = oblique(seed)
    np.testing.assert_allclose(volume.index(volume.point(index)), index, atol=1e-9)


def test_spacing_and_volume_of_a_voxel_do_not_depend_on_the_orientation() -> None:
    volume = oblique(7)
    np.testing.assert_allclose(volume.spacing, (2.5, 0.7, 0.9))
    assert volume.voxel_ml == pytest.approx(2.5 * 0.7 * 0.9 / 1000)


def test_voxels_and_affine_cannot_be_written_through_a_volume() -> None:
    volume = oblique()
    with pytest.raises(ValueError, match="read-only"):
        volume.array[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        volume.affine[0, 0] = 1


def test_whoever_fills_the_voxels_is_seen_by_those_who_only_look() -> None:
    base = np.zeros((2, 2, 2), np.int16)
    volume = Volume(base, np.eye(4))
    base[1, 1, 1] = 7
    assert volume.array[1, 1, 1] == 7
    assert read_only(base).base is base


@pytest.mark.parametrize(("shape", "affine"), [((2, 2), np.eye(4)), ((2, 2, 2), np.eye(3))])
def test_a_volume_of_another_shape_is_refused(shape: tuple[int, ...], affine: np.ndarray[tuple[int, int]]) -> None:
    with pytest.raises(ValueError):
        Volume(np.zeros(shape), affine)


def test_other_voxels_on_the_same_grid_keep_its_place_and_must_fit() -> None:
    volume = oblique()
    result = volume.with_array(np.ones(volume.shape, np.float32), synthetic=True, modality="MR")
    assert (result.synthetic, result.modality) == (True, "MR")
    np.testing.assert_array_equal(result.affine, volume.affine)
    with pytest.raises(ValueError, match="does not fit the grid"):
        volume.with_array(np.ones((1, 2, 3)))


def test_a_plane_of_a_volume_runs_through_its_voxels() -> None:
    volume = oblique(3)
    plane = volume.plane(1)
    np.testing.assert_allclose(plane.point(2, 3), volume.point((1, 2, 3)))
    assert (plane.rows, plane.columns) == (4, 5)
    np.testing.assert_allclose(plane.spacing, (0.7, 0.9))


@given(seed=st.integers(0, 1000), row=st.floats(-9, 9), column=st.floats(-9, 9), away=st.floats(-20, 20))
@settings(max_examples=50, deadline=None)
def test_a_point_beside_a_plane_projects_on_its_pixel_at_its_distance(
    seed: int, row: float, column: float, away: float
) -> None:
    plane = oblique(seed).plane(0)
    point = plane.point(row, column) + away * plane.normal
    np.testing.assert_allclose(plane.pixel(point), (row, column), atol=1e-9)
    assert plane.distance(point) == pytest.approx(away, abs=1e-9)


def test_the_normal_of_an_axial_plane_points_to_the_head() -> None:
    plane = Plane(np.zeros(3), np.array([0, 0.5, 0]), np.array([0.5, 0, 0]), 4, 5)
    np.testing.assert_array_equal(plane.normal, (0, 0, 1))


def test_an_even_stack_is_its_own_volume_without_copying() -> None:
    even = stack([(0, 0, 3.0 * n) for n in range(4)])
    volume = even.volume()
    assert np.shares_memory(volume.array, even.array)
    assert volume.spacing == (3.0, 0.5, 0.5)
    assert not volume.resampled
    np.testing.assert_array_equal(volume.point((2, 1, 3)), even.plane(2).point(1, 3))


def test_rounded_positions_still_count_as_even() -> None:
    assert stack([(0, 0, round(n * 10 / 3, 2)) for n in range(6)]).is_regular


@pytest.mark.parametrize(
    "origins",
    [
        [(0, 0, 0), (0, 0, 3), (0, 0, 9)],
        [(0, 0, 0), (0, 1, 3), (0, 2, 6)],
        [(0, 0, 0), (0.4, 0, 3), (0, 0, 6)],
        [(0, 0, 5), (0, 0, 5)],
    ],
    ids=["gap", "tilt", "shift", "same place"],
)
def test_gaps_tilt_and_shifted_slices_are_not_regular(origins: list[tuple[float, ...]]) -> None:
    assert not stack(origins).is_regular


def test_one_slice_is_regular_and_as_thick_as_it_says() -> None:
    single = stack([(1, 2, 3)])
    assert single.is_regular
    assert single.volume().spacing == (2.0, 0.5, 0.5)


def test_the_grid_of_an_uneven_stack_steps_by_the_thinnest_slice_along_the_normal() -> None:
    uneven = stack([(0, 0, 0), (0, 0, 4), (0, 0, 11)], thickness=np.array([4.0, 0.0, 7.0]))
    np.testing.assert_array_equal(uneven.slice_step, (0, 0, 4))


def test_without_any_thickness_the_grid_steps_by_the_smallest_distance() -> None:
    uneven = stack([(0, 0, 0), (0, 0, 4), (0, 0, 4), (0, 0, 5.5)], thickness=np.zeros(4))
    np.testing.assert_array_equal(uneven.slice_step, (0, 0, 1.5))


def test_a_nonsensical_thickness_does_not_fill_the_memory() -> None:
    uneven = stack([(0, 0, 0), (0, 0, 4), (0, 0, 1000)], thickness=np.full(3, 1e-6))
    assert uneven.volume().shape[0] <= 2001


def test_a_stack_without_an_origin_for_each_slice_is_refused() -> None:
    with pytest.raises(ValueError, match="one origin a slice"):
        stack([(0, 0, 0)], array=np.zeros((2, 4, 5)))
