"""``medgan-viewer package RUN --id ID``: make a model of an evaluated training."""

import argparse
import re
from pathlib import Path

from medgan_viewer.commands import console
from medgan_viewer.errors import UsageError
from medgan_viewer.models import registry
from medgan_viewer.models.manifest import read_package

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "make a model package of an evaluated training"
_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("--id", required=True, metavar="ID", help="the model's identifier, such as ct-to-t1")
    parser.add_argument("--with-twin", action="store_true", help="put the twin's weights beside the model's")
    parser.add_argument(
        "--recipe",
        type=Path,
        metavar="FILE",
        help="take name, limits and remarks from here; it must train the same",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: ID in the user's model folder")


def execute(arguments: argparse.Namespace) -> int:
    """Write the package and read it back."""
    if not _IDENTIFIER.fullmatch(arguments.id):
        raise UsageError(f"A model's identifier has lower-case letters, digits and hyphens only, not {arguments.id}.")
    folder: Path = arguments.out or registry.folders()[-1] / arguments.id
    if folder.name != arguments.id:
        raise UsageError(f"A model's folder is named after it: let --out end in {arguments.id}.")
    if arguments.out is None and folder.exists():
        raise UsageError(f"There is a model {arguments.id} already: take another --id, or name its folder with --out.")
    from medgan_viewer.lab.evaluation.package import package

    package(arguments.run, arguments.id, folder, arguments.with_twin, arguments.recipe)
    read_package(folder)
    console.show(str(folder))
    return 0
