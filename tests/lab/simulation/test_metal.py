"""Metal in a CT against what is known of it: its rays as two energies say, dark between two pieces, none nowhere."""

import math

import pytest
import torch

from medgan_viewer.lab.simulation.low_dose_ct import WATER, project
from medgan_viewer.lab.simulation.metal import Metal, ct_error, grow_metal, into_ct, into_mr
from medgan_viewer.lab.simulation.numbers import Numbers

SIZE, PIXEL = 128, 1.5


def discs(*centres_mm: tuple[float, float], radius_mm: float = 6.0) -> Metal:
    """Return steel in one slice, its edge smooth over a pixel."""
    line = (torch.arange(SIZE) - (SIZE - 1) / 2) * PIXEL
    share = torch.zeros(SIZE, SIZE)
    for row, column in centres_mm:
        distance = torch.hypot(line[:, None] - row, line[None] - column)
        share = torch.maximum(share, ((radius_mm - distance) / PIXEL + 0.5).clamp(0, 1))
    return Metal(share[None, None], torch.tensor([0.8]))


def water() -> torch.Tensor:
    line = (torch.arange(SIZE) - (SIZE - 1) / 2) * PIXEL
    return torch.where(torch.hypot(line[:, None], line[None]) < 80.0, 0.0, -1000.0)[None, None]


def test_that_metal_measures_as_its_attenuation_says_and_gives_no_signal() -> None:
    metal = discs((0.0, 0.0))
    middle = SIZE // 2
    assert float(into_ct(water(), metal)[0, 0, middle, middle]) == pytest.approx((0.8 / WATER - 1) * 1000, rel=1e-4)
    assert float(into_ct(water(), metal)[0, 0, middle, middle + 20]) == 0.0
    signal = into_mr(torch.ones(1, 1, SIZE, SIZE), metal)
    assert float(signal[0, 0, middle, middle]) == 0.0
    assert float(signal[0, 0, middle, middle + 20]) == 1.0


def test_that_a_ray_through_metal_measures_what_two_energies_leave_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medgan_viewer.lab.simulation.metal.PHOTONS", (1e12, 1e12 + 1))
    metal, clean = discs((0.0, 0.0)), water()
    seen = into_ct(clean, metal) + ct_error(clean, metal, PIXEL, Numbers([1]))
    # Unclamped: streaks below air are part of what adds up.
    measured = project(WATER * (1 + seen / 1000), PIXEL, 12)[0, :, SIZE // 2 - 1 : SIZE // 2 + 1].mean()
    path, around = 0.8 * 12.0, WATER * (160.0 - 12.0)
    two = -math.log((math.exp(-0.5 * path) + math.exp(-1.5 * path)) / 2)
    assert float(measured) == pytest.approx(around + two, rel=0.05)
    assert float(measured) < 0.7 * (around + path)


def test_that_it_is_dark_between_two_pieces_and_hardly_wrong_far_beside_them() -> None:
    clean, metal = water(), discs((0.0, -40.0), (0.0, 40.0))
    error = ct_error(clean, metal, PIXEL, Numbers([2]))[0, 0]
    middle = SIZE // 2
    between = error[middle - 1 : middle + 1, middle - 10 : middle + 10].mean()
    beside = error[middle - 40 : middle - 30, middle - 10 : middle + 10].mean()
    assert float(between) < -100
    assert abs(float(beside)) < 0.25 * abs(float(between))


def test_that_more_photons_leave_less_grain(monkeypatch: pytest.MonkeyPatch) -> None:
    clean, metal = water(), discs((0.0, 0.0))
    spread = []
    for photons in (1e5, 1e9):
        monkeypatch.setattr("medgan_viewer.lab.simulation.metal.PHOTONS", (photons, photons + 1))
        one, other = (ct_error(clean, metal, PIXEL, Numbers([seed])) for seed in (3, 4))
        spread.append(float((one - other).std()))
    assert spread[0] > 3 * spread[1]


def test_that_a_head_without_metal_has_no_error() -> None:
    nothing = Metal(torch.zeros(1, 1, SIZE, SIZE), torch.tensor([0.8]))
    assert not ct_error(water(), nothing, PIXEL, Numbers([5])).any()


def test_that_metal_begins_in_what_is_solid_and_is_nowhere_where_nothing_is() -> None:
    lines = [torch.arange(count) * step for count, step in ((5, 5.0), (64, 1.25), (64, 1.25))]
    middle = torch.stack(torch.meshgrid(*lines, indexing="ij")).expand(16, -1, -1, -1, -1)
    solid = torch.zeros(16, 5, 64, 64, dtype=torch.bool)
    solid[:15, 2, 20:30, 40:50] = True
    metal = grow_metal(middle, torch.tensor([[2.5, 0.0, 0.0]]).expand(16, -1), solid, 1, Numbers(range(16)))
    assert not metal.share[15].any()
    assert metal.share[:15, 2, 16:34, 36:54].amax(dim=(1, 2)).min() > 0.2
    assert float(metal.share.max()) <= 1.0
    assert metal.attenuation.min() > 10 * WATER
    again = grow_metal(middle[3:4], torch.tensor([[2.5, 0.0, 0.0]]), solid[3:4], 1, Numbers([3]))
    assert again.share.equal(metal.share[3:4])
