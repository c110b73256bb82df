"""From a heat map to a ranked list of findings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medgan_viewer.core.layers import Finding, HeatLayer, Judgement
from medgan_viewer.core.volume import Plane, Volume, Voxels

__all__ = ["SMALLEST_ML", "Reading", "box_on_plane", "find", "score_text", "smoothed"]

# Nearer than this (mm), a plane touches a box: what is merely rounded must not part them.
_TOUCHING = 1e-6

# Regions smaller than this (a cube of 4.6 mm) are not listed: single voxels above a threshold are noise.
SMALLEST_ML = 0.1


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader saw of a heat map and said of it: the findings listed now, and all judgements given."""

    layer: HeatLayer
    findings: tuple[Finding, ...]
    judgements: tuple[Judgement, ...] = ()

    def count(self, verdict: str) -> int:
        """Return how many findings were judged so, also those that are not listed any more."""
        return sum(judgement.verdict == verdict for judgement in self.judgements)


def smoothed(heat: Voxels) -> Voxels:
    """Return the heat map averaged over 3 × 3 pixels in plane, the score that thresholds refer to."""
    from scipy import ndimage

    return np.asarray(ndimage.uniform_filter(np.asarray(heat, np.float32), size=(1, 3, 3), mode="nearest"))


def false_alarm_rate(score: float, healthy_maxima: tuple[float, ...]) -> float | None:
    """Return p = (1 + #{healthy ≥ score}) / (n + 1), the conformal p-value of a score; None without healthy people."""
    if not healthy_maxima:
        return None
    return (1 + sum(value >= score for value in healthy_maxima)) / (len(healthy_maxima) + 1)


def score_text(score: float) -> str:
    """Return a score with as many digits (two to four) as keep it from looking like 0 or 1, which it is not."""
    for digits in (2, 3, 4):
        text = f"{score:.{digits}f}"
        if not float(text).is_integer() or float(text) == score:
            return text
    return "> 0.9999" if score > 0.5 else "< 0.0001"


def box_on_plane(
    volume: Volume, bounds: Sequence[tuple[int, int]], plane: Plane
) -> tuple[float, float, float, float] | None:
    """Return (top, left, bottom, right), in a plane's pixels, of a finding's box; None where the plane misses it.

    ``bounds`` are half-open ranges of slices, rows and columns of ``volume``. The box reaches to the outer edges of its
    voxels and is projected along the plane's normal; whole numbers are pixel centres.
    """
    corners = volume.corners(bounds)
    heights = (corners - plane.origin) @ plane.normal
    if heights.min() > _TOUCHING or heights.max() < -_TOUCHING:
        return None
    places = np.array([plane.pixel(corner) for corner in corners])
    (top, left), (bottom, right) = places.min(axis=0), places.max(axis=0)
    return float(top), float(left), float(bottom), float(right)


def find(layer: HeatLayer, limit: int = 50) -> tuple[Finding, ...]:
    """Return connected regions (26 neighbours) of the ready slices above the threshold, largest score first."""
    from scipy import ndimage

    heat = smoothed(np.where(layer.ready[:, None, None], layer.volume.array, 0))
    labels, count = ndimage.label(heat >= layer.threshold, structure=np.ones((3, 3, 3)))
    if not count:
        return ()
    boxes = ndimage.find_objects(labels)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    regions: list[tuple[float, int, tuple[int, int, int]]] = []
    for number, box in enumerate(boxes, start=1):
        if sizes[number] * layer.volume.voxel_ml < SMALLEST_ML:
            continue
        inside = np.where(labels[box] == number, heat[box], -np.inf)
        peak = np.unravel_index(int(inside.argmax()), inside.shape)
        index = tuple(int(p) + axis.start for p, axis in zip(peak, box, strict=True))
        regions.append((float(inside.max()), number, (index[0], index[1], index[2])))
    regions.sort(key=lambda region: (-region[0], region[1]))
    return tuple(
        _finding(layer, rank, score, index, float(sizes[number]), boxes[number - 1])
        for rank, (score, number, index) in enumerate(regions[:limit], start=1)
    )


def _finding(
    layer: HeatLayer, rank: int, score: float, index: tuple[int, int, int], voxels: float, box: tuple[slice, ...]
) -> Finding:
    point = layer.volume.point(index)
    bounds = tuple((axis.start, axis.stop) for axis in box)
    return Finding(
        number=rank,
        index=index,
        point=(float(point[0]), float(point[1]), float(point[2])),
        score=score,
        millilitres=voxels * layer.volume.voxel_ml,
        bounds=(bounds[0], bounds[1], bounds[2]),
        false_alarm_rate=false_alarm_rate(score, layer.healthy_maxima),
    )
