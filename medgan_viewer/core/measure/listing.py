"""Annotations as a list has them: their numbers on what they were drawn on, and where that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure import words
from medgan_viewer.core.measure.annotation import REGIONS, Annotation
from medgan_viewer.core.measure.measuring import Measurement, drawn_on, measure, size_of
from medgan_viewer.core.measure.pixels import ground
from medgan_viewer.core.measure.words import Line
from medgan_viewer.core.slicing import Orientation, facing
from medgan_viewer.core.volume import Plane

__all__ = ["Listed", "listed", "text_of"]


@dataclass(frozen=True, eq=False)
class Listed:
    """An annotation with its measurement, the series it was drawn on (None where that is gone) and its slice.

    ``index`` is the acquired slice from 0, None for a plane of the regular grid or while the series is not open.
    ``layer`` is the synthetic image that it was drawn on, ``missing`` that one's name where it is not there.
    """

    annotation: Annotation
    measurement: Measurement
    series: Series | None
    opened: OpenSeries | None
    index: int | None
    layer: ImageLayer | None = None
    missing: str = ""

    @property
    def lines(self) -> tuple[Line, ...]:
        """What a list says of it, without its name."""
        said = [*words.lines(self.measurement)]
        if self.missing:
            said.insert(0, Line(f"drawn on SYNTHETIC {self.missing}, which is not open", synthetic=True))
        if self.opened is None and self.annotation.kind in (*REGIONS, "probe"):
            said = [line for line in said if line.text] + [Line("open its series for the values")]
        return tuple(said)

    @property
    def place(self) -> str:
        """Which slice, in words."""
        if self.index is not None:
            return f"slice {self.index + 1}"
        if self.opened is None:
            return ""
        return f"{self.facing} plane"

    @property
    def facing(self) -> Orientation:
        """The orientation that its plane is nearest to."""
        x, y, z = self.annotation.normal
        return facing(_plane_across(x, y, z))


def _plane_across(x: float, y: float, z: float) -> Plane:
    """Return a plane with this normal."""
    normal = np.array([x, y, z])
    across = np.cross(normal, [1.0, 0.0, 0.0] if abs(x) < 0.9 else [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    return Plane(np.zeros(3), np.cross(normal, across), across, 1, 1)


def listed(document: Document, annotations: Sequence[Annotation]) -> list[Listed]:
    """Return annotations with their numbers, as far as what they were drawn on is open."""
    found = []
    for annotation in annotations:
        opened = document.opened(annotation.series_uid)
        layer = drawn_on(annotation, document.layers)
        lost = annotation.layer_name if annotation.layer_uid is not None and layer is None else ""
        if opened is None:
            measured, index = Measurement(annotation, size_of(annotation), ()), None
        else:
            measured, on = measure(annotation, opened, layer), ground(annotation, opened)
            index = None if on is None else on.index
        found.append(Listed(annotation, measured, _series(document.catalog, annotation), opened, index, layer, lost))
    return found


def _series(catalog: Catalog, annotation: Annotation) -> Series | None:
    try:
        return catalog.series(annotation.series_uid)
    except KeyError:
        return None


def text_of(entries: Sequence[Listed]) -> str:
    """Return measurements as plain text, a line each, with nothing of who the patient is.

    But for what somebody typed, such as a series' description: nobody knows what that says.
    """
    found = []
    for entry in entries:
        said = "; ".join(line.text for line in entry.lines)
        where = [] if entry.series is None else [entry.series.description or entry.series.modality]
        where += [entry.place] if entry.place else []
        name = f"{entry.annotation.title}: {said}" if said else entry.annotation.title
        found.append(f"{name} [{', '.join(where)}]" if where else name)
    return "\n".join([*found, "Research use only. Not for diagnosis."])
