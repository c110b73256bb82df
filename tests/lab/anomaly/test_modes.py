"""The modes of the heat map side by side: numbers and intervals are those of the evaluations."""

import json
from pathlib import Path
from typing import Any

import pytest

from medgan_viewer import resources
from medgan_viewer.lab.anomaly.modes import SETTING, main, table

METRICS = (
    "AUPRC",
    "Dice at 1 % false-positive pixels",
    "Dice at 5 % of healthy people alarmed",
    "share of lesions found, at 5 % of healthy people alarmed",
    "false-alarm rate on slices without disease, at 5 % of healthy people alarmed",
)


def evaluation(first: float, **beside: float) -> dict[str, Any]:
    rows = [
        {"setting": SETTING, "metric": metric, "model": first + number, "interval": [0.1, 0.9], **beside}
        for number, metric in enumerate(METRICS)
    ]
    return {"rows": [*rows, {"setting": "multiple sclerosis, FLAIR", "metric": "AUPRC", "model": 99}]}


def test_that_every_mode_has_a_line_and_what_stands_beside_comes_from_the_first() -> None:
    lines = table({"one": evaluation(0.5, residual=0.2, baseline=0.1), "two": evaluation(0.25, baseline=0.3)})
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| one",
        "| residual of its generator",
        "| plain threshold",
        "| two",
    ]
    assert lines[2].startswith("| one | 0.5 (0.1 to 0.9) | 1.5 (0.1 to 0.9) | ")
    assert lines[4] == "| plain threshold | 0.1 | 0.1 | 0.1 | 0.1 | 0.1 |"
    assert len({line.count("|") for line in lines}) == 1


def test_that_folders_are_read_and_those_without_such_an_evaluation_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation(0.5)), encoding="utf-8")
    assert main([f"a mode={tmp_path}"]) == 0
    assert "| a mode | 0.5 (0.1 to 0.9)" in capsys.readouterr().out
    assert main([f"other={tmp_path / 'none'}"]) == 2
    assert "no evaluation of other" in capsys.readouterr().err
    (tmp_path / "evaluation.json").write_text('{"rows": []}', encoding="utf-8")
    assert main([f"a mode={tmp_path}"]) == 2
    assert SETTING in capsys.readouterr().err


def test_that_what_is_kept_of_a_run_reads_like_the_run_and_names_no_patient(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, package = tmp_path / "ebgan", tmp_path / "packaged"
    for place in (run, package):
        place.mkdir()
        found = evaluation(0.5)
        found["rows"][0]["patients"] = {"model": {"TCGA_1": 0.5}}
        (place / "evaluation.json").write_text(json.dumps(found), encoding="utf-8")
    (run / "run.json").write_text("{}", encoding="utf-8")
    assert main([f"ebgan={run}", f"other={package}", "--keep", str(tmp_path / "kept")]) == 0
    said = capsys.readouterr().out
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["ebgan.json"]
    assert "TCGA" not in (tmp_path / "kept" / "ebgan.json").read_text(encoding="utf-8")
    assert main([f"ebgan={tmp_path / 'kept' / 'ebgan.json'}", f"other={package}"]) == 0
    assert capsys.readouterr().out == said


def test_that_the_packaged_heat_maps_for_flair_can_stand_side_by_side() -> None:
    stored = {
        name: json.loads((resources.path("models", name) / "evaluation.json").read_text(encoding="utf-8"))
        for name in ("head-anomaly-lgg", "head-anomaly")
    }
    assert len(table(stored)) == 6


def test_that_a_setting_without_healthy_people_has_a_dash_for_false_alarms(capsys: pytest.CaptureFixture[str]) -> None:
    folder = resources.path("models", "head-anomaly")
    assert main([f"one={folder}", "--setting", "multiple sclerosis, FLAIR"]) == 0
    _, _, model, residual, plain = capsys.readouterr().out.splitlines()
    assert all(line.endswith("| – |") for line in (model, residual, plain))
    assert main([f"one={folder}", "--setting", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
