"""Planes that are cut through a volume in any direction, and how they turn about a point."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.slabs import plane_step
from medgan_viewer.core.slicing import Orientation, mpr_plane, mpr_step
from medgan_viewer.core.volume import Plane, Vector, Volume

__all__ = ["Triad", "meeting_point", "oblique_extent", "oblique_plane"]

Triple = tuple[float, float, float]

_ORIENTATIONS: tuple[Orientation, Orientation, Orientation] = ("axial", "coronal", "sagittal")
# A plane of more pixels each way shows nothing more on a screen, and costs time.
_MOST_PIXELS = 768
# Where the upright direction of a view comes within about 15° of its normal, there is no upright.
_UPRIGHT = 0.26
# The rows and columns of a plane are divisible by it, so that coarse pixels cover the same rectangle.
_PARTS = 6


@dataclass(frozen=True, slots=True)
class Triad:
    """Three perpendicular planes through an LPS point in mm.

    ``normals`` are the unit normals of the axial, the coronal and the sagittal plane, which lead towards the head, to
    posterior and to the left as long as nothing is turned.
    """

    point: Triple
    normals: tuple[Triple, Triple, Triple]

    @classmethod
    def along(cls, volume: Volume, point: Vector) -> "Triad":
        """Return the planes along a volume's grid."""
        steps = [mpr_step(volume, orientation) for orientation in _ORIENTATIONS]
        first, second, third = (_triple(step / np.linalg.norm(step)) for step in steps)
        return cls(_triple(point), (first, second, third))

    def normal(self, orientation: Orientation) -> Vector:
        """Return the normal of one of the planes."""
        return np.array(self.normals[_ORIENTATIONS.index(orientation)])

    def at(self, point: Vector) -> "Triad":
        """Return the same planes through another point."""
        return Triad(_triple(point), self.normals)

    def turned(self, about: Vector, degrees: float) -> "Triad":
        """Return the planes turned about an axis through their point, by the right hand's rule."""
        turn = _rotation(about, np.radians(degrees))
        # Many small turns must not add up to planes that are not perpendicular.
        left, _, right = np.linalg.svd(turn @ np.array(self.normals).T)
        first, second, third = (_triple(column) for column in (left @ right).T)
        return Triad(self.point, (first, second, third))


def _triple(vector: Vector) -> Triple:
    x, y, z = (float(value) for value in vector)
    return x, y, z


def _rotation(about: Vector, angle: float) -> NDArray[np.float64]:
    """Return the matrix of a rotation (Rodrigues' formula)."""
    x, y, z = np.asarray(about) / np.linalg.norm(about)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def oblique_extent(volume: Volume, triad: Triad, orientation: Orientation) -> tuple[float, int, int]:
    """Return the step in mm between an orientation's planes, and how many lie before and behind the triad's point.

    Together with the one through the point they go through the whole volume.
    """
    normal = triad.normal(orientation)
    step = plane_step(volume, normal)
    heights = (_corners(volume) - np.array(triad.point)) @ normal
    return step, max(int(-heights.min() / step), 0), max(int(heights.max() / step), 0)


def oblique_plane(volume: Volume, triad: Triad, orientation: Orientation, number: int = 0, *, coarse: int = 1) -> Plane:
    """Return a plane of an orientation, ``number`` steps along its normal from the one through the triad's point.

    Its pixels are square, as fine as the finest spacing of the grid, and cover the whole volume. Upright is upright as
    far as the plane allows: turning it about its own normal would turn nothing on the screen. ``coarse`` makes the
    pixels that many times (1, 2, 3 or 6) larger; the plane covers the same rectangle.
    """
    normal = triad.normal(orientation)
    step, before, behind = oblique_extent(volume, triad, orientation)
    down, right = _directions(volume, triad, orientation)
    # The rectangle is the same for every plane of the orientation, so that scrolling moves nothing on the screen.
    corners = _corners(volume) - np.array(triad.point)
    (top, left), (bottom, far) = (
        (float(edge(corners @ down)), float(edge(corners @ right))) for edge in (np.min, np.max)
    )
    pixel = max(min(volume.spacing), max(bottom - top, far - left) / _MOST_PIXELS)
    rows, columns = (math.ceil(length / pixel / _PARTS) * _PARTS // coarse for length in (bottom - top, far - left))
    number, size = min(max(number, -before), behind), pixel * coarse
    corner = np.array(triad.point) + number * step * normal + top * down + left * right
    return Plane(corner + size / 2 * (down + right), size * down, size * right, rows, columns)


def _corners(volume: Volume) -> Vector:
    """Return the eight corners (8 × 3, LPS mm) of a volume, at the outer edges of its voxels."""
    return volume.corners([(0, count) for count in volume.shape])


def _directions(volume: Volume, triad: Triad, orientation: Orientation) -> tuple[Vector, Vector]:
    """Return the unit directions in which the rows (downwards) and columns (to the right) of a plane are displayed."""
    straight, normal = mpr_plane(volume, orientation, volume.point((0, 0, 0))), triad.normal(orientation)
    wanted, beside = straight.row_step / straight.spacing[0], straight.column_step / straight.spacing[1]
    unturned = Triad.along(volume, np.array(triad.point))
    down = wanted - (wanted @ normal) * normal
    if np.linalg.norm(down) < _UPRIGHT:
        # Then downwards goes along with the turn.
        down = np.array(triad.normals).T @ (np.array(unturned.normals) @ wanted)
    down = down / np.linalg.norm(down)
    # Displayed columns run along normal × rows or against it, as where nothing is turned.
    return down, np.cross(normal, down) * np.sign(np.cross(unturned.normal(orientation), wanted) @ beside)


def meeting_point(planes: list[Plane]) -> Vector:
    """Return the LPS point in which three planes meet. Raises ValueError where they do not."""
    normals = np.array([plane.normal for plane in planes])
    heights = np.array([float(plane.normal @ plane.origin) for plane in planes])
    try:
        return np.asarray(np.linalg.solve(normals, heights))
    except np.linalg.LinAlgError as error:
        raise ValueError("planes that are parallel meet in no point") from error
