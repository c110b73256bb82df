"""The exam of anomaly models: its numbers on patients that were built so that every answer is known."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly.calibration import IN_PLANE, IN_SPACE, conformal_threshold, highest_threshold
from medgan_viewer.lab.anomaly.measures import average_precision
from medgan_viewer.lab.evaluation.cards import calibration_lines, card
from medgan_viewer.lab.evaluation.exams import real_anomaly
from medgan_viewer.lab.evaluation.exams.anomaly_scores import (
    AtThreshold,
    Judged,
    Pooled,
    at_threshold,
    finding_pixels,
    findings,
    level,
)
from medgan_viewer.lab.evaluation.exams.real import AnomalyTest, load_patient_exam
from medgan_viewer.lab.evaluation.exams.real_anomaly import Healthy, calibration, examine, protocol, rows_of, thresholds
from medgan_viewer.lab.evaluation.scoring import exam_of, scorer_of
from medgan_viewer.lab.recipe import Choice, Scoring, load_recipe
from medgan_viewer.models.manifest import read_package

TEST = AnomalyTest(0.05, 1.0, 1.0, (0.01, 0.005), 10.0)
SPACING = (5.0, 2.0, 2.0)
"""mm: 1 cm² are 25 pixels, 1 ml 50 voxels."""


def patient(name: str = "P", **values: Any) -> Judged:
    """Return a patient of five slices of 40² pixels; a tumour of 6 × 6 pixels in the middle one, the heat on it 0.9."""
    shape = (5, 40, 40)
    truth = np.zeros(shape, dtype=bool)
    truth[2, 10:16, 10:16] = True
    heat = np.where(truth, np.float32(0.9), np.float32(0.1))
    plain = np.zeros(shape, dtype=np.float32)
    given = {
        "scores": {"model": heat, "residual": heat / 2, "baseline": plain},
        "region": np.ones(shape, dtype=bool),
        "truth": truth,
        "spacing": SPACING,
        "apart": True,
    }
    return Judged(name, **{**given, **values})


def test_that_a_finding_has_an_area_in_slices_that_lie_apart_and_else_a_volume() -> None:
    assert finding_pixels(TEST, SPACING, apart=True) == 25
    assert finding_pixels(TEST, SPACING, apart=False) == 50
    assert finding_pixels(TEST, (5.0, 1.25, 1.25), apart=True) == 64


def test_that_only_connected_findings_of_the_size_inside_the_region_count() -> None:
    one = patient()
    assert findings(one, "model", 0.5, 36).sum() == 36
    assert not findings(one, "model", 0.5, 37).any()
    outside = replace(one, region=~one.truth)
    assert not findings(outside, "model", 0.5, 1).any()
    two_slices = np.zeros_like(one.truth)
    two_slices[2:4, 10:16, 10:16] = True
    deep = patient(scores={"model": two_slices.astype(np.float32)}, apart=False)
    assert findings(deep, "model", 0.5, 72).sum() == 72
    assert not findings(replace(deep, apart=True), "model", 0.5, 72).any()


def test_that_the_level_is_where_the_last_finding_goes_and_other_slices_are_left_out() -> None:
    heat = np.zeros((5, 40, 40), dtype=np.float32)
    heat[0, :5, :5], heat[0, 0, 0], heat[2, :6, :6] = 0.4, 0.8, 0.7
    one = patient(scores={"model": heat})
    assert level(one, "model", 25) == pytest.approx(0.7)
    assert level(one, "model", 25, np.array([True, True, False, True, True])) == pytest.approx(0.4)
    assert findings(one, "model", 0.4, 25).any()
    assert not findings(one, "model", 0.7, 25).any()


def test_that_few_values_are_sorted_and_the_threshold_found_is_that_of_all() -> None:
    score = np.random.default_rng(0).random((4, 60, 60)).astype(np.float32)
    score[1, 20:30, 20:30] = np.float32(0.05)
    for pixels, structure in ((2, IN_SPACE), (300, IN_PLANE), (10_000, IN_SPACE)):
        found = highest_threshold(score, pixels, structure)
        assert _largest(score >= found, structure) >= pixels
        assert _largest(score > found, structure) < pixels
    assert highest_threshold(score, score.size + 1, IN_SPACE) == -math.inf
    assert highest_threshold(np.full((1, 3, 3), -np.inf), 1, IN_SPACE) == -math.inf


def _largest(mask: Any, structure: Any) -> int:
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=structure)
    return max(np.bincount(labels.ravel())[1:], default=0)


def test_that_a_patient_is_scored_by_findings_and_alarmed_about_only_where_there_is_no_disease() -> None:
    fared = at_threshold(patient(), "model", 0.5, 25)
    assert (fared.dice, fared.found, fared.lesions, fared.alarm) == (1.0, 1, 1, False)
    assert at_threshold(patient(), "baseline", 0.5, 25).dice == 0.0
    heat = patient().scores["model"].copy()
    heat[3, 20:26, 20:26] = 0.9  # beside the tumour's slice: neither an alarm nor right
    beside = at_threshold(patient(scores={"model": heat}), "model", 0.5, 25)
    assert beside.alarm is False
    assert beside.dice == pytest.approx(2 * 36 / (36 + 72))
    heat[0, 20:26, 20:26] = 0.9
    assert at_threshold(patient(scores={"model": heat}), "model", 0.5, 25).alarm is True
    assert at_threshold(patient(apart=False), "model", 0.5, 20).alarm is None
    healthy = at_threshold(patient(truth=np.zeros((5, 40, 40), dtype=bool)), "model", 0.95, 25)
    assert math.isnan(healthy.dice)
    assert (healthy.lesions, healthy.alarm) == (0, False)


def test_that_crumbs_of_an_outline_are_no_lesions() -> None:
    truth = patient().truth.copy()
    truth[4, 30, 30] = True
    assert at_threshold(patient(truth=truth), "model", 0.5, 25).lesions == 1


def test_that_pooled_numbers_are_those_of_all_pixels_and_lie_in_their_interval() -> None:
    rng = np.random.default_rng(1)
    people = []
    for number in range(9):
        truth = patient().truth
        noisy = (truth * 0.6 + rng.random(truth.shape)).astype(np.float32)
        people.append(patient(str(number), scores={"model": noisy}))
    pooled = Pooled(people, "model")
    scores = np.concatenate([one.scores["model"].ravel() for one in people])
    truth = np.concatenate([one.truth.ravel() for one in people])
    assert pooled.auprc == pytest.approx(average_precision(scores, truth))
    limit = np.sort(scores[~truth])[-round(0.01 * (~truth).sum())]
    chosen = scores >= limit
    assert pooled.dice_at(0.01) == pytest.approx(2 * (chosen & truth).sum() / (chosen.sum() + truth.sum()), abs=0.01)
    for value, (low, high) in zip((pooled.auprc, pooled.dice_at(0.01)), pooled.intervals([0.01]), strict=True):
        assert low < value < high
        assert high - low < 0.2


def test_that_a_perfect_score_has_everything_and_a_flat_one_the_share_of_the_ill() -> None:
    pooled = Pooled([patient()], "model")
    assert pooled.auprc == 1.0
    assert pooled.intervals([0.01])[0] == pytest.approx((1.0, 1.0))
    assert Pooled([patient()], "baseline").auprc == pytest.approx(36 / 8000)


def test_that_rows_hold_every_score_and_the_table_every_patient() -> None:
    people = [patient(str(number)) for number in range(8)]
    made, table = rows_of("glioma, FLAIR, test", people, TEST, dict.fromkeys(("model", "residual", "baseline"), 0.5))
    by_metric = {row["metric"]: row for row in made}
    assert by_metric["AUPRC"]["model"] == by_metric["AUPRC, mean of patients"]["residual"] == 1.0
    assert by_metric["Dice at 1 % false-positive pixels"]["baseline"] == 0.0
    found = by_metric["share of lesions found, at 5 % of healthy people alarmed"]
    assert (found["model"], found["residual"], found["n"]) == (100.0, 0.0, 8)
    alarms = by_metric["false-alarm rate on slices without disease, at 5 % of healthy people alarmed"]
    assert (alarms["model"], alarms["spread"]) == (0.0, "0 of 8 patients; 95 % interval 0 to 36.9")
    assert len(table["lines"]) == 8
    assert table["lines"][0] == ["0", "1.000", "1.000", "1 of 1", "no"]


def healthy_people(count: int) -> Healthy:
    """Return people whose hottest finding is 0.01, 0.02, …"""
    found = Healthy()
    nothing = np.zeros((5, 40, 40), dtype=bool)
    for number in range(1, count + 1):
        heat = np.zeros((5, 40, 40), dtype=np.float32)
        heat[1, 5:25, 5:25] = number / 100
        one = patient(truth=nothing, scores={"model": heat}, apart=False, heat=heat)
        found.add(one, "T1", finding_pixels(TEST, SPACING, apart=False))
    return found


def test_that_the_threshold_is_the_conformal_one_of_the_healthy_and_infinite_where_they_are_too_few() -> None:
    found = healthy_people(24)
    levels = found.levels["T1"]["model"]
    assert levels == pytest.approx([number / 100 for number in range(1, 25)])
    assert found.threshold("T1", "model", 0.05) == conformal_threshold(levels, 0.05)
    assert found.threshold("T1", "model", 0.01) == math.inf
    assert found.threshold("FLAIR", "model", 0.05) == math.inf


def test_that_what_the_card_says_of_healthy_people_is_guaranteed_and_of_patients_a_reference() -> None:
    found = healthy_people(20)
    ill = patient(heat=patient().scores["model"])
    for _ in range(20):
        found.add(ill, "FLAIR", 25)
    said = calibration(found)
    assert list(said["healthy_maxima"]) == ["T1"]
    assert said["guarantee"]["FLAIR"] is False
    assert "no healthy people" in said["reference"]["FLAIR"]
    assert [entry["guarantee"] for entry in said["thresholds"]["FLAIR"]] == [False] * 5
    assert all(entry["guarantee"] for entry in said["thresholds"]["T1"])
    # Of a patient with a tumour only the slices far from it are taken.
    assert found.levels["FLAIR"]["model"] == pytest.approx([0.1] * 20)
    lines = calibration_lines(said)
    assert any(line.startswith("| FLAIR | 5 % |") and line.endswith("no: reference only |") for line in lines)


def test_that_lesions_of_one_patient_do_not_count_as_so_many_patients() -> None:
    large = AtThreshold(0.5, 0, 10, None)
    many = {"model": [*[large] * 5, *[replace(large, found=10)] * 5]}
    (_, row) = real_anomaly._at_rate("ms", many, 0.05)
    assert (row["model"], row["n"]) == (50.0, 100)
    # Ten patients, half of whom have all their lesions found: as sure as ten coins are, not as a hundred.
    low, high = row["interval"]
    assert low <= 20
    assert high >= 80
    two = {"model": [large, replace(large, found=4)]}
    assert real_anomaly._at_rate("ms", two, 0.05)[1]["spread"] == "4 of 20 lesions; patients 0 to 40"


def test_that_a_threshold_lies_just_above_the_healthy_person_who_sets_it() -> None:
    levels = [n / 20 for n in range(19)]
    (entry,) = thresholds(levels, (0.05,))
    assert max(levels) < entry["threshold"] <= max(levels) + 2e-4
    assert thresholds(levels[:18], (0.05,)) == []


def test_that_the_card_shows_the_table_of_every_patient() -> None:
    manifest = {
        "id": "n",
        "task": "anomaly",
        "name": "N",
        "description": "D.",
        "intended_use": "Research only.",
        "limits": [],
        "evaluation": {"protocol": "P", "rows": []},
    }
    table = {"title": "Every patient: glioma", "head": ["patient", "Dice"], "lines": [["P1", "0.500"]]}
    text = card(manifest, {"made": {"how": "h", "record": "r"}, "rows": [], "tables": [table]})
    assert "## Every patient: glioma\n\n| patient | Dice |\n|---|---|\n| P1 | 0.500 |\n" in text


def test_that_the_protocol_names_who_is_tested_and_what_the_model_does_not_take() -> None:
    exam = load_patient_exam("head-anomaly")
    words = protocol(exam, {"contrasts": ["FLAIR"]})
    assert "14 patients with glioma and 2 patients with multiple sclerosis" in words
    assert "The exam also has T1, which this model does not take." in words
    assert "does not take" not in protocol(exam, {"contrasts": ["T1", "FLAIR"]})


def test_that_every_anomaly_model_sits_the_exam_and_tumours_have_their_own() -> None:
    exams = {"head-anomaly": "head-anomaly", "head-anomaly-lgg": "head-anomaly", "lgg-tumour": "lgg-tumour"}
    for name, exam in exams.items():
        recipe = load_recipe(resources.path("recipes", f"{name}.toml"))
        assert exam_of(replace(recipe, evaluation=Scoring())) == exam
        assert scorer_of(recipe)
    assert exam_of(replace(recipe, data=Choice("folders"))) == ""


def test_that_a_model_of_another_task_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_anomaly, "Modes", None)
    package = read_package(resources.path("models", "head-anatomy"))
    with pytest.raises(UsageError, match="makes nothing that the exam head-anomaly asks for"):
        examine(load_patient_exam("head-anomaly"), {"model": package}, resources.path("models"))
