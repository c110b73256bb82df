"""Measures packaged models again and keeps what was found: where an exam came beside theirs, or a segmenter is another.

``python -m medgan_viewer.lab.evaluation.anew ID …``, and ``python -m medgan_viewer.lab.evaluation.catalogue`` after it.

The weights stay as they are, and so does all that was not measured by an exam, such as the speed. Columns and rows
whose weights no package holds (a rival, patients who were left out one by one) are kept as well: they are of the same
exam, as one that was changed is refused.
"""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medgan_viewer import resources
from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation.catalogue import Kept
from medgan_viewer.lab.evaluation.check import again
from medgan_viewer.lab.evaluation.exams.failures import write_failures
from medgan_viewer.lab.evaluation.exams.left_out import EACH, LEFT_OUT
from medgan_viewer.lab.evaluation.exams.real_runs import load, words
from medgan_viewer.lab.evaluation.exams.real_synthesis import FOUND_BY
from medgan_viewer.lab.evaluation.rows import WHO
from medgan_viewer.lab.sources.simulated_heads import data_folder

__all__ = ["joined", "main", "measure_anew"]

_TAKEN = ("exam", "goals", "precision", "tables", "calibration")
"""What is measured with the rows, where there is any."""


def measure_anew(folder: Path, data: Path) -> None:
    """Write evaluation.json and manifest.json of a package with its numbers as they are now.

    Raises UsageError for a package that sat no exam or one that was changed, MissingPartError without the data.
    """
    kept = Kept(folder)
    stored = kept.evaluation
    if stored is None or stored.get("exam") is None:
        raise UsageError(f"The model {folder.name} sat no exam: evaluate its run and package it again.")
    for one in (stored["exam"], *stored.get("beside", ())):
        if load(one["id"]).digest != one["sha256"]:
            raise UsageError(
                f"The exam {one['id']} was changed since it was sat: evaluate the run and package it again."
            )
    if stored["weights_sha256"] != kept.manifest["weights"]["sha256"]:
        raise UsageError(f"The numbers of {folder.name} are of other weights: evaluate its run and package it again.")
    found, worst = again(kept, data)
    evaluation = joined(stored, found) | {"failures": write_failures(worst, folder, folder.name)}
    for one in stored.get("failures", ()):
        if one["file"] not in {now["file"] for now in evaluation["failures"]}:
            (folder / one["file"]).unlink(missing_ok=True)
    rows = [{key: value for key, value in row.items() if key != "patients"} for row in evaluation["rows"]]
    manifest = {**kept.manifest, "evaluation": {"protocol": evaluation["protocol"], "rows": rows}}
    if "calibration" in found:
        manifest["calibration"] = found["calibration"]
    for name, content in (("evaluation.json", evaluation), ("manifest.json", manifest)):
        records.write(folder / name, content)


def joined(stored: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an evaluation with what was found in the place of what was stored, where that could be found again."""
    before = {(row["setting"], row["metric"]): row for row in stored["rows"]}
    if _segmenters(stored) != _segmenters(found):
        # What another segmenter found stands in no row beside what this one finds.
        before = {key: row for key, row in before.items() if not row["metric"].startswith(FOUND_BY)}
    rows = [_with_columns(row, before.get((row["setting"], row["metric"]), {})) for row in found["rows"]]
    rows += [row for row in stored["rows"] if EACH in row["setting"]]
    beside = [*found.get("beside", ()), *(one for one in stored.get("beside", ()) if LEFT_OUT in one)]
    taken = {name: found[name] for name in _TAKEN if name in found}
    evaluation = {**stored, **taken, "rows": rows, "protocol": words(found["exam"], beside)}
    return evaluation | ({"beside": beside} if beside else {})


def _segmenters(evaluation: Mapping[str, Any]) -> list[str]:
    exams = (evaluation["exam"], *(one for one in evaluation.get("beside", ()) if LEFT_OUT not in one))
    return [one["segmenter_sha256"] for one in exams if "segmenter_sha256" in one]


def _with_columns(row: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the columns, and each patient's numbers in them, that could not be measured again."""
    kept = {who: before[who] for who in WHO if who in before and who not in row}
    patients = before.get("patients", {}) | row.get("patients", {})
    whole = {**row, **kept, **({"patients": patients} if patients else {})}
    # In the order of before, so that a file that is read by people changes where numbers do.
    return {key: whole[key] for key in (*(one for one in before if one in whole), *whole)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the models named; return 0, or 1 where one could not be."""
    parser = argparse.ArgumentParser(description="Measure packaged models again and keep what was found.")
    parser.add_argument("models", nargs="+", metavar="ID")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        for name in parser.parse_args(arguments).models:
            folder = resources.path("models", name)
            if not (folder / "manifest.json").is_file():
                raise UsageError(f"There is no model {name} among those that ship.")
            measure_anew(folder, data_folder(None))
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
