"""From a volume in patient space to encoded canonical axial slices, and a cache of them without anybody's name."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.regrid import extract
from medgan_viewer.core.volume import Volume
from medgan_viewer.models import encoding
from medgan_viewer.models.canonical import CanonicalView, resampling_matrix

Array = NDArray[Any]


def axial(volume: Volume) -> Volume:
    """Return the volume with its axes reordered so that the slices are the most axial ones; no voxel changes."""
    along = np.abs(volume.affine[2, :3]) / np.linalg.norm(volume.affine[:3, :3], axis=0)
    first = int(along.argmax())
    if first == 0:
        return volume
    order = [first, *(axis for axis in range(3) if axis != first)]
    affine = volume.affine.copy()
    affine[:, :3] = volume.affine[:, order]
    return replace(volume, array=np.transpose(volume.array, order), affine=affine)


def canonical(volume: Volume, grid_mm: float, *, labels: bool = False) -> tuple[Array, tuple[float, float, float]]:
    """Return the axial slices `[slice (+S), row (+P), column (+L)]` at `grid_mm` in plane, and their spacing in mm.

    Pictures are averaged or interpolated as for inference; labels take the nearest pixel.
    """
    view = CanonicalView.of(volume.affine, volume.shape)
    turned = view.turned(volume.array)
    matrices = []
    for axis in (1, 2):
        count, spacing = view.shape[axis], view.spacing[axis]
        new = max(1, int(np.ceil(count * spacing / grid_mm - 1e-3)))
        start = (count - 1) * spacing / 2 - (new - 1) * grid_mm / 2
        matrices.append(resampling_matrix(new, grid_mm, start, count, spacing))
    spacing_mm = (view.spacing[0], grid_mm, grid_mm)
    if labels:
        rows, columns = (matrix.argmax(axis=1) for matrix in matrices)
        return turned[:, rows][:, :, columns], spacing_mm
    air = air_of(volume.modality)
    values = np.maximum(turned.astype(np.float32), air if volume.modality == "CT" else -np.inf) - air
    resampled: Array = matrices[0] @ values @ matrices[1].T + np.float32(air)
    return resampled, spacing_mm


def on_grid(volume: Volume, grid: Volume, *, labels: bool = False) -> Volume:
    """Return a volume on another one's grid in the same space: linear, or the nearest voxel of labels; air outside."""
    if volume.shape == grid.shape and np.allclose(volume.affine, grid.affine, atol=1e-3):
        return volume
    source, fill = volume, 0.0
    if not labels:
        # Stored types may have no room for the value of air.
        source, fill = volume.with_array(volume.array.astype(np.float32)), air_of(volume.modality)
    moved = [extract(source, grid.plane(index), nearest=labels, fill=fill) for index in range(grid.shape[0])]
    return grid.with_array(np.stack(moved), modality=volume.modality, unit=volume.unit)


def encoded(values: Array, spacing: Sequence[float], modality: str, name: str, *, mask_couch: bool) -> Array:
    """Return `[slice, channel, row, column]` of canonical slices by the encoding `name`."""
    if modality == "CT" and mask_couch:
        values = encoding.mask_couch(values, spacing)
    return encoding.encode(name, values, spacing)


def as_target(values: Array, spacing: Sequence[float], modality: str, *, mask_couch: bool) -> Array:
    """Return `[slice, 1, row, column]` in a network's units: companded CT, or MR over its reference within 0–1.5."""
    if modality == "CT":
        return encoding.compand_ct(encoding.mask_couch(values, spacing) if mask_couch else values)[:, None]
    return encoding.encode("mr_head", values, spacing)


def air_of(modality: str) -> float:
    """Return what a modality measures of air."""
    return encoding.AIR_HU if modality == "CT" else 0.0


class SliceCache:
    """Arrays in a folder, named by the hash of the files that they come from and of how they were made."""

    def __init__(self, folder: Path, recipe: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._recipe = folder, json.dumps(recipe, sort_keys=True, default=str)

    def get(self, files: Sequence[Path], part: str, make: Callable[[], Array]) -> Array:
        """Return the array `part` of some files, memory-mapped; made and kept when it is not there or they changed."""
        states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        digest = hashlib.sha256(json.dumps([states, part, self._recipe]).encode()).hexdigest()[:24]
        path = self._folder / f"{digest}.npy"
        if not path.exists():
            unfinished = self._folder / f"{digest}.{os.getpid()}.part"
            with unfinished.open("wb") as file:
                np.save(file, make())
            unfinished.replace(path)
        kept: Array = np.load(path, mmap_mode="r")
        return kept
