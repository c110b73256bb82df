"""Distances of sets of pictures against closed forms and what must hold for any distance."""

import pytest
import torch

from medgan_viewer.lab.evaluation.distances import density, energy_distance, layouts, nearest, textures


def test_that_the_energy_distance_of_two_points_is_twice_their_distance() -> None:
    a, b = torch.zeros(3, 2), torch.tensor([[3.0, 4.0]] * 2)
    assert energy_distance(a, b)[0] == pytest.approx((2 * 5.0) ** 0.5)
    assert energy_distance(a, a)[0] == 0


def test_that_every_patient_counts_alike() -> None:
    a = torch.tensor([[0.0], [0.0], [0.0], [10.0]])
    b = torch.tensor([[0.0], [10.0]])
    assert energy_distance(a, b, ["p", "p", "p", "q"])[0] == pytest.approx(0, abs=1e-6)
    assert energy_distance(a, b)[0] > 0.5


def test_that_the_bootstrap_holds_the_value_of_separate_sets() -> None:
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(60, 4, generator=generator)
    b = torch.randn(60, 4, generator=generator) + 3
    value, drawn = energy_distance(a, b, draws=200)
    assert len(drawn) == 200
    assert min(drawn) < value < max(drawn)


def test_that_density_is_about_one_for_one_distribution_and_nothing_far_away() -> None:
    generator = torch.Generator().manual_seed(0)
    real, more = torch.randn(2, 500, 2, generator=generator)
    assert density(real, more) == pytest.approx(1, abs=0.15)
    assert density(real, more + 100) == 0


def test_that_the_nearest_is_found() -> None:
    assert nearest(torch.tensor([[1.0], [9.0]]), torch.tensor([[0.0], [10.0], [4.0]])).tolist() == [1.0, 1.0]


def test_that_textures_tell_blurred_from_sharp_and_layouts_do_not() -> None:
    generator = torch.Generator().manual_seed(0)
    sharp = torch.rand(4, 1, 64, 64, generator=generator)
    blurred = torch.nn.functional.avg_pool2d(sharp, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    torch.testing.assert_close(layouts(sharp), layouts(blurred))
    assert textures(blurred)[:, :64].mean() < 0.5 * textures(sharp)[:, :64].mean()
