"""Distances of sets of pictures against closed forms and what must hold for any distance."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from scipy import stats

from medgan_viewer.lab.evaluation.distances import density, energy_distance, layouts, nearest, textures


def test_that_the_energy_distance_of_two_points_is_twice_their_distance() -> None:
    a, b = torch.zeros(3, 2), torch.tensor([[3.0, 4.0]] * 2)
    assert energy_distance(a, b)[0] == pytest.approx((2 * 5.0) ** 0.5)
    assert energy_distance(a, a)[0] == 0


def by_hand(a: torch.Tensor, b: torch.Tensor, of_a: Sequence[str], of_b: Sequence[str]) -> float:
    """Return the square by its definition: a mean over pairs of different patients of means over their pictures."""

    def mean(x: torch.Tensor, y: torch.Tensor, p: Sequence[str], q: Sequence[str], same: bool) -> float:
        found = []
        for one in sorted(set(p)):
            for other in sorted(set(q)):
                mine = [x[i] for i in range(len(x)) if p[i] == one]
                his = [y[j] for j in range(len(y)) if q[j] == other]
                if not (same and one == other):
                    found.append(np.mean([[float((u - v).norm()) for v in his] for u in mine]))
        return float(np.mean(found))

    return (
        2 * mean(a, b, of_a, of_b, same=False) - mean(a, a, of_a, of_a, same=True) - mean(b, b, of_b, of_b, same=True)
    )


def test_that_it_is_the_definition_over_pairs_of_different_patients() -> None:
    generator = torch.Generator().manual_seed(1)
    a, b = torch.randn(9, 3, generator=generator), torch.randn(7, 3, generator=generator) + 1
    of_a, of_b = list("aaabbcccd"), list("wxxyyyz")
    assert energy_distance(a, b, of_a, of_b)[0] ** 2 == pytest.approx(by_hand(a, b, of_a, of_b), rel=1e-5)
    alone = energy_distance(a, b)[0] ** 2
    assert alone == pytest.approx(by_hand(a, b, [str(n) for n in range(9)], [str(n) for n in range(7)]), rel=1e-5)


def test_that_many_points_of_one_dimension_give_what_scipy_gives() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 2000), rng.normal(1, 1, 2000)
    found = energy_distance(torch.from_numpy(a)[:, None], torch.from_numpy(b)[:, None])[0]
    assert found == pytest.approx(stats.energy_distance(a, b), rel=2e-3)


def test_that_few_patients_of_one_distribution_are_on_average_at_no_distance() -> None:
    rng = np.random.default_rng(0)
    squares, sizes = [], []
    for _ in range(300):
        a, b = (torch.from_numpy(rng.normal(size=(6, 2))) for _ in range(2))
        squares.append(by_hand(a, b, list("abcdef"), list("abcdef")))
        sizes.append(energy_distance(a, b)[0])
    assert abs(np.mean(squares)) < 3 * np.std(squares) / np.sqrt(300)
    # Half of the squares are negative, and then there is no distance; with pairs of the same one none would be.
    assert np.mean(np.array(sizes) == 0) == pytest.approx(np.mean(np.array(squares) <= 0), abs=1e-9)
    assert np.mean(np.array(sizes) == 0) > 0.3


def test_that_every_patient_counts_alike() -> None:
    a = torch.tensor([[0.0], [0.0], [0.0], [10.0]])
    once = torch.tensor([[0.0], [10.0]])
    b = torch.tensor([[30.0], [50.0], [34.0]])
    assert energy_distance(a, b, ["p", "p", "p", "q"])[0] == pytest.approx(energy_distance(once, b)[0])
    assert energy_distance(a, b)[0] != pytest.approx(energy_distance(once, b)[0], abs=0.1)


def test_that_pictures_of_one_patient_are_all_there_is_to_compare() -> None:
    a, b = torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[10.0], [12.0]])
    square = 2 * 9 - 8 / 3 - 2
    assert energy_distance(a, b, ["p"] * 3, ["q"] * 2)[0] == pytest.approx(square**0.5)


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
