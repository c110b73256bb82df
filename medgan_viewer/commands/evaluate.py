"""``medgan-viewer evaluate RUN``: score a training's result on patients that it was not trained on."""

import argparse
from pathlib import Path

from medgan_viewer.commands import console

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "score a training's result on patients that it was not trained on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("--twin", type=Path, metavar="RUN", help="the run without an adversary, to stand beside it")
    parser.add_argument("--rival", type=Path, metavar="RUN", help="a run of another network, if the exam takes one")
    parser.add_argument("--json", action="store_true", help="write JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Score, keep the numbers in the run's folder and write them."""
    from medgan_viewer.lab.evaluation.rows import columns
    from medgan_viewer.lab.evaluation.scoring import score

    evaluation = score(arguments.run, arguments.twin, arguments.rival)
    if arguments.json:
        console.show_json(evaluation)
        return 0
    who = columns(evaluation["rows"])
    rows = [
        (
            row["setting"],
            f"{row['metric']} {row['unit']}".strip(),
            *(str(row.get(name, "")) for name in who),
            str(row["n"]),
            row["spread"],
        )
        for row in evaluation["rows"]
    ]
    console.show(evaluation["protocol"])
    console.show(console.table(rows, ("setting", "metric", *who, "n", "spread")))
    return 0
