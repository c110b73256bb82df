"""The scan that everything is measured on: a generated CT of 400 × 512 × 512 voxels, uncompressed DICOM."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPE", "SPACING_MM", "VOXEL_BYTES", "write"]

SHAPE = (400, 512, 512)
SPACING_MM = (0.8, 0.7, 0.7)
VOXEL_BYTES = SHAPE[0] * SHAPE[1] * SHAPE[2] * 2


def _slice(index: int, noise: NDArray[np.float32], rows: NDArray[np.float32], columns: NDArray[np.float32]) -> bytes:
    """Return stored values (HU + 1024, 16 bits) of one slice: an oval body with a spine, lungs and noise."""
    size = 0.75 + 0.2 * np.sin(np.pi * index / SHAPE[0])
    image = np.full(SHAPE[1:], -1000.0, dtype=np.float32)
    image[(rows / (0.75 * size)) ** 2 + (columns / size) ** 2 < 1] = 40
    for side in (-0.42, 0.42):
        image[(rows / (0.45 * size)) ** 2 + ((columns - side * size) / (0.3 * size)) ** 2 < 1] = -850
    image[((rows - 0.45 * size) / 0.1) ** 2 + (columns / 0.1) ** 2 < 1] = 700
    image += np.roll(noise, 37 * index, axis=(0, 1)[index % 2])
    return bytes(np.clip(image + 1024, 0, 4095).astype("<u2"))


def write(folder: Path) -> list[Path]:
    """Write the scan, one file a slice, and return the files in order of their position."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    noise = np.random.default_rng(0).normal(0, 20, SHAPE[1:]).astype(np.float32)
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in SHAPE[1:]), indexing="ij")
    image = Dataset()
    image.SOPClassUID = CTImageStorage
    image.Modality = "CT"
    image.PatientName, image.PatientID = "Benchmark^CT", "BENCHMARK"
    image.PatientBirthDate = image.StudyTime = image.AccessionNumber = image.StudyID = ""
    image.PatientSex, image.StudyDate = "O", "20260101"
    image.SeriesDescription, image.SeriesNumber = "Generated CT", 1
    image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
    image.FrameOfReferenceUID = generate_uid()
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness = list(SPACING_MM[1:]), SPACING_MM[0]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows, image.Columns = SHAPE[1:]
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = -1024, 1, "HU"
    image.WindowCenter, image.WindowWidth = 40, 400
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for index in range(SHAPE[0]):
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.InstanceNumber = index + 1
        image.ImagePositionPatient = [-179.2, -179.2, index * SPACING_MM[0]]
        image.PixelData = _slice(index, noise, rows, columns)
        files.append(folder / f"CT{index + 1:04d}.dcm")
        image.save_as(files[-1], enforce_file_format=True)
    return files
