"""``medgan-viewer train RECIPE``: train a recipe, or go on with an interrupted training."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer import resources
from medgan_viewer.commands import console
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from medgan_viewer.lab.training.progress import TerminalProgress
    from medgan_viewer.lab.training.trainer import Trainer

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "train a recipe in a folder, or go on with an interrupted training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("recipe", metavar="RECIPE", help="a recipe's file, or the name of one that comes along")
    parser.add_argument("--run", type=Path, metavar="DIR", help="the run's folder; default: runs/ and the recipe's id")
    parser.add_argument(
        "--devices", type=int, default=1, metavar="N", help="graphics cards or CPU processes; default 1"
    )
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), help="instead of the recipe's")
    parser.add_argument("--minutes", type=float, metavar="M", help="stop after so many minutes; train again to go on")
    parser.add_argument("--resume", action="store_true", help="go on from a checkpoint, which must be there")
    parser.add_argument(
        "--twin-of", type=Path, metavar="RUN", help="train on from where RUN's adversary came in, without"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Train until the last step or until asked to stop."""
    if arguments.devices < 1:
        raise UsageError("At least one device is needed.")
    if arguments.minutes is not None and not arguments.minutes > 0:
        raise UsageError("The minutes must be more than 0.")
    # Threads that spin while they wait take the time of whoever else computes here; read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from medgan_viewer.lab.training.progress import TerminalProgress

    progress = TerminalProgress()
    trainer = _trainer(arguments, progress)
    try:
        state = trainer.train(arguments.minutes)
    finally:
        progress.clear()
    if trainer.first:
        folder = trainer.folder.path
        more = "" if state.status == "finished" else "; the same command goes on"
        console.show(f"{folder}: {state.status} at step {state.step} of {state.steps}{more}.")
    return 0


def recipe_path(named: str) -> Path:
    """Return the path of a recipe given by its file or by the name of one that comes along."""
    path = Path(named)
    return path if path.suffix == ".toml" else resources.path("recipes", f"{named}.toml")


def _trainer(arguments: argparse.Namespace, progress: "TerminalProgress") -> "Trainer":
    from medgan_viewer.lab.recipe import load_recipe, without_adversary
    from medgan_viewer.lab.training import start

    recipe = load_recipe(recipe_path(arguments.recipe))
    if arguments.twin_of is not None:
        recipe = without_adversary(recipe)
    trainer = start.prepare(
        recipe,
        arguments.run or Path("runs") / recipe.id,
        devices=arguments.devices,
        precision=arguments.precision or "",
        twin_of=arguments.twin_of,
        must_resume=arguments.resume,
        progress=progress,
    )
    if trainer.first and trainer.refused:
        files = "1 data file" if trainer.refused == 1 else f"{trainer.refused} data files"
        console.complain(f"{files} did not open; {trainer.folder.path / start.REFUSED} says which and why.")
    return trainer
