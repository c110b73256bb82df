"""What a card tells where there is no picture or no number: the worst cases in words, and what was not measured."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["unmeasured", "worst"]

_ANSWER = "kind right"
"""By what a classifier is judged, of groups of series."""
_WORST = ("PSNR in the window", "Dice", "AUPRC, mean of patients", "PSNR in head", _ANSWER)
"""By what a patient comes off worst; more is better. Of these the first that was measured."""
_LOWEST = 3


def worst(evaluation: Mapping[str, Any]) -> list[str]:
    """Return the failures of a model in words, where its evaluation keeps no pictures of them.

    Patients are named as the exams do, who are of published archives; of scans of one's own nobody is named.
    """
    rows = [row for name in _WORST for row in evaluation["rows"] if row["metric"] == name]
    rows = [row for row in rows if row["metric"] == rows[0]["metric"]]
    if evaluation.get("failures") or not rows:
        return []
    measure = rows[0]["metric"]
    if measure == _ANSWER:
        lowest = sorted(rows, key=lambda row: float(row["model"]))[:_LOWEST]
        said = [f"- {row['setting']}: {_value(row, row['model'])} over {row['n']} patients" for row in lowest]
    elif evaluation.get("exam") is None:
        said = []
    elif any("patients" in row for row in rows):
        said = [line for row in rows if (line := _patient(row))]
    else:
        tables = [one for one in evaluation.get("tables", ()) if len(one["lines"]) > 1]
        said = [_line(one) for one in tables]
        measure = tables[0]["head"][1] if tables else ""
    if not said:
        return []
    why = "they would be of real people"
    sat = (evaluation.get("exam") or {}, *evaluation.get("beside", ()))
    if any("simulation" in one for one in sat) or any("simulated" in row["setting"] for row in rows):
        why = "of real people none may be, of simulated heads none was kept"
    about = f"Pictures are not shown: {why}. "
    return ["## Failures", "", f"{about}Where it came off worst, by {measure}:", "", *said, ""]


def _patient(row: Mapping[str, Any]) -> str:
    """Return who came off worst; nothing for one alone and for the repeats of a phantom."""
    patients: Mapping[str, float] = row.get("patients", {}).get("model", {})
    if len(patients) < 2 or row["setting"].startswith("phantom"):
        return ""
    name = min(patients, key=lambda one: patients[one])
    return (
        f"- {row['setting']}: {name} with {_value(row, patients[name])}, where the mean is {_value(row, row['model'])}"
    )


def _line(table: Mapping[str, Any]) -> str:
    """Return who came off worst in a table of patients, by its first column of numbers."""
    name, value = min(((line[0], line[1]) for line in table["lines"]), key=lambda one: float(one[1]))
    return f"- {table['title'].removeprefix('Every patient: ')}: {name} with {value}"


def _value(row: Mapping[str, Any], value: float) -> str:
    return f"{value:.3g} {row['unit']}".rstrip()


def unmeasured(manifest: Mapping[str, Any], evaluation: Mapping[str, Any]) -> list[str]:
    """Return what a reader may look for on a card and is not there, with the reason."""
    return ["## What was not measured", "", *(f"- {one}" for one in _reasons(manifest, evaluation)), ""]


def _reasons(manifest: Mapping[str, Any], evaluation: Mapping[str, Any]) -> Iterator[str]:
    rows = evaluation["rows"]
    if not any("twin" in row for row in rows):
        yield _no_twin(evaluation)
    if manifest["task"] == "synthesis":
        if not any(row["metric"].startswith("reproduced") for row in rows):
            discs = any(row["metric"].startswith("AUC of a model observer") for row in rows)
            instead = ": the phantom's faint discs stand for them" if discs else ""
            yield f"How many lesions it loses or invents was not counted{instead}."
        if "interval" not in manifest:
            yield "It gives no interval of how far off a pixel may be, so there is no coverage to measure."
    if not evaluation.get("speed"):
        yield "Speed and memory were not measured."
    else:
        yield "Speed and memory were measured on a CPU, not on a GPU."
    if any("interval" in row and "95 %" not in row["spread"] for row in rows):
        yield "No interval is given for numbers of fewer than eight patients: their spread is the range."


def _no_twin(evaluation: Mapping[str, Any]) -> str:
    if any("residual" in row for row in evaluation["rows"]):
        return (
            "There is no twin without an adversary, as the adversary is what draws the map; what its generator alone "
            "would say stands beside it."
        )
    if "against the adversary" in evaluation["made"]["how"]:
        return "It was not measured beside a twin without an adversary."
    return "Nothing was trained against an adversary, so there is no twin without one."
