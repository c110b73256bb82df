"""Who trains, validates and tests in archives that have no split of their own: every source and exam asks here."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from medgan_viewer.lab.evaluation.exams.real import load_patient_exam

__all__ = ["BLOCKS", "GAP", "NEIGHBOURS", "block", "body_patients"]

BLOCKS = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}
"""Which part of each class of `tumour_types`, whose patient ids are lost, belongs to a split."""
GAP = 15
"""Slices left out at the beginning of each block but the first, so that no patient lies on both sides.

Slices are in the order of patients. Measured on high-passed slices, shifted by up to 8 pixels against each other: next
to each other 2 to 17 % of a class's pairs are more alike than 999 in 1000 pairs that lie 60 or more apart, from five
apart on about 1 %; none that is more alike than every pair so far apart lies more than 13 apart. A longer run of one
patient is not excluded, but unlikely.
"""
NEIGHBOURS = 5
"""So many slices of `tumour_types` in a row stand for a patient where patients are counted or drawn."""
_EXAM = "ct-low-dose"
_BODIES = "ct_slices_hu"


def block(split: str, count: int) -> slice:
    """Return which of a class's `count` slices belong to a split; of a short block at most half is left out."""
    low, high = (round(end * count) for end in BLOCKS[split])
    return slice(low + (min(GAP, (high - low) // 2) if low else 0), high)


def body_patients(paths: Iterable[Path], validate: int) -> Mapping[str, tuple[str, ...]]:
    """Return the patients of `ct_slices_hu` by split: the exam's test, the last `validate` of the others validate.

    `paths` are the archive's files, "patient_date.npz".
    """
    kept_out = load_patient_exam(_EXAM).kept_out(_BODIES)
    everybody = sorted({path.name.split("_")[0] for path in paths})
    others = [patient for patient in everybody if patient not in kept_out]
    return {
        "train": tuple(others[:-validate]),
        "validation": tuple(others[-validate:]),
        "test": tuple(patient for patient in everybody if patient in kept_out),
    }
