"""How alike two heads are: the measure by which the virtual patient must be nobody.

A head is laid on a grid of 2 mm by its landmarks (affine) and described by merged groups of tissues. The distance of
two heads is 1 − mean Dice over groups, in two ways: over all groups after the affine alignment alone, which compares
whole heads; and over what makes up the folds of the cortex after each head has also been registered deformably to the
consensus. The second undoes smooth warps: a warped copy of a head, or a patchwork of two, is found by its folds.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.alignment import fit_affine, landmarks
from medgan_viewer.lab.virtual_patient.anatomy import Labels, class_index, merge_sides
from medgan_viewer.lab.virtual_patient.fields import exponential
from medgan_viewer.lab.virtual_patient.registration import Grid, Round, demons

__all__ = ["DISTANCE_GROUPS", "FOLD_GROUPS", "distance", "fold_distance", "group_shares", "on_reference", "settle"]

Floats = NDArray[np.float64]
Groups = NDArray[np.uint8]

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
FOLD_GROUPS = ("white matter", "cortex", "outer fluid")

_GRID = Grid((-60.0, -110.0, -90.0), 2.0, (75, 110, 91))
"""Where heads are compared: from the skull base up, inside the field of view of every training head."""
_BLOCK = 3
_ROUND = Round(_BLOCK * _GRID.spacing, 6.0, 12)


def on_reference(labels: Labels, spacing: Sequence[float], reference: Floats) -> Groups:
    """Return a head aligned to the reference landmarks, on a grid of 2 mm: 1 + index in ``DISTANCE_GROUPS``, or 0."""
    from scipy.ndimage import affine_transform

    to_head = fit_affine(reference, landmarks(labels, spacing))
    step = np.asarray(spacing, float)
    matrix = to_head[:, :3] * _GRID.spacing / step[:, None]
    offset = (to_head[:, :3] @ np.array(_GRID.start) + to_head[:, 3]) / step
    resampled = affine_transform(labels, matrix, offset, output_shape=_GRID.shape, order=0)
    groups = np.zeros(int(labels.max()) + 1, np.uint8)
    for number, codes in enumerate(DISTANCE_GROUPS.values(), start=1):
        groups[[c for c in codes if c < len(groups)]] = number
    aligned: Groups = groups[merge_sides(resampled)]
    return aligned


def group_shares(consensus: NDArray[np.uint8], start: Sequence[float]) -> NDArray[np.float32]:
    """Return the consensus ``[class, …]`` (15ths, on 2 mm from ``start``) as shares ``[group, …]`` for ``settle``."""
    first = [round((own - s) / _GRID.spacing) for own, s in zip(_GRID.start, start, strict=True)]
    box = tuple(slice(f, f + n) for f, n in zip(first, _GRID.shape, strict=True))
    shares = [sum(consensus[class_index(code)][box].astype(np.float32) for code in g) for g in DISTANCE_GROUPS.values()]
    return np.stack([np.asarray(share, np.float32) / 15 for share in shares])


def settle(groups: Groups, template: NDArray[np.float32]) -> Groups:
    """Return a head from ``on_reference`` after deformable registration to ``template``, from ``group_shares``."""
    from scipy.ndimage import map_coordinates

    one_hot = np.stack([groups == number for number in range(1, len(DISTANCE_GROUPS) + 1)])
    goal, own = _blocks(template), _blocks(one_hot)
    z, y, x = goal.shape[1:]
    middle = [s + (_BLOCK - 1) * _GRID.spacing / 2 for s in _GRID.start]
    grid = Grid((middle[0], middle[1], middle[2]), _ROUND.spacing, (z, y, x))
    known = np.ones((1, z, y, x), np.float32)
    velocity = demons(np.zeros((3, z, y, x), np.float32), goal, own, known, grid, _ROUND)
    points = _GRID.points()
    points += grid.read(exponential(velocity, grid.start, grid.spacing), points)
    places = (points - np.reshape(_GRID.start, (3, 1, 1, 1))) / _GRID.spacing
    settled: Groups = map_coordinates(groups, places, order=0, mode="nearest")
    return settled


def _blocks(channels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return the channels averaged over blocks of ``_BLOCK``³ voxels; what is left over at the end is dropped."""
    z, y, x = (n // _BLOCK for n in channels.shape[1:])
    whole = channels[:, : z * _BLOCK, : y * _BLOCK, : x * _BLOCK]
    parts = whole.reshape(len(channels), z, _BLOCK, y, _BLOCK, x, _BLOCK)
    mean: NDArray[np.float32] = parts.mean(axis=(2, 4, 6), dtype=np.float32)
    return mean


def distance(first: Groups, second: Groups) -> float:
    """Return 1 − mean Dice over all groups of two heads from ``on_reference``."""
    return float(1 - _dice(first, second).mean())


def fold_distance(first: Groups, second: Groups) -> float:
    """Return 1 − mean Dice over ``FOLD_GROUPS`` of two heads from ``settle``."""
    return float(1 - _dice(first, second)[[list(DISTANCE_GROUPS).index(name) for name in FOLD_GROUPS]].mean())


def _dice(first: Groups, second: Groups) -> Floats:
    """Return the Dice overlap of every group."""
    count = len(DISTANCE_GROUPS) + 1
    table = np.bincount(first.ravel().astype(np.int64) * count + second.ravel(), minlength=count**2)
    table = table.reshape(count, count)
    sizes = table.sum(axis=0) + table.sum(axis=1)
    overlaps: Floats = 2 * np.diag(table)[1:] / np.maximum(sizes[1:], 1)
    return overlaps
