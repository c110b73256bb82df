"""An analytic head, scanned wherever it lies: what a registration must find is known without any resampling."""

import numpy as np

from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.volume import Vector, Volume

# Middle (x, y, z), half axes in mm, value in CT (HU) and in MR; later ones lie in earlier ones.
_PARTS = (
    ((0, 0, 0), (72, 92, 84), 40.0, 300.0),
    ((0, 0, 2), (68, 88, 80), 900.0, 60.0),
    ((0, 2, 2), (63, 83, 75), 35.0, 620.0),
    ((-22, -10, 12), (10, 26, 12), 8.0, 120.0),
    ((20, -4, 16), (8, 22, 10), 8.0, 120.0),
    ((26, 40, -20), (16, 14, 12), 70.0, 900.0),
    ((-30, -46, -30), (12, 16, 14), 22.0, 420.0),
    ((10, -60, 40), (10, 8, 18), 55.0, 760.0),
    ((-34, 30, 34), (9, 15, 9), 60.0, 240.0),
)
CORNERS: Vector = np.array([[x, y, z] for x in (-60, 60) for y in (-80, 80) for z in (-70, 70)], dtype=np.float64)


def moved_by(x: float, y: float, z: float, shift: tuple[float, float, float]) -> Rigid:
    """Return a turn about the axes x, y and z by degrees, one after the other, and a shift in mm."""
    matrix = np.eye(4)
    for angle, (first, second) in ((x, (1, 2)), (y, (2, 0)), (z, (0, 1))):
        turn, (sine, cosine) = np.eye(4), (np.sin(np.radians(angle)), np.cos(np.radians(angle)))
        turn[first, first] = turn[second, second] = cosine
        turn[second, first], turn[first, second] = sine, -sine
        matrix = turn @ matrix
    matrix[:3, 3] = shift
    return Rigid(matrix)


def scan(
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float],
    place: Rigid | None = None,
    modality: str = "CT",
    seed: int = 0,
    above: float = 0.0,
) -> Volume:
    """Return a scan, axial and centred on the head moved to its ``place``, or so many mm above its middle."""
    place = place or Rigid()
    affine = np.eye(4)
    affine[:3, :3] = np.array([[0, 0, spacing[2]], [0, spacing[1], 0], [spacing[0], 0, 0]])
    middle = place.matrix[:3, 3] + np.array([0, 0, above])
    affine[:3, 3] = middle - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    indices = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1).reshape(-1, 3)
    points = place.inverse.point(indices @ affine[:3, :3].T + affine[:3, 3])
    values = np.full(len(points), -1000.0 if modality == "CT" else 5.0)
    for centre, axes, ct, mr in _PARTS:
        radius = np.sqrt((((points - np.array(centre)) / np.array(axes)) ** 2).sum(axis=1))
        share = 1 / (1 + np.exp((radius - 1) * np.mean(axes) / 0.8))
        values += share * ((ct if modality == "CT" else mr) - values)
    values += np.random.default_rng(seed).normal(0, 15 if modality == "CT" else 25, len(values))
    return Volume(np.rint(values).astype(np.int16).reshape(shape), affine, modality=modality)
