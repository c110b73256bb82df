"""A generated slice as DICOM: a Secondary Capture (conversion type SYN, a synthetic image) of nobody.

Only that class of image needs no size of a pixel and no place in a patient, and a generated slice has neither.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import WriteError
from medgan_viewer.lab.virtual_patient.study import Identity

__all__ = ["Slice", "write"]

_DAY = "20260105"


@dataclass(frozen=True)
class Slice:
    """A picture of 0…1 `[row, column]`, the class it was asked to show, and who nobody is."""

    picture: NDArray[np.float32]
    shows: str
    identity: Identity


def write(one: Slice, path: Path) -> None:
    """Write a slice with 12 bits, 0…1 as 0…4000. Raises WriteError."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

    identity = one.identity
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, identity.uid("image")
    data.PatientName, data.PatientID = identity.name, identity.number
    data.PatientBirthDate = data.PatientSex = ""
    data.PatientComments = identity.comments
    data.StudyInstanceUID, data.StudyID = identity.uid("study"), ""
    data.StudyDescription, data.StudyDate, data.StudyTime = identity.description, _DAY, "120000"
    data.AccessionNumber = data.ReferringPhysicianName = ""
    data.Modality, data.ConversionType, data.SeriesNumber = "MR", "SYN", 1
    data.SeriesInstanceUID, data.SeriesDescription = identity.uid("series"), f"SYNTHETIC {one.shows}"
    data.Manufacturer, data.ManufacturerModelName = "MedGAN Viewer", "Synthetic cohort"
    data.ImageType = ["DERIVED", "SECONDARY", "OTHER", "SYNTHETIC"]
    data.SyntheticData, data.DerivationDescription = "YES", identity.comments
    data.BurnedInAnnotation, data.LossyImageCompression = "NO", "00"
    data.InstanceNumber, data.PatientOrientation = 1, ""
    data.ImageComments = f"Asked to show: {one.shows}"
    pixels = np.round(4000 * np.clip(one.picture, 0, 1)).astype("<u2")
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.WindowCenter, data.WindowWidth = 2000, 4000
    data.PixelData = pixels.tobytes()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = (
        data.SOPClassUID,
        data.SOPInstanceUID,
    )
    try:
        data.save_as(path, enforce_file_format=True)
    except OSError as error:
        raise WriteError(path, f"the slice cannot be written ({error.strerror}).") from error
