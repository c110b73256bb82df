"""`python -m medgan_viewer.lab`: simulate, train, evaluate and package the project's own models."""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer import resources
from medgan_viewer.errors import MedganError, MissingPartError
from medgan_viewer.lab.heads import CALIBRATION_HEADS, TEST_HEADS, TRAIN_HEADS, VALIDATION_HEADS

if TYPE_CHECKING:
    from medgan_viewer.lab.recipe import Recipe

_HEADS = {
    "train": TRAIN_HEADS,
    "validation": VALIDATION_HEADS,
    "calibration": CALIBRATION_HEADS,
    "test": TEST_HEADS,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one of the lab's commands and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        {"simulate": _simulate, "train": _train, "evaluate": _evaluate, "package": _package}[options.command](options)
    except MedganError as error:
        raise SystemExit(error.sentence) from error
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    simulate = commands.add_parser("simulate", help="fill a cache with simulated series of the training heads")
    simulate.add_argument("cache", type=Path)
    simulate.add_argument("--patients", type=int, default=10, help="simulated patients per head")
    simulate.add_argument("--series", type=int, default=3, help="series per patient, cheaper than another patient")
    simulate.add_argument("--seed", type=int, default=0)
    simulate.add_argument("--heads", choices=tuple(_HEADS), default="train", help="whole series where not for training")
    train = commands.add_parser("train", help="train a recipe, or go on with an interrupted run")
    train.add_argument("recipe", help="name of a recipe in resources/recipes, or the path of one")
    train.add_argument("--run", type=Path, required=True, help="folder for checkpoints and metrics")
    train.add_argument("--cache", type=Path, required=True, help="folder of simulated series")
    train.add_argument("--minutes", type=float, help="reconstruction alone, instead of the recipe's")
    train.add_argument("--adversarial-minutes", type=float, help="instead of the recipe's")
    train.add_argument("--adversarial-steps", type=int, help="end the second phase after so many steps at the latest")
    train.add_argument("--adversarial-weight", type=float, help="instead of the recipe's; 0 trains the twin")
    train.add_argument("--start", type=Path, help="begin from this state of another run")
    evaluate = commands.add_parser(
        "evaluate", help="score a run on held-out heads, beside its twin and a look-up table"
    )
    evaluate.add_argument("recipe")
    evaluate.add_argument("--run", type=Path, required=True)
    evaluate.add_argument("--twin", type=Path, help="folder of the run without an adversary")
    evaluate.add_argument("--cache", type=Path, required=True, help="simulated series of held-out heads")
    evaluate.add_argument("--train-cache", type=Path, required=True, help="what the look-up table is fitted on")
    package = commands.add_parser("package", help="make the model package of an evaluated run")
    package.add_argument("recipe")
    package.add_argument("--run", type=Path, required=True)
    return parser


def _recipe(named: str) -> "Recipe":
    from medgan_viewer.lab.recipe import load_recipe

    path = Path(named)
    return load_recipe(path if path.suffix == ".toml" else resources.path("recipes", f"{named}.toml"))


def _data() -> Path:
    data = resources.shared_data()
    if data is None:
        raise MissingPartError("The training data is not here: set MEDGAN_DATA to its folder.")
    return data


def _simulate(options: argparse.Namespace) -> None:
    from medgan_viewer.lab.data import evaluation_settings, simulate_cache, training_settings

    settings = training_settings() if options.heads == "train" else evaluation_settings()
    simulate_cache(
        _data(),
        options.cache,
        _HEADS[options.heads],
        settings,
        patients=options.patients,
        series=options.series,
        seed=options.seed,
    )


def _train(options: argparse.Namespace) -> None:
    # Waiting threads that spin take the time of whoever else computes here; read by OpenMP when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import numpy as np

    from medgan_viewer.lab.batches import BatchSource
    from medgan_viewer.lab.trainer import Budget, Trainer

    recipe = _recipe(options.recipe)
    if options.adversarial_weight is not None:
        recipe = replace(recipe, training=replace(recipe.training, adversarial_weight=options.adversarial_weight))
    source = BatchSource(options.cache, recipe, np.random.default_rng(recipe.training.seed))
    trainer = Trainer(recipe, source, options.run)
    if options.start is not None:
        trainer.load(options.start)
    trainer.resume()
    minutes = recipe.training.minutes if options.minutes is None else options.minutes
    more = recipe.training.adversarial_minutes if options.adversarial_minutes is None else options.adversarial_minutes
    steps = 1_000_000_000 if options.adversarial_steps is None else options.adversarial_steps
    trainer.train(Budget(minutes), Budget(more, steps))


def _evaluate(options: argparse.Namespace) -> None:
    from medgan_viewer.lab.evaluate import evaluate, load_network, look_up, predictor

    recipe = _recipe(options.recipe)
    predictors = {"model": predictor(recipe, load_network(recipe, options.run / "checkpoint.pt"))}
    if options.twin is not None:
        predictors["twin"] = predictor(recipe, load_network(recipe, options.twin / "checkpoint.pt"))
    predictors["baseline"] = look_up(recipe, options.train_cache)
    evaluation = evaluate(recipe, options.cache, predictors)
    text = json.dumps(evaluation, indent=1, ensure_ascii=False)
    (options.run / "evaluation.json").write_text(text + "\n", encoding="utf-8")


def _package(options: argparse.Namespace) -> None:
    from medgan_viewer.lab.package import package

    recipe = _recipe(options.recipe)
    licence = resources.folder().parent / "LICENSE"
    package(recipe, options.run, resources.path("models", recipe.id), licence.read_text(encoding="utf-8"))


if __name__ == "__main__":
    raise SystemExit(main())
