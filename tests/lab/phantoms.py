"""A small head of nested ellipsoids with the labels of the anatomical maps, for tests that need no data."""

import numpy as np
from numpy.typing import NDArray

SPACING = (4.0, 4.0, 4.0)


def head_phantom(shape: tuple[int, int, int] = (48, 60, 48)) -> NDArray[np.uint16]:
    """Return labels `[slice, row, column]`: skin, soft tissue, bone, fluid, cortex, white matter, ventricles, eyes."""
    slices, rows, columns = np.meshgrid(*(np.arange(n, dtype=np.float64) for n in shape), indexing="ij")
    centre = [(n - 1) / 2 for n in shape]

    def ellipsoid(scale: float) -> NDArray[np.bool_]:
        axes = [(n / 2 - 2) * scale for n in shape]
        parts = zip((slices, rows, columns), centre, axes, strict=True)
        inside: NDArray[np.bool_] = np.asarray(sum(((p - c) / a) ** 2 for p, c, a in parts) <= np.float64(1))
        return inside

    labels = np.zeros(shape, dtype=np.uint16)
    for scale, label in ((1.0, 511), (0.95, 507), (0.86, 515), (0.78, 24), (0.72, 3), (0.62, 2), (0.2, 4)):
        labels[ellipsoid(scale)] = label
    labels[(labels == 3) & (slices < 12)] = 8
    for side in (-1, 1):
        distance = np.hypot(np.hypot(rows - 4, columns - centre[2] - side * 8), slices - centre[0] + 6)
        labels[distance < 3] = 506
    return labels
