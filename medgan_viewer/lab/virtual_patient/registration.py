"""Groupwise registration of labelled heads by stationary velocity fields, for the offline fit.

Every head is described by maps of merged tissues (one channel each, 0…1), affinely aligned. The template is their mean;
each head's velocity field is improved by log-domain demons over all channels (Vercauteren et al. 2008,
doi:10.1007/978-3-540-85988-8_90), and the velocities are kept centred so that the template is no head in particular
(Joshi et al. 2004, doi:10.1016/j.neuroimage.2004.07.068).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.fields import exponential, grid_points, read_at

__all__ = ["Grid", "Log", "Round", "demons", "register"]

Floats = NDArray[np.float32]
Log = Callable[[str], None]


@dataclass(frozen=True)
class Grid:
    """A regular grid ``[slice, row, column]`` in template space: first point and spacing in mm."""

    start: tuple[float, float, float]
    spacing: float
    shape: tuple[int, int, int]

    def points(self) -> Floats:
        """Return the grid's points in mm as ``[3, slice, row, column]``."""
        return grid_points(self.start, self.spacing, self.shape)

    def resized(self, spacing: float) -> "Grid":
        """Return a grid over the same box with another spacing."""
        z, y, x = (round((n - 1) * self.spacing / spacing) + 1 for n in self.shape)
        return Grid(self.start, spacing, (z, y, x))

    def read(self, channels: NDArray[np.generic], points: Floats) -> Floats:
        """Return ``channels [channel, slice, row, column]`` of this grid at ``points`` in mm."""
        return np.stack([read_at(channel, points, self.start, self.spacing) for channel in channels])


@dataclass(frozen=True)
class Round:
    """One pass over all heads: grid spacing and smoothing of the velocities in mm, iterations per head."""

    spacing: float
    smoothing: float
    iterations: int


def register(
    heads: NDArray[np.float16], known: NDArray[np.float16], grid: Grid, rounds: tuple[Round, ...], log: Log
) -> tuple[Floats, Grid]:
    """Register the heads to their common mean; return the velocities ``[head, 3, …]`` in mm and their grid.

    ``heads [head, channel, slice, row, column]`` and ``known [head, 1, …]`` (1 where scanned) lie on ``grid``.
    """
    current = grid.resized(rounds[0].spacing)
    velocities = np.zeros((len(heads), 3, *current.shape), np.float32)
    for step in rounds:
        finer = grid.resized(step.spacing)
        points = finer.points()
        velocities = np.stack([current.read(v, points) for v in velocities])
        current = finer
        images = np.stack([grid.read(_averaged(h, step.spacing / grid.spacing), points) for h in heads])
        seen = np.stack([grid.read(k.astype(np.float32), points) for k in known])
        template, error = _mean(images, seen, velocities, current)
        for i, velocity in enumerate(velocities):
            velocities[i] = demons(velocity, template, images[i], seen[i], current, step)
        velocities -= velocities.mean(axis=0)
        shift = float(np.sqrt((velocities**2).sum(axis=1).mean()))
        log(f"grid {step.spacing} mm, smoothing {step.smoothing} mm: error {error:.4f}, then mean shift {shift:.2f} mm")
    return velocities, current


def _averaged(channels: NDArray[np.float16], width: float) -> Floats:
    """Return the channels averaged over ``width`` voxels, so that a coarser grid does not alias."""
    from scipy.ndimage import uniform_filter

    full = channels.astype(np.float32)
    return full if width < 1.5 else np.stack([uniform_filter(c, round(width)) for c in full])


def _mean(images: Floats, seen: Floats, velocities: Floats, grid: Grid) -> tuple[Floats, float]:
    """Return the mean of the heads, each counted where it was scanned, and their mean squared difference from it."""
    points = grid.points()
    total, squares = np.zeros(images.shape[1:], np.float32), np.zeros(images.shape[1:], np.float32)
    count = np.full(grid.shape, 1e-3, np.float32)
    for image, known, velocity in zip(images, seen, velocities, strict=True):
        moved = points + exponential(velocity, grid.start, grid.spacing)
        weight, warped = grid.read(known, moved)[0], grid.read(image, moved)
        total += warped * weight
        squares += warped**2 * weight
        count += weight
    mean = total / count
    return mean, float((squares / count - mean**2).sum(axis=0).mean())


def demons(velocity: Floats, template: Floats, image: Floats, known: Floats, grid: Grid, step: Round) -> Floats:
    """Return ``velocity`` after some demons iterations: least-squares steps towards the template, then smoothing."""
    from scipy.ndimage import gaussian_filter

    points, longest = grid.points(), 0.75 * grid.spacing
    sigma = step.smoothing / grid.spacing
    for _ in range(step.iterations):
        moved = points + exponential(velocity, grid.start, grid.spacing)
        difference = (template - grid.read(image, moved)) * grid.read(known, moved)
        push, stiffness = np.zeros_like(velocity), np.full(grid.shape, 1e-3, np.float32)
        for goal, miss in zip(template, difference, strict=True):
            slope = np.stack(np.gradient(goal - 0.5 * miss, grid.spacing))  # mean of the template's and the head's
            push += slope * miss
            stiffness += (slope**2).sum(axis=0) + miss**2 / (4 * longest**2)
        velocity = velocity + push / stiffness
        velocity = np.stack([gaussian_filter(v, sigma) for v in velocity])
    return velocity
