"""Scores a run on patients that it was not trained on, with what fits its data; fills the run's evaluation.json."""

from pathlib import Path
from typing import Any

from medgan_viewer import settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab import data, pairs
from medgan_viewer.lab.evaluate import evaluate, look_up, predictor
from medgan_viewer.lab.heads import TEST_HEADS
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.run_folder import RunFolder
from medgan_viewer.lab.simulate import SIMULATION
from medgan_viewer.lab.sources.simulated_heads import SimulatedHeads, data_folder
from medgan_viewer.lab.start import open_source
from medgan_viewer.lab.trained import load_run

__all__ = ["score"]

SIMULATED = ("simulated_heads", "live_heads")


def score(run: Path, twin: Path | None = None) -> dict[str, Any]:
    """Score a run beside its twin and a classical baseline, write evaluation.json and return it.

    Raises UsageError where the run's task or data are of a kind that is not scored here.
    """
    trained = load_run(run)
    runs = {"model": trained, **({"twin": load_run(twin)} if twin is not None else {})}
    recipe = trained.recipe
    if recipe.data.name in SIMULATED and recipe.task in ("synthesis", "segmentation"):
        predictors = {who: predictor(one) for who, one in runs.items()}
        predictors["baseline"] = look_up(recipe, _training_cache(recipe))
        evaluation = evaluate(recipe, _test_cache(recipe), predictors)
    elif recipe.task in ("synthesis", "lab") and recipe.method.name == "translation":
        evaluation = pairs.evaluate(runs, open_source(recipe), recipe.evaluation.patients)
    else:
        raise UsageError(
            f"There is no evaluation for the task {recipe.task} with the method {recipe.method.name} and the data "
            f"{recipe.data.name}: use the command sample and look."
        )
    evaluation |= {"step": trained.step, "recipe_sha256": recipe.digest, "seed": recipe.training.seed}
    RunFolder(run).write_evaluation(evaluation)
    return evaluation


def _training_cache(recipe: Recipe) -> Path:
    """Return the cached series that the look-up table is fitted on: the training's, or a few where it kept none."""
    wanted = dict(recipe.data.arguments)
    if recipe.data.name != "simulated_heads":
        wanted = {name: wanted[name] for name in ("inputs", "targets", "seed", "data") if name in wanted}
        wanted |= {"patients": 1, "series": 1}
    return SimulatedHeads(**wanted)._cache


def _test_cache(recipe: Recipe) -> Path:
    """Return a folder with whole series of the test heads, simulated where they are not there yet."""
    chosen = recipe.evaluation
    patients, series = max(1, chosen.patients), max(1, chosen.series)
    name = f"{SIMULATION}-seed{chosen.seed}-{patients}x{series}"
    cache = settings.cache_folder() / "test-heads" / name
    folder = data_folder(recipe.data.arguments.get("data"))
    data.simulate_cache(
        folder, cache, TEST_HEADS, data.evaluation_settings(), patients=patients, series=series, seed=chosen.seed
    )
    return cache
