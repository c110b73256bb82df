"""Findings are the connected hot regions, ranked by their smoothed peak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medgan_viewer.core.findings import SMALLEST_ML, false_alarm_rate, find, smoothed
from medgan_viewer.core.layers import HeatLayer
from tests.ui import scans


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
