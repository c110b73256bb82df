"""A model that gives its input's own contrast, from its recipe over its interval and exam to its package."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from medgan_viewer import settings
from medgan_viewer.lab.evaluation import conformal, scoring
from medgan_viewer.lab.evaluation.exams import real_runs, run, store
from medgan_viewer.lab.evaluation.exams.definition import load_exam, load_scans
from medgan_viewer.lab.evaluation.package import package
from medgan_viewer.lab.simulation.heads import CALIBRATION_HEADS
from medgan_viewer.lab.sources import live_heads
from medgan_viewer.lab.training import start
from medgan_viewer.models.manifest import read_package
from tests.lab.evaluation.exams.test_run import PATIENTS
from tests.lab.small_runs import fill_cache, phantom, small_heads, small_recipe

HEADS = {"train": (1,), "validation": (13,), "calibration": (15,), "test": (17,)}
FIELD = (
    ('id = "small-ct-to-mr"', 'id = "small-field"'),
    ('kind = "simulated_heads"', 'kind = "live_heads"\nlow_tesla = [0.3, 1.5]\nvariants = 1\nwhole = 48'),
    ('inputs = ["CT"]\ntargets = ["T1"]', 'inputs = ["T1", "T2", "FLAIR"]'),
    ("patients = 1\nseries = 1\n[method]", "[method]"),
    ('objective = "lsgan"', 'objective = "lsgan"\nsharpness = true\nquantiles = [0.05, 0.95]'),
    ("[evaluation]\npatients = 1", '[evaluation]\nexam = "mr-field"'),
    ('modalities = ["CT"]\ncontrasts = []', 'modalities = ["MR"]\ncontrasts = ["T1", "T2", "FLAIR"]'),
    ('encoding = { CT = "ct_two_window" }', 'encoding = { MR = "mr_head" }'),
    ('["HU/1000", "brain window"]', '["signal"]'),
    ('contrast = "T1"', 'contrast = ""'),
)


def test_that_a_run_of_low_field_is_examined_in_each_contrast_and_packaged_with_an_interval(tmp_path: Path) -> None:
    fill_cache(tmp_path / "table")
    exam = load_exam("mr-field")
    few = replace(exam, scans=replace(exam.scans, patients=1))
    asked: list[tuple[Any, ...]] = []

    def calibration(*arguments: Any) -> Path:
        asked.append(arguments)
        fill_cache(tmp_path / "calibration", (15, 16))
        return tmp_path / "calibration"

    with small_heads(tmp_path), ExitStack() as stack:
        stack.enter_context(patch.object(live_heads, "load_head_labels", phantom))
        stack.enter_context(patch.object(live_heads, "HEADS", HEADS))
        stack.enter_context(patch.object(conformal, "simulated_folder", calibration))
        stack.enter_context(patch.object(real_runs, "load", lambda _: few))
        stack.enter_context(patch.object(run, "baseline_folder", lambda *_: tmp_path / "table"))
        stack.enter_context(patch.object(run, "patients", lambda *_: iter(PATIENTS[:1])))
        start.prepare(small_recipe(tmp_path, *FIELD), tmp_path / "run").train()
        evaluation = scoring.score(tmp_path / "run")
        package(tmp_path / "run", "small-field", tmp_path / "small-field")
    assert asked == [(load_scans("field-scans"), tmp_path, "calibration", CALIBRATION_HEADS)]
    measured = {(row["setting"], row["metric"]): row for row in evaluation["rows"]}
    titles = {f"{name} at higher field, {how}" for name in ("T1", "T2", "FLAIR") for how in ("easy", "hard")}
    assert {setting for setting, _ in measured} == titles
    for setting in titles:
        assert {"model", "twin", "baseline"} <= set(measured[setting, "PSNR in head"])
        assert "model" in measured[setting, "truth inside the 90 % interval"]
    assert ("FLAIR at higher field, hard", "reproduced: lesions of all sizes") in measured
    assert "between 0.3 and 1.5 T" in evaluation["protocol"]
    assert "no scan of 7 T was seen" in evaluation["protocol"]
    manifest = read_package(tmp_path / "small-field").manifest
    assert [output.contrast for output in manifest.images] == [""]
    assert manifest.interval is not None
    assert manifest.interval.calibrated_on == "calibration: head 15, head 16"


def test_that_series_of_other_heads_are_made_once_into_a_folder_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[int, int]] = []

    def simulated(scans: Any, data: Path, number: int, head: int, settings: Any) -> Any:
        made.append((number, head))
        return replace(PATIENTS[0], head=head)

    monkeypatch.setattr(settings, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(store, "simulate_patient", simulated)
    scans = load_scans("field-scans")
    for _ in range(2):
        folder = store.simulated_folder(scans, tmp_path, "calibration", (15, 16))
    assert folder.name == "calibration"
    assert made == [(1000, 15), (1001, 16)]
    names = sorted(path.name for path in folder.glob("*.labels.npy"))
    assert names == [f"head_{head}_{how}.labels.npy" for head in (15, 16) for how in ("easy", "hard")]
