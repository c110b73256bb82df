"""From a run to a card by way of an exam: what is kept in the run, what goes into the package."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from medgan_viewer import cli, resources
from medgan_viewer.lab.evaluation.catalogue import Kept
from medgan_viewer.lab.evaluation.exams import real_runs, speed
from medgan_viewer.lab.evaluation.exams.definition import Exam
from medgan_viewer.lab.evaluation.exams.failures import Failure
from medgan_viewer.lab.evaluation.scoring import exam_of
from medgan_viewer.lab.recipe import load_recipe
from medgan_viewer.models.manifest import Package, read_package
from tests.lab.small_runs import small_heads, write_recipe

SPEED = {"seconds_a_slice": 0.05, "size": 192, "threads": 1, "precision": "fp32", "megabytes": 500, "machine": "any"}
NAMED = ("[evaluation]", '[evaluation]\nexam = "head-ct-to-mr"')


def examined(exam: Exam, packages: Mapping[str, Package], data: Path) -> tuple[dict[str, Any], list[Failure]]:
    """Stand in for an exam of a quarter of an hour: one number, and one failure with a picture."""
    del data
    row = {"setting": "CT → T1, hard", "metric": "PSNR in head", "unit": "dB", "n": 12, "spread": "little"}
    row |= {who: 20.5 + place for place, who in enumerate((*packages, "baseline"))}
    evaluation = {
        "protocol": "Sat.",
        "rows": [row | {"patients": {"model": {"patient 01": 20.5}}}],
        "exam": {"id": exam.id, "sha256": exam.digest, "targets": ["T1"]},
        "goals": [],
        "precision": "fp32",
    }
    panel = np.full((64, 64), 90, np.uint8)
    return evaluation, [Failure("All wrong.", "CT to T1", (panel, panel, panel))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with a run `run` that was evaluated beside `twin` by an exam."""
    where = tmp_path_factory.mktemp("lab")
    with (
        small_heads(where),
        patch.object(real_runs, "examine", examined),
        patch.object(speed, "measure", lambda folder: SPEED if (folder / "CARD.md").is_file() else {}),
    ):
        recipe = write_recipe(where, NAMED)
        for words in (
            ["train", str(recipe), "--run", str(where / "run")],
            ["train", str(recipe), "--run", str(where / "twin"), "--twin-of", str(where / "run")],
            ["evaluate", str(where / "run"), "--twin", str(where / "twin")],
        ):
            assert cli.main(words) == 0
        yield where


def test_that_a_run_keeps_what_its_exam_found(folder: Path) -> None:
    evaluation = json.loads((folder / "run" / "evaluation.json").read_text(encoding="utf-8"))
    assert evaluation["rows"][0]["twin"] == 21.5
    assert (evaluation["step"], evaluation["speed"]) == (4, SPEED)
    assert evaluation["failures"] == [{"file": "failure_1.png", "sentence": "All wrong."}]
    assert (folder / "run" / "failures" / "failure_1.png").is_file()
    twin = (folder / "run" / "twin.safetensors").read_bytes()
    assert evaluation["twin_sha256"] == hashlib.sha256(twin).hexdigest()


def test_that_a_package_has_numbers_pictures_and_on_request_the_twin(folder: Path) -> None:
    models = folder / "models"
    for name, further in (("plain", []), ("both", ["--with-twin"])):
        words = ["package", str(folder / "run"), "--id", name, "--out", str(models / name), *further]
        assert cli.main(words) == 0
    manifest = read_package(models / "both").manifest
    assert "patients" not in manifest.evaluation.rows[0]
    kept = Kept(models / "both")
    assert kept.evaluation is not None
    assert kept.evaluation["rows"][0]["patients"] == {"model": {"patient 01": 20.5}}
    assert kept.evaluation["weights_sha256"] == manifest.weights_sha256
    card = (models / "both" / "CARD.md").read_text(encoding="utf-8")
    assert card == kept.card
    for said in ("20.5", "![All wrong.](failure_1.png)", "0.05 s of one CPU core", "seed 0"):
        assert said in card
    assert (models / "both" / "failure_1.png").is_file()
    assert (models / "both" / "twin.safetensors").is_file()
    assert not (models / "plain" / "twin.safetensors").exists()
    # Over an older package, nothing of it is left that does not belong to the new one.
    (models / "both" / "failure_3.png").write_bytes(b"")
    assert cli.main(["package", str(folder / "run"), "--id", "both", "--out", str(models / "both")]) == 0
    names = {path.name for path in (models / "both").iterdir()}
    assert names == {path.name for path in (models / "plain").iterdir()}


def test_that_an_exam_is_that_of_the_recipe_or_of_its_id(tmp_path: Path) -> None:
    assert exam_of(load_recipe(write_recipe(tmp_path, NAMED))) == "head-ct-to-mr"
    assert exam_of(load_recipe(write_recipe(tmp_path))) == ""
    for name in ("head-ct-to-mr", "head-mr-to-ct", "head-anatomy", "mr-contrast", "mr-contrast-two", "mr-contrast-lgg"):
        assert exam_of(load_recipe(resources.path("recipes", f"{name}.toml"))) == name
    renamed = write_recipe(tmp_path, ('id = "small-ct-to-mr"', 'id = "head-ct-to-mr"'))
    assert exam_of(load_recipe(renamed)) == "head-ct-to-mr"
    # Somebody's own data under the same name are scored as own data.
    own = renamed.read_text(encoding="utf-8").replace('kind = "simulated_heads"', 'kind = "folders"')
    renamed.write_text(own, encoding="utf-8")
    assert exam_of(load_recipe(renamed)) == ""
