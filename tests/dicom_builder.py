"""DICOM files built to the last bit: what a test reads back is known exactly."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def image_dataset(
    stored: NDArray[Any],
    position: Sequence[float] | None = (0.0, 0.0, 0.0),
    *,
    orientation: Sequence[float] = AXIAL,
    spacing: tuple[float, float] = (0.5, 0.5),
    **attributes: Any,
) -> Dataset:
    """Return one image: ``stored`` [row, column] (uint8, int16, uint16, …) as it goes to the file, at a position in mm.

    ``attributes`` are DICOM keywords that replace or add to a plain CT image; None takes one away.
    """
    dataset = Dataset()
    values: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SOPClassUID": MRImageStorage if attributes.get("Modality") == "MR" else CTImageStorage,
        "SOPInstanceUID": generate_uid(),
        "StudyDate": "20260102",
        "Modality": "CT",
        "PatientName": "Built^Exactly",
        "PatientID": "T-1",
        "SliceThickness": "1",
        "StudyInstanceUID": "1.2.3.1",
        "SeriesInstanceUID": "1.2.3.1.1",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        "FrameOfReferenceUID": "1.2.3.9",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "PixelSpacing": list(spacing),
        "BitsAllocated": 8 * stored.dtype.itemsize,
        "BitsStored": 8 * stored.dtype.itemsize,
        "HighBit": 8 * stored.dtype.itemsize - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
    }
    if position is not None:
        values["ImagePositionPatient"] = [round(float(value), 6) for value in position]
        values["ImageOrientationPatient"] = list(orientation)
    for keyword, value in (values | attributes).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = np.ascontiguousarray(stored).tobytes()
    dataset["PixelData"].VR = "OB" if stored.dtype.itemsize == 1 else "OW"
    return dataset


def save(dataset: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian, *, preamble: bool = True) -> Path:
    """Write a data set, with preamble and file meta information or as a bare data set."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if preamble:
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = UID(syntax)
        dataset.save_as(path, enforce_file_format=True)
    else:
        dataset.save_as(path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian)
    return path


def write_series(
    folder: Path,
    stored: NDArray[Any],
    *,
    positions: Sequence[Sequence[float]] | None = None,
    step: Sequence[float] = (0.0, 0.0, 1.0),
    syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> list[Path]:
    """Write one file a slice of ``stored`` [slice, row, column], at ``positions`` or ``step`` mm apart."""
    if positions is None:
        positions = [tuple(n * value for value in step) for n in range(len(stored))]
    return [
        save(
            image_dataset(image, position, **({"InstanceNumber": n + 1} | attributes)),
            folder / f"{n:03d}.dcm",
            syntax,
        )
        for n, (image, position) in enumerate(zip(stored, positions, strict=True))
    ]


def enhanced_dataset(
    stored: NDArray[Any], positions: Sequence[Sequence[float]], intercepts: Sequence[float], **attributes: Any
) -> Dataset:
    """Return a multi-frame image whose frames have places and intercepts of their own, pixels of 0.5 × 0.75 mm."""
    absent: dict[str, Any] = dict.fromkeys(("PixelSpacing", "RescaleSlope", "RescaleIntercept", "SliceThickness"))
    dataset = image_dataset(stored[0], None, **(absent | {"NumberOfFrames": len(stored)} | attributes))
    frames = []
    for position, intercept in zip(positions, intercepts, strict=True):
        frame, place, scale = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = list(position)
        scale.RescaleSlope, scale.RescaleIntercept = "1", str(intercept)
        frame.PlanePositionSequence, frame.PixelValueTransformationSequence = [place], [scale]
        frames.append(frame)
    shared, directions, measures = Dataset(), Dataset(), Dataset()
    directions.ImageOrientationPatient = list(AXIAL)
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.75], "2"
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [directions], [measures]
    dataset.SharedFunctionalGroupsSequence, dataset.PerFrameFunctionalGroupsSequence = [shared], frames
    dataset.PixelData = stored.tobytes()
    return dataset


def ramp(shape: tuple[int, ...], dtype: Any = np.int16, start: int = 0) -> NDArray[Any]:
    """Return an array whose every value differs from its neighbours'."""
    return (start + np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape) * 7 % 1999).astype(dtype)
