"""Measures every packaged model again and compares with its card.

``python -m medgan_viewer.lab.evaluation.check [ID …]``

What is compared: the weights with the hash, the exam with the one that was sat, each number of the model with its
interval, baseline and twin with the stored ones, the card and the table with what the stored numbers give. A twin is
measured again where its weights lie in the package.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from medgan_viewer import resources
from medgan_viewer.errors import MedganError
from medgan_viewer.lab.evaluation.catalogue import Kept, packages, page
from medgan_viewer.lab.evaluation.exams.real_runs import load, measured
from medgan_viewer.lab.evaluation.package import TWIN
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.models.manifest import Package, read_package

__all__ = ["compared", "main", "problems"]

_CLOSE = 0.02
"""Share of its size by which a number without an interval may differ."""
Row = Mapping[str, Any]


def problems(kept: Kept, data: Path) -> Iterator[str]:
    """Yield a sentence for everything of a package that cannot be reproduced. Raises MissingPartError without data."""
    name = kept.manifest["id"]
    if kept.evaluation is None:
        yield f"{name} was measured before there were exams: evaluate its run and package it again."
        return
    if (kept.folder / "CARD.md").read_text(encoding="utf-8") != kept.card:
        yield f"{name}: CARD.md is not what its numbers give; run python -m medgan_viewer.lab.evaluation.catalogue."
    package = read_package(kept.folder)
    if kept.evaluation["weights_sha256"] != package.manifest.weights_sha256:
        yield f"{name}: the numbers were measured on other weights."
        return
    sat = kept.evaluation.get("exam")
    if sat is not None:
        for exam, one in ((load(one["id"]), one) for one in (sat, *kept.evaluation.get("beside", ()))):
            if exam.digest != one["sha256"]:
                yield f"{name}: the exam {exam.id} was changed since it was sat; measure anew."
                return
        found = measured(sat["id"], {"model": package, **_twin(kept, package)}, data)[0]["rows"]
    elif package.manifest.task == "classification":
        found = _answers(package, data)
    else:
        yield f"{name} sat no exam, so nothing can be measured again."
        return
    yield from (f"{name}: {sentence}" for sentence in compared(kept.evaluation["rows"], found))


def compared(stored: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence for each stored number that was not found again."""
    again = {(row["setting"], row["metric"]): row for row in found}
    for row in stored:
        what = f"{row['setting']}, {row['metric']}"
        other = again.get((row["setting"], row["metric"]))
        if other is None:
            yield f"{what} was not measured again."
            continue
        for who in ("model", "twin", "baseline", "residual"):
            if who in row and who in other and not _agree(row, who, other[who]):
                yield f"{what}: {who} is {other[who]:g}, not {row[who]:g}."


def _agree(row: Row, who: str, value: float) -> bool:
    """Return whether a number lies in the row's interval (the model's), or is the stored one but for rounding."""
    if who == "model" and "interval" in row:
        low, high = row["interval"]
        if low <= value <= high:
            return True
    return bool(abs(value - row[who]) <= _CLOSE * abs(row[who]) + 1e-3)


def _twin(kept: Kept, package: Package) -> dict[str, Package]:
    """Return the package with the twin's weights in the model's place, where it holds them."""
    assert kept.evaluation is not None
    digest = kept.evaluation.get("twin_sha256")
    if digest is None or not (kept.folder / TWIN).is_file():
        return {}
    return {"twin": replace(package, manifest=replace(package.manifest, weights_file=TWIN, weights_sha256=digest))}


def _answers(package: Package, data: Path) -> list[dict[str, Any]]:
    from safetensors.torch import load_file

    from medgan_viewer.lab.evaluation import classes, tumour_types
    from medgan_viewer.models.networks import build

    network = build(package.manifest.network, package.manifest.network_arguments)
    network.load_state_dict(load_file(package.weights))
    again = tumour_types.again if package.manifest.id == "tumour-type" else classes.again
    return again(network, package.manifest.questions, data)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the models named, or all that ship; return 0 where every number was found again."""
    parser = argparse.ArgumentParser(description="Measure the packaged models again and compare with their cards.")
    parser.add_argument("models", nargs="*", metavar="ID", help="default: all that ship")
    wanted = parser.parse_args(arguments).models
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    folder = resources.path("models")
    kept = packages(folder)
    unknown = sorted(set(wanted) - {one.manifest["id"] for one in kept})
    if unknown:
        sys.stderr.write(f"There is no model {unknown[0]} among those that ship.\n")
        return 2
    failed = 0
    try:
        data = data_folder(None)
        for one in kept:
            if wanted and one.manifest["id"] not in wanted:
                continue
            found = list(problems(one, data))
            failed += len(found)
            sys.stdout.write("\n".join(found or [f"{one.manifest['id']}: every number was found again."]) + "\n")
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    table = folder.parents[1] / "docs" / "models.md"
    if table.is_file() and table.read_text(encoding="utf-8") != page(kept):
        sys.stdout.write(
            "docs/models.md is not what the packages say: run python -m medgan_viewer.lab.evaluation.catalogue.\n"
        )
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
