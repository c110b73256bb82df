"""Rows of an evaluation: means, intervals over patients, and what stands beside what."""

import numpy as np
import pytest

from medgan_viewer.lab.evaluation import rows


def test_that_few_patients_give_their_range_and_many_an_interval() -> None:
    few = rows.row("a", "b", "dB", {"model": [1.0, 3.0], "baseline": [0.0, 1.0]})
    assert (few["model"], few["baseline"], few["n"], few["spread"]) == (2.0, 0.5, 2, "patients 1 to 3")
    assert rows.spread([1.0] * 7, "heads") == "heads 1 to 1"
    assert rows.spread([float(n) for n in range(8)]).startswith("95 % interval")


def test_that_the_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 400).tolist()
    low, high = rows.interval(values)
    # Of a mean of many values: 1.96 standard errors on each side.
    error = np.std(values) / np.sqrt(len(values))
    assert low == pytest.approx(np.mean(values) - 1.96 * error, abs=0.05)
    assert high == pytest.approx(np.mean(values) + 1.96 * error, abs=0.05)
    assert rows.interval(values) == (low, high)


def test_that_only_what_was_measured_gets_a_column() -> None:
    made = [{"model": 1, "baseline": 2}, {"model": 1, "real": 3}]
    assert list(rows.columns(made)) == ["model", "baseline", "real"]
