"""The folds of a cross-validation together: every patient counts once, wherever he was tested."""

import json
from pathlib import Path
from typing import Any

import pytest

from medgan_viewer.lab.evaluation.folds import main


def write(run: Path, setting: str = "T1 → segment 1", **patients: float) -> Path:
    row: dict[str, Any] = {"setting": setting, "metric": "Dice", "unit": "", "n": len(patients), "spread": ""}
    row |= {"model": sum(patients.values()) / len(patients), "patients": {"model": patients, "baseline": patients}}
    run.mkdir()
    (run / "evaluation.json").write_text(json.dumps({"rows": [row]}), encoding="utf-8")
    return run


def test_that_the_mean_is_over_patients_and_not_over_folds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [write(tmp_path / "one", a=0.9), write(tmp_path / "two", b=0.3, c=0.6)]
    assert main([*map(str, runs), "--out", str(tmp_path / "all.json")]) == 0
    (row,) = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["rows"]
    assert (row["model"], row["baseline"], row["n"]) == (0.6, 0.6, 3)
    assert row["folds"] == pytest.approx([0.9, 0.45])
    assert "patients 0.3 to 0.9; 3 patients" in capsys.readouterr().out


def test_that_what_are_no_folds_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, again = write(tmp_path / "one", a=0.9), write(tmp_path / "two", a=0.3)
    other = write(tmp_path / "three", setting="T1 → segment 2", b=0.3)
    for runs, words in (
        ((first, again), "One patient was tested in two"),
        ((first, other), "not scored on the same"),
        ((first, tmp_path / "none"), "no evaluation in the run none"),
    ):
        assert main([*map(str, runs), "--out", str(tmp_path / "all.json")]) == 1
        assert words in capsys.readouterr().err
    assert not (tmp_path / "all.json").exists()
