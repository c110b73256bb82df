"""``medgan-viewer deidentify IN OUT``: DICOM files without the patient's identity, by PS3.15's Basic profile."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.commands import console
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from medgan_viewer.dicom.deidentified_files import Outcome

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "write DICOM files without the patient's identity"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, metavar="IN", help="a folder or a file")
    parser.add_argument("out", type=Path, metavar="OUT", nargs="?", help="a new folder")
    parser.add_argument(
        "--keep-dates-shifted",
        action="store_true",
        help="move all dates of a patient by the same number of days instead of removing them, so that intervals stay",
    )
    parser.add_argument("--preview", action="store_true", help="list what would go, without a value; write nothing")
    parser.add_argument("--json", action="store_true", help="end with a summary in JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Write the files; 1 where something was left out."""
    from medgan_viewer.dicom import deidentified_files
    from medgan_viewer.dicom.deidentify import Deidentifier

    if not arguments.path.exists():
        raise UsageError(f"{arguments.path.name}: there is no such file or folder.")
    deidentifier = Deidentifier(shift_dates=arguments.keep_dates_shifted)
    if arguments.preview:
        outcome = deidentified_files.preview([arguments.path], deidentifier)
    elif arguments.out is None:
        raise UsageError("Name the folder to write to, or ask for --preview.")
    else:
        outcome = deidentified_files.write([arguments.path], arguments.out, deidentifier)
    _say(outcome, arguments)
    return 1 if outcome.refused or not outcome.objects else 0


def _say(outcome: "Outcome", arguments: argparse.Namespace) -> None:
    for refusal in outcome.refused:
        console.complain(f"{refusal.path.name}: {refusal.reason}")
    for note in outcome.notes:
        console.complain(note)
    if arguments.json:
        changes = [
            {"attribute": name, "done": done, "places": n} for (name, done), n in sorted(outcome.changes.items())
        ]
        console.show_json(
            {
                "objects": outcome.objects,
                "outputs": [str(path) for path in outcome.paths],
                "left_out": [{"file": one.path.name, "reason": one.reason} for one in outcome.refused],
                "changes": changes,
            }
        )
        return
    for line in outcome.lines() if arguments.preview else ():
        console.show(line)
    what = f"{outcome.objects} object" + ("" if outcome.objects == 1 else "s")
    done = "would be written" if arguments.preview else "written without identity"
    console.show(f"{what} {done}, {len(outcome.refused)} left out.")
