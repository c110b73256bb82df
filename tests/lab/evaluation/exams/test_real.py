"""Exams on real patients: whole, nobody in two roles, and true to the splits of the data where these are here."""

import json

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.definition import EXAMS, exam_file
from medgan_viewer.lab.evaluation.exams.real import PATIENT_EXAMS, load_patient_exam, read_patient_exam


@pytest.mark.parametrize("name", PATIENT_EXAMS)
def test_that_a_shipped_exam_is_whole(name: str) -> None:
    exam = load_patient_exam(name)
    assert exam.id == name
    assert exam.of_role("test")
    assert all(one.patients and one.inputs for one in exam.sets)
    assert len(exam.digest) == 64


def test_that_every_file_of_an_exam_is_known() -> None:
    files = {path.stem for path in exam_file("head-scans").parent.glob("*.toml")}
    assert files == {*EXAMS, *PATIENT_EXAMS, "head-scans", "field-scans", "lesion-scans", "metal-scans"}


def test_that_the_anomaly_exam_keeps_twenty_glioma_patients_for_calibration() -> None:
    exam = load_patient_exam("head-anomaly")
    assert exam.anomaly is not None
    assert exam.anomaly.false_alarm_rate == 0.05
    twenty, chosen = (one for one in exam.of_role("calibration") if one.data == "lgg")
    assert (len(twenty.patients), len(chosen.patients)) == (20, 10)
    assert exam.kept_out("lgg") >= {*twenty.patients, *load_patient_exam("lgg-tumour").kept_out("lgg")}
    assert exam.kept_out("hippocampus") == frozenset()


def test_that_the_patients_are_those_of_the_data_sets_splits() -> None:
    data = resources.shared_data()
    if data is None or not (data / "lgg").is_dir():
        pytest.skip("the data sets are not here (set MEDGAN_DATA)")
    splits = {name: one["split"] for name, one in json.loads((data / "lgg" / "index.json").read_text()).items()}
    test = {name for name, split in splits.items() if split == "test"}
    anomaly = load_patient_exam("head-anomaly")
    for exam in (anomaly, load_patient_exam("lgg-tumour")):
        assert {p for one in exam.of_role("test") if one.data == "lgg" for p in one.patients} == test
    twenty = next(one for one in anomaly.of_role("calibration") if one.data == "lgg")
    assert {splits[patient] for patient in twenty.patients} == {"train"}
    for exam in (anomaly, load_patient_exam("mr-enhance")):
        people = [p for one in exam.sets if one.data == "ixi_t1_2mm" for p in one.patients]
        roles = json.loads((data / "ixi_t1_2mm" / "index.json").read_text())
        assert {roles[patient]["role"] for patient in people} == {"calibrate"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("false_alarm_rate", "false_alarms", "anomaly.false_alarms is unknown: did you mean false_alarm_rate"),
        ('role = "test"', 'role = "training"', "sets.role is training"),
        ('task = "anomaly"', 'task = "guessing"', "task is guessing"),
        ('"patient26_mni"', '"patient07_mni"', "names patient07_mni of ms twice"),
        ("finding_ml = 1.0", 'finding_ml = "1"', "anomaly.finding_ml must be a number"),
    ],
)
def test_that_an_exam_that_makes_no_sense_gets_a_sentence(old: str, new: str, sentence: str) -> None:
    text = exam_file("head-anomaly").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(UsageError, match=sentence):
        read_patient_exam(text.replace(old, new), "mine.toml")
