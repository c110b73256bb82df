"""From where surfaces are looked at: parallel rays, so that a millimetre is as long everywhere. No Qt here."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.slicing import letters
from medgan_viewer.core.volume import Vector

__all__ = ["VIEWS", "Camera"]

# The name of a view, and its angles in degrees. From the front the patient's right is on the screen's left, and from
# below the slices of an axial series have the same sides; from above the face looks up too.
VIEWS: dict[str, tuple[float, float]] = {
    "front": (0.0, 0.0),
    "back": (180.0, 0.0),
    "right": (-90.0, 0.0),
    "left": (90.0, 0.0),
    "above": (180.0, 90.0),
    "below": (0.0, -90.0),
}
_LEAST, _MOST = 0.05, 200.0
# Share of the picture that surfaces take when they are fitted in.
_FILLED = 0.86


@dataclass(frozen=True, eq=False)
class Camera:
    """A look at ``centre`` (LPS mm), ``scale`` logical pixels a millimetre.

    ``azimuth`` turns around the patient's long axis, 0 in front and 90 on the patient's left; ``elevation`` goes from
    −90 (below the feet) to 90 (above the head). Both in degrees.
    """

    centre: Vector
    scale: float = 2.0
    azimuth: float = 0.0
    elevation: float = 0.0

    @property
    def axes(self) -> Vector:
        """Unit vectors in LPS as rows (3 × 3): to the right of the screen, up, and towards the reader."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        right = np.array([math.cos(a), math.sin(a), 0.0])
        towards = np.array([math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)])
        return np.stack([right, np.cross(towards, right), towards])

    @property
    def sides(self) -> tuple[str, str, str, str]:
        """The letters of the patient's sides left, right, on top and at the bottom of the picture."""
        right, up, _ = self.axes
        return letters(-right), letters(right), letters(up), letters(-up)

    def turned(self, across: float, down: float) -> "Camera":
        """Return the look after what is in front was turned by so many degrees to the right and down."""
        elevation = float(np.clip(self.elevation + down, -90, 90))
        azimuth = (self.azimuth - across + 180) % 360 - 180
        return replace(self, azimuth=azimuth, elevation=elevation)

    def moved(self, across: float, down: float) -> "Camera":
        """Return the look after the picture was dragged over so many pixels."""
        right, up, _ = self.axes
        return replace(self, centre=self.centre - (across * right - down * up) / self.scale)

    def zoomed(self, factor: float) -> "Camera":
        """Return the look nearer by a factor, farther where it is below 1."""
        return replace(self, scale=float(np.clip(self.scale * factor, _LEAST, _MOST)))

    def seen_from(self, view: str) -> "Camera":
        """Return the look from a side of ``VIEWS``."""
        azimuth, elevation = VIEWS[view]
        return replace(self, azimuth=azimuth, elevation=elevation)

    def fitted(self, points: NDArray[np.floating[Any]], width: float, height: float) -> "Camera":
        """Return the look at points (n × 3, LPS mm) that shows all of them, however turned, in so many pixels."""
        centre = np.asarray((points.min(axis=0) + points.max(axis=0)) / 2, dtype=np.float64)
        across = max(2 * float(np.linalg.norm(points - centre, axis=1).max()), 1.0)
        return replace(self, centre=centre, scale=float(np.clip(_FILLED * min(width, height) / across, _LEAST, _MOST)))

    def place(self, point: Vector, width: float, height: float) -> tuple[float, float]:
        """Return where an LPS point (mm) stands in a picture of so many pixels: to the right, down."""
        right, up, _ = self.axes
        away = np.asarray(point) - self.centre
        return width / 2 + self.scale * float(away @ right), height / 2 - self.scale * float(away @ up)

    def matrix(self, width: float, height: float, depth: float) -> Vector:
        """Return what maps LPS mm to OpenGL's cube (4 × 4); what is within ``depth`` mm of the centre is in it."""
        made = np.eye(4)
        sizes = np.array([2 * self.scale / width, 2 * self.scale / height, -1 / depth])
        made[:3, :3] = self.axes * sizes[:, None]
        made[:3, 3] = -made[:3, :3] @ self.centre
        return made
