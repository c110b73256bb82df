"""Measures every packaged model again and compares with its card.

``python -m medgan_viewer.lab.evaluation.check [ID …]``, where an ID may be that of the generated heads

What is compared: the weights with the hash, the exam with the one that was sat, each number of every column, each
interval, each patient's number and each threshold with the stored one (`Allowance` says how near), the card and the
table with what the stored numbers give. A twin is measured again where its weights lie in the package; a rival, and
what was trained without single patients, whose weights no package holds, never. How long a slice takes is of the
machine and is not compared.
"""

import argparse
import logging
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medgan_viewer import resources
from medgan_viewer.errors import MedganError
from medgan_viewer.lab.cohort import card as cohort_card
from medgan_viewer.lab.cohort.write import MODEL
from medgan_viewer.lab.evaluation.catalogue import Kept, packages, page
from medgan_viewer.lab.evaluation.exams.failures import Failure
from medgan_viewer.lab.evaluation.exams.left_out import EACH, LEFT_OUT
from medgan_viewer.lab.evaluation.exams.real_runs import load, measured
from medgan_viewer.lab.evaluation.package import TWIN
from medgan_viewer.lab.evaluation.rows import WHO
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.models.manifest import Package, read_package

__all__ = ["Allowance", "again", "compared", "main", "problems", "unmeasured"]

_OF_SPREAD = 0.1
_OF_LARGEST = 2.0**-8
_LAST_DIGIT = 1e-3
_COUNTED = re.compile(r"\b\d+ of (\d+) ")
log = logging.getLogger(__name__)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Allowance:
    """How far a number measured again may lie from the stored one, and why.

    Weights, scans, patients and precision are the same, so only the order of sums differs. That must be small beside
    what the patients leave open, a tenth of the stored spread. Where there is no spread, one in 256; where things are
    counted, one thing that falls on the other side of a limit. Never less than the last digit that is stored.
    """

    amount: float
    why: str

    @classmethod
    def of(cls, row: Row) -> "Allowance":
        """Return the allowance of a stored row; of single patients it is √n times as much."""
        counted = _COUNTED.search(row["spread"])
        if counted is not None:
            return cls(100 / max(int(counted[1]), 1) + 0.1, "one case more or less")
        if "interval" in row and row["interval"][1] > row["interval"][0]:
            low, high = row["interval"]
            return cls(max(_OF_SPREAD * (high - low), _LAST_DIGIT), "a tenth of the spread")
        largest = max((abs(row[who]) for who in WHO if who in row), default=0.0)
        return cls(max(_OF_LARGEST * largest, _LAST_DIGIT), "one in 256")


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
        evaluation, _ = again(kept, data)
        then, now = kept.evaluation.get("precision"), evaluation.get("precision")
        if then != now:
            yield f"{name}: the numbers were measured in {then}, and are in {now} now; measure anew."
            return
        found = evaluation["rows"]
        calibration = evaluation.get("calibration", {})
        yield from (f"{name}: {one}" for one in _thresholds(kept.manifest.get("calibration", {}), calibration))
    elif package.manifest.task == "classification":
        found = _answers(package, data)
    else:
        yield f"{name} sat no exam, so nothing can be measured again."
        return
    stored = [row for row in kept.evaluation["rows"] if EACH not in row["setting"]]
    if len(stored) < len(kept.evaluation["rows"]):
        log.warning("%s: numbers of patients who were left out one by one cannot be measured again.", name)
    for heading in unmeasured(stored, found):
        log.warning("%s: the column “%s” cannot be measured again from what the package holds.", name, heading)
    yield from (f"{name}: {sentence}" for sentence in compared(stored, found))


def again(kept: Kept, data: Path) -> tuple[dict[str, Any], list[Failure]]:
    """Return what `measured` does of the exam that a package sat and of those beside it, measured now.

    Without the rows of exams that were sat with weights that it does not hold. Raises MissingPartError without data.
    """
    assert kept.evaluation is not None
    package = read_package(kept.folder)
    left_out = [one["id"] for one in kept.evaluation.get("beside", ()) if LEFT_OUT in one]
    return measured(kept.evaluation["exam"]["id"], {"model": package, **_twin(kept, package)}, data, left_out)


def compared(stored: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence for each stored number that was not found again, and for each found one that is not stored.

    What nobody could measure again, for want of its weights, is left to :func:`unmeasured`.
    """
    again = {(row["setting"], row["metric"]): row for row in found}
    for row in stored:
        other = again.pop((row["setting"], row["metric"]), None)
        if other is None:
            yield f"{_named(row)} was not measured again."
            continue
        yield from (f"{_named(row)}: {sentence}" for sentence in _differences(row, other))
    for other in again.values():
        yield f"{_named(other)} was measured now and does not stand on the card."


def _named(row: Row) -> str:
    return f"{row['setting']}, {row['metric']}"


def _differences(row: Row, other: Row) -> Iterator[str]:
    allowed = Allowance.of(row)
    pairs = {who: (row[who], other[who]) for who in WHO if who in row and who in other}
    if "interval" in row and "interval" in other:
        ends = zip(("lower end", "upper end"), row["interval"], other["interval"], strict=True)
        pairs |= {name: (then, now) for name, then, now in ends}
    for who, (then, now) in pairs.items():
        # Both ends of an interval of counts move by more than the share itself.
        most = allowed.amount * (2 if "end" in who else 1)
        if not abs(now - then) <= most + 1e-9:
            yield f"{who} is {now:g}, not {then:g}; {most:.3g} apart is allowed ({allowed.why})."
    for who in sorted((WHO.keys() & other.keys()) - row.keys()):
        yield f"{who} was measured now and does not stand on the card."
    if row["n"] != other["n"]:
        yield f"n is {other['n']}, not {row['n']}."
    yield from _patients(row, other, allowed.amount * math.sqrt(max(row["n"], 1)))


def _patients(row: Row, other: Row, allowed: float) -> Iterator[str]:
    """Yield a sentence for each patient's number that is another one; counts of lesions are compared by their sum."""
    for who, then in row.get("patients", {}).items():
        now = other.get("patients", {}).get(who)
        if now is None:
            continue
        if then.keys() != now.keys():
            yield f"{who} has other patients."
            continue
        for name, value in then.items():
            if isinstance(value, float) and not abs(now[name] - value) <= allowed + 1e-9:
                yield f"{who}, {name} is {now[name]:g}, not {value:g}; {allowed:.3g} apart is allowed."


def unmeasured(stored: Sequence[Row], found: Sequence[Row]) -> list[str]:
    """Return the headings of the columns that the card has and nobody could measure again."""
    return [WHO[who] for who in WHO if any(who in row for row in stored) and not any(who in row for row in found)]


def _thresholds(stored: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each threshold of a calibration that is another one."""
    for contrast, entries in stored.get("thresholds", {}).items():
        now = {one["false_alarm_rate"]: one["threshold"] for one in found.get("thresholds", {}).get(contrast, ())}
        for entry in entries:
            rate, then = entry["false_alarm_rate"], entry["threshold"]
            value = now.get(rate, math.nan)
            if not abs(value - then) <= max(_OF_LARGEST * then, _LAST_DIGIT):
                yield f"the threshold of {contrast} at {100 * rate:g} % is {value:g}, not {then:g}."


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
    unknown = sorted(set(wanted) - {one.manifest["id"] for one in kept} - {MODEL})
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
        if not wanted or MODEL in wanted:
            found = [f"{MODEL}: {one}" for one in cohort_card.problems(data / "head_labels")]
            failed += len(found)
            sys.stdout.write("\n".join(found or [f"{MODEL}: every number was found again."]) + "\n")
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
