"""What a heat map is worth on patients whose disease was outlined, beside other scores of the same pixels.

Scores are `[slice, row, column]` of any unit, larger for more anomalous. Only pixels in a patient's `region` count.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.anomaly.calibration import IN_PLANE, IN_SPACE, highest_threshold
from medgan_viewer.lab.anomaly.data import far_from
from medgan_viewer.lab.anomaly.measures import average_precision, dice, threshold_at
from medgan_viewer.lab.evaluation.exams.real import AnomalyTest

__all__ = ["AtThreshold", "Judged", "Pooled", "at_threshold", "finding_pixels", "findings", "level"]

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]
_QUANTILES = np.unique(np.concatenate([np.linspace(0, 1, 513)[1:-1], 1 - np.geomspace(0.2, 1e-6, 512)]))
"""Where the bins for intervals end: finest at the top, as disease is a small share of all pixels."""
_DRAWS = 1000
_PART = 0.1
"""What was outlined counts as a lesion from this share of a finding's size on."""


@dataclass(frozen=True)
class Judged:
    """One patient: `scores` by name, where they count, what was outlined, and whether slices lie apart.

    `heat` is the heat map as the viewer gets it, for the findings that the viewer lists.
    """

    patient: str
    scores: Mapping[str, Float]
    region: Mask
    truth: Mask
    spacing: tuple[float, float, float]
    apart: bool
    heat: Float | None = None


def finding_pixels(test: AnomalyTest, spacing: Sequence[float], *, apart: bool) -> int:
    """Return how many pixels a finding has at least: an area where slices lie apart, else a volume."""
    area = spacing[1] * spacing[2]
    share = test.finding_cm2 * 100 / area if apart else test.finding_ml * 1000 / (area * spacing[0])
    return max(1, math.ceil(share - 1e-9))


def findings(one: Judged, who: str, threshold: float, pixels: int) -> Mask:
    """Return the pixels of all connected findings of a score above a threshold."""
    from scipy import ndimage

    parts, _ = ndimage.label((one.scores[who] > threshold) & one.region, structure=IN_PLANE if one.apart else IN_SPACE)
    sizes = np.bincount(parts.ravel())
    large = sizes >= pixels
    large[0] = False
    return np.asarray(large[parts])


def level(one: Judged, who: str, pixels: int, slices: NDArray[np.bool_] | None = None) -> float:
    """Return the highest score at which a finding is left (in some slices); under it the patient is alarmed about."""
    where = slice(None) if slices is None else slices
    score = np.where(one.region, one.scores[who], -np.inf)[where]
    return highest_threshold(score, pixels, IN_PLANE if one.apart else IN_SPACE)


@dataclass(frozen=True)
class AtThreshold:
    """One patient at one threshold: Dice of the findings, lesions found of how many, and a false alarm or None.

    A false alarm is a finding in the slices that show no disease and lie beside none that does.
    """

    dice: float
    found: int
    lesions: int
    alarm: bool | None


def at_threshold(one: Judged, who: str, threshold: float, pixels: int) -> AtThreshold:
    """Return how a patient fares at a threshold; Dice is no number where nothing was outlined."""
    from scipy import ndimage

    listed = findings(one, who, threshold, pixels)
    parts, _ = ndimage.label(one.truth, structure=IN_SPACE)
    large = np.flatnonzero(np.bincount(parts.ravel())[1:] >= _PART * pixels) + 1
    hit = np.unique(parts[listed])
    clear = far_from(one.truth)
    alarm = bool(listed[clear].any()) if one.apart and clear.any() else None
    truth = one.truth & one.region
    score = dice(listed, truth) if truth.any() else float("nan")
    return AtThreshold(score, int(np.isin(large, hit).sum()), len(large), alarm)


class Pooled:
    """All pixels of all patients together: AUPRC, and Dice where a share of the healthy pixels is above the threshold.

    Intervals come by drawing patients, on scores that were sorted into bins.
    """

    def __init__(self, people: Sequence[Judged], who: str) -> None:
        pairs = [(one.scores[who][one.region], one.truth[one.region]) for one in people]
        self._scores = np.concatenate([scores for scores, _ in pairs])
        self._truth = np.concatenate([truth for _, truth in pairs])
        edges = np.unique(np.quantile(self._scores, _QUANTILES))
        size = len(edges) + 1
        binned = [(np.searchsorted(edges, scores, side="right"), truth) for scores, truth in pairs]
        # [patient, healthy or ill, bin], the highest scores first.
        counts = [[np.bincount(place[truth == kind], minlength=size) for kind in (0, 1)] for place, truth in binned]
        self._counts = np.asarray(counts, dtype=np.float64)[:, :, ::-1]

    @property
    def auprc(self) -> float:
        """Area under the curve of precision and recall."""
        return average_precision(self._scores, self._truth)

    def dice_at(self, share: float) -> float:
        """Return Dice at the threshold that this share of the healthy pixels exceeds."""
        threshold = threshold_at(self._scores, self._truth, share)
        return dice(self._scores > threshold, self._truth)

    def intervals(self, shares: Sequence[float]) -> list[tuple[float, float]]:
        """Return the 95 % intervals of AUPRC and of Dice at each share, by bootstrap over patients."""
        rng = np.random.default_rng(0)
        drawn = []
        for _ in range(_DRAWS):
            healthy, ill = self._counts[rng.integers(len(self._counts), size=len(self._counts))].sum(axis=0)
            if ill.sum():
                drawn.append(_binned(healthy, ill, shares))
        low, high = np.percentile(np.asarray(drawn), [2.5, 97.5], axis=0)
        return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _binned(healthy: NDArray[np.float64], ill: NDArray[np.float64], shares: Sequence[float]) -> list[float]:
    hits, false = ill.cumsum(), healthy.cumsum()
    recall, precision = hits / hits[-1], hits / np.maximum(hits + false, 1)
    values = [float(np.sum(np.diff(recall, prepend=0.0) * precision))]
    for share in shares:
        # Between two bins the threshold lies where the share is reached exactly.
        above = float(np.interp(share * false[-1], false, hits))
        values.append(2 * above / (above + share * false[-1] + hits[-1]))
    return values
