"""Generate a virtual patient (``write FOLDER``), or make the head model anew from the training heads (``fit``)."""

import argparse
import sys
from pathlib import Path

from medgan_viewer import resources
from medgan_viewer.errors import MedganError, MissingPartError
from medgan_viewer.lab.virtual_patient import DEMO_SEED, write_study
from medgan_viewer.lab.virtual_patient.anatomy import training_folder


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab.virtual_patient", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fit_parser = commands.add_parser("fit", help="fit the head model to the training heads (minutes)")
    fit_parser.add_argument("--out", type=Path, default=resources.path("virtual_patient", "head_model.npz.xz"))
    write_parser = commands.add_parser("write", help="write the DICOM study of a virtual patient")
    write_parser.add_argument("folder", type=Path)
    write_parser.add_argument("--seed", type=int, default=DEMO_SEED)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "fit":
            _fit(chosen.out)
        else:
            write_study(chosen.folder, chosen.seed)
    except MedganError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _fit(target: Path) -> None:
    from medgan_viewer.lab.virtual_patient.fit import fit

    folder = training_folder()
    if folder is None:
        raise MissingPartError("The training heads are absent; set MEDGAN_DATA to the folder of the shared data.")
    fit(folder, target, lambda line: print(line, flush=True))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
