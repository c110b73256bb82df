"""The images in a data set: one, or each frame of a multi-frame file with its own place, rescale and acquisition."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pydicom.dataset import Dataset

from medgan_viewer.core.catalog import Instance, Storage
from medgan_viewer.dicom import lookup
from medgan_viewer.dicom.values import Source, first_item, integer, items, number, numbers, text, texts

__all__ = ["Acquisition", "frame_bytes", "instances_of"]


class Acquisition(NamedTuple):
    """What tells images at one place apart.

    ``kind`` is what makes them another image of the same thing: image type (magnitude and phase, maps), echo time,
    b-value, inversion time, contrast agent. ``times`` order them in time: temporal position, trigger delay, frame
    reference time, acquisition number, time of acquisition. ``moment`` is that time in seconds of its day, or the delay
    after the trigger, where one is known. ``stack`` names the stack of a multi-frame file that a frame belongs to.
    """

    kind: tuple[object, ...]
    times: tuple[float | None, ...]
    moment: float | None = None
    stack: str = ""


# Lengths and positions beyond these are mistakes, whatever was scanned.
_SMALLEST_MM, _LARGEST_MM, _FARTHEST_MM = 1e-4, 1e3, 1e5

# The functional groups that say where a frame is, how its values are scaled and how it was acquired.
_MACROS = (
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "PixelMeasuresSequence",
    "PixelValueTransformationSequence",
    "FrameContentSequence",
    "MREchoSequence",
    "MRDiffusionSequence",
    "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence",
    "PETFrameTypeSequence",
    "MRModifierSequence",
    "TemporalPositionSequence",
    "CardiacSynchronizationSequence",
)
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
# The date before the time is no part of a time by itself; one that ends with the minutes is none to order images by.
_CLOCK = r"(\d{2})(\d{2})(\d{2}(?:\.\d+)?)"
_CLOCKS = {
    "FrameAcquisitionDateTime": re.compile(rf"\d{{8}}{_CLOCK}"),
    "AcquisitionDateTime": re.compile(rf"\d{{8}}{_CLOCK}"),
    "AcquisitionTime": re.compile(_CLOCK),
}


def frame_bytes(dataset: Source) -> int:
    """Return how many bytes one frame takes when it is not compressed."""
    rows, columns, samples, bits = (
        integer(dataset, keyword) or default
        for keyword, default in (("Rows", 0), ("Columns", 0), ("SamplesPerPixel", 1), ("BitsAllocated", 16))
    )
    pixels = rows * columns * samples
    if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        pixels = pixels * 2 // 3
    return (pixels * bits + 7) // 8


def instances_of(
    path: Path, dataset: Source, syntax: str, offset: int | None
) -> tuple[tuple[Instance, ...], tuple[Acquisition, ...]]:
    """Return the images of a file and, one each, how they were acquired.

    ``offset`` is where raw little-endian pixels begin, None where they have to be decoded.
    """
    count = max(integer(dataset, "NumberOfFrames") or 1, 1)
    shared = first_item(dataset, "SharedFunctionalGroupsSequence")
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    storage = _storage(dataset, syntax, offset)
    if count == 1 and not groups:
        instance = _instance(path, dataset, [dataset], storage, None)
        return (instance,), (_acquisition([dataset]),)
    images, acquisitions = [], []
    size = frame_bytes(dataset)
    for frame in range(count):
        own = groups[frame] if frame < len(groups) else None
        sources = _functional_groups(own, shared)
        # Frames without functional groups (cine, captures) have no place of their own, whatever the file says.
        has_place = count == 1 or bool(sources)
        sources.append(dataset)
        own_storage = storage if offset is None else replace(storage, offset=offset + frame * size)
        images.append(_instance(path, dataset, sources, own_storage, frame, has_place))
        acquisitions.append(_acquisition(sources))
    return tuple(images), tuple(acquisitions)


def _functional_groups(own: Dataset | None, shared: Dataset | None) -> list[Source]:
    """Return the macros that describe a frame, its own before the shared ones."""
    found = (first_item(group, name) for group in (own, shared) for name in _MACROS)
    return [macro for macro in found if macro is not None]


def _found(sources: list[Source], keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    return next((value for source in sources if (value := numbers(source, keyword, count)) is not None), None)


def _instance(
    path: Path, dataset: Source, sources: list[Source], storage: Storage, frame: int | None, has_place: bool = True
) -> Instance:
    position = _found(sources, "ImagePositionPatient", 3) if has_place else None
    orientation = _cosines(_found(sources, "ImageOrientationPatient", 6)) if has_place else None
    if position is None or orientation is None or max(map(abs, position)) > _FARTHEST_MM:
        # One without the other is no place in space.
        position = orientation = None
    spacing = next(
        (
            found
            for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
            if (found := _found(sources, keyword, 2)) is not None and _is_length(*found)
        ),
        None,
    )
    thickness = _found(sources, "SliceThickness")
    # A table is there in place of slope and intercept.
    scaled = storage.lookup is None
    slope, intercept = (_found(sources, name) if scaled else None for name in ("RescaleSlope", "RescaleIntercept"))
    return Instance(
        path=path,
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        sop_class_uid=text(dataset, "SOPClassUID"),
        number=integer(dataset, "InstanceNumber"),
        rows=integer(dataset, "Rows") or 0,
        columns=integer(dataset, "Columns") or 0,
        position=None if position is None else (position[0], position[1], position[2]),
        orientation=orientation,
        pixel_spacing=None if spacing is None else (spacing[0], spacing[1]),
        thickness=thickness[0] if thickness and _is_length(thickness[0]) else None,
        # A slope of 0 would erase the image; it is a scanner's way to leave the value out.
        rescale=((slope[0] if slope else 1.0) or 1.0, intercept[0] if intercept else 0.0),
        signed=integer(dataset, "PixelRepresentation") == 1,
        bits_stored=_bits(dataset)[1],
        frame=frame,
        storage=storage,
    )


def _cosines(values: tuple[float, ...] | None) -> tuple[float, float, float, float, float, float] | None:
    """Return both directions at length 1 exactly (they are rounded in the file), None where they are no directions."""
    if values is None:
        return None
    lengths = math.hypot(*values[:3]), math.hypot(*values[3:])
    across = sum(x * y for x, y in zip(values[:3], values[3:], strict=True))
    if min(lengths) < 0.9 or max(lengths) > 1.1 or abs(across) > 0.05:
        return None
    a, b, c = (value / lengths[0] for value in values[:3])
    d, e, f = (value / lengths[1] for value in values[3:])
    return a, b, c, d, e, f


def _is_length(*values: float) -> bool:
    """Whether all values can be the size of something in an image, in mm."""
    return all(_SMALLEST_MM <= value <= _LARGEST_MM for value in values)


def _bits(dataset: Source) -> tuple[int, int, int]:
    """Return bits allocated, bits stored and high bit; what cannot be is taken as if it were not there."""
    allocated = integer(dataset, "BitsAllocated") or 16
    stored = integer(dataset, "BitsStored") or allocated
    if not 1 <= stored <= allocated:
        stored = allocated
    high_bit = integer(dataset, "HighBit")
    if high_bit is None or not stored <= high_bit + 1 <= allocated:
        high_bit = stored - 1
    return allocated, stored, high_bit


def _storage(dataset: Source, syntax: str, offset: int | None) -> Storage:
    allocated, _, high_bit = _bits(dataset)
    return Storage(
        transfer_syntax_uid=syntax,
        bits_allocated=allocated,
        high_bit=high_bit,
        samples=integer(dataset, "SamplesPerPixel") or 1,
        photometric=text(dataset, "PhotometricInterpretation") or "MONOCHROME2",
        padding=_padding(dataset),
        offset=offset,
        lookup=_lookup(dataset, little=syntax != _BIG_ENDIAN),
    )


def _lookup(dataset: Source, *, little: bool) -> tuple[int, int] | None:
    """Return the lowest and the highest value of the Modality LUT, None where there is none that makes sense."""
    if not text(dataset, "PhotometricInterpretation").startswith("MONOCHROME"):
        return None
    table = lookup.modality_table(dataset, signed=integer(dataset, "PixelRepresentation") == 1, little=little)
    return None if table is None else (int(table.entries.min()), int(table.entries.max()))


def _padding(dataset: Source) -> tuple[int, int] | None:
    """Return the lowest and the highest padding value, as signed as the pixels are."""
    value = integer(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = integer(dataset, "PixelPaddingRangeLimit")
    ends = [value, value if limit is None else limit]
    if integer(dataset, "PixelRepresentation") == 1:
        # Written as unsigned by scanners that forget the sign.
        bits = _bits(dataset)[0]
        ends = [end - (1 << bits) if end >= 1 << (bits - 1) else end for end in ends]
    return min(ends), max(ends)


def _acquisition(sources: list[Source]) -> Acquisition:
    def first(*keywords: str) -> float | None:
        found = (number(source, keyword) for source in sources for keyword in keywords)
        return next((value for value in found if value is not None), None)

    image_type = next((found for s in sources for name in ("FrameType", "ImageType") if (found := texts(s, name))), ())
    complex_part, agent, stack = (
        next((words for s in sources if (words := text(s, keyword))), "")
        for keyword in ("ComplexImageComponent", "ContrastBolusAgent", "StackID")
    )
    echo = first("EffectiveEchoTime", "EchoTime")
    b_value = first("DiffusionBValue")
    inversion = first("InversionTimes", "InversionTime")
    delay = first("NominalCardiacTriggerDelayTime", "TriggerTime")
    clock = _seconds(sources)
    reference = first("FrameReferenceTime", "TemporalPositionTimeOffset")
    times = (
        first("TemporalPositionIndex", "TemporalPositionIdentifier"),
        delay,
        reference,
        first("FrameAcquisitionNumber", "AcquisitionNumber"),
        clock,
    )
    moment = delay / 1000.0 if delay is not None else clock
    return Acquisition((image_type, complex_part, echo, b_value, inversion, agent), times, moment, stack)


def _seconds(sources: list[Source]) -> float | None:
    """Return the time of day in seconds at which an image was acquired, None where it does not say."""
    for source in sources:
        for keyword, clock in _CLOCKS.items():
            match = clock.match(text(source, keyword))
            if match:
                return 3600.0 * int(match[1]) + 60.0 * int(match[2]) + float(match[3])
    return None
