"""Cards and the table of all models follow from what the packages store; whoever changes a number is found out."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from medgan_viewer import resources
from medgan_viewer.lab.evaluation import catalogue, check
from medgan_viewer.lab.evaluation.catalogue import Kept, packages, page
from medgan_viewer.lab.evaluation.check import Allowance
from medgan_viewer.lab.evaluation.exams.definition import load_exam

ROW: dict[str, Any] = {
    "setting": "T1 → CT, hard",
    "metric": "MAE in head",
    "unit": "HU",
    "model": 60.0,
    "twin": 58.0,
    "baseline": 200.0,
    "n": 12,
    "spread": "95 % interval 57 to 63",
    "interval": [57.0, 63.0],
}


def kept(folder: Path, **changes: Any) -> Kept:
    """Return a package of the shipped MR → CT whose only number is that of `ROW`."""
    shipped = Kept(resources.path("models", "head-mr-to-ct"))
    there = folder / "head-mr-to-ct"
    there.mkdir(exist_ok=True)
    for name in ("weights.safetensors", "LICENSE"):
        (there / name).write_bytes((shipped.folder / name).read_bytes())
    rows = [ROW | changes]
    manifest = {**shipped.manifest, "evaluation": {"protocol": "Exam.", "rows": rows}}
    exam = load_exam("head-mr-to-ct")
    evaluation = {
        "protocol": "Exam.",
        "rows": rows,
        "exam": {"id": exam.id, "sha256": exam.digest},
        "goals": [{"metric": "MAE in head", "setting": "hard", "at_most": 55.0, "reached": [goal()]}],
        "made": {"how": "Trained.", "about": "", "record": "Seed 0.", "remarks": []},
        "weights_sha256": manifest["weights"]["sha256"],
    }
    for name, content in (("manifest.json", manifest), ("evaluation.json", evaluation)):
        (there / name).write_text(json.dumps(content), encoding="utf-8")
    one = Kept(there)
    (there / "CARD.md").write_text(one.card, encoding="utf-8")
    return one


def goal() -> dict[str, Any]:
    return {"setting": "T1 → CT, hard", "model": 60.0, "met": False}


def test_that_what_was_seen_on_real_scans_is_what_the_recipe_of_the_same_training_says(tmp_path: Path) -> None:
    shipped = resources.path("recipes", "lgg-tumour.toml").read_text(encoding="utf-8")
    one = Kept(resources.path("models", "lgg-tumour"))
    there = tmp_path / "models" / "lgg-tumour"
    there.mkdir(parents=True)
    for name in ("manifest.json", "evaluation.json", "CARD.md", "weights.safetensors"):
        (there / name).write_bytes((one.folder / name).read_bytes())
    docs = tmp_path / "docs"
    docs.mkdir()
    recipe = tmp_path / "lgg-tumour.toml"
    recipe.write_text(shipped.replace("it outlines the bright tissue", "It was looked at anew"), encoding="utf-8")
    changed = catalogue.write(tmp_path / "models", docs, tmp_path)
    assert changed == [there / "evaluation.json", there / "CARD.md", docs / "models.md"]
    assert "It was looked at anew" in (there / "CARD.md").read_text(encoding="utf-8")
    # Another training has seen nothing of this one's pictures.
    other = (
        recipe.read_text(encoding="utf-8")
        .replace("It was looked at anew", "Other words")
        .replace("seed = 0", "seed = 9")
    )
    recipe.write_text(other, encoding="utf-8")
    assert catalogue.write(tmp_path / "models", docs, tmp_path) == []


def test_that_invented_lesions_are_told_by_places_and_by_inputs(tmp_path: Path) -> None:
    counted = {"model": {"patient 01": [0, 4], "patient 02": [2, 5], "patient 03": [1, 3]}}
    one = kept(tmp_path, metric="inserted where there is none", unit="%", spread="3 of 12 lesions", patients=counted)
    assert "| 3 of 12 places, in 2 of 3 inputs without a lesion |" in one.card
    assert "3 of 12 places, in 2 of 3 inputs without a lesion |" in page([one])


def found_again(one: Kept, **changes: Any) -> list[str]:
    """Return what the check finds where an examination gives `ROW` with changes."""
    with patch.object(check, "measured", lambda *_: ({"rows": [ROW | changes]}, [])):
        return list(check.problems(one, Path()))


def test_that_shipped_cards_and_the_table_are_what_the_packages_say() -> None:
    shipped = packages(resources.path("models"))
    assert [one.folder.name for one in shipped] == [one.manifest["id"] for one in shipped]
    for one in shipped:
        assert (one.folder / "CARD.md").read_text(encoding="utf-8") == one.card, "run the catalogue"
    docs = resources.path("models").parents[1] / "docs" / "models.md"
    if not docs.parent.is_dir():
        pytest.skip("an installed program has no docs")
    said = "run: python -m medgan_viewer.lab.evaluation.catalogue"
    assert docs.read_text(encoding="utf-8") == page(shipped), said


def test_that_the_page_and_the_cards_are_written_where_they_differ(tmp_path: Path) -> None:
    one = kept(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    assert catalogue.write(tmp_path, docs, tmp_path) == [docs / "models.md"]
    assert catalogue.write(tmp_path, docs, tmp_path) == []
    (one.folder / "CARD.md").write_text("# Ten times better\n", encoding="utf-8")
    assert catalogue.write(tmp_path, docs, tmp_path) == [one.folder / "CARD.md"]
    text = (docs / "models.md").read_text(encoding="utf-8")
    assert "| head-mr-to-ct | T1 → CT, hard | MAE in head (HU) | 60.0 | 58.0 | 200.0 | 12 |" in text
    assert "| 0 of 1 |" in text


def test_that_numbers_that_arithmetic_alone_has_moved_are_found_again(tmp_path: Path) -> None:
    one = kept(tmp_path)
    assert found_again(one) == []
    assert found_again(one, model=60.5, baseline=200.5, interval=[56.5, 63.5]) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model": 62.5}, "model is 62.5, not 60; 0.6 apart is allowed (a tenth of the spread)"),
        ({"baseline": 150.0}, "baseline is 150, not 200"),
        ({"twin": 70.0}, "twin is 70, not 58"),
        ({"rival": 99.0}, "rival is 99, not 59"),
        ({"bilateral": 99.0}, "bilateral is 99, not 90"),
        ({"input": 99.0}, "input is 99, not 120"),
        ({"full": 99.0}, "full is 99, not 20"),
        ({"real": 99.0}, "real is 99, not 21"),
        ({"interval": [50.0, 63.0]}, "lower end is 50, not 57"),
        ({"n": 11}, "n is 11, not 12"),
        ({"residual": 3.0}, "residual was measured now and does not stand on the card"),
        ({"patients": {"model": {"a": 60.0, "b": 61.0}}}, "model, b is 61, not 55"),
        ({"patients": {"model": {"a": 60.0, "c": 55.0}}}, "model has other patients"),
        ({"model": float("nan")}, "model is nan, not 60"),
    ],
)
def test_that_a_number_that_is_not_found_again_is_named(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    every = {"rival": 59.0, "bilateral": 90.0, "input": 120.0, "full": 20.0, "real": 21.0}
    every |= {"patients": {"model": {"a": 60.0, "b": 55.0}}}  # type: ignore[dict-item]  # what stands behind a mean
    (problem,) = found_again(kept(tmp_path, **every), **(every | changes))
    assert sentence in problem


def test_that_rows_that_only_one_side_has_are_named(tmp_path: Path) -> None:
    first, second = found_again(kept(tmp_path), metric="PSNR in head")
    assert "MAE in head was not measured again" in first
    assert "PSNR in head was measured now and does not stand on the card" in second


def test_that_columns_without_weights_in_the_package_are_told_and_not_taken_for_found(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert found_again(kept(tmp_path, rival=61.0)) == []
    assert "the column “RED-CNN of the same size” cannot be measured again" in caplog.text


@pytest.mark.parametrize(
    ("row", "amount"),
    [
        ({"spread": "4 of 14 lesions; 95 % interval 8 to 58", "interval": [8.0, 58.0]}, 100 / 14 + 0.1),
        ({"spread": "95 % interval 57 to 63", "interval": [57.0, 63.0]}, 0.6),
        ({"spread": "all repeats 9 to 9", "interval": [9.0, 9.0], "model": 9.0, "baseline": 25.6}, 0.1),
        ({"spread": "one number", "model": 0.01}, 0.001),
    ],
)
def test_that_a_number_may_differ_by_what_its_spread_or_arithmetic_leaves_open(
    row: dict[str, Any], amount: float
) -> None:
    assert Allowance.of(row).amount == pytest.approx(amount)


def test_that_numbers_of_another_precision_have_to_be_measured_anew(tmp_path: Path) -> None:
    one = kept(tmp_path)
    assert one.evaluation is not None
    one.evaluation["precision"] = "bf16"
    with patch.object(check, "measured", lambda *_: ({"rows": [ROW], "precision": "fp32"}, [])):
        (sentence,) = check.problems(one, Path())
    assert "were measured in bf16, and are in fp32 now; measure anew" in sentence


def test_that_another_threshold_is_named() -> None:
    stored = {"thresholds": {"T1": [{"false_alarm_rate": 0.05, "threshold": 0.8}]}}
    found = {"thresholds": {"T1": [{"false_alarm_rate": 0.05, "threshold": 0.802}]}}
    assert not list(check._thresholds(stored, found))
    found["thresholds"]["T1"][0]["threshold"] = 0.81
    assert list(check._thresholds(stored, found)) == ["the threshold of T1 at 5 % is 0.81, not 0.8."]
    assert list(check._thresholds(stored, {})) == ["the threshold of T1 at 5 % is nan, not 0.8."]


def test_that_a_typed_card_other_weights_and_another_exam_are_found_out(tmp_path: Path) -> None:
    one = kept(tmp_path)
    (one.folder / "CARD.md").write_text(one.card.replace("60.0", "50.0"), encoding="utf-8")
    assert "CARD.md is not what its numbers give" in found_again(one)[0]
    one = kept(tmp_path)
    assert one.evaluation is not None
    one.evaluation["weights_sha256"] = "0" * 64
    # The card names the weights, so it is not what the numbers give either.
    assert "measured on other weights" in found_again(one)[-1]
    one = kept(tmp_path)
    assert one.evaluation is not None
    one.evaluation["exam"]["sha256"] = "0" * 64
    assert "was changed since it was sat" in found_again(one)[0]
    one.evaluation = None
    assert "before there were exams" in found_again(one)[0]


def test_that_an_unknown_model_cannot_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["no-such-model"]) == 2
    assert "no model no-such-model" in capsys.readouterr().err
