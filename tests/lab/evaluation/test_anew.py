"""A package measured anew keeps its weights, what no package can measure again, and nothing else of before."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import anew
from medgan_viewer.lab.evaluation.catalogue import Kept
from medgan_viewer.lab.evaluation.exams.failures import Failure
from medgan_viewer.lab.evaluation.exams.left_out import EACH, LEFT_OUT

PICTURES = [Failure("The worst.", "T1 to T2", (np.zeros((40, 40), np.uint8),) * 3)]


def copied(name: str, there: Path) -> Path:
    """Return a copy of a package that ships."""
    return Path(shutil.copytree(resources.path("models", name), there / name))


def found_again(evaluation: dict[str, Any], **changes: float) -> dict[str, Any]:
    """Return what measuring again would give: the model's own column alone, and only of what its weights can give."""
    rows = [
        {key: value for key, value in row.items() if key not in ("twin", "rival", "patients")}
        | {"patients": {"model": row.get("patients", {}).get("model", {})}}
        | changes
        for row in evaluation["rows"]
        if EACH not in row["setting"]
    ]
    beside = [one for one in evaluation.get("beside", ()) if LEFT_OUT not in one]
    return {"rows": rows, "exam": evaluation["exam"], **({"beside": beside} if beside else {})}


@pytest.mark.parametrize("name", ["ct-low-dose", "mr-contrast"])
def test_that_numbers_are_replaced_and_columns_of_weights_that_no_package_holds_stay(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(name, tmp_path)
    before = Kept(folder).evaluation
    assert before is not None
    now = found_again(before, model=-1.0) | {"precision": "fp8"}
    monkeypatch.setattr(anew, "again", lambda kept, data: (now, PICTURES))
    anew.measure_anew(folder, tmp_path)
    after = Kept(folder)
    assert after.evaluation is not None
    for row, then in zip(after.evaluation["rows"], before["rows"], strict=True):
        assert row == (then if EACH in row["setting"] else {**then, "model": -1.0})
    kept = ("rows", "failures", "precision")
    assert {**after.evaluation, **{name: before[name] for name in kept}} == before
    assert after.evaluation["precision"] == "fp8"
    # Pictures are those of the exam that was sat now.
    assert [one["sentence"] for one in after.evaluation["failures"]] == ["The worst."]
    assert [path.name for path in folder.glob("failure_*.png")] == ["failure_1.png"]
    said = after.manifest["evaluation"]["rows"]
    assert [row["model"] for row in said] == [row["model"] for row in after.evaluation["rows"]]
    assert not any("patients" in row for row in said)


def test_that_a_package_measured_anew_without_a_change_is_the_same_file_for_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied("mr-contrast-lgg", tmp_path)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(anew, "again", lambda kept, data: (found_again(kept.evaluation), []))
    anew.measure_anew(folder, tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_that_a_changed_exam_needs_the_run_and_not_the_package(tmp_path: Path) -> None:
    folder = copied("lgg-tumour", tmp_path)
    path = folder / "evaluation.json"
    evaluation = json.loads(path.read_text(encoding="utf-8"))
    evaluation["exam"]["sha256"] = "0" * 64
    path.write_text(json.dumps(evaluation), encoding="utf-8")
    with pytest.raises(UsageError, match="lgg-tumour was changed since it was sat"):
        anew.measure_anew(folder, tmp_path)
    with pytest.raises(UsageError, match="sequence-guess sat no exam"):
        anew.measure_anew(copied("sequence-guess", tmp_path), tmp_path)
    evaluation["exam"]["sha256"] = Kept(resources.path("models", "lgg-tumour")).evaluation["exam"]["sha256"]  # type: ignore[index]
    evaluation["weights_sha256"] = "0" * 64
    path.write_text(json.dumps(evaluation), encoding="utf-8")
    with pytest.raises(UsageError, match="of other weights"):
        anew.measure_anew(folder, tmp_path)


def test_that_an_exam_that_came_beside_and_another_segmenter_leave_nothing_of_before() -> None:
    def row(metric: str, **who: float) -> dict[str, Any]:
        return {"setting": "T1 → FLAIR", "metric": metric, "unit": "", **who, "n": 3, "spread": ""}

    exam = {"id": "mr-contrast-lgg", "sha256": "", "targets": ["FLAIR"], "segmenter": "lgg-tumour"}
    stored = {
        "rows": [row("PSNR", model=1.0, rival=2.0), row("Dice of what it finds in it", model=1.0, rival=2.0)],
        "exam": {**exam, "segmenter_sha256": "a"},
        "speed": {"size": 192},
    }
    heads = {"id": "mr-contrast-lgg-heads", "sha256": "", "targets": ["FLAIR"]}
    new = row("reproduced: lesions", model=4.0)
    found = {
        "rows": [row("PSNR", model=3.0), row("Dice of what it finds in it", model=3.0), new],
        "exam": {**exam, "segmenter_sha256": "b"},
        "beside": [heads],
    }
    joined = anew.joined(stored, found)
    assert joined["rows"] == [
        row("PSNR", model=3.0, rival=2.0),
        row("Dice of what it finds in it", model=3.0),
        new,
    ]
    assert joined["beside"] == [heads]
    assert joined["speed"] == stored["speed"]
    assert "Exam mr-contrast-lgg-heads (" in joined["protocol"]


def test_that_an_unknown_model_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert anew.main(["no-such-model"]) == 1
    assert capsys.readouterr().err == "There is no model no-such-model among those that ship.\n"
