"""Files to send, known from their file meta information alone."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medgan_viewer.dicom.archive.base import is_uid, read_leniently
from medgan_viewer.errors import UsageError

__all__ = ["Outgoing", "files_in", "read"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A DICOM file: its SOP class, its instance and its transfer syntax."""

    path: Path
    sop_class: str
    sop_instance: str
    syntax: str


def read(path: Path) -> Outgoing | None:
    """Return what a file is, None where it is no DICOM file that could be sent."""
    from pydicom.errors import InvalidDicomError
    from pydicom.filereader import read_file_meta_info

    read_leniently()
    try:
        meta = read_file_meta_info(path)
        found = (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID)
    except (InvalidDicomError, AttributeError, EOFError, KeyError, OSError, TypeError, ValueError):
        return None
    uids = [str(uid) for uid in found]
    return Outgoing(path, *uids) if all(is_uid(uid) for uid in uids) else None


def files_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return files as they are named and the DICOM files in folders; UsageError where a path or any file is missing."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += (file for file in _walk(path) if read(file) is not None)
        elif path.exists():
            files.append(path)
        else:
            raise UsageError(f"{path}: there is no such file or folder.")
    if not files:
        raise UsageError("There is no DICOM file here to send.")
    return tuple(dict.fromkeys(files))


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith(".") and name != "DICOMDIR")
