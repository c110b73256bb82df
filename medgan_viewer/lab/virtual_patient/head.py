"""From a seed to a labelled head that belongs to nobody.

The head model's consensus is stretched, turned and deformed by a random mixture of *all* its modes plus smooth random
velocities of its own; the cortex is folded anew (``cortex``); a tumour pushes its surroundings away. Everything random
comes from one generator made from the seed, so a seed is a patient.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.anatomy import CLASSES, RIGHT_OF, Labels
from medgan_viewer.lab.virtual_patient.cerebellum import furrow
from medgan_viewer.lab.virtual_patient.cortex import FoldSettings, fold
from medgan_viewer.lab.virtual_patient.fields import doubled, exponential, grid_points, read_at, smooth_noise
from medgan_viewer.lab.virtual_patient.shape_model import ShapeModel, load_model
from medgan_viewer.lab.virtual_patient.tumour import NO_TUMOUR, Side, Tumour, choose_site, grow, push_away

__all__ = ["VirtualHead", "generate_head"]

Floats = NDArray[np.float32]

_AMPLITUDE = 1.35
"""How far each head strays from the mean, against the training heads, whose shifts the fit smoothed too small."""

_DRAWS = 1
"""Goes into the random generator beside the seed: another number, and every seed is another person."""


@dataclass(frozen=True)
class VirtualHead:
    """A generated head in canonical axial order: slices up, rows back, columns right → left.

    Voxels of 1 mm; a head that is larger or smaller as a whole has larger or smaller cubes.
    """

    seed: int
    labels: Labels
    """``[slice, row, column]``, FreeSurfer codes."""
    tumour: Tumour
    start: tuple[float, float, float]
    """Where the first voxel lies, in mm (slice, row, column) from the midpoint of the thalami."""
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)


def generate_head(
    seed: int,
    model: ShapeModel | None = None,
    *,
    tumour: bool = True,
    radius: float | None = None,
    side: Side | None = None,
) -> VirtualHead:
    """Generate the head of ``seed``; the same seed gives the same head.

    It has a tumour unless that is not wanted: of ``radius`` mm and on a ``side``, or as the seed will have it.
    """
    model = model or load_model()
    rng = np.random.default_rng([_DRAWS, seed])
    points = _pull_back(model, rng)
    site = None
    if tumour:
        coarse_labels, _, _ = _vote(model, points, fine=False)
        site = choose_site(coarse_labels, model.consensus_spacing, rng, radius=radius, side=side)
        points = push_away(points, model.consensus_start, model.consensus_spacing, site)
    coarse_labels, coarse_left, labels = _vote(model, points, fine=True)
    folds = FoldSettings(
        wavelength=float(rng.uniform(25, 29)),
        thickness=float(rng.uniform(2.5, 2.9)),
        opening=float(rng.uniform(0.4, 0.9)),
    )
    fold(labels, coarse_labels, coarse_left, model.consensus_spacing, folds, rng)
    furrow(labels, coarse_labels, model.consensus_spacing, rng)
    grown = NO_TUMOUR if site is None else grow(labels, site, rng)
    _tell_sides(labels, doubled(coarse_left) > 0.5)
    return VirtualHead(seed, labels, grown, model.consensus_start)


def _pull_back(model: ShapeModel, rng: np.random.Generator) -> Floats:
    """Return where each point of the new head's 2 mm grid lies in the consensus, ``[3, slice, row, column]`` in mm."""
    velocity = model.velocity(rng.standard_normal(len(model.scales)))
    velocity *= np.float32(_AMPLITUDE * model.typical_speed / np.sqrt((velocity**2).sum(axis=0).mean()))
    shape, spacing = velocity.shape[1:], (model.modes_spacing,) * 3
    for scale, amplitude in ((40.0, 2.0), (22.0, 0.8)):
        velocity = velocity + amplitude * np.stack([smooth_noise(shape, spacing, scale, rng) for _ in range(3)])
    velocity = _evened(velocity, model)
    shift = exponential(-velocity, model.consensus_start, model.modes_spacing)
    stretch = np.exp(model.log_stretch[0] + model.log_stretch[1] * rng.standard_normal(3))
    turned = _small_turn(rng, degrees=1.5) / stretch[None]
    points = grid_points(model.consensus_start, model.consensus_spacing, model.consensus.shape[1:])
    points = np.tensordot(turned.astype(np.float32), points, axes=1)
    moves = [read_at(part, points, model.consensus_start, model.modes_spacing) for part in shift]
    return points + np.stack(moves)


def _evened(velocity: Floats, model: ShapeModel) -> Floats:
    """Return ``velocity`` with most of what differs between left and right taken away: else heads come out skewed."""
    points = grid_points(model.consensus_start, model.modes_spacing, velocity.shape[1:])
    points[2] *= -1
    mirrored = np.stack([read_at(part, points, model.consensus_start, model.modes_spacing) for part in velocity])
    mirrored[2] *= -1
    return np.float32(0.65) * velocity + np.float32(0.35) * mirrored


def _small_turn(rng: np.random.Generator, degrees: float) -> NDArray[np.float64]:
    """Return a rotation matrix by a random angle of about ``degrees`` about each axis."""
    from scipy.spatial.transform import Rotation

    matrix: NDArray[np.float64] = Rotation.from_rotvec(np.deg2rad(rng.normal(0, degrees, 3))).as_matrix()
    return matrix


def _vote(model: ShapeModel, points: Floats, fine: bool) -> tuple[Labels, NDArray[np.bool_], Labels]:
    """Return the winning class per point on 2 mm, the left side, and (if ``fine``) the winner on 1 mm."""
    shape = points.shape[1:]
    best, winner = np.zeros(shape, np.float32), np.zeros(shape, np.int16)
    fine_shape = tuple(2 * n - 1 for n in shape) if fine else (0, 0, 0)
    fine_best, fine_winner = np.zeros(fine_shape, np.float32), np.zeros(fine_shape, np.int16)
    for code, share in zip(CLASSES, model.consensus, strict=True):
        box = _reach(share, points, model)
        if box is None:
            continue
        part = read_at(share, points[(slice(None), *box)], model.consensus_start, model.consensus_spacing)
        _overrule(part, code, best[box], winner[box])
        if fine:
            fine_box = tuple(slice(2 * b.start, 2 * b.stop - 1) for b in box)
            _overrule(doubled(part), code, fine_best[fine_box], fine_winner[fine_box])
    left = read_at(model.left, points, model.consensus_start, model.consensus_spacing) > 127
    return winner, left, fine_winner


def _overrule(share: Floats, code: int, best: Floats, winner: Labels) -> None:
    """Let ``code`` win in place where its share is the best so far."""
    wins = share > best
    winner[wins] = code
    best[wins] = share[wins]


def _reach(share: NDArray[np.uint8], points: Floats, model: ShapeModel) -> tuple[slice, ...] | None:
    """Return the box of the new grid whose points can meet a class, None if it occurs nowhere."""
    present = [np.flatnonzero(share.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    if any(len(p) == 0 for p in present):
        return None
    near = np.ones(points.shape[1:], bool)
    for axis, indices in enumerate(present):
        low, high = (
            model.consensus_start[axis] + model.consensus_spacing * (i + d)
            for i, d in ((indices[0], -1), (indices[-1], 1))
        )
        near &= (points[axis] >= low) & (points[axis] <= high)
    sides = [np.flatnonzero(near.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    if any(len(s) == 0 for s in sides):
        return None
    return tuple(slice(int(s[0]), int(s[-1]) + 1) for s in sides)


def _tell_sides(labels: Labels, left: NDArray[np.bool_]) -> None:
    """Give structures on the right their own codes, in place."""
    table = np.arange(max(CLASSES) + 1, dtype=np.int16)
    for code, right in RIGHT_OF.items():
        table[code] = right
    right_half = ~left
    labels[right_half] = table[labels[right_half]]
