"""Folia of the cerebellum: thin leaves that run from side to side, drawn by stretched noise."""

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.fields import band_noise, box_around, doubled

__all__ = ["furrow"]

Labels = NDArray[np.int16]

_WHITE, _CORTEX, _FLUID = 7, 8, 24
_WAVELENGTH = 10.0  # mm, twice the distance between furrows
_STRETCH = 5.0  # how much longer the leaves are from side to side
_DEEPEST = 8.0


def furrow(labels: Labels, coarse: Labels, spacing: float, rng: np.random.Generator) -> None:
    """Write furrows of fluid and branches of white matter into the cerebellar cortex of ``labels``, in place.

    ``coarse`` are the same labels on a grid of ``spacing`` mm, which ``labels`` halves; sides are merged in both.
    """
    from scipy.ndimage import distance_transform_edt

    box = box_around(np.isin(coarse, (_WHITE, _CORTEX)), 3)
    part = coarse[box]
    depth = (distance_transform_edt(np.isin(part, (_WHITE, _CORTEX))).astype(np.float32) - 0.5) * spacing
    to_white = distance_transform_edt(part != _WHITE).astype(np.float32) * spacing
    pattern = band_noise(part.shape, (spacing, spacing, spacing / _STRETCH), _WAVELENGTH, rng)
    slope = np.sqrt(sum(g**2 for g in np.gradient(pattern, spacing)) + (2.2 / _WAVELENGTH) ** 2)
    sheet, depth, to_white = np.abs(doubled(pattern / slope)), doubled(depth), doubled(to_white)
    fine = labels[tuple(slice(2 * b.start, 2 * b.stop - 1) for b in box)]
    cortex = fine == _CORTEX
    fine[cortex & (sheet > 1.7) & (to_white < 4.0) & (depth > 3.0)] = _WHITE
    fine[cortex & (sheet < 0.55 - 0.35 * depth / _DEEPEST) & (depth < _DEEPEST)] = _FLUID
