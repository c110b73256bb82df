"""Studies for batches: small heads, one patient each."""

from pathlib import Path
from typing import Any

from tests.dicom_builder import write_series
from tests.models.scans import HEAD_MM, simulated_head

__all__ = ["MODEL", "series_uid", "study_uid", "write_head"]

MODEL = "tiny"


def study_uid(number: int) -> str:
    """Return the UID of a patient's study."""
    return f"1.2.826.9.{number}"


def series_uid(number: int) -> str:
    """Return the UID of the head series of a patient's study."""
    return f"{study_uid(number)}.1"


def write_head(
    folder: Path, number: int, shape: tuple[int, int, int] = (4, 32, 24), *, rows_mm: float = HEAD_MM, **more: Any
) -> list[Path]:
    """Write the head CT of a patient, whose name occurs nowhere else; the images' UIDs are the number's.

    With other ``rows_mm`` it is no head by its size.
    """
    spacing = (rows_mm / shape[1],) * 2
    uids = {"StudyInstanceUID": study_uid(number), "SeriesInstanceUID": series_uid(number)}
    person = {"PatientName": f"Quixote^{number}", "PatientID": f"QX-{number}", "SliceThickness": "2"}
    described = {"BodyPartExamined": "HEAD", "SeriesDescription": "Head", **uids, **person, **more}
    files: list[Path] = []
    for index, image in enumerate(simulated_head(shape, number)):
        place = {"InstanceNumber": index + 1, "SOPInstanceUID": f"{described['SeriesInstanceUID']}.{index + 1}"}
        (file,) = write_series(
            folder / f"patient-{number}" / described["SeriesInstanceUID"] / str(index),
            image[None],
            positions=[(0.0, 0.0, 2.0 * index)],
            spacing=spacing,
            **(described | place),
        )
        files.append(file)
    return files
