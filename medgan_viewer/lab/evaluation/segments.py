"""Evaluation of segmentation on whole test patients with a segmentation of their own: Dice of each segment.

Baseline: for each segment the one threshold on the input's intensity, bright or dark, that has the best Dice over the
training patients.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.evaluation.cases import chosen, predict, whole_cases
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.sources.cases import Case
from medgan_viewer.lab.training.start import open_source

__all__ = ["Threshold", "best_threshold", "evaluate", "score"]

PROTOCOL = (
    "Whole patients of the split test, who were not trained on. Dice of each segment over all slices of a patient, "
    "averaged over the patients in whom the segment is or was found. Baseline: the one threshold on the input's "
    "intensity that has the best Dice over the training patients. Twin: the same network trained for as many steps "
    "without an adversary."
)
_BINS = np.linspace(-1.5, 3.5, 1001)
"""Edges of the intensities that are told apart, in units of the network's input."""

Pixels = tuple[int, int]
"""Twice the pixels that two masks share, and the sum of both masks' pixels: their quotient is Dice."""


class Threshold:
    """All pixels above (`bright`) or below a value of the input's first channel."""

    def __init__(self, value: float, *, bright: bool) -> None:
        self.value, self.bright = value, bright

    def mask(self, picture: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which pixels of a picture it takes."""
        return np.asarray(picture >= self.value if self.bright else picture < self.value)


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Score runs on the patients of their recipe's split test."""
    recipe = runs["model"].recipe
    return evaluate(runs, open_source(recipe), recipe.evaluation.patients)


def evaluate(runs: Mapping[str, Trained], source: Any, patients: int = 0) -> dict[str, Any]:
    """Return the manifest's `evaluation` of the run "model" and its "twin" on at most `patients` patients (0: all).

    Raises UsageError where the source keeps no cases or none with a segmentation for testing.
    """
    cases = [case for case in whole_cases(source, "test") if case.sources and case.segmentation is not None]
    cases = chosen(cases, patients, "input and segmentation")
    names = segment_names(runs["model"])
    thresholds = _thresholds(whole_cases(source, "train"), list(names))
    found: dict[tuple[str, int], dict[str, dict[str, Pixels]]] = {}
    for case in cases:
        truth = np.asarray(case.segmentation)
        for name in case.sources:
            labels = {who: predict(one, case, name).argmax(axis=1) for who, one in runs.items()}
            intensity = np.asarray(case.sources[name][:, 0], np.float32)
            for segment in names:
                masks = {who: made == segment for who, made in labels.items()}
                if (name, segment) in thresholds:  # no training patient may have had this input outlined
                    masks["baseline"] = thresholds[name, segment].mask(intensity)
                by_who = found.setdefault((name, segment), {})
                for who, mask in masks.items():
                    by_patient = by_who.setdefault(who, {})
                    by_patient[case.patient] = _added(by_patient.get(case.patient), mask, truth == segment)
    made = []
    for (name, segment), by_who in found.items():
        if dice := _dice(by_who):
            lists = {who: list(values.values()) for who, values in dice.items()}
            row = rows.row(f"{name} → {names[segment]}", "Dice", "", lists)
            made.append(row | {"patients": {who: rows.rounded(values) for who, values in dice.items()}})
    return {"protocol": PROTOCOL, "rows": made}


def segment_names(trained: Trained) -> dict[int, str]:
    """Return the name of each segment but the background: the manifest's, where it has one."""
    about = trained.recipe.manifest
    named = {output.get("label"): str(output.get("name")) for output in about.outputs} if about is not None else {}
    return {segment: named.get(segment, f"segment {segment}") for segment in range(1, trained.shapes.classes)}


def best_threshold(pictures: Sequence[NDArray[Any]], masks: Sequence[NDArray[np.bool_]]) -> Threshold:
    """Return the threshold whose mask over all pictures together has the best Dice with `masks`."""
    inside, everywhere = np.zeros(len(_BINS) - 1), np.zeros(len(_BINS) - 1)
    for picture, mask in zip(pictures, masks, strict=True):
        values = np.clip(np.asarray(picture, np.float32), _BINS[0], _BINS[-1])
        inside += np.histogram(values[mask], _BINS)[0]
        everywhere += np.histogram(values, _BINS)[0]
    total = inside.sum()
    best = (-1.0, Threshold(float(_BINS[-1]), bright=True))
    for bright in (True, False):
        # Pixels at or above each bin's lower edge, or below it.
        hit, taken = (
            np.cumsum(counts[::-1])[::-1] if bright else np.cumsum(counts) - counts for counts in (inside, everywhere)
        )
        dice = 2 * hit / np.maximum(taken + total, 1)
        place = int(dice.argmax())
        if dice[place] > best[0]:
            best = float(dice[place]), Threshold(float(_BINS[place]), bright=bright)
    return best[1]


def _thresholds(cases: Sequence[Case], segments: Sequence[int]) -> dict[tuple[str, int], Threshold]:
    pictures: dict[str, list[NDArray[Any]]] = {}
    labels: dict[str, list[NDArray[Any]]] = {}
    for case in cases:
        if case.segmentation is None:
            continue
        for name, stack in case.sources.items():
            pictures.setdefault(name, []).append(stack[:, 0])
            labels.setdefault(name, []).append(np.asarray(case.segmentation))
    return {
        (name, segment): best_threshold(some, [one == segment for one in labels[name]])
        for name, some in pictures.items()
        for segment in segments
    }


def _added(before: Pixels | None, mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Pixels:
    shared, total = before or (0, 0)
    return shared + 2 * int((mask & truth).sum()), total + int(mask.sum()) + int(truth.sum())


def _dice(by_who: Mapping[str, Mapping[str, Pixels]]) -> dict[str, dict[str, float]]:
    """Return each patient's Dice; a patient in whom neither truth nor model has the segment says nothing."""
    told = [patient for patient, (_, total) in by_who["model"].items() if total]
    return {
        who: {patient: _quotient(*by_patient[patient]) for patient in told}
        for who, by_patient in by_who.items()
        if told
    }


def _quotient(shared: int, total: int) -> float:
    return shared / total if total else 0.0
