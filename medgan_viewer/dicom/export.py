"""Results out: the one entry point for writing them to disk.

Everything here is slow for long series (run it off the UI thread) and touches neither Qt nor torch. Files are named by
what they are and by the model, never by the patient.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from medgan_viewer.core.acquired import ready_slices
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window, initial_window
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.rendering import render_slice
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import (
    atomic,
    nifti,
    provenance,
    write_capture,
    write_findings,
    write_image,
    write_parametric_map,
    write_png,
    write_segmentation,
)
from medgan_viewer.dicom.capture import Capture
from medgan_viewer.dicom.provenance import NewSeries
from medgan_viewer.errors import UsageError

__all__ = [
    "FIRST_SERIES_NUMBER",
    "WRITERS",
    "Report",
    "Writer",
    "write_dicom",
    "write_nifti",
    "write_picture",
    "write_readings",
    "write_slices",
]

# Results come after everything that a scanner numbers.
FIRST_SERIES_NUMBER = 9001
_CAPTURE_SERIES_NUMBER = 9901
# What the NIfTI header says of a result that is no image.
_RESULT_KINDS: dict[type, nifti.ResultKind] = {HeatLayer: "heat map", LabelLayer: "segmentation"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was written, and one sentence for everything that was left out."""

    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        return Report(self.paths + other.paths, self.notes + other.notes)


@dataclass(frozen=True, slots=True)
class Writer:
    """How one kind of result becomes a DICOM object: ``write(layer, source, folder, series_number=…) -> paths``."""

    kind: type
    object_name: str
    write: Callable[..., tuple[Path, ...]]


WRITERS: tuple[Writer, ...] = (
    Writer(ImageLayer, "synthetic series", write_image.write),
    Writer(LabelLayer, "segmentation", write_segmentation.write),
    Writer(HeatLayer, "parametric map", write_parametric_map.write),
)


def write_dicom(
    layers: Sequence[Layer],
    series: Series,
    stack: SliceStack,
    folder: Path,
    *,
    further: Sequence[Series] = (),
    first_series_number: int = FIRST_SERIES_NUMBER,
) -> Report:
    """Write each result as DICOM into ``folder``, on the planes where its source was acquired.

    A synthetic series becomes a folder of its own, any other result one file. ``further`` are other series the model
    took. Raises ``UsageError`` (source not DICOM, nothing finished), ``ReadError`` (source gone), ``WriteError``;
    results written before an error stay, whole.
    """
    source = provenance.source_of(series, stack, further)
    report = Report()
    for number, layer in enumerate(layers, start=first_series_number):
        paths = _writer(layer).write(layer, source, folder, series_number=number)
        report += Report(paths, _left_out(layer, stack))
    return report


def write_nifti(layers: Sequence[Layer], series: Series, folder: Path) -> Report:
    """Write each result as ``.nii.gz`` on the source's regular grid; header and name say what is synthetic.

    Slices that are not ready hold the smallest value, and a note names them. Raises ``WriteError``.
    """
    report = Report()
    for layer in layers:
        array = layer.volume.array
        if not layer.complete:
            array = np.where(layer.ready[:, None, None], array, array[layer.ready].min(initial=0)).astype(array.dtype)
        synthetic = layer.volume.synthetic or series.synthetic or series.simulated
        path = atomic.free_path(folder, f"{provenance.file_name(layer)}.nii.gz")
        nifti.write(layer.volume.with_array(array, synthetic=synthetic), path, result=_RESULT_KINDS.get(type(layer)))
        missing = [int(index) + 1 for index in np.flatnonzero(~layer.ready)]
        report += Report((path,), _unfinished(layer, missing, len(layer.ready), "are empty"))
    return report


def write_slices(
    slices: Sequence[int],
    layers: Sequence[Layer],
    series: Series,
    stack: SliceStack,
    folder: Path,
    *,
    window: Window | None = None,
    base: ImageLayer | None = None,
    formats: Sequence[str] = ("dicom", "png"),
) -> Report:
    """Write acquired slices as pictures (Secondary Capture, PNG) with the layers drawn and the marks burned in.

    ``base`` is a synthetic image shown in place of the original; ``window`` is for whichever is shown, by default its
    own. The slices of a heat map are ``core.rendering.slices_above_threshold``. Raises as :func:`write_dicom`; of a
    source that is not DICOM only the PNG is written, and a note says so.
    """
    if not slices:
        raise UsageError("No slice was chosen, so there is nothing to export; choose one, or lower the threshold.")
    report, source = Report(), None
    if "dicom" in formats and series.format != "dicom" and "png" in formats:
        report += Report(notes=("The source is not DICOM, so only PNG files were written.",))
    elif "dicom" in formats:
        source = provenance.source_of(series, stack)
    window = window or (Window(*base.window) if base is not None else initial_window(series, stack.array))
    drawn = (*((base,) if base is not None else ()), *(layer for layer in layers if layer.visible))
    ready = [(layer.name, set(ready_slices(layer, stack))) for layer in drawn]
    stem = "_".join(dict.fromkeys(provenance.file_name(layer) for layer in drawn)) or "capture"
    new_series = NewSeries(_CAPTURE_SERIES_NUMBER)
    for number, index in enumerate(slices, start=1):
        missing = [name for name, finished in ready if index not in finished]
        if missing:
            report += Report(notes=(f"Slice {index + 1} was left out: {', '.join(missing)} is not finished there.",))
            continue
        inverted = series.inverted and base is None
        picture = render_slice(stack, index, window, layers, base=base, inverted=inverted)
        capture = Capture(picture.pixels, drawn, _is_synthetic(series, stack), picture.plane, (index,))
        path = folder / f"{stem}_slice-{index + 1:04d}"
        if source is not None:
            dicom_path = atomic.free_path(folder, f"{path.name}.dcm")
            report += Report((write_capture.write(capture, source, dicom_path, new_series, number),))
        if "png" in formats:
            report += Report((write_png.write(capture, atomic.free_path(folder, f"{path.name}.png")),))
    return report


def write_readings(readings: Sequence[Reading], series: Series, stack: SliceStack, folder: Path) -> Report:
    """Write the findings of each heat map, with the reader's verdicts, as CSV and JSON. Raises ``WriteError``."""
    report, now = Report(), datetime.now().astimezone()
    for reading in readings:
        report += Report(write_findings.write(reading, series, stack, folder, written=now))
        if not reading.layer.complete:
            report += Report(notes=(f"{reading.layer.name} is not finished: its list of findings may grow.",))
    return report


def write_picture(capture: Capture, path: Path, series: Series | None = None, stack: SliceStack | None = None) -> Path:
    """Write a picture that the caller drew, with the marks burned in: ``.png``, or ``.dcm`` given series and stack.

    Replaces ``path``. Raises as :func:`write_dicom`, ``UsageError`` for any other suffix.
    """
    suffix = path.suffix.lower()
    if suffix == ".png":
        return write_png.write(capture, path)
    if suffix != ".dcm" or series is None or stack is None:
        raise UsageError(f"{path.name} cannot be written as a picture: choose a name that ends in .png or .dcm.")
    return write_capture.write(capture, provenance.source_of(series, stack), path, NewSeries(_CAPTURE_SERIES_NUMBER))


def _is_synthetic(series: Series, stack: SliceStack) -> bool:
    """Whether a series' own pixels were generated."""
    return series.synthetic or series.simulated or stack.synthetic


def _writer(layer: Any) -> Writer:
    for writer in WRITERS:
        if isinstance(layer, writer.kind):
            return writer
    raise UsageError(f"{layer.name} has no DICOM object of its own; choose another format.")


def _left_out(layer: Layer, stack: SliceStack) -> tuple[str, ...]:
    """Return a sentence that names the slices which were not ready."""
    ready = set(ready_slices(layer, stack))
    missing = [index + 1 for index in range(len(stack)) if index not in ready]
    return _unfinished(layer, missing, len(stack), "were left out")


def _unfinished(layer: Layer, missing: Sequence[int], count: int, fate: str) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"{layer.name}: slices {_ranges(missing)} of {count} were not finished and {fate}.",)


def _ranges(numbers: Sequence[int]) -> str:
    """Return "1–3, 7" for 1, 2, 3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
