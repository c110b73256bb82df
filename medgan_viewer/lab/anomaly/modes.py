"""All modes of the heat map side by side, of what the exam `head-anomaly` measured; as a table in Markdown.

``python -m medgan_viewer.lab.anomaly.modes NAME=PLACE … [--setting "glioma, T1"] [--keep FOLDER]``

A place is a package's or a run's folder with its evaluation.json, or a file with `rows` that was kept of one. Below its
own line the first one's residual and the plain threshold, which every evaluation measures beside the model, get lines
too. What is a run's is kept in a folder without its patients, as NAME.json, a file that can be read again.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medgan_viewer.errors import MedganError
from medgan_viewer.lab import records

__all__ = ["SETTING", "kept", "main", "table"]

SETTING = "glioma, FLAIR, test"
"""Where the goals are set; every mode of the heat map in FLAIR is measured there."""
_COLUMNS = {
    "AUPRC": "AUPRC",
    "Dice at 1 % false-positive pixels": "Dice at 1 % false-positive pixels",
    "Dice at 5 % of healthy people alarmed": "Dice at 5 % of healthy people alarmed",
    "share of lesions found, at 5 % of healthy people alarmed": "lesions found there (%)",
    "false-alarm rate on slices without disease, at 5 % of healthy people alarmed": "people alarmed about there (%)",
}
_BESIDE = {"residual": "residual of its generator", "baseline": "plain threshold"}
Evaluation = Mapping[str, Any]


def table(evaluations: Mapping[str, Evaluation], setting: str = SETTING) -> list[str]:
    """Return the lines of a table: every mode's numbers in a setting, with the 95 % interval where there is one.

    What stands beside the model is taken from the first evaluation. What was not measured in a setting has a dash, as
    false alarms where nobody is healthy. Raises KeyError where one lacks the setting.
    """
    lines = [f"| mode | {' | '.join(_COLUMNS.values())} |", "|---" * (len(_COLUMNS) + 1) + "|"]
    for number, (name, evaluation) in enumerate(evaluations.items()):
        rows = {row["metric"]: row for row in evaluation["rows"] if row["setting"] == setting}
        if not rows:
            raise KeyError(setting)
        asked = [rows.get(metric) for metric in _COLUMNS]
        lines.append(f"| {name} | {' | '.join(_with_interval(row) if row else '–' for row in asked)} |")
        for who, words in _BESIDE.items() if number == 0 else ():
            if who in rows["AUPRC"]:
                lines.append(f"| {words} | {' | '.join(f'{row[who]:g}' if row else '–' for row in asked)} |")
    return lines


def kept(evaluation: Evaluation) -> dict[str, Any]:
    """Return what is kept of a run that is not packaged: by which exam it was measured, its rows without patients."""
    said = {key: evaluation[key] for key in ("exam", "step", "seed") if key in evaluation}
    rows = [{key: value for key, value in row.items() if key != "patients"} for row in evaluation["rows"]]
    return said | {"rows": rows}


def _with_interval(row: Mapping[str, Any]) -> str:
    """Return the model's number with its interval, or the range over patients that are too few for one."""
    if "interval" not in row:
        return f"{row['model']:g}"
    low, high = row["interval"]
    return f"{row['model']:g} ({low:.3g} to {high:.3g})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of the folders named; return 0, or 2 where one holds no evaluation of this exam."""
    parser = argparse.ArgumentParser(description="Put the modes of the heat map side by side.")
    parser.add_argument("modes", nargs="+", metavar="NAME=PLACE")
    parser.add_argument("--setting", default=SETTING, help=f"of whom; {SETTING} unless told")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where what is a run's is kept as NAME.json")
    chosen = parser.parse_args(arguments)
    found: dict[str, Evaluation] = {}
    runs: set[str] = set()
    for word in chosen.modes:
        name, _, place = word.partition("=")
        path = Path(place)
        try:
            found[name] = json.loads((path / "evaluation.json" if path.is_dir() else path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            sys.stderr.write(f"There is no evaluation of {name}: run the command evaluate first.\n")
            return 2
        if (path / "run.json").is_file():
            runs.add(name)
    try:
        lines = table(found, chosen.setting)
    except KeyError:
        sys.stderr.write(f"Not every one of them was measured on: {chosen.setting}.\n")
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    try:
        for name in sorted(runs) if chosen.keep is not None else ():
            records.write(chosen.keep / f"{name}.json", kept(found[name]))
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
