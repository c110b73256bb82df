"""Lets a package sit its exam with something changed that needs no training: what was tried for its goals.

``python -m medgan_viewer.lab.evaluation.exams.variants FOLDER --change KEY=VALUE --out FILE``

Of weights that were packaged before, an exam that came later beside theirs is sat with ``--beside EXAM``.

A key is a place in manifest.json, such as ``preprocessing.grid_spacing_mm``, a value JSON. What comes out is kept in
`resources/attempts/measured`, for cards to name (`medgan_viewer.lab.evaluation.attempts`).
"""

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation.exams.real_runs import further_exams, measured
from medgan_viewer.lab.recipe import suggestion
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.models.manifest import Package, read_package

__all__ = ["changed", "main", "sit_changed"]

_NEEDED = ("CARD.md",)
_KEPT = ("setting", "metric", "unit", "model", "n", "spread")


def changed(manifest: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return a manifest with another value at a dotted key. Raises UsageError where it has no such key."""
    first, _, rest = key.partition(".")
    inner = manifest.get(first)
    if inner is None or (rest and not isinstance(inner, dict)):
        raise UsageError(f"The manifest has no key {first}, so it cannot be changed.")
    return {**manifest, first: changed(inner, rest, value) if rest else value}


def sit_changed(folder: Path, changes: Mapping[str, Any], data: Path, beside: str = "") -> dict[str, Any]:
    """Return what the package in a folder reaches with these changes at the exam that it sat, or at one `beside` that.

    What stands beside a model is on its card already, so only its own numbers are kept, and no further exam is sat.
    Raises UsageError, PackageError, MissingPartError without the data.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    sat = json.loads((folder / "evaluation.json").read_text(encoding="utf-8")).get("exam")
    if sat is None:
        raise UsageError(f"The model {manifest['id']} sat no exam, so nothing can be compared with it.")
    for key, value in changes.items():
        manifest = changed(manifest, key, value)
    known = {one.id for one in further_exams(sat["id"])}
    if beside and beside not in known:
        raise UsageError(f"No exam {beside} is sat beside {sat['id']}: {suggestion(beside, sorted(known))}")
    exam = beside or sat["id"]
    with tempfile.TemporaryDirectory() as name:
        variant = _copied(folder, manifest, Path(name) / manifest["id"])
        others = [one.id for one in further_exams(exam)]
        evaluation = measured(exam, {"model": variant}, data, others)[0]
    return {
        "model": manifest["id"],
        "weights_sha256": manifest["weights"]["sha256"],
        "changes": dict(changes),
        "exam": {"id": exam, "sha256": evaluation["exam"]["sha256"]},
        "rows": [_own(row) for row in evaluation["rows"]],
    }


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's own numbers; what its spread says of others stands in brackets."""
    return {key: row[key] for key in _KEPT} | {"spread": row["spread"].partition(" (")[0]}


def _copied(folder: Path, manifest: Mapping[str, Any], there: Path) -> Package:
    there.mkdir()
    for name in (manifest["weights"]["file"], *_NEEDED):
        (there / name).write_bytes((folder / name).read_bytes())
    (there / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return read_package(there)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a changed package and write what it reached; return 0, or 1 where that is not possible."""
    parser = argparse.ArgumentParser(description="Measure a package with something changed by its exam.")
    parser.add_argument("folder", type=Path, help="of a package")
    parser.add_argument("--change", action="append", default=[], metavar="KEY=VALUE", help="in manifest.json")
    parser.add_argument("--beside", default="", metavar="EXAM", help="an exam beside its own, instead of it")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        changes = {key: json.loads(value) for key, _, value in (one.partition("=") for one in given.change)}
    except ValueError:
        sys.stderr.write("A change is KEY=VALUE with a value in JSON, such as preprocessing.grid_spacing_mm=1.0.\n")
        return 1
    try:
        found = sit_changed(given.folder, changes, data_folder(None), given.beside)
        records.write(given.out, found)
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
