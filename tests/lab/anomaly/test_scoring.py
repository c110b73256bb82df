"""The anomaly model's rows and thresholds, out of scores that are known."""

import numpy as np
import pytest

from medgan_viewer.lab.anomaly.evaluation import CaseScores, average_precision
from medgan_viewer.lab.anomaly.scoring import disease_rows, thresholds
from medgan_viewer.lab.evaluation.cards import calibration_lines


def case(seed: int) -> CaseScores:
    """Return a patient whose heat knows the truth, whose residual knows half of it and whose intensity nothing."""
    rng = np.random.default_rng(seed)
    truth = rng.random(400) < 0.1
    heat = truth + 0.1 * rng.random(400)
    noise = rng.random(400)
    return CaseScores(
        str(seed),
        {
            "heat": heat.astype(np.float32),
            "residual": (0.5 * truth + noise).astype(np.float32),
            "intensity": noise.astype(np.float32),
        },
        truth,
    )


def test_that_heat_residual_and_intensity_stand_beside_each_other_with_an_interval_over_patients() -> None:
    cases = [case(seed) for seed in range(9)]
    rows = {row["metric"]: row for row in disease_rows("glioma, FLAIR", cases)}
    mean = rows["AUPRC, mean of patients"]
    assert mean["model"] == 1.0
    assert mean["model"] > mean["residual"] > mean["baseline"]
    expected = np.mean([average_precision(one.scores["intensity"], one.truth) for one in cases])
    assert mean["baseline"] == pytest.approx(expected, abs=1e-3)
    assert (mean["n"], mean["spread"]) == (9, "95 % interval 1 to 1")
    assert rows["AUPRC, median patient"]["spread"].startswith("quartiles")


def test_that_a_threshold_lies_just_above_the_healthy_person_who_sets_it() -> None:
    levels = [n / 20 for n in range(19)]
    (entry,) = thresholds(levels, (0.05,))
    assert max(levels) < entry["threshold"] <= max(levels) + 2e-4
    assert thresholds(levels[:18], (0.05,)) == []


def test_that_the_card_says_which_thresholds_guarantee_nothing() -> None:
    entries = {"T1": [{"false_alarm_rate": 0.05, "threshold": 0.9, "guarantee": True}]}
    entries["FLAIR"] = [{"false_alarm_rate": 0.2, "threshold": 0.8, "guarantee": False}]
    lines = calibration_lines({"thresholds": entries, "words": ["The unit is the patient."]})
    assert "| T1 | 5 % | 0.900 | yes, on this scanner |" in lines
    assert "| FLAIR | 20 % | 0.800 | no: reference only |" in lines
    assert calibration_lines({}) == []
