"""What can happen to the document, as its observers are told."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "AnnotationSelected",
    "AnnotationsChanged",
    "CatalogChanged",
    "Change",
    "CrosshairMoved",
    "FindingSelected",
    "FindingsChanged",
    "KeyImagesChanged",
    "LayerAdded",
    "LayerChanged",
    "LayerRefilled",
    "LayerRemoved",
    "Listener",
    "SelectionChanged",
    "SeriesClosed",
    "SeriesLoaded",
    "SeriesOpened",
    "SliceLoaded",
    "UndoChanged",
    "WindowChanged",
]


@dataclass(frozen=True, slots=True)
class CatalogChanged:
    """Studies were found or closed."""


@dataclass(frozen=True, slots=True)
class SeriesOpened:
    """The geometry of a series is known; its slices are being read."""

    series_uid: str


@dataclass(frozen=True, slots=True)
class SliceLoaded:
    """The pixels of one acquired slice are there."""

    series_uid: str
    index: int


@dataclass(frozen=True, slots=True)
class SeriesLoaded:
    """Every slice of a series has been read; its volume is available."""

    series_uid: str


@dataclass(frozen=True, slots=True)
class SeriesClosed:
    """A series is not open any more."""

    series_uid: str


@dataclass(frozen=True, slots=True)
class SelectionChanged:
    """Another series is selected."""


@dataclass(frozen=True, slots=True)
class FindingSelected:
    """The reader goes to a finding."""

    layer_uid: str
    number: int


@dataclass(frozen=True, slots=True)
class CrosshairMoved:
    """The crosshair of a frame of reference moved."""

    frame_of_reference_uid: str


@dataclass(frozen=True, slots=True)
class WindowChanged:
    """The window of a series or an image layer (by UID) changed."""

    uid: str


@dataclass(frozen=True, slots=True)
class LayerAdded:
    """A result was added; its slices may still be filling."""

    layer_uid: str


@dataclass(frozen=True, slots=True)
class LayerChanged:
    """Display settings of a layer changed, or a slice of it became ready (``index``)."""

    layer_uid: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class LayerRefilled:
    """A result has other voxels than before, such as those of another degree of its control."""

    layer_uid: str


@dataclass(frozen=True, slots=True)
class LayerRemoved:
    """A result was removed."""

    layer_uid: str


@dataclass(frozen=True, slots=True)
class FindingsChanged:
    """The list of findings of a heat map, or a verdict on one, changed."""

    layer_uid: str


@dataclass(frozen=True, slots=True)
class KeyImagesChanged:
    """Slices were marked as key images, or are not any more."""


@dataclass(frozen=True, slots=True)
class AnnotationsChanged:
    """Annotations of a study (by its key) were drawn, moved, renamed or deleted, or those kept on disk were read."""

    study_key: str


@dataclass(frozen=True, slots=True)
class AnnotationSelected:
    """Keys speak of another annotation, or of none."""

    uid: str | None


@dataclass(frozen=True, slots=True)
class UndoChanged:
    """There is something else to undo or to redo."""


Change = (
    CatalogChanged
    | SeriesOpened
    | SliceLoaded
    | SeriesLoaded
    | SeriesClosed
    | SelectionChanged
    | FindingSelected
    | CrosshairMoved
    | WindowChanged
    | LayerAdded
    | LayerChanged
    | LayerRefilled
    | LayerRemoved
    | FindingsChanged
    | KeyImagesChanged
    | AnnotationsChanged
    | AnnotationSelected
    | UndoChanged
)
Listener = Callable[[Change], None]
