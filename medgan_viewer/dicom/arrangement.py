"""Volumes from files that know no slices (NIfTI, NRRD, MetaImage): turned so that they lie as a radiologist expects.

Slices run along the axis whose voxels are clearly longest (thick slices), else along the axis nearest to head-foot.
Axes are flipped and swapped, never resampled.
"""

import itertools
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Instance, Patient, Series, Study
from medgan_viewer.core.volume import Vector
from medgan_viewer.dicom import labels

__all__ = ["Grid", "arranged", "arrangement", "study_of_grid"]

# Voxels at least this much longer along one axis mark it as the slice axis.
_CLEARLY_LONGER = 1.5

Axes = list[tuple[int, int]]


@dataclass(frozen=True)
class Grid:
    """Where a file's voxels are: shape (i, j, k), index (i, j, k) → LPS mm, and the number of time points.

    ``seconds`` lie between two time points, 0 where the file does not say.
    """

    shape: tuple[int, int, int]
    affine: Vector
    times: int = 1
    seconds: float = 0.0


def arrangement(shape: tuple[int, int, int], affine: Vector) -> tuple[Axes, Vector]:
    """Return for slice, row and column the file's axis and direction (±1), and the affine of the arranged array.

    Axial slices run towards the head with rows towards the back and columns towards the left; coronal slices run
    towards the back, sagittal ones towards the right, both with the head up.
    """
    steps = affine[:3, :3]
    lengths = np.linalg.norm(steps, axis=0)
    # Which file axis lies nearest to L, P and S: the assignment with the largest total alignment.
    aligned = np.abs(steps / lengths)
    left, back, head = max(
        itertools.permutations(range(3)), key=lambda axes: sum(aligned[n, axis] for n, axis in enumerate(axes))
    )
    ranked = np.argsort(lengths)
    longest = int(ranked[2]) if lengths[ranked[2]] > _CLEARLY_LONGER * lengths[ranked[1]] else head
    # (file axis, patient axis, direction along it) for slice, row, column.
    wanted = {
        head: [(head, 2, 1), (back, 1, 1), (left, 0, 1)],
        back: [(back, 1, 1), (head, 2, -1), (left, 0, 1)],
        left: [(left, 0, -1), (head, 2, -1), (back, 1, 1)],
    }[longest]
    axes = [(file, 1 if steps[patient, file] * sign > 0 else -1) for file, patient, sign in wanted]
    turned = np.eye(4)
    origin = affine[:3, 3].copy()
    for column, (axis, sign) in enumerate(axes):
        turned[:3, column] = sign * steps[:, axis]
        if sign < 0:
            origin += (shape[axis] - 1) * steps[:, axis]
    turned[:3, 3] = origin
    return axes, turned


def arranged(voxels: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """Return voxels [i, j, k] as [slice, row, column]."""
    turned = voxels.transpose([axis for axis, _ in axes])
    return turned[tuple(slice(None, None, sign) for _, sign in axes)]


def study_of_grid(
    path: Path,
    grid: Grid,
    *,
    file_format: str,
    description: str,
    modality: str,
    synthetic: bool,
    warnings: tuple[str, ...],
) -> Study:
    """Return a file as a study of one series, with one instance for each slice of each time point."""
    axes, affine = arrangement(grid.shape, grid.affine)
    slices, rows, columns = (grid.shape[axis] for axis, _ in axes)
    steps = np.linalg.norm(affine[:3, :3], axis=0)
    a, b, c = (float(value) for value in affine[:3, 2] / steps[2])
    d, e, f = (float(value) for value in affine[:3, 1] / steps[1])
    uid = f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, path.resolve().as_uri()).int}"
    first = Instance(
        path=path,
        sop_instance_uid=f"{uid}.1",
        sop_class_uid="",
        number=None,
        rows=rows,
        columns=columns,
        position=None,
        orientation=(a, b, c, d, e, f),
        pixel_spacing=(float(steps[1]), float(steps[2])),
        thickness=float(steps[0]),
    )
    origins = affine[:3, 3] + np.arange(slices)[:, None] * affine[:3, 0]
    times = tuple(
        tuple(
            replace(first, number=n + 1, frame=time * slices + n, position=(float(p[0]), float(p[1]), float(p[2])))
            for n, p in enumerate(origins)
        )
        for time in range(grid.times)
    )
    series = Series(
        uid=uid,
        study_uid=f"{uid}.0",
        number=1,
        modality=modality,
        description=description,
        body_part=labels.body_part("", description),
        frame_of_reference_uid=None,
        instances=times[0],
        contrast=labels.mr_contrast(description, "", (None, None, None)) if modality == "MR" else None,
        synthetic=synthetic,
        warnings=warnings,
        format=file_format,
        times=times if grid.times > 1 else (),
        time_labels=_labels(grid) if grid.times > 1 else (),
    )
    return Study(f"{uid}.0", Patient(), "", description, "", "", (series,))


def _labels(grid: Grid) -> tuple[str, ...]:
    if grid.seconds <= 0:
        return ("",) * grid.times
    return tuple(f"+{time * grid.seconds:.1f} s" for time in range(grid.times))
