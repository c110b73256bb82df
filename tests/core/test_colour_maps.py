"""Colour maps stay ordered to every eye: lightness says what the colour says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.rendering import COLOUR_MAPS, colour_map

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

SEQUENTIAL = [name for name in COLOUR_MAPS if name != "blue-orange"]


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


@pytest.mark.parametrize("eye", _BLIND)
def test_a_larger_difference_is_lighter_whichever_way_it_goes(eye: str) -> None:
    lightness = seen(colour_map("blue-orange"), eye)[:, 0]
    less, more = lightness[127::-1], lightness[128:]
    for side in (less, more):
        assert np.diff(side).min() > -0.4
        assert side[-1] - side[0] > 50


def test_differences_of_one_size_are_equally_light_and_steps_are_even() -> None:
    lightness = seen(colour_map("blue-orange"), "none")[:, 0]
    np.testing.assert_allclose(lightness[:128][::-1], lightness[128:], atol=2.0)
    even = np.linspace(lightness[128], lightness[255], 128)
    np.testing.assert_allclose(lightness[128:], even, atol=1.5)


@pytest.mark.parametrize("eye", _BLIND)
def test_less_and_more_are_told_apart_by_every_eye(eye: str) -> None:
    colours = seen(colour_map("blue-orange"), eye)
    # From a quarter of the range on; a difference of 2.3 in CIELAB can just be seen.
    for size in (32, 64, 96, 127):
        apart = float(np.linalg.norm(colours[127 - size] - colours[128 + size]))
        assert apart > 20, f"{size}: {apart}"


def test_no_colour_of_a_difference_is_the_violet_of_what_is_synthetic() -> None:
    _, a, b = seen(colour_map("blue-orange"), "none").T
    strong = np.hypot(a, b) > 15
    hue = np.degrees(np.arctan2(b, a))[strong] % 360
    assert not ((hue > 285) & (hue < 340)).any()


def test_no_difference_is_not_the_black_of_nothing() -> None:
    assert seen(colour_map("blue-orange"), "none")[128, 0] > 20
