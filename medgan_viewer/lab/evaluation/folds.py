"""Cross-validation: what the runs of all folds reached, each on the patients it never saw, as one evaluation.

``python -m medgan_viewer.lab.evaluation.folds RUN … --out FILE``

Each run is one of a recipe with another `fold` in [data], and was scored by `evaluate`. Means and intervals are over
all patients together; those of different folds were scored by different weights.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation import rows

__all__ = ["main", "pooled"]


def pooled(evaluations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of several evaluations with the patients of all of them.

    Raises UsageError where they did not measure the same, without patients' own numbers, or one patient twice.
    """
    names = [{(row["setting"], row["metric"]) for row in one["rows"]} for one in evaluations]
    if not names or any(some != names[0] for some in names):
        raise UsageError("These runs were not scored on the same: nothing can be put together.")
    made = []
    for row in evaluations[0]["rows"]:
        key = (row["setting"], row["metric"])
        parts = [one for some in evaluations for one in some["rows"] if (one["setting"], one["metric"]) == key]
        together: dict[str, dict[str, float]] = {}
        for part in parts:
            for who, by_patient in part.get("patients", {}).items():
                kept = together.setdefault(who, {})
                if set(kept) & set(by_patient):
                    raise UsageError("One patient was tested in two of these runs: they are no folds of one data set.")
                kept |= by_patient
        if "model" not in together:
            raise UsageError("The numbers of single patients are not in these evaluations: run evaluate again.")
        lists = {who: list(values.values()) for who, values in together.items()}
        made.append(
            rows.row(row["setting"], row["metric"], row["unit"], lists) | {"folds": [p["model"] for p in parts]}
        )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file; return 0, or 1 where that is not possible."""
    parser = argparse.ArgumentParser(description="Put the folds of a cross-validation together.")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        made = pooled([_evaluation(run) for run in given.runs])
        records.write(given.out, {"folds": len(given.runs), "rows": made})
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for row in made:
        sys.stdout.write(f"{row['setting']}, {row['metric']}: {row['model']} ({row['spread']}; {row['n']} patients)\n")
    return 0


def _evaluation(run: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"There is no evaluation in the run {run.name}: run the command evaluate first.") from None
    return found


if __name__ == "__main__":
    sys.exit(main())
