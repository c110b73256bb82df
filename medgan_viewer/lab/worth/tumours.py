"""Outlines of gliomas in FLAIR: real patients (`lgg`) and heads of `medgan-viewer cohort`, whose generator saw none.

The heads come from a model that was fitted to label maps of twelve healthy people. No real FLAIR and no real outline
went into them, so each part of the real data has the same synthetic ones, and synthetic alone is one arm.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from medgan_viewer.errors import UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.proofs.base import Case, Proof, Values
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.archive import Archive
from medgan_viewer.lab.sources.base import Batch, generators
from medgan_viewer.lab.sources.variation import varied
from medgan_viewer.lab.sources.volumes import axial, canonical, encoded
from medgan_viewer.lab.worth.arms import MIXES, PARTS, SHARES, Arm, arm
from medgan_viewer.lab.worth.running import PATIENT
from medgan_viewer.lab.worth.training import train

__all__ = ["ARMS", "COHORT", "Patient", "TumourPool", "TumourWorth", "dice", "keep_cohort", "read_cohort"]

ARMS = (
    *(Arm(mix, part) for part in PARTS for mix in MIXES[:2]),
    Arm("synthetic", 0.0),
)
SIDE = 192
"""Rows and columns of the grid of 1.25 mm on which outlines are scored; the network sees half as many."""
_GRID_MM = 1.25
_AT_ONCE = 32
COHORT = "cohort.json"
"""What a cohort's folder, and the folder of results, hold of how the cohort was ordered and of its leak tests."""
_NOT_IMAGES = ("synthetic_anatomy.nii.gz", "synthetic_lesions.nii.gz")
TRAINING: dict[str, Any] = {
    "method": "segmentation",
    "options": {"reconstruction_weight": 1.0},
    "network": {"name": "unet_2p5d", "arguments": {"features": [24, 48, 72, 96]}},
    "steps": 800,
    "look_every": 100,
    "schedule": {
        "batch": 8,
        "precision": "auto",
        "optimiser": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 0.01,
        "betas": [0.9, 0.99],
        "average_decay": 0.99,
    },
}


@dataclass(frozen=True, eq=False)
class Patient:
    """Slices as the network sees them `[slice, 1, 96, 96]`, their outlines `[slice, 96, 96]`, and the full ones."""

    name: str
    source: Tensor
    labels: Tensor
    truth: Tensor


def patient(name: str, source: Any, truth: Any) -> Patient:
    """Return a patient out of encoded slices `[slice, 1, 192, 192]` and outlines `[slice, 192, 192]`."""
    full = torch.from_numpy(np.array(truth)) > 0
    small = functional.avg_pool2d(torch.from_numpy(np.array(source, np.float32)), 2)
    labels = functional.avg_pool2d(full[:, None].float(), 2)[:, 0] >= 0.5
    return Patient(name, small, labels.long(), full)


class TumourPool:
    """Slices of real and synthetic patients, each with equal chances, in another pose and by another scanner."""

    source_channels, target_channels, classes = 1, 0, 2
    size = (SIDE // 2, SIDE // 2)

    def __init__(self, real: Sequence[Patient], made: Sequence[Patient], synthetic_share: float) -> None:
        """Raises UsageError where patients of a kind are asked for that are not there."""
        if (synthetic_share < 1 and not real) or (synthetic_share > 0 and not made):
            raise UsageError("There are no patients of a kind that this training needs.")
        self._real, self._made, self._share = real, made, synthetic_share

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `source` `[count, 1, 96, 96]` and `segmentation`; there is the split train alone."""
        rngs = generators(count, draw)
        chosen = [self._one(rng) for rng in rngs]
        source, labels = (torch.stack(list(some)) for some in zip(*chosen, strict=True))
        numbers = Numbers([int(rng.integers(2**62)) for rng in rngs])
        source, labels = varied(source, labels, self.classes, 1, numbers)
        return {"source": source, "segmentation": labels}

    def _one(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        patients = self._made if rng.random() < self._share else self._real
        one = patients[int(rng.integers(len(patients)))]
        place = int(rng.integers(len(one.source)))
        return one.source[place], one.labels[place]


class TumourWorth(Proof):
    """Dice of each test patient of `lgg`; `heads` is the folder of a cohort, `data` that of the real ones."""

    name = "tumours"
    title = "Outlines of gliomas in FLAIR"
    seeds = 3

    def __init__(
        self, heads: Path | None = None, data: Path | None = None, training: dict[str, Any] = TRAINING
    ) -> None:
        self._heads, self._data, self._training = heads, data, training

    @property
    def entries(self) -> tuple[str, ...]:
        """The arms that can be run: those with synthetic heads only where there are some."""
        return tuple(one.name for one in ARMS if one.mix == "real" or self._heads is not None)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return arm, training, and which cohort."""
        chosen = arm(entry, ARMS)
        cohort = cohort_digest(self._heads) if chosen.mix != "real" and self._heads is not None else ""
        return {"mix": chosen.mix, "part": chosen.part, "synthetic": cohort, "training": self._training}

    def run(self, case: Case) -> Values:
        """Train the arm; the seed also chooses which patients the part of the real data has."""
        chosen, splits = arm(case.entry, ARMS), real_patients(self._data)
        order = np.random.default_rng([case.seed, 17]).permutation(len(splits["train"]))
        real = [splits["train"][place] for place in order[: max(1, round(chosen.part * len(order)))]]
        made = read_cohort(self._heads) if chosen.mix != "real" and self._heads is not None else ()
        pool = TumourPool(real, made, SHARES[chosen.mix])
        best = train(
            pool,
            pool,
            case.settings["training"],
            case.seed,
            lambda network: float(np.mean([dice(network, one) for one in splits["validation"]])),
        )
        counts = {"real patients": len(real) if chosen.part else 0, "synthetic patients": len(made)}
        found = {f"{PATIENT}{one.name}": dice(best.network, one) for one in splits["test"]}
        return {**counts, "validation": best.score, "step": best.step, **found}


def dice(network: nn.Module, one: Patient) -> float:
    """Return twice the shared pixels over the sum of both outlines', over all slices of a patient at full size."""
    shared = total = 0
    for source, truth in zip(torch.split(one.source, _AT_ONCE), torch.split(one.truth, _AT_ONCE), strict=True):
        with torch.inference_mode():
            logits = functional.interpolate(network(source).float(), truth.shape[1:], mode="bilinear")
        mask = logits[:, 1] > logits[:, 0]
        shared += 2 * int((mask & truth).sum())
        total += int(mask.sum() + truth.sum())
    return shared / total if total else 1.0


@cache
def real_patients(data: Path | None) -> dict[str, list[Patient]]:
    """Return the patients of `lgg` by split. Raises MissingPartError without data."""
    source = Archive("lgg", ["FLAIR"], ["segmentation"], data=data)
    return {
        split: [patient(one.patient, one.sources["FLAIR"], one.segmentation) for one in source.cases(split)]
        for split in ("train", "validation", "test")
    }


@cache
def read_cohort(folder: Path) -> tuple[Patient, ...]:
    """Return the heads of a cohort, all their MR contrasts as slices of one patient.

    Raises UsageError for what is no cohort of heads or one that failed its leak tests, ReadError.
    """
    from medgan_viewer.dicom import nifti

    _check_cohort(folder)
    made = []
    for case in sorted(folder.glob("case_*")):
        lesions, _ = canonical(axial(nifti.read(case / _NOT_IMAGES[1])), _GRID_MM, labels=True)
        outlines = _fitted(lesions[:, None] > 0)[:, 0]
        images = sorted(path for path in case.glob("synthetic_*.nii.gz") if path.name not in _NOT_IMAGES)
        stacks = []
        for path in images:
            values, spacing = canonical(axial(replace(nifti.read(path), modality="MR")), _GRID_MM)
            stacks.append(_fitted(encoded(values, spacing, "MR", "mr_head", mask_couch=False)))
        made.append(patient(case.name, np.concatenate(stacks), np.concatenate([outlines] * len(stacks))))
    return tuple(made)


def cohort_digest(folder: Path) -> str:
    """Return twelve hexadecimal digits that change with what a cohort is. Raises UsageError."""
    _check_cohort(folder)
    parts = b"".join((folder / name).read_bytes() for name in (COHORT, "cohort.csv"))
    return hashlib.sha256(parts).hexdigest()[:12]


def keep_cohort(folder: Path, results: Path) -> None:
    """Write beside results how the cohort was ordered and what its leak tests said. Raises UsageError."""
    content = {"digest": cohort_digest(folder)} | json.loads((folder / COHORT).read_text(encoding="utf-8"))
    results.mkdir(parents=True, exist_ok=True)
    records.write(results / COHORT, content)


def _check_cohort(folder: Path) -> None:
    path = folder / COHORT
    if not path.is_file():
        raise UsageError(f"{folder}: there is no cohort; make one with medgan-viewer cohort.")
    tests = json.loads(path.read_text(encoding="utf-8"))["leak_tests"]["tests"]
    if not tests or not all(test["passed"] for test in tests):
        raise UsageError(f"{folder}: this cohort did not pass its leak tests, so nothing is trained on it.")


def _fitted(stack: Any) -> Any:
    """Return `[slice, channel, row, column]` cut or filled up with 0 around the middle to 192 rows and columns."""
    for axis in (2, 3):
        gap = SIDE - stack.shape[axis]
        if gap > 0:
            widths = [(0, 0)] * 4
            widths[axis] = (gap // 2, gap - gap // 2)
            stack = np.pad(stack, widths)
        elif gap < 0:
            stack = np.take(stack, range(-gap // 2, -gap // 2 + SIDE), axis=axis)
    return stack
