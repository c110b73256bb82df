"""How long 20,000 generated files take to index, first and again: ``python -m benchmarks.indexing``.

Beside it, reading their headers with pydicom alone. Counted is the processor's time of this process, which others on
the machine do not change much; the files lie in the page cache.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import report

FILES, SERIES_FILES = 20_000, 250
_UID, _PLACE, _SERIES = "1.2.826.0.1.3680043.8.498.00000000", "-0000.000", "1.2.826.0.1.3680043.8.499.00000000"


def template() -> bytes:
    """Return a CT image of 16 × 16 pixels with a header of usual length, to be told apart by UIDs and position."""
    from io import BytesIO

    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    image = Dataset()
    image.SpecificCharacterSet, image.ImageType = "ISO_IR 100", ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, _UID
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = "20260101"
    image.StudyTime = image.SeriesTime = image.AcquisitionTime = image.ContentTime = "120000"
    image.AccessionNumber, image.Modality, image.Manufacturer = "A1", "CT", "Nobody"
    image.InstitutionName, image.StationName, image.ReferringPhysicianName = "Benchmark", "CT1", ""
    image.StudyDescription, image.SeriesDescription, image.ManufacturerModelName = "Head", "Generated CT", "Model"
    image.PatientName, image.PatientID, image.PatientBirthDate = "Benchmark^CT", "BENCHMARK", "19700101"
    image.PatientSex, image.PatientAge, image.PatientWeight = "O", "056Y", "70"
    image.BodyPartExamined, image.ScanOptions, image.SliceThickness = "HEAD", "HELICAL", "1"
    image.KVP, image.DataCollectionDiameter, image.SoftwareVersions = "120", "500", "1.0"
    image.ProtocolName, image.ReconstructionDiameter, image.GantryDetectorTilt = "Head", "250", "0"
    image.TableHeight, image.RotationDirection, image.ExposureTime = "150", "CW", "1000"
    image.XRayTubeCurrent, image.Exposure, image.FilterType = "200", "200", "HEAD"
    image.GeneratorPower, image.FocalSpots, image.ConvolutionKernel = "24", "0.7", "STANDARD"
    image.PatientPosition, image.StudyInstanceUID, image.SeriesInstanceUID = "HFS", "1.2.3.4", _SERIES
    image.StudyID, image.SeriesNumber, image.AcquisitionNumber, image.InstanceNumber = "1", "1", "1", "1"
    image.ImagePositionPatient = ["-125", "-125", _PLACE]
    image.ImageOrientationPatient, image.FrameOfReferenceUID = ["1", "0", "0", "0", "1", "0"], "1.2.3.5"
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows = image.Columns = 16
    image.PixelSpacing = ["0.5", "0.5"]
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.WindowCenter, image.WindowWidth = "40", "80"
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = "-1024", "1", "HU"
    image.PixelData = bytes(512)
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    written = BytesIO()
    image.save_as(written, enforce_file_format=True)
    return written.getvalue()


def write(folder: Path, count: int = FILES) -> list[Path]:
    """Write the files, one folder a series, and return them."""
    whole, files = template(), []
    for number in range(count):
        series, place = divmod(number, SERIES_FILES)
        data = whole.replace(_UID.encode(), f"{_UID[:-8]}{number:08d}".encode())
        data = data.replace(_SERIES.encode(), f"{_SERIES[:-8]}{series:08d}".encode())
        path = folder / f"{series:03d}" / f"{place:04d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(_PLACE.encode(), f"{place:+09.3f}".encode()))
        files.append(path)
    return files


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure in turns and report the smallest of each."""
    from pydicom import dcmread

    from medgan_viewer.dicom import index

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medgan-bench-") as name:
        folder, kept = Path(name, "files"), Path(name, "cache", "index.sqlite")
        files = write(folder, arguments.files)
        bare, first, again, without = [], [], [], []
        for _ in range(arguments.rounds):
            kept.unlink(missing_ok=True)
            bare.append(_seconds(lambda: [dcmread(path, stop_before_pixels=True) for path in files]))
            without.append(_seconds(lambda: index.scan([folder])))
            first.append(_seconds(lambda: index.scan([folder], remembered=kept)))
            again.append(_seconds(lambda: index.scan([folder], remembered=kept)))
    report(
        files=len(files),
        pydicom_s=min(bare),
        index_s=min(first),
        without_index_s=min(without),
        again_s=min(again),
        times_pydicom=min(first) / min(bare),
    )


if __name__ == "__main__":
    main()
