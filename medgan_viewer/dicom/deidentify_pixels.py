"""Identity that hides in pixels and graphics: what is refused, what is cleaned, what somebody should look at."""

import struct
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from medgan_viewer.dicom import deidentify_reports
from medgan_viewer.dicom.mark import OVERLAY_TEXT, overlay_plane
from medgan_viewer.dicom.provenance import PROGRAM
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.tag import BaseTag

__all__ = ["check", "clean"]

_SEGMENTATION, _PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.30"
_LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"
_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"
# Kinds of images into which devices write names and dates.
_OFTEN_LETTERED = ("US", "IVUS", "OT", "SC", "ES", "XC", "GM", "OP", "ECG", "EPS", "HD", "DOC")
_NEVER_LETTERED = ("CT", "MR", "PT", "NM", "SEG", "SR", "PR")
_HEADS = ("HEAD", "BRAIN", "SKULL", "FACE", "NECK")
# JPEG and JPEG 2000: start of image, and where the coded image begins.
_STARTS = {b"\xff\xd8": 0xDA, b"\xff\x4f": 0x90}
_KEPT_APPLICATIONS = (0xE0, 0xE8, 0xEE)


def check(dataset: "Dataset") -> tuple[str, ...]:
    """Return what somebody should look at before the object is passed on.

    Raises ``UsageError`` where it cannot be known to be free of identity: burned-in text, captures by other programs,
    documents, reports and drawings by others.
    """
    own = str(dataset.get("Manufacturer", "")) == PROGRAM
    _check_class(dataset, own)
    if str(dataset.get("BurnedInAnnotation", "")).upper() == "YES":
        raise _refusal("image has text about the patient burned into its pixels")
    says_no = str(dataset.get("BurnedInAnnotation", "")).upper() == "NO"
    modality, body_part = str(dataset.get("Modality", "")), str(dataset.get("BodyPartExamined", "")).upper()
    lettered = modality in _OFTEN_LETTERED or str(dataset.SOPClassUID).startswith(_CAPTURES)
    if (lettered or _is_screenshot(dataset)) and not own and not says_no:
        raise _refusal(
            "picture may have text about the patient burned into its pixels and does not say that it has not"
        )
    notes = [deidentify_reports.NOTE] if deidentify_reports.is_cleanable(dataset, own=own) else []
    if lettered or (modality not in _NEVER_LETTERED and not says_no):
        notes.append("Look at the pictures before you pass them on: text burned into pixels is not searched for.")
    if any(part in body_part for part in _HEADS) and modality in ("CT", "MR"):
        notes.append("A face may be recognised in a rendering of head images; faces are not removed.")
    return tuple(notes)


def _check_class(dataset: "Dataset", own: bool) -> None:
    uid = str(dataset.get("SOPClassUID") or "")
    name = getattr(dataset.get("SOPClassUID"), "name", uid) if uid else ""
    if not uid or "SOPInstanceUID" not in dataset:
        raise _refusal("file is no object of an examination (it has no class or no identifier of its own)")
    allowed = (_SEGMENTATION, _PARAMETRIC_MAP, _LABEL_MAP)
    if "Image Storage" in name or uid.startswith(_CAPTURES):
        return
    if (
        uid not in allowed
        and not (own and uid.startswith(_REPORTS))
        and not deidentify_reports.is_cleanable(dataset, own=own)
    ):
        raise _refusal(f"{name.removesuffix(' Storage') or 'object'} may name the patient anywhere in its content")


def _refusal(what: str) -> UsageError:
    return UsageError(f"This {what}; it is left out.")


def _is_screenshot(dataset: "Dataset") -> bool:
    return any("SCREEN" in str(value).upper() for value in dataset.get("ImageType") or [])


def clean(dataset: "Dataset") -> "Counter[tuple[str, str]]":
    """Take away curves, overlays but our own mark, embedded overlay bits, bytes behind the image, JPEG comments."""
    changes: Counter[tuple[str, str]] = Counter()
    for tag in [tag for tag in _tags(dataset) if 0x5000 <= tag.group <= 0x50FF]:
        del dataset[tag]
        changes["curve attribute", "removed"] += 1
    for group in sorted({tag.group for tag in _tags(dataset) if 0x6000 <= tag.group <= 0x60FF}):
        if _is_own_mark(dataset, group):
            continue
        if (group, 0x3000) not in dataset and (group, 0x0102) in dataset:
            _clear_embedded(dataset)
        for tag in [tag for tag in _tags(dataset) if tag.group == group]:
            del dataset[tag]
            changes["overlay attribute", "removed"] += 1
    if "PixelData" in dataset:
        removed = _clean_encapsulated(dataset) if dataset["PixelData"].is_undefined_length else _cut_native(dataset)
        if removed:
            changes["bytes beside the pixels", "removed"] += removed
    return changes


def _tags(dataset: "Dataset") -> "list[BaseTag]":
    return list(dataset.keys())


def _is_own_mark(dataset: "Dataset", group: int) -> bool:
    """Whether an overlay is the warning that this program writes, bit for bit."""
    if {tag.element for tag in _tags(dataset) if tag.group == group} != {
        *(0x0010, 0x0011, 0x0022, 0x0040, 0x0050, 0x0100, 0x0102, 0x1500, 0x3000)
    }:
        return False
    rows, columns = int(dataset[group, 0x0010].value), int(dataset[group, 0x0011].value)
    words = {str(dataset[group, element].value) for element in (0x0022, 0x1500)}
    if words != {OVERLAY_TEXT} or rows * columns > 1 << 26:
        return False
    bits = np.packbits(overlay_plane(rows, columns).ravel(), bitorder="little").tobytes()
    return bytes(dataset[group, 0x3000].value).rstrip(b"\0") == bits.rstrip(b"\0")


def _clear_embedded(dataset: "Dataset") -> None:
    """Clear the unused bits of pixels, where old scanners kept overlays. Raises ``UsageError`` for compressed ones."""
    allocated, stored = int(dataset.get("BitsAllocated", 16)), int(dataset.get("BitsStored", 16))
    if "PixelData" not in dataset or allocated not in (8, 16):
        return
    if dataset["PixelData"].is_undefined_length:
        raise _refusal("image has a drawing within its compressed pixels")
    low = int(dataset.get("HighBit", stored - 1)) + 1 - stored
    kind = "<u2" if allocated == 16 else "u1"
    values = np.frombuffer(dataset.PixelData, kind) & np.dtype(kind).type(((1 << stored) - 1) << low)
    dataset.PixelData = values.astype(kind).tobytes()


def _cut_native(dataset: "Dataset") -> int:
    """Cut what stands behind the last pixel; return how many bytes that were."""
    if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
        return 0
    try:
        pixels = int(dataset.Rows) * int(dataset.Columns) * int(dataset.get("NumberOfFrames") or 1)
        bits = pixels * int(dataset.get("SamplesPerPixel", 1)) * int(dataset.BitsAllocated)
    except (AttributeError, TypeError, ValueError):
        return 0
    length = -(-bits // 8)
    extra = bytes(dataset.PixelData[length:])
    if len(extra) <= length % 2 and not extra.strip(b"\0"):
        return 0
    dataset.PixelData = dataset.PixelData[:length] + b"\0" * (length % 2)
    return len(extra)


def _clean_encapsulated(dataset: "Dataset") -> int:
    """Take comments and application data out of the JPEG headers; return how many bytes that were."""
    from pydicom.encaps import generate_fragments

    fragments = list(generate_fragments(dataset.PixelData))
    cleaned = [_without_comments(fragment) for fragment in fragments]
    removed = sum(map(len, fragments)) - sum(map(len, cleaned))
    if removed:
        # The first item is the table of offsets, which may be empty.
        items = [b"", *(fragment + b"\0" * (len(fragment) % 2) for fragment in cleaned[1:])]
        dataset.PixelData = b"".join(struct.pack("<HHL", 0xFFFE, 0xE000, len(item)) + item for item in items)
        dataset.PixelData += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            if keyword in dataset:
                del dataset[keyword]
    return removed


def _without_comments(stream: bytes) -> bytes:
    """Return a JPEG or JPEG 2000 code stream whose header holds no comment and no application's own data."""
    end = _STARTS.get(stream[:2])
    if end is None:
        return stream
    comment = 0xFE if end == 0xDA else 0x64
    kept, position = [stream[:2]], 2
    while position + 4 <= len(stream) and stream[position] == 0xFF and stream[position + 1] != end:
        marker, (length,) = stream[position + 1], struct.unpack(">H", stream[position + 2 : position + 4])
        application = end == 0xDA and 0xE0 <= marker <= 0xEF and marker not in _KEPT_APPLICATIONS
        if marker != comment and not application:
            kept.append(stream[position : position + 2 + length])
        position += 2 + length
    kept.append(stream[position:])
    return b"".join(kept)
