"""NRRD (.nrrd, .nhdr) and MetaImage (.mha, .mhd) in, through SimpleITK, which says LPS mm as everything inside here.

Neither format records patient or modality; what is assumed stands with the series. A header may name the file that
holds its voxels: only one beside it is read.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Study
from medgan_viewer.dicom import nifti
from medgan_viewer.dicom.arrangement import Grid, arranged, arrangement, study_of_grid
from medgan_viewer.errors import ReadError

__all__ = ["is_itk", "read_into", "study", "value_type"]

_SUFFIXES = (".nrrd", ".nhdr", ".mha", ".mhd")
_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
_MAX_BYTES = 1 << 33
# Deflate cannot shrink further than this.
_MAX_DEFLATION = 1032
_MAX_HEADER = 1 << 16
_SMALLEST_MM, _LARGEST_MM, _FARTHEST_MM, _LEAST_SPAN = 1e-4, 1e3, 1e5, 0.2
_SAMPLE_SLICES = 4


def is_itk(path: Path) -> bool:
    """Whether a file's name says NRRD or MetaImage."""
    return path.name.lower().endswith(_SUFFIXES)


def study(path: Path) -> Study:
    """Return a file as a study of one series, with one instance for each slice. Raises ReadError."""
    grid = _grid(path, reader := _reader(path))
    kind = "NRRD" if path.suffix.lower() in (".nrrd", ".nhdr") else "MetaImage"
    said = " ".join(f"{key} {reader.GetMetaData(key)}" for key in reader.GetMetaDataKeys())
    result = nifti.result_in(said)
    modality = nifti.modality_of(result) or ("CT" if _is_hounsfield(path, reader, grid) else "MR")
    warning = f"{kind} records neither patient nor modality; the values are taken for {modality}."
    if result is not None:
        warning = f"This is no scan but an AI {result} that was exported; {kind} records no patient."
    return study_of_grid(
        path,
        grid,
        file_format="itk",
        description=path.stem,
        modality=modality,
        synthetic=result is not None or "SYNTHETIC" in said.upper(),
        warnings=(warning,),
    )


def value_type(path: Path) -> np.dtype[Any]:
    """Return the type in which a file's values are kept. Raises ReadError."""
    name = _type_name(path, _reader(path))
    return np.dtype(np.float32 if name in ("float64", "uint32") else name)


def read_into(path: Path, out: NDArray[Any], time: int = 0) -> None:
    """Fill ``out`` [slice, row, column] with the voxels of a file at a time point. Raises ReadError."""
    reader = _reader(path)
    grid = _grid(path, reader)
    voxels = _read(path, reader, grid, slice(0, grid.shape[2]), time)
    if voxels.dtype.kind == "f":
        voxels = np.nan_to_num(voxels, posinf=0.0, neginf=0.0)
    turned = arranged(voxels, arrangement(grid.shape, grid.affine)[0])
    if turned.shape != out.shape:
        raise ReadError(path, "The file has changed since it was listed; open it again.")
    out[...] = turned


def _reader(path: Path) -> Any:
    """Return SimpleITK's reader with the header read, having checked where it takes its voxels from."""
    import SimpleITK

    _check_source(path)
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("NrrdImageIO" if path.suffix.lower() in (".nrrd", ".nhdr") else "MetaImageIO")
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise ReadError(path, "The header of this file cannot be read; it is damaged or of another format.") from error
    return reader


def _data_file(path: Path) -> Path:
    """Return the file that holds the voxels: the file itself or the one beside it that its header names."""
    try:
        with path.open("rb") as file:
            start = file.read(_MAX_HEADER)
    except OSError as error:
        raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    is_nrrd = path.suffix.lower() in (".nrrd", ".nhdr")
    if is_nrrd:
        start = start.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    name = ""
    for line in start.decode("latin-1").splitlines():
        key, _, value = line.partition(":" if is_nrrd else "=")
        if key.strip().lower().replace(" ", "") in ("datafile", "elementdatafile"):
            name = value.strip()
            break
    if not name or name.upper() == "LOCAL":
        return path
    if name.upper().startswith("LIST") or "%" in name or any(sign in name for sign in "/\\:") or ".." in name:
        raise ReadError(path, "Its voxels are said to be elsewhere or in many files, which is not followed.")
    return path.parent / name


def _check_source(path: Path) -> None:
    data = _data_file(path)
    if data != path and (data.is_symlink() or not data.is_file()):
        raise ReadError(path, f"The file with its voxels is missing: put {data.name} beside it.")


def _type_name(path: Path, reader: Any) -> str:
    import SimpleITK

    # "16-bit signed integer" and the like; the names that numpy knows are had by making an empty image.
    if reader.GetNumberOfComponents() != 1:
        raise ReadError(path, "The file holds colours or vectors, which are not read from this format.")
    try:
        empty = SimpleITK.Image([1, 1], reader.GetPixelID())
        name = SimpleITK.GetArrayViewFromImage(empty).dtype.name
    except (RuntimeError, TypeError, KeyError) as error:
        raise ReadError(path, "The file holds a kind of values that is not read.") from error
    if name not in _TYPES:
        raise ReadError(path, f"The file holds {name} values, which are not read.")
    return str(name)


def _grid(path: Path, reader: Any) -> Grid:
    kind = np.dtype(_type_name(path, reader))
    size = [int(n) for n in reader.GetSize()]
    if not 2 <= len(size) <= 4 or min(size) < 1:
        raise ReadError(path, f"The file has {len(size)} axes; two, three, or four with time are read.")
    claimed, data = math.prod(size) * kind.itemsize, _data_file(path)
    words = " × ".join(map(str, size))
    if claimed > data.stat().st_size * _MAX_DEFLATION:
        raise ReadError(path, f"The file is cut off: it cannot hold the {words} voxels it claims.")
    if claimed > _MAX_BYTES:
        raise ReadError(path, f"The volume claims {words} voxels, more than is opened.")
    axes = len(size)
    spacing, origin = np.array(reader.GetSpacing()), np.array(reader.GetOrigin())
    direction = np.array(reader.GetDirection()).reshape(axes, axes)
    affine = np.eye(4)
    space = min(axes, 3)
    affine[:space, :space] = direction[:space, :space] * spacing[:space]
    affine[:space, 3] = origin[:space]
    _check_affine(path, affine)
    shape = (*size[:3], 1)[:3]
    seconds = float(spacing[3]) if axes == 4 else 0.0
    return Grid((shape[0], shape[1], shape[2]), affine, size[3] if axes == 4 else 1, seconds)


def _check_affine(path: Path, affine: NDArray[np.float64]) -> None:
    """Refuse steps of unbelievable lengths and axes that do not span the space."""
    if np.isfinite(affine).all() and np.abs(affine[:3, 3]).max() <= _FARTHEST_MM:
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        believable = lengths.min() >= _SMALLEST_MM and lengths.max() <= _LARGEST_MM
        if believable and abs(float(np.linalg.det(affine[:3, :3] / lengths))) > _LEAST_SPAN:
            return
    raise ReadError(path, "The file's orientation is unusable: its matrix places no volume in space.")


def _read(path: Path, reader: Any, grid: Grid, slices: slice, time: int = 0) -> NDArray[Any]:
    """Return voxels [i, j, k] of some slices along k at a time point."""
    import SimpleITK

    axes = len(reader.GetSize())
    index = [0, 0, slices.start, time][:axes]
    size = [grid.shape[0], grid.shape[1], slices.stop - slices.start, 1][:axes]
    reader.SetExtractIndex(index)
    reader.SetExtractSize(size)
    try:
        array = SimpleITK.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise ReadError(path, "The voxels cannot be read: the file is damaged or cut off.") from error
    # SimpleITK's arrays count the axes backwards.
    whole = array.reshape(size[2] if axes > 2 else 1, grid.shape[1], grid.shape[0])
    return np.asarray(whole.transpose(2, 1, 0))


def _is_hounsfield(path: Path, reader: Any, grid: Grid) -> bool:
    """Whether slices in the middle are clearly Hounsfield units: a tenth of their voxels air, none far below."""
    if _type_name(path, reader).startswith("u"):
        return False
    middle = grid.shape[2] // 2
    values = _read(path, reader, grid, slice(middle, min(middle + _SAMPLE_SLICES, grid.shape[2])))
    return float((np.abs(values + np.float64(1000)) < 200).mean()) > 0.1 and float(values.min()) > -4100
