"""What healthy people's heat maps reach, and what that makes of a threshold.

The unit is the patient: one number per healthy person never trained on, the highest score of any finding in the
whole volume. A finding is what the viewer lists (`core.findings`): a connected region of at least 0.1 ml of the
heat map averaged over 3 × 3 pixels. Two forms of the number are kept apart:

- `patient_level`: the highest threshold at which the person still has a finding. It decides false alarms exactly:
  at threshold t a healthy person is alarmed about if and only if their level is ≥ t.
- `patient_peak`: the highest score of a finding (its hottest pixel) whatever the threshold, so never lower than
  the level. A finding's p-value compares its peak with these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from medgan_viewer.core.findings import SMALLEST_ML, smoothed

BASE_THRESHOLD = 0.1
"""Findings are looked for from this heat upwards when a patient's peak is taken; the viewer's slider goes no lower."""

IN_SPACE = np.ones((3, 3, 3), dtype=bool)
"""All 26 voxels around one are its neighbours."""
IN_PLANE = IN_SPACE & (np.arange(3) == 1)[:, None, None]
"""The 8 pixels around one in its slice are its neighbours."""
_FEW = 4096


def conformal_p_value(score: float, healthy: Sequence[float]) -> float:
    """p = (1 + #{healthy ≥ score}) / (n + 1): the chance of a score like this in one more healthy person."""
    return (1 + sum(value >= score for value in healthy)) / (len(healthy) + 1)


def conformal_threshold(healthy: Sequence[float], false_alarm_rate: float) -> float | None:
    """Smallest healthy value whose exceedance has probability ≤ `false_alarm_rate` in one more healthy person.

    That is the ⌈(n + 1)(1 − α)⌉-th smallest of n values (Vovk, Gammerman and Shafer 2005); an alarm is a level *above*
    it. None where n is too small: α = .05 needs n ≥ 19.
    """
    rank = math.ceil((len(healthy) + 1) * (1 - false_alarm_rate) - 1e-9)
    return float(np.sort(healthy)[rank - 1]) if 1 <= rank <= len(healthy) else None


def patient_level(heat: npt.NDArray[np.float32], voxel_ml: float) -> float:
    """Highest threshold at which the heat map [slice, row, column] has a region of SMALLEST_ML; 0 where none."""
    voxels = max(1, math.ceil(SMALLEST_ML / voxel_ml - 1e-9))
    smooth = smoothed(heat)
    found = highest_threshold(np.where(smooth > 0, smooth, -np.inf), voxels, IN_SPACE)
    return max(found, 0.0)


def highest_threshold(score: npt.NDArray[np.floating], pixels: int, structure: npt.NDArray[np.bool_]) -> float:
    """Highest value of a score at which a region of so many pixels reaches it; −∞ where none does.

    `score` is −∞ where nothing counts, `structure` says which pixels are neighbours.
    """
    values = score[np.isfinite(score)]
    count = max(_FEW, 8 * pixels)
    while True:
        # Small regions decide: only the highest values are sorted, more of them where these hold no region.
        some = values if count >= len(values) else np.partition(values, len(values) - count)[-count:]
        candidates = np.unique(some)
        if len(candidates) and _largest_region(score >= candidates[0], structure) >= pixels:
            break
        if len(some) == len(values):
            return -math.inf
        count *= 8
    # Regions only shrink as the threshold rises, so bisection over the values that occur finds the last one that holds.
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high + 1) // 2
        holds = _largest_region(score >= candidates[middle], structure) >= pixels
        low, high = (middle, high) if holds else (low, middle - 1)
    return float(candidates[low])


def patient_peak(heat: npt.NDArray[np.float32], voxel_ml: float, base: float = BASE_THRESHOLD) -> float:
    """Highest pixel of any region of SMALLEST_ML above `base` in the heat map [slice, row, column]; 0 where none."""
    from scipy import ndimage

    smooth = smoothed(heat)
    labels, count = ndimage.label(smooth >= base, structure=IN_SPACE)
    if not count:
        return 0.0
    sizes = np.bincount(labels.ravel())[1:] * voxel_ml
    peaks = np.asarray(ndimage.maximum(smooth, labels, np.arange(1, count + 1)))
    return float(max(peaks[sizes >= SMALLEST_ML], default=0.0))


def _largest_region(mask: npt.NDArray[np.bool_], structure: npt.NDArray[np.bool_]) -> int:
    from scipy import ndimage

    labels, count = ndimage.label(mask, structure=structure)
    return int(np.bincount(labels.ravel())[1:].max()) if count else 0
