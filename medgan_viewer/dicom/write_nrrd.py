"""A volume as NRRD (http://teem.sourceforge.net/nrrd/format.html): the geometry of the NIfTI file, in LPS."""

import gzip
from pathlib import Path

import numpy as np

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import atomic
from medgan_viewer.dicom.mark import plain

__all__ = ["write"]

_TYPES = {"int8": "int8", "uint8": "uint8", "int16": "int16", "uint16": "uint16", "int32": "int32", "uint32": "uint32"}
_TYPES |= {"float32": "float", "float64": "double"}


def write(volume: Volume, path: Path, description: str) -> None:
    """Write the volume; ``description`` (what it is, and that it is synthetic) stands in the header as ``descrip``.

    Raises ``WriteError``.
    """
    array = np.ascontiguousarray(volume.array)
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    slices, rows, columns = volume.shape
    vectors = " ".join(_vector(volume.affine[:3, axis]) for axis in (2, 1, 0))
    header = "\n".join(
        (
            "NRRD0004",
            f"type: {_TYPES[array.dtype.name]}",
            "dimension: 3",
            "space: left-posterior-superior",
            f"sizes: {columns} {rows} {slices}",
            f"space directions: {vectors}",
            "kinds: domain domain domain",
            "endian: little",
            "encoding: gzip",
            f"space origin: {_vector(volume.affine[:3, 3])}",
            f"descrip:={plain(description)}",
            *(("Synthetic:=YES",) if volume.synthetic else ()),
            "",
            "",
        )
    )
    with atomic.new_file(path) as temporary:
        temporary.write_bytes(header.encode("ascii") + gzip.compress(array.tobytes(), 6, mtime=0))


def _vector(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"
