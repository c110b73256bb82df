"""What made a stored result, as far as its file says: our own objects say it completely, others by name."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import BY_HAND, Hand, Provenance
from medgan_viewer.dicom.provenance import PROGRAM

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["is_own", "made_by"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
# As the algorithm's parameters say it.
_EDITED = re.compile(BY_HAND + r"\W+(first on [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2})")


def is_own(dataset: "Dataset") -> bool:
    """Whether this program wrote an object, with the model's weights named in it."""
    return str(dataset.get("Manufacturer") or "") == PROGRAM and bool(
        _SHA256.fullmatch(_text(dataset, "DeviceSerialNumber"))
    )


def made_by(dataset: "Dataset", series: Series, name: str = "") -> Provenance:
    """Return the provenance of a stored result; ``name`` is what a foreign object calls its algorithm.

    The weights' hash is empty for a result that another program made.
    """
    own, hand = is_own(dataset), _hand(dataset)
    if hand == "drawn":
        return Provenance.drawn(series.uid, _created(dataset))
    model, _, version = _text(dataset, "ManufacturerModelName").rpartition(" ") if own else ("", "", "")
    foreign = name or " ".join(filter(None, (_text(dataset, "Manufacturer"), _text(dataset, "ManufacturerModelName"))))
    made = Provenance(
        model_id=model or foreign or "unknown program",
        model_name=model or foreign or "unknown program",
        model_version=version if own else _text(dataset, "SoftwareVersions"),
        weights_sha256=_text(dataset, "DeviceSerialNumber") if own else "",
        source_series_uids=(series.uid,),
        device="read from a file",
        precision="",
        created=_created(dataset),
        licence="not stated by the file",
        intended_use="Research only." if own else "Not stated by the file.",
    )
    return made.edited(_when_edited(dataset)) if hand == "edited" else made


def _hand(dataset: "Dataset") -> Hand:
    """Return what a reader did to a segmentation that this program wrote, by what it says of its segments."""
    kinds = {str(item.get("SegmentAlgorithmType")) for item in dataset.get("SegmentSequence") or []}
    if _text(dataset, "Manufacturer") != PROGRAM or not kinds:
        return ""
    return "drawn" if kinds == {"MANUAL"} else "edited" if kinds & {"SEMIAUTOMATIC", "MANUAL"} else ""


def _when_edited(dataset: "Dataset") -> str:
    for segment in dataset.get("SegmentSequence") or []:
        for algorithm in segment.get("SegmentationAlgorithmIdentificationSequence") or []:
            found = _EDITED.search(str(algorithm.get("AlgorithmParameters") or ""))
            if found is not None:
                return found[1]
    return "at a time that the file does not say"


def _created(dataset: "Dataset") -> datetime:
    for day, time in (("SeriesDate", "SeriesTime"), ("ContentDate", "ContentTime")):
        stamp = f"{_text(dataset, day)}{(_text(dataset, time) + '000000')[:6]}"
        try:
            return datetime.strptime(stamp, "%Y%m%d%H%M%S").astimezone()
        except (ValueError, OverflowError, OSError):
            continue
    return datetime.fromtimestamp(0).astimezone()


def _text(dataset: "Dataset", keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip()
