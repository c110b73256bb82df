"""Scans built for tests: a head-like block in air, on any grid."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.core.volume import Volume
from medgan_viewer.lab.simulation.tissues import tissue_table, tissue_values
from tests.lab.phantoms import head_phantom

AXIAL = np.array([[0.0, 0, 1], [0, 1, 0], [1, 0, 0]])
"""Columns: the LPS directions of a step in slice, row and column of a canonical axial grid."""
HEAD_MM = 220.0
"""How far the rows of a simulated head reach."""


def affine(spacing: tuple[float, float, float], directions: NDArray[np.float64] = AXIAL) -> NDArray[np.float64]:
    """Return the affine of a grid with these spacings (mm) and step directions (columns), with an arbitrary origin."""
    matrix = np.eye(4)
    matrix[:3, :3] = directions * np.asarray(spacing)
    matrix[:3, 3] = (-31.0, 17.5, 402.25)
    return matrix


def tilted(degrees: float, axis: int) -> NDArray[np.float64]:
    """Return the rotation by an angle about an LPS axis."""
    angle = np.radians(degrees)
    first, second = [a for a in range(3) if a != axis]
    matrix = np.eye(3)
    matrix[[first, first, second, second], [first, second, first, second]] = (
        np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
    )  # fmt: skip
    return matrix


def head_ct(shape: tuple[int, int, int], seed: int = 0) -> NDArray[np.int16]:
    """Return a block of soft tissue with noise in air, four pixels from each edge of every slice."""
    voxels = np.full(shape, -1000, np.int16)
    noise = np.random.default_rng(seed).integers(-80, 120, shape)
    voxels[:, 4:-4, 4:-4] = noise[:, 4:-4, 4:-4]
    return voxels


def simulated_head(shape: tuple[int, int, int], seed: int = 0) -> NDArray[np.int16]:
    """Return slices through the middle of a simulated head in HU, with noise; the input check takes it for a head.

    Its pixels are to be :data:`HEAD_MM` / rows large, so that it is as large as one too.
    """
    labels = head_phantom((48, *shape[1:]))[24 - shape[0] // 2 :][: shape[0]]
    tissue = tissue_values("hu")[tissue_table()[labels]]
    noisy: NDArray[np.int16] = (tissue + np.random.default_rng(seed).normal(0, 5, shape)).round().astype(np.int16)
    return noisy


def ct_volume(voxels: NDArray[Any], matrix: NDArray[np.float64] | None = None) -> Volume:
    """Return a CT volume, by default on a canonical grid of 2 × 1 × 1 mm."""
    return Volume(voxels, affine((2.0, 1.0, 1.0)) if matrix is None else matrix, "1.9", "CT", "HU")


def series(modality: str = "CT", **changes: Any) -> Series:
    """Return a head series with three axial slices 5 mm apart, as headers show it."""
    instances = tuple(
        Instance(
            path=Path(f"{n}.dcm"), sop_instance_uid=f"1.2.{n}", sop_class_uid="1.2", number=n, rows=8, columns=8,
            position=(0.0, 0.0, 5.0 * n), orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0), pixel_spacing=(1.0, 1.0),
            thickness=5.0,
        )
        for n in range(3)
    )  # fmt: skip
    values: dict[str, Any] = {
        "uid": "1.2.3", "study_uid": "1.2", "number": 1, "modality": modality, "description": "",
        "body_part": "HEAD", "frame_of_reference_uid": "1.9", "instances": instances,
    }  # fmt: skip
    return Series(**{**values, **changes})
