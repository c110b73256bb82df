"""NIfTI-1 in and out (.nii, .nii.gz). The format says RAS mm; everything inside this program is LPS mm.

NIfTI records no acquired plane, no modality and no patient. What reading decides instead:

- slices run along the axis whose voxels are clearly longest (thick slices), else along the axis nearest to head-foot;
- axes are flipped and swapped, never resampled, so that each slice lies as a radiologist expects it;
- the modality is CT where the values are clearly Hounsfield units (much air near −1000), else MR;
- a model's result that :func:`write` marked is one again: synthetic, with heat maps and segmentations no scans at all.

Header layout: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
"""

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.volume import Vector, Volume
from medgan_viewer.dicom.arrangement import Grid, arranged, arrangement, study_of_grid
from medgan_viewer.dicom.atomic import new_file
from medgan_viewer.errors import ReadError

__all__ = [
    "SYNTHETIC_MARK",
    "ResultKind",
    "is_nifti",
    "modality_of",
    "read",
    "read_into",
    "result_in",
    "result_name",
    "study",
    "value_type",
    "write",
]

ResultKind = Literal["heat map", "segmentation edited by hand", "segmentation by hand", "segmentation", "doubt map"]

_NOT_FOR_DIAGNOSIS = "NOT FOR DIAGNOSIS"
# Begins the header's ``descrip`` (79 characters) of every synthetic volume.
SYNTHETIC_MARK = f"SYNTHETIC - {_NOT_FOR_DIAGNOSIS}"
# What else is made of a scan, and its modality when it is opened again; of two that begin alike the longer one first.
_RESULT_MODALITIES: dict[ResultKind, str] = {
    "heat map": "OT",
    "segmentation edited by hand": "SEG",
    "segmentation by hand": "SEG",
    "segmentation": "SEG",
    "doubt map": "OT",
}

_HEADER_BYTES = 348
_DATA_START = 352
_TYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
}
_CODES = {np.dtype(name): code for code, name in _TYPES.items()}
_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
_SECONDS_PER_UNIT = {8: 1.0, 16: 1e-3, 24: 1e-6}
_LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
# Steps and origins beyond these, and axes closer to one plane, are mistakes.
_SMALLEST_MM, _LARGEST_MM, _FARTHEST_MM, _LEAST_SPAN = 1e-4, 1e3, 1e5, 0.2
_MAX_BYTES = 1 << 33
# Deflate cannot shrink further than this.
_MAX_DEFLATION = 1032
_SAMPLE_BYTES = 1 << 22


@dataclass(frozen=True)
class _Layout:
    """A file's header: shape (i, j, k), stored type, where the voxels begin, scaling, and index (i, j, k) → LPS mm."""

    shape: tuple[int, int, int]
    kind: np.dtype[Any]
    start: int
    slope: float
    intercept: float
    affine: Vector
    description: str
    volumes: int
    # Between two volumes, 0 where the file does not say.
    seconds: float


def is_nifti(path: Path) -> bool:
    """Whether a file's name says NIfTI."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def read(path: Path) -> Volume:
    """Return the first volume of a file, in the orientation described above.

    Raises ReadError where the file is damaged, cut off or of a kind that is not read.
    """
    layout = _layout(path)
    series = study(path).series[0]
    axes, affine = arrangement(layout.shape, layout.affine)
    array = arranged(_voxels(path, layout), axes)
    unit = "HU" if series.modality == "CT" else ""
    return Volume(np.ascontiguousarray(array), affine, None, series.modality, unit, synthetic=series.synthetic)


def read_into(path: Path, out: NDArray[Any], time: int = 0) -> None:
    """Fill ``out`` [slice, row, column] with the voxels of a file at a time point. Raises ReadError."""
    layout = _layout(path)
    out[...] = arranged(_voxels(path, layout, time), arrangement(layout.shape, layout.affine)[0])


def value_type(path: Path) -> np.dtype[Any]:
    """Return the type in which a file's values are kept: the stored one, float32 where they are scaled."""
    layout = _layout(path)
    if (layout.slope, layout.intercept) != (1.0, 0.0) or layout.kind.kind == "f":
        return np.dtype(np.float32)
    return layout.kind.newbyteorder("=")


def study(path: Path) -> Study:
    """Return a file as a study of one series, with one instance for each slice. Raises ReadError."""
    layout = _layout(path)
    name = path.name.removesuffix(".gz").removesuffix(".nii")
    result = result_in(layout.description)
    modality = modality_of(result) or ("CT" if _is_hounsfield(path, layout) else "MR")
    return study_of_grid(
        path,
        Grid(layout.shape, layout.affine, layout.volumes, layout.seconds),
        file_format="nifti",
        description=name,
        modality=modality,
        synthetic=result is not None or layout.description.upper().startswith("SYNTHETIC"),
        warnings=_warnings(modality, result),
    )


def write(volume: Volume, path: Path, *, result: ResultKind | None = None, note: str = "") -> None:
    """Write a volume as NIfTI-1, gzipped where the name ends in .gz; int16 stays int16.

    The header says of a synthetic volume that it is one, then ``note``, then which kind of a model's ``result`` it is.
    Written under a temporary name and renamed. Raises WriteError.
    """
    array = volume.array.astype(np.uint8) if volume.array.dtype == bool else volume.array
    if array.dtype.newbyteorder("<") not in _CODES:
        array = array.astype(np.float32)
    header = _header(volume, array, _description(volume, result, note))
    with new_file(path) as temporary:
        opened: Any = gzip.GzipFile(temporary, "wb", 6, mtime=0) if path.suffix == ".gz" else temporary.open("wb")
        with opened as file:
            file.write(header)
            for image in array:
                file.write(np.ascontiguousarray(image, array.dtype.newbyteorder("<")).tobytes())


def _description(volume: Volume, result: ResultKind | None, note: str) -> str:
    """Return the header's ``descrip``; what must never be overlooked comes first."""
    name = [*([note] if note else []), *([] if result is None else [result_name(result)])]
    if volume.synthetic:
        return " - ".join([SYNTHETIC_MARK, *name, "MedGAN Viewer"])
    return " - ".join([*name, _NOT_FOR_DIAGNOSIS, "MedGAN Viewer"] if name else ["MedGAN Viewer"])


def result_in(words: str) -> ResultKind | None:
    """Return which kind of a model's result a file's own words say it is."""
    words = words.lower()
    if _NOT_FOR_DIAGNOSIS.lower() not in words:
        return None
    return next((kind for kind in _RESULT_MODALITIES if result_name(kind).lower() in words), None)


def result_name(kind: ResultKind) -> str:
    """Return what a file calls a result: by hand alone no model had a part in it."""
    return kind.capitalize() if kind == "segmentation by hand" else f"AI {kind}"


def modality_of(result: ResultKind | None) -> str:
    """Return the modality under which a model's result is opened, "" where there is none."""
    return "" if result is None else _RESULT_MODALITIES[result]


def _warnings(modality: str, result: ResultKind | None) -> tuple[str, ...]:
    if result is not None:
        return (f"This is no scan but an AI {result} that was exported; NIfTI records no patient.",)
    return (f"NIfTI records neither patient nor modality; the values are taken for {modality}.",)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            yield cast(BinaryIO, file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError(path, "The compressed file is damaged or cut off.") from error
    except OSError as error:
        raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error


def _layout(path: Path) -> _Layout:
    with _opened(path) as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise ReadError(path, "The file is too short for a NIfTI header.")
    order = next((sign for sign in "<>" if struct.unpack(f"{sign}i", header[:4])[0] == _HEADER_BYTES), None)
    if order is None or header[344:348] != b"n+1\0":
        raise ReadError(path, "This is not a NIfTI-1 file in one part.")
    dim = struct.unpack(f"{order}8h", header[40:56])
    sizes = [max(int(n), 1) for n in dim[1 : dim[0] + 1]] + [1] * 7
    code, _ = struct.unpack(f"{order}2h", header[70:74])
    if not 1 <= dim[0] <= 7 or code not in _TYPES:
        raise ReadError(path, "The file holds a kind of data that is not read (colour, complex or unknown).")
    kind = np.dtype(order + _TYPES[code])
    _check_size(path, [*sizes[:3], *(n for n in sizes[3:] if n > 1)], kind.itemsize)
    start, slope, intercept = struct.unpack(f"{order}3f", header[108:120])
    scaled = math.isfinite(slope) and slope != 0.0 and math.isfinite(intercept)
    return _Layout(
        shape=(sizes[0], sizes[1], sizes[2]),
        kind=kind,
        start=max(int(start), _DATA_START),
        slope=slope if scaled else 1.0,
        intercept=intercept if scaled else 0.0,
        affine=_affine(path, header, order),
        description=header[148:228].split(b"\0")[0].decode("latin-1").strip(),
        volumes=math.prod(sizes[3:]),
        seconds=_time_step(header, order),
    )


def _time_step(header: bytes, order: str) -> float:
    (step,) = struct.unpack(f"{order}f", header[92:96])
    seconds = float(step) * _SECONDS_PER_UNIT.get(header[123] & 0x38, 0.0)
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _check_size(path: Path, sizes: list[int], item: int) -> None:
    """Refuse what cannot be in the file, before memory is asked for."""
    claimed, held = math.prod(sizes) * item, path.stat().st_size
    size = " × ".join(str(n) for n in sizes)
    if path.suffix.lower() == ".gz":
        held *= _MAX_DEFLATION
    if claimed > held:
        raise ReadError(path, f"The file is cut off: it cannot hold the {size} voxels it claims.")
    if claimed > _MAX_BYTES:
        raise ReadError(path, f"The volume claims {size} voxels, more than is opened.")


def _affine(path: Path, header: bytes, order: str) -> Vector:
    """Return index (i, j, k) → LPS mm: by sform, else qform, else the pixel sizes alone (the format's own order)."""
    qform, sform = struct.unpack(f"{order}2h", header[252:256])
    pixdim = np.array(struct.unpack(f"{order}8f", header[76:108]), dtype=np.float64)
    affine = np.eye(4)
    if sform > 0:
        affine[:3] = np.array(struct.unpack(f"{order}12f", header[280:328])).reshape(3, 4)
    else:
        affine[:3, :3] = np.diag(np.where(pixdim[1:4] > 0, pixdim[1:4], 1.0))
        if qform > 0:
            quaternion = struct.unpack(f"{order}6f", header[256:280])
            affine[:3, :3] = _rotation(*quaternion[:3]) @ affine[:3, :3]
            affine[:3, 2] *= -1.0 if pixdim[0] < 0 else 1.0
            affine[:3, 3] = quaternion[3:]
    affine[:3] *= _MM_PER_UNIT.get(header[123] & 7, 1.0)
    if not _is_usable(affine):
        raise ReadError(path, "The file's orientation is unusable: its matrix places no volume in space.")
    return np.asarray(_LPS_FROM_RAS @ affine)


def _is_usable(affine: Vector) -> bool:
    """Whether an affine has steps of believable lengths that span the space, without absurd shear."""
    if not np.isfinite(affine).all() or np.abs(affine[:3, 3]).max() > _FARTHEST_MM:
        return False
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if lengths.min() < _SMALLEST_MM or lengths.max() > _LARGEST_MM:
        return False
    return abs(float(np.linalg.det(affine[:3, :3] / lengths))) > _LEAST_SPAN


def _rotation(b: float, c: float, d: float) -> Vector:
    """Return the rotation of a unit quaternion (a, b, c, d) with a ≥ 0, as nifti1.h defines it."""
    rest = 1.0 - (b * b + c * c + d * d)
    # The header's single precision cannot tell so small a rest from none: half a turn (as nifti1_io.c decides).
    a = math.sqrt(rest) if rest > 1e-7 else 0.0
    length = math.sqrt(a * a + b * b + c * c + d * d)
    a, b, c, d = (part / length for part in (a, b, c, d))
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )


def _voxels(path: Path, layout: _Layout, time: int = 0) -> NDArray[Any]:
    """Return the voxels [i, j, k] of a time point with their scaling applied."""
    size = math.prod(layout.shape) * layout.kind.itemsize
    with _opened(path) as file:
        file.seek(layout.start + time * size)
        data = file.read(size)
    if len(data) < size:
        raise ReadError(path, f"The file is cut off: {size} bytes of voxels expected, it holds {len(data)}.")
    stored = np.frombuffer(data, layout.kind).reshape(layout.shape, order="F")
    if (layout.slope, layout.intercept) != (1.0, 0.0):
        return np.asarray((stored * np.float64(layout.slope) + layout.intercept).astype(np.float32))
    if layout.kind.kind == "f":
        # "Not a number" marks voxels outside the image in some programs.
        return np.nan_to_num(stored.astype(np.float32), copy=False, posinf=0.0, neginf=0.0)
    return stored.astype(layout.kind.newbyteorder("="), copy=False)


def _is_hounsfield(path: Path, layout: _Layout) -> bool:
    """Whether the first voxels of the file are clearly Hounsfield units: a tenth of them air, none far below."""
    if layout.kind.kind == "u" and layout.intercept >= 0:
        return False
    with _opened(path) as file:
        file.seek(layout.start)
        data = file.read(_SAMPLE_BYTES)
    count = len(data) // layout.kind.itemsize
    values = np.frombuffer(data, layout.kind, count=count) * np.float64(layout.slope) + layout.intercept
    return bool(values.size) and float((np.abs(values + 1000) < 200).mean()) > 0.1 and float(values.min()) > -4100


def _header(volume: Volume, array: NDArray[Any], description: str) -> bytes:
    """Return header and extension flag (352 bytes), little endian."""
    affine = _LPS_FROM_RAS @ volume.affine
    # The file's first axis is the column, the third the slice.
    steps = affine[:3, [2, 1, 0]]
    lengths = np.linalg.norm(steps, axis=0)
    slices, rows, columns = array.shape
    quaternion, handedness = _quaternion(steps / lengths)
    header = bytearray(_DATA_START)
    struct.pack_into("<i", header, 0, _HEADER_BYTES)
    struct.pack_into("<8h", header, 40, 3, columns, rows, slices, 1, 1, 1, 1)
    kind = array.dtype.newbyteorder("<")
    struct.pack_into("<2h", header, 70, _CODES[kind], 8 * kind.itemsize)
    struct.pack_into("<8f", header, 76, handedness, *lengths, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, _DATA_START, 1.0, 0.0)
    header[123] = 2  # millimetres
    header[148 : 148 + len(description)] = description.encode("ascii")
    # An sform always; a qform, which knows no shear, where the axes are at right angles.
    struct.pack_into("<2h", header, 252, 0 if quaternion is None else 1, 1)
    if quaternion is not None:
        struct.pack_into("<6f", header, 256, *quaternion, *affine[:3, 3])
    struct.pack_into("<12f", header, 280, *np.column_stack([steps, affine[:3, 3]]).ravel())
    header[344:348] = b"n+1\0"
    return bytes(header)


def _quaternion(cosines: Vector) -> tuple[tuple[float, float, float] | None, float]:
    """Return (b, c, d) of the rotation and the sign of its third axis; None where the axes are not at right angles."""
    handedness = 1.0 if np.linalg.det(cosines) > 0 else -1.0
    if np.abs(cosines.T @ cosines - np.eye(3)).max() > 1e-4:
        return None, handedness
    rotation = cosines * [1.0, 1.0, handedness]
    # The eigenvector of largest eigenvalue of this matrix is the quaternion (Bar-Itzhack 2000); it never divides by 0.
    r = rotation
    k = np.array(
        [
            [r[0, 0] + r[1, 1] + r[2, 2], r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]],
            [r[2, 1] - r[1, 2], r[0, 0] - r[1, 1] - r[2, 2], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0]],
            [r[0, 2] - r[2, 0], r[0, 1] + r[1, 0], r[1, 1] - r[0, 0] - r[2, 2], r[1, 2] + r[2, 1]],
            [r[1, 0] - r[0, 1], r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], r[2, 2] - r[0, 0] - r[1, 1]],
        ]
    )
    a, b, c, d = np.linalg.eigh(k)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return (sign * float(b), sign * float(c), sign * float(d)), handedness
