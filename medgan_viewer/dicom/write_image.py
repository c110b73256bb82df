"""A synthetic series as MR Image or CT Image objects, marked in every way that DICOM knows."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.volume import Voxels
from medgan_viewer.dicom import atomic, provenance
from medgan_viewer.dicom.equipment import equipment
from medgan_viewer.dicom.mark import OVERLAY_TEXT, overlay_plane, plain
from medgan_viewer.dicom.one_file import finished_slices
from medgan_viewer.dicom.provenance import NewSeries, Source
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["SOP_CLASSES", "write"]

SOP_CLASSES = {"MR": "1.2.840.10008.5.1.4.1.1.4", "CT": "1.2.840.10008.5.1.4.1.1.2"}
_TYPE_VALUE_3 = {"MR": "OTHER", "CT": "AXIAL"}


def write(
    layer: ImageLayer,
    source: Source,
    folder: Path,
    *,
    series_number: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Write every ready slice as one file into a new folder below ``folder``; return the files in slice order.

    Voxels are written as they are (int16; HU for CT), on the planes where the source was acquired. The folder appears
    once the series is complete. Raises ``WriteError``, ``UsageError`` where nothing is ready.
    """
    slices = finished_slices(layer, source)
    name = provenance.file_name(layer)
    target = atomic.free_path(folder, name)
    series = NewSeries(series_number, layer.provenance.created)
    files = [f"{name}_{index + 1:04d}.dcm" for index in slices]
    overlay = _overlay_bytes(*source.stack.array.shape[1:])
    with atomic.new_folder(target) as temporary:
        for done, (index, file) in enumerate(zip(slices, files, strict=True)):
            dataset = _instance(layer, source, index, series)
            _add_overlay(dataset, overlay)
            provenance.save(dataset, source, temporary / file, layer.uid)
            if progress is not None:
                progress(done + 1, len(slices))
    return tuple(target / file for file in files)


def _instance(layer: ImageLayer, source: Source, index: int, series: NewSeries) -> "Dataset":
    """Return one slice as a dataset."""
    made = layer.provenance
    modality = layer.volume.modality
    if modality not in SOP_CLASSES:
        raise UsageError(f"A synthetic image of modality {modality} cannot be written as DICOM: choose NIfTI.")
    dataset = provenance.new_dataset(source, SOP_CLASSES[modality], made.created)
    provenance.series_attributes(dataset, source, made, series, provenance.description(layer, source))
    provenance.frame_of_reference(dataset, source)
    provenance.laterality(dataset, source)
    dataset.Modality = modality
    dataset.PatientPosition = source.header.get("PatientPosition") or ""
    dataset.InstanceNumber = index + 1
    dataset.ImageType = ["DERIVED", "SECONDARY", _TYPE_VALUE_3[modality], "SYNTHETIC"]
    dataset.SyntheticData = "YES"
    dataset.ContentQualification = "RESEARCH"
    dataset.BurnedInAnnotation = "NO"
    dataset.DerivationDescription = plain(
        f"Synthetic {_kind(layer)} image computed from {source.series.modality} images by the generative "
        f"model {made.model_id} {made.model_version}. Not acquired from the patient. For research only, not for "
        f"diagnosis.{f' Input check overridden: {made.overridden}' if made.overridden else ''}"
    )[:1024]
    dataset.SourceImageSequence = [provenance.source_image(source.instances[index])]
    dataset.ReferencedSeriesSequence = provenance.referenced_series(source, [source.instances[index]])
    dataset.ContributingEquipmentSequence = equipment(source, [layer])
    provenance.acquired_plane_attributes(dataset, source, index)
    dataset.SliceThickness = provenance.decimal(float(source.stack.thickness[index]))
    if source.stack.is_regular and len(source.stack) > 1:
        dataset.SpacingBetweenSlices = provenance.decimal(float(np.linalg.norm(source.stack.slice_step)))
    _acquisition_attributes(dataset, modality)
    _pixels(dataset, layer_on_slice(layer, source.stack, index), layer.window)
    return dataset


def _kind(layer: ImageLayer) -> str:
    modality = layer.volume.modality
    return modality if layer.contrast in ("", modality) else f"{layer.contrast} {modality}"


def _acquisition_attributes(dataset: "Dataset", modality: str) -> None:
    """Set what the image module asks for about an acquisition that never was: present, and empty."""
    if modality == "MR":
        dataset.ScanningSequence, dataset.SequenceVariant = "RM", "NONE"
        for keyword in ("ScanOptions", "MRAcquisitionType", "EchoTime", "RepetitionTime", "EchoTrainLength"):
            setattr(dataset, keyword, "")
    else:
        dataset.AcquisitionNumber, dataset.KVP = "", ""


def _pixels(dataset: "Dataset", image: Voxels, window: tuple[float, float]) -> None:
    """Set the image pixel and VOI LUT modules from whole numbers that fit int16."""
    if not np.issubdtype(image.dtype, np.integer):
        raise ValueError("a synthetic image holds whole numbers")
    if image.min() < -32768 or image.max() > 32767:
        raise ValueError("a synthetic image fits int16")
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = image.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    if dataset.Modality == "CT":
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "HU"
    width, centre = window
    dataset.WindowCenter, dataset.WindowWidth = provenance.decimal(centre), provenance.decimal(max(width, 1.0))
    dataset.PixelData = np.ascontiguousarray(image, dtype="<i2").tobytes()


def _overlay_bytes(rows: int, columns: int) -> tuple[int, int, bytes]:
    """Return rows, columns and the packed bits of the warning, padded to an even length."""
    bits = np.packbits(overlay_plane(rows, columns).ravel(), bitorder="little").tobytes()
    return rows, columns, bits + b"\0" * (len(bits) % 2)


def _add_overlay(dataset: "Dataset", overlay: tuple[int, int, bytes]) -> None:
    """Add the warning as overlay 6000: other viewers show it, and the voxels stay exact."""
    rows, columns, data = overlay
    for element, vr, value in (
        (0x0010, "US", rows),
        (0x0011, "US", columns),
        (0x0022, "LO", plain(OVERLAY_TEXT)),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x1500, "LO", plain(OVERLAY_TEXT)),
        (0x3000, "OW", data),
    ):
        dataset.add_new((0x6000, element), vr, value)
