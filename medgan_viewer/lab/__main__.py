"""`python -m medgan_viewer.lab`: simulate, train, evaluate and package the project's own models."""

import argparse
import os
from pathlib import Path

from medgan_viewer import resources
from medgan_viewer.errors import MedganError, MissingPartError


def main(arguments: list[str] | None = None) -> int:
    """Run one of the lab's commands and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        {"simulate": _simulate, "train": _train}[options.command](options)
    except MedganError as error:
        raise SystemExit(error.sentence) from error
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    simulate = commands.add_parser("simulate", help="fill a cache with simulated series of the training heads")
    simulate.add_argument("cache", type=Path)
    simulate.add_argument("--patients", type=int, default=10, help="simulated patients per head")
    simulate.add_argument("--seed", type=int, default=0)
    train = commands.add_parser("train", help="train a recipe, or go on with an interrupted run")
    train.add_argument("recipe", help="name of a recipe in resources/recipes, or the path of one")
    train.add_argument("--run", type=Path, required=True, help="folder for checkpoints and metrics")
    train.add_argument("--cache", type=Path, required=True, help="folder of simulated series")
    train.add_argument("--minutes", type=float, help="reconstruction alone, instead of the recipe's")
    train.add_argument("--adversarial-minutes", type=float, help="instead of the recipe's")
    train.add_argument("--adversarial-steps", type=int, help="end the second phase after so many steps at the latest")
    train.add_argument("--adversarial-weight", type=float, help="instead of the recipe's; 0 trains the twin")
    train.add_argument("--start", type=Path, help="begin from this state of another run")
    return parser


def _data() -> Path:
    data = resources.shared_data()
    if data is None:
        raise MissingPartError("The training data is not here: set MEDGAN_DATA to its folder.")
    return data


def _simulate(options: argparse.Namespace) -> None:
    from medgan_viewer.lab.data import TRAIN_HEADS, simulate_cache, training_settings
    from medgan_viewer.lab.simulate import SimulationSettings

    settings = training_settings(SimulationSettings())
    simulate_cache(_data(), options.cache, TRAIN_HEADS, options.patients, settings, options.seed)


def _train(options: argparse.Namespace) -> None:
    # Waiting threads that spin take the time of whoever else computes here; read by OpenMP when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from dataclasses import replace

    import numpy as np

    from medgan_viewer.lab.batches import BatchSource
    from medgan_viewer.lab.recipe import load_recipe
    from medgan_viewer.lab.trainer import Budget, Trainer

    named = Path(options.recipe)
    recipe = load_recipe(named if named.suffix == ".toml" else resources.path("recipes", f"{named}.toml"))
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


if __name__ == "__main__":
    raise SystemExit(main())
