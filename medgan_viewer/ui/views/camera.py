"""Which part of a plane a pane shows, and how millimetres become pixels of the screen. No Qt here."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from medgan_viewer.core.volume import Plane, Vector

__all__ = [
    "Camera",
    "Mapping",
    "centre_of",
    "fitting",
    "height_over",
    "holding",
    "rotated_plane",
    "showing",
]

_AIR = 1.03
SMALLEST_ZOOM, LARGEST_ZOOM = 0.2, 40.0


@dataclass(frozen=True, slots=True)
class Camera:
    """What a pane looks at, independent of its size, so that panes of any size can look at the same.

    ``height`` × ``width`` mm fill the pane at zoom 1. ``down`` and ``right`` say in mm how far the middle of the pane
    lies from the middle of the plane; tilted slices therefore stay in place while they are scrolled.
    """

    height: float
    width: float
    down: float = 0.0
    right: float = 0.0
    zoom: float = 1.0

    def zoomed(self, factor: float) -> "Camera":
        """Return the camera nearer (factor > 1) or farther, about the middle."""
        return replace(self, zoom=float(np.clip(self.zoom * factor, SMALLEST_ZOOM, LARGEST_ZOOM)))

    def moved(self, down: float, right: float) -> "Camera":
        """Return the camera moved by mm."""
        return replace(self, down=self.down + down, right=self.right + right)

    def rotated(self) -> "Camera":
        """Return the camera after the plane was turned clockwise by 90°."""
        return replace(self, height=self.width, width=self.height, down=self.right, right=-self.down)


def fitting(plane: Plane) -> Camera:
    """Return the camera that shows a whole plane with a little air around it."""
    down, along = plane.spacing
    return Camera(plane.rows * down * _AIR, plane.columns * along * _AIR)


def centre_of(plane: Plane) -> Vector:
    """Return the middle of a plane in LPS mm."""
    return plane.point((plane.rows - 1) / 2, (plane.columns - 1) / 2)


def height_over(plane: Plane, point: Vector) -> float:
    """Return the signed distance in mm of a point from a plane, along its normal."""
    return float((point - plane.origin) @ plane.normal)


def rotated_plane(plane: Plane, turns: int) -> Plane:
    """Return the plane after clockwise quarter turns of its pixels."""
    for _ in range(turns % 4):
        # The first column becomes the first row, read from the bottom.
        origin = plane.origin + (plane.rows - 1) * plane.row_step
        plane = Plane(origin, plane.column_step, -plane.row_step, plane.columns, plane.rows)
    return plane


def showing(camera: Camera, on: Plane, other: Plane) -> Camera:
    """Return the camera that shows on another, parallel plane what ``camera`` shows on ``on``."""
    middle = centre_of(on) + camera.down * _unit(on.row_step) + camera.right * _unit(on.column_step)
    apart = middle - centre_of(other)
    return replace(camera, down=float(apart @ _unit(other.row_step)), right=float(apart @ _unit(other.column_step)))


def holding(camera: Camera, before: "Mapping", plane: Plane, point: Vector) -> Camera:
    """Return the camera for another plane in which an LPS point stays where it is on the screen, as large as it is."""
    x, y = before.point_to_screen(point)
    there = Mapping(plane, replace(camera, down=0.0, right=0.0), before.width, before.height)
    now_x, now_y = there.point_to_screen(point)
    return replace(camera, down=(now_y - y) / there.scale, right=(now_x - x) / there.scale)


def _unit(step: Vector) -> Vector:
    return np.asarray(step / np.linalg.norm(step))


@dataclass(frozen=True, eq=False)
class Mapping:
    """From pixels of a displayed plane to those of a pane of ``width`` × ``height`` logical pixels, and back."""

    plane: Plane
    camera: Camera
    width: float
    height: float

    @cached_property
    def spacing(self) -> tuple[float, float]:
        """Distance between rows and between columns in mm."""
        return self.plane.spacing

    @cached_property
    def scale(self) -> float:
        """Screen pixels per mm."""
        return self.camera.zoom * min(self.height / self.camera.height, self.width / self.camera.width)

    def to_screen(self, row: float, column: float) -> tuple[float, float]:
        """Return (x, y) of a pixel position; whole numbers are pixel centres."""
        down, along = self.spacing
        y = ((row - (self.plane.rows - 1) / 2) * down - self.camera.down) * self.scale + self.height / 2
        x = ((column - (self.plane.columns - 1) / 2) * along - self.camera.right) * self.scale + self.width / 2
        return x, y

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return the (row, column) under a position on the screen."""
        down, along = self.spacing
        row = ((y - self.height / 2) / self.scale + self.camera.down) / down + (self.plane.rows - 1) / 2
        column = ((x - self.width / 2) / self.scale + self.camera.right) / along + (self.plane.columns - 1) / 2
        return row, column

    def point_to_screen(self, point: Vector) -> tuple[float, float]:
        """Return (x, y) of the projection of an LPS point."""
        return self.to_screen(*self.plane.pixel(point))

    def point_at(self, x: float, y: float) -> Vector:
        """Return the LPS point under a position on the screen."""
        return self.plane.point(*self.to_pixel(x, y))

    def rectangle(self) -> tuple[float, float, float, float]:
        """Return (x, y, width, height) of the plane on the screen, to the outer edges of its pixels."""
        left, top = self.to_screen(-0.5, -0.5)
        right, bottom = self.to_screen(self.plane.rows - 0.5, self.plane.columns - 0.5)
        return left, top, right - left, bottom - top

    def zoomed_about(self, factor: float, x: float, y: float) -> Camera:
        """Return the camera zoomed so that what lies under a position stays there."""
        nearer = self.camera.zoomed(factor)
        ratio = nearer.zoom / self.camera.zoom
        away = (1 - 1 / ratio) / self.scale
        return nearer.moved((y - self.height / 2) * away, (x - self.width / 2) * away)
