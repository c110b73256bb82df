"""Measures of a score per pixel against what was outlined."""

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


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
