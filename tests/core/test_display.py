"""Windows turn values into grey, and open where a reader expects them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import CT_PRESETS, Window, automatic_window, grey, initial_window, windows_of


def _series(modality: str = "CT", body_part: str = "", windows: tuple[tuple[float, float], ...] = ()) -> Series:
    return Series("1", "2", 1, modality, "", body_part, None, (), windows=windows)


def test_levels_lie_half_a_width_on_each_side_of_the_centre() -> None:
    assert Window(80, 40).levels == (0, 80)


@given(st.floats(-2000, 2000), st.floats(0.01, 4000))
def test_a_window_between_two_values_has_them_as_levels(low: float, width: float) -> None:
    assert Window.between(low, low + width).levels == pytest.approx((low, low + width), abs=1e-6)


def test_a_window_between_equal_values_is_not_closed() -> None:
    assert Window.between(7, 7).width > 0


def test_a_drag_widens_and_raises_by_shares_of_the_present_width() -> None:
    assert Window(100, 50).dragged(0.5, 0.25) == Window(150, 75)
    assert Window(100, 50).dragged(-0.5, -0.25) == Window(50, 25)


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_no_drag_closes_a_window(right: float, up: float) -> None:
    assert Window(100, 50).dragged(right, up).width > 0


def test_the_presets_are_those_of_the_keys_2_to_9() -> None:
    assert [(name, window.width, window.centre) for name, window in CT_PRESETS] == [
        ("Brain", 80, 40),
        ("Subdural", 200, 75),
        ("Stroke", 40, 40),
        ("Soft tissue", 400, 40),
        ("Liver", 150, 90),
        ("Mediastinum", 400, 50),
        ("Lung", 1500, -600),
        ("Bone", 2500, 480),
    ]


def test_the_automatic_window_ignores_the_brightest_and_darkest_half_per_cent() -> None:
    values = np.arange(1001, dtype=np.int16)
    values[0], values[-1] = -30000, 30000
    assert automatic_window(values).levels == pytest.approx((5, 995))


def test_the_automatic_window_of_many_values_is_that_of_a_sample() -> None:
    values = np.tile(np.arange(1000, dtype=np.int16), 1000)
    low, high = automatic_window(values).levels
    assert low == pytest.approx(5, abs=5)
    assert high == pytest.approx(994, abs=5)


def test_what_is_no_number_does_not_count() -> None:
    values = np.r_[np.arange(1001.0), np.nan, np.inf]
    assert automatic_window(values).levels == pytest.approx((5, 995))
    assert automatic_window(np.zeros(0)).levels == (0, 1)


def test_closed_windows_of_a_file_are_left_out() -> None:
    assert windows_of(_series(windows=((0, 40), (80, 40), (-1, 3)))) == (Window(80, 40),)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (_series(windows=((333, 33),)), Window(333, 33)),
        (_series(body_part="HEAD"), Window(80, 40)),
        (_series(body_part="CHEST"), Window(400, 40)),
        (_series("MR"), Window.between(5, 995)),
    ],
)
def test_a_series_opens_with_its_own_window_then_a_preset_then_percentiles(series: Series, expected: Window) -> None:
    window = initial_window(series, np.arange(1001, dtype=np.int16))
    assert (window.width, window.centre) == pytest.approx((expected.width, expected.centre))


def test_a_window_maps_its_levels_to_black_and_white() -> None:
    values = np.array([-2000, 0, 40, 80, 3000], dtype=np.int16)
    shades = grey(values, Window(80, 40))
    assert shades.dtype == np.uint8
    np.testing.assert_array_equal(shades, [0, 0, 128, 255, 255])
