"""Counter-based random numbers: distributed as they should be, and each sample's its own."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from medgan_viewer.lab.simulation.numbers import Numbers


def test_that_uniform_numbers_are_uniform_and_independent_of_their_neighbours() -> None:
    drawn = Numbers([1, 2, 3]).uniform(shape=(20_000,)).numpy()
    for sample in drawn:
        assert stats.kstest(sample, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) < 0.03
    assert np.abs(np.corrcoef(drawn) - np.eye(3)).max() < 0.03


def test_that_normal_numbers_are_normal() -> None:
    drawn = Numbers([2**61 + 5]).normal((101, 199)).numpy().ravel()
    assert stats.kstest(drawn, "norm").pvalue > 1e-3
    assert drawn.std() == pytest.approx(1.0, abs=0.02)


def test_that_every_bit_of_a_seed_matters() -> None:
    first = Numbers([0]).uniform(shape=(64,))
    for bit in range(62):
        assert not Numbers([1 << bit]).uniform(shape=(64,)).equal(first), bit


def test_that_seeds_in_a_row_give_unlike_first_numbers() -> None:
    first = Numbers(list(range(4000))).uniform().numpy()
    assert stats.kstest(first, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.06


def test_that_a_sample_does_not_depend_on_its_batch() -> None:
    whole, alone = Numbers([7, 8, 9]), Numbers([8])
    for shape in ((), (3,), (4, 5)):
        assert whole.normal(shape)[1:2].equal(alone.normal(shape))
    assert whole.part([0, 2]).uniform(shape=(6,)).equal(whole.uniform(shape=(6,))[[0, 2]])


def test_that_a_sequence_does_not_repeat_itself() -> None:
    numbers = Numbers([3])
    assert not numbers.uniform(shape=(8,)).equal(numbers.uniform(shape=(8,)))


def test_that_ranges_are_kept() -> None:
    numbers = Numbers([11])
    assert set(numbers.integers(5, (2000,))[0].tolist()) == {0, 1, 2, 3, 4}
    spread = numbers.log_uniform(5e3, 2e5, (20_000,))
    assert 5e3 <= float(spread.min()) < float(spread.max()) < 2e5
    assert float(spread.log().mean()) == pytest.approx(0.5 * (math.log(5e3) + math.log(2e5)), abs=0.03)
    chosen = numbers.choice([1.0, 2.0, 4.0], [0.2, 0.5, 0.3], (20_000,))
    assert float((chosen == 2).float().mean()) == pytest.approx(0.5, abs=0.02)
    assert float((chosen == 4).float().mean()) == pytest.approx(0.3, abs=0.02)


def test_that_numbers_are_made_on_the_device_asked_for() -> None:
    numbers = Numbers([1, 2], "meta")
    made = (numbers.normal((3,)), numbers.integers(4), numbers.choice([0.0, 1.0], [0.5, 0.5]))
    assert {tensor.device for tensor in made} == {torch.device("meta")}
