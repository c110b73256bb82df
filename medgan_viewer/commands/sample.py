"""``medgan-viewer sample RUN --out DIR``: pictures that a training's averaged generator makes."""

import argparse
from pathlib import Path

from medgan_viewer.commands import console
from medgan_viewer.errors import UsageError

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "write pictures that a training's generator makes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pictures go")
    parser.add_argument("--count", type=int, default=16, metavar="N", help="default: 16")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="another seed, other pictures; default 0")
    parser.add_argument("--format", choices=("png", "nifti"), default="png", help="default: png")


def execute(arguments: argparse.Namespace) -> int:
    """Write the pictures, each with its mark."""
    if arguments.count < 1:
        raise UsageError("At least one picture is needed.")
    from medgan_viewer.lab.evaluation.samples import write_samples

    for path in write_samples(arguments.run, arguments.out, arguments.count, arguments.seed, arguments.format):
        console.show(str(path))
    return 0
