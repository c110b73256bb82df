"""Writes `docs/worth.md` from stored results: no number in it is typed."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.proofs.base import Proof
from medgan_viewer.lab.proofs.store import Result, Store
from medgan_viewer.lab.worth import kinds, tumours
from medgan_viewer.lab.worth.arms import MIXES, PARTS, Arm
from medgan_viewer.lab.worth.running import of_patients

__all__ = ["document", "stored_folder", "write_document"]

ABSENT = "not run"
_EXPERIMENTS: tuple[tuple[type[Proof], tuple[Arm, ...], str], ...] = (
    (tumours.TumourWorth, tumours.ARMS, "Dice"),
    (kinds.KindWorth, kinds.ARMS, "share of right answers"),
)


def stored_folder() -> Path:
    """Return the folder of the results that come with the program."""
    return resources.path("worth")


def write_document(store: Store) -> Path:
    """Write the document into the checkout and return its path. Raises UsageError outside of a checkout."""
    folder = resources.folder().parent / "docs"
    if not folder.is_dir():
        raise UsageError("The table is written into the folder docs of a checkout: run this in one.")
    path = folder / "worth.md"
    path.write_text(document(store), encoding="utf-8")
    return path


def document(store: Store) -> str:
    """Return the whole document as Markdown."""
    parts = [_HEAD]
    for experiment, arms, metric in _EXPERIMENTS:
        found = _alike(store.results(experiment.name))
        parts += [f"## {experiment.title}\n", _TEXTS[experiment.name], _table(arms, found, metric), _gains(found)]
        if experiment is tumours.TumourWorth:
            parts += _cohort(store.folder / tumours.COHORT, found)
    return "\n".join(parts)


def _cohort(path: Path, found: dict[str, list[Result]]) -> list[str]:
    """Return how the cohort that all arms with synthetic heads had was ordered, and what its leak tests said."""
    if not path.is_file():
        return []
    kept = json.loads(path.read_text(encoding="utf-8"))
    used = {one.settings["synthetic"] for some in found.values() for one in some} - {""}
    if used != {kept["digest"]}:
        return []
    factors = kept["factors"]
    low, high = factors["lesion_ml"]
    return [
        f"The synthetic heads: {kept['count']} cases of `{kept['model']}`, kinds {', '.join(factors['kinds'])}, seed "
        f"{kept['seed']}, contrasts {', '.join(kept['contrasts'])}, {low:g} to {high:g} ml. Their leak tests:\n",
        *(f"- {test['test']}: {test['sentence']}" for test in kept["leak_tests"]["tests"]),
        "",
    ]


def _alike(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Return results by arm: those trained as the latest one was, and of each arm those with its latest cases."""
    by_arm: dict[str, list[Result]] = {}
    for result in results:
        if result.settings["training"] == results[-1].settings["training"]:
            by_arm.setdefault(result.entry, []).append(result)
    return {name: [one for one in some if one.digest == some[-1].digest] for name, some in by_arm.items()}


def _means(found: Sequence[Result]) -> dict[str, float]:
    """Return each test patient's mean over the seeds."""
    by_seed = [of_patients(result.values) for result in found]
    return {name: float(np.mean([one[name] for one in by_seed])) for name in by_seed[0]}


def _table(arms: Sequence[Arm], found: dict[str, list[Result]], metric: str) -> str:
    lines = [
        f"| trained on | real data | {metric}, mean of patients | 95 % interval | least to most seed | seeds | n |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in sorted(arms, key=lambda one: (MIXES.index(one.mix), one.part)):
        part = f"{100 * one.part:.0f} %" if one.part else "none"
        lines.append(f"| {one.mix} | {part} | {_cells(found.get(one.name, []))} |")
    return "\n".join(lines) + "\n"


def _cells(found: Sequence[Result]) -> str:
    if not found:
        return f"{ABSENT} | – | – | 0 | –"
    values = list(_means(found).values())
    seeds = [float(np.mean(list(of_patients(result.values).values()))) for result in found]
    spread = f"{min(seeds):.3f} to {max(seeds):.3f}" if len(seeds) > 1 else "–"
    return f"{np.mean(values):.3f} | {_interval(values)} | {spread} | {len(found)} | {len(values)}"


def _interval(values: Sequence[float]) -> str:
    if len(values) < rows.INTERVAL_FROM:
        return "–"
    low, high = rows.interval(values)
    return f"{low:.3f} to {high:.3f}"


def _gains(found: dict[str, list[Result]]) -> str:
    """Return a sentence for each part of the real data: what synthetic cases changed, patient by patient."""
    lines = []
    for part in PARTS:
        names = [Arm(mix, part).name for mix in MIXES[:2]]
        if all(found.get(name) for name in names):
            lines.append(f"- {_gain(part, *(found[name] for name in names))}")
    leaking = [name for name, some in found.items() if any(one.values.get("leak tests passed") == 0 for one in some)]
    if leaking:
        lines.append(
            "- The generator of these arms makes slices that do not pass the leak tests; `medgan-viewer cohort` "
            f"refuses to write them, and what they are worth is told all the same: {'; '.join(leaking)}."
        )
    return "\n".join(lines or ["Not enough was run to say what synthetic cases change."]) + "\n"


def _gain(part: float, real: Sequence[Result], mixed: Sequence[Result]) -> str:
    seeds = {result.seed for result in real} & {result.seed for result in mixed}
    if not seeds:
        return f"{100 * part:.0f} % of the real data: no seed was run both ways yet."
    before, after = (_means([one for one in some if one.seed in seeds]) for some in (real, mixed))
    changes = [after[name] - before[name] for name in before]
    low, high = rows.interval(changes)
    verdict = "no difference that these patients show"
    if low > 0:
        verdict = "better with synthetic cases"
    elif high < 0:
        verdict = "worse with synthetic cases"
    better = sum(change > 0 for change in changes)
    count = "one seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
    return (
        f"{100 * part:.0f} % of the real data, with synthetic cases against without: {np.mean(changes):+.3f} "
        f"(95 % interval {low:+.3f} to {high:+.3f}; {better} of {len(changes)} patients gain, {count}): {verdict}."
    )


_HEAD = """# What synthetic cases are worth for training

Written by `python -m medgan_viewer.lab.worth --table` from stored results (`resources/worth`, with every patient's
number); nothing here is typed. Small networks, trained on one core in one to two minutes each: the question is what
synthetic cases change, not how good a model can be. Every training of an experiment has the same network, number of
steps and rates. *Real + synthetic* takes half of its pictures from each. Weights are those of the step that was best on
the validation patients, who are real and the same in all arms, synthetic alone too; the test patients were looked at
once, after that. The interval is a bootstrap over test patients of each one's mean over the seeds; the spread over
seeds stands beside it, and neither holds for patients of another hospital.
"""
_TEXTS = {
    "tumours": """\
Low-grade glioma with oedema in FLAIR. Real: `lgg` (68 patients to train, 10 to validate, 14 to test; each seed draws
other patients for 10 and 25 %). Synthetic: heads with a tumour from `medgan-viewer cohort`, in three FLAIR protocols,
that passed their leak tests. Their generator saw label maps of twelve healthy people and no picture and no tumour of
`lgg`, so 10, 25 and 100 % have the same synthetic cases, and synthetic alone needs no real data but for validation. A
U-Net on single slices of 96 × 96 pixels, Dice of whole patients at 192 × 192.
""",
    "kinds": """\
Pituitary tumour, meningioma or glioma in one slice (`tumour_types`, split by blocks, as patient ids are lost; five
slices in a row stand for a patient). Synthetic: slices of a class-conditional GAN (`tumour-slices`) that was trained on
the same 10, 25 or 100 % of the real training slices and on no other; its pictures are made once, 1500 of them. A small
convolutional network on 64 × 64 pixels. With synthetic alone the percentage is what the generator saw. Chance is 0.333.
The meningiomas of the test block lie in a plane that hardly any training slice has (docs/lab.md).
""",
}
