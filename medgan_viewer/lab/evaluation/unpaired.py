"""Evaluation of unpaired translation: what can be measured without a truth beside any picture, and no more.

How far a picture is from itself after there and back, and how far the translated pictures of the test patients are, as
a set, from real pictures of the wanted kind. Neither says whether a picture shows what is there (Cohen et al. 2018,
arXiv:1805.08841).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.evaluation.cases import chosen, predict, stacked, through, whole_cases
from medgan_viewer.lab.evaluation.distances import FEATURES, energy_distance
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.methods.cycle import BothWays
from medgan_viewer.lab.sources.cases import Case
from medgan_viewer.lab.training.start import open_source

__all__ = ["evaluate", "score"]

Float = NDArray[np.float32]
PROTOCOL = (
    "There is no paired truth: nothing here says whether a translated picture shows what is there. Whole patients of "
    "the split test, who were not trained on. Cycle error: the mean difference, in units of the network's input, of a "
    "picture from itself after there and back; one who changes nothing has 0. Distance of distributions: energy "
    "distance of fixed features (layouts of 16 × 16 averages; textures of local differences) of translated from real "
    "test pictures of the wanted kind, every patient counting alike and none compared with himself (0 where chance "
    "leaves less than nothing); no trained encoder, no FID. Baseline: the same "
    "distance without translation. Real pictures: that of the training patients' pictures of the wanted kind."
)
_SIDE = 128
_AT_MOST = 400
_DRAWS = 500


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Score runs on the patients of their recipe's split test."""
    recipe = runs["model"].recipe
    return evaluate(runs, open_source(recipe), recipe.evaluation.patients)


def evaluate(runs: Mapping[str, Trained], source: Any, patients: int = 0) -> dict[str, Any]:
    """Return the manifest's `evaluation` of the run "model" on at most `patients` patients (0: all).

    Raises UsageError where the source keeps no cases, or no input or no target for testing.
    """
    trained = runs["model"]
    cases = chosen([case for case in whole_cases(source, "test") if case.sources], patients, "an input")
    wanted = {split: _targets(whole_cases(source, split)) for split in ("train", "test")}
    if not wanted["test"][1]:
        raise UsageError("The data have no patient with a target in the split test.")
    errors: dict[str, dict[str, list[float]]] = {}
    translated: dict[str, tuple[list[Float], list[str]]] = {}
    plain: dict[str, list[Float]] = {}
    for case in cases:
        for name in case.sources:
            errors.setdefault(name, {}).setdefault(case.patient, []).append(_cycle_error(trained, case, name))
            pictures = predict(trained, case, name)
            made, whose = translated.setdefault(name, ([], []))
            made.extend(pictures)
            whose.extend([case.patient] * len(pictures))
            plain.setdefault(name, []).extend(np.asarray(case.sources[name], np.float32))
    found = [
        rows.row(f"{name} → {name}", "cycle error", "", {"model": [float(np.mean(v)) for v in by_patient.values()]})
        for name, by_patient in errors.items()
    ]
    target = "+".join(trained.recipe.targets) or "target"
    for name, (made, whose) in translated.items():
        setting = f"{name} → {target}"
        found += [_distance_row(setting, kind, made, whose, plain[name], wanted) for kind in FEATURES]
    return {"protocol": PROTOCOL, "rows": found}


def _distance_row(
    setting: str,
    kind: str,
    made: Sequence[Float],
    whose: Sequence[str],
    plain: Sequence[Float],
    wanted: Mapping[str, tuple[list[Float], list[str]]],
) -> dict[str, Any]:
    real, of_real = _features(kind, *wanted["test"])
    features, of_made = _features(kind, made, whose)
    enough = min(len(set(of_made)), len(set(of_real))) >= rows.INTERVAL_FROM
    value, drawn = energy_distance(features, real, of_made, of_real, _DRAWS if enough else 0)
    entry = {"setting": setting, "metric": f"distance of {kind}", "unit": "", "model": round(value, 3)}
    if plain[0].shape[0] == wanted["test"][0][0].shape[0]:
        entry["baseline"] = round(energy_distance(*_both(_features(kind, plain, whose), (real, of_real)))[0], 3)
    entry["real"] = round(energy_distance(*_both(_features(kind, *wanted["train"]), (real, of_real)))[0], 3)
    said = "one number for all patients"
    if drawn:
        low, high = np.percentile(drawn, [2.5, 97.5])
        said = f"95 % interval {low:.3g} to {high:.3g}"
    return {**entry, "n": len(set(of_made)), "spread": said}


def _both(
    first: tuple[Tensor, list[str]], second: tuple[Tensor, list[str]]
) -> tuple[Tensor, Tensor, list[str], list[str]]:
    return first[0], second[0], first[1], second[1]


def _features(kind: str, pictures: Sequence[Float], whose: Sequence[str]) -> tuple[Tensor, list[str]]:
    """Return the features of at most 400 pictures, evenly out of all, and whose they are."""
    every = -(-len(pictures) // _AT_MOST)
    small = [
        torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(np.asarray(one, np.float32)), _side(one))
        for one in pictures[::every]
    ]
    return FEATURES[kind](torch.stack(small)), list(whose[::every])


def _side(picture: Float) -> tuple[int, int]:
    """Return the size at which pictures are compared, whatever size they have."""
    return min(_SIDE, picture.shape[1]), min(_SIDE, picture.shape[2])


def _targets(cases: Sequence[Case]) -> tuple[list[Float], list[str]]:
    pictures: list[Float] = []
    whose: list[str] = []
    for case in cases:
        if case.target is not None:
            pictures.extend(np.asarray(case.target, np.float32))
            whose.extend([case.patient] * len(case.target))
    return pictures, whose


def _cycle_error(trained: Trained, case: Case, name: str) -> float:
    both = trained.generator
    assert isinstance(both, BothWays)
    seen = stacked(trained, case, name)
    rows_, columns = np.asarray(case.sources[name]).shape[2:]
    there = through(both.to_target, seen, seen.shape[2:])
    back = through(both.to_source, there, (rows_, columns))
    return float(np.abs(back - seen[..., :rows_, :columns]).mean())
