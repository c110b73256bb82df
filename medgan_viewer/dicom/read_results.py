"""Results that a study holds already: recognised while files are scanned, opened as layers on their source series."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.core.catalog import Patient, Series, StoredResult
from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom.read_graphics import StoredFinding
from medgan_viewer.dicom.read_provenance import made_by
from medgan_viewer.errors import DecodeError, ReadError, UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["CLASSES", "Opened", "open_result", "peek"]

CLASSES = {
    "1.2.840.10008.5.1.4.1.1.66.4": "segmentation",
    "1.2.840.10008.5.1.4.1.1.66.7": "segmentation",
    "1.2.840.10008.5.1.4.1.1.30": "parametric map",
    "1.2.840.10008.5.1.4.1.1.88.22": "report",
    "1.2.840.10008.5.1.4.1.1.88.33": "report",
    "1.2.840.10008.5.1.4.1.1.88.34": "report",
    "1.2.840.10008.5.1.4.1.1.11.1": "presentation state",
}
"""SOP classes of stored results, and what they are."""

_TAGS = [
    *(
        "SpecificCharacterSet",
        "SOPClassUID",
        "SOPInstanceUID",
        "StudyInstanceUID",
    ),
    *(
        "SeriesInstanceUID",
        "SeriesNumber",
        "Modality",
        "PatientName",
        "PatientID",
        "PatientBirthDate",
    ),
    *(
        "PatientSex",
        "SeriesDescription",
        "ContentLabel",
        "ContentDescription",
        "SyntheticData",
    ),
    *(
        "FrameOfReferenceUID",
        "ReferencedSeriesSequence",
    ),
    *(
        "CurrentRequestedProcedureEvidenceSequence",
        "SegmentationType",
        "ImageType",
    ),
]
_DEFLATED = "1.2.840.10008.1.2.1.99"
_MOST_BYTES, _MOST_PIXELS = 1 << 32, 1 << 31


@dataclass(frozen=True, eq=False)
class Opened:
    """A stored result on its source series: layers, findings of a report, a window to set, what is not shown."""

    result: StoredResult
    layers: tuple[Layer, ...] = ()
    findings: tuple[StoredFinding, ...] = ()
    window: Window | None = None
    notes: tuple[str, ...] = ()
    # When it was written, as far as the file says.
    written: datetime | None = None


def peek(path: Path) -> StoredResult | None:
    """Return what kind of result a file holds and what it belongs to, by its header; None for anything else."""
    import pydicom
    from pydicom.filereader import read_file_meta_info

    try:
        meta = read_file_meta_info(path)
        # A deflated file might grow beyond all bounds.
        if str(meta.get("MediaStorageSOPClassUID")) not in CLASSES or str(meta.get("TransferSyntaxUID")) == _DEFLATED:
            return None
        return _stored(path, pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS)))
    except Exception:
        # Whatever a damaged file makes pydicom raise, there is no result to be had from it.
        return None


def _stored(path: Path, dataset: "Dataset") -> StoredResult | None:
    kind = CLASSES.get(str(dataset.get("SOPClassUID") or ""))
    if kind is None:
        return None
    references = list(_references(dataset))
    texts = {name: str(dataset.get(name) or "").strip() for name in _TAGS}
    number = dataset.get("SeriesNumber")
    return StoredResult(
        path=path,
        kind=kind,
        title=texts["SeriesDescription"] or texts["ContentDescription"] or texts["ContentLabel"] or kind.capitalize(),
        number=None if number is None else int(number),
        sop_instance_uid=texts["SOPInstanceUID"],
        study_uid=texts["StudyInstanceUID"],
        patient=Patient(texts["PatientName"], texts["PatientID"], texts["PatientBirthDate"], texts["PatientSex"]),
        frame_of_reference_uid=texts["FrameOfReferenceUID"] or None,
        series_uids=tuple(dict.fromkeys(series for series, _ in references if series)),
        instance_uids=frozenset(uid for _, uid in references),
        synthetic=texts["SyntheticData"] == "YES",
    )


def _references(dataset: "Dataset") -> Iterable[tuple[str, str]]:
    """Give (series, instance) of every object that a result names at its top."""
    series = list(dataset.get("ReferencedSeriesSequence") or [])
    for study in dataset.get("CurrentRequestedProcedureEvidenceSequence") or []:
        series += study.get("ReferencedSeriesSequence") or []
    for item in series:
        uid = str(item.get("SeriesInstanceUID") or "")
        instances = [*(item.get("ReferencedInstanceSequence") or []), *(item.get("ReferencedSOPSequence") or [])]
        instances += item.get("ReferencedImageSequence") or []
        yield from ((uid, str(one.get("ReferencedSOPInstanceUID") or "")) for one in instances or [item])


def open_result(result: StoredResult, series: Series, stack: SliceStack) -> Opened:
    """Return a result as layers on its source series; only the stack's geometry is used. Slow.

    Raises ``ReadError`` where the file is gone or damaged, or cannot be shown.
    """
    import pydicom

    from medgan_viewer.dicom import read_graphics, read_maps

    try:
        if result.path.stat().st_size > _MOST_BYTES:
            raise ReadError(result.path, f"This {result.kind} is larger than this program opens.")
        dataset = pydicom.dcmread(result.path)
        _check_size(dataset)
        uid = result.sop_instance_uid or str(result.path)
        match result.kind:
            case "segmentation":
                labels, notes = read_maps.segmentations(dataset, series, stack, uid)
                return Opened(result, tuple(labels), notes=tuple(notes))
            case "parametric map":
                maps, notes = read_maps.maps(dataset, series, stack, uid)
                return Opened(result, tuple(maps), notes=tuple(notes))
            case "report":
                drawn, findings, notes = read_graphics.report(dataset, series, stack, uid)
                written = made_by(dataset, series).created
                return Opened(result, tuple(drawn), findings, notes=tuple(notes), written=written)
            case _:
                drawn, window, notes = read_graphics.presentation(dataset, series, stack, uid)
                return Opened(result, tuple(drawn), window=window, notes=tuple(notes))
    except UsageError as error:
        raise ReadError(result.path, error.sentence) from error
    except OSError as error:
        raise ReadError(result.path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except ReadError:
        raise
    except Exception as error:
        # pydicom and its decoders raise many kinds of errors on bytes that make no sense.
        raise DecodeError(result.path, f"This {result.kind} is damaged or breaks DICOM's rules.") from error


def _check_size(dataset: "Dataset") -> None:
    """Refuse a size that no result has, and more frames than are described, before memory or time is spent on them."""
    frames = int(dataset.get("NumberOfFrames") or 1)
    pixels = int(dataset.get("Rows") or 0) * int(dataset.get("Columns") or 0) * frames
    described = len(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    if pixels > _MOST_PIXELS or (frames > 1 and frames > described):
        raise UsageError("This object claims more frames or pixels than it describes or than this program opens.")
