"""What is measured of a picture or a segmentation on one scan, and of the lesions in it.

Arrays `[slice, row, column]`; CT in HU, MR in 1/1000 of its unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.evaluation import metrics
from medgan_viewer.lab.evaluation.exams.definition import Exam, LesionTest
from medgan_viewer.lab.evaluation.exams.lesions import Region, contrast
from medgan_viewer.lab.evaluation.exams.scans import Found
from medgan_viewer.lab.simulation.tissues import SEGMENTS

__all__ = ["Outcome", "Scores", "counts", "coverage", "lesion_outcome", "picture_scores", "segment_scores"]

Scores = dict[tuple[str, str], float]
"""(metric, unit) → value, of one scan."""
_AIR_HU = -1000.0
_BONE_HU = 250.0
_SOFT_HU = (-200.0, 200.0)
_PERCENTILE = 99.5
_FEWEST_VOXELS = 50


def picture_scores(
    made: NDArray[Any], truth: NDArray[np.int16], segmentation: NDArray[np.uint8], target: str
) -> Scores:
    """Return how far a synthetic picture is from its target inside the head.

    The range of PSNR and SSIM is the target's 99.5th percentile in the head, from air on (CT) or from 0 (MR).
    """
    is_ct = target == "CT"
    scale = np.float32(1 if is_ct else 1000)
    picture, wanted = made.astype(np.float32) / scale, truth.astype(np.float32) / scale
    head = segmentation > 0
    span = float(np.percentile(wanted[head], _PERCENTILE)) - (_AIR_HU if is_ct else 0.0)
    scores = {
        ("PSNR in head", "dB"): metrics.psnr(picture, wanted, head, span),
        ("SSIM in head", ""): metrics.ssim(picture, wanted, head, span),
    }
    if not is_ct:
        error = 100 * metrics.mean_absolute_error(picture, wanted, head) / span
        return scores | {("MAE in head", "% of the peak"): error}
    bone = head & (wanted > _BONE_HU)
    soft = head & (wanted > _SOFT_HU[0]) & (wanted < _SOFT_HU[1])
    for name, mask in (("head", head), ("bone", bone), ("soft tissue", soft)):
        scores[f"MAE in {name}", "HU"] = metrics.mean_absolute_error(picture, wanted, mask)
    scores["bone Dice", ""] = metrics.dice(head & (picture > _BONE_HU), bone)
    return scores


def segment_scores(made: NDArray[Any], truth: NDArray[np.uint8], exam: Exam) -> Scores:
    """Return Dice of each segment that the scan shows, and its mean over the main ones and over all."""
    found = {}
    for value, name in enumerate(SEGMENTS[1:], start=1):
        wanted = truth == value
        if wanted.sum() > _FEWEST_VOXELS:
            found[name] = metrics.dice(made == value, wanted)
    main = [found[name] for name in exam.main_segments if name in found]
    means = {"the main segments": float(np.mean(main)), "all segments": float(np.mean(list(found.values())))}
    scores = {(f"Dice: mean of {name}", ""): value for name, value in means.items()}
    return scores | {(f"Dice: {name}", ""): value for name, value in found.items()}


def coverage(
    low: NDArray[Any], high: NDArray[Any], truth: NDArray[np.int16], segmentation: NDArray[np.uint8], level: float
) -> Scores:
    """Return the share of the head's pixels whose target lies in the interval, its ends included."""
    inside = ((truth >= low) & (truth <= high))[segmentation > 0]
    return {(f"truth inside the {100 * level:g} % interval", "%"): 100 * float(inside.mean())}


@dataclass(frozen=True)
class Outcome:
    """One lesion in what a candidate made: reproduced, and whether the same place got one where there is none."""

    found: Found
    reproduced: bool
    inserted: bool
    contrast: float


def counts(found: Found, names: Sequence[str], target: str, test: LesionTest) -> bool:
    """Return whether a lesion counts: seen in the input, seen in the target, and not there in the healthy target.

    One with a name counts however faint it is in the input.
    """
    wanted, without = found.target[target], found.without[target]
    least = test.least_contrast_ct if target == "CT" else test.least_contrast_mr
    seen = bool(found.plan.name) or max(abs(found.to_noise[name]) for name in names) >= test.contrast_to_noise
    return seen and abs(wanted) >= least and not _shown(without, wanted, test.least_share)


def lesion_outcome(
    found: Found,
    target: str,
    with_lesion: NDArray[Any],
    without_lesion: NDArray[Any],
    places: Mapping[int, int],
    test: LesionTest,
) -> Outcome:
    """Return what became of a lesion in pictures made of the input with and without it.

    `places` says where each slice of the scan stands in the pictures. Reproduced: its contrast against the ring has
    the target's sign and at least half its size. Inserted: of the healthy input, the contrast differs from the healthy
    target's as if at least half of the lesion were there.
    """
    scale = 1 if target == "CT" else 1000
    got, got_free = (contrast(picture, _moved(found, places)) / scale for picture in (with_lesion, without_lesion))
    wanted, without = found.target[target], found.without[target]
    return Outcome(
        found,
        _shown(got, wanted, test.least_share),
        _shown(got_free - without, wanted - without, test.least_share),
        got,
    )


def _shown(got: float, wanted: float, share: float) -> bool:
    return got * wanted > 0 and abs(got) >= share * abs(wanted)


def _moved(found: Found, places: Mapping[int, int]) -> Region:
    """Return a lesion's region in pictures of some slices only."""

    def move(index: tuple[NDArray[np.int64], ...]) -> tuple[NDArray[np.int64], ...]:
        return (np.array([places[int(one)] for one in index[0]]), *index[1:])

    return Region(move(found.region.inside), move(found.region.ring))
