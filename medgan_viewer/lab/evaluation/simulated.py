"""Evaluation on held-out simulated heads: the model, its twin without an adversary and a look-up table side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import baseline, metrics, rows
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.simulation import data
from medgan_viewer.lab.simulation.batches import encode_cached, target_values
from medgan_viewer.lab.simulation.data import LABELS, PICTURES
from medgan_viewer.lab.simulation.heads import TEST_HEADS
from medgan_viewer.lab.simulation.lesions import LESION_KINDS
from medgan_viewer.lab.simulation.simulate import SIMULATION
from medgan_viewer.lab.simulation.tissues import SEGMENTS
from medgan_viewer.lab.sources.simulated_heads import SimulatedHeads, data_folder
from medgan_viewer.models.encoding import expand_ct, stack_neighbours

Key = tuple[str, str, str]
Scores = dict[Key, float]
"""(setting, metric, unit) → value, of one series."""
Survival = dict[tuple[str, str], tuple[int, int]]
"""(setting, lesion kind) → lesions that survived, all lesions."""
Outputs = dict[str, NDArray[np.float32]]
"""Input modality or contrast, or several joined by +, → what was made of it."""
Predict = Callable[[Sequence[NDArray[np.int16]], Sequence[str]], NDArray[np.float32]]
"""Cached slices of the inputs of one run and their modalities or contrasts → `[slice, channel, row, column]` in units
of the output."""

_SERIES = (
    "Simulated series of held-out heads, acquired at random (noise, blur, beam hardening, slice thickness 2.5–6 mm, "
    "1.25 mm pixels), scored per head and averaged over heads."
)
PROTOCOLS = {
    "synthesis": f"{_SERIES} PSNR and SSIM inside the head with a range of 1 (MR); mean absolute error in HU. Twin: "
    "the same network trained for as many steps without an adversary. Baseline: the best look-up table from one "
    "pixel's intensity. The lesions are few: their shares are rough.",
    "segmentation": f"{_SERIES} Dice of each segment over the whole series. Baseline: the most frequent segment of "
    "each intensity, a set of optimal thresholds.",
}
_SURVIVES = 0.5
"""A lesion survives where at least this share of its contrast to the surrounding brain is left."""


class Series(NamedTuple):
    """One held-out series as cached."""

    head: int
    pictures: NDArray[np.int16]
    segmentation: NDArray[np.uint8]
    lesions: NDArray[np.uint8]

    def picture(self, name: str) -> NDArray[np.int16]:
        """Return the cached picture `name` (see `PICTURES`), `[slice, row, column]`."""
        return self.pictures[:, PICTURES.index(name)]


def load_series(cache: Path) -> Iterator[Series]:
    """Yield the cached series in order. Raises UsageError when there is none."""
    paths = sorted(cache.glob("*.labels.npy"))
    if not paths:
        raise UsageError(f"The cache {cache.name} holds no simulated series: nothing can be scored.")
    for path in paths:
        stem = path.name.removesuffix(".labels.npy")
        labels = np.load(path)
        yield Series(
            int(stem.split("_")[1]),
            np.load(path.with_name(f"{stem}.pictures.npy")),
            labels[:, LABELS.index("segmentation")],
            labels[:, LABELS.index("lesions")],
        )


def predictor(trained: Trained) -> Predict:
    """Return a function that runs a run's network over a series, in units of the output (MR, HU, segment index)."""
    network, neighbours, width = trained.network, trained.neighbours, trained.channels_per_slice

    def predict(pictures: Sequence[NDArray[np.int16]], names: Sequence[str]) -> NDArray[np.float32]:
        encoded = np.concatenate([encode_cached(*both) for both in zip(pictures, names, strict=True)], axis=1)
        outputs: list[NDArray[np.float32]] = []
        for first in range(0, len(encoded), 8):
            inputs = [
                stack_neighbours(encoded, k, neighbours, width) for k in range(first, min(first + 8, len(encoded)))
            ]
            with torch.inference_mode():
                outputs.append(network(torch.from_numpy(np.stack(inputs))).float().numpy())
        return in_output_units(trained.recipe, np.concatenate(outputs))

    return predict


def in_output_units(recipe: Recipe, raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn raw network output into MR units, HU, or the segment's index (one channel)."""
    if recipe.task == "segmentation":
        segments: NDArray[np.float32] = raw.argmax(axis=1)[:, None].astype(np.float32)
        return segments
    channels = [
        expand_ct(raw[:, c]) if target == "CT" else np.clip(raw[:, c], 0, 1.5)
        for c, target in enumerate(recipe.targets)
    ]
    return np.stack(channels, axis=1)


def look_up(recipe: Recipe, cache: Path) -> Predict:
    """Return the baseline, fitted on the training series in `cache`; segments are looked up in the first input."""
    if recipe.task == "segmentation":
        tables = {
            names: baseline.fit_segments(cache, names[0], len(SEGMENTS))[None].astype(np.float32)
            for names in recipe.input_sets
        }
    else:
        tables = {names: baseline.fit_pictures(cache, names, recipe.targets) for names in recipe.input_sets}

    def predict(pictures: Sequence[NDArray[np.int16]], names: Sequence[str]) -> NDArray[np.float32]:
        seen = 1 if recipe.task == "segmentation" else len(names)
        index = baseline.places(pictures[:seen], names[:seen])
        values = [
            row[index] if target in ("CT", "segmentation") else row[index] / 1000
            for row, target in zip(tables[tuple(names)], recipe.targets, strict=True)
        ]
        return np.stack(values, axis=1).astype(np.float32)

    return predict


def score_series(recipe: Recipe, series: Series, outputs: Outputs) -> Scores:
    """Score one series with every input the recipe takes."""
    scores: Scores = {}
    for name, output in outputs.items():
        for channel, target in enumerate(recipe.targets):
            setting = f"{name} → {target}"
            if target == "segmentation":
                scores |= _score_segments(setting, output[:, channel].astype(np.uint8), series)
            elif target == "CT":
                scores |= _score_ct(setting, output[:, channel], series)
            else:
                scores |= _score_mr(setting, output[:, channel], series, target)
    return scores


def _score_mr(setting: str, output: NDArray[np.float32], series: Series, target: str) -> Scores:
    truth = target_values(series.picture(target), target)
    head = series.segmentation > 0
    white = (series.segmentation == 1) & (series.lesions == 0)
    return {
        (setting, "PSNR in head", "dB"): metrics.psnr(output, truth, head, 1.0),
        (setting, "SSIM in head", ""): metrics.ssim(output, truth, head, 1.0),
        (setting, "healthy white matter off by over 0.2", "%"): 100
        * float((np.abs(output - truth) > 0.2)[white].mean()),
    }


def _score_ct(setting: str, output: NDArray[np.float32], series: Series) -> Scores:
    truth = series.picture("CT").astype(np.float32)
    head = series.segmentation > 0
    bone = head & (truth > 250)
    soft = head & (truth > -200) & (truth < 200)
    return {
        (setting, "MAE in head", "HU"): metrics.mean_absolute_error(output, truth, head),
        (setting, "MAE in bone", "HU"): metrics.mean_absolute_error(output, truth, bone),
        (setting, "MAE in soft tissue", "HU"): metrics.mean_absolute_error(output, truth, soft),
        (setting, "bone Dice (over 250 HU)", ""): metrics.dice(head & (output > 250), bone),
    }


def _score_segments(setting: str, output: NDArray[np.uint8], series: Series) -> Scores:
    scores: Scores = {}
    for value, name in enumerate(SEGMENTS[1:], start=1):
        truth = series.segmentation == value
        if truth.sum() > 50:
            scores[setting, f"Dice: {name}", ""] = metrics.dice(output == value, truth)
    scores[setting, "Dice: mean of all segments", ""] = float(np.mean(list(scores.values())))
    return scores


def lesion_survival(recipe: Recipe, series: Series, outputs: Outputs) -> Survival:
    """Count the lesions of one series that keep at least half their contrast, without those of little true contrast."""
    counts: Survival = {}
    brain = (series.segmentation >= 1) & (series.segmentation <= 8) & (series.segmentation != 6)
    for name, output in outputs.items():
        for channel, target in enumerate(recipe.targets):
            visible, unit = (8.0, 1) if target == "CT" else (0.08, 1000)
            truth = (series.picture(target) / unit).astype(np.float32)
            for index, kind in enumerate(LESION_KINDS, start=1):
                wanted = metrics.lesion_contrasts(truth, series.lesions, brain, index)
                found = metrics.lesion_contrasts(output[:, channel], series.lesions, brain, index)
                shares = [b / a for a, b in zip(wanted, found, strict=True) if abs(a) >= visible]
                if shares:
                    counts[f"{name} → {target}", kind.name] = sum(s >= _SURVIVES for s in shares), len(shares)
    return counts


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Score runs on whole series of the test heads, simulated where they are not there yet."""
    recipe = runs["model"].recipe
    predictors = {who: predictor(one) for who, one in runs.items()}
    predictors["baseline"] = look_up(recipe, _training_cache(recipe))
    return evaluate(recipe, _test_cache(recipe), predictors)


def evaluate(recipe: Recipe, cache: Path, predictors: dict[str, Predict]) -> dict[str, Any]:
    """Return the manifest's `evaluation`: one row per setting and metric, with the spread over heads.

    `predictors` holds "model" and whichever of "twin" and "baseline" there are.
    """
    scores: dict[str, dict[Key, dict[int, list[float]]]] = {who: {} for who in predictors}
    survival: dict[str, Survival] = {who: {} for who in predictors}
    heads: set[int] = set()
    for series in load_series(cache):
        heads.add(series.head)
        for who, predict in predictors.items():
            outputs = {
                " + ".join(names): predict([series.picture(f"input {name}") for name in names], names)
                for names in recipe.input_sets
            }
            for key, value in score_series(recipe, series, outputs).items():
                scores[who].setdefault(key, {}).setdefault(series.head, []).append(value)
            if recipe.task == "synthesis":
                for lesion, (kept, total) in lesion_survival(recipe, series, outputs).items():
                    before = survival[who].get(lesion, (0, 0))
                    survival[who][lesion] = before[0] + kept, before[1] + total
    return {
        "protocol": f"{PROTOCOLS[recipe.task]} Heads {', '.join(str(head) for head in sorted(heads))}.",
        "rows": _score_rows(scores) + _survival_rows(survival),
    }


def _score_rows(scores: dict[str, dict[Key, dict[int, list[float]]]]) -> list[dict[str, Any]]:
    """Return a row per setting and metric: means over heads of each head's mean."""
    return [
        rows.row(
            *key,
            {who: [float(np.mean(values)) for values in table[key].values()] for who, table in scores.items()},
            "heads",
        )
        for key in scores.get("model", {})
    ]


def _survival_rows(survival: dict[str, Survival]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for (setting, kind), (kept, total) in sorted(survival.get("model", {}).items()):
        made.append(
            {
                "setting": setting,
                "metric": f"{kind}: lesions that keep half their contrast",
                "unit": "%",
                **{who: round(100 * table[setting, kind][0] / total, 1) for who, table in survival.items()},
                "n": total,
                "spread": f"{kept} of {total} lesions",
            }
        )
    return made


def _training_cache(recipe: Recipe) -> Path:
    """Return the cached series that the look-up table is fitted on: the training's, or a few where it kept none."""
    wanted = dict(recipe.data.arguments)
    if recipe.data.name != "simulated_heads":
        wanted = {name: wanted[name] for name in ("inputs", "targets", "seed", "data") if name in wanted}
        wanted |= {"patients": 1, "series": 1}
    heads = SimulatedHeads(**wanted)
    heads.prepare("train")
    return heads.cache


def _test_cache(recipe: Recipe) -> Path:
    """Return a folder with whole series of the test heads, simulated where they are not there yet."""
    chosen = recipe.evaluation
    patients, series = max(1, chosen.patients), max(1, chosen.series)
    name = f"{SIMULATION}-seed{chosen.seed}-{patients}x{series}"
    cache = settings.cache_folder() / "test-heads" / name
    folder = data_folder(recipe.data.arguments.get("data"))
    data.simulate_cache(
        folder, cache, TEST_HEADS, data.evaluation_settings(), patients=patients, series=series, seed=chosen.seed
    )
    return cache
