"""ZIP archives and DICOMDIRs: which files they stand for.

A ZIP is unpacked into a private folder of this process, which is removed when the program ends. Its names are never
used as paths, its sizes never believed: nothing is written outside that folder, nor more than the limits below.
"""

import atexit
import contextlib
import os
import re
import shutil
import stat
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path
from typing import Any

from medgan_viewer.core.catalog import Refusal
from medgan_viewer.errors import ReadError

__all__ = ["Workspace", "is_dicomdir", "is_zip", "listed_files", "unpacked", "workspace"]

_MOST_ENTRIES = 100_000
_MOST_BYTES = 1 << 34
# An entry that is larger than this and shrank more than a thousandfold is a bomb; deflate ends at 1032.
_DOUBTFUL_BYTES, _MAX_RATIO = 1 << 24, 1000
_CHUNK = 1 << 20
_LONGEST_NAME = 80
_LARGEST_DICOMDIR = 1 << 28
_MOST_NAMED = 20
_PREFIX = "medgan-viewer-zip-"


class Workspace:
    """A private folder (mode 0700) for what is unpacked, made when it is first needed."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._unpacked: dict[tuple[str, int, int], tuple[Path, tuple[Refusal, ...]]] = {}
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """The folder; OSError where none can be made."""
        if self._folder is None:
            _remove_abandoned()
            self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        return self._folder

    def unpacked(self, path: Path) -> tuple[Path, tuple[Refusal, ...]]:
        """Return the folder with an archive's files, and what of it was refused; unpacked once.

        Raises ReadError where nothing of it can be read.
        """
        with self._lock:
            try:
                found = path.stat()
                key = (str(path.resolve()), found.st_size, found.st_mtime_ns)
                if key not in self._unpacked:
                    self._unpacked[key] = self._unpack(path)
            except zipfile.BadZipFile as error:
                raise ReadError(path, "The ZIP archive is damaged or cut off.") from error
            except OSError as error:
                reason = error.strerror or "input error"
                raise ReadError(path, f"The ZIP archive cannot be unpacked ({reason}).") from error
            return self._unpacked[key]

    def _unpack(self, path: Path) -> tuple[Path, tuple[Refusal, ...]]:
        into = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            return into, tuple(_unpack(path, into))
        except BaseException:
            shutil.rmtree(into, ignore_errors=True)
            raise

    def close(self) -> None:
        """Remove the folder and all in it."""
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._unpacked.clear()


workspace = Workspace()
atexit.register(workspace.close)


def is_zip(path: Path) -> bool:
    """Whether a file is a ZIP archive, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"PK\3\4", b"PK\5\6")
    except OSError:
        return False


def unpacked(path: Path) -> tuple[Path, tuple[Refusal, ...]]:
    """Return the folder with an archive's files, kept until the program ends, and what of it was refused."""
    return workspace.unpacked(path)


def _remove_abandoned() -> None:
    """Remove what a process left behind that was killed."""
    if not Path("/proc").is_dir():
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            ours = not folder.is_symlink() and folder.lstat().st_uid == os.getuid()
            if ours and number.isdigit() and not Path("/proc", number).exists():
                shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, into: Path) -> list[Refusal]:
    """Unpack an archive's files under names of our own; return those that were refused."""
    refused: list[Refusal] = []
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
        if len(entries) > _MOST_ENTRIES:
            raise ReadError(path, f"The ZIP archive holds {len(entries)} files, more than this program opens.")
        room = min(_MOST_BYTES, shutil.disk_usage(into).free // 2)
        for number, entry in enumerate(entries):
            target = into / f"{number:06d}" / _plain_name(entry.filename)
            try:
                _check_entry(path, entry, room)
                target.parent.mkdir()
                room -= _copy(path, archive, entry, target)
            except ReadError as error:
                target.unlink(missing_ok=True)
                if len(refused) < _MOST_NAMED:
                    refused.append(Refusal(path / target.name, error.reason))
    return refused


def _is_litter(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return "__MACOSX" in parts or any(part.startswith(".") and part != ".." for part in parts)


def _plain_name(name: str) -> str:
    """Return the last part of a name without anything that a file system could take for more than a name."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w.\- ]", "_", last)[-_LONGEST_NAME:].strip(". ") or "file"


def _check_entry(path: Path, entry: zipfile.ZipInfo, room: int) -> None:
    name = entry.filename
    parts = re.split(r"[/\\]", name)
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise ReadError(path, "Its name in the ZIP archive points outside the archive; it is left out.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ReadError(path, "It is a link in the ZIP archive; it is left out.")
    if entry.flag_bits & 1:
        raise ReadError(path, "It is encrypted; unpack the ZIP archive with its password first.")
    if entry.file_size > _DOUBTFUL_BYTES and entry.file_size > _MAX_RATIO * max(entry.compress_size, 1):
        raise ReadError(path, "It grows beyond all bounds when unpacked; it is left out.")
    if entry.file_size > room:
        raise ReadError(path, "It does not fit on the disk or is larger than this program unpacks.")


def _copy(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> int:
    """Unpack one file, never more than it claims; return its size."""
    written = 0
    try:
        with archive.open(entry) as source, target.open("xb") as out:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > entry.file_size:
                    raise ReadError(path, "It is larger than the ZIP archive says; it is left out.")
                out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ReadError(path, "It is damaged in the ZIP archive or packed in a way that is not known.") from error
    with target.open("rb") as file:
        if file.read(4) == b"PK\3\4":
            raise ReadError(path, "It is a ZIP archive inside a ZIP archive; unpack it and open it by itself.")
    return written


def is_dicomdir(path: Path) -> bool:
    """Whether a file's name says that it is the table of contents of a medium."""
    return path.name.upper() == "DICOMDIR"


def listed_files(path: Path) -> tuple[list[Path], list[Refusal]]:
    """Return the files that a DICOMDIR lists, and sentences on those outside its folder or not there.

    Raises ReadError where it is no DICOMDIR.
    """
    root = path.parent.resolve()
    files, outside, absent = [], 0, 0
    for parts in _references(path):
        if any(part in ("", ".", "..") or re.search(r"[/\\:\0]", part) for part in parts):
            outside += 1
            continue
        found = _found(path.parent, parts)
        if found is None:
            absent += 1
        elif root not in found.resolve().parents:
            outside += 1
        else:
            files.append(found)
    refused = []
    if outside:
        words = "1 of its entries points" if outside == 1 else f"{outside} of its entries point"
        refused.append(Refusal(path, f"{words} outside its folder and {'is' if outside == 1 else 'are'} left out."))
    if absent:
        words = "1 file that it lists is" if absent == 1 else f"{absent} files that it lists are"
        refused.append(Refusal(path, f"{words} not there."))
    # One path, one line: what is left out by intent says more.
    return list(dict.fromkeys(files)), refused[:1]


def _references(path: Path) -> list[list[str]]:
    from pydicom import dcmread

    try:
        if path.stat().st_size > _LARGEST_DICOMDIR:
            raise ReadError(path, "The table of contents is larger than any; open its folder instead.")
        dataset = dcmread(path, force=True, specific_tags=["DirectoryRecordSequence"])
        records: Any = dataset.get("DirectoryRecordSequence")
        if records is None:
            raise ReadError(path, "This is no table of contents of DICOM files; open its folder instead.")
        named = [record.get("ReferencedFileID") for record in records]
    except OSError as error:
        raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except ReadError:
        raise
    except Exception as error:
        # pydicom raises what the conversion of a damaged element raised.
        raise ReadError(path, "The table of contents is damaged; open its folder instead.") from error
    return [[name] if isinstance(name, str) else [str(part) for part in name] for name in named if name]


def _found(folder: Path, parts: list[str]) -> Path | None:
    """Return the file as named, or in small letters as some systems show the files of a medium."""
    for written in (parts, [part.lower() for part in parts]):
        found = folder.joinpath(*written)
        if found.is_file():
            return found
    return None
