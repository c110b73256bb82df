"""The card of `head-cohort`: what its factors do, how its heads differ from people's, whether they leak.

``python -m medgan_viewer.lab.cohort.card`` writes `docs/head-cohort.md` from stored numbers, with ``--measure`` it
measures them first (some minutes of one core). Nothing is typed; `lab.evaluation.check` measures and compares.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.errors import MedganError, MissingPartError, UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.cohort import head_leaks
from medgan_viewer.lab.cohort.heads import KINDS, Factors, Place, Ranges, draw_factors, lies_in, make_head
from medgan_viewer.lab.virtual_patient.anatomy import TRAINING_HEADS, load_head, training_folder
from medgan_viewer.lab.virtual_patient.head import VirtualHead

__all__ = ["differences", "document", "ill_ml", "main", "measure", "problems", "stored_file", "volumes_ml"]

Labels = NDArray[np.int16]
SEED, COUNT = 20261123, 24
_RANGES = Ranges(size=(0.85, 1.15), ventricles=(0.5, 3.0), lesion_ml=(2.0, 30.0))
_PLACES: tuple[Place, ...] = ("periventricular", "subcortical", "deep", "left", "right")
_PLACED = 4
"""Heads with lesions in each place."""
VOLUMES: dict[str, tuple[int, ...]] = {
    "cerebral white matter": (2, 41),
    "cerebral cortex": (3, 42),
    "lateral ventricles": (4, 43),
    "deep grey matter": (10, 49, 11, 50, 12, 51, 13, 52, 26, 58),
    "cerebellum": (7, 46, 8, 47),
    "brain stem": (16,),
    "fluid outside the ventricles": (24,),
}
_INSIDE = tuple(code for codes in VOLUMES.values() for code in codes)
_CLOSE = 1e-3
"""How far a share may be from the stored one when it is measured again, relative: sums in another order."""


def measure(folder: Path, count: int = COUNT, placed: int = _PLACED) -> dict[str, Any]:
    """Return what the card tells of `count` heads, and of `placed` more for each place, beside real ones in `folder`.

    Raises ReadError where a real head cannot be read.
    """
    cases, described = [], []
    for seed, factors in draw_factors(count, SEED, _RANGES):
        head = make_head(seed, factors)
        cases.append({"seed": seed, **asdict(factors), **_counted(head, seed, factors)})
        described.append(head_leaks.describe(head.labels, head.spacing))
    train, held_out = head_leaks.describe_real(folder)
    verdict = head_leaks.judge_heads(described, train, held_out)
    numbers = (*TRAINING_HEADS, *head_leaks.HELD_OUT)
    real = [volumes_ml(load_head(folder, number), (1.0, 1.0, 1.0)) for number in numbers]
    made = [volumes_ml(make_head(int(case["seed"]), Factors()).labels, (1.0, 1.0, 1.0)) for case in cases]
    return {
        "seed": SEED,
        "factors": asdict(_RANGES),
        "cases": cases,
        "places": _places(placed),
        "volumes": {
            name: {"heads": _summary([one[name] for one in made]), "people": _summary([one[name] for one in real])}
            for name in VOLUMES
        },
        "heads": len(made),
        "people": len(real),
        "leak_tests": [asdict(finding) for finding in verdict.findings],
    }


def _counted(head: VirtualHead, seed: int, factors: Factors) -> dict[str, float]:
    """Return what a head has of what was asked, against the same head with size and ventricles as its seed has them."""
    plain = make_head(seed, replace(factors, size=1.0, ventricles=1.0))
    mine, its = (volumes_ml(one.labels, one.spacing) for one in (head, plain))
    size = (sum(mine.values()) / sum(its.values())) ** (1 / 3)
    ventricles = mine["lateral ventricles"] / its["lateral ventricles"] / size**3
    return {
        "size_counted": round(size, 4),
        "ventricles_counted": round(ventricles, 4),
        "lesion_ml_counted": round(ill_ml(head, factors), 3),
    }


def volumes_ml(labels: Labels, spacing: Sequence[float]) -> dict[str, float]:
    """Return the volume of each group of tissues of a head of FreeSurfer codes."""
    counts = np.bincount(labels.ravel(), minlength=max(_INSIDE) + 1)
    voxel_ml = math.prod(spacing) / 1000
    return {name: float(counts[list(codes)].sum()) * voxel_ml for name, codes in VOLUMES.items()}


def ill_ml(head: VirtualHead, factors: Factors) -> float:
    """Return the volume of what is more than half lesion, of a tumour without its oedema."""
    tumour = head.tumour
    share = tumour.solid + tumour.necrosis if factors.kind == "tumour" else tumour.oedema
    return float((share > 0.5).sum()) * math.prod(head.spacing) / 1000


def _places(placed: int) -> dict[str, dict[str, float]]:
    """Return for each place the mean share of lesion that lies in it, and of white matter, as chance would have it."""
    found: dict[str, dict[str, float]] = {}
    for place in _PLACES:
        asked = replace(_RANGES, kinds=("lesions",), size=(1.0, 1.0), ventricles=(1.0, 1.0), place=place)
        shares = []
        for seed, factors in draw_factors(placed, SEED + 1, asked):
            head = make_head(seed, factors)
            white, there = lies_in(head, place)
            ill = np.zeros_like(white)
            ill[head.tumour.box] = head.tumour.oedema > 0.5
            shares.append((float(there[ill].mean()), float(there[white].mean())))
        lesion, chance = (float(np.mean(column)) for column in zip(*shares, strict=True))
        found[place] = {"lesion": round(lesion, 4), "chance": round(chance, 4), "heads": placed}
    return found


def _summary(values: Sequence[float]) -> dict[str, float]:
    return {"mean": round(float(np.mean(values)), 2), "least": round(min(values), 2), "most": round(max(values), 2)}


# What is written


def document(stored: Mapping[str, Any]) -> str:
    """Return the card as Markdown."""
    cases: Sequence[Mapping[str, Any]] = stored["cases"]
    ranges = stored["factors"]
    lines = [
        _HEAD.format(
            count=len(cases),
            seed=stored["seed"],
            **{name: f"{ranges[name][0]:g} to {ranges[name][1]:g}" for name in ("size", "ventricles", "lesion_ml")},
        ),
        "| factor | heads | median error | largest error |",
        "|---|---|---|---|",
    ]
    lines += [_control(name, kinds, factor, cases) for name, kinds, factor in _CONTROLS]
    lines += ["", _PLACED_WORDS.format(heads=next(iter(stored["places"].values()))["heads"]), ""]
    lines += ["| place | of the lesions lies there | of white matter lies there |", "|---|---|---|"]
    lines += [
        f"| {place} | {100 * one['lesion']:.0f} % | {100 * one['chance']:.0f} % |"
        for place, one in stored["places"].items()
    ]
    lines += ["", _VOLUMES_WORDS.format(heads=stored["heads"], people=stored["people"]), ""]
    lines += ["| volume (ml) | generated: mean (least to most) | people: mean (least to most) |", "|---|---|---|"]
    lines += [f"| {name} | {_told(one['heads'])} | {_told(one['people'])} |" for name, one in stored["volumes"].items()]
    lines += ["", _LEAKS_WORDS, ""]
    lines += [f"- {one['test']}: {one['sentence']}" for one in stored["leak_tests"]]
    return "\n".join([*lines, "", _END])


_CONTROLS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("head size", KINDS, "size"),
    ("ventricles, no tumour", ("healthy", "lesions"), "ventricles"),
    ("ventricles beside a tumour", ("tumour",), "ventricles"),
    ("volume of lesions of white matter", ("lesions",), "lesion_ml"),
    ("volume of a tumour without oedema", ("tumour",), "lesion_ml"),
)
"""What a line is called, of which kinds of heads, and which factor."""


def _control(name: str, kinds: Sequence[str], factor: str, cases: Sequence[Mapping[str, Any]]) -> str:
    some = [case for case in cases if case["kind"] in kinds]
    errors = [100 * (case[f"{factor}_counted"] / case[factor] - 1) for case in some]
    largest = max(errors, key=abs)
    return f"| {name} | {len(some)} | {np.median(np.abs(errors)):.1f} % | {largest:+.1f} % |"


def _told(summary: Mapping[str, float]) -> str:
    return f"{summary['mean']:.0f} ({summary['least']:.0f} to {summary['most']:.0f})"


_HEAD = """# Synthetic heads of nobody (`head-cohort`)

Written by `python -m medgan_viewer.lab.cohort.card` from stored numbers; `make models-check` measures them
again. Research use only, never for diagnosis.

**For**: labelled cases to try software, teaching and training with, where no patient's data may be used: anatomy,
lesions and any contrast from a seed. **Not for**: saying how common, how large or how shaped anything is in people, or
judging a model that is to be used on patients; a model trained on these heads alone is worse than one trained on
people ([worth.md](worth.md)).

## How it was made

A shape model with rules for the folds, fitted to the label maps of twelve adults (SynthSeg training label maps, Billot
et al. 2023, doi:10.1016/j.media.2023.102789, Apache-2.0), and a simulated scanner
([decision 4](decisions/0004-virtual-patient.md)). No network and no adversary takes part, so there is no twin.
Licence of the model: Apache-2.0. `medgan_viewer/lab/cohort` makes the heads, with factors that can be chosen, and
`medgan_viewer/lab/virtual_patient` the pictures, with tissue values of `medgan_viewer/lab/simulation/tissues.py`.

## Do the factors do what they say?

{count} heads (seed {seed}; healthy, with lesions of white matter and with a tumour in turn), factors drawn between
these ends: size {size}, ventricles {ventricles} times the volume that the seed alone would give,
{lesion_ml} ml of lesion. What was asked against what was counted in the labels:
"""
_PLACED_WORDS = """Where lesions lie ({heads} heads for each place; their centres are put there, so parts of large ones
reach beyond):"""
_VOLUMES_WORDS = """## Are they like people?

{heads} heads with all factors as their seeds have them, beside the {people} people whose label maps there are (twelve
of them are those that the model was fitted to):"""
_LEAKS_WORDS = """## Do they give anybody away?

The leak tests of the heads above against the twelve people ([lab.md](lab.md#synthetic-cohorts)); no cohort is
written that fails them without `--override` and a mark:"""
_END = """No leak found means by these tests, not that there is none.

## What they are worth

[worth.md](worth.md): outlines of gliomas, trained on people, on people and these heads, and on these heads alone.

## Limits

- Twelve adults are behind all heads: no children, no other shapes of head than mixtures of theirs, no dementia, no
  anomalies, no operations, no metal.
- Cortex follows rules and not development: no named gyri, some sulci close into rings. There is no falx and no choroid
  plexus; face and skull base are blurred.
- Widened ventricles take the place of white matter and deep grey: nothing is pushed away.
- A lesion is an ellipsoid with a rough edge, a tumour a ball with necrosis and oedema: neither grew.
- Pictures are as clean as their simulation: scanners' own artefacts are few (noise, shading, blur, thick slices).

## What was not measured

- Whether a radiologist takes a slice for a person's.
- How much like people's their pictures are: what is compared is volumes of tissues.
"""


def stored_file() -> Path:
    """Return the file of the stored numbers."""
    return resources.path("virtual_patient", "head-cohort.json")


def differences(stored: Any, found: Any, where: str = "") -> list[str]:
    """Return the places in which two measurements differ by more than sums in another order do."""
    if isinstance(stored, dict) and isinstance(found, dict) and stored.keys() == found.keys():
        return [one for key in stored for one in differences(stored[key], found[key], f"{where}.{key}".lstrip("."))]
    if isinstance(stored, list) and isinstance(found, list) and len(stored) == len(found):
        pairs = enumerate(zip(stored, found, strict=True))
        return [one for place, (a, b) in pairs for one in differences(a, b, f"{where}[{place}]")]
    if isinstance(stored, float) and isinstance(found, float) and math.isclose(stored, found, rel_tol=_CLOSE):
        return []
    return [] if stored == found else [f"{where} is {found!r} and not {stored!r}."]


def problems(folder: Path) -> list[str]:
    """Return what of the stored numbers is not found again, beside the real heads in `folder`. Raises ReadError."""
    return differences(json.loads(stored_file().read_text(encoding="utf-8")), json.loads(json.dumps(measure(folder))))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the card; return 0, or 1 where that was not possible."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--measure", action="store_true", help="measure first and store what is found")
    measures = parser.parse_args(arguments).measure
    try:
        docs = resources.folder().parent / "docs"
        if not docs.is_dir():
            raise UsageError("The card is written into the folder docs of a checkout: run this in one.")
        if measures:
            folder = training_folder()
            if folder is None:
                raise MissingPartError("The heads to compare with are not there: set MEDGAN_DATA to the data folder.")
            records.write(stored_file(), measure(folder))
        records.write_text(docs / "head-cohort.md", document(json.loads(stored_file().read_text(encoding="utf-8"))))
    except MedganError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
