"""Leak tests of generated heads against the twelve that the head model was fitted to.

Heads are compared as the virtual patient is (`virtual_patient.likeness`): by whole heads after alignment, and by their
folds after deformable registration, which finds a bent copy. The nearest two training heads say when two heads are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.cohort.leaks import Distances, Verdict, judge
from medgan_viewer.lab.simulation.heads import CALIBRATION_HEADS, TEST_HEADS, VALIDATION_HEADS
from medgan_viewer.lab.virtual_patient.anatomy import TRAINING_HEADS, load_head
from medgan_viewer.lab.virtual_patient.fields import grid_points, smooth_noise
from medgan_viewer.lab.virtual_patient.likeness import distance, fold_distance, group_shares, on_reference, settle
from medgan_viewer.lab.virtual_patient.shape_model import load_model

__all__ = ["Described", "describe", "describe_real", "judge_heads"]

HELD_OUT = (*VALIDATION_HEADS, *CALIBRATION_HEADS, *TEST_HEADS)


@dataclass(frozen=True)
class Described:
    """What is compared of a head: its groups of tissues aligned by landmarks, and after deformable registration."""

    aligned: NDArray[np.uint8]
    settled: NDArray[np.uint8]


def describe(labels: NDArray[np.int16], spacing: Sequence[float]) -> Described:
    """Return what is compared of a head of FreeSurfer codes `[slice, row, column]`."""
    aligned = on_reference(labels, spacing, load_model().reference.astype(float))
    return Described(aligned, settle(aligned, _template()))


def describe_real(folder: Path) -> tuple[list[Described], list[Described]]:
    """Return the training heads and those that the head model never saw (half a minute). Raises ReadError."""
    train, held_out = (
        [describe(load_head(folder, number), (1.0, 1.0, 1.0)) for number in numbers]
        for numbers in (TRAINING_HEADS, HELD_OUT)
    )
    return train, held_out


def judge_heads(made: Sequence[Described], train: Sequence[Described], held_out: Sequence[Described]) -> Verdict:
    """Test generated heads; the planted copy is the first training head, bent by about 3 mm.

    Held-out heads are too few for a control of the guess who was trained on.
    """
    nothing = np.zeros((0, 0))
    return judge(
        Distances(
            trained=_distances(made, train),
            held_out=_distances(held_out, train),
            planted=_distances([_bent(train[0])], train),
            members=_distances(train, made),
            others=_distances(held_out, made),
            copy=1.0,
            control_members=nothing,
            control_others=nothing,
        )
    )


def _distances(first: Sequence[Described], second: Sequence[Described]) -> NDArray[np.float64]:
    """Return distances in units of the nearest two training heads', the smaller of both ways to compare."""
    model = load_model()
    whole, folds = float(model.distances.min()), float(model.fold_distances.min())
    return np.array(
        [
            [min(distance(a.aligned, b.aligned) / whole, fold_distance(a.settled, b.settled) / folds) for b in second]
            for a in first
        ]
    )


def _bent(head: Described) -> Described:
    from scipy.ndimage import map_coordinates

    shape, rng = head.aligned.shape, np.random.default_rng(1)
    bend = np.stack([2.0 * smooth_noise(shape, (2, 2, 2), 40.0, rng) for _ in range(3)])
    places = (grid_points((0, 0, 0), 2.0, shape) + bend) / 2
    copy = map_coordinates(head.aligned, places, order=0, mode="nearest")
    return Described(copy, settle(copy, _template()))


def _template() -> NDArray[np.float32]:
    model = load_model()
    return group_shares(model.consensus, model.consensus_start)
