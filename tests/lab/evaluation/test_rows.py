"""Rows of an evaluation: means, intervals over patients, and what stands beside what."""

import numpy as np
import pytest

from medgan_viewer.lab.evaluation import rows


def test_that_few_patients_give_their_range_and_many_an_interval() -> None:
    few = rows.row("a", "b", "dB", {"model": [1.0, 3.0], "baseline": [0.0, 1.0]})
    assert (few["model"], few["baseline"], few["n"], few["spread"]) == (2.0, 0.5, 2, "patients 1 to 3")
    assert few["interval"] == [1.0, 3.0]
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


def test_that_the_exact_interval_is_that_of_the_tables() -> None:
    assert rows.exact_interval(0, 14) == pytest.approx((0.0, 0.2316), abs=1e-4)
    assert rows.exact_interval(1, 20) == pytest.approx((0.0013, 0.2487), abs=1e-4)
    assert rows.exact_interval(5, 5) == pytest.approx((0.4782, 1.0), abs=1e-4)


def test_that_a_share_of_things_that_belong_to_patients_is_as_sure_as_there_are_patients() -> None:
    rng = np.random.default_rng(0)
    of = rng.integers(1, 20, 300)
    hits = rng.binomial(of, rng.beta(0.5, 0.5, 300))
    said, (low, high) = rows.share(list(zip(hits.tolist(), of.tolist(), strict=True)))
    assert said == "95 % interval"
    # The error of a ratio of sums over patients (Cochran, Sampling Techniques, 1977, equation 6.13).
    ratio = hits.sum() / of.sum()
    error = np.sqrt(((hits - ratio * of) ** 2).sum() / (300 * 299)) / of.mean()
    assert (low, high) == pytest.approx((ratio - 1.96 * error, ratio + 1.96 * error), abs=0.005)
    naive = rows.exact_interval(int(hits.sum()), int(of.sum()))
    assert high - low > 2 * (naive[1] - naive[0])


def test_that_a_share_is_exact_where_each_patient_has_one_thing_and_a_range_where_patients_are_few() -> None:
    assert rows.share([(1, 1), *[(0, 1)] * 19, (0, 0)]) == ("95 % interval", rows.exact_interval(1, 20))
    assert rows.share([(0, 4), (1, 10)]) == ("patients", (0.0, 0.1))
    assert rows.share([]) == ("95 % interval", (0.0, 1.0))
    # Nothing found in anybody: drawing patients would say that nothing ever is.
    assert rows.share([(0, 9)] * 10)[1] == rows.exact_interval(0, 10)
    assert rows.share([(9, 9)] * 10)[1] == rows.exact_interval(10, 10)


def test_that_only_what_was_measured_gets_a_column() -> None:
    made = [{"model": 1, "baseline": 2}, {"model": 1, "real": 3}]
    assert list(rows.columns(made)) == ["model", "baseline", "real"]
