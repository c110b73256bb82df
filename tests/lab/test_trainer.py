"""Training: both phases learn, budgets end them, and an interrupted run goes on exactly."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from medgan_viewer.lab import trainer as trainer_module
from medgan_viewer.lab.batches import Batch, BatchSource
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.trainer import CHECKPOINT, METRICS, RECONSTRUCTION, Budget, Trainer, segmentation_loss
from tests.lab.small_runs import fill_cache, small_recipe

ENDLESS = math.inf


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    fill_cache(folder, (1,))
    return folder


class Interrupted(Exception):  # noqa: N818  (what a test does to a run, no error of the program)
    pass


class ShortSource(BatchSource):
    """Draws a few batches, then is interrupted."""

    left = 1_000

    def draw(self) -> Batch:
        if self.left == 0:
            raise Interrupted
        self.left -= 1
        return super().draw()


def make(cache: Path, run: Path, recipe: Recipe, draws: int = 1_000) -> Trainer:
    source = ShortSource(cache, recipe, np.random.default_rng(0))
    source.left = draws
    return Trainer(recipe, source, run)


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.generator.parameters()])


def test_that_an_interrupted_run_goes_on_exactly(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer_module, "_SAVE_EVERY", 1)
    budgets = Budget(ENDLESS, 4), Budget(ENDLESS, 4)
    whole = make(cache, tmp_path / "whole", small_recipe())
    whole.train(*budgets)
    for draws in (2, 4):  # once in each phase
        interrupted = make(cache, tmp_path / "parts", small_recipe(), draws)
        interrupted.resume()
        with pytest.raises(Interrupted):
            interrupted.train(*budgets)
    resumed = make(cache, tmp_path / "parts", small_recipe())
    resumed.resume()
    resumed.train(*budgets)
    assert resumed.progress.reconstruction_steps == resumed.progress.adversarial_steps == 4
    assert torch.equal(weights(resumed), weights(whole))
    discriminators = [torch.cat([p.flatten() for p in t.discriminator.parameters()]) for t in (resumed, whole)]
    assert torch.equal(*discriminators)


def test_that_reconstruction_learns(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache, tmp_path, small_recipe(batch=4))
    trainer.train(Budget(ENDLESS, 41), Budget(0.0))
    lines = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 20, 40]
    assert lines[-1]["reconstruction"] < 0.6 * lines[0]["reconstruction"]


def test_that_without_adversarial_weight_the_discriminator_is_left_alone(cache: Path, tmp_path: Path) -> None:
    first = make(cache, tmp_path / "gan", small_recipe())
    first.train(Budget(ENDLESS, 1), Budget(ENDLESS, 2))
    twin = make(cache, tmp_path / "twin", small_recipe(adversarial_weight=0.0))
    twin.load(tmp_path / "gan" / RECONSTRUCTION)
    before = [p.clone() for p in twin.discriminator.parameters()]
    start = weights(twin)
    twin.train(Budget(ENDLESS, 1), Budget(ENDLESS, 2))
    assert all(torch.equal(a, b) for a, b in zip(before, twin.discriminator.parameters(), strict=True))
    assert not torch.equal(weights(twin), start)
    assert not torch.equal(weights(twin), weights(first))


def test_that_a_phase_whose_budget_is_used_is_skipped(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache, tmp_path, small_recipe(), draws=0)
    trainer.train(Budget(0.0), Budget(0.0))
    assert trainer.progress.reconstruction_steps == 0


def test_that_checkpoints_hold_no_code(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache, tmp_path, small_recipe())
    trainer.train(Budget(ENDLESS, 1), Budget(0.0))
    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert set(state) >= {"generator", "average", "optimiser", "progress", "batches"}
    assert not list(tmp_path.glob("*.part"))


def test_that_lesions_weigh_more(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache, tmp_path, small_recipe(lesion_weight=3.0))
    ones = torch.ones(1, 8, 8, dtype=torch.int64)
    target = torch.zeros(1, 1, 8, 8)
    output = torch.ones(1, 1, 8, 8)
    healthy = trainer.reconstruction_loss(output, Batch(output, target, ones, 0 * ones))
    ill = trainer.reconstruction_loss(output, Batch(output, target, ones, ones))
    air = trainer.reconstruction_loss(output, Batch(output, target, 0 * ones, 0 * ones))
    assert [float(value) for value in (air, healthy, ill)] == pytest.approx([0.3, 1.0, 4.0])


@pytest.mark.parametrize(("minutes", "steps", "used"), [(10, 100, 0.5), (1, 100, 1.0), (10, 10, 1.0)])
def test_that_a_budget_is_used_by_time_or_steps(minutes: float, steps: int, used: float) -> None:
    assert Budget(minutes, steps).used(60.0 * 5, 50) == used


def test_that_a_perfect_segmentation_costs_nothing_and_a_wrong_one_much() -> None:
    labels = torch.randint(0, 3, (2, 16, 16))
    right = 50 * torch.nn.functional.one_hot(labels, 3).movedim(-1, 1).float()
    assert float(segmentation_loss(right, labels)) == pytest.approx(0.0, abs=1e-3)
    assert float(segmentation_loss(right.roll(1, dims=1), labels)) > 10
