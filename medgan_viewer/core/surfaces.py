"""Surfaces of segments as triangles in patient space, for a view in three dimensions. No Qt here.

A segment's voxels are averaged to a grid that is only as fine as a picture needs, smoothed by about half a voxel, and
the surface at which half of a cell belongs to the segment is meshed by surface nets (Gibson, MICCAI 1998): one vertex
for each cell that the surface crosses, at the mean of its crossings with the cell's edges. Volumes in ml are counted
from voxels elsewhere, never taken from here.
"""

import re
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.layers import Segment
from medgan_viewer.core.segment_shapes import Box
from medgan_viewer.core.volume import Vector, Volume

__all__ = ["CELLS", "Surface", "boxes_of", "shows_face", "surface_of"]

CELLS = 400_000
"""Cells of the grid that a segment is meshed on, about; its triangles are then some ten thousands."""
# Small segments are meshed on a finer grid than their voxels' so that a single one still has a shape; thick slices too.
_FINEST = 3
_SMOOTHED = 0.7
# In cells: normals are of a softer shape than the surface.
_SHADED = 1.6
_AGREES = 0.3
_LEVEL = 0.5
# Cells without the segment around it: its surface is closed.
_ROOM = 2

# SNOMED CT: what a face is made of, or has one.
_FACE_CODES = frozenset(
    (
        *("39937001", "41695006", "70762009", "73897004"),  # skin, of the scalp, of the head, of the face
        *("69536005", "774007", "89545001"),  # head, head and neck, face
        *("87784001", "256674009", "71616004", "91727004", "22688005"),  # soft tissue, fat, muscle, muscle of the head
        *("272673000", "89546000", "91397008", "312779009", "91609006", "70925003"),  # bone, of the skull, of the face
        *("45206002", "60819002", "48477009", "28347008"),  # nose, cheek, lip, external ear
    )
)
_FACE_WORDS = re.compile(
    r"\b(skin|scalp|face|facial (bones?|skeleton)|soft tissues?|adipose|fat|muscles?|bones?|skull|crani(um|al bones?)"
    r"|mandible|maxilla|jaws?|nose|cheeks?|lips?|external ears?)\b|^\W*(head|body|patient|outside|background|air)\W*$",
    re.IGNORECASE,
)

Points = NDArray[np.float32]
Field = NDArray[np.float32]
_CORNERS = np.array(list(product((0, 1), repeat=3)))
# The twelve edges of a cell as pairs of its corners.
_EDGES = tuple((a, b) for a in range(8) for b in range(a + 1, 8) if np.abs(_CORNERS[a] - _CORNERS[b]).sum() == 1)


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed surface of a segment. ``points`` (n × 3) are LPS mm, ``normals`` (n × 3) unit vectors that point out.

    ``triangles`` (m × 3) are numbers of points, anticlockwise as seen from outside; ``cell_mm`` is the longest edge of
    the cells that it was meshed on: what is finer than that is not in it.
    """

    label: int
    points: Points
    normals: Points
    triangles: NDArray[np.uint32]
    cell_mm: float

    @property
    def area_mm2(self) -> float:
        """The area in mm²."""
        return float(np.linalg.norm(_crosses(self.points, self.triangles), axis=1).sum() / 2)

    @property
    def volume_mm3(self) -> float:
        """The volume that is enclosed, in mm³ (the divergence theorem); negative were it inside out."""
        points = self.points.astype(np.float64) - self.points.mean(axis=0, dtype=np.float64)
        a, b, c = (points[self.triangles[:, n]] for n in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def shows_face(segment: Segment) -> bool:
    """Return whether a surface of a segment could show the patient's face, by its code and its words.

    What a reader drew and named otherwise is not recognised.
    """
    coded = segment.code.scheme == "SCT" and segment.code.value in _FACE_CODES
    words = (segment.name, segment.code.meaning)
    return coded or any(_FACE_WORDS.search(text.replace("_", " ")) for text in words)


def boxes_of(volume: Volume) -> dict[int, Box]:
    """Return the box [slice, row, column] of each label (1…255) that the volume of labels has voxels of."""
    from scipy import ndimage

    found = ndimage.find_objects(volume.array)
    return {label: box for label, box in enumerate(found, start=1) if box is not None}


def surface_of(volume: Volume, label: int, box: Box, cells: int = CELLS) -> Surface | None:
    """Return the surface of a label whose voxels lie in a box, on about so many cells; None where it has no voxels."""
    steps = _steps(volume, box, cells)
    field = _shares(np.asarray(volume.array[box] == label), steps)
    # A sheet thinner than a cell fills no cell by half: it is drawn where it is densest, not left out.
    level = min(_LEVEL, float(field.max()) / 2)
    if level <= 0:
        return None
    vertices, quads = _net(field, level)
    start = np.array([part.start for part in box])
    index = start + (vertices - _ROOM + 0.5) * steps - 0.5
    to_mm = volume.affine[:3, :3]
    points = (index @ to_mm.T + volume.affine[:3, 3]).astype(np.float32)
    if np.linalg.det(to_mm) < 0:
        quads = quads[:, ::-1]
    triangles = _halved(points, quads)
    normals = _normals(field, vertices, to_mm * steps, _face_normals(points, triangles))
    cell = float((steps * np.array(volume.spacing)).max())
    return Surface(label, points, normals, triangles, cell)


def _steps(volume: Volume, box: Box, cells: int) -> Vector:
    """Return how many voxels a cell is long along each axis: a whole number, or one divided by a whole number."""
    spacing = np.array(volume.spacing)
    extent = spacing * [part.stop - part.start for part in box]
    wanted = max(float(np.prod(extent) / cells) ** (1 / 3), float(spacing.min()) / _FINEST)
    coarser = np.maximum(np.rint(wanted / spacing), 1)
    finer = np.clip(np.rint(spacing / wanted), 1, _FINEST)
    return np.asarray(np.where(coarser > 1, coarser, 1 / finer))


def _shares(mask: NDArray[np.bool_], steps: Vector) -> Field:
    """Return which share (0…1) of each cell belongs to the mask, smoothed, with empty cells around it."""
    from scipy import ndimage

    most = int(np.prod(np.rint(np.maximum(steps, 1))))
    shares: NDArray[Any] = mask.view(np.uint8)
    for axis, step in enumerate(steps):
        if step > 1:
            shares = _summed(shares, axis, round(step), np.uint16 if most < 1 << 16 else np.uint32)
    field = shares.astype(np.float32) / np.float32(most)
    for axis, step in enumerate(steps):
        if step < 1:
            field = np.repeat(field, round(1 / step), axis=axis)
    field = np.pad(field, _ROOM)
    widths = _SMOOTHED * np.maximum(1.0, 1 / steps)
    smoothed = ndimage.gaussian_filter(field, widths, mode="constant", truncate=3.0)
    for axis in range(3):
        # Nothing may reach the edge: there is no cell beyond it to close the surface.
        edge = np.moveaxis(smoothed, axis, 0)
        edge[0] = edge[-1] = 0
    return np.asarray(smoothed)


def _summed(values: NDArray[Any], axis: int, step: int, kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """Return the sums of every ``step`` values along an axis; beyond the end there is nothing."""
    shape = list(values.shape)
    shape[axis] = -(-shape[axis] // step)
    total: NDArray[Any] = np.zeros(shape, dtype=kind)
    moved, sums = np.moveaxis(values, axis, 0), np.moveaxis(total, axis, 0)
    for first in range(step):
        part = moved[first::step]
        sums[: len(part)] += part
    return total


def _net(field: Field, level: float) -> tuple[Vector, NDArray[np.int64]]:
    """Return the vertices (n × 3, cells of the field) of the surface at a level, and its quads (m × 4).

    The quads run anticlockwise as seen from where the field is lower, in a right-handed grid.
    """
    inside = field > level
    count = sum(inside[_corner_slices(corner, field.shape)].astype(np.uint8) for corner in _CORNERS)
    active = np.asarray((count > 0) & (count < 8))
    cells = np.argwhere(active)
    numbers = np.full(active.shape, -1, dtype=np.int64)
    numbers[active] = np.arange(len(cells))
    strides = np.array([field.shape[1] * field.shape[2], field.shape[2], 1])
    corners = field.ravel()[(cells @ strides)[:, None] + (_CORNERS @ strides)[None]]
    return cells + _means(corners, level), _quads(inside, numbers)


def _corner_slices(corner: NDArray[np.int_], shape: tuple[int, ...]) -> Box:
    z, y, x = (slice(int(c), int(c) + n - 1) for c, n in zip(corner, shape, strict=True))
    return z, y, x


def _means(corners: Field, level: float) -> Vector:
    """Return where in each cell (0…1) the mean of the crossings with its edges is; corners are n × 8 values."""
    total, crossed = np.zeros((len(corners), 3)), np.zeros(len(corners))
    for a, b in _EDGES:
        first, second = corners[:, a], corners[:, b]
        crosses = (first > level) != (second > level)
        share = (level - first[crosses]) / (second[crosses] - first[crosses])
        total[crosses] += _CORNERS[a] + share[:, None] * (_CORNERS[b] - _CORNERS[a])
        crossed += crosses
    return total / crossed[:, None]


def _quads(inside: NDArray[np.bool_], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a quad of vertices for each edge of the grid that the surface crosses."""
    found = []
    for axis in range(3):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        before = np.moveaxis(inside, axis, 0)
        at = np.argwhere(np.moveaxis(before[:-1] != before[1:], 0, axis))
        leaves = inside[tuple(at.T)]
        around = []
        for back_one, back_other in ((1, 1), (0, 1), (0, 0), (1, 0)):
            cell = at.copy()
            cell[:, one] -= back_one
            cell[:, other] -= back_other
            around.append(numbers[tuple(cell.T)])
        quads = np.stack(around, axis=1)
        quads[~leaves] = quads[~leaves, ::-1]
        found.append(quads)
    return np.concatenate(found)


def _halved(points: Points, quads: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return two triangles for each quad, cut along its shorter diagonal."""
    a, b, c, d = quads.T
    first = np.linalg.norm(points[a] - points[c], axis=1)
    second = np.linalg.norm(points[b] - points[d], axis=1)
    shorter = (first <= second)[:, None]
    one = np.where(shorter, np.stack([a, b, c], axis=1), np.stack([a, b, d], axis=1))
    other = np.where(shorter, np.stack([a, c, d], axis=1), np.stack([b, c, d], axis=1))
    return np.concatenate([one, other]).astype(np.uint32)


def _crosses(points: Points, triangles: NDArray[np.uint32]) -> Points:
    a, b, c = (points[triangles[:, n]] for n in range(3))
    return np.asarray(np.cross(b - a, c - a))


def _face_normals(points: Points, triangles: NDArray[np.uint32]) -> Vector:
    """Return unit normals at the points: those of the triangles around each, by their areas."""
    crosses = _crosses(points, triangles)
    normals = np.zeros((len(points), 3))
    for column in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(triangles[:, column], crosses[:, axis], minlength=len(points))
    return _units(normals)


def _normals(field: Field, vertices: Vector, to_mm: Vector, faces: Vector) -> Points:
    """Return unit normals for shading, outwards: down the slope of the field, smoothed so that no steps of voxels show.

    Where that disagrees with the ``faces`` around a point, as on a sheet thinner than the smoothing, theirs are taken.
    """
    from scipy import ndimage

    soft = ndimage.gaussian_filter(field, _SHADED, mode="constant", truncate=2.0)
    slope = [ndimage.map_coordinates(part, vertices.T, order=1) for part in np.gradient(soft)]
    normals = -_units(np.stack(slope, axis=1).astype(np.float64) @ np.linalg.inv(to_mm))
    against = (normals * faces).sum(axis=1) < _AGREES
    normals[against] = faces[against]
    return normals.astype(np.float32)


def _units(vectors: Vector) -> Vector:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
