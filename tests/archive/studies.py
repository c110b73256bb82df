"""What the archive of the tests has: a head CT, one of its series compressed."""

from pathlib import Path
from typing import Any

import pydicom
from pydicom.uid import RLELossless

from tests.archive.orthanc import Orthanc
from tests.dicom_builder import ramp, write_series

__all__ = ["COMPRESSED_SERIES", "PLAIN_SERIES", "STUDY", "fill", "new_series", "stored_under"]

STUDY = "1.2.826.7.1"
PLAIN_SERIES, COMPRESSED_SERIES = f"{STUDY}.1", f"{STUDY}.2"
_STUDY: dict[str, Any] = {
    "StudyInstanceUID": STUDY,
    "PatientName": "Müller^Käthe",
    "PatientID": "K-77",
    "StudyDescription": "Head routine",
    "StudyDate": "20260315",
    "StudyTime": "101500",
    "StudyID": "1",
    "AccessionNumber": "A-1",
    "PatientBirthDate": "19500102",
    "PatientSex": "F",
    "BodyPartExamined": "HEAD",
}


def new_series(folder: Path, series_uid: str, count: int = 3, **more: Any) -> list[Path]:
    """Write a series of the study and return its files."""
    described: dict[str, Any] = {"SeriesInstanceUID": series_uid, "SeriesDescription": "Plain", "SeriesNumber": 1}
    return write_series(folder, ramp((count, 40, 48)), **(_STUDY | described | more))


def fill(server: Orthanc, folder: Path) -> None:
    """Write the study's files and store them, one series as they are and the other as RLE."""
    server.put(new_series(folder / "plain", PLAIN_SERIES))
    more = {"SeriesDescription": "Compressed", "SeriesNumber": 2}
    for file in new_series(folder / "compressed", COMPRESSED_SERIES, count=4, **more):
        dataset = pydicom.dcmread(file)
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.save_as(file)
        server.put([file])


def stored_under(folder: Path) -> dict[str, Path]:
    """Return the DICOM files below a folder by their SOP instance UID."""
    return {str(pydicom.dcmread(path).SOPInstanceUID): path for path in sorted(folder.rglob("*.dcm"))}
