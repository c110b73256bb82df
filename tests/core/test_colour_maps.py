"""Colour maps stay ordered to every eye: lightness says what the colour says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.colour_maps import COLOUR_MAPS, DIFFERENCES, FROM_BLACK, NAMES, SEQUENTIAL, colour_map

Colours = NDArray[np.float64]

# Machado, Oliveira & Fernandes 2009, severity 1, for linear RGB.
_BLIND = {
    "none": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
# sRGB to CIE XYZ (IEC 61966-2-1), and its white.
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def seen(colours: NDArray[np.uint8], eye: str) -> Colours:
    """Return CIELAB [n, 3] of sRGB colours as an eye sees them."""
    shares = colours / 255.0
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ _BLIND[eye].T, 0, 1) @ _TO_XYZ.T / _WHITE
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def test_black_and_white_are_seen_as_such_by_every_eye() -> None:
    ends = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    for eye in _BLIND:
        np.testing.assert_allclose(seen(ends, eye), [[0, 0, 0], [100, 0, 0]], atol=0.1)


@pytest.mark.parametrize("eye", _BLIND)
@pytest.mark.parametrize("name", SEQUENTIAL)
def test_a_higher_value_is_never_darker(name: str, eye: str) -> None:
    lightness = seen(colour_map(name), eye)[:, 0]
    # Colours have 8 bits: neighbours may be equal, or off by their rounding.
    assert np.diff(lightness).min() > -0.4
    assert lightness[-1] - lightness[0] > 35


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_every_part_of_a_map_makes_as_much_of_a_step(name: str) -> None:
    lightness = seen(colour_map(name), "none")[:, 0]
    parts = np.diff(lightness[::51])
    assert len(parts) == 5
    np.testing.assert_allclose(parts, parts.mean(), rtol=0.3)


def test_every_map_can_be_chosen_for_something_and_has_a_name() -> None:
    assert {*SEQUENTIAL, *DIFFERENCES} == set(COLOUR_MAPS) == set(NAMES)
    assert set(FROM_BLACK) < set(SEQUENTIAL)


@pytest.mark.parametrize("name", FROM_BLACK)
def test_a_map_for_whole_images_leaves_air_dark(name: str) -> None:
    assert seen(colour_map(name), "none")[0, 0] < 15


DIVERGING = [name for name in DIFFERENCES if name != "grey"]


@pytest.mark.parametrize("eye", _BLIND)
@pytest.mark.parametrize("name", DIVERGING)
def test_a_larger_difference_stands_out_more_whichever_way_it_goes(name: str, eye: str) -> None:
    lightness = seen(colour_map(name), eye)[:, 0]
    way = 1 if name == "blue-orange" else -1
    less, more = way * lightness[127::-1], way * lightness[128:]
    for side in (less, more):
        assert np.diff(side).min() > -0.4
        assert side[-1] - side[0] > 40


@pytest.mark.parametrize("name", DIVERGING)
def test_differences_of_one_size_are_equally_light_and_steps_are_even(name: str) -> None:
    lightness = seen(colour_map(name), "none")[:, 0]
    np.testing.assert_allclose(lightness[:128][::-1], lightness[128:], atol=2.0)
    even = np.linspace(lightness[128], lightness[255], 128)
    np.testing.assert_allclose(lightness[128:], even, atol=1.5)


@pytest.mark.parametrize("eye", _BLIND)
@pytest.mark.parametrize("name", DIFFERENCES)
def test_less_and_more_are_told_apart_by_every_eye(name: str, eye: str) -> None:
    colours = seen(colour_map(name), eye)
    # From a quarter of the range on; a difference of 2.3 in CIELAB can just be seen.
    for size in (32, 64, 96, 127):
        apart = float(np.linalg.norm(colours[127 - size] - colours[128 + size]))
        assert apart > 20, f"{size}: {apart}"


@pytest.mark.parametrize("name", DIFFERENCES)
def test_no_colour_of_a_difference_is_the_violet_of_what_is_synthetic(name: str) -> None:
    _, a, b = seen(colour_map(name), "none").T
    strong = np.hypot(a, b) > 15
    hue = np.degrees(np.arctan2(b, a))[strong] % 360
    assert not ((hue > 285) & (hue < 340)).any()


@pytest.mark.parametrize("name", DIFFERENCES)
def test_no_difference_is_not_the_black_of_nothing(name: str) -> None:
    assert seen(colour_map(name), "none")[128, 0] > 20
