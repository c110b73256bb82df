"""Landmarks of a labelled head, and the affine map they fix.

A *head* here is a label map ``[slice, row, column]`` with a spacing in mm, in canonical axial order (slices inferior →
superior, rows anterior → posterior, columns right → left). Points are ``(slice, row, column)`` in mm.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.anatomy import Labels

__all__ = ["LANDMARK_CODES", "fit_affine", "landmarks"]

Floats = NDArray[np.float64]

LANDMARK_CODES = (10, 49, 11, 50, 12, 51, 13, 52, 17, 53, 18, 54, 8, 47, 7, 46, 2, 41, 3, 42, 15)
"""Structures whose centroids are landmarks; the two eyeballs (506, split at the thalami's plane) follow them."""


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
    return np.asarray(solution.T, np.float64)
