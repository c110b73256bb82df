"""NRRD (.nrrd, .nhdr) and MetaImage (.mha, .mhd) in: a header in words, and voxels behind it or in a file beside it.

Neither format records patient or modality; what is assumed stands with the series. Read here and not by SimpleITK,
which is the independent answer in the tests: its readers end the program on damaged headers (a crash,
measured) and fill missing voxels with chance.
Formats: https://teem.sourceforge.net/nrrd/format.html and https://itk.org/Wiki/MetaIO/Documentation
"""

import math
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.volume import Vector
from medgan_viewer.dicom import nifti
from medgan_viewer.dicom.arrangement import Grid, arranged, arrangement, study_of_grid
from medgan_viewer.errors import ReadError

__all__ = ["is_header_file", "is_voxels_of_another", "read_into", "study", "value_type"]

_SUFFIXES = (".nrrd", ".nhdr", ".mha", ".mhd")
_MAX_BYTES = 1 << 33
# Deflate cannot shrink further than this.
_MAX_DEFLATION = 1032
_MAX_HEADER = 1 << 16
_CHUNK = 1 << 20
_SMALLEST_MM, _LARGEST_MM, _FARTHEST_MM, _LEAST_SPAN = 1e-4, 1e3, 1e5, 0.2
_NRRD_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_META_TYPES = {
    "met_char": "i1",
    "met_uchar": "u1",
    "met_short": "i2",
    "met_ushort": "u2",
    "met_int": "i4",
    "met_uint": "u4",
    "met_float": "f4",
    "met_double": "f8",
}
# How the axes of a named space run, as seen from left, posterior, superior.
_SPACES = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}


@dataclass(frozen=True)
class _Head:
    """A header: its words, how many bytes they take, and its fields by name in small letters without spaces."""

    text: str
    length: int
    fields: dict[str, str]


@dataclass(frozen=True)
class _Layout:
    """Where the voxels are and what they mean. ``packed`` is None, "zlib" or "gzip"."""

    grid: Grid
    kind: np.dtype[Any]
    data: Path
    start: int
    packed: str | None
    words: str


def is_header_file(path: Path) -> bool:
    """Whether a file's name says NRRD or MetaImage."""
    return path.name.lower().endswith(_SUFFIXES)


def is_voxels_of_another(path: Path) -> bool:
    """Whether a file holds the voxels of a header beside it."""
    name = path.name.lower()
    if not name.endswith((".raw", ".zraw", ".raw.gz")):
        return False
    return any(
        path.with_name(f"{path.name.split('.raw')[0].split('.zraw')[0]}{end}").exists() for end in (".mhd", ".nhdr")
    )


def study(path: Path) -> Study:
    """Return a file as a study of one series, with one instance for each slice. Raises ReadError."""
    layout = _layout(path)
    kind = "NRRD" if _is_nrrd(path) else "MetaImage"
    result = nifti.result_in(layout.words)
    modality = nifti.modality_of(result) or ("CT" if _is_hounsfield(path, layout) else "MR")
    warning = f"{kind} records neither patient nor modality; the values are taken for {modality}."
    if result is not None:
        warning = f"This is no scan but an AI {result} that was exported; {kind} records no patient."
    return study_of_grid(
        path,
        layout.grid,
        file_format="header",
        description=path.stem,
        modality=modality,
        synthetic=result is not None or "SYNTHETIC" in layout.words.upper(),
        warnings=(warning,),
    )


def value_type(path: Path) -> np.dtype[Any]:
    """Return the type in which a file's values are kept: the stored one, floats in 32 bits. Raises ReadError."""
    return _kept_type(_layout(path).kind)


def read_into(path: Path, out: NDArray[Any], time: int = 0) -> None:
    """Fill ``out`` [slice, row, column] with the voxels of a file at a time point. Raises ReadError."""
    layout = _layout(path)
    voxels = _voxels(path, layout, time)
    turned = arranged(voxels, arrangement(layout.grid.shape, layout.grid.affine)[0])
    if turned.shape != out.shape:
        raise ReadError(path, "The file has changed since it was listed; open it again.")
    out[...] = turned


def _is_nrrd(path: Path) -> bool:
    return path.suffix.lower() in (".nrrd", ".nhdr")


def _kept_type(kind: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(np.float32) if kind.kind == "f" else kind.newbyteorder("=")


def _head(path: Path) -> _Head:
    try:
        with path.open("rb") as file:
            start = file.read(_MAX_HEADER)
    except OSError as error:
        raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    is_nrrd = _is_nrrd(path)
    if is_nrrd and not start.startswith(b"NRRD"):
        raise ReadError(path, "This is not an NRRD file.")
    end = re.search(rb"\r?\n\r?\n" if is_nrrd else rb"(?m)^[ \t]*ElementDataFile[ \t]*=[^\n]*\n?", start)
    length = end.end() if end else len(start)
    text = start[:length].decode("latin-1")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    pairs = (line.partition(":" if is_nrrd else "=") for line in lines)
    fields = {key.strip().lower().replace(" ", ""): value.strip().lstrip("=") for key, sign, value in pairs if sign}
    return _Head(text, length, fields)


def _layout(path: Path) -> _Layout:
    head = _head(path)
    try:
        layout = _nrrd(path, head) if _is_nrrd(path) else _meta(path, head)
    except (KeyError, ValueError, IndexError, OverflowError) as error:
        raise ReadError(path, "The header of this file cannot be read; it is damaged or of another format.") from error
    _check_affine(path, layout.grid.affine)
    _check_held(path, layout)
    return layout


def _sizes(path: Path, words: str) -> list[int]:
    sizes = [int(word) for word in words.split()]
    if not 2 <= len(sizes) <= 4 or min(sizes) < 1:
        raise ReadError(path, f"The file has {len(sizes)} axes; two, three, or four with time are read.")
    return sizes


def _grid(sizes: list[int], affine: Vector, seconds: float) -> Grid:
    shape = (*sizes[:3], 1)[:3]
    times = sizes[3] if len(sizes) == 4 else 1
    return Grid((shape[0], shape[1], shape[2]), affine, times, seconds if math.isfinite(seconds) else 0.0)


def _nrrd(path: Path, head: _Head) -> _Layout:
    fields = head.fields
    kind = next((code for code, names in _NRRD_TYPES.items() if fields["type"].lower() in names), None)
    if kind is None:
        raise ReadError(path, "The file holds a kind of values that is not read.")
    sizes = _sizes(path, fields["sizes"])
    vectors = re.findall(r"\([^)]*\)|none", fields.get("spacedirections", ""))
    if "none" in vectors[:-1]:
        raise ReadError(path, "The file holds colours or vectors, which are not read from this format.")
    encoding = fields.get("encoding", "raw").lower()
    if encoding not in ("raw", "gzip", "gz") or fields.get("byteskip", "0") != "0" or "lineskip" in fields:
        raise ReadError(path, f"The voxels are written in a way that is not read (encoding {encoding[:12]}).")
    affine, seconds = np.eye(4), 0.0
    if vectors:
        signs = _SPACES.get(fields.get("space", "lps").lower().removesuffix("-time"), (1, 1, 1))
        steps = [[float(part) for part in vector.strip("()").split(",")] for vector in vectors if vector != "none"]
        for axis, step in enumerate(steps[:3]):
            affine[:3, axis] = _three(step)
        affine[:3, 3] = _three([float(part) for part in fields.get("spaceorigin", "(0,0,0)").strip("()").split(",")])
        affine[:3] *= np.array(signs)[:, None]
        seconds = steps[3][-1] if len(steps) == 4 else 0.0
    elif "spacings" in fields:
        spacings = [float(word) for word in fields["spacings"].split()]
        affine[:3, :3] = np.diag(_three([*spacings, 1.0]))
        seconds = spacings[3] if len(spacings) == 4 else 0.0
    data = _data_file(path, fields.get("datafile") or fields.get("data file") or "")
    order = ">" if fields.get("endian", "little").lower() == "big" else "<"
    packed = None if encoding == "raw" else "gzip"
    grid = _grid(sizes, affine, seconds)
    return _Layout(grid, np.dtype(order + kind), data, head.length if data == path else 0, packed, head.text)


def _three(values: list[float]) -> list[float]:
    """Return three coordinates: those in space of a vector that may have time as well, or lie in a plane."""
    return (values + [0.0] * 3)[:3]


def _meta(path: Path, head: _Head) -> _Layout:
    fields = head.fields
    kind = _META_TYPES.get(fields["elementtype"].lower())
    if kind is None:
        raise ReadError(path, "The file holds a kind of values that is not read.")
    if int(fields.get("elementnumberofchannels", "1")) != 1:
        raise ReadError(path, "The file holds colours or vectors, which are not read from this format.")
    sizes = _sizes(path, fields["dimsize"])
    axes, space = len(sizes), min(len(sizes), 3)

    def numbers(*names: str, default: str) -> list[float]:
        words = next((fields[name] for name in names if name in fields), default)
        return [float(word) for word in words.split()]

    spacing = numbers("elementspacing", "elementsize", default=" ".join(["1"] * axes))
    identity = " ".join(str(value) for value in np.eye(axes).ravel())
    # Each row is the direction of an axis.
    directions = np.array(numbers("transformmatrix", "rotation", "orientation", default=identity)).reshape(axes, axes)
    affine = np.eye(4)
    affine[:space, :space] = directions[:space, :space].T * np.array(spacing[:space])
    affine[:space, 3] = numbers("offset", "position", "origin", default=" ".join(["0"] * axes))[:space]
    big = any(fields.get(name, "").lower() == "true" for name in ("binarydatabyteordermsb", "elementbyteordermsb"))
    data = _data_file(path, fields["elementdatafile"])
    packed = "zlib" if fields.get("compresseddata", "").lower() == "true" else None
    if fields.get("binarydata", "true").lower() != "true" or int(fields.get("headersize", "0")) != 0:
        raise ReadError(path, "The voxels are written in a way that is not read (as words, or behind a header).")
    grid = _grid(sizes, affine, spacing[3] if axes == 4 else 0.0)
    start = head.length if data == path else 0
    return _Layout(grid, np.dtype((">" if big else "<") + kind), data, start, packed, head.text)


def _data_file(path: Path, name: str) -> Path:
    """Return the file that holds the voxels: the file itself or the one beside it that its header names."""
    if not name or name.upper() == "LOCAL":
        return path
    if name.upper().startswith("LIST") or "%" in name or any(sign in name for sign in "/\\:\0") or ".." in name:
        raise ReadError(path, "Its voxels are said to be elsewhere or in many files, which is not followed.")
    data = path.parent / name
    if data.is_symlink() or not data.is_file():
        raise ReadError(path, f"The file with its voxels is missing: put {name[:80]} beside it.")
    return data


def _check_held(path: Path, layout: _Layout) -> None:
    """Refuse voxels that the file cannot hold, before memory is asked for."""
    sizes = [*layout.grid.shape, *([layout.grid.times] if layout.grid.times > 1 else [])]
    claimed, words = math.prod(sizes) * layout.kind.itemsize, " × ".join(map(str, sizes))
    held = layout.data.stat().st_size - layout.start
    if claimed > held * (_MAX_DEFLATION if layout.packed else 1):
        raise ReadError(path, f"The file is cut off: it cannot hold the {words} voxels it claims.")
    if claimed > _MAX_BYTES:
        raise ReadError(path, f"The volume claims {words} voxels, more than is opened.")


def _check_affine(path: Path, affine: Vector) -> None:
    """Refuse steps of unbelievable lengths and axes that do not span the space."""
    if np.isfinite(affine).all() and np.abs(affine[:3, 3]).max() <= _FARTHEST_MM:
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        believable = lengths.min() >= _SMALLEST_MM and lengths.max() <= _LARGEST_MM
        if believable and abs(float(np.linalg.det(affine[:3, :3] / lengths))) > _LEAST_SPAN:
            return
    raise ReadError(path, "The file's orientation is unusable: its matrix places no volume in space.")


def _voxels(path: Path, layout: _Layout, time: int) -> NDArray[Any]:
    """Return the voxels [i, j, k] of a time point."""
    size = math.prod(layout.grid.shape) * layout.kind.itemsize
    data = _bytes(path, layout, time * size, size)
    stored = np.frombuffer(data, layout.kind).reshape(layout.grid.shape, order="F")
    if layout.kind.kind == "f":
        return np.nan_to_num(stored.astype(np.float32), copy=False, posinf=0.0, neginf=0.0)
    return stored.astype(_kept_type(layout.kind), copy=False)


def _bytes(path: Path, layout: _Layout, first: int, count: int) -> bytes:
    """Return ``count`` bytes of the voxels from ``first`` on, never unpacking more than that."""
    try:
        with layout.data.open("rb") as file:
            file.seek(layout.start + (0 if layout.packed else first))
            if layout.packed is None:
                found = file.read(count)
            else:
                unpacked = bytearray()
                inflater = zlib.decompressobj(15 if layout.packed == "zlib" else 31)
                while len(unpacked) < first + count and not inflater.eof and (chunk := file.read(_CHUNK)):
                    unpacked += inflater.decompress(chunk, first + count - len(unpacked))
                    while inflater.unconsumed_tail and len(unpacked) < first + count:
                        unpacked += inflater.decompress(inflater.unconsumed_tail, first + count - len(unpacked))
                found = bytes(unpacked[first:])
    except OSError as error:
        raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except zlib.error as error:
        raise ReadError(path, "The compressed voxels are damaged or cut off.") from error
    if len(found) < count:
        raise ReadError(path, f"The file is cut off: {count} bytes of voxels expected, it holds {len(found)}.")
    return found


def _is_hounsfield(path: Path, layout: _Layout) -> bool:
    """Whether the first time point is clearly in Hounsfield units: a tenth of its voxels air, none far below."""
    if layout.kind.kind == "u":
        return False
    values = _voxels(path, layout, 0)[::2, ::2]
    return float((np.abs(values + np.float64(1000)) < 200).mean()) > 0.1 and float(values.min()) > -4100
