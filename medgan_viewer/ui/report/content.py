"""What a report holds, in words and pictures, before anything is laid out. No Qt here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.listing import Listed

__all__ = ["MARK", "ModelFacts", "Part", "Picture", "ReportContent", "ReportOrder", "Slices", "Table"]

MARK = "SYNTHETIC – RESEARCH USE ONLY – NOT FOR DIAGNOSIS"
"""Stands on every page, whatever is on it."""


@dataclass(frozen=True, eq=False)
class Slices:
    """Acquired slices that somebody chose as pictures: ``drawn`` over the original, or over ``base`` in its place."""

    indices: tuple[int, ...] = ()
    window: Window | None = None
    drawn: tuple[Layer, ...] = ()
    base: ImageLayer | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """A series with its results as they are shown: ``readings`` are those of its heat maps."""

    opened: OpenSeries
    layers: tuple[Layer, ...]
    readings: tuple[Reading, ...]
    window: Window
    chosen: Slices = Slices()
    # What was drawn on the series.
    annotations: tuple[Annotation, ...] = ()
    # The key images that the reader marked.
    marked: tuple[Slices, ...] = ()


@dataclass(frozen=True, eq=False)
class ReportOrder:
    """What a report is to be about: the results of one study, and what was measured in it."""

    parts: tuple[Part, ...]
    measurements: tuple[Listed, ...] = ()


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, uint8 RGB [row, column, 3] with its marks burned in, and the words below it.

    ``marks`` are those marks again: within a picture that is made small nobody could read them.
    """

    pixels: NDArray[np.uint8]
    caption: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; ``shares`` say how wide each column is, negative ones hold numbers, which stand at the right."""

    heading: str
    columns: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the card of a model says, a line each, and the main numbers of its evaluation."""

    name: str
    lines: tuple[tuple[str, str], ...]
    numbers: Table | None = None


@dataclass(frozen=True, eq=False)
class ReportContent:
    """All of a report. ``who`` are lines on patient and study; ``made`` says when it was made, "" where that goes."""

    who: tuple[tuple[str, str], ...]
    made: str
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    models: tuple[ModelFacts, ...]
    notes: tuple[str, ...]
    deidentified: bool
