"""A picture as a Secondary Capture object, with its marks burned in and its place in space."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import medgan_viewer
from medgan_viewer.dicom import atomic, provenance
from medgan_viewer.dicom.capture import Capture
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import PROGRAM, Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write"]

_SOP_CLASS = "1.2.840.10008.5.1.4.1.1.7"


def write(
    capture: Capture, source: Source, path: Path, *, series_uid: str, series_number: int, instance_number: int = 1
) -> Path:
    """Write the capture to ``path`` (replacing it). Raises ``WriteError``.

    Captures of one batch share ``series_uid`` and count ``instance_number``.
    """
    dataset = _dataset(capture, source, series_uid, series_number, instance_number)
    with atomic.new_file(path) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)
    return path


def _dataset(capture: Capture, source: Source, series_uid: str, series_number: int, number: int) -> "Dataset":
    now = datetime.now()
    dataset = provenance.new_dataset(source, _SOP_CLASS, provenance.new_uid(), now)
    made = capture.provenance
    if made is not None:
        provenance.series_attributes(
            dataset, source, made, uid=series_uid, number=series_number, description=_description(capture)
        )
        dataset.ContributingEquipmentSequence = provenance.equipment(source, made, synthesizing=capture.synthetic)
    else:
        dataset.SeriesInstanceUID, dataset.SeriesNumber = series_uid, series_number
        dataset.SeriesDescription = _description(capture)
        dataset.Manufacturer, dataset.SoftwareVersions = PROGRAM, medgan_viewer.__version__
    provenance.laterality(dataset, source)
    dataset.Modality, dataset.ConversionType = "OT", "WSD"
    dataset.InstanceNumber = number
    dataset.ImageType = (
        ["DERIVED", "SECONDARY", "OTHER", "SYNTHETIC"] if capture.synthetic else ["DERIVED", "SECONDARY"]
    )
    if capture.synthetic:
        dataset.SyntheticData = "YES"
    dataset.BurnedInAnnotation = "YES" if capture.shows_identity else "NO"
    dataset.DerivationDescription = plain("; ".join(capture.marks))[:1024]
    dataset.PatientOrientation = ""
    instances = [source.instances[index] for index in capture.slices]
    if instances:
        dataset.SourceImageSequence = [provenance.source_image(i, same_place=False) for i in instances]
    pixels, plane = capture.marked()
    _pixels(dataset, pixels)
    if plane is not None:
        # A capture has no such modules by its class: with them it scrolls along with the source.
        provenance.plane_attributes(dataset, plane)
        dataset.FrameOfReferenceUID = source.frame_of_reference_uid
        dataset.PositionReferenceIndicator = source.header.get("PositionReferenceIndicator") or ""
    return dataset


def _description(capture: Capture) -> str:
    models = ", ".join(dict.fromkeys(layer.provenance.model_id for layer in capture.layers)) or "original"
    head = "SYNTHETIC capture" if capture.synthetic else "AI capture" if capture.layers else "Capture"
    return f"{plain(f'{head} ({models})')[:55].rstrip()} RESEARCH"


def _pixels(dataset: "Dataset", pixels: NDArray[np.uint8]) -> None:
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    data = np.ascontiguousarray(pixels).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
