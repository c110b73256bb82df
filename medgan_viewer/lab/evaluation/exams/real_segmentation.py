"""The exam of models that outline disease in real patients: Dice of each patient over all slices.

Baseline: the one intensity above which, inside the head, the training patients' outlines are met best.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly.data import interior
from medgan_viewer.lab.evaluation import metrics
from medgan_viewer.lab.evaluation.exams.candidates import Packaged
from medgan_viewer.lab.evaluation.exams.real import PatientExam, PatientSet
from medgan_viewer.lab.evaluation.exams.real_patients import RealScan, read_scan, training_scans
from medgan_viewer.lab.evaluation.exams.run import Sitting, goals_of, score_rows
from medgan_viewer.models.encoding import mr_foreground, mr_reference
from medgan_viewer.models.manifest import Package

__all__ = ["brightest", "examine", "protocol"]

_INSIDE_MM = 10.0
"""So far inside the head the baseline looks: the fat of the scalp is brighter than any tumour."""
_EDGES = np.linspace(0, 2, 201)
"""Intensities that the baseline tells apart, in units of the reference that models are told too."""
_STRIPPED = ("ms",)
"""Archives whose tested patients have no skull."""
_FOUND = {"mask": "tumour", "lesions": "lesions"}
log = logging.getLogger(__name__)
Mask = NDArray[np.bool_]


def examine(exam: PatientExam, packages: Mapping[str, Package], data: Path) -> dict[str, Any]:
    """Return `rows`, `tables`, `goals` and `exam` of a packaged model of one segment, beside its "twin".

    Raises UsageError where the model is none for this exam, MissingPartError without the patients.
    """
    manifest = packages["model"].manifest
    contrasts = manifest.requires.contrasts
    taken = [one.contrasts[0] for one in manifest.requires.inputs] or list(contrasts)
    sets = [(one, names) for one in exam.sets for names in one.inputs if _fits(names, taken, packages["model"])]
    if manifest.task != "segmentation" or not sets:
        raise UsageError(f"The model {packages['model'].id} outlines nothing that the exam {exam.id} asks for.")
    packaged = {who: Packaged(package) for who, package in packages.items()}
    thresholds: dict[str, float] = {}
    sitting = Sitting()
    for one, names in sets:
        if names[0] not in thresholds:
            thresholds[names[0]] = brightest(_training(data, names[0]))
        for scan in _scans(one, names, data):
            made = {
                who: each(scan.pictures, names, scan.spacing, range(len(scan.pictures[names[0]])))["segmentation"] > 0
                for who, each in packaged.items()
            }
            scaled, inside = _scaled(scan, names[0], stripped=one.data in _STRIPPED)
            made["baseline"] = (scaled >= thresholds[names[0]]) & inside
            assert scan.mask is not None
            for who, mask in made.items():
                found = {("Dice", ""): metrics.dice(mask, scan.mask)}
                sitting.add(_title(one, names), found, who, scan.patient)
    made_rows = score_rows(sitting)
    for row in made_rows:
        row["spread"] += f"; worst patient {min(row['patients']['model'].values()):.3g}"
    return {
        "rows": made_rows,
        "tables": [_table(row) for row in made_rows],
        "exam": {"id": exam.id, "sha256": exam.digest, "inputs": taken, "sat": [list(names) for _, names in sets]},
        "goals": goals_of(exam.goals, made_rows),
        "precision": packaged["model"].precision,
    }


def _fits(names: Sequence[str], taken: Sequence[str], package: Package) -> bool:
    several = package.manifest.requires.inputs
    if not several:
        return len(names) == 1 and (not taken or names[0] in taken)
    return package.manifest.requires.takes(len(names)) and list(names) == list(taken)[: len(names)]


def _title(one: PatientSet, names: Sequence[str]) -> str:
    return f"{' + '.join(names)} → {_FOUND.get(one.truth, one.truth)} ({one.data}), {one.role}"


def _scans(one: PatientSet, names: Sequence[str], data: Path) -> Iterator[RealScan]:
    for name in one.patients:
        log.info("examining a patient of %s", one.data)
        yield read_scan(data, one.data, name, names)


def _training(data: Path, contrast: str) -> Iterator[tuple[NDArray[np.floating], Mask]]:
    """Yield the intensities inside the heads of the training patients, and which of them were outlined."""
    for scan in training_scans(data, "lgg", (), [contrast]):
        scaled, inside = _scaled(scan, contrast, stripped=False)
        assert scan.mask is not None
        yield scaled[inside], scan.mask[inside]


def _scaled(scan: RealScan, contrast: str, *, stripped: bool) -> tuple[NDArray[np.floating], Mask]:
    picture = scan.pictures[contrast]
    head = mr_foreground(picture, scan.spacing)
    inside = head if stripped else interior(head, scan.spacing[1], _INSIDE_MM)
    return picture / np.float32(mr_reference(picture, scan.spacing)), inside


def brightest(patients: Iterator[tuple[NDArray[np.floating], Mask]]) -> float:
    """Return the intensity from which on pixels have the best mean Dice with what was outlined in these patients."""
    every = []
    for values, outlined in patients:
        if not outlined.any():
            continue
        counts, hits = (np.histogram(some, _EDGES)[0][::-1].cumsum()[::-1] for some in (values, values[outlined]))
        every.append(2 * hits / (counts + outlined.sum()))
    if not every:
        raise UsageError("No training patient has an outline, so there is no threshold to compare with.")
    return float(_EDGES[int(np.mean(every, axis=0).argmax())])


def _table(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return every patient's Dice, by whoever outlined."""
    who = [name for name in ("model", "twin", "baseline") if name in row["patients"]]
    lines = [
        [patient, *(f"{row['patients'][name][patient]:.3f}" for name in who)] for patient in row["patients"]["model"]
    ]
    return {"title": f"Every patient: Dice, {row['setting']}", "head": ["patient", *who], "lines": lines}


def protocol(exam: PatientExam, said: Mapping[str, Any]) -> str:
    """Return in words how the numbers of an exam are made; `said` is what was stored of it."""
    tested = ", ".join(f"{one.role}: {len(one.patients)} patients of {one.data}" for one in exam.sets)
    words = [
        f"Exam {exam.id} ({exam.digest[:12]}), {tested}; nobody of them was trained or tuned on. Weights as packaged, "
        "run as the viewer does, in full precision. Dice of each patient over all slices, averaged over patients; "
        "95 % interval by bootstrap over patients from eight on. Outside: another disease and other scanners, told as "
        f"it is. Baseline: the one intensity from which on pixels {_INSIDE_MM:g} mm inside the head meet the outlines "
        "of the training patients best.",
    ]
    sat = [tuple(names) for names in said["sat"]]
    missing = {" + ".join(names) for one in exam.sets for names in one.inputs if names not in sat}
    if missing:
        words.append(f"The exam also gives {', '.join(sorted(missing))}, which this model does not take.")
    return " ".join(words)
