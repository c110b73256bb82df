"""``medgan-viewer info PATH``: what is there."""

import argparse
from pathlib import Path
from typing import Any

from medgan_viewer.commands import console, selection

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "list the studies and series under a path, with their geometry"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder or a file")
    parser.add_argument("--json", action="store_true", help="write JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Write the list."""
    from medgan_viewer.dicom.describe import describe

    catalog = selection.scan_even_nothing(arguments.path)
    content = describe(catalog)
    if arguments.json:
        console.show_json(content)
    selection.require_studies(catalog, arguments.path)
    if arguments.json:
        return 0
    for study in content["studies"]:
        console.show(f"Study {study['date'] or 'without date'}: {study['patient_name'] or 'no name'}")
        console.show(console.table([_row(series) for series in study["series"]], _HEADING))
        for series in study["series"]:
            for warning in series["warnings"]:
                console.show(f"  {series['description'] or series['uid']}: {warning}")
    for result in content["results"]:
        if result["series"] is not None:
            console.show(f'On file: {result["kind"]} "{result["description"]}", on series {result["series"]}')
    selection.name_refused(catalog)
    return 0


_HEADING = ("  #", "modality", "description", "slices × rows × columns", "spacing in mm", "uid")


def _row(series: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"  {'' if series['number'] is None else series['number']}",
        series["modality"] + (" synthetic" if series["synthetic"] else ""),
        series["description"],
        " × ".join(str(count) for count in series["shape"]),
        " × ".join(f"{length:.3g}" for length in series["spacing"]),
        series["uid"],
    )
