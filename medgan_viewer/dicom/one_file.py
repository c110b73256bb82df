"""The frame in which a result becomes one multi-frame file: its finished slices, a free name, whole or not at all."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from medgan_viewer.core.acquired import ready_slices
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.dicom import atomic, provenance
from medgan_viewer.dicom.provenance import Source
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["Write", "finished_slices", "writer"]

_L = TypeVar("_L", HeatLayer, ImageLayer, LabelLayer, DoubtLayer)
_L_contra = TypeVar("_L_contra", HeatLayer, ImageLayer, LabelLayer, DoubtLayer, contravariant=True)


class Write(Protocol[_L_contra]):
    """Writes the ready slices of a result as one file into a folder and returns its path.

    Raises ``WriteError``, ``UsageError`` where nothing is ready.
    """

    def __call__(self, layer: _L_contra, source: Source, folder: Path, *, series_number: int) -> tuple[Path, ...]: ...


def writer(build: "Callable[[_L, Source, Sequence[int], int], Dataset]") -> Write[_L]:
    """Return what writes the dataset that ``build(layer, source, slices, series_number)`` makes."""

    def write(layer: _L, source: Source, folder: Path, *, series_number: int) -> tuple[Path, ...]:
        dataset = build(layer, source, finished_slices(layer, source), series_number)
        path = atomic.free_path(folder, f"{provenance.file_name(layer)}.dcm")
        with atomic.new_file(path) as temporary:
            provenance.save(dataset, source, temporary, layer.uid)
        return (path,)

    return write


def finished_slices(layer: Layer, source: Source) -> list[int]:
    """Return the acquired slices on which a result is ready; ``UsageError`` where there is none yet."""
    slices = ready_slices(layer, source.stack)
    if not slices:
        raise UsageError(f"{layer.name} has no finished slice yet; wait for the first one.")
    return slices
