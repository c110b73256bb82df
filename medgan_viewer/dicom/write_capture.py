"""A picture as a Secondary Capture object, with its marks burned in and its place in space."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.dicom import atomic, provenance
from medgan_viewer.dicom.capture import Capture
from medgan_viewer.dicom.equipment import equipment
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import NewSeries, Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write"]

_SOP_CLASS = "1.2.840.10008.5.1.4.1.1.7"


def write(capture: Capture, source: Source, path: Path, series: NewSeries, instance_number: int = 1) -> Path:
    """Write the capture to ``path`` (replacing it). Raises ``WriteError``.

    Captures of one batch share ``series`` and count ``instance_number``.
    """
    dataset = _dataset(capture, source, series, instance_number)
    with atomic.new_file(path) as temporary:
        provenance.save(dataset, source, temporary)
    return path


def _dataset(capture: Capture, source: Source, series: NewSeries, number: int) -> "Dataset":
    dataset = provenance.new_dataset(source, _SOP_CLASS, series.created)
    provenance.series_attributes(dataset, source, capture.provenance, series, _description(capture))
    dataset.ContributingEquipmentSequence = equipment(source, capture.layers)
    provenance.laterality(dataset, source)
    dataset.Modality, dataset.ConversionType = "OT", "WSD"
    dataset.InstanceNumber = number
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    if capture.synthetic:
        dataset.ImageType = ["DERIVED", "SECONDARY", "OTHER", "SYNTHETIC"]
        dataset.SyntheticData = "YES"
    dataset.BurnedInAnnotation = "YES" if capture.shows_identity else "NO"
    dataset.DerivationDescription = plain(capture.description)[:1024]
    dataset.PatientOrientation = ""
    instances = [source.instances[index] for index in capture.slices]
    references = [provenance.source_image(i, same_place=False) for i in instances]
    # Segmentation and heat map of the same set, of which the picture shows a slice.
    drawn = [source.written.get(layer.uid, ()) for layer in capture.layers]
    references += [provenance.source_object(objects[0]) for objects in drawn if len(objects) == 1]
    if references:
        dataset.SourceImageSequence = references
    pixels, plane = capture.marked()
    _pixels(dataset, pixels)
    if plane is not None and source.series.frame_of_reference_uid is not None:
        # A capture has no such modules by its class: with them it scrolls along with the source.
        provenance.plane_attributes(dataset, plane)
        provenance.frame_of_reference(dataset, source)
    return dataset


def _description(capture: Capture) -> str:
    models = ", ".join(dict.fromkeys(layer.provenance.model_id for layer in capture.layers)) or "original"
    computed = any(layer.provenance.hand != "drawn" for layer in capture.layers)
    head = "SYNTHETIC capture" if capture.synthetic else "AI capture" if computed else "Capture"
    return f"{plain(f'{head} ({models})')[:55].rstrip()} RESEARCH"


def _pixels(dataset: "Dataset", pixels: NDArray[np.uint8]) -> None:
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    data = np.ascontiguousarray(pixels).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
