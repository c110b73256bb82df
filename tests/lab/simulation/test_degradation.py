"""Low-dose CT and degraded MR against answers known from elsewhere: chords, variances, Parseval, counts of lines."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from medgan_viewer.lab.simulation import low_dose_ct, mr_degradation
from medgan_viewer.lab.simulation.low_dose_ct import (
    WATER,
    attenuation,
    back_project,
    low_dose,
    project,
    with_photon_noise,
)
from medgan_viewer.lab.simulation.mr_degradation import lower_resolution, thick_slices, undersample, undersampling_mask
from medgan_viewer.lab.simulation.numbers import Numbers

SIZE, PIXEL = 96, 2.0


def disc(radius_mm: float, centre_mm: tuple[float, float] = (0.0, 0.0), inside: float = 0.0) -> Tensor:
    """Return a disc of `inside` HU in air, `[1, 1, size, size]`, its edge smooth over a pixel."""
    line = (torch.arange(SIZE) - (SIZE - 1) / 2) * PIXEL
    distance = torch.hypot(line[:, None] - centre_mm[0], line[None] - centre_mm[1])
    share = ((radius_mm - distance) / PIXEL + 0.5).clamp(0, 1)
    return (share * (inside + 1000) - 1000)[None, None]


def test_that_water_attenuates_as_water_and_air_not_at_all() -> None:
    assert attenuation(torch.tensor([0.0, -1000.0, 1000.0])).tolist() == pytest.approx([WATER, 0, 2 * WATER])


def test_that_the_projection_of_a_disc_is_its_chord_under_every_angle() -> None:
    projections = project(attenuation(disc(60.0)), PIXEL, 12)[0]
    place = (torch.arange(SIZE) - (SIZE - 1) / 2) * PIXEL
    chord = 2 * WATER * (60.0**2 - place**2).clamp_min(0).sqrt()
    well_inside = place.abs() < 54
    for view in projections:
        assert torch.allclose(view[well_inside], chord[well_inside], rtol=0.02)
        assert float(view[place.abs() > 64].abs().max()) < 1e-3 * float(chord.max())


def test_that_a_disc_beside_the_middle_moves_along_the_detector_as_its_place_says() -> None:
    projections = project(attenuation(disc(20.0, (30.0, -40.0))), PIXEL, 8)[0]
    place = (torch.arange(SIZE) - (SIZE - 1) / 2) * PIXEL
    mass = projections.sum(dim=1)
    assert mass.tolist() == pytest.approx([float(mass.mean())] * 8, rel=0.01)
    centre = (projections * place).sum(dim=1) / mass
    for angle, found in zip(np.arange(8) * math.pi / 8, centre.tolist(), strict=True):
        assert found == pytest.approx(-40.0 * math.cos(angle) + 30.0 * math.sin(angle), abs=0.3)


def test_that_back_projection_gives_the_picture_back() -> None:
    truth = disc(60.0)
    insert = disc(10.0, (20.0, 15.0), inside=-950.0)
    picture = truth + (insert + 1000)
    found = back_project(project(attenuation(picture), PIXEL, 180), PIXEL, SIZE) * (1000 / WATER) - 1000
    inside = (disc(54.0) > -1) & (disc(14.0, (20.0, 15.0)) < -999)
    assert float(found[inside].mean()) == pytest.approx(0.0, abs=4.0)
    assert float((found - picture)[inside].abs().mean()) < 8.0
    assert float(found[disc(6.0, (20.0, 15.0)) > -1].mean()) == pytest.approx(50.0, abs=8.0)
    air = (disc(68.0) < -999) & (disc(92.0) > -1)
    assert float(found[air].mean()) == pytest.approx(-1000.0, abs=10.0)


def test_that_the_noise_of_a_ray_has_the_variance_of_its_photons() -> None:
    lines = torch.full((2, 100, 100), 2.0)
    photons = torch.tensor([2e4, 2e5])
    measured = with_photon_noise(lines, photons, Numbers([1, 2]))
    for index, count in enumerate(photons.tolist()):
        arriving = count * math.exp(-2)
        variance = (arriving + low_dose_ct.ELECTRONIC**2) / arriving**2
        assert float(measured[index].var()) == pytest.approx(variance, rel=0.05)
        assert float(measured[index].mean()) == pytest.approx(2.0, abs=3 * math.sqrt(variance) / 100 + 1e-3)


def test_that_a_starved_ray_stays_finite() -> None:
    assert with_photon_noise(torch.full((1, 4, 4), 40.0), torch.tensor([5e3]), Numbers([1])).isfinite().all()


def test_that_noise_variance_in_the_picture_goes_with_one_over_the_photons() -> None:
    picture = disc(60.0).expand(4, -1, -1, -1)
    photons = torch.tensor([1e4, 4e4, 1.6e5, 6.4e5])
    error = low_dose(picture, PIXEL, photons, Numbers([7, 7, 7, 7]), angles=180) - picture
    inside = disc(40.0)[0, 0] > -1
    variance = error[:, 0, inside].var(dim=1)
    # Little electronic noise beside so many photons: every fourth part of the noise.
    assert (variance[:-1] / variance[1:]).tolist() == pytest.approx([4.0, 4.0, 4.0], rel=0.1)
    assert error[:, 0, inside].mean(dim=1).abs().max() < 5


def test_that_the_noise_of_the_middle_is_that_of_theory() -> None:
    # Kak and Slaney 1988, section 5.2: σ² = π²/(12·N·a²)·σ_p² for N views, rays a apart, without interpolation.
    angles, photons, chord = 180, 1e5, 120.0
    picture = disc(60.0).expand(6, -1, -1, -1)
    numbers = Numbers(range(6))
    error = low_dose(picture, PIXEL, torch.full((6,), photons), numbers, angles=angles) - picture
    middle = error[:, 0, SIZE // 2 - 3 : SIZE // 2 + 3, SIZE // 2 - 3 : SIZE // 2 + 3]
    ray = (1 / (photons * math.exp(-WATER * chord))) * (
        1 + low_dose_ct.ELECTRONIC**2 / photons / math.exp(-WATER * chord)
    )
    theory = math.pi / math.sqrt(12 * angles) / PIXEL * math.sqrt(ray) * 1000 / WATER
    # Linear interpolation between rays, and of pictures, smooths: at most to about half.
    assert 0.5 * theory < float(middle.std()) < 1.1 * theory


def test_that_doses_are_spread_over_the_range() -> None:
    photons = low_dose_ct.random_photons(Numbers(range(500)))
    assert 5e3 <= float(photons.min()) < 7e3 < 1e5 < float(photons.max()) <= 2e5


def test_that_a_mask_keeps_as_many_lines_as_its_acceleration_says_and_the_middle() -> None:
    acceleration = torch.tensor([2.0, 4.0, 8.0])
    mask = undersampling_mask(128, acceleration, Numbers([1, 2, 3]))
    assert mask.sum(dim=1).tolist() == [64, 32, 16]
    for row, centre in zip(mask, (20, 10, 5), strict=True):
        half = centre // 2
        assert row[64 - half : 64 + half].all()
    assert not undersampling_mask(128, acceleration, Numbers([4, 5, 6])).equal(mask)


def test_that_all_lines_give_the_picture_and_fewer_lose_as_much_energy_as_they_held() -> None:
    picture = torch.rand(1, 2, 32, 48)
    assert torch.allclose(undersample(picture, torch.ones(1, 32, dtype=torch.bool)), picture, atol=1e-5)
    mask = undersampling_mask(32, torch.tensor([4.0]), Numbers([0]))
    space = torch.fft.fftshift(torch.fft.fft2(picture), dim=-2).abs().square()
    kept = (space * mask[:, None, :, None]).sum() / (32 * 48)  # Parseval
    assert float(undersample(picture, mask).square().sum()) == pytest.approx(float(kept), rel=1e-4)


def test_that_lower_resolution_keeps_slow_waves_and_loses_fast_ones() -> None:
    wave = torch.arange(64) * 2 * math.pi / 64
    slow = (2 + torch.cos(4 * wave)).expand(1, 1, 64, 64)
    fast = (2 + torch.cos(24 * wave)).expand(1, 1, 64, 64)
    assert torch.allclose(lower_resolution(slow, torch.tensor([0.5])), slow, atol=1e-4)
    assert torch.allclose(lower_resolution(fast, torch.tensor([0.5])), torch.full_like(fast, 2.0), atol=1e-4)


def test_that_thick_slices_are_means_of_thin_ones() -> None:
    thin = torch.arange(12.0).view(1, 12, 1, 1).expand(1, 12, 2, 2)
    assert thick_slices(thin, 1.0, 4.0, 4.0)[0, :, 0, 0].tolist() == pytest.approx([1.5, 5.5, 9.5])
    assert thick_slices(thin, 1.0, 3.0, 4.5)[0, :, 0, 0].tolist() == pytest.approx([1.0, 5.5, 10.0])
    with pytest.raises(ValueError, match="No slice of 20"):
        thick_slices(thin, 1.0, 20.0, 20.0)


def test_that_added_noise_is_rician() -> None:
    noisy = mr_degradation.add_noise(torch.full((1, 1, 200, 200), 10.0), torch.tensor([1.0]), Numbers([1]))
    assert float(noisy.mean()) == pytest.approx(10 + 1 / 20, abs=0.02)  # σ²/2A above the signal
    assert float(noisy.std()) == pytest.approx(1.0, rel=0.03)


def test_that_everything_stays_on_its_device() -> None:
    numbers = Numbers([1, 2], "meta")
    picture = torch.zeros(2, 1, 32, 32, device="meta")
    made = low_dose(picture, 1.0, low_dose_ct.random_photons(numbers), numbers, angles=8)
    made = undersample(made, undersampling_mask(32, numbers.uniform(2, 8), numbers))
    assert thick_slices(lower_resolution(made, numbers.uniform(0.4, 1)), 1.0, 1.0, 1.0).device.type == "meta"
