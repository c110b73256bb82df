"""What a DICOMweb service answers: data sets in JSON, and images in a multipart message."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from medgan_viewer.dicom.archive.base import FoundSeries, FoundStudy, without_control

if TYPE_CHECKING:
    import requests

__all__ = ["BrokenOffError", "data_sets", "parts", "series", "study"]

_CHUNK_BYTES = 1 << 17


class BrokenOffError(ValueError):
    """An answer ended before its end."""


def parts(response: "requests.Response") -> Iterator[bytes]:
    """Give the parts of a multipart answer as they arrive; an answer in one piece is given as it is.

    dicomweb-client's own decoder takes the beginning of a part for the whole where the connection breaks off.
    """
    from email.message import Message

    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "")
    boundary = header.get_boundary()
    if header.get_content_type() == "application/dicom":
        yield response.content
        return
    if header.get_content_type() != "multipart/related" or not boundary:
        raise ValueError("no multipart answer")
    marker = b"\r\n--" + boundary.encode("ascii", "replace")
    data, searched, begun = bytearray(b"\r\n"), 0, False
    for chunk in response.iter_content(_CHUNK_BYTES):
        data += chunk
        while (place := data.find(marker, searched)) >= 0:
            if begun:
                yield bytes(data[data.find(b"\r\n\r\n") + 4 : place])
            del data[: place + len(marker)]
            begun, searched = True, 0
        searched = max(0, len(data) - len(marker))
    if not begun or not data.startswith(b"--"):
        raise BrokenOffError


def data_sets(answers: Any) -> list[dict[str, Any]]:
    """Return the data sets of an answer; ValueError where it is something else."""
    if not isinstance(answers, list) or not all(isinstance(each, dict) for each in answers):
        raise ValueError("no list of data sets")
    return answers


def _values(answer: dict[str, Any], tag: str) -> list[str]:
    """Return the values of an element of a DICOM JSON data set, each in one line."""
    element = answer.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    found = []
    for value in values if isinstance(values, list) else []:
        name = value.get("Alphabetic") or value.get("Ideographic") or "" if isinstance(value, dict) else value
        found.append(without_control("" if name is None else str(name)))
    return found


def _text(answer: dict[str, Any], tag: str) -> str:
    return next(iter(_values(answer, tag)), "")


def _number(answer: dict[str, Any], tag: str) -> int | None:
    try:
        return int(_text(answer, tag))
    except ValueError:
        return None


def study(answer: dict[str, Any]) -> FoundStudy:
    return FoundStudy(
        uid=_text(answer, "0020000D"),
        patient_name=_text(answer, "00100010"),
        patient_id=_text(answer, "00100020"),
        birth_date=_text(answer, "00100030"),
        date=_text(answer, "00080020"),
        description=_text(answer, "00081030"),
        accession=_text(answer, "00080050"),
        modalities=tuple(_values(answer, "00080061")),
        series_count=_number(answer, "00201206"),
        instance_count=_number(answer, "00201208"),
    )


def series(answer: dict[str, Any], study_uid: str) -> FoundSeries:
    return FoundSeries(
        uid=_text(answer, "0020000E"),
        study_uid=study_uid,
        number=_number(answer, "00200011"),
        modality=_text(answer, "00080060"),
        description=_text(answer, "0008103E"),
        instance_count=_number(answer, "00201209"),
    )
