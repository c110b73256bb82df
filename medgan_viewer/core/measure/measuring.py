"""The numbers of an annotation: of its geometry, and of the pixels it takes in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.core.measure import geometry, pixels
from medgan_viewer.core.measure.annotation import REGIONS, Annotation
from medgan_viewer.core.volume import SliceStack, Volume, Voxels

__all__ = [
    "NO_PIXEL",
    "Beside",
    "Histogram",
    "ImageValues",
    "Measurement",
    "drawn_on",
    "measure",
    "measure_compared",
    "size_of",
    "unit_of",
]

NO_PIXEL = "no pixel in it"
_NOT_READ, _NOT_COMPUTED, _NOT_THERE = "not read yet", "not computed there", "not on a slice of this series"
_NOT_ALL_THERE = "not all of it lies there"
_BINS = 32


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many pixels lie in each of equally wide classes from ``low`` to ``high``."""

    counts: NDArray[np.int64]
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ImageValues:
    """The pixels of one image in an annotation. ``values`` is empty where ``problem`` says why.

    ``mark`` is "SYNTHETIC" or "SIMULATED" where the pixels show no person, ``model`` which model made them.
    """

    image: str
    unit: str
    values: NDArray[np.float64]
    mark: str = ""
    model: str = ""
    problem: str = ""

    @property
    def count(self) -> int:
        """The number of pixels."""
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        """The mean of the values."""
        return float(self.values.mean())

    @cached_property
    def deviation(self) -> float | None:
        """The standard deviation (of a sample: n − 1); None for a single pixel."""
        return float(self.values.std(ddof=1)) if self.count > 1 else None

    @cached_property
    def extent(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return float(self.values.min()), float(self.values.max())

    @cached_property
    def histogram(self) -> Histogram:
        """The histogram from the smallest to the largest value, classes of whole numbers no narrower than one."""
        low, high = self.extent
        whole = bool((self.values == np.rint(self.values)).all())
        bins = int(min(_BINS, high - low + 1)) if whole else _BINS
        edges = (low - 0.5, high + 0.5) if whole else (low, high if high > low else low + 1.0)
        counts, _ = np.histogram(self.values, bins=max(bins, 1), range=edges)
        return Histogram(counts, low, high)


@dataclass(frozen=True, eq=False)
class Measurement:
    """What an annotation measures: ``size`` in mm, degrees or mm² (None for probes and words), and pixels.

    On a synthetic image ``images`` are that and then its source, else the source alone; where two images are
    ``compared``, those two. Of lengths and angles there are no values, but the images still say on what they were
    measured.
    """

    annotation: Annotation
    size: float | None
    images: tuple[ImageValues, ...]
    compared: bool = False

    @property
    def synthetic(self) -> bool:
        """Whether it was measured on what a model made."""
        return bool(self.images) and self.images[0].mark == "SYNTHETIC"


def size_of(annotation: Annotation) -> float | None:
    """Return the length in mm, the angle in degrees or the area in mm²."""
    match annotation.kind:
        case "distance":
            return geometry.length_mm(annotation)
        case "angle" | "cobb":
            return geometry.angle_degrees(annotation)
        case "rectangle" | "ellipse" | "freehand":
            return geometry.area_mm2(annotation)
        case _:
            return None


def unit_of(stack: SliceStack) -> str:
    """Return the unit of a series' values: HU, arbitrary units of MR, the luminance of colours, else none."""
    if stack.colour is not None:
        return "luminance"
    return stack.unit or ("a.u." if stack.modality == "MR" else "")


def drawn_on(annotation: Annotation, layers: Sequence[Layer]) -> ImageLayer | None:
    """Return the synthetic image that an annotation was drawn on: itself, else the newest of its name and source."""
    if annotation.layer_uid is None:
        return None
    images = [one for one in layers if isinstance(one, ImageLayer) and one.source_series_uid == annotation.series_uid]
    same = [one for one in images if one.uid == annotation.layer_uid]
    named = [one for one in images if one.name == annotation.layer_name]
    return next(reversed(same or named), None)


def measure(
    annotation: Annotation, opened: OpenSeries, layer: ImageLayer | None = None, *, on_grid: bool | None = None
) -> Measurement:
    """Return the numbers of an annotation on a series, and before them those on a synthetic image made from it.

    ``on_grid`` says whether planes of the regular grid are looked at or acquired slices; by default as it was drawn.
    """
    if annotation.kind in ("arrow", "text"):
        return Measurement(annotation, size_of(annotation), ())
    place = _place_of(annotation, opened, on_grid)
    source = _of_series(opened, place)
    images = (source,) if layer is None else (_of_layer(layer, opened, place), source)
    return Measurement(annotation, size_of(annotation), images)


@dataclass(frozen=True, eq=False)
class Beside:
    """Another series as one of two that are compared: its grid where it lies in the pane's space, None if not read."""

    opened: OpenSeries
    volume: Volume | None


def measure_compared(
    annotation: Annotation, opened: OpenSeries, sides: Sequence[ImageLayer | Beside], *, on_grid: bool
) -> Measurement:
    """Return the numbers of an annotation on each of two images that share a pane of ``opened``, in their order.

    All are of the same pixels, those of the pane: what is shown of another series there is interpolated.
    """
    if annotation.kind in ("arrow", "text"):
        return Measurement(annotation, size_of(annotation), ())
    place = _place_of(annotation, opened, on_grid)
    images = [
        _of_layer(side, opened, place)
        if isinstance(side, ImageLayer)
        else _of_series(opened, place)
        if side.opened is opened
        else _of_other(side, place)
        for side in sides
    ]
    return Measurement(annotation, size_of(annotation), tuple(images), compared=True)


@dataclass(frozen=True, eq=False)
class _Place:
    """The pixels that an annotation takes in; ``missing`` says why there are none, ``reads`` whether any are wanted."""

    on: pixels.Ground | None
    rows: NDArray[np.int_]
    columns: NDArray[np.int_]
    reads: bool
    missing: str

    def image(self, opened: OpenSeries, read: Callable[[pixels.Ground], Voxels | None], problem: str) -> ImageValues:
        """Return what a series has there."""
        values, why = self.values(read, problem)
        name = opened.series.description or opened.series.modality
        return ImageValues(name, unit_of(opened.stack), values, _mark(opened), "", why)

    def values(self, read: Callable[[pixels.Ground], Voxels | None], problem: str) -> tuple[NDArray[np.float64], str]:
        """Return the values that ``read`` finds, and why there are none."""
        values = read(self.on) if self.on is not None and self.rows.size else None
        return _finite(values), self.missing or (problem if self.reads and values is None else "")


def _place_of(annotation: Annotation, opened: OpenSeries, on_grid: bool | None) -> _Place:
    reads = annotation.kind in REGIONS or annotation.kind == "probe"
    on = pixels.ground(annotation, opened, on_grid=on_grid) if reads else None
    rows, columns = pixels.inside(annotation, on.plane) if on is not None else (np.zeros(0, int), np.zeros(0, int))
    missing = "" if not reads else _NOT_THERE if on is None else NO_PIXEL if not rows.size else ""
    return _Place(on, rows, columns, reads, missing)


def _of_layer(layer: ImageLayer, opened: OpenSeries, place: _Place) -> ImageValues:
    values, problem = place.values(
        lambda on: pixels.layer_values(layer, opened, on, place.rows, place.columns), _NOT_COMPUTED
    )
    return ImageValues(layer.name, layer.volume.unit, values, "SYNTHETIC", layer.provenance.model_name, problem)


def _of_series(opened: OpenSeries, place: _Place) -> ImageValues:
    return place.image(opened, lambda on: pixels.series_values(opened, on, place.rows, place.columns), _NOT_READ)


def _of_other(side: Beside, place: _Place) -> ImageValues:
    opened, volume = side.opened, side.volume
    if volume is None:
        return place.image(opened, lambda _: None, _NOT_READ)
    # Slices that could not be decoded have no value; of a computed grid nobody knows which those are.
    ready = opened.ready if opened.stack.is_regular else np.full(volume.shape[0], opened.complete)
    return place.image(
        opened, lambda on: pixels.grid_values(volume, ready, on, place.rows, place.columns), _NOT_ALL_THERE
    )


def _finite(values: Voxels | None) -> NDArray[np.float64]:
    if values is None:
        return np.zeros(0)
    numbers = np.asarray(values, dtype=np.float64)
    return numbers[np.isfinite(numbers)]


def _mark(opened: OpenSeries) -> str:
    if opened.series.synthetic or opened.stack.synthetic:
        return "SYNTHETIC"
    return "SIMULATED" if opened.series.simulated else ""
