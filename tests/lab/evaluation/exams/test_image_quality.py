"""Physicists' measures of a CT against pictures whose answer is known exactly."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.lab.evaluation.exams import image_quality
from medgan_viewer.lab.evaluation.exams.classical import bilateral, noise_level, non_local_means

Float = NDArray[np.float64]


def white(count: int, size: int, sigma: float, seed: int = 0) -> Float:
    return np.random.default_rng(seed).normal(0, sigma, (count, size, size))


def normal_share(value: float) -> float:
    """Return Φ(value), the share of a standard normal distribution below it."""
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))


def test_that_the_spectrum_of_white_noise_is_flat_at_its_variance() -> None:
    spectrum = image_quality.power_spectrum(100 + white(40, 64, 12.0))
    assert float(spectrum.mean()) == pytest.approx(144, rel=0.02)
    frequencies, level = image_quality.radial(spectrum, bins=8)
    assert frequencies.tolist() == pytest.approx([(2 * k + 1) / 32 for k in range(8)])
    assert level.tolist() == pytest.approx([144] * 8, rel=0.1)
    # Mean distance from the middle of a square of side 1.
    assert image_quality.mean_frequency(spectrum) == pytest.approx((math.sqrt(2) + math.asinh(1)) / 6, rel=0.01)


def test_that_the_spectrum_of_filtered_noise_is_its_variance_times_the_filters_response() -> None:
    # (1, 1)/2 along rows passes cos²(πf).
    noise = white(60, 64, 10.0, seed=1)
    blurred = (noise + np.roll(noise, 1, axis=2)) / 2
    spectrum = image_quality.power_spectrum(blurred).mean(axis=0)
    wanted = 100 * np.cos(np.pi * np.fft.fftfreq(64)) ** 2
    assert np.abs(spectrum - wanted).max() < 8


@pytest.mark.parametrize("sigma", [1.0, 2.0])
def test_that_the_edge_width_of_a_gaussian_blur_is_the_known_one(sigma: float) -> None:
    rows, columns = np.indices((128, 128))
    distance = np.hypot(rows - 63.2, columns - 64.1) - 45
    # Far from the middle a disc's edge is that of a half plane: the normal distribution's.
    picture = -1000 * np.vectorize(normal_share)(distance / sigma)
    width = image_quality.edge_width(picture, (63.2, 64.1), 45.0, 10.0)
    assert width == pytest.approx(2 * 1.2816 * sigma, rel=0.04)


def test_that_the_channels_of_the_observer_are_orthogonal_and_of_unit_energy() -> None:
    found = image_quality.channels(61, 12.0)
    assert np.allclose(found @ found.T, np.eye(len(found)), atol=2e-3)


def test_that_the_observer_finds_a_known_signal_in_white_noise_as_often_as_theory_says() -> None:
    # A signal that is the first channel is detected with d' = amplitude/σ, and the area is Φ(d'/√2).
    size, width, sigma, count = 25, 9.0, 10.0, 400
    signal = 15.0 * image_quality.channels(size, width)[0].reshape(size, size)
    absent, present = white(count, size, sigma, 2), white(count, size, sigma, 3) + signal
    there, without = image_quality.observer_scores(present, absent, signal, width)
    area = image_quality.area_under_curve(there, without)
    assert area == pytest.approx(normal_share(1.5 / math.sqrt(2)), abs=0.03)
    low, high = image_quality.auc_interval(there, without[:, None])
    assert low < area < high
    # Hanley and McNeil 1982: about this wide for so many pictures.
    assert high - low == pytest.approx(4 * 0.0134, rel=0.3)


def test_that_the_observer_allows_for_noise_that_is_not_white() -> None:
    # Noise in one channel only: whoever looks past it sees the signal as if it were not there.
    size, width = 25, 9.0
    channels = image_quality.channels(size, width).reshape(-1, size, size)
    loud = 100 * np.random.default_rng(1).normal(size=(400, 1, 1)) * channels[1]
    signal = 2.0 * (channels[0] + channels[1])
    there, without = image_quality.observer_scores(
        white(400, size, 1.0, 8) + loud[::-1] + signal, white(400, size, 1.0, 9) + loud, signal, width
    )
    assert image_quality.area_under_curve(there, without) == pytest.approx(normal_share(2 / math.sqrt(2)), abs=0.04)


def test_that_nothing_there_is_found_by_chance_only() -> None:
    signal = image_quality.channels(21, 8.0)[0].reshape(21, 21)
    scores = image_quality.observer_scores(white(200, 21, 5, 5), white(200, 21, 5, 6), signal, 8.0)
    assert image_quality.area_under_curve(*scores) == pytest.approx(0.5, abs=0.08)


def test_that_the_area_counts_pairs_and_halves_ties() -> None:
    assert image_quality.area_under_curve(np.array([2.0, 1.0]), np.array([1.0, 0.0])) == pytest.approx(3.5 / 4)


def test_that_noise_is_measured_beside_an_edge_and_flat_air_is_left_out() -> None:
    picture = np.zeros((128, 128), np.float32) - 1024
    picture[20:100, 20:100] = white(1, 80, 15.0)[0]
    assert noise_level(picture) == pytest.approx(15, rel=0.08)
    assert noise_level(np.zeros((16, 16), np.float32)) == 0


@pytest.mark.parametrize("filtered", [non_local_means, bilateral])
def test_that_a_filter_takes_noise_out_and_leaves_an_edge(filtered: object) -> None:
    step = np.zeros((64, 64), np.float32)
    step[:, 32:] = 400
    noisy = (step + white(1, 64, 20.0)[0]).astype(np.float32)
    made = filtered(noisy, 20.0)  # type: ignore[operator]
    assert float((made - step).std()) < 0.6 * 20
    assert float(made[:, 32:].mean() - made[:, :32].mean()) == pytest.approx(400, abs=4)
    assert float(np.diff(made.mean(axis=0)).max()) > 300
    assert np.array_equal(filtered(noisy, 0.0), noisy)  # type: ignore[operator]
