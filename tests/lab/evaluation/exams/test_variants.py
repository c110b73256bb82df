"""What a package reaches with something changed is measured by the exam that it sat; its own folder is left alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams import variants
from medgan_viewer.models.manifest import AS_ACQUIRED, Package

LOW_DOSE = resources.path("models", "ct-low-dose")
GRID = "preprocessing.grid_spacing_mm"


@pytest.fixture
def sat(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Package, list[str]]]:
    """Exams that were sat, by whom, without which ones beside; what they measure is the grid of the package."""
    seen: list[tuple[str, Package, list[str]]] = []

    def measured(exam: str, packages: dict[str, Package], data: Path, skipped: list[str]) -> Any:
        package = packages["model"]
        assert (
            package.weights.read_bytes() == (resources.path("models", package.id) / package.weights.name).read_bytes()
        )
        seen.append((exam, package, skipped))
        number = {"model": package.manifest.preprocessing.grid_spacing_mm, "twin": 1.0, "patients": {"model": {}}}
        spread = "patients 1 to 2 (baseline 0 to 1)"
        row = {"setting": "easy", "metric": "Dice", "unit": "", "n": 4, "spread": spread, **number}
        return {"rows": [row], "exam": {"id": exam, "sha256": "e"}}, []

    monkeypatch.setattr(variants, "measured", measured)
    monkeypatch.setattr(variants, "data_folder", lambda named: Path())
    return seen


def test_that_a_changed_package_sits_the_same_exam_and_its_own_number_alone_is_kept(
    sat: list[tuple[str, Package, list[str]]], tmp_path: Path
) -> None:
    before = (LOW_DOSE / "manifest.json").read_bytes()
    out = tmp_path / "found.json"
    changes = ["--change", f"{GRID}=1.5", "--change", "controls.strength.default=0.5"]
    assert variants.main([str(LOW_DOSE), *changes, "--out", str(out)]) == 0
    ((exam, package, _),) = sat
    assert exam == "ct-low-dose"
    assert package.manifest.control is not None
    assert package.manifest.control.default == 0.5
    found = json.loads(out.read_text(encoding="utf-8"))
    row = {"setting": "easy", "metric": "Dice", "unit": "", "n": 4, "spread": "patients 1 to 2", "model": 1.5}
    assert found["rows"] == [row]
    assert found["changes"] == {GRID: 1.5, "controls.strength.default": 0.5}
    assert found["weights_sha256"] == package.manifest.weights_sha256
    assert (LOW_DOSE / "manifest.json").read_bytes() == before


def test_that_exams_beside_are_not_sat_again(sat: list[tuple[str, Package, list[str]]]) -> None:
    found = variants.sit_changed(resources.path("models", "mr-contrast"), {}, Path())
    assert found["rows"][0]["model"] == 1.25
    assert [(exam, skipped) for exam, _, skipped in sat] == [("mr-contrast", ["mr-contrast-real"])]


def test_that_an_exam_beside_the_own_one_can_be_sat_in_its_place_and_no_other(
    sat: list[tuple[str, Package, list[str]]],
) -> None:
    folder = resources.path("models", "mr-contrast-two")
    found = variants.sit_changed(folder, {}, Path(), "mr-contrast-two-real")
    assert found["exam"] == {"id": "mr-contrast-two-real", "sha256": "e"}
    assert [(exam, skipped) for exam, _, skipped in sat] == [("mr-contrast-two-real", [])]
    with pytest.raises(UsageError, match="No exam head-anatomy is sat beside mr-contrast-two"):
        variants.sit_changed(folder, {}, Path(), "head-anatomy")


def test_that_one_key_of_many_is_changed() -> None:
    manifest = {"id": "a", "preprocessing": {"grid_spacing_mm": AS_ACQUIRED, "neighbours": 0}}
    made = variants.changed(manifest, GRID, 2.0)
    assert made == {"id": "a", "preprocessing": {"grid_spacing_mm": 2.0, "neighbours": 0}}
    for key in ("processing.grid_spacing_mm", "preprocessing.grid", "id.name"):
        with pytest.raises(UsageError, match="The manifest has no key"):
            variants.changed(manifest, key, 2.0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(f"{GRID}=wide", "with a value in JSON"), ("grid=1.5", "no key grid"), (f"{GRID}=-1", "grid_spacing_mm")],
)
def test_that_a_wrong_change_is_one_sentence(
    sat: list[tuple[str, Package, list[str]]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: str,
    sentence: str,
) -> None:
    out = tmp_path / "found.json"
    assert variants.main([str(LOW_DOSE), "--change", change, "--out", str(out)]) == 1
    assert sentence in capsys.readouterr().err
    assert not sat
    assert not out.exists()
