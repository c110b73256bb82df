"""Series of real patients as an exam takes them: canonical axial slices in the viewer's own orientation."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.sources.volumes import axial, on_grid
from medgan_viewer.models.canonical import CanonicalView

__all__ = ["RealScan", "listed", "person", "read_scan", "training_scans"]

_MS_FILES = {"T1": "t1", "T2": "t2", "FLAIR": "flair", "T1+C": "t1post"}
_LGG_PARTS = {"T1": "t1", "FLAIR": "flair"}
_LGG_SPACING = (5.0, 1.25, 1.25)
"""mm; of these slices only the size in pixels is known."""


@dataclass(frozen=True)
class RealScan:
    """One examination: `pictures` by contrast, all on one canonical grid of `spacing` (slice, row, column) in mm.

    `mask` is where disease was outlined, None where nobody did.
    """

    patient: str
    pictures: dict[str, NDArray[np.int16]]
    spacing: tuple[float, float, float]
    mask: NDArray[np.bool_] | None = None


def read_scan(data: Path, archive: str, name: str, wanted: Sequence[str]) -> RealScan:
    """Return the pictures `wanted` of the examination `name` of an archive in the folder `data`.

    Raises UsageError for an archive that cannot be read here, MissingPartError where it is not there, ReadError.
    """
    if archive not in _READERS:
        raise UsageError(f"Exams of pictures cannot be taken on the archive {archive}.")
    folder = data / archive
    if not folder.is_dir():
        raise MissingPartError(f"The archive {archive} is not in the data folder: set MEDGAN_DATA to where it is.")
    return _READERS[archive](folder, name, wanted)


def person(archive: str, name: str) -> str:
    """Return who an examination is of: some patients of `ms` were examined twice."""
    return name.split("_")[0] if archive == "ms" else name


def listed(archive: str, name: str) -> str:
    """Return under which name the training data list whoever the examination `name` is of."""
    return person(archive, name).removeprefix("patient") if archive == "ms" else name


def training_scans(data: Path, archive: str, tested: Sequence[str], wanted: Sequence[str]) -> Iterator[RealScan]:
    """Yield what a look-up table may be fitted on: of `lgg` the split train, of `ms` the examinations `tested`.

    Those of `ms` are few: who is tested has to be left out by whoever fits.
    """
    names: Sequence[str] = tested
    if archive == "lgg":
        index = json.loads((data / archive / "index.json").read_text(encoding="utf-8"))
        names = [name for name, entry in sorted(index.items()) if entry["split"] == "train" and entry["has_t1"]]
    for name in names:
        yield read_scan(data, archive, name, wanted)


def _ms(folder: Path, name: str, wanted: Sequence[str]) -> RealScan:
    from medgan_viewer.dicom import nifti

    def read(stem: str) -> Volume:
        return axial(replace(nifti.read(folder / name / f"{stem}.nii.gz"), modality="MR"))

    grid = read("flair")
    view = CanonicalView.of(grid.affine, grid.shape)
    pictures = {}
    for contrast in wanted:
        moved = on_grid(read(_MS_FILES[contrast]), grid)
        pictures[contrast] = np.ascontiguousarray(view.turned(np.round(moved.array).astype(np.int16)))
    mask = None
    if (folder / name / "lesions.nii.gz").is_file():
        mask = np.ascontiguousarray(view.turned(on_grid(read("lesions"), grid, labels=True).array > 0))
    return RealScan(person("ms", name), pictures, view.spacing, mask)


def _lgg(folder: Path, name: str, wanted: Sequence[str]) -> RealScan:
    with np.load(folder / f"{name}.npz") as stored:
        pictures: dict[str, NDArray[Any]] = {
            contrast: stored[_LGG_PARTS[contrast]].astype(np.int16) for contrast in wanted
        }
        return RealScan(name, pictures, _LGG_SPACING, stored["mask"] > 0)


_READERS: dict[str, Callable[[Path, str, Sequence[str]], RealScan]] = {"ms": _ms, "lgg": _lgg}
