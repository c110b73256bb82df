"""A run of real networks under watch, stopped in each phase, goes on to the same numbers; so do all methods' states."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.training import start
from medgan_viewer.lab.training.run_folder import RunFolder
from medgan_viewer.lab.training.trainer import Trainer
from tests.lab.small_runs import small_heads, small_recipe

CHANGES = {
    "sharpness": (
        ("measure_every = 2", "measure_every = 1"),
        ('objective = "lsgan"', 'objective = "lsgan"\nsharpness = true\nquantiles = [0.05, 0.95]'),
    ),
    "translation": (
        ("measure_every = 2", "measure_every = 1"),
        ('objective = "lsgan"', 'objective = "lsgan"\nr1 = 1.0\nr1_every = 2\naugment = ["translation"]'),
    ),
    "cycle": (
        ("measure_every = 2", "measure_every = 1"),
        ('name = "translation"', 'name = "cycle"'),
        ('kind = "simulated_heads"\ninputs = ["CT"]', 'kind = "simulated_heads"\ninputs = ["T1"]'),
        ("patients = 1\nseries", "neighbours = 0\npatients = 1\nseries"),
        ('encoding = { CT = "ct_two_window" }', 'encoding = { MR = "mr_head" }'),
        ('modalities = ["CT"]', 'modalities = ["MR"]'),
    ),
}


def stop_at(trainer: Trainer, number: int) -> None:
    """Let a signal arrive before step `number`."""
    step = trainer.steps.step

    def stopping() -> None:
        if trainer.steps.number == number - 1:
            os.kill(os.getpid(), signal.SIGTERM)
        step()

    trainer.steps.step = stopping  # type: ignore[method-assign]


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of metrics without what depends on the clock."""
    found, _ = RunFolder(folder).metrics()
    return [{k: v for k, v in line.items() if k not in ("seconds", "images_per_second")} for line in found]


@pytest.mark.parametrize("method", CHANGES)
def test_that_a_run_under_watch_goes_on_to_the_same_numbers(tmp_path: Path, method: str) -> None:
    recipe: Recipe = small_recipe(tmp_path, *CHANGES[method])
    with small_heads(tmp_path):
        assert start.prepare(recipe, tmp_path / "whole").train().status == "finished"
        for number in (2, 3):
            part = start.prepare(recipe, tmp_path / "parts")
            stop_at(part, number)
            assert part.train().status == "stopped"
        assert start.prepare(recipe, tmp_path / "parts", must_resume=True).train().status == "finished"
    assert len(lines(tmp_path / "whole")) == 4
    assert any("update/cosine" in line for line in lines(tmp_path / "whole"))
    assert lines(tmp_path / "parts") == lines(tmp_path / "whole")
