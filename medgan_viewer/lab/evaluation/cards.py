"""The model card, made of what a package stores (manifest.json, evaluation.json) and of what was tried for its goals.

Whoever wants another number on a card measures it: nothing here is typed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from medgan_viewer.lab.evaluation import doubt, gaps
from medgan_viewer.lab.evaluation.attempts import Attempt, attempts_of
from medgan_viewer.lab.evaluation.goals import GoalReached, comparisons_of, goals_reached
from medgan_viewer.lab.evaluation.rows import columns, told_spread

__all__ = ["calibration_lines", "card", "table"]

_BEFORE = "## Goals that were set before the training, and how far they are"
_LATER = (
    "Limits in numbers, where there are any, and whom the model is compared with were set before the training; that it "
    "has to be better than they are was written down when the numbers were known. What is missing from a goal may be "
    "less than chance moves: see the intervals above."
)


def card(manifest: Mapping[str, Any], evaluation: Mapping[str, Any]) -> str:
    """Return the card: what the model is for, how it was made, its numbers beside twin and baseline, its limits."""
    made = evaluation["made"]
    comparisons = comparisons_of(manifest["id"])
    goals = goals_reached(evaluation, manifest["evaluation"]["rows"], comparisons)
    lines = [
        f"# {manifest['name']}",
        "",
        f"{manifest['description']} **{manifest['intended_use']}**",
        "",
        "## How it was made",
        "",
        made["how"],
        "",
        *([made["about"], ""] if made.get("about") else []),
        made["record"],
        *([f"Weights SHA-256 `{evaluation['weights_sha256']}`."] if "weights_sha256" in evaluation else []),
        "",
        *_speed(evaluation.get("speed")),
        "## Numbers",
        "",
        manifest["evaluation"]["protocol"],
        "",
        *table(evaluation["rows"]),
        "",
        *_goals(goals, manifest["evaluation"]["rows"], compared=bool(comparisons)),
        *_tried(attempts_of(manifest["id"]) if goals else None),
        *_tables(evaluation.get("tables", ())),
        *calibration_lines(manifest.get("calibration", {})),
        *doubt.lines(manifest),
        *_questions(manifest),
        *_failures(evaluation.get("failures", ())),
        *gaps.worst(evaluation),
        *gaps.unmeasured(manifest, evaluation),
        "## Limits",
        "",
        *(f"- {limit}" for limit in manifest["limits"]),
    ]
    if made.get("remarks"):
        lines += ["", "## Seen on real scans", "", *(f"- {remark}" for remark in made["remarks"])]
    return "\n".join(lines) + "\n"


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return an evaluation as lines of a Markdown table; without a column for whoever was not measured."""
    who = columns(rows)
    lines = [
        f"| setting | metric | {' | '.join(who.values())} | n | spread |",
        "|---" * (len(who) + 4) + "|",
    ]
    for row in rows:
        metric = f"{row['metric']} ({row['unit']})" if row["unit"] else row["metric"]
        numbers = " | ".join(str(row.get(name, "–")) for name in who)
        lines.append(f"| {row['setting']} | {metric} | {numbers} | {row['n']} | {told_spread(row)} |")
    return lines


def calibration_lines(calibration: Mapping[str, Any]) -> list[str]:
    """Return the card's lines on what a heat map's thresholds are worth; none where there are no thresholds."""
    if not calibration.get("thresholds"):
        return []
    lines = ["## Calibration", "", *calibration.get("words", []), ""]
    lines += [
        "In the numbers above only larger findings count as alarms (the protocol says which). The viewer's thresholds, "
        "below, count all that it lists: they are stricter, and fewer lesions may reach them than the numbers say.",
        "",
    ]
    lines += ["| contrast | false-alarm rate per patient | threshold | guaranteed |", "|---|---|---|---|"]
    for contrast, entries in calibration["thresholds"].items():
        for entry in entries:
            said = "yes, on this scanner" if entry["guarantee"] else "no: reference only"
            lines.append(f"| {contrast} | {100 * entry['false_alarm_rate']:g} % | {entry['threshold']:.3f} | {said} |")
    return [*lines, ""]


def _speed(speed: Mapping[str, Any] | None) -> list[str]:
    if not speed:
        return []
    memory = f", the process at most {speed['megabytes']} MB of memory" if speed.get("megabytes") else ""
    return [
        f"One slice of {speed['size']}² takes {speed['seconds_a_slice']:.3g} s of one CPU core ({speed['machine']}, "
        f"{speed['precision']}){memory}.",
        "",
    ]


def _goals(goals: Sequence[GoalReached], rows: Sequence[Mapping[str, Any]], *, compared: bool) -> list[str]:
    """Return each goal with what was reached, by the model and by who stands beside it, and how far that is from it.

    `compared`: whether some of them ask for more than others reach, which was put as a goal later than the limits.
    """
    if not goals:
        return ["## Goals", "", "No number that it should reach was set before the training.", ""]
    named = {(row["setting"], row["metric"]): row for row in rows}
    about = [named.get((goal.setting, goal.metric), {}) for goal in goals]
    others = {who: heading for who, heading in columns(about).items() if who != "model"}
    heading = "## Goals, and how far they are" if compared else _BEFORE
    lines = [
        heading,
        "",
        f"| goal | setting | reached | missing | met |{''.join(f' {heading} |' for heading in others.values())}",
        "|---" * (5 + len(others)) + "|",
    ]
    for goal, row in zip(goals, about, strict=True):
        beside = "".join(f" {row.get(who, '–')} |" for who in others)
        said = "yes" if goal.met else "no" if goal.reached is None else "**no**"
        reached = "not measured" if goal.reached is None else f"{goal.reached:g}"
        missing = f"{goal.missing:.3g}" if goal.missing else "–"
        lines.append(f"| {goal.metric}: {goal.words} | {goal.setting} | {reached} | {missing} | {said} |{beside}")
    return [*lines, "", *([_LATER, ""] if compared else [])]


def _tried(attempts: Sequence[Attempt] | None) -> list[str]:
    """Return what was tried beside the packaged weights; no lines for a model without goals."""
    if attempts is None:
        return []
    lines = ["### What was tried", ""]
    if not attempts:
        return [
            *lines,
            "Nothing but the training of this package and what stands beside it above has been measured.",
            "",
        ]
    lines += ["Beside the training that this package is of:", ""]
    lines += ["| what was changed | training | measured | reached | where it is stored |", "|---|---|---|---|---|"]
    for one in attempts:
        reached = "; ".join(f"{name} {value:g}" for name, value in one.numbers.items())
        lines.append(f"| {one.changed} | {one.training} | {one.measured} | {reached} | {one.stored} |")
    return [*lines, ""]


def _tables(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what an exam says of each patient."""
    lines = []
    for one in tables:
        lines += [f"## {one['title']}", "", f"| {' | '.join(one['head'])} |", "|---" * len(one["head"]) + "|"]
        lines += [*(f"| {' | '.join(line)} |" for line in one["lines"]), ""]
    return lines


def _questions(manifest: Mapping[str, Any]) -> list[str]:
    """Return what a classifier is asked and when it is unsure; no lines for other models."""
    if not manifest.get("questions"):
        return []
    classes: dict[str, list[str]] = {}
    for output in manifest["outputs"]:
        classes.setdefault(output["question"], []).append(output["name"])
    lines = ["## Questions", "", "| question | answers | unsure under | temperature |", "|---|---|---|---|"]
    for name, one in manifest["questions"].items():
        lines.append(f"| {name} | {', '.join(classes[name])} | {one['threshold']:.3f} | {one['temperature']:.2f} |")
    return [*lines, ""]


def _failures(failures: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the worst cases; from left to right: the simulated scan, what the model made, the truth."""
    if not failures:
        return []
    lines = ["## Failures", "", "The worst cases of the exam; from left to right simulated scan, synthetic, truth.", ""]
    for failure in failures:
        lines += [f"{failure['sentence']}", "", f"![{failure['sentence']}]({failure['file']})", ""]
    return lines
