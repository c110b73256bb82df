"""The offline fit of the head model: ``python -m medgan_viewer.lab.virtual_patient fit``.

Twelve label maps become one *consensus* (the share of heads that have each tissue at each point of a common space), the
main modes of their shapes (principal components of affine maps and of velocity fields) and the distances between them.
Nothing that belongs to a single head is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.alignment import fit_affine, landmarks
from medgan_viewer.lab.virtual_patient.anatomy import (
    CLASSES,
    RIGHT_OF,
    TRAINING_HEADS,
    Labels,
    load_head,
    merge_sides,
)
from medgan_viewer.lab.virtual_patient.fields import exponential
from medgan_viewer.lab.virtual_patient.likeness import distance, fold_distance, group_shares, on_reference, settle
from medgan_viewer.lab.virtual_patient.registration import Grid, Log, Round, register
from medgan_viewer.lab.virtual_patient.shape_model import ShapeModel

__all__ = ["fit"]

Floats = NDArray[np.float64]

CONSENSUS_GRID = Grid((-104.0, -128.0, -98.0), 2.0, (104, 124, 99))
"""Template space: mm from the midpoint of the thalami, slices up, rows back, columns to the left."""

_SEARCH_GRID = Grid(CONSENSUS_GRID.start, 3.0, (69, 83, 66))
_MODE_SPACING = 8.0
_EYES_BELOW = np.deg2rad(22.0)
"""How far below the thalami the eyes lie, seen from the side, in slices along the orbitomeatal line."""
_ROUNDS = (Round(6.0, 9.0, 15), Round(6.0, 7.0, 15), Round(3.0, 5.0, 10), Round(3.0, 4.0, 10))
_CHANNELS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((2,), 1.0),
    ((3,), 1.0),
    ((24,), 1.0),
    ((4, 14, 15), 2.0),
    ((10, 28), 2.0),
    ((11, 26), 2.0),
    ((12, 13), 2.0),
    ((7, 8), 1.5),
    ((16, 512), 1.5),
    ((17, 18), 2.0),
    ((515, 516), 1.5),
    ((506,), 3.0),
    ((507, 508, 509), 1.0),
    ((511,), 1.0),
    ((514,), 1.0),
    ((0,), 1.5),
)


@dataclass(frozen=True)
class _Head:
    """A training head and its affine map from template mm to its own voxels."""

    labels: Labels
    affine: Floats


def fit(folder: Path, target: Path, log: Log) -> None:
    """Fit the model to the training heads in ``folder`` and write it to ``target``."""
    maps = [load_head(folder, number) for number in TRAINING_HEADS]
    points = np.array([landmarks(labels, (1, 1, 1)) for labels in maps])
    reference = _mean_landmarks(points)
    heads = [_Head(m, fit_affine(reference, p)) for m, p in zip(maps, points, strict=True)]
    log(f"{len(heads)} heads aligned by {len(reference)} landmarks")
    described = [_describe(head) for head in heads]
    channels, known = np.stack([d[0] for d in described]), np.stack([d[1] for d in described])
    velocities, grid = register(channels, known, _SEARCH_GRID, _ROUNDS, log)
    consensus, left = _consensus(heads, velocities, grid, log)
    modes_grid = CONSENSUS_GRID.resized(_MODE_SPACING)
    coarse = np.stack([grid.read(velocity, modes_grid.points()) for velocity in velocities])
    aligned = [on_reference(labels, (1, 1, 1), reference) for labels in maps]
    template = group_shares(np.round(consensus * 15).astype(np.uint8), CONSENSUS_GRID.start)
    apart = _pairs(aligned, distance)
    folds_apart = _pairs([settle(head, template) for head in aligned], fold_distance)
    log(f"nearest heads: {apart.min():.3f} apart, their folds {folds_apart.min():.3f}")
    linear = np.stack([head.affine[:, :3] for head in heads])
    model = ShapeModel.from_fit(consensus, left, coarse, linear, reference, apart, folds_apart)
    model.save(target)
    log(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")


def _pairs(heads: list[NDArray[np.uint8]], measure: Callable[[NDArray[np.uint8], NDArray[np.uint8]], float]) -> Floats:
    """Return the ``measure`` of every pair of heads."""
    return np.array([measure(first, second) for i, first in enumerate(heads) for second in heads[i + 1 :]])


def _mean_landmarks(points: Floats) -> Floats:
    """Return mean landmarks of average size, in mm from the midpoint of the thalami."""
    centred = points - points.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=(1, 2))).mean()
    mean = centred[0]
    for _ in range(8):
        aligned = []
        for own in centred:
            affine = fit_affine(own, mean)
            aligned.append(own @ affine[:, :3].T + affine[:, 3])
        mean = np.mean(aligned, axis=0)
        mean *= size / np.sqrt(((mean - mean.mean(axis=0)) ** 2).sum())
    upright: Floats = _upright(mean - mean[:2].mean(axis=0))
    return upright


def _upright(points: Floats) -> Floats:
    """Return landmarks turned so that slices are axial as in a head CT, columns straight from right to left."""
    across = (points[0:20:2] - points[1:20:2]).mean(axis=0)
    across /= np.linalg.norm(across)
    eyes = points[-2:].mean(axis=0)
    forward = eyes - across * (eyes @ across)
    forward /= np.linalg.norm(forward)
    up = points[16:20].mean(axis=0) - points[12:14].mean(axis=0)  # from the cerebellum to the cerebrum
    up -= across * (up @ across) + forward * (up @ forward)
    up /= np.linalg.norm(up)
    cosine, sine = np.cos(_EYES_BELOW), np.sin(_EYES_BELOW)
    frame = np.array([cosine * up - sine * forward, -cosine * forward - sine * up, across])
    turned: Floats = points @ frame.T
    return turned


def _describe(head: _Head) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """Return the registration channels of a head on the search grid, and where it was scanned."""
    coarse = round(_SEARCH_GRID.spacing)
    fine = _fine(_SEARCH_GRID)
    labels, scanned = _read_labels(head, fine.points())
    merged = merge_sides(labels)
    channels = [np.sqrt(weight) * _block_mean(np.isin(merged, codes), coarse) for codes, weight in _CHANNELS]
    return np.stack(channels).astype(np.float16), _block_mean(scanned, coarse)[None].astype(np.float16)


def _fine(grid: Grid) -> Grid:
    """Return the grid of 1 mm whose blocks are the voxels of ``grid``."""
    width = round(grid.spacing)
    z, y, x = (n * width for n in grid.shape)
    first = [s - (width - 1) / 2 for s in grid.start]
    return Grid((first[0], first[1], first[2]), 1.0, (z, y, x))


def _read_labels(head: _Head, points: NDArray[np.float32]) -> tuple[Labels, NDArray[np.bool_]]:
    """Return the labels of a head at ``points`` in template mm, and where it was scanned."""
    from scipy.ndimage import map_coordinates

    places = np.tensordot(head.affine[:, :3].astype(np.float32), points, axes=1)
    places += head.affine[:, 3].astype(np.float32)[:, None, None, None]
    labels: Labels = map_coordinates(head.labels, places, order=0, mode="nearest")
    scanned = map_coordinates(_scanned(head.labels).astype(np.uint8), places, order=0)
    return labels, scanned > 0


def _scanned(labels: Labels) -> NDArray[np.bool_]:
    """Return where a head was inside its scan: the maps stop below, and some cut off the tip of the nose."""
    inside = np.zeros(labels.shape, bool)
    tissue = labels > 0
    lowest = int(np.argmax(tissue.sum(axis=(1, 2)) > 500))
    foremost = int(np.argmax(tissue.any(axis=(0, 2))))
    cut = tissue[:, foremost].sum() > 150
    inside[lowest + 2 :, foremost + 2 if cut else 0 :] = True
    return inside


def _consensus(
    heads: list[_Head], velocities: NDArray[np.float32], grid: Grid, log: Log
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the share of heads per class and point, and the share of *left* among the sided structures."""
    from scipy.ndimage import gaussian_filter

    points = _fine(CONSENSUS_GRID).points()
    total = np.zeros((len(CLASSES), *CONSENSUS_GRID.shape), np.float32)
    count = np.full(CONSENSUS_GRID.shape, 1e-6, np.float32)
    left, sided = np.zeros(CONSENSUS_GRID.shape, np.float32), np.zeros(CONSENSUS_GRID.shape, np.float32)
    for head, velocity in zip(heads, velocities, strict=True):
        labels, scanned = _read_labels(
            head, points + grid.read(exponential(velocity, grid.start, grid.spacing), points)
        )
        seen = _block_mean(scanned, 2) > 0.5
        merged = merge_sides(labels)
        for row, code in zip(total, CLASSES, strict=True):
            row[seen] += _block_mean(merged == code, 2)[seen]
        count += seen
        left += _block_mean(np.isin(labels, list(RIGHT_OF)), 2)
        sided += _block_mean(np.isin(labels, [*RIGHT_OF, *RIGHT_OF.values()]), 2)
    total /= total.sum(axis=0) + 1e-6
    total[0][count < 1] = 1.0
    smooth_left, smooth_sided = gaussian_filter(left, 1.0), gaussian_filter(sided, 1.0)
    far = np.broadcast_to(np.linspace(-1, 1, CONSENSUS_GRID.shape[2]) > 0, left.shape)
    log(f"consensus of {len(heads)} heads, at the lowest plane {count[0].max():.0f} of them")
    return _balanced(total), np.where(smooth_sided > 0.05, smooth_left / np.maximum(smooth_sided, 1e-6), far).astype(
        np.float32
    )


def _balanced(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return shares whose winning class fills, around every point, the volume the class has there on average.

    A plain vote loses whatever is thin and lies elsewhere in each head (sulci, the bone of the orbits, vessels) because
    it never has the majority; here such a class wins where it is likeliest, as often as it occurs.
    """
    from scipy.ndimage import gaussian_filter

    smooth = np.stack([gaussian_filter(share, 0.4) for share in shares])
    goal = [gaussian_filter(share, 3.0) for share in smooth]
    weight = np.ones_like(smooth)
    for _ in range(8):
        winner = np.argmax(smooth * weight, axis=0)
        for k, (wanted, factor) in enumerate(zip(goal, weight, strict=True)):
            filled = gaussian_filter((winner == k).astype(np.float32), 3.0)
            factor *= np.sqrt((wanted + 0.003) / (filled + 0.003))
            np.clip(factor, 0.15, 6.0, out=factor)
    balanced: NDArray[np.float32] = smooth * weight
    balanced /= balanced.sum(axis=0) + 1e-6
    return balanced


def _block_mean(values: NDArray[np.bool_], width: int) -> NDArray[np.float32]:
    """Return the means over blocks of ``width``³ voxels."""
    z, y, x = (n // width for n in values.shape)
    mean: NDArray[np.float32] = values.reshape(z, width, y, width, x, width).mean(axis=(1, 3, 5), dtype=np.float32)
    return mean
