"""The interval that quantiles give, made to hold on patients who were not trained on.

Conformalised quantile regression (Romano, Patterson and Candès 2019, arXiv:1905.03222, equations 6 to 8): a pixel's
score max(low − y, y − high) says how far its truth lies outside the interval (negative: inside), and a quantile of the
scores of people who were set aside is added to both ends. Pixels of one patient are not exchangeable with those of
another, patients are: so each patient gives one number, the margin with which the wanted share of its own pixels is
covered, and of n patients' numbers the k-th smallest is taken. A further patient of the same kind is then covered to
that share with a probability of at least k/(n + 1). With few patients the largest is taken, and the promise is as small
as n/(n + 1) says.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.cases import stacked, whole_cases
from medgan_viewer.lab.evaluation.exams.definition import load_scans
from medgan_viewer.lab.evaluation.exams.store import simulated_folder
from medgan_viewer.lab.evaluation.simulated import load_series
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.simulation import data
from medgan_viewer.lab.simulation.batches import encode_cached, target_values
from medgan_viewer.lab.simulation.heads import CALIBRATION_HEADS
from medgan_viewer.lab.simulation.simulate import SIMULATION
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.training.start import open_source
from medgan_viewer.models.encoding import expand_ct, stack_neighbours

__all__ = ["Correction", "correction", "coverage", "interval", "margin", "set_aside"]

Float = NDArray[np.float32]
CONFIDENCE = 0.95
"""How likely a further patient is to be covered, where there are patients enough to promise that (19)."""
SPLIT = "calibration"
_SIMULATED = ("simulated_heads", "live_heads")
_CONTRASTS = ("T1", "T2", "FLAIR")
_AT_ONCE = 8
_LOW_FIELD = "field-scans"


@dataclass(frozen=True)
class Correction:
    """What is added to both ends of an interval; `promise` is the probability that a further patient is covered."""

    margin: float
    patients: int
    promise: float


class Held(NamedTuple):
    """What was predicted of one patient who was set aside: `[pixel]` of one target, inside the head."""

    low: Float
    high: Float
    truth: Float


def margin(held: Held, level: float) -> float:
    """Return the smallest margin with which at least `level` of a patient's pixels are covered; it may be negative."""
    scores = np.maximum(held.low - held.truth, held.truth - held.high).ravel()
    place = max(math.ceil(level * scores.size - 1e-9), 1) - 1
    return float(np.partition(scores, place)[place])


def correction(margins: Sequence[float], confidence: float = CONFIDENCE) -> Correction:
    """Return the correction out of each patient's margin. Raises UsageError without a patient."""
    count = len(margins)
    if not count:
        raise UsageError("Nobody was set aside for calibration, so the interval cannot be made to hold.")
    place = min(count, math.ceil(confidence * (count + 1) - 1e-9))
    return Correction(sorted(margins)[place - 1], count, place / (count + 1))


def coverage(held: Held, added: float = 0.0) -> float:
    """Return the share of pixels whose truth lies in the interval with a margin `added`, its ends included."""
    inside = (held.truth >= held.low - added) & (held.truth <= held.high + added)
    return float(inside.mean())


def interval(trained: Trained) -> dict[str, Any] | None:
    """Return what a manifest says of the interval, calibrated on patients set aside; None without two quantiles.

    The bounds are those of the sober network where there is one: no adversary had a hand in them. Values are in units
    of the decoded output (HU, or shares of the MR's reference). None too where the data have nobody set aside. Raises
    MissingPartError where the simulation's data are not there.
    """
    quantiles: Sequence[float] = getattr(getattr(trained.method, "settings", None), "quantiles", ())
    if len(quantiles) < 2:
        return None
    targets, level = trained.shapes.target_channels, quantiles[-1] - quantiles[0]
    channels = targets, targets * len(quantiles)
    margins: dict[int, list[float]] = {channel: [] for channel in range(targets)}
    before: list[float] = []
    patients = list(_patients(trained))
    if not patients:
        return None
    for _, held in patients:
        for channel, one in enumerate(held):
            margins[channel].append(margin(one, level))
            before.append(coverage(one))
    corrections = {channel: correction(values) for channel, values in margins.items()}
    first = corrections[0]
    return {
        "level": round(level, 6),
        "bounds": [
            {
                "channel": channel,
                "low": channels[0] + channel,
                "high": channels[1] + channel,
                "margin": round(found.margin, 6),
            }
            for channel, found in corrections.items()
        ],
        "patients": first.patients,
        "promise": round(first.promise, 4),
        "calibrated_on": f"{SPLIT}: {set_aside([name for name, _ in patients], trained.recipe.data.name)}",
        "coverage_before": round(float(np.mean(before)), 4),
    }


def set_aside(names: Sequence[str], kind: str) -> str:
    """Return in words who was set aside: simulated heads by their names, people by their number alone."""
    if kind in _SIMULATED:
        return ", ".join(names)
    return f"{len(names)} patient{'' if len(names) == 1 else 's'}"


def _patients(trained: Trained) -> Iterator[tuple[str, list[Held]]]:
    """Yield each patient set aside, and what the sober network says of it beside the truth, by target."""
    pixels = _of_heads(trained) if trained.recipe.data.name in _SIMULATED else _of_cases(trained)
    by_patient: dict[str, list[list[Held]]] = {}
    for patient, held in pixels:
        by_patient.setdefault(patient, []).append(held)
    for patient, parts in by_patient.items():
        by_target = zip(*parts, strict=True)
        yield patient, [Held(*(np.concatenate(arrays) for arrays in zip(*one, strict=True))) for one in by_target]


def _of_heads(trained: Trained) -> Iterator[tuple[str, list[Held]]]:
    """Yield the pixels inside the head of whole series simulated from the heads for calibration, of each input."""
    recipe = trained.recipe
    for one in load_series(_heads_for(recipe)):
        head = one.segmentation > 0
        for names in _input_sets(recipe):
            # Who names no target is to give each input's own contrast.
            targets = [target for target in recipe.targets or names if target != "segmentation"]
            truths = [target_values(one.picture(target), target) for target in targets]
            encoded = np.concatenate([encode_cached(one.picture(f"input {name}"), name) for name in names], axis=1)
            seen = [
                stack_neighbours(encoded, index, trained.neighbours, trained.channels_per_slice)
                for index in range(len(encoded))
            ]
            raw = _raw(trained, np.stack(seen))
            yield f"head {one.head:02d}", _held(trained, raw, np.stack(truths, axis=1), head)


def _heads_for(recipe: Recipe) -> Path:
    """Return a folder with series simulated from the heads for calibration, of low field as that exam's scans are."""
    chosen, folder = recipe.evaluation, data_folder(recipe.data.arguments.get("data"))
    if recipe.data.arguments.get("low_tesla"):
        return simulated_folder(load_scans(_LOW_FIELD), folder, SPLIT, CALIBRATION_HEADS)
    patients, series = max(1, chosen.patients), max(1, chosen.series)
    cache = settings.cache_folder() / "calibration-heads" / f"{SIMULATION}-seed{chosen.seed}-{patients}x{series}"
    data.simulate_cache(
        folder,
        cache,
        CALIBRATION_HEADS,
        data.evaluation_settings(),
        patients=patients,
        series=series,
        seed=chosen.seed,
    )
    return cache


def _input_sets(recipe: Recipe) -> list[tuple[str, ...]]:
    """Return the inputs of each run of whole series; "MR", any contrast that may be, is every one that they have."""
    made = [product(*(_CONTRASTS if name == "MR" else (name,) for name in names)) for names in recipe.input_sets]
    return list(dict.fromkeys(chain.from_iterable(made)))


def _of_cases(trained: Trained) -> Iterator[tuple[str, list[Held]]]:
    """Yield the pixels that are no air of the source's own patients for calibration, of each input."""
    source: Any = open_source(trained.recipe)
    if not source.patients.get(SPLIT):
        return
    for case in whole_cases(source, SPLIT):
        if case.target is None:
            continue
        target = np.asarray(case.target, np.float32)
        air = np.asarray(case.outside["target"], np.float32)[:, None, None]
        inside: NDArray[np.bool_] = np.asarray((target > air + 0.05).any(axis=1))
        for name in case.sources:
            raw = _raw(trained, stacked(trained, case, name))[..., : target.shape[2], : target.shape[3]]
            yield case.patient, _held(trained, raw, target, inside)


def _raw(trained: Trained, slices: Float) -> Float:
    """Return what the sober network gives for the slices `[slice, channel, row, column]`."""
    import torch

    network: Any = trained.network
    if trained.method.implied.get("conditioned"):
        network = network.at(0.0)
    with torch.inference_mode():
        parts = [
            network(torch.from_numpy(slices[first : first + _AT_ONCE])).float().numpy()
            for first in range(0, len(slices), _AT_ONCE)
        ]
    return np.concatenate(parts)


def _held(trained: Trained, raw: Float, truth: Float, inside: NDArray[np.bool_]) -> list[Held]:
    """Return bounds and truth of each target inside, in units of the decoded output.

    `truth` and `raw` are companded where the target is a CT; decoding keeps the order, so a bound stays a quantile.
    """
    count, decodings = trained.shapes.target_channels, _decodings(trained)
    last = raw.shape[1] - count
    return [
        Held(
            *(
                decoded(values[inside], decodings.get(channel, ""))
                for values in (raw[:, count + channel], raw[:, last + channel], truth[:, channel])
            )
        )
        for channel in range(count)
    ]


def _decodings(trained: Trained) -> Mapping[int, str]:
    about = trained.recipe.manifest
    return {} if about is None else {int(one["channel"]): str(one["decoding"]) for one in about.outputs}


def decoded(values: Float, decoding: str) -> Float:
    """Return raw values in the unit that a reader sees: HU, or shares of the MR's reference within 0…1.5."""
    if decoding == "ct_companded":
        return expand_ct(values)
    return np.clip(values, 0, 1.5).astype(np.float32)
