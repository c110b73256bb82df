"""Kinds of tumours in single slices (`tumour_types`), with slices of a generator that saw the same real ones alone.

The generator of a part of the real data is a run of the recipe `tumour-slices` whose `share` is that part; a run that
saw more is refused. Five slices in a row stand for a patient, as patient ids are lost.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.cohort.slice_leaks import judge_slices
from medgan_viewer.lab.cohort.slices import SliceGenerator, load_generator
from medgan_viewer.lab.proofs.base import Case, Proof, Values
from medgan_viewer.lab.sources.splits import BLOCKS, GAP, NEIGHBOURS
from medgan_viewer.lab.sources.tumour_slices import CLASSES, TumourSlices
from medgan_viewer.lab.worth.arms import MIXES, PARTS, SHARES, Arm, arm
from medgan_viewer.lab.worth.running import PATIENT
from medgan_viewer.lab.worth.training import train

__all__ = ["ARMS", "KindWorth", "right_shares"]

ARMS = tuple(Arm(mix, part) for part in PARTS for mix in MIXES)
PIXELS = 64
_JUDGED = 300
TRAINING: dict[str, Any] = {
    "method": "classification",
    "options": {"smoothing": 0.05},
    "network": {"name": "slice_classifier", "arguments": {"features": [16, 24, 40, 56, 80]}},
    "steps": 1000,
    "look_every": 100,
    "schedule": {
        "batch": 32,
        "precision": "auto",
        "optimiser": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 0.01,
        "betas": [0.9, 0.999],
        "clip_gradient": 2.0,
        "average_decay": 0.99,
    },
}


class KindWorth(Proof):
    """The share of right answers of each test patient; `runs` are generators by the part of the real data they saw."""

    name = "kinds"
    title = "Kinds of tumours in slices of T1 with contrast medium"
    seeds = 3

    def __init__(
        self,
        runs: Mapping[float, Path] | None = None,
        data: Path | None = None,
        training: dict[str, Any] = TRAINING,
    ) -> None:
        self._runs, self._data, self._training = dict(runs or {}), data, training

    @property
    def entries(self) -> tuple[str, ...]:
        """The arms that can be run: those with generated slices only where there is a generator for them."""
        return tuple(one.name for one in ARMS if one.mix == "real" or one.part in self._runs)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return arm, training, and which generator. Raises UsageError for a generator that saw too much."""
        chosen = arm(entry, ARMS)
        synthetic = ""
        if chosen.mix != "real":
            trained = generator_of(self._runs[chosen.part], chosen.part).trained
            synthetic = f"{trained.recipe.digest[:12]}, step {trained.step}"
        arms = {"mix": chosen.mix, "part": chosen.part, "synthetic": synthetic}
        return {**arms, "blocks": BLOCKS, "gap": GAP, "training": self._training}

    def run(self, case: Case) -> Values:
        """Train the arm; every seed has the same part of the real data, as the generator of the part saw it."""
        chosen = arm(case.entry, ARMS)
        run = self._runs[chosen.part] if chosen.mix != "real" else None
        source = TumourSlices(
            PIXELS,
            share=chosen.part,
            synthetic=str(run) if run else "",
            synthetic_share=SHARES[chosen.mix],
            data=self._data,
        )
        validation, test = source.pool("validation"), source.pool("test")
        best = train(
            source,
            source,
            case.settings["training"],
            case.seed,
            lambda network: _mean(list(right_shares(network, *validation).values())),
        )
        told: Values = {"real slices": len(source.pool("train")[1]) if chosen.mix != "synthetic" else 0}
        if run is not None:
            told["leak tests passed"] = int(leak_free(run, chosen.part, self._data))
        found = {f"{PATIENT}{name}": share for name, share in right_shares(best.network, *test).items()}
        return {**told, "validation": best.score, "step": best.step, **found}


def right_shares(network: nn.Module, pictures: Tensor, labels: Tensor) -> dict[str, float]:
    """Return the share of right answers of each patient: five slices of a class in a row; classes lie together."""
    with torch.inference_mode():
        said = network(pictures).argmax(dim=1)
    found: dict[str, list[float]] = {}
    seen = [0] * len(CLASSES)
    for answer, label in zip(said.tolist(), labels.tolist(), strict=True):
        found.setdefault(f"{CLASSES[label]} {seen[label] // NEIGHBOURS}", []).append(float(answer == label))
        seen[label] += 1
    return {name: _mean(some) for name, some in found.items()}


def generator_of(run: Path, part: float) -> SliceGenerator:
    """Return the generator of a part of the real data. Raises UsageError where it saw more than that part."""
    generator = load_generator(run, CLASSES)
    data = generator.trained.recipe.data
    share = float(data.arguments.get("share", 1.0))
    if data.name != "tumour_slices" or share > part:
        raise UsageError(
            f"The run {run.name} was trained on {100 * share:.0f} % of the real slices: it cannot stand for "
            f"{100 * part:.0f} %."
        )
    return generator


@cache
def leak_free(run: Path, part: float, data: Path | None) -> bool:
    """Whether slices of a generator pass the leak tests of cohorts."""
    generator = generator_of(run, part)
    size = generator.trained.shapes.size[0]
    real = TumourSlices(size, imitate=True, share=part, data=data)
    train, test, validation = (real.pool(split)[0] for split in ("train", "test", "validation"))
    made = generator.pictures(torch.arange(_JUDGED) % len(CLASSES), 0)
    return judge_slices(made, train, test, validation).passed


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
