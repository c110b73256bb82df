"""Exam files: every one that ships is whole, and whoever writes nonsense into one gets a sentence."""

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.definition import (
    EXAMS,
    Goal,
    exam_file,
    load_exam,
    load_scans,
    read_exam,
    read_scans,
)
from medgan_viewer.lab.evaluation.exams.scans import PICTURES, check_protocol
from medgan_viewer.lab.simulation.heads import TEST_HEADS, TRAIN_HEADS
from medgan_viewer.lab.simulation.tissues import SEGMENTS


@pytest.mark.parametrize("name", EXAMS)
def test_that_a_shipped_exam_asks_for_what_its_scans_hold(name: str) -> None:
    exam = load_exam(name)
    assert exam.id == name
    assert all(one in PICTURES for names in exam.inputs for one in names)
    assert all(target in (*PICTURES, "segmentation") for target in exam.targets)
    assert set(exam.main_segments) <= set(SEGMENTS)
    assert exam.goals or exam.beside
    assert all((goal.at_least is None) != (goal.at_most is None) for goal in exam.goals)


@pytest.mark.parametrize("name", ["head-scans", "field-scans", "lesion-scans", "metal-scans"])
def test_that_exams_are_taken_on_the_test_heads_and_look_up_tables_made_from_training_heads(name: str) -> None:
    scans = load_scans(name)
    assert scans.heads == TEST_HEADS
    assert set(scans.baseline_heads) <= set(TRAIN_HEADS)
    assert scans.patients % len(scans.heads) == 0
    check_protocol(scans)


def test_that_scans_of_another_simulation_or_protocol_are_refused() -> None:
    text = exam_file("head-scans").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="frozen with simulation 1"):
        check_protocol(read_scans(text.replace("simulation = 5", "simulation = 1", 1), "a.toml"))
    with pytest.raises(UsageError, match="another protocol for T2"):
        check_protocol(read_scans(text.replace("echo_ms = 95.0", "echo_ms = 80.0"), "a.toml"))


def test_that_scans_with_metal_and_lesions_are_refused() -> None:
    text = exam_file("metal-scans").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="metal-scans have metal and lesions"):
        check_protocol(read_scans(text.replace("lesions = false", "lesions = true"), "a.toml"))


def test_that_targets_of_another_field_or_protocol_than_models_are_trained_for_are_refused() -> None:
    text = exam_file("field-scans").read_text(encoding="utf-8")
    for old, new in (("high = 7.0", "high = 3.0"), ("echo_ms = 80.0", "echo_ms = 95.0")):
        with pytest.raises(UsageError, match="The scans field-scans have another protocol for T"):
            check_protocol(read_scans(text.replace(old, new), "a.toml"))


def test_that_only_an_exam_of_own_contrasts_asks_each_input_for_itself() -> None:
    field, contrast = load_exam("mr-field"), load_exam("mr-contrast")
    assert [field.targets_of(names, field.targets) for names in field.inputs] == [("T1",), ("T2",), ("FLAIR",)]
    assert contrast.targets_of(("T1",), contrast.targets) == ("T2", "FLAIR")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("goals", "gaols", "gaols is unknown: did you mean goals"),
        ("at_least = 24.0", 'at_least = "much"', "goals.at_least must be a number"),
        ('task = "synthesis"', "task = 3", "task must be text"),
        ('task = "synthesis"', 'task = "cooking"', "task is cooking"),
        ('task = "synthesis"', "", "task is missing"),
        ('scans = "head-scans"', 'scans = "head-scan"', "did you mean head-scans"),
        ('scans = "head-scans"', "", "scans is missing"),
        ('id = "', "id = ", "is no TOML"),
        ('inputs = [["CT"]]', 'inputs = ["CT"]', "inputs must be a list"),
    ],
)
def test_that_an_exam_that_makes_no_sense_gets_a_sentence(old: str, new: str, sentence: str) -> None:
    text = exam_file("head-ct-to-mr").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(UsageError, match=sentence):
        read_exam(text.replace(old, new), "mine.toml")


def test_that_an_unknown_key_of_a_setting_is_named_with_its_place() -> None:
    text = exam_file("head-scans").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match=r"In s.toml, easy.slice_m is unknown: did you mean slice_mm"):
        read_scans(text.replace("slice_mm = 3.0", "slice_m = 3.0"), "s.toml")
    with pytest.raises(UsageError, match="There is no exam head-ct-to-mri: did you mean head-ct-to-mr"):
        load_exam("head-ct-to-mri")


def test_that_an_exams_digest_follows_its_scans_too() -> None:
    text = exam_file("head-ct-to-mr").read_text(encoding="utf-8")
    assert read_exam(text, "a.toml").digest == load_exam("head-ct-to-mr").digest
    assert read_exam(text + "\n", "a.toml").digest != load_exam("head-ct-to-mr").digest
    assert resources.path("evaluation", "head-scans.json").is_file()


def test_that_a_goal_is_met_on_its_own_side() -> None:
    assert Goal("PSNR", "easy", at_least=24.0).met(24.0)
    assert not Goal("PSNR", "easy", at_least=24.0).met(23.9)
    assert Goal("MAE", "hard", at_most=55.0).met(55.0)
    assert not Goal("MAE", "hard", at_most=55.0).met(55.1)
