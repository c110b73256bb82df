"""A folded cortex that is nobody's: sulci laid out by noise, on the envelope of a generated brain.

The consensus of many heads has the fissures all brains share (between the hemispheres, of Sylvius) and blurs the rest.
Each hemisphere's envelope is the closing of its tissue. A labyrinth of noise on the envelope decides where the other
sulci run; each is a sheet that follows the lines of depth down to a depth that noise varies too. Cortex is what lies
within a cortical thickness of the pial surface so made, white matter the rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.fields import band_noise, box_around, doubled, smooth_noise

__all__ = ["FoldSettings", "fold"]

Floats = NDArray[np.float32]
Labels = NDArray[np.int16]
Mask = NDArray[np.bool_]

_WHITE, _CORTEX, _FLUID = 2, 3, 24
_WITHIN = (2, 3, 4, 10, 11, 12, 13, 17, 18, 26)
_OUTSIDE = (0, 7, 8, 502, 507, 512, 514, 515, 516)
_CLOSING = 8.0
_NO_SURFACE = (2, 4, 10, 11, 12, 13, 14, 16, 17, 18, 26, 28)  # another structure's contact is no pial surface


@dataclass(frozen=True)
class FoldSettings:
    """Lengths in mm of one brain's folds."""

    wavelength: float = 26.0
    """Twice the distance between neighbouring sulci."""
    depth: float = 18.0
    growth: float = 2.5
    sway: float = 3.5
    """How far a sulcus wanders on its way down."""
    thickness: float = 2.7
    variation: float = 0.35
    """How much the cortex's thickness varies over 8 mm."""
    opening: float = 0.7
    """Half the width of a sulcus; at its mouth it is twice as wide."""


@dataclass(frozen=True)
class _Plan:
    """The random part of a brain's folds, coarse: where sulci run, how deep (mm), how they wander (voxels)."""

    labyrinth: Floats
    reach: Floats
    sway: Floats


def fold(
    labels: Labels, coarse: Labels, left: Mask, spacing: float, settings: FoldSettings, rng: np.random.Generator
) -> None:
    """Write a newly folded cortex into ``labels`` in place, over what was white matter, cortex or fluid between folds.

    ``coarse`` are the same labels on a grid of ``spacing`` mm, which ``labels`` halves; sides are merged in both.
    ``left`` tells the hemispheres apart on the coarse grid.
    """
    plan = _plan(coarse.shape, spacing, settings, rng)
    thickness = settings.thickness + settings.variation * smooth_noise(labels.shape, (spacing / 2,) * 3, 8.0, rng)
    for side in (left, ~left):
        box = box_around(np.isin(coarse, _WITHIN) & side, 8)
        inside, pial, gap = _hemisphere(coarse[box], side[box], plan, box, spacing, settings)
        fine = tuple(slice(2 * b.start, 2 * b.stop - 1) for b in box)
        folded = np.where(pial < thickness[fine], _CORTEX, _WHITE)
        folded[gap < 0] = _FLUID
        free = inside & np.isin(labels[fine], (_WHITE, _CORTEX, _FLUID))
        labels[fine][free] = folded[free]


def _plan(shape: tuple[int, ...], spacing: float, settings: FoldSettings, rng: np.random.Generator) -> _Plan:
    """Draw the random part of a brain's folds."""
    steps = (spacing,) * 3
    labyrinth = band_noise(shape, steps, settings.wavelength, rng)
    # Where the reach falls to nothing a sulcus ends, so that gyri stay connected.
    reach = settings.depth * np.clip(0.9 + 0.6 * smooth_noise(shape, steps, 20.0, rng), 0.0, 1.7)
    sway = [smooth_noise(shape, steps, 16.0, rng) + 0.35 * smooth_noise(shape, steps, 7.0, rng) for _ in range(3)]
    return _Plan(labyrinth, reach.astype(np.float32), np.stack(sway) * np.float32(settings.sway / spacing))


def _hemisphere(
    coarse: Labels, side: Mask, plan: _Plan, box: tuple[slice, ...], spacing: float, settings: FoldSettings
) -> tuple[Mask, Floats, Floats]:
    """Return on the fine grid one hemisphere, the distance in mm from its pial surface, and from its open sulci."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

    envelope = _envelope(coarse, side, spacing, settings)
    beyond = ~envelope & ~np.isin(coarse, _NO_SURFACE)
    height, nearest = distance_transform_edt(~beyond, return_indices=True)
    depth = (height.astype(np.float32) - 0.5) * spacing
    corner = np.array([b.start for b in box], np.float32)[:, None, None, None]
    mouths = nearest.astype(np.float32) + corner + plan.sway[(slice(None), *box)]
    pattern = gaussian_filter(map_coordinates(plan.labyrinth, mouths, order=1, mode="nearest"), 0.8)
    reach = gaussian_filter(map_coordinates(plan.reach, mouths, order=1, mode="nearest"), 0.8)
    # Sulci of the medial wall are shallower than those of the convexity.
    lateral = (
        distance_transform_edt(side)[tuple(np.minimum(nearest, np.reshape(side.shape, (3, 1, 1, 1)) - 1))] * spacing
    )
    reach *= np.clip(lateral / 20.0, 0.55, 1.0)
    flattest = 2.2 / settings.wavelength  # half of the noise's mean slope; keeps saddles from becoming lakes
    slope = np.sqrt(sum(g**2 for g in np.gradient(pattern, spacing)) + flattest**2)
    # From here on the fine grid: the zeros of the pattern lie between the coarse points.
    away, below, height = np.abs(doubled(pattern / slope)), doubled(depth - reach), doubled(depth)
    sheet = np.hypot(away, np.maximum(below, 0))
    fissure = doubled(_signed_distance(coarse == _FLUID, envelope) * spacing)
    opening = settings.opening * (1 + np.clip(1 - height / 5, 0, 1))
    pial = np.minimum(np.minimum(height, sheet - 0.5 * opening), fissure)
    return doubled(envelope & side) > 0.5, pial, np.minimum(sheet - opening, fissure)


def _signed_distance(mask: Mask, within: Mask) -> Floats:
    """Return the distance in voxels from ``mask & within``, negative inside it."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    inner = mask & within
    if not inner.any():
        return np.full(mask.shape, 50.0, np.float32)
    signed = distance_transform_edt(~inner) - distance_transform_edt(inner)
    smooth: Floats = gaussian_filter(signed.astype(np.float32), 0.6)
    return smooth


def _envelope(coarse: Labels, side: Mask, spacing: float, settings: FoldSettings) -> Mask:
    """Return one hemisphere's tissue, closed over its sulci and grown towards, never up to, the skull.

    It grows because the consensus gathers the fluid of all heads' sulci on the surface, and the new sulci hold theirs.
    """
    from scipy.ndimage import binary_dilation, distance_transform_edt

    tissue = np.isin(coarse, _WITHIN) & side
    spread = distance_transform_edt(~tissue) * spacing <= _CLOSING
    closed: Mask = distance_transform_edt(spread) * spacing > _CLOSING - settings.growth
    grown: Mask = tissue | closed & ~binary_dilation(np.isin(coarse, _OUTSIDE))
    return grown
