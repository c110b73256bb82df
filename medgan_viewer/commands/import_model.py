"""``medgan-viewer import-model PATH``: an ONNX file or a MONAI bundle becomes a model package.

An archive of whole models, such as the one beside an installer, is taken as it is.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from medgan_viewer.commands import console
from medgan_viewer.errors import UsageError
from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.worker import Job
from medgan_viewer.models import importing, registry
from medgan_viewer.models.importing import Draft, Request, description

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "make a model package of an ONNX file or a MONAI bundle, or add an archive of models"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "path", type=Path, nargs="?", metavar="PATH", help="an ONNX file, a MONAI bundle, or an archive of models"
    )
    parser.add_argument("--describe", type=Path, metavar="FILE", help="what the file does not say, in TOML")
    parser.add_argument("--id", default="", metavar="ID", help="the model's id; default: after the file")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: the user's model folder")
    parser.add_argument("--yes", action="store_true", help="do not ask before the model is added")
    parser.add_argument("--template", type=Path, metavar="FILE", help="write a description to fill in, and end")


def execute(arguments: argparse.Namespace) -> int:
    """Check the file in a process of its own, ask, and put the package into its place."""
    if arguments.template is not None:
        description.write_template(arguments.template)
        console.show(f"Fill in {arguments.template}, then give it with --describe.")
        return 0
    if arguments.path is None:
        raise UsageError("Name the ONNX file or MONAI bundle to import.")
    if not arguments.yes and not sys.stdin.isatty():
        raise UsageError("Nobody can be asked here whether the model is to be added; say --yes.")
    said: dict[str, Any] = {} if arguments.describe is None else description.read(arguments.describe)
    folder = arguments.out or registry.folders()[-1]
    packages, _ = registry.scan()
    taken = () if arguments.out else tuple(package.id for package in packages)
    request = Request(arguments.path.absolute(), folder.absolute(), said, arguments.id, taken)
    return max(_added(draft, arguments.yes) for draft in _checked(request))


def _added(draft: Draft, unasked: bool) -> int:
    """Put a package into its place if it is wanted; return the exit code."""
    if not unasked and not _confirmed(draft):
        importing.drop(draft)
        console.complain("Nothing was imported.")
        return 1
    console.show(str(importing.keep(draft)))
    return 0


def _checked(request: Request) -> tuple[Draft, ...]:
    runner = Runner(lambda event: None)
    try:
        return importing.settled(runner.ask(Job(importing.CHECK, {"request": request})).result())
    finally:
        runner.close()


def _confirmed(draft: Draft) -> bool:
    """Say what would be added and ask."""
    numbers = "its numbers are on its card" if draft.evaluated else "not evaluated"
    console.show(f"{draft.name}: {draft.task}, {draft.kind}; licence: {draft.licence}; {numbers}.")
    sys.stdout.write(f"Add it as {draft.id}? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
