"""Landmarks of a labelled head, the affine map they fix, and the distance between two heads.

A *head* here is a label map ``[slice, row, column]`` with a spacing in mm, in canonical axial order (slices inferior →
superior, rows anterior → posterior, columns right → left). Points are ``(slice, row, column)`` in mm.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.anatomy import Labels, merge_sides

__all__ = ["DISTANCE_GROUPS", "LANDMARK_CODES", "distance", "fit_affine", "landmarks", "on_reference"]

Floats = NDArray[np.float64]

LANDMARK_CODES = (10, 49, 11, 50, 12, 51, 13, 52, 17, 53, 18, 54, 8, 47, 7, 46, 2, 41, 3, 42, 15)
"""Structures whose centroids are landmarks; the two eyeballs (506, split at the thalami's plane) follow them."""

DISTANCE_GROUPS: dict[str, tuple[int, ...]] = {
    "white matter": (2,),
    "cortex": (3,),
    "ventricles": (4, 14, 15),
    "deep grey": (10, 11, 12, 13, 26),
    "hippocampus and amygdala": (17, 18),
    "cerebellum": (7, 8),
    "brain stem": (16, 28),
    "outer fluid": (24,),
    "skull": (515, 516),
    "soft tissue": (507, 508, 509),
    "skin": (511,),
    "eyes": (506,),
    "veins": (514,),
}
_REFERENCE_SPACING = 2.0
_REFERENCE_START = np.array([-60.0, -110.0, -90.0])
_REFERENCE_SHAPE = (75, 110, 91)


def landmarks(labels: Labels, spacing: Sequence[float]) -> Floats:
    """Return the landmarks of a head as ``[landmark, 3]`` in mm from its first voxel (from every second voxel)."""
    thinned, step = labels[::2, ::2, ::2], 2 * np.asarray(spacing, float)
    points = [_centroid(np.argwhere(thinned == code), step) for code in LANDMARK_CODES]
    middle = (points[0] + points[1]) / 2
    eyes = np.argwhere(thinned == 506)
    on_left = eyes[:, 2] * step[2] > middle[2]
    return np.array([*points, _centroid(eyes[on_left], step), _centroid(eyes[~on_left], step)])


def _centroid(indices: NDArray[np.int64], step: Floats) -> Floats:
    if len(indices) == 0:
        raise ValueError("a structure that serves as landmark is missing from the head")
    centre: Floats = indices.mean(axis=0) * step
    return centre


def fit_affine(source: Floats, target: Floats) -> Floats:
    """Return the 3×4 affine map that takes the points ``source`` to ``target`` with least squares."""
    rows = np.hstack([source, np.ones((len(source), 1))])
    solution, *_ = np.linalg.lstsq(rows, target, rcond=None)
    affine: Floats = solution.T
    return affine


def on_reference(labels: Labels, spacing: Sequence[float], reference: Floats) -> NDArray[np.uint8]:
    """Return the head aligned to the reference landmarks, on a grid of 2 mm: 1 + index in ``DISTANCE_GROUPS``, or 0."""
    from scipy.ndimage import affine_transform

    to_head = fit_affine(reference, landmarks(labels, spacing))
    step = np.asarray(spacing, float)
    matrix = to_head[:, :3] * _REFERENCE_SPACING / step[:, None]
    offset = (to_head[:, :3] @ _REFERENCE_START + to_head[:, 3]) / step
    resampled = affine_transform(labels, matrix, offset, output_shape=_REFERENCE_SHAPE, order=0)
    groups = np.zeros(int(labels.max()) + 1, np.uint8)
    for number, codes in enumerate(DISTANCE_GROUPS.values(), start=1):
        groups[[c for c in codes if c < len(groups)]] = number
    aligned: NDArray[np.uint8] = groups[merge_sides(resampled)]
    return aligned


def distance(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Return 1 − mean Dice over ``DISTANCE_GROUPS`` of two heads from ``on_reference``."""
    count = len(DISTANCE_GROUPS) + 1
    pairs = np.bincount(first.ravel().astype(np.int64) * count + second.ravel(), minlength=count**2)
    table = pairs.reshape(count, count)
    sizes = table.sum(axis=0) + table.sum(axis=1)
    return float(1 - np.mean(2 * np.diag(table)[1:] / np.maximum(sizes[1:], 1)))
