"""Files appear whole or not at all: written under a temporary name, flushed to the disk, renamed.

A full disk, a read-only folder or a vanished drive becomes one ``WriteError``, and nothing half-written stays behind.
A series goes into a folder of its own, which is renamed as a whole, so that no half series is ever taken for a whole.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from medgan_viewer.errors import DiskFullError, WriteError

__all__ = ["free_path", "new_file", "new_folder", "refused"]

_PREFIX = ".part-"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REASONS = {
    errno.ENOSPC: "the disk is full, so nothing was written; free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up, so nothing was written; free some space or choose another folder",
    errno.EFBIG: "the disk takes no file of this size, so nothing was written; choose another folder",
    errno.EACCES: "this folder may not be written to; choose another folder",
    errno.EPERM: "this folder may not be written to; choose another folder",
    errno.EROFS: "this folder is read-only; choose another folder",
    errno.ENOTDIR: "a file stands where a folder is needed; choose another folder",
    errno.EEXIST: "a file stands where a folder is needed; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def free_path(folder: Path, name: str) -> Path:
    """Return ``folder/name``, or ``name-2``, ``name-3`` … (before the suffix) where that exists already."""
    stem, dot, suffix = name.partition(".")
    path, number = folder / name, 1
    while _exists(path):
        number += 1
        path = folder / f"{stem}-{number}{dot}{suffix}"
    return path


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the place of ``path`` once the block has ended well.

    Missing parent folders are made. The temporary name ends like the final one, for libraries that
    choose the format by the suffix. Raises ``WriteError``.
    """
    with _parent(path):
        temporary = path.with_name(f"{_PREFIX}{secrets.token_hex(4)}-{path.name}")
        try:
            yield temporary
            _flush(temporary)
            temporary.replace(path)
            _flush_folder(path.parent)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it becomes ``path`` once the block has ended well. Raises ``WriteError``."""
    with _parent(path):
        temporary = path.with_name(f"{_PREFIX}{secrets.token_hex(4)}-{path.name}")
        try:
            temporary.mkdir()
            yield temporary
            for file in sorted(path for path in temporary.rglob("*") if path.is_file()):
                _flush(file)
            _flush_folder(temporary)
            temporary.rename(path)
            _flush_folder(path.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _parent(path: Path) -> Iterator[None]:
    """Make the missing parent folders, take them away again after a failure, and word the failure."""
    missing = [folder for folder in (path.parent, *path.parent.parents) if not _exists(folder)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise refused(path, error) from error
        raise


def refused(path: Path, error: OSError) -> WriteError:
    """Return what the system's refusal to write something means for the user."""
    number, reason = _reason(error)
    return (DiskFullError if number in _FULL else WriteError)(path, reason)


def _exists(path: Path) -> bool:
    """Whether a path exists; False also where that may not be known, as writing there fails by itself."""
    try:
        return path.exists()
    except OSError:
        return False


def _reason(error: OSError) -> tuple[int | None, str]:
    """Return the number of a refusal, and in words what it means."""
    # pydicom raises anew, without the number, what the system refused while an element was written.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _REASONS:
            return cause.errno, _REASONS[cause.errno]
        cause = cause.__cause__
    return error.errno, f"nothing could be written ({error.strerror or type(error).__name__}); choose another folder"


def _flush(path: Path) -> None:
    # Opened for writing: Windows flushes no handle that may only read.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make a rename durable, where the system lets folders be opened (Windows does not)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
