"""``medgan-viewer models``: which models there are."""

import argparse
from dataclasses import asdict
from typing import Any

from medgan_viewer.commands import console
from medgan_viewer.models import registry
from medgan_viewer.models.manifest import Input, Package

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "list the models, what they need and what they make"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="write JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Write the list; damaged packages are named on stderr."""
    packages, problems = registry.scan()
    for problem in problems:
        console.complain(problem.sentence)
    if arguments.json:
        console.show_json(
            {"models": [_content(package) for package in packages], "problems": [p.sentence for p in problems]}
        )
    elif packages:
        rows = [
            (package.id, package.manifest.version, package.manifest.task, _needs(package), package.manifest.name)
            for package in packages
        ]
        console.show(console.table(rows, ("id", "version", "task", "needs", "name")))
    else:
        console.show(f"There are no models; put model folders into {registry.folders()[-1]}.")
    return 0


def _needs(package: Package) -> str:
    requires = package.manifest.requires
    inputs = requires.inputs or (Input(" or ".join(requires.modalities), requires.contrasts),)
    words = [
        (f"{each.modality} ({', '.join(each.contrasts)})" if each.contrasts else each.modality)
        + (" where there is one" if each.optional else "")
        for each in inputs
    ]
    return f"{requires.body_part.lower()} {' + '.join(words)}"


def _content(package: Package) -> dict[str, Any]:
    manifest = package.manifest
    requires = manifest.requires
    return {
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "description": manifest.description,
        "intended_use": manifest.intended_use,
        "limits": list(manifest.limits),
        "licence": manifest.licence,
        "weights_sha256": manifest.weights_sha256,
        "requires": {
            "body_part": requires.body_part,
            "modalities": list(requires.modalities),
            "contrasts": list(requires.contrasts),
            "orientation": requires.orientation,
            "max_slice_spacing_mm": requires.max_slice_spacing_mm,
            "inputs": [asdict(each) for each in requires.inputs],
        },
        "outputs": [
            one.name for several in (manifest.images, manifest.segments, manifest.questions) for one in several
        ],
        "folder": str(package.folder),
    }
