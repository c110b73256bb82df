"""Evaluation of paired translation on whole test patients of any source that keeps cases: PSNR, SSIM and MAE.

Scores are per patient and then averaged; they are taken inside the picture (where the target is no air), in the units
that the reader sees: HU, or shares of the contrast's reference for MR. Baseline: the straight line from the input's
first channel to the target that fits the training patients best, which is the best that a window can do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.evaluation import metrics, rows
from medgan_viewer.lab.evaluation.cases import chosen, predict, whole_cases
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.sources.cases import Case
from medgan_viewer.lab.training.start import open_source
from medgan_viewer.models.encoding import expand_ct

__all__ = ["evaluate", "score"]

Float = NDArray[np.float32]
PROTOCOL = (
    "Whole patients of the split test, who were not trained on, scored per patient inside the picture and averaged "
    "over patients. PSNR and SSIM with a range of {range}. Twin: the same network trained for as many steps without an "
    "adversary. Baseline: the straight line from the input's intensity that fits the training patients best."
)
_HU_RANGE = 2000.0


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Score runs on the patients of their recipe's split test."""
    recipe = runs["model"].recipe
    return evaluate(runs, open_source(recipe), recipe.evaluation.patients)


def evaluate(runs: Mapping[str, Trained], source: Any, patients: int = 0) -> dict[str, Any]:
    """Return the manifest's `evaluation` of the run "model" and its "twin" on at most `patients` patients (0: all).

    Raises UsageError where the source keeps no cases or has none for testing.
    """
    model = runs["model"]
    cases = [case for case in whole_cases(source, "test") if case.sources and case.target is not None]
    cases = chosen(cases, patients, "input and target")
    lines = _straight_lines(whole_cases(source, "train"))
    units = _units(model)
    scores: dict[tuple[str, str, str], dict[str, dict[str, list[float]]]] = {}
    for case in cases:
        for name in case.sources:
            outputs = {who: predict(one, case, name) for who, one in runs.items()}
            if name in lines:  # no training patient may have had this input with the target
                outputs["baseline"] = _on_line(case, name, lines[name])
            for who, output in outputs.items():
                for key, value in _scores(name, output, case, units).items():
                    scores.setdefault(key, {}).setdefault(who, {}).setdefault(case.patient, []).append(value)
    ranges = sorted({f"{_HU_RANGE:g} HU" if unit == "HU" else "1 (MR)" for _, unit in units})
    return {"protocol": PROTOCOL.format(range=" and ".join(ranges)), "rows": _rows(scores)}


def _units(trained: Trained) -> list[tuple[str, str]]:
    """Return name and unit of each output channel."""
    about = trained.recipe.manifest
    targets = [name for name in trained.recipe.targets if name != "segmentation"]
    names = targets or [f"channel {index}" for index in range(trained.shapes.target_channels)]
    decodings = [output.get("decoding") for output in about.outputs] if about is not None else []
    return [
        (name, "HU" if name == "CT" or decodings[index : index + 1] == ["ct_companded"] else "")
        for index, name in enumerate(names)
    ]


def _straight_lines(cases: Sequence[Case]) -> dict[str, NDArray[np.float64]]:
    """Return, for each input, slope and intercept `[target channel, 2]` of the best straight line."""
    given: dict[str, list[Float]] = {}
    wanted: dict[str, list[Float]] = {}
    for case in cases:
        if case.target is None:
            continue
        for name, stack in case.sources.items():
            given.setdefault(name, []).append(np.asarray(stack[::4, 0], np.float32).ravel())
            wanted.setdefault(name, []).append(
                np.moveaxis(np.asarray(case.target[::4], np.float32), 1, 0).reshape(case.target.shape[1], -1)
            )
    lines = {}
    for name, parts in given.items():
        x = np.concatenate(parts)
        design = np.stack([x, np.ones_like(x)], axis=1)
        solution = np.linalg.lstsq(design, np.concatenate(wanted[name], axis=1).T, rcond=None)[0]
        lines[name] = solution.T.astype(np.float64)
    return lines


def _on_line(case: Case, name: str, coefficients: NDArray[np.float64]) -> Float:
    x = np.asarray(case.sources[name][:, 0], np.float32)[:, None]
    line = coefficients[:, :, None, None]
    result: Float = (line[None, :, 0] * x + line[None, :, 1]).astype(np.float32)
    return result


def _scores(
    name: str, output: Float, case: Case, units: Sequence[tuple[str, str]]
) -> dict[tuple[str, str, str], float]:
    assert case.target is not None
    found = {}
    for channel, (target, unit) in enumerate(units):
        truth, made = np.asarray(case.target[:, channel], np.float32), output[:, channel]
        inside = truth > float(case.outside["target"][channel]) + 0.05
        if unit == "HU":
            truth, made = (expand_ct(values).astype(np.float32) for values in (truth, made))
        span = _HU_RANGE if unit == "HU" else 1.0
        setting = f"{name} → {target}"
        found[setting, "PSNR", "dB"] = metrics.psnr(made, truth, inside, span)
        found[setting, "SSIM", ""] = metrics.ssim(made, truth, inside, span)
        found[setting, "MAE", unit] = metrics.mean_absolute_error(made, truth, inside)
    return found


def _rows(scores: Mapping[tuple[str, str, str], Mapping[str, Mapping[str, list[float]]]]) -> list[dict[str, Any]]:
    return [
        rows.row(*key, {who: [float(np.mean(values)) for values in table.values()] for who, table in by_who.items()})
        for key, by_who in scores.items()
    ]
