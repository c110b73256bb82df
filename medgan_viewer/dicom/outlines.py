"""Regions and words as a layer of outlines on the slices of a series."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Code, LabelLayer, Remark, Segment
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import read_frames
from medgan_viewer.dicom.read_provenance import made_by

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["Region", "is_closed", "layer_of", "marker", "outline"]

_COLOUR = "#f2c14e"
_MARKER_MM = 3.0
_CORNERS = 64
_REGION = Code("111030", "DCM", "Image Region")
_MOST_REGIONS = 254

# Corners [row, column] on an acquired slice.
Shape = tuple[int, NDArray[np.float64]]


@dataclass
class Region:
    """What is drawn of one item: its name, polygons, open lines, and where its name is written, if it is."""

    name: str
    polygons: list[Shape] = field(default_factory=list)
    lines: list[Shape] = field(default_factory=list)
    words: list[Shape] = field(default_factory=list)

    def add(self, index: int, corners: NDArray[np.float64], *, closed: bool) -> None:
        """Add a polygon, or a line that ends elsewhere than it began."""
        if len(corners):
            (self.polygons if closed else self.lines).append((index, corners))

    def name_beside(self) -> None:
        """Write the name at the upper right corner of what is drawn on each slice."""
        for index in dict.fromkeys(index for index, _ in (*self.polygons, *self.lines)):
            corners = np.concatenate([c for i, c in (*self.polygons, *self.lines) if i == index])
            self.words.append((index, np.array([[corners[:, 0].min(), corners[:, 1].max() + 1]])))

    @property
    def is_drawn(self) -> bool:
        """Whether anything of it is seen."""
        return bool(self.polygons or self.lines or self.words)


def outline(shape: str, points: NDArray[np.float64], stack: SliceStack) -> NDArray[np.float64]:
    """Return the corners [row, column] of a graphic given by (column, row) points, (0, 0) the first pixel's centre."""
    corners = points[:, ::-1]
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    if shape == "CIRCLE" and len(corners) == 2:
        radius = np.linalg.norm(corners[1] - corners[0])
        return np.asarray(corners[0] + radius * np.stack([np.sin(turn), np.cos(turn)], axis=1))
    if shape == "ELLIPSE" and len(corners) == 4:
        centre = corners[:2].mean(axis=0)
        major, minor = (corners[1] - corners[0]) / 2, (corners[3] - corners[2]) / 2
        return np.asarray(centre + np.cos(turn)[:, None] * major + np.sin(turn)[:, None] * minor)
    if len(corners) == 0 or shape == "MULTIPOINT":
        return np.empty((0, 2)) if len(corners) == 0 else marker(corners.mean(axis=0), stack)
    return marker(corners[0], stack) if len(corners) == 1 else np.asarray(corners)


def is_closed(shape: str, points: NDArray[np.float64]) -> bool:
    """Whether points enclose something: lines do where they end where they began."""
    return shape not in ("POLYLINE", "INTERPOLATED") or len(points) < 2 or bool((points[0] == points[-1]).all())


def marker(place: NDArray[np.float64], stack: SliceStack) -> NDArray[np.float64]:
    """Return a small diamond around a [row, column] place."""
    down, right = (_MARKER_MM / distance for distance in stack.plane(0).spacing)
    return np.asarray(np.asarray(place) + np.array([[-down, 0], [0, right], [down, 0], [0, -right]]))


def layer_of(
    regions: list[Region], title: str, dataset: "Dataset", series: Series, stack: SliceStack, uid: str
) -> list[LabelLayer]:
    """Return the regions as a layer of outlines with their words; none where there is nothing to draw."""
    regions = [region for region in regions if region.is_drawn]
    if not regions:
        return []
    shown = regions[:_MOST_REGIONS]
    array = np.zeros(stack.array.shape, dtype=np.uint8)
    for label, region in enumerate(shown, start=1):
        for index, corners in region.polygons:
            _fill(array[index], corners, label)
        for index, corners in region.lines:
            _trace(array[index], corners, label)
    grid, _ = read_frames.from_acquired(array, np.ones(len(stack), dtype=bool), stack, nearest=True)
    segments = tuple(Segment(n, region.name, _COLOUR, _REGION, _REGION) for n, region in enumerate(shown, start=1))
    volume = read_frames.grid_volume(stack, grid)
    remarks = tuple(
        Remark(label, region.name, _point(stack, index, places[0]))
        for label, region in enumerate(shown, start=1)
        for index, places in region.words
    )
    options: dict[str, Any] = {"segments": segments, "outline": True, "remarks": remarks}
    return [
        LabelLayer(
            uid=f"{uid}/0",
            name=title,
            source_series_uid=series.uid,
            volume=volume,
            ready=np.ones(volume.shape[0], dtype=bool),
            provenance=made_by(dataset, series),
            **options,
        )
    ]


def _point(stack: SliceStack, index: int, place: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return a [row, column] place on an acquired slice in LPS mm."""
    x, y, z = (float(value) for value in stack.plane(index).point(float(place[0]), float(place[1])))
    return x, y, z


def _fill(image: NDArray[np.uint8], corners: NDArray[np.float64], label: int) -> None:
    """Set the pixels whose centres lie within a polygon (even-odd rule); of what encloses none, those on its lines."""
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, image.shape)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, image.shape)
    rows, columns = np.mgrid[low[0] : high[0], low[1] : high[1]]
    inside = np.zeros(rows.shape, dtype=bool)
    for (row, column), (next_row, next_column) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (row > rows) != (next_row > rows)
        if crosses.any():
            inside ^= crosses & (columns < column + (rows - row) / (next_row - row) * (next_column - column))
    image[low[0] : high[0], low[1] : high[1]][inside] = label
    if not inside.any():
        _trace(image, corners, label)


def _trace(image: NDArray[np.uint8], corners: NDArray[np.float64], label: int) -> None:
    """Set the pixels nearest to a line from corner to corner."""
    for start, end in pairwise(corners):
        count = int(np.abs(end - start).max() * 2) + 2
        line = np.rint(np.linspace(start, end, min(count, 10_000))).astype(int)
        line = line[((line >= 0) & (line < image.shape)).all(axis=1)]
        image[line[:, 0], line[:, 1]] = label
