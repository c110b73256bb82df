"""``medgan-viewer demo``: the whole job on a patient who does not exist."""

import argparse
from pathlib import Path

from medgan_viewer import settings
from medgan_viewer.commands import console
from medgan_viewer.commands.view import require_display, window
from medgan_viewer.errors import UsageError

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "open the virtual patient; with --headless, run the models on it and write DICOM, PNG and a screenshot"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--headless", action="store_true", help="without a display")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results of --headless go")


def execute(arguments: argparse.Namespace) -> int:
    """Make the patient if need be, then hand over to the window."""
    from medgan_viewer.lab.virtual_patient.study import ensure_study

    if arguments.headless and arguments.out is None:
        raise UsageError("Say with --out where the results go.")
    if not arguments.headless:
        require_display()
    show = window("run_demo")
    console.complain("Preparing the virtual patient (some seconds at the first start).")
    study = ensure_study(settings.cache_folder())
    return show(study, arguments.out, arguments.headless)
