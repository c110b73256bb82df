"""The folds of a cross-validation together: every patient counts once, wherever he was tested."""

import json
from pathlib import Path
from typing import Any

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.folds import main, pooled

RECIPE = resources.path("recipes", "hippocampus.toml")


def evaluation(setting: str = "T1 → segment 1", twin: bool = False, **patients: float) -> dict[str, Any]:
    row: dict[str, Any] = {"setting": setting, "metric": "Dice", "unit": "", "n": len(patients), "spread": ""}
    row |= {"model": sum(patients.values()) / len(patients), "patients": {"model": patients, "baseline": patients}}
    if twin:
        row["patients"]["twin"] = patients
    return {"rows": [row]}


def write(run: Path, fold: str, change: tuple[str, str] = ("", ""), **patients: float) -> Path:
    run.mkdir()
    text = RECIPE.read_text(encoding="utf-8").replace("fold = [1, 5]", f"fold = {fold}").replace(*change)
    (run / "recipe.toml").write_text(text, encoding="utf-8")
    (run / "evaluation.json").write_text(
        json.dumps(evaluation("T1 → segment 1", twin=False, **patients)), encoding="utf-8"
    )
    return run


def test_that_the_mean_is_over_patients_and_not_over_folds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [write(tmp_path / "one", "[1, 2]", a=0.9), write(tmp_path / "two", "[2, 2]", b=0.3, c=0.6)]
    assert main([*map(str, runs), "--out", str(tmp_path / "all.json")]) == 0
    (row,) = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["rows"]
    assert (row["model"], row["baseline"], row["n"]) == (0.6, 0.6, 3)
    assert row["folds"] == pytest.approx([0.9, 0.45])
    assert "patients 0.3 to 0.9; 3 patients" in capsys.readouterr().out


def test_that_a_column_that_not_every_fold_has_is_left_out() -> None:
    (row,) = pooled([evaluation(a=0.9, twin=True), evaluation(b=0.3)])
    assert (row["model"], row["n"], "twin" in row) == (0.6, 2, False)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (evaluation(a=0.3), "One patient was tested in two"),
        (evaluation(setting="T1 → segment 2", b=0.3), "not scored on the same"),
        ({"rows": [{"setting": "T1 → segment 1", "metric": "Dice", "model": 0.1}]}, "folds of segmentations alone"),
    ],
)
def test_that_evaluations_that_do_not_fit_are_a_sentence(second: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        pooled([evaluation(a=0.9), second])


def test_that_runs_that_are_not_all_folds_of_one_recipe_are_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = write(tmp_path / "one", "[1, 3]", a=0.9), write(tmp_path / "two", "[2, 3]", b=0.3)
    longer = write(tmp_path / "longer", "[3, 3]", ("steps = 3000", "steps = 4000"), c=0.3)
    third = write(tmp_path / "three", "[3, 3]", c=0.3)
    (third / "evaluation.json").unlink()
    for runs, words in (
        ((first, second), "Every fold is needed once"),
        ((first, second, longer), "differ in more than their folds"),
        ((first, second, third), "three was not evaluated yet"),
    ):
        assert main([*map(str, runs), "--out", str(tmp_path / "all.json")]) == 1
        assert words in capsys.readouterr().err
    assert not (tmp_path / "all.json").exists()
