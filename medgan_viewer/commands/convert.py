"""``medgan-viewer convert PATH --out FILE.nii.gz``: a series as NIfTI, on its regular grid."""

import argparse
from pathlib import Path

from medgan_viewer.commands import console, selection
from medgan_viewer.errors import UsageError

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "write a series as NIfTI"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder or a file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.nii.gz", help="the file to write")
    parser.add_argument("--series", metavar="UID", help="which series, where there are several")


def execute(arguments: argparse.Namespace) -> int:
    """Write the file; 1 where a slice of the series could not be read."""
    from medgan_viewer.dicom import nifti

    out: Path = arguments.out
    if not out.name.endswith((".nii", ".nii.gz")):
        raise UsageError(f"{out.name}: the file's name must end in .nii or .nii.gz.")
    catalog = selection.scan(arguments.path)
    selection.name_refused(catalog)
    uids = [arguments.series] if arguments.series else []
    chosen = selection.named_series(catalog, uids) if uids else selection.all_series(catalog)
    if len(chosen) > 1:
        raise UsageError(f"There are several series; name one with --series: {selection.listing(chosen)}.")
    stack, complete = selection.load(chosen[0])
    nifti.write(stack.volume(), out)
    console.show(str(out))
    return 0 if complete else 1
