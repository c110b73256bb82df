"""The fitted head model: a consensus of tissues and the modes in which heads vary.

One file (``resources/virtual_patient/head_model.npz.xz``, written by ``fit``) with numpy arrays only.
"""

import io
import lzma
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.errors import ReadError

__all__ = ["ShapeModel", "load_model"]

Floats = NDArray[np.float32]

_LEVELS = 15  # shares are stored in fifteenths: finer steps do not show in the label map


@dataclass(frozen=True)
class ShapeModel:
    """A consensus head and its variation. Points and shifts are (slice, row, column) in mm, up, back and left."""

    consensus: NDArray[np.uint8]
    """``[class, slice, row, column]`` on 2 mm: share of heads with that tissue, in 15ths."""
    left: NDArray[np.uint8]
    """``[slice, row, column]``: share of *left* among structures that have a side, in 255ths."""
    modes: NDArray[np.int8]
    """``[mode, 3, slice, row, column]`` on 8 mm: principal components of the velocities, in 127ths of their scale."""
    scales: Floats
    """``[mode]``: largest value of each mode in mm, for a coefficient of one standard deviation."""
    log_stretch: Floats
    """``[2, 3]``: mean and standard deviation of the logarithm of a head's size against the template, per axis."""
    reference: Floats
    """``[landmark, 3]``: where the mean head has its landmarks."""
    distances: Floats
    """Distances (``likeness.distance``) between all pairs of training heads."""
    fold_distances: Floats
    """Distances of their folds (``likeness.fold_distance``)."""

    consensus_start: tuple[float, float, float] = (-104.0, -128.0, -98.0)
    consensus_spacing: float = 2.0
    modes_spacing: float = 8.0

    @classmethod
    def from_fit(
        cls,
        consensus: Floats,
        left: Floats,
        velocities: Floats,
        linear: NDArray[np.float64],
        reference: NDArray[np.float64],
        distances: NDArray[np.float64],
        fold_distances: NDArray[np.float64],
    ) -> "ShapeModel":
        """Reduce what the fit found: shares to 4 bits, velocity fields ``[head, 3, …]`` to principal components.

        ``linear [head, 3, 3]`` are the linear parts of the maps from the template to each head.
        """
        count = len(velocities)
        rows = velocities.reshape(count, -1) - velocities.reshape(count, -1).mean(axis=0)
        _, singular, components = np.linalg.svd(rows.astype(np.float64), full_matrices=False)
        modes = components[: count - 1] * (singular[: count - 1] / np.sqrt(count - 1))[:, None]
        scales = np.abs(modes).max(axis=1)
        stretch = np.array([np.log(np.linalg.norm(matrix, axis=0)) for matrix in linear])
        return cls(
            consensus=np.round(consensus * _LEVELS).astype(np.uint8),
            left=np.round(left * 255).astype(np.uint8),
            modes=np.round(modes / scales[:, None] * 127).astype(np.int8).reshape(count - 1, *velocities.shape[1:]),
            scales=scales.astype(np.float32),
            log_stretch=np.array([stretch.mean(axis=0), stretch.std(axis=0, ddof=1)], np.float32),
            reference=reference.astype(np.float32),
            distances=distances.astype(np.float32),
            fold_distances=fold_distances.astype(np.float32),
        )

    def save(self, path: Path) -> None:
        """Write the model to one compressed file."""
        names = [field.name for field in fields(self) if isinstance(getattr(self, field.name), np.ndarray)]
        buffer = io.BytesIO()
        np.savez(buffer, **{name: getattr(self, name) for name in names})
        path.write_bytes(lzma.compress(buffer.getvalue(), preset=9))

    @classmethod
    def load(cls, path: Path) -> "ShapeModel":
        """Read a model that ``save`` wrote."""
        try:
            with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as arrays:
                return cls(**{name: arrays[name] for name in arrays.files})
        except (OSError, lzma.LZMAError, ValueError, TypeError) as error:
            raise ReadError(path, "the head model cannot be read; install the program again.") from error

    @property
    def typical_speed(self) -> float:
        """Root of the mean squared length, in mm, of the velocities of a training head."""
        energies = (self.modes.astype(np.float32) ** 2).sum(axis=1).mean(axis=(1, 2, 3)) * (self.scales / 127) ** 2
        return float(np.sqrt(energies.sum()))

    def velocity(self, coefficients: NDArray[np.float64]) -> Floats:
        """Return the velocity field ``[3, slice, row, column]`` in mm for one coefficient per mode."""
        weights = (coefficients * self.scales / 127).astype(np.float32)
        field: Floats = np.tensordot(weights, self.modes.astype(np.float32), axes=1)
        return field


@cache
def load_model() -> ShapeModel:
    """Return the head model that ships with the program."""
    return ShapeModel.load(resources.path("virtual_patient", "head_model.npz.xz"))
