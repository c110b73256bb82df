"""What an exam on real patients makes of somebody who knows everything, and of who copies the input."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import nifti
from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.evaluation.exams import real_runs, real_synthesis
from medgan_viewer.lab.evaluation.exams.candidates import Made
from medgan_viewer.lab.evaluation.exams.definition import Exam
from medgan_viewer.lab.evaluation.exams.real import PatientExam, PatientSet, beside, load_patient_exam
from medgan_viewer.lab.evaluation.exams.real_patients import person, read_scan
from medgan_viewer.models.manifest import Input, Requirements

TESTED = ("ill0", "ill1")
LESION = (slice(2, 4), slice(20, 26), slice(20, 26))


def pictures(seed: int) -> dict[str, NDArray[np.uint8]]:
    """Return T1 and FLAIR of a head of two tissues that T1 tells apart, and a lesion that T1 hardly shows."""
    rows, columns = np.mgrid[:48, :48] - 23.5
    away = np.hypot(rows, columns)
    noise = np.random.default_rng(seed).integers(0, 3, (6, 48, 48))
    t1 = np.select([away < 12, away < 20], [180, 120], 0) + noise * (away < 20)
    flair = np.select([away < 12, away < 20], [90, 140], 0) + noise * (away < 20)
    mask = np.zeros(t1.shape, np.uint8)
    mask[LESION] = 1
    flair = np.where(mask, 220, flair)
    return {"t1": t1.astype(np.uint8), "flair": flair.astype(np.uint8), "mask": mask}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with an archive of the layout of `lgg`: two patients for testing, three others."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "lgg").mkdir()
    index = {}
    for number, name in enumerate((*TESTED, "well0", "well1", "well2")):
        np.savez(folder / "lgg" / f"{name}.npz", **pictures(number))  # type: ignore[arg-type]  # numpy's stubs
        index[name] = {"split": "test" if name in TESTED else "train", "has_t1": name != "well2"}
    (folder / "lgg" / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


EXAM = PatientExam(
    "small", "synthesis", (), (PatientSet("test", "lgg", TESTED, (("T1",),), "mask"),), targets=("FLAIR",), text="small"
)


class Sitter:
    """Answers with the true FLAIR in a unit of its own, or with the T1."""

    precision = "fp32"
    level: float | None = 0.9
    sober: "Sitter | None" = None

    def __init__(self, how: str = "FLAIR") -> None:
        self.how = how

    def __call__(
        self, inputs: Mapping[str, NDArray[np.int16]], names: Sequence[str], spacing: Any, asked: Sequence[int]
    ) -> Made:
        assert tuple(names) == ("T1",)
        picture = 7.0 * inputs[self.how][list(asked)]
        return {"FLAIR": picture, "FLAIR, low": picture - 7, "FLAIR, high": picture + 7}


def package(identifier: str, *inputs: str) -> Any:
    manifest = SimpleNamespace(
        task="synthesis",
        images=(SimpleNamespace(modality="MR", contrast="FLAIR"),),
        requires=Requirements("HEAD", ("MR",), ("T1",), "axial", 8.0, tuple(Input("MR", (one,)) for one in inputs)),
        weights_sha256="0" * 64,
    )
    return SimpleNamespace(id=identifier, manifest=manifest)


def rows_of(data: Path, how: str) -> dict[str, Any]:
    with patch.object(real_synthesis, "Packaged", lambda _: Sitter(how)):
        found = real_synthesis.examine(EXAM, {"model": package("some")}, data)
    assert {row["setting"] for row in found["rows"]} == {"T1 → FLAIR, real patients (lgg)"}
    return {row["metric"]: row for row in found["rows"]}


def test_that_who_knows_the_truth_is_perfect_in_any_unit(data: Path) -> None:
    rows = rows_of(data, "FLAIR")
    assert rows["MAE in head"]["model"] == pytest.approx(0, abs=1e-3)
    assert rows["SSIM in head"]["model"] == pytest.approx(1, abs=1e-3)
    assert rows["contrast of tumour that is kept"]["model"] == pytest.approx(100, abs=0.1)
    assert rows["truth inside the 90 % interval"]["model"] == 100
    assert rows["PSNR in head"]["n"] == 2
    assert set(rows["PSNR in head"]["patients"]["model"]) == set(TESTED)
    assert rows["PSNR in head"]["spread"].startswith("ill0 ")


def test_that_the_table_knows_the_tissues_of_other_patients_and_no_lesion(data: Path) -> None:
    rows = rows_of(data, "T1")
    # The right contrast of two tissues is worth more than a picture of the wrong one.
    assert rows["PSNR in head"]["baseline"] > rows["PSNR in head"]["model"] + 3
    assert abs(rows["contrast of tumour that is kept"]["baseline"]) < 40


def test_that_a_table_of_few_patients_is_fitted_on_the_others(data: Path) -> None:
    table = real_synthesis._Table(["T1"], ["FLAIR"], set(TESTED))
    own, other = (read_scan(data, "lgg", name, ["T1", "FLAIR"]) for name in TESTED)
    table.learn(own)
    bright = other.pictures["FLAIR"].copy()
    bright[bright > 0] = 250
    other.pictures["FLAIR"][:] = bright
    table.learn(other)
    made = table(own, [1])["FLAIR"][0]
    inside = own.pictures["T1"][1] > 0
    assert made[inside].std() < 0.05 * made[inside].mean()


def test_that_one_patient_alone_has_his_numbers_and_no_table(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "lgg", tmp_path / "lgg")
    index = json.loads((tmp_path / "lgg" / "index.json").read_text(encoding="utf-8"))
    (tmp_path / "lgg" / "index.json").write_text(json.dumps({"ill0": index["ill0"]}), encoding="utf-8")
    alone = PatientExam(
        "alone", "synthesis", (), (PatientSet("test", "lgg", ("ill0",), (("T1",),)),), targets=("FLAIR",)
    )
    with patch.object(real_synthesis, "Packaged", lambda _: Sitter()):
        rows = real_synthesis.examine(alone, {"model": package("some")}, tmp_path)["rows"]
    assert all("baseline" not in row and row["n"] == 1 for row in rows)
    assert all(row["spread"].startswith("ill0 ") for row in rows)


class Bright:
    """Takes the brightest for what is looked for."""

    def __call__(self, inputs: Any, names: Any, spacing: Any, asked: Any) -> Made:
        return {"segmentation": (inputs[names[0]] > 900).astype(np.uint8)}


def test_that_one_segmenter_looks_at_real_and_synthetic_pictures(data: Path) -> None:
    contrasts = SimpleNamespace(contrasts=("FLAIR",))
    found = SimpleNamespace(manifest=SimpleNamespace(name="Tumour", weights_sha256="0" * 64, requires=contrasts))
    with patch.object(real_synthesis, "Packaged", lambda _: Bright()):
        finder = real_synthesis._Finder(found)  # type: ignore[arg-type]
    with patch.object(real_synthesis, "segmenter", lambda _: finder):
        row = rows_of(data, "T1")["Dice of what Tumour finds in it"]
        assert row["real"] == 1
        assert row["model"] < 0.5
        assert rows_of(data, "FLAIR")["Dice of what Tumour finds in it"]["model"] == 1
    assert real_synthesis.segmenter("") is None
    assert real_synthesis.segmenter("head-ct-to-mr") is None


def test_that_slices_that_show_little_of_the_head_do_not_count() -> None:
    head = np.zeros((40, 8, 8), bool)
    head[5:35] = True
    head[35:, 0, 0] = True
    asked = real_synthesis.scored(head)
    assert len(asked) == 24
    assert (min(asked), max(asked)) == (5, 34)


def test_that_series_of_another_grid_come_onto_that_of_the_flair_and_lesions_with_them(tmp_path: Path) -> None:
    session = tmp_path / "ms" / "patient07_mni"
    session.mkdir(parents=True)
    fine = np.diag([2.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]]
    coarse = np.diag([4.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]]
    values = np.arange(12, dtype=np.int16).repeat(16 * 16).reshape(12, 16, 16) * 10
    nifti.write(Volume(values, fine, modality="MR"), session / "t1.nii.gz")
    for name in ("flair", "lesions"):
        nifti.write(Volume((values[::2] > 50).astype(np.int16), coarse, modality="MR"), session / f"{name}.nii.gz")
    scan = read_scan(tmp_path, "ms", "patient07_mni", ["T1", "FLAIR"])
    assert scan.pictures["T1"].shape == scan.pictures["FLAIR"].shape == (6, 16, 16)
    assert scan.spacing == pytest.approx((4, 2, 2))
    assert scan.pictures["T1"][:, 8, 8].tolist() == [0, 20, 40, 60, 80, 100]
    assert scan.mask is not None
    assert scan.mask[:, 8, 8].tolist() == [False, False, False, True, True, True]


def test_that_two_sessions_of_a_patient_count_as_one() -> None:
    exam = load_patient_exam("mr-contrast-real")
    people = {person(one.data, name) for one in exam.sets for name in one.patients}
    assert people == {"patient01", "patient03", "patient04", "patient07", "patient26"}
    assert "5 real patients" in real_synthesis.protocol(exam, {"sober": True})
    assert "told to be sober" in real_synthesis.protocol(exam, {"sober": True})
    assert "No segmenter looks for the lesions" in real_synthesis.protocol(exam, {})
    tumours = real_synthesis.protocol(
        load_patient_exam("mr-contrast-lgg"), {"segmenter": "some", "segmenter_sha256": "0" * 64}
    )
    assert "The model some (000000000000) looks for" in tumours
    assert "No segmenter" not in tumours
    assert "too few for an interval" not in real_synthesis.protocol(load_patient_exam("mr-contrast-lgg"), {})


def test_that_every_patient_is_told_where_there_are_too_many_for_a_row() -> None:
    def row(metric: str, **values: dict[str, float]) -> dict[str, Any]:
        return {"setting": "T1 → FLAIR", "metric": metric, "n": len(values["model"]), "patients": values}

    everyone = {f"p{number}": 20.0 + number for number in range(8)}
    dice = row("Dice", model=dict.fromkeys(everyone, 0.512), real={"p0": 0.8}, baseline=everyone)
    (table,) = real_synthesis._everyone("T1 → FLAIR", [row("PSNR", model=everyone), dice])
    assert table["head"] == ["patient", "PSNR", "Dice", "Dice, real picture"]
    assert table["lines"][0] == ["p0", "20", "0.512", "0.8"]
    assert table["lines"][7] == ["p7", "27", "0.512", "–"]
    assert real_synthesis._everyone("T1 → FLAIR", [row("PSNR", model={"p0": 1.0})]) == []
    assert real_synthesis._everyone("T1 → T2", [dice]) == []


def test_that_whoever_was_trained_on_is_scored_by_what_was_trained_without_him(data: Path) -> None:
    packages = {"model": package("all"), "without ill0": package("first"), "without ill1": package("second")}
    hows = {"all": "T1", "first": "FLAIR", "second": "T1"}
    with patch.object(real_synthesis, "Packaged", lambda one: Sitter(hows[one.id])):
        found = real_synthesis.examine(EXAM, packages, data)
    assert {row["setting"] for row in found["rows"]} == {"T1 → FLAIR, real patients (lgg, each left out)"}
    (row,) = (row for row in found["rows"] if row["metric"] == "MAE in head")
    assert row["patients"]["model"]["ill0"] == pytest.approx(0, abs=1e-3)
    assert row["patients"]["model"]["ill1"] > 1
    assert found["exam"]["left_out"] == {"ill0": "0" * 64, "ill1": "0" * 64}
    said = real_synthesis.protocol(EXAM, found["exam"])
    assert "2 real patients who are trained on" in said
    assert "2 trainings" in said
    assert "whom nothing was trained" not in said


def test_that_what_cannot_be_examined_gets_a_sentence(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="other makes nothing that the exam small asks for"):
        real_synthesis.examine(EXAM, {"model": package("other", "T1", "T2")}, data)
    with pytest.raises(MissingPartError, match="lgg is not in the data folder"):
        read_scan(tmp_path, "lgg", "ill0", ["T1"])
    with pytest.raises(UsageError, match="cannot be taken on the archive hippocampus"):
        read_scan(tmp_path, "hippocampus", "one", ["T1"])


def test_that_real_patients_come_after_the_simulated_exam_of_the_same_model(data: Path) -> None:
    assert [exam.id for exam in beside("mr-contrast-two")] == ["mr-contrast-two-real"]
    assert [exam.id for exam in real_runs.further_exams("mr-contrast-two")] == ["mr-contrast-two-real"]
    assert beside("head-mr-to-ct") == real_runs.further_exams("head-mr-to-ct") == ()
    assert [exam.id for exam in real_runs.further_exams("head-ct-to-mr")] == ["head-ct-to-mr-metal"]
    load, row = real_runs.load, {"setting": "T1 → FLAIR, hard", "metric": "PSNR in head"}

    def simulated(exam: Any, packages: Any, folder: Path) -> Any:
        assert set(packages) == {"model"}
        del folder
        sat = {"id": exam.id, "sha256": exam.digest, "targets": ["FLAIR"], "sober": True}
        return {"protocol": "", "rows": [row], "exam": sat}, []

    with (
        patch.object(real_runs, "examine", simulated),
        patch.object(real_runs, "further_exams", lambda _: (EXAM,)),
        patch.object(real_runs, "load", lambda name: EXAM if name == EXAM.id else load(name)),
        patch.object(real_synthesis, "Packaged", lambda _: Sitter()),
    ):
        packages = {"model": package("some"), "without ill0": package("other")}
        evaluation, _ = real_runs.measured("mr-contrast", packages, data)
        alone, _ = real_runs.measured("mr-contrast", packages, data, ["small"])
    assert alone["rows"] == [row]
    assert "beside" not in alone
    assert evaluation["rows"][0] == row
    assert len(evaluation["rows"]) > 4
    assert [one["id"] for one in evaluation["beside"]] == ["small"]
    assert "Exam mr-contrast (" in evaluation["protocol"]
    assert "Exam small (" in evaluation["protocol"]


def test_that_an_exam_on_real_patients_can_be_followed_by_lesions_in_simulated_heads(data: Path) -> None:
    (heads,) = real_runs.further_exams("mr-contrast-lgg")
    assert isinstance(heads, Exam)
    assert heads.scans.hard.lesions
    assert beside("mr-contrast-lgg") == ()
    row = {"setting": "T1 → FLAIR, hard", "metric": "reproduced: lesions of all sizes"}

    def simulated(exam: Any, packages: Any, folder: Path) -> Any:
        del packages, folder
        return {"rows": [row], "exam": {"id": exam.id, "sha256": exam.digest, "targets": ["FLAIR"]}}, ["a picture"]

    of_patients = {"protocol": "", "rows": [], "exam": {"id": "mr-contrast-lgg", "sha256": "", "targets": ["FLAIR"]}}
    with (
        patch.object(real_runs, "examine", simulated),
        patch.object(real_synthesis, "examine", lambda *_: dict(of_patients)),
    ):
        evaluation, worst = real_runs.measured("mr-contrast-lgg", {"model": package("some")}, data)
    assert evaluation["rows"] == [row]
    assert evaluation["exam"]["id"] == "mr-contrast-lgg"
    assert [one["id"] for one in evaluation["beside"]] == [heads.id]
    assert f"Exam {heads.id} (" in evaluation["protocol"]
    assert worst == []  # pictures are kept of the exam itself alone
