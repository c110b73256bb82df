"""Results out as whole grids: NIfTI and NRRD files, whose header and name say what is synthetic."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import DoubtLayer, Hand, HeatLayer, LabelLayer, Layer
from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import atomic, nifti, provenance
from medgan_viewer.dicom import write_nrrd as nrrd
from medgan_viewer.dicom.export import Report, unfinished

__all__ = ["write_nifti", "write_nrrd"]

# What the NIfTI header says of a result that is no image.
_RESULT_KINDS: dict[type, nifti.ResultKind] = {
    HeatLayer: "heat map",
    DoubtLayer: "doubt map",
}


def write_nifti(layers: Sequence[Layer], series: Series, folder: Path) -> Report:
    """Write each result as ``.nii.gz`` on the source's regular grid; header and name say what is synthetic.

    Slices that are not ready hold the smallest value, and a note names them. Raises ``WriteError``.
    """
    return _write_volumes(
        layers,
        series,
        folder,
        ".nii.gz",
        lambda layer, volume, path: nifti.write(volume, path, result=_result_kind(layer)),
    )


def write_nrrd(layers: Sequence[Layer], series: Series, folder: Path) -> Report:
    """Write each result as ``.nrrd``, as :func:`write_nifti` does."""

    def write(layer: Layer, volume: Volume, path: Path) -> None:
        kind = _result_kind(layer)
        words = [nifti.SYNTHETIC_MARK] if volume.synthetic else []
        words += [nifti.result_name(kind)] if kind else []
        words += [] if volume.synthetic else ["NOT FOR DIAGNOSIS"]
        made = layer.provenance
        if made.weights_sha256:
            words.append(f"{made.model_id} {made.model_version}, weights SHA-256 {made.weights_sha256}")
        words += [f"input check overridden: {made.overridden}"] if made.overridden else []
        nrrd.write(volume, path, " - ".join(words))

    return _write_volumes(layers, series, folder, ".nrrd", write)


def _result_kind(layer: Layer) -> nifti.ResultKind | None:
    """Return what kind of result a header says it is; None for an image."""
    if isinstance(layer, LabelLayer):
        kinds: dict[Hand, nifti.ResultKind] = {
            "": "segmentation",
            "edited": "segmentation edited by hand",
            "drawn": "segmentation by hand",
        }
        return kinds[layer.provenance.hand]
    return _RESULT_KINDS.get(type(layer))


def _write_volumes(
    layers: Sequence[Layer],
    series: Series,
    folder: Path,
    suffix: str,
    write: Callable[[Layer, Volume, Path], None],
) -> Report:
    report = Report()
    for layer in layers:
        array = layer.volume.array
        if not layer.complete:
            array = np.where(layer.ready[:, None, None], array, array[layer.ready].min(initial=0)).astype(array.dtype)
        synthetic = layer.volume.synthetic or series.synthetic or series.simulated
        path = atomic.free_path(folder, f"{provenance.file_name(layer)}{suffix}")
        write(layer, layer.volume.with_array(array, synthetic=synthetic), path)
        missing = [int(index) + 1 for index in np.flatnonzero(~layer.ready)]
        report += Report((path,), unfinished(layer, missing, len(layer.ready), "are empty"))
    return report
