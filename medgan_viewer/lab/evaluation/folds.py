"""Cross-validation: what the runs of all folds reached, each on the patients it never saw, as one evaluation.

``python -m medgan_viewer.lab.evaluation.folds RUN … --out FILE``

The runs are of one recipe with every `fold` in [data], scored by `evaluate`. Means and intervals are over all patients
together; those of different folds were scored by different weights.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.recipe import Recipe, load_recipe
from medgan_viewer.lab.training.run_folder import RunFolder

__all__ = ["main", "pooled"]


def pooled(evaluations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of several evaluations with the patients of all of them, and each fold's own mean.

    Only columns that every fold has are kept. Raises UsageError where they did not measure the same, without patients'
    own numbers, or one patient twice.
    """
    by_key = [{(row["setting"], row["metric"]): row for row in one["rows"]} for one in evaluations]
    if any(some.keys() != by_key[0].keys() for some in by_key):
        raise UsageError("These runs were not scored on the same: nothing can be put together.")
    made = []
    for key, row in by_key[0].items():
        parts = [some[key] for some in by_key]
        if any("patients" not in part for part in parts):
            raise UsageError("These evaluations tell no single patients' numbers: folds of segmentations alone do.")
        everywhere = [who for who in row["patients"] if all(who in part["patients"] for part in parts)]
        lists = {who: [value for part in parts for value in part["patients"][who].values()] for who in everywhere}
        if len({patient for part in parts for patient in part["patients"]["model"]}) < len(lists["model"]):
            raise UsageError("One patient was tested in two of these runs: they are no folds of one data set.")
        whole = rows.row(row["setting"], row["metric"], row["unit"], lists)
        made.append(whole | {"folds": [part["model"] for part in parts]})
    return made


def _check(recipes: Sequence[Recipe]) -> None:
    """Raise UsageError where the recipes are not one recipe with each of its folds."""
    folds = [tuple(recipe.data.arguments.get("fold", ())) for recipe in recipes]
    count = folds[0][1] if len(folds[0]) == 2 else 0
    if sorted(folds) != [(number, count) for number in range(1, count + 1)]:
        raise UsageError("Every fold is needed once: runs of one recipe with fold = [1, n] to [n, n].")
    if not all(recipe.trains_like(recipes[0], but="fold") for recipe in recipes):
        raise UsageError("These runs differ in more than their folds, so they cannot be put together.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file; return 0, or 1 where that is not possible."""
    parser = argparse.ArgumentParser(description="Put the folds of a cross-validation together.")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        recipes = [load_recipe(RunFolder(run).recipe) for run in given.runs]
        _check(recipes)
        made = pooled([_evaluation(run) for run in given.runs])
        records.write(given.out, {"recipe": recipes[0].id, "folds": len(given.runs), "rows": made})
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for row in made:
        sys.stdout.write(f"{row['setting']}, {row['metric']}: {row['model']} ({row['spread']}; {row['n']} patients)\n")
    return 0


def _evaluation(run: Path) -> dict[str, Any]:
    found = RunFolder(run).evaluation()
    if found is None:
        raise UsageError(f"The run {run.name} was not evaluated yet: run the command evaluate first.")
    return found


if __name__ == "__main__":
    sys.exit(main())
