"""A model of two series together, from its recipe over its interval and package to its exam, on a tiny network."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from medgan_viewer.lab.evaluation import scoring
from medgan_viewer.lab.evaluation.exams import run
from medgan_viewer.lab.evaluation.exams.definition import Exam, load_exam
from medgan_viewer.lab.evaluation.package import package
from medgan_viewer.lab.sources import live_heads
from medgan_viewer.lab.training import start
from medgan_viewer.models.manifest import Input, Package, read_package
from tests.lab.evaluation.exams.test_run import PATIENTS
from tests.lab.small_runs import fill_cache, phantom, small_heads, small_recipe

HEADS = {"train": (1,), "validation": (13,), "calibration": (15,), "test": (17,)}
TWO = (
    ('id = "small-ct-to-mr"', 'id = "small-two"'),
    ('kind = "simulated_heads"', 'kind = "live_heads"\ntogether = true\nvariants = 1\nwhole = 48'),
    ('inputs = ["CT"]\ntargets = ["T1"]', 'inputs = ["T1", "T2"]\ntargets = ["FLAIR"]'),
    ("patients = 1\nseries = 1\n[method]", "[method]"),
    ('objective = "lsgan"', 'objective = "lsgan"\nsharpness = true\nquantiles = [0.05, 0.95]'),
    ('modalities = ["CT"]\ncontrasts = []', 'modalities = ["MR"]\ncontrasts = ["T1"]'),
    ('encoding = { CT = "ct_two_window" }', 'encoding = { MR = "mr_head" }'),
    ('["HU/1000", "brain window"]', '["T1", "T2"]'),
    ('contrast = "T1"', 'contrast = "FLAIR"'),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with the package `small-two` of a run of a few steps."""
    where = tmp_path_factory.mktemp("two")
    with small_heads(where), ExitStack() as stack:
        stack.enter_context(patch.object(live_heads, "load_head_labels", phantom))
        stack.enter_context(patch.object(live_heads, "HEADS", HEADS))
        recipe = small_recipe(where, *TWO)
        assert recipe.input_sets == (("T1", "T2"),)
        start.prepare(recipe, where / "run").train()
        rows = scoring.score(where / "run")["rows"]
        assert {row["setting"] for row in rows} == {"T1 + T2 → FLAIR"}
        assert all("baseline" in row for row in rows)
        package(where / "run", "small-two", where / "small-two")
        yield where


@pytest.fixture
def two(folder: Path) -> Package:
    return read_package(folder / "small-two")


def test_that_the_package_asks_for_both_series_in_the_networks_order(two: Package) -> None:
    assert two.manifest.requires.inputs == (Input("MR", ("T1",)), Input("MR", ("T2",)))
    assert two.manifest.channels_in == 6
    interval = two.manifest.interval
    assert interval is not None
    assert interval.calibrated_on == "calibration: head 15, head 16"


def test_that_it_sits_the_exam_of_two_series_beside_a_table_of_both(two: Package, tmp_path: Path) -> None:
    fill_cache(tmp_path)
    exam = load_exam("mr-contrast-two")
    few: Exam = replace(exam, scans=replace(exam.scans, patients=1))
    with (
        patch.object(run, "baseline_folder", lambda *_: tmp_path),
        patch.object(run, "patients", lambda *_: iter(PATIENTS[:1])),
    ):
        evaluation, worst = run.examine(few, {"model": two}, tmp_path)
    measured = {(row["setting"], row["metric"]): row for row in evaluation["rows"]}
    for setting in ("T1 + T2 → FLAIR, easy", "T1 + T2 → FLAIR, hard"):
        assert {"model", "twin", "baseline"} <= set(measured[setting, "PSNR in head"])
        assert "model" in measured[setting, "truth inside the 90 % interval"]
    assert ("T1 + T2 → FLAIR, hard", "reproduced: lesions of all sizes") in measured
    assert len(evaluation["goals"][0]["reached"]) == 1
    # Both inputs, what was made, and the truth.
    assert len(worst[0].panels) == 4
    assert "the look-up table knows the intensity in each" in evaluation["protocol"]
