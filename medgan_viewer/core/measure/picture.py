"""Which annotations belong into a picture of an acquired slice, and what they say in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.measuring import measure
from medgan_viewer.core.measure.pixels import ground
from medgan_viewer.core.measure.words import Line, lines

__all__ = ["Labelled", "labelled_on", "slice_of"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An annotation and the lines of its label; ``typed`` where somebody wrote them."""

    annotation: Annotation
    label: tuple[Line, ...]
    typed: bool = False

    def without_typed(self) -> "Labelled | None":
        """Return it without what somebody wrote; None where nothing is left of it."""
        if not self.typed:
            return self
        return None if self.annotation.kind == "text" else replace(self, label=(), typed=False)


def slice_of(annotation: Annotation, opened: OpenSeries) -> int | None:
    """Return the acquired slice that an annotation of a series lies on, None where it lies on none."""
    if annotation.series_uid != opened.series.uid:
        return None
    on = ground(annotation, opened, on_grid=False)
    return None if on is None else on.index


def labelled_on(
    annotations: Iterable[Annotation], opened: OpenSeries, index: int, base: ImageLayer | None = None
) -> Iterator[Labelled]:
    """Return the annotations of a series on an acquired slice, with the values of what the picture shows.

    That is the series, or ``base``, a synthetic image made from it: numbers then say so, with the source's after them.
    """
    for annotation in annotations:
        if slice_of(annotation, opened) == index:
            said = lines(measure(annotation, opened, base, on_grid=False))
            yield Labelled(annotation, said, typed=annotation.kind in ("arrow", "text"))
