"""All cards and `docs/models.md`, made anew of what the packages store.

``python -m medgan_viewer.lab.evaluation.catalogue``

No number is typed anywhere: a package keeps manifest.json and evaluation.json, and everything here follows from them.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medgan_viewer import resources
from medgan_viewer.errors import MedganError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation.cards import card
from medgan_viewer.lab.evaluation.goals import comparisons_of, goals_reached
from medgan_viewer.lab.evaluation.rows import columns, told_spread
from medgan_viewer.lab.recipe import Recipe, load_recipe

__all__ = ["Kept", "main", "packages", "page", "write"]

_HEAD = """# The models

Made by `python -m medgan_viewer.lab.evaluation.catalogue` of what the packages in `resources/models` store; do not edit
by hand. `make models-check` measures every number again from the packaged weights. Research use only.

Models of the head are measured by exams that were fixed before any model sat them (`resources/evaluation`): patients
simulated from four heads that nothing was trained on, scanned well (easy) and poorly (hard). What that says of real
patients, each card tells under its limits. Intervals are 95 %, by bootstrap over patients. How long a slice takes is
processor time of one core, of whichever machine measured it; memory is the most that the whole process had.

What makes labelled heads of nobody, `head-cohort`, is no network and has a [card of its own](head-cohort.md).
"""


class Kept:
    """What a package stores: `manifest`, and `evaluation` or None where it was measured before there were exams."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        path = folder / "evaluation.json"
        self.evaluation: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    @property
    def card(self) -> str:
        """The card's text as it has to be; that of an older package as it is."""
        if self.evaluation is None:
            return (self.folder / "CARD.md").read_text(encoding="utf-8")
        return card(self.manifest, self.evaluation)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The numbers, with each patient's where they are kept."""
        kept: list[dict[str, Any]] = (self.evaluation or self.manifest["evaluation"])["rows"]
        return kept

    def looked_at(self, recipe: Recipe) -> bool:
        """Take over what a recipe says was seen on real scans; return whether it is new, of the same training."""
        if self.evaluation is None or recipe.manifest is None or self.evaluation.get("recipe_sha256") != recipe.digest:
            return False
        made = self.evaluation["made"]
        before, made["remarks"] = made.get("remarks"), recipe.manifest.remarks
        return bool(before != recipe.manifest.remarks)


def packages(folder: Path) -> list[Kept]:
    """Return the packages in a folder, by id."""
    return [Kept(path.parent) for path in sorted(folder.glob("*/manifest.json"))]


def page(kept: Sequence[Kept]) -> str:
    """Return the text of `docs/models.md`."""
    lines = [_HEAD, "| model | what | licence | weights | one slice | memory | goals met | card |", "|---" * 8 + "|"]
    lines += [_overview(one) for one in kept]
    lines += ["", "## Numbers", ""]
    every = [(one.manifest["id"], row) for one in kept for row in one.rows]
    who = columns([row for _, row in every])
    lines += [f"| model | setting | metric | {' | '.join(who.values())} | n | spread |", "|---" * (len(who) + 5) + "|"]
    for name, row in every:
        metric = f"{row['metric']} ({row['unit']})" if row["unit"] else row["metric"]
        numbers = " | ".join(str(row.get(key, "–")) for key in who)
        lines.append(f"| {name} | {row['setting']} | {metric} | {numbers} | {row['n']} | {told_spread(row)} |")
    return "\n".join(lines) + "\n"


def _overview(kept: Kept) -> str:
    manifest, evaluation = kept.manifest, kept.evaluation or {}
    size = (kept.folder / manifest["weights"]["file"]).stat().st_size / 1e6
    speed = evaluation.get("speed")
    quick = f"{speed['seconds_a_slice']:.3g} s of one core" if speed else "–"
    memory = f"{speed['megabytes']} MB" if speed and speed.get("megabytes") else "–"
    name = manifest["id"]
    reached = [goal.met for goal in goals_reached(evaluation, manifest["evaluation"]["rows"], comparisons_of(name))]
    goals = f"{sum(reached)} of {len(reached)}" if reached else "–"
    return (
        f"| {name} | {manifest['description']} | {manifest['licence']} | {size:.1f} MB | {quick} | {memory} | "
        f"{goals} | [card](../resources/models/{name}/CARD.md) |"
    )


def write(models: Path, docs: Path, recipes: Path) -> list[Path]:
    """Write all cards and the page; return the files that changed. Raises UsageError for a recipe, WriteError.

    What was seen on real scans is what the recipe of the same training says by now.
    """
    kept = packages(models)
    wanted = {}
    for one in kept:
        recipe = recipes / f"{one.manifest['id']}.toml"
        if recipe.is_file() and one.looked_at(load_recipe(recipe)):
            wanted[one.folder / "evaluation.json"] = records.text(one.evaluation)
    wanted |= {one.folder / "CARD.md": one.card for one in kept} | {docs / "models.md": page(kept)}
    changed = []
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            records.write_text(path, text)
            changed.append(path)
    return changed


def main() -> int:
    """Write what has changed, in the checkout that this program runs from."""
    models = resources.path("models")
    docs = models.parents[1] / "docs"
    if not docs.is_dir():
        sys.stderr.write("This is no checkout: there is no folder docs beside resources.\n")
        return 2
    try:
        changed = write(models, docs, resources.path("recipes"))
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{path.relative_to(models.parents[1])}\n" for path in changed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
