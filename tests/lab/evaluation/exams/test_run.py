"""What an exam makes of somebody who knows everything, of one who deletes lesions, and of one who invents them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import cards
from medgan_viewer.lab.evaluation.exams import run
from medgan_viewer.lab.evaluation.exams.candidates import Made, check_fit
from medgan_viewer.lab.evaluation.exams.definition import Exam, load_exam
from medgan_viewer.lab.evaluation.exams.failures import write_failures
from medgan_viewer.lab.evaluation.exams.lesions import Planned, Region
from medgan_viewer.lab.evaluation.exams.scans import PICTURES, Found, Patient, Scan
from medgan_viewer.models.manifest import Requirements

SHAPE = (6, 80, 80)


def scan(*, ill: bool, seed: int) -> Scan:
    """Return a head of white matter and bone, with a bleeding of 20 HU over the brain around it, or without."""
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    away = np.hypot(rows - 40, columns - 40)
    segmentation = np.where(away < 30, 1, np.where(away < 36, 10, 0)).astype(np.uint8)[None].repeat(SHAPE[0], axis=0)
    rng = np.random.default_rng(seed)
    ct = np.select([segmentation == 1, segmentation == 10], [30, 1000], -1000) + rng.normal(0, 2, SHAPE)
    inside = np.zeros(SHAPE, bool)
    inside[2:4, 30:36, 30:36] = True
    ring = np.zeros(SHAPE, bool)
    ring[2:4, 27:39, 27:39] = True
    ring &= ~inside
    healthy: NDArray[np.int16] = np.round(ct).astype(np.int16)
    with_lesion = np.where(inside & ill, healthy + 20, healthy).astype(np.int16)
    region = Region(np.nonzero(inside), np.nonzero(ring))
    plans = [Planned(1, "blood", 7.5), Planned(2, "blood", 7.5, "fresh bleeding of 10 mm"), Planned(3, "blood", 9.0)]
    clear, faint = (dict.fromkeys(PICTURES, noise) for noise in (5.0, 1.0))
    contrast = {"target": dict.fromkeys(PICTURES, 20.0), "without": dict.fromkeys(PICTURES, 0.0)}
    found = tuple(
        Found(plan, region, noise, **contrast) for plan, noise in zip(plans, (clear, faint, faint), strict=True)
    )
    return Scan(
        inputs=dict.fromkeys(PICTURES, with_lesion),
        targets=dict.fromkeys(PICTURES, with_lesion),
        segmentation=segmentation,
        spacing=(5.0, 1.25, 1.25),
        scored=tuple(range(SHAPE[0])),
        free=dict.fromkeys(PICTURES, healthy) if ill else {},
        found=found if ill else (),
    )


def someone(number: int) -> Patient:
    scans = {"easy": scan(ill=False, seed=2 * number), "hard": scan(ill=True, seed=2 * number + 1)}
    return Patient(f"patient {number + 1:02d}", 17, scans)


PATIENTS = [someone(number) for number in range(8)]


class Sitter:
    """Answers with the picture that goes in, which is the truth here, bent as it was told."""

    precision = "fp32"
    level: float | None = None
    sober: "Sitter | None" = None

    def __init__(self, how: str = "truth") -> None:
        self.how = how

    def __call__(
        self, inputs: Mapping[str, NDArray[np.int16]], names: Sequence[str], spacing: Any, asked: Sequence[int]
    ) -> Made:
        picture = inputs[names[0]][list(asked)].astype(np.float32)
        if self.how == "flat":
            picture[(picture > 0) & (picture < 100)] = 30
        if self.how == "inventing":
            picture[:, 30:36, 30:36] = 50
        if self.how == "worse":
            picture = picture + 10
        bounds = {"CT, low": picture - 1, "CT, high": picture + 1} if self.how == "sober" else {}
        return {**bounds, "CT": picture, "segmentation": np.where(picture > 500, 10, np.where(picture > -500, 1, 0))}


@pytest.fixture
def exam() -> Exam:
    whole = load_exam("head-mr-to-ct")
    return replace(whole, inputs=(("T1",),), scans=replace(whole.scans, patients=len(PATIENTS)))


def examined(exam: Exam, how: str, twin: str = "") -> tuple[dict[str, Any], Any]:
    """Return what examine makes of sitters in the place of packages."""
    packages: Any = {"model": how, **({"twin": twin} if twin else {})}
    with (
        patch.object(run, "check_fit", lambda exam, package: exam.targets),
        patch.object(run, "Packaged", Sitter),
        patch.object(run, "look_up_table", lambda *_: Sitter("worse")),
        patch.object(run, "baseline_folder", lambda *_: Path()),
        patch.object(run, "patients", lambda *_: everyone()),
    ):
        return run.examine(exam, packages, Path())


def everyone() -> Iterator[Patient]:
    yield from PATIENTS


def by_metric(evaluation: Mapping[str, Any], setting: str) -> dict[str, Any]:
    return {row["metric"]: row for row in evaluation["rows"] if row["setting"] == f"T1 → CT, {setting}"}


def test_that_who_knows_the_truth_scores_perfectly_beside_a_worse_table(exam: Exam) -> None:
    evaluation, _ = examined(exam, "truth", "flat")
    easy, hard = by_metric(evaluation, "easy"), by_metric(evaluation, "hard")
    assert (easy["MAE in head"]["model"], easy["MAE in head"]["baseline"]) == (0.0, 10.0)
    assert 0 < easy["MAE in head"]["twin"] < 10
    assert easy["bone Dice"]["model"] == 1.0
    assert easy["SSIM in head"]["model"] == 1.0
    assert easy["MAE in head"]["n"] == 8
    assert easy["MAE in head"]["patients"]["baseline"]["patient 08"] == 10.0
    assert hard["reproduced: lesions of all sizes"]["model"] == 100.0
    assert hard["inserted where there is none"]["model"] == 0.0
    goals = {(goal["metric"], goal["setting"]): goal["reached"] for goal in evaluation["goals"]}
    assert goals["MAE in head", "hard"] == [{"setting": "T1 → CT, hard", "model": 0.0, "met": True}]
    assert goals["reproduced: fresh bleeding of 10 mm", "hard"][0]["met"]
    assert not goals["reproduced: oedema of 20 HU", "hard"]
    assert evaluation["precision"] == "fp32"


def test_that_psnr_takes_the_targets_peak_over_air_for_its_range(exam: Exam) -> None:
    evaluation, _ = examined(exam, "worse")
    truth = PATIENTS[0].scans["easy"]
    peak = np.percentile(truth.targets["CT"][truth.segmentation > 0], 99.5)
    expected = 20 * np.log10((peak + 1000) / 10)
    row = by_metric(evaluation, "easy")["PSNR in head"]
    assert row["patients"]["model"]["patient 01"] == pytest.approx(expected, abs=1e-3)
    assert "95 % interval" in row["spread"]


def test_that_a_model_that_can_be_sober_is_its_own_twin_whose_interval_is_measured(exam: Exam) -> None:
    with patch.object(Sitter, "sober", Sitter("sober")), patch.object(Sitter, "level", 0.9):
        evaluation, _ = examined(exam, "worse")
    hard = by_metric(evaluation, "hard")
    assert (hard["MAE in head"]["model"], hard["MAE in head"]["twin"]) == (10.0, 0.0)
    assert hard["truth inside the 90 % interval"]["model"] == 100.0
    assert "told to be sober" in evaluation["protocol"]
    assert not any("interval" in row["metric"] for row in examined(exam, "worse")[0]["rows"])


def test_that_faint_lesions_do_not_count_but_named_ones_do(exam: Exam) -> None:
    hard = by_metric(examined(exam, "truth")[0], "hard")
    assert hard["reproduced: lesions of all sizes"]["n"] == 8
    assert hard["reproduced: lesions under 8 mm"]["n"] == 8
    assert "reproduced: lesions from 8 mm" not in hard
    assert hard["reproduced: fresh bleeding of 10 mm"]["n"] == 8


def test_that_who_deletes_lesions_is_found_out(exam: Exam, tmp_path: Path) -> None:
    evaluation, worst = examined(exam, "flat")
    hard = by_metric(evaluation, "hard")
    assert hard["reproduced: lesions of all sizes"]["model"] == 0.0
    assert hard["reproduced: fresh bleeding of 10 mm"]["spread"] == "95 % interval 0 to 36.9; 0 of 8 lesions"
    assert "largest lesion that was lost" in worst[-1].sentence
    assert not any(
        one["met"] for goal in evaluation["goals"] if "bleeding" in goal["metric"] for one in goal["reached"]
    )
    written = write_failures(worst, tmp_path, "some-model")
    assert 0 < len(written) <= 3
    for failure in written:
        path = tmp_path / failure["file"]
        assert path.stat().st_size <= 60_000
        with Image.open(path) as picture:
            assert picture.info["Synthetic"] == "YES"


def test_that_who_invents_lesions_is_found_out(exam: Exam) -> None:
    hard = by_metric(examined(exam, "inventing")[0], "hard")
    assert hard["inserted where there is none"]["model"] == 100.0
    assert hard["reproduced: lesions of all sizes"]["model"] == 100.0


def test_that_segments_are_scored_with_the_mean_of_the_main_ones(exam: Exam) -> None:
    parts = replace(load_exam("head-anatomy"), inputs=(("CT",),), scans=exam.scans, main_segments=("Bone",))
    evaluation, worst = examined(parts, "truth")
    rows = {(row["setting"], row["metric"]): row for row in evaluation["rows"]}
    assert rows["CT → segmentation, hard", "Dice: mean of the main segments"]["model"] == 1.0
    assert rows["CT → segmentation, easy", "Dice: Bone"]["n"] == 8
    assert not any("lesions" in metric for _, metric in rows)
    assert "Dice of each segment" in evaluation["protocol"]
    assert not any("segmentation" in failure.sentence for failure in worst)


def test_that_the_protocol_says_how_many_heads_are_behind_the_patients(exam: Exam) -> None:
    said = run.protocol(exam, exam.targets)
    assert "8 patients simulated from the 4 heads 17–20" in said
    assert exam.digest[:12] in said
    three = load_exam("head-ct-to-mr")
    assert "also asks for FLAIR, which this model does not make" in run.protocol(three, ("T1", "T2"))


def test_that_slices_with_metal_are_scored_beside_themselves_without_it_and_meet_no_goal(exam: Exam) -> None:
    def metallic(patient: Patient) -> Patient:
        one = patient.scans["easy"]
        streaked = dict.fromkeys(PICTURES, np.where(one.segmentation == 1, one.inputs["T1"] + 50, one.inputs["T1"]))
        scan = replace(one, inputs=streaked, free=one.inputs, scored=(1, 4), with_metal=True)
        return Patient(patient.name, patient.head, {"easy": scan, "hard": scan})

    with patch(f"{__name__}.PATIENTS", [metallic(one) for one in PATIENTS]):
        evaluation, worst = examined(exam, "truth")
    for name in ("easy", "hard"):
        streaks = by_metric(evaluation, f"{name} with metal")["MAE in head"]
        without = by_metric(evaluation, f"{name}, that metal left out")["MAE in head"]
        assert 10 < streaks["model"] < 50
        assert (without["model"], without["baseline"]) == (0.0, 10.0)
        assert not by_metric(evaluation, name)
    assert not any(goal["reached"] for goal in evaluation["goals"])
    assert not worst
    said = run.protocol(load_exam("head-ct-to-mr-metal"), ("T1",))
    assert "one to 4 pieces of metal" in said
    assert "the same slices with the metal left out" in said


def test_that_a_model_of_another_kind_is_refused(exam: Exam) -> None:
    output = SimpleNamespace(modality="MR", contrast="T1")
    one_series = Requirements("HEAD", ("MR",), (), "axial", 8.0)
    manifest = SimpleNamespace(task="synthesis", images=(output,), requires=one_series)
    package: Any = SimpleNamespace(id="other", manifest=manifest)
    with pytest.raises(UsageError, match="other makes nothing that the exam head-mr-to-ct asks for"):
        check_fit(exam, package)
    assert check_fit(load_exam("head-ct-to-mr"), package) == ("T1",)
    with pytest.raises(UsageError, match="takes another number of series than the exam mr-contrast-two gives"):
        check_fit(load_exam("mr-contrast-two"), package)


def test_that_goals_and_failures_stand_on_the_card(exam: Exam) -> None:
    evaluation, worst = examined(exam, "flat")
    manifest = {
        "id": "a",
        "task": "synthesis",
        "name": "A",
        "description": "B.",
        "intended_use": "Research only.",
        "limits": ["C."],
        "evaluation": evaluation,
    }
    made = {"how": "Trained.", "about": "", "record": "Seed 0.", "remarks": ["Seen."]}
    failures = [{"file": f"failure_{n}.png", "sentence": one.sentence} for n, one in enumerate(worst, start=1)]
    speed = {"seconds_a_slice": 0.05, "size": 192, "machine": "x86_64", "precision": "bf16", "megabytes": 600}
    text = cards.card(manifest, {**evaluation, "made": made, "failures": failures, "speed": speed})
    for words in (
        "at most 55",
        "**no**",
        "failure_1.png",
        "0.05 s of one CPU core",
        "600 MB",
        "Seed 0.",
        "- C.",
        "Seen.",
    ):
        assert words in text
    assert all(str(row["model"]) in text for row in evaluation["rows"])
