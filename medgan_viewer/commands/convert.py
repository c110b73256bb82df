"""``medgan-viewer convert PATH --out FILE``: a series as NIfTI on its regular grid, or as a moving picture."""

import argparse
from pathlib import Path

from medgan_viewer.commands import console, selection
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.errors import UsageError

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "write a series as NIfTI, or as a moving picture"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder or a file")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="the file to write: .nii.gz, .nii, or .gif or .mp4 for a picture",
    )
    parser.add_argument("--series", metavar="UID", help="which series, where there are several")
    parser.add_argument(
        "--window",
        type=float,
        nargs=2,
        metavar=("WIDTH", "CENTRE"),
        help="the window of a picture; by default the one that the series opens with",
    )
    parser.add_argument("--rate", type=float, default=10.0, help="frames a second of a picture; default: 10")


def execute(arguments: argparse.Namespace) -> int:
    """Write the file; 1 where a slice of the series could not be read."""
    from medgan_viewer.dicom import nifti, write_cine

    out: Path = arguments.out
    if not out.name.endswith((".nii", ".nii.gz", *write_cine.SUFFIXES)):
        known = " or ".join(write_cine.SUFFIXES)
        ends = f"the file's name must end in .nii or .nii.gz, or in {known} for a moving picture."
        raise UsageError(f"{out.name}: {ends}")
    if not 0 < arguments.rate <= write_cine.FASTEST or (arguments.window and arguments.window[0] <= 0):
        raise UsageError(
            f"A moving picture has a window wider than 0 and at most {write_cine.FASTEST:.0f} frames a second."
        )
    catalog = selection.scan(arguments.path)
    selection.name_refused(catalog)
    uids = [arguments.series] if arguments.series else []
    chosen = selection.named_series(catalog, uids) if uids else selection.all_series(catalog)
    if len(chosen) > 1:
        raise UsageError(f"There are several series; name one with --series: {selection.listing(chosen)}.")
    stack, complete = selection.load(chosen[0])
    if out.suffix in write_cine.SUFFIXES:
        _write_cine(chosen[0], stack, arguments)
    else:
        nifti.write(stack.volume(), out)
    console.show(str(out))
    return 0 if complete else 1


def _write_cine(series: Series, stack: SliceStack, arguments: argparse.Namespace) -> None:
    from medgan_viewer.core.display import Window, initial_window
    from medgan_viewer.dicom import write_cine

    window = Window(*arguments.window) if arguments.window else initial_window(series, stack.array)
    write_cine.write(series, stack, arguments.out, window, rate=arguments.rate)
