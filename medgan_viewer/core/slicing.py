"""Which plane a view shows, the right way round: the patient's right on the screen's left, head up."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from medgan_viewer.core.volume import Plane, SliceStack, Vector, Volume, Voxels

__all__ = [
    "Orientation",
    "Turn",
    "facing",
    "letters",
    "mpr_axis",
    "mpr_count",
    "mpr_plane",
    "mpr_step",
    "nearest_slice",
    "side_letters",
    "turn_for",
]

Orientation = Literal["axial", "coronal", "sagittal"]

# For each orientation the LPS directions in which displayed rows and columns must run.
_ROWS: dict[Orientation, tuple[int, int]] = {"axial": (1, 1), "coronal": (2, -1), "sagittal": (2, -1)}
_COLUMNS: dict[Orientation, tuple[int, int]] = {"axial": (0, 1), "coronal": (0, 1), "sagittal": (1, 1)}
_NORMAL_AXIS: dict[Orientation, int] = {"sagittal": 0, "coronal": 1, "axial": 2}
_LETTERS = ("LR", "PA", "HF")
_OPPOSITE = str.maketrans("LRPAHF", "RLAPFH")


def facing(plane: Plane) -> Orientation:
    """Return the orientation that a plane is nearest to."""
    axis = int(np.abs(plane.normal).argmax())
    return {number: name for name, number in _NORMAL_AXIS.items()}[axis]


@dataclass(frozen=True, slots=True)
class Turn:
    """How pixels must be turned for display: first transposed, then flipped."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def image(self, pixels: Voxels) -> Voxels:
        """Return a turned view of [row, column, …] pixels, without a copy."""
        if self.transpose:
            pixels = pixels.swapaxes(0, 1)
        if self.flip_rows:
            pixels = pixels[::-1]
        if self.flip_columns:
            pixels = pixels[:, ::-1]
        return pixels

    def plane(self, plane: Plane) -> Plane:
        """Return the plane on which the turned pixels lie."""
        row_step, column_step, rows, columns = plane.row_step, plane.column_step, plane.rows, plane.columns
        if self.transpose:
            row_step, column_step, rows, columns = column_step, row_step, columns, rows
        origin = plane.origin
        if self.flip_rows:
            origin, row_step = origin + (rows - 1) * row_step, -row_step
        if self.flip_columns:
            origin, column_step = origin + (columns - 1) * column_step, -column_step
        return Plane(origin, row_step, column_step, rows, columns)


def turn_for(plane: Plane) -> Turn:
    """Return the turn that shows a plane in radiological convention."""
    orientation = facing(plane)
    row_axis, row_sign = _ROWS[orientation]
    column_axis, column_sign = _COLUMNS[orientation]
    transpose = abs(plane.row_step[row_axis]) < abs(plane.column_step[row_axis])
    rows, columns = (plane.column_step, plane.row_step) if transpose else (plane.row_step, plane.column_step)
    return Turn(bool(transpose), bool(rows[row_axis] * row_sign < 0), bool(columns[column_axis] * column_sign < 0))


def mpr_plane(volume: Volume, orientation: Orientation, point: Vector) -> Plane:
    """Return the plane through the voxel nearest to an LPS point, along the grid axes nearest to the orientation.

    The plane lies on voxel centres, so that it is cut out of the array without interpolation.
    """
    axis = mpr_axis(volume, orientation)
    index = np.zeros(3)
    index[axis] = np.clip(np.rint(volume.index(point)[axis]), 0, volume.shape[axis] - 1)
    others = [a for a in range(3) if a != axis]
    steps = [volume.affine[:3, a] for a in others]
    raw = Plane(volume.point(index), steps[0], steps[1], volume.shape[others[0]], volume.shape[others[1]])
    return turn_for(raw).plane(raw)


def mpr_count(volume: Volume, orientation: Orientation) -> int:
    """Return how many planes a volume has in an orientation."""
    return volume.shape[mpr_axis(volume, orientation)]


def mpr_step(volume: Volume, orientation: Orientation) -> Vector:
    """Return the step in mm from a plane to the next one towards left, posterior or head."""
    axis = mpr_axis(volume, orientation)
    step = volume.affine[:3, axis]
    return np.asarray(step if step[_NORMAL_AXIS[orientation]] >= 0 else -step)


def mpr_axis(volume: Volume, orientation: Orientation) -> int:
    """Return the array axis nearest to the normal of an orientation, each axis serving one orientation."""
    directions = np.abs(volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0))
    # Sum of cosines over the six assignments: the nearest axis alone may serve two orientations of an oblique grid.
    best: tuple[float, dict[int, int]] = (-1.0, {})
    for a, b, c in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        total = float(directions[0, a] + directions[1, b] + directions[2, c])
        if total > best[0] + 1e-9:
            best = (total, {0: a, 1: b, 2: c})
    return best[1][_NORMAL_AXIS[orientation]]


def nearest_slice(stack: SliceStack, point: Vector) -> int:
    """Return the acquired slice nearest to an LPS point."""
    return int(np.abs(stack.positions - float(np.dot(point, stack.normal))).argmin())


def letters(direction: Vector) -> str:
    """Return the orientation letters of a direction in LPS: the main one first (H is head, F is feet)."""
    return _letters(*direction.tolist())


# Panes ask at every step, for the same few directions.
@lru_cache(maxsize=64)
def _letters(*steps: float) -> str:
    length = math.sqrt(sum(step * step for step in steps)) or 1.0
    unit = [step / length for step in steps]
    ranked = sorted(range(3), key=lambda axis: -abs(unit[axis]))
    # sin 10°: a smaller component is not worth a letter.
    return "".join(_LETTERS[a][0 if unit[a] > 0 else 1] for a in ranked if abs(unit[a]) > 0.17)


def side_letters(plane: Plane) -> tuple[str, str, str, str]:
    """Return the letters at the left, right, top and bottom of a displayed plane."""
    right, bottom = letters(plane.column_step), letters(plane.row_step)
    return right.translate(_OPPOSITE), right, bottom.translate(_OPPOSITE), bottom
