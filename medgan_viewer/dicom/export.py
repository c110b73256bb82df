"""Results out: the one entry point for writing them to disk, but for whole grids (``export_volumes``).

Everything here is slow for long series (run it off the UI thread) and touches neither Qt nor torch. Files are named by
what they are and by the model, never by the patient.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medgan_viewer.core.acquired import ready_slices
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window, initial_window
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.measure.listing import Listed
from medgan_viewer.core.measure.picture import Labelled
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import (
    atomic,
    provenance,
    write_capture,
    write_findings,
    write_image,
    write_key_objects,
    write_measurements,
    write_parametric_map,
    write_png,
    write_report,
    write_segmentation,
)
from medgan_viewer.dicom.capture import Capture, captured, place_of
from medgan_viewer.dicom.equipment import equipment
from medgan_viewer.dicom.provenance import NewSeries, Source
from medgan_viewer.errors import ReadError, UsageError

if TYPE_CHECKING:
    from medgan_viewer.dicom.deidentify import Deidentifier

__all__ = [
    "FIRST_SERIES_NUMBER",
    "WRITERS",
    "Report",
    "ResultSet",
    "Writer",
    "identity_that_goes",
    "unfinished",
    "write_dicom",
    "write_picture",
    "write_readings",
    "write_slices",
]

# Results come after everything that a scanner numbers.
FIRST_SERIES_NUMBER = 9001
_CAPTURE_SERIES_NUMBER = 9901


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
    Writer(DoubtLayer, "parametric map", write_parametric_map.write_doubt),
)


class ResultSet:
    """Results of one series that are written into one folder as one set.

    Its objects have series numbers in a row and name one another: a report the heat map that its scores were read
    from, a picture the segmentation and heat map drawn in it. With a ``deidentifier`` all of them are written without
    identity, under UIDs that still agree; one deidentifier may serve several sets of a study.
    """

    def __init__(
        self,
        series: Series,
        stack: SliceStack,
        folder: Path,
        *,
        deidentifier: "Deidentifier | None" = None,
        first_series_number: int = FIRST_SERIES_NUMBER,
    ) -> None:
        self._series, self._stack, self._folder = series, stack, folder
        self._deidentifier, self.next_series_number = deidentifier, first_series_number
        self._known: Source | None = None

    def _source(self, further: Sequence[Series] = ()) -> Source:
        """Return what all objects of the set refer to. Raises ``UsageError``, ``ReadError``."""
        if self._known is None:
            self._known = provenance.source_of(self._series, self._stack)
            deidentifier = self._deidentifier
            if deidentifier is not None:
                self._known = replace(self._known, clean=lambda dataset: deidentifier.clean(dataset).dataset)
        return replace(self._known, further=tuple(further))

    def _next_number(self) -> int:
        self.next_series_number += 1
        return self.next_series_number - 1

    def write_layers(self, layers: Sequence[Layer], further: Sequence[Series] = ()) -> Report:
        """Write each result as DICOM, see :func:`write_dicom`."""
        report = Report()
        for layer in layers:
            used = layer.provenance.source_series_uids
            source = self._source([other for other in further if other.uid in used and other.uid != self._series.uid])
            paths = _writer(layer).write(layer, source, self._folder, series_number=self._next_number())
            report += Report(paths, _left_out(layer, self._stack))
        return report

    def write_readings(self, readings: Sequence[Reading], *, structured: bool = True) -> Report:
        """Write the findings of each heat map with the reader's verdicts: CSV, JSON and, if ``structured``, DICOM SR.

        The last is left out where the source is not DICOM or nothing was found: an empty one would be taken for a
        healthy patient. Raises ``WriteError``.
        """
        report, now = Report(), datetime.now().astimezone()
        uid = None if self._deidentifier is None else self._deidentifier.uid
        for reading in readings:
            report += Report(
                write_findings.write(reading, self._series, self._stack, self._folder, written=now, uid=uid)
            )
            if structured:
                report += self._write_report(reading)
            if not reading.layer.complete:
                report += Report(notes=(f"{reading.layer.name} is not finished: its list of findings may grow.",))
        return report

    def _write_report(self, reading: Reading) -> Report:
        try:
            source = self._source()
        except (ReadError, UsageError) as error:
            return Report(notes=(f"No DICOM report was written. {error.sentence}",))
        return Report(write_report.write(reading, source, self._folder, series_number=self._next_number()))

    def write_measurements(self, entries: Sequence[Listed], *, table: bool = True) -> Report:
        """Write what was measured: as CSV all of it, as DICOM SR what was drawn on this series.

        The last is left out where the source is not DICOM. Raises ``WriteError``.
        """
        report = Report()
        if table:
            uid = None if self._deidentifier is None else self._deidentifier.uid
            report += Report((write_measurements.write_table(entries, self._folder, uid=uid),))
        own = [entry for entry in entries if entry.opened is not None and entry.series is not None]
        own = [entry for entry in own if entry.annotation.series_uid == self._series.uid]
        if not own:
            return report
        try:
            source = self._source()
        except (ReadError, UsageError) as error:
            return report + Report(notes=(f"No DICOM report of the measurements was written. {error.sentence}",))
        number = self._next_number()
        return report + Report(write_measurements.write(own, source, self._folder, series_number=number))

    def write_key_images(self, keys: Sequence[KeyImage]) -> Report:
        """Write a DICOM list of the slices of this series that were marked as key images.

        Write the synthetic images among them first: the list refers to what was written. It is left out where the
        source is not DICOM. Raises ``WriteError``.
        """
        own = [key for key in keys if key.series_uid == self._series.uid]
        if not own:
            return Report()
        try:
            source = self._source()
        except (ReadError, UsageError) as error:
            return Report(notes=(f"No DICOM list of the key images was written. {error.sentence}",))
        number = self._next_number()
        return Report(write_key_objects.write(own, source, self._folder, series_number=number))

    def write_slices(
        self,
        slices: Sequence[int],
        layers: Sequence[Layer],
        *,
        window: Window | None = None,
        base: ImageLayer | None = None,
        formats: Sequence[str] = ("dicom", "png"),
        figures: Mapping[int, Sequence[Labelled]] | None = None,
        readings: Sequence[Reading] = (),
    ) -> Report:
        """Write acquired slices as pictures, see :func:`write_slices`.

        ``figures`` are what was drawn on each slice, ``readings`` what was found on its heat maps. What somebody typed
        goes into DICOM alone, and with the identity.
        """
        if not slices:
            raise UsageError("No slice was chosen, so there is nothing to export; choose one, or lower the threshold.")
        series, stack, folder = self._series, self._stack, self._folder
        report, source = Report(), None
        if "dicom" in formats and series.format != "dicom" and "png" in formats:
            report += Report(notes=("The source is not DICOM, so only PNG files were written.",))
        elif "dicom" in formats:
            source = self._source()
        window = window or (Window(*base.window) if base is not None else initial_window(series, stack.array))
        drawn = (*((base,) if base is not None else ()), *(layer for layer in layers if layer.visible))
        ready = [(layer.name, set(ready_slices(layer, stack))) for layer in drawn]
        stem = "_".join(dict.fromkeys(provenance.file_name(layer) for layer in drawn)) or "capture"
        new_series = NewSeries(_CAPTURE_SERIES_NUMBER)
        for number, index in enumerate(slices, start=1):
            missing = [name for name, finished in ready if index not in finished]
            if missing:
                sentence = f"Slice {index + 1} was left out: {', '.join(missing)} is not finished there."
                report += Report(notes=(sentence,))
                continue
            on_slice = (figures or {}).get(index, ())
            bare = [one for figure in on_slice if (one := figure.without_typed()) is not None]
            said = on_slice if self._deidentifier is None else bare
            path = folder / f"{stem}_slice-{index + 1:04d}"
            shown = partial(
                captured,
                series,
                stack,
                index,
                window,
                layers,
                base=base,
                readings=readings,
                place=place_of(series, stack, index),
            )
            if source is not None:
                dicom_path = atomic.free_path(folder, f"{path.name}.dcm")
                report += Report((write_capture.write(shown(figures=said), source, dicom_path, new_series, number),))
            if "png" in formats:
                report += Report((write_png.write(shown(figures=bare), atomic.free_path(folder, f"{path.name}.png")),))
        return report


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

    A synthetic series becomes a folder of its own, any other result one file. ``further`` are series of which each
    result refers to those that it was made from. Raises ``UsageError`` (source not DICOM, nothing finished),
    ``ReadError`` (source gone), ``WriteError``; results written before an error stay, whole.
    """
    return ResultSet(series, stack, folder, first_series_number=first_series_number).write_layers(layers, further)


def identity_that_goes(series: Series, stack: SliceStack, deidentifier: "Deidentifier") -> list[str]:
    """Return a line for each attribute that results would take over from the source and that goes, without its value.

    Raises ``UsageError``, ``ReadError``.
    """
    source = provenance.source_of(series, stack)
    dataset = provenance.new_dataset(source, "1.2.840.10008.5.1.4.1.1.66.4", datetime.now())
    dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = provenance.new_uid(), source.frame_of_reference_uid
    dataset.ContributingEquipmentSequence = equipment(source, ())
    changes = deidentifier.clean(dataset).changes
    return [f"{name}: {done}" for name, done in sorted(changes)]


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
    results = ResultSet(series, stack, folder)
    return results.write_slices(slices, layers, window=window, base=base, formats=formats)


def write_readings(readings: Sequence[Reading], series: Series, stack: SliceStack, folder: Path) -> Report:
    """Write the findings of each heat map, with the reader's verdicts, as CSV and JSON. Raises ``WriteError``."""
    return ResultSet(series, stack, folder).write_readings(readings, structured=False)


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


def _writer(layer: Any) -> Writer:
    for writer in WRITERS:
        if isinstance(layer, writer.kind):
            return writer
    raise UsageError(f"{layer.name} has no DICOM object of its own; choose another format.")


def _left_out(layer: Layer, stack: SliceStack) -> tuple[str, ...]:
    """Return a sentence that names the slices which were not ready."""
    ready = set(ready_slices(layer, stack))
    missing = [index + 1 for index in range(len(stack)) if index not in ready]
    return unfinished(layer, missing, len(stack), "were left out")


def unfinished(layer: Layer, missing: Sequence[int], count: int, fate: str) -> tuple[str, ...]:
    """Return a sentence that names the slices (from 1) of ``count`` that were not finished, and their fate; or none."""
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
