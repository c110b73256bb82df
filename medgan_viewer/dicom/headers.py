"""What one DICOM file says about itself, read without its pixels."""

import math
import os
import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from pydicom import config
from pydicom.charset import convert_encodings, default_encoding
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag
from pydicom.uid import UID

from medgan_viewer.core.catalog import Instance, Patient, VoiTable, WindowFunction
from medgan_viewer.dicom.frames import Acquisition, frame_bytes, instances_of
from medgan_viewer.dicom.lookup import voi_tables, voi_windows
from medgan_viewer.dicom.values import Elements, Source, integer, items, number, numbers, text, texts
from medgan_viewer.errors import ReadError

__all__ = ["Header", "read_header"]

# Scanners write values that break the rules in harmless ways; a viewer reads them without a warning on the terminal
# for each.
config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")

_KEYWORDS = (
    "SpecificCharacterSet ImageType SOPClassUID SOPInstanceUID SyntheticData StudyDate AccessionNumber Modality "
    "InstitutionName StudyDescription SeriesDescription DerivationDescription "
    "PatientName PatientID PatientBirthDate PatientSex PatientAge ContrastBolusAgent BodyPartExamined "
    "SliceThickness RepetitionTime EchoTime InversionTime DiffusionBValue TriggerTime ProtocolName "
    "ContributingEquipmentSequence "
    "StudyInstanceUID SeriesInstanceUID SeriesNumber AcquisitionNumber InstanceNumber ImagePositionPatient "
    "ImageOrientationPatient FrameOfReferenceUID TemporalPositionIdentifier "
    "SamplesPerPixel PhotometricInterpretation NumberOfFrames Rows Columns PixelSpacing ImagerPixelSpacing "
    "NominalScannedPixelSpacing BitsAllocated BitsStored HighBit PixelRepresentation PixelPaddingValue "
    "PixelPaddingRangeLimit WindowCenter WindowWidth RescaleIntercept RescaleSlope LossyImageCompression "
    "ModalityLUTSequence SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence "
    "VOILUTSequence VOILUTFunction LossyImageCompressionRatio AcquisitionTime AcquisitionDateTime FrameReferenceTime "
    "ComplexImageComponent"
)
# OverlayRows of each group that an overlay plane can be in.
_OVERLAY_ROWS = tuple(group << 16 | 0x0010 for group in range(0x6000, 0x6020, 2))
_TAGS: list[BaseTag | int] = [tag for name in _KEYWORDS.split() if (tag := tag_for_keyword(name)) is not None]
_TAGS += _OVERLAY_ROWS
_PIXEL_DATA, _PIXEL_TAGS = 0x7FE00010, {0x7FE00008, 0x7FE00009, 0x7FE00010}
_UNDEFINED_LENGTH = 0xFFFFFFFF
# Tags of the items of compressed pixel data and of their end, as a little-endian number.
_ITEM, _SEQUENCE_END = 0xE000FFFE, 0xE0DDFFFE
_IMPLICIT, _EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
_DEFLATED, _BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
_UNCOMPRESSED = (_IMPLICIT, _EXPLICIT, _DEFLATED, _BIG_ENDIAN)
_LOSSY_SYNTAXES = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 81, 91, 203)}
# A frame or file that decodes to more than this is taken for a mistake or an attack, not for an image.
_MAX_FRAME_BYTES = 1 << 30
_MAX_FILE_BYTES = 1 << 33
_MAX_INFLATED_HEADER = 1 << 26
# Above this size a compressed frame that shrinks more than a thousandfold is not believed.
_DOUBTFUL_BYTES, _MAX_RATIO = 1 << 26, 1000
# What pydicom raises on bytes that make no sense.
_DAMAGES = (
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    ValueError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Header:
    """The series-level facts of one file, and the images in it with how each was acquired."""

    path: Path
    study_uid: str
    patient: Patient
    study_date: str
    study_description: str
    accession: str
    institution: str
    series_uid: str
    series_number: int | None
    modality: str
    description: str
    protocol: str
    body_part: str
    frame_of_reference_uid: str | None
    image_type: tuple[str, ...]
    # Repetition, echo and inversion time in ms.
    times: tuple[float | None, float | None, float | None]
    agent: str
    # (width, centre) pairs.
    windows: tuple[tuple[float, float], ...]
    synthetic: bool
    simulated: bool
    # "lossy", with the ratio where it is known, or "".
    lossy: str
    # Whether there is a Modality LUT, or a VOI LUT and no window, that makes no sense.
    modality_lut: bool
    voi_lut: bool
    window_function: WindowFunction
    voi_tables: tuple[VoiTable, ...]
    graphics: bool
    instances: tuple[Instance, ...]
    acquisitions: tuple[Acquisition, ...]


@dataclass(frozen=True, slots=True)
class _Pixels:
    """Where the pixel data element is: its tag, the length it claims and the byte at which its value begins."""

    tag: int
    length: int
    offset: int


def read_header(path: Path) -> Header:
    """Read the header of a DICOM file, with or without preamble.

    Raises ReadError with one sentence where the file is not DICOM, is cut off, holds no image or claims an absurd size.
    """
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except OSError as error:
        raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except _DAMAGES as error:
        raise ReadError(path, "The file is damaged or cut off inside its header.") from error


def _read(path: Path, file: BinaryIO) -> Header:
    size = os.fstat(file.fileno()).st_size
    meta = _file_meta(path, file)
    syntax, implicit, little = _encoding(path, file, text(meta, "TransferSyntaxUID"))
    source = file
    if syntax == _DEFLATED:
        source, size = _inflated(path, file)
    dataset, pixels = _elements(source, size, implicit, little)
    found = _checked(path, dataset, pixels, text(dataset, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID"))
    if syntax in _UNCOMPRESSED:
        _check_size(path, dataset, found.length, size - found.offset)
    else:
        _check_compressed_size(path, dataset, size - found.offset)
        _check_fragments(path, file, found.offset, size)
    return _header(path, dataset, syntax, found.offset if syntax in (_IMPLICIT, _EXPLICIT) else None)


def _file_meta(path: Path, file: BinaryIO) -> Elements:
    """Return the file meta information, empty where there is none, and leave the file at the data set."""
    start = file.read(132)
    if not start:
        raise ReadError(path, "The file is empty.")
    if start[128:] != b"DICM":
        # Old files have neither preamble nor file meta information, or only no preamble.
        if not _looks_like_dicom(start):
            raise ReadError(path, "This is not a DICOM file.")
        file.seek(0)
    position, elements = file.tell(), {}
    for element in data_element_generator(file, False, True, lambda tag, vr, length: int(tag) >> 16 != 2):
        elements[int(element.tag)] = element
    if not elements:
        file.seek(position)
    return Elements(elements, default_encoding)


def _looks_like_dicom(start: bytes) -> bool:
    """Whether bytes begin like a bare data set: group 0002 or 0008, an element of it, a VR or a small length."""
    if len(start) < 16:
        return False
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    small = struct.unpack("<L", start[4:8])[0] < 1024
    little, big = struct.unpack("<HH", start[:4]), struct.unpack(">HH", start[:4])
    return (little[0] in (2, 8) and little[1] < 0x100 and (explicit or small)) or (
        big[0] == 8 and big[1] < 0x100 and explicit
    )


def _encoding(path: Path, file: BinaryIO, syntax: str) -> tuple[str, bool, bool]:
    """Return transfer syntax, implicit VR and little endian, guessed where the file does not name its syntax."""
    if syntax:
        return syntax, syntax == _IMPLICIT, syntax != _BIG_ENDIAN
    start = file.read(8)
    file.seek(-len(start), os.SEEK_CUR)
    if len(start) < 8:
        raise ReadError(path, "The file is cut off inside its header.")
    group, _, vr = struct.unpack("<HH2s", start[:6])
    if not (vr.isalpha() and vr.isupper()):
        return _IMPLICIT, True, True
    # Group 0008 read in the wrong byte order is 0x0800.
    return (_EXPLICIT, False, True) if group < 0x100 else (_BIG_ENDIAN, False, False)


def _inflated(path: Path, file: BinaryIO) -> tuple[BinaryIO, int]:
    """Return the start of a deflated data set, enough for any header, and the size of the whole; never a bomb."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        start = inflater.decompress(file.read(), _MAX_INFLATED_HEADER)
        size = len(start)
        while inflater.unconsumed_tail:
            size += len(inflater.decompress(inflater.unconsumed_tail, _MAX_INFLATED_HEADER))
            if size > _MAX_FRAME_BYTES:
                raise ReadError(path, "The deflated data set grows beyond all bounds.")
    except zlib.error as error:
        raise ReadError(path, "The deflated data set is damaged.") from error
    return BytesIO(start), size


def _elements(source: BinaryIO, size: int, implicit: bool, little: bool) -> tuple[Elements, _Pixels | None]:
    """Return the wanted elements and where the pixels are (None where there are none)."""
    met: list[_Pixels] = []
    limit = max(size, _MAX_INFLATED_HEADER)

    def at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag in _PIXEL_TAGS:
            met.append(_Pixels(int(tag), length, source.tell()))
        elif length != _UNDEFINED_LENGTH and source.tell() + length > limit:
            raise EOFError
        return bool(met)

    elements: dict[int, Any] = {}
    for element in data_element_generator(source, implicit, little, at_pixels, specific_tags=_TAGS):
        elements[int(element.tag)] = element
    names = texts(Elements(elements, default_encoding), "SpecificCharacterSet")
    encoding = convert_encodings(list(names)) if names else default_encoding
    return Elements(elements, encoding), met[0] if met else None


def _checked(path: Path, dataset: Elements, pixels: _Pixels | None, sop_class: str) -> _Pixels:
    """Return where the pixels are, or say why this is no image to look at."""
    name = UID(sop_class).name.removesuffix(" Storage") if sop_class else ""
    if pixels is not None and (pixels.tag != _PIXEL_DATA or integer(dataset, "BitsAllocated") == 1):
        raise ReadError(path, f"This is a {name or 'map'} object, not a scan; open the series it belongs to.")
    if pixels is None:
        if sop_class == "1.2.840.10008.1.3.10":
            raise ReadError(path, "This is a table of contents (DICOMDIR); open its folder instead.")
        if name and "Image" not in name and name != sop_class:
            raise ReadError(path, f"This is a {name} object, which holds no image.")
        raise ReadError(path, "The file has no pixel data: it was cut off, or only its header was saved.")
    if (bits := integer(dataset, "BitsAllocated") or 16) not in (8, 16, 32):
        raise ReadError(path, f"The image has {bits} bits a pixel, which this program does not read.")
    if not integer(dataset, "Rows") or not integer(dataset, "Columns"):
        raise ReadError(path, "The file does not say how many rows and columns its image has.")
    return pixels


def _claim(path: Path, dataset: Elements) -> tuple[str, int]:
    """Return the size that a header claims, in words and in bytes. Refuses what no image has."""
    frames = max(integer(dataset, "NumberOfFrames") or 1, 1)
    frame = frame_bytes(dataset)
    words = f"{integer(dataset, 'Rows')} × {integer(dataset, 'Columns')} × {frames} pixels"
    if frame > _MAX_FRAME_BYTES or frame * frames > _MAX_FILE_BYTES:
        raise ReadError(path, f"The image claims {words}, more than this program opens.")
    return words, frame * frames


def _check_size(path: Path, dataset: Elements, length: int, left: int) -> None:
    """Refuse an image that is cut off: ``length`` is what its raw pixel data claims, ``left`` what the file holds."""
    words, claimed = _claim(path, dataset)
    if length != _UNDEFINED_LENGTH:
        claimed = max(claimed, length)
    if claimed > left:
        raise ReadError(path, f"The file is cut off: {words} take {claimed} bytes, it holds {max(left, 0)}.")


def _check_compressed_size(path: Path, dataset: Elements, left: int) -> None:
    """Refuse a size that no compression reaches, before memory is asked for."""
    words, claimed = _claim(path, dataset)
    if claimed > max(_DOUBTFUL_BYTES, left * _MAX_RATIO):
        raise ReadError(path, f"The image claims {words}, which its {left} bytes cannot hold.")


def _check_fragments(path: Path, file: BinaryIO, position: int, size: int) -> None:
    """Walk over the fragments of compressed pixel data without reading them; refuse them where they are cut off."""
    while position + 8 <= size:
        file.seek(position)
        tag, length = struct.unpack("<LL", file.read(8))
        if tag == _SEQUENCE_END:
            return
        if tag != _ITEM:
            raise ReadError(path, "The compressed pixels are damaged.")
        position += 8 + length
    if position > size:
        raise ReadError(path, f"The file is cut off: {position - size} bytes of its compressed pixels are missing.")


def _header(path: Path, dataset: Elements, syntax: str, offset: int | None) -> Header:
    instances, acquisitions = instances_of(path, dataset, syntax, offset)
    derivation = text(dataset, "DerivationDescription")
    image_type = texts(dataset, "ImageType")
    windows, function = _windows(dataset)
    # What goes into the table are modality values, which the intercept may have made negative.
    below_zero = any(i.rescale[1] < 0 or (i.signed and i.storage.lookup is None) for i in instances)
    tables = voi_tables(dataset, signed=below_zero, little=syntax != _BIG_ENDIAN)
    return Header(
        path=path,
        study_uid=text(dataset, "StudyInstanceUID"),
        patient=Patient(
            text(dataset, "PatientName"),
            text(dataset, "PatientID"),
            text(dataset, "PatientBirthDate"),
            text(dataset, "PatientSex"),
            text(dataset, "PatientAge"),
        ),
        study_date=text(dataset, "StudyDate"),
        study_description=text(dataset, "StudyDescription"),
        accession=text(dataset, "AccessionNumber"),
        institution=text(dataset, "InstitutionName"),
        series_uid=text(dataset, "SeriesInstanceUID"),
        series_number=integer(dataset, "SeriesNumber"),
        modality=text(dataset, "Modality") or "OT",
        description=text(dataset, "SeriesDescription"),
        protocol=text(dataset, "ProtocolName"),
        body_part=text(dataset, "BodyPartExamined"),
        frame_of_reference_uid=text(dataset, "FrameOfReferenceUID") or None,
        image_type=image_type,
        times=(
            number(dataset, "RepetitionTime"),
            number(dataset, "EchoTime"),
            number(dataset, "InversionTime"),
        ),
        agent=text(dataset, "ContrastBolusAgent"),
        windows=windows,
        window_function=function,
        voi_tables=tables,
        synthetic=_is_synthetic(dataset, image_type),
        simulated="simulated from an anatomical model" in derivation.lower(),
        lossy=_lossy(dataset, syntax),
        modality_lut=bool(items(dataset, "ModalityLUTSequence")) and instances[0].storage.lookup is None,
        voi_lut=bool(items(dataset, "VOILUTSequence")) and not tables and not windows,
        graphics=any(dataset.holds(tag) for tag in _OVERLAY_ROWS),
        instances=instances,
        acquisitions=acquisitions,
    )


def _lossy(dataset: Elements, syntax: str) -> str:
    """Return whether and how far the pixels were compressed with loss, in words: "lossy 12:1", "lossy" or ""."""
    ratios = numbers(dataset, "LossyImageCompressionRatio") or ()
    ratio = math.prod(ratios)
    if text(dataset, "LossyImageCompression") != "01" and syntax not in _LOSSY_SYNTAXES:
        return ""
    return f"lossy {ratio:.3g}:1" if ratio > 1 else "lossy"


def _windows(dataset: Elements) -> tuple[tuple[tuple[float, float], ...], WindowFunction]:
    """Return the VOI windows as (width, centre), those of the middle frame where frames have their own, and what they
    are.
    """
    frames = items(dataset, "PerFrameFunctionalGroupsSequence")
    groups = [frames[len(frames) // 2]] if frames else []
    groups += items(dataset, "SharedFunctionalGroupsSequence")
    sources: list[Source] = [dataset, *(item for group in groups for item in items(group, "FrameVOILUTSequence"))]
    return next((found for source in sources if (found := voi_windows(source))[0]), ((), "LINEAR"))


def _is_synthetic(dataset: Elements, image_type: tuple[str, ...]) -> bool:
    """Whether a model made the pixels: by SyntheticData, ImageType or this program's entry among the equipment."""
    if text(dataset, "SyntheticData").upper() == "YES" or "SYNTHETIC" in (part.upper() for part in image_type):
        return True
    return any(
        text(code, "CodeValue") == "109100" and "medgan" in _equipment(item).lower()
        for item in items(dataset, "ContributingEquipmentSequence")
        for code in items(item, "PurposeOfReferenceCodeSequence")
    )


def _equipment(item: Dataset) -> str:
    names = ("Manufacturer", "ManufacturerModelName", "ContributionDescription")
    return " ".join(text(item, keyword) for keyword in names)
