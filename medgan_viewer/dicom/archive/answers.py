"""What an archive's answer to a C-FIND says."""

from typing import TYPE_CHECKING, Any

from medgan_viewer.dicom.archive.base import FoundSeries, FoundStudy, without_control

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["series", "series_uid", "study", "study_uid"]


def study_uid(answer: "Dataset") -> str:
    return _text(answer, "StudyInstanceUID")


def series_uid(answer: "Dataset") -> str:
    return _text(answer, "SeriesInstanceUID")


def study(answer: "Dataset") -> FoundStudy:
    return FoundStudy(
        uid=study_uid(answer),
        patient_name=_text(answer, "PatientName"),
        patient_id=_text(answer, "PatientID"),
        birth_date=_text(answer, "PatientBirthDate"),
        date=_text(answer, "StudyDate"),
        description=_text(answer, "StudyDescription"),
        accession=_text(answer, "AccessionNumber"),
        # Archives that do not know this key answer with nothing in it.
        modalities=tuple(filter(None, _text(answer, "ModalitiesInStudy").split("\\"))),
        series_count=_number(answer, "NumberOfStudyRelatedSeries"),
        instance_count=_number(answer, "NumberOfStudyRelatedInstances"),
    )


def series(answer: "Dataset", study_uid: str) -> FoundSeries:
    return FoundSeries(
        uid=series_uid(answer),
        study_uid=study_uid,
        number=_number(answer, "SeriesNumber"),
        modality=_text(answer, "Modality"),
        description=_text(answer, "SeriesDescription"),
        instance_count=_number(answer, "NumberOfSeriesRelatedInstances"),
    )


def _text(answer: "Dataset", keyword: str) -> str:
    """Return a value in one line; an archive's answer may hold anything."""
    try:
        value: Any = answer.get(keyword, "")
    except (ValueError, TypeError, NotImplementedError):
        return ""
    if isinstance(value, str) or not hasattr(value, "__iter__") or keyword == "PatientName":
        return without_control("" if value is None else str(value))
    return "\\".join(without_control(str(each)) for each in value)


def _number(answer: "Dataset", keyword: str) -> int | None:
    try:
        return int(_text(answer, keyword))
    except ValueError:
        return None
