"""Honest numbers for the anomaly heat map: real disease, per patient, beside a plain threshold.

Three scores are compared on the same pixels: the discriminator's heat, the residual of the generator, and the plain
intensity (median of 5 × 5, in units of the brain's median; darkness for T1, where tumours are dark). Pixels count
inside a crude skull mask. `Dice at 1 %` uses the threshold that 1 % of the healthy pixels exceed, never the best
one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from medgan_viewer.lab.anomaly.data import GRID_MM, LGG_SPACING_MM, Float, Mask, interior, on_grid, read_canonical
from medgan_viewer.models.encoding import encode_mr_head, mr_foreground
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator, compand

GRID = (LGG_SPACING_MM[0], GRID_MM, GRID_MM)
SKULL_MM = 10.0
METHODS = ("heat", "residual", "intensity")


@dataclass(frozen=True, slots=True)
class Case:
    """One patient: encoded slices on the model's grid, and the truth with the region that counts on the same grid."""

    name: str
    flair: bool
    image: Float
    truth: Mask
    region: Mask


@dataclass(frozen=True, slots=True)
class CaseScores:
    """Scores of the pixels that count, one array per method, and their truth."""

    name: str
    scores: dict[str, Float]
    truth: Mask


def average_precision(scores: npt.NDArray[np.floating], truth: Mask) -> float:
    """Area under the precision-recall curve, Σ (R_k − R_{k−1}) P_k over distinct scores; NaN without positives."""
    if not truth.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    recall, precision = hits[last] / hits[-1], hits[last] / (last + 1)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def threshold_at(scores: npt.NDArray[np.floating], truth: Mask, false_positives: float) -> float:
    """Threshold that this share of the healthy pixels exceeds."""
    return float(np.quantile(scores[~truth], 1 - false_positives))


def dice(prediction: Mask, truth: Mask) -> float:
    """Dice coefficient; 1 when both are empty."""
    total = int(prediction.sum()) + int(truth.sum())
    return 2.0 * int((prediction & truth).sum()) / total if total else 1.0


def lgg_cases(folder: Path, split: str, contrast: str) -> Iterator[Case]:
    """Patients of one split of `lgg`; for T1 only those whose T1 is one."""
    index = json.loads((folder / "index.json").read_text())
    for name, entry in sorted(index.items()):
        if entry["split"] != split or (contrast == "T1" and not entry["has_t1"]):
            continue
        with np.load(folder / f"{name}.npz") as stored:
            volume, flair, tumour = (
                on_grid(stored[key].astype(np.float32), LGG_SPACING_MM) for key in (contrast.lower(), "flair", "mask")
            )
        # The head is taken from FLAIR for both contrasts: some T1 have a grey background.
        region = interior(mr_foreground(flair, GRID), GRID_MM, SKULL_MM)
        yield Case(name, contrast == "FLAIR", encode_mr_head(volume, GRID)[:, 0], tumour > 0.5, region)


def ms_cases(folder: Path) -> Iterator[Case]:
    """FLAIR of the two skull-stripped patients with a consensus lesion mask; the whole brain counts."""
    for name in ("patient07_mni", "patient26_mni"):
        volume, spacing = read_canonical(folder / name / "flair.nii.gz")
        lesions, _ = read_canonical(folder / name / "lesions.nii.gz")
        image = on_grid(volume, spacing)
        brain = mr_foreground(image, (spacing[0], GRID_MM, GRID_MM))
        encoded = encode_mr_head(image, (spacing[0], GRID_MM, GRID_MM))[:, 0]
        yield Case(name, True, encoded, on_grid(lesions, spacing) > 0.5, brain)


def heat_maps(network: RestoringDiscriminator, image: Float, batch: int = 16) -> tuple[Float, Float]:
    """Heat (0–1) and residual of the generator (companded units) of encoded slices [N, H, W]."""
    network.eval()
    heats, residuals = [], []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(image), batch):
            slices = compand(torch.from_numpy(image[start : start + batch])[:, None])
            restored = network.restore(slices)
            heats.append(torch.sigmoid(network.judge(slices, restored).float())[:, 0])
            residuals.append((slices - restored.float()).abs()[:, 0])
    return torch.cat(heats).numpy(), torch.cat(residuals).numpy()


def score_case(case: Case, network: RestoringDiscriminator) -> CaseScores:
    """All three scores of the pixels that count."""
    from scipy import ndimage

    heat, residual = heat_maps(network, case.image)
    level = max(float(np.median(case.image[case.region])), 1e-6)
    plain = ndimage.median_filter(case.image, size=(1, 5, 5)) / level
    maps = {
        "heat": smooth(heat),
        "residual": ndimage.median_filter(residual, size=(1, 5, 5)),
        "intensity": plain if case.flair else -plain,
    }
    return CaseScores(case.name, {key: value[case.region] for key, value in maps.items()}, case.truth[case.region])


def smooth(heat: Float) -> Float:
    """Mean over 3 × 3 pixels, as the viewer's findings use it."""
    return functional.avg_pool2d(torch.from_numpy(heat), 3, stride=1, padding=1, count_include_pad=False).numpy()


def summarise(cases: Sequence[CaseScores]) -> dict[str, dict[str, float]]:
    """Pooled and per-patient numbers for every method."""
    summary: dict[str, dict[str, float]] = {}
    truth = np.concatenate([case.truth for case in cases])
    for method in METHODS:
        pooled = np.concatenate([case.scores[method] for case in cases])
        each = [average_precision(case.scores[method], case.truth) for case in cases if case.truth.any()]
        row = {
            "pooled": average_precision(pooled, truth),
            "median": float(np.median(each)),
            "low_quartile": float(np.quantile(each, 0.25)),
            "high_quartile": float(np.quantile(each, 0.75)),
            "worst": float(np.min(each)),
        }
        for rate in (0.01, 0.005):
            threshold = threshold_at(pooled, truth, rate)
            row[f"dice_at_{rate:g}"] = dice(pooled > threshold, truth)
            row[f"threshold_at_{rate:g}"] = threshold
        summary[method] = row
    return summary
