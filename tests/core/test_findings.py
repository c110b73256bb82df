"""Findings are the connected hot regions, ranked by their smoothed peak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medgan_viewer.core.findings import SMALLEST_ML, box_on_plane, false_alarm_rate, find, smoothed
from medgan_viewer.core.layers import HeatLayer
from medgan_viewer.core.volume import Plane, Volume
from tests.ui import scans, view_fixtures


def _layer(**changes: object) -> HeatLayer:
    made = scans.heat_layer(scans.document()).changed(**changes)
    assert isinstance(made, HeatLayer)
    return made


def test_each_region_is_one_finding_with_its_peak_place_and_volume() -> None:
    first, second = find(_layer())
    assert (first.number, second.number) == (1, 2)
    assert first.score == pytest.approx(0.9)
    assert second.score == pytest.approx(0.6)
    slices, rows, columns = first.bounds
    assert slices == (1, 4)
    assert all(low <= index < high for index, (low, high) in zip(first.index, first.bounds, strict=True))
    # Smoothing over 3 × 3 pixels lowers the rim of the block to 0.6 and its corners to 0.4, below the threshold.
    assert first.millilitres == pytest.approx((3 * 100 - 3 * 4) * 3 / 1000)
    assert (rows, columns) == ((5, 15), (5, 15))


def test_the_point_is_the_peak_in_patient_space() -> None:
    (first, _) = find(_layer())
    slice_index, row, column = first.index
    assert first.point == pytest.approx((-15.0 + column, -20.0 + row, 3.0 * slice_index))


def test_slices_that_are_not_computed_hold_no_findings() -> None:
    ready = np.zeros(6, bool)
    ready[5] = True
    (only,) = find(_layer(ready=ready))
    assert only.score == pytest.approx(0.6)


def test_a_region_under_a_tenth_of_a_millilitre_is_not_listed() -> None:
    layer = _layer()
    heat = np.zeros(layer.volume.shape, np.float32)
    heat[2, 10:13, 10:13] = 1.0  # 9 voxels of 3 mm³: 0.027 ml
    assert layer.volume.voxel_ml * 9 < SMALLEST_ML
    assert find(layer.changed(volume=layer.volume.with_array(heat), threshold=0.3)) == ()


def test_nothing_above_the_threshold_is_an_empty_list() -> None:
    assert find(_layer(threshold=0.95)) == ()


def test_two_regions_that_touch_at_a_corner_in_the_next_slice_are_one() -> None:
    layer = _layer()
    heat = np.zeros(layer.volume.shape, np.float32)
    heat[1, 5:12, 5:12] = 1.0
    heat[2, 11:18, 11:18] = 1.0
    found = find(layer.changed(volume=layer.volume.with_array(heat), threshold=0.4))
    assert len(found) == 1


def test_on_its_own_slices_a_box_reaches_from_edge_to_edge_of_its_voxels() -> None:
    volume = view_fixtures.stack_of(view_fixtures.ball()).volume()
    bounds = ((8, 13), (20, 31), (5, 14))
    for slice_index in (8, 12):
        box = box_on_plane(volume, bounds, volume.plane(slice_index))
        assert box == pytest.approx((19.5, 4.5, 30.5, 13.5))
    assert box_on_plane(volume, bounds, volume.plane(7)) is None
    assert box_on_plane(volume, bounds, volume.plane(13)) is None
    # Just where the first voxel begins the plane touches it.
    assert box_on_plane(volume, bounds, volume.plane(7.5)) is not None


@pytest.mark.parametrize("seed", range(8))
def test_on_a_turned_plane_a_box_encloses_the_projection_of_all_that_lies_in_it(seed: int) -> None:
    chance = np.random.default_rng(seed)
    affine = np.eye(4)
    affine[:3] = chance.normal(size=(3, 4)) * (2, 2, 2, 20)
    volume = Volume(np.zeros((20, 30, 40), np.int8), affine)
    bounds = ((3, 9), (10, 11), (20, 35))
    low, high = np.array(bounds).T - 0.5
    # A lattice of points in the box, its corners among them, and the plane solved anew for each.
    share = np.stack(np.meshgrid(*[np.linspace(0, 1, 7)] * 3), axis=-1).reshape(-1, 3)
    points = (low + share * (high - low)) @ affine[:3, :3].T + affine[:3, 3]
    steps = chance.normal(size=(3, 2))
    across = np.cross(steps[:, 1], steps[:, 0])
    reach = (points - points.mean(axis=0)) @ across / (across @ across)
    for height, met in ((0.0, True), (reach.max() * 0.99, True), (reach.max() * 1.01, False), (-1e3, False)):
        origin = points.mean(axis=0) + height * across + steps @ (7.0, -5.0)
        box = box_on_plane(volume, bounds, Plane(origin, steps[:, 0], steps[:, 1], 100, 100))
        assert (box is not None) == met
        if box is not None:
            row, column, _ = np.linalg.solve(np.column_stack([steps, across]), (points - origin).T)
            assert box == pytest.approx((row.min(), column.min(), row.max(), column.max()))


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0, 1))
def test_the_false_alarm_rate_is_the_conformal_p_value(healthy: list[float], score: float) -> None:
    rate = false_alarm_rate(score, tuple(healthy))
    if not healthy:
        assert rate is None
        return
    at_least = len([value for value in healthy if value >= score])
    assert rate == pytest.approx((1 + at_least) / (len(healthy) + 1))


def test_smoothing_is_the_mean_of_nine_pixels_in_plane_only() -> None:
    heat = np.zeros((3, 7, 7), np.float32)
    heat[1, 3, 3] = 9.0
    result = smoothed(heat)
    assert np.allclose(result[1, 2:5, 2:5], 1.0)
    assert result.sum() == pytest.approx(9.0)
    assert not result[0].any()
    assert not result[2].any()
