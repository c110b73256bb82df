"""Arrays that two processes see: the viewer creates, keeps and unlinks them, the worker only attaches.

A shared-memory segment where there is room for it, else a memory-mapped temporary file (a container often has 64 MB
of /dev/shm). The memory goes back when the last array over it is dropped, the name with :meth:`SharedArray.unlink`.
"""

import contextlib
import mmap
import os
import secrets
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from medgan_viewer.core.volume import read_only
from medgan_viewer.errors import JobError

__all__ = ["ArrayHandle", "SharedArray", "attach", "remove_leftovers"]

_PREFIX = "medgan-viewer-"


@dataclass(frozen=True, slots=True)
class ArrayHandle:
    """What the worker needs to find an array: small and picklable. ``place`` is a segment's name or a file's path."""

    kind: Literal["segment", "file"]
    place: str
    shape: tuple[int, ...]
    dtype: str


class SharedArray:
    """An array in memory that another process can attach to, zero at first.

    ``array`` may be written; ``view`` may not, and is what leaves this package. Both keep the memory alive, and so
    does every array derived from them. Raises JobError where there is room neither in memory nor on disk.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        kind = np.dtype(dtype)
        size = max(1, prod(shape) * kind.itemsize)
        self._segment = _new_segment(size)
        if self._segment is not None:
            self.handle = ArrayHandle("segment", self._segment.name, shape, kind.str)
            self.array: NDArray[Any] = np.ndarray(shape, kind, buffer=self._segment.buf)
            _keep_while_alive(self.array, self._segment)
        else:
            path = _new_file(size)
            self.handle = ArrayHandle("file", str(path), shape, kind.str)
            self.array = _map_file(self.handle)
        self._named = True

    @property
    def in_file(self) -> bool:
        """Whether the array lies in a temporary file because shared memory is too small."""
        return self.handle.kind == "file"

    @property
    def view(self) -> NDArray[Any]:
        """The array, read-only."""
        return read_only(self.array)

    def unlink(self) -> None:
        """Take the name away: nobody else can attach, and the memory goes back with the last array. Idempotent."""
        if not self._named:
            return
        self._named = False
        if self._segment is not None:
            self._segment.unlink()
            self._segment = None
            return
        path = Path(self.handle.place)
        try:
            path.unlink(missing_ok=True)
        except PermissionError:  # Windows keeps a mapped file; it goes when the mapping does.
            weakref.finalize(self.array, _remove_file, path)


def attach(handle: ArrayHandle) -> NDArray[Any]:
    """Return the array of a handle in another process; it may be written. Raises JobError where it is gone."""
    try:
        if handle.kind == "file":
            return _map_file(handle)
        with _untracked():
            segment = SharedMemory(handle.place)
    except OSError as error:
        raise JobError("The images of this run were released before the model read them; run it again.") from error
    array: NDArray[Any] = np.ndarray(handle.shape, np.dtype(handle.dtype), buffer=segment.buf)
    _keep_while_alive(array, segment)
    return array


def remove_leftovers() -> None:
    """Remove the temporary files of viewers that ended without a chance to do so."""
    if os.name != "posix":
        # Windows removes nothing that is mapped, and has no harmless way to ask for a process.
        return
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*.voxels"):
        owner = path.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not _runs(int(owner)):
            _remove_file(path)


def _new_segment(size: int) -> SharedMemory | None:
    """Return a segment whose memory is really there, or None.

    tmpfs gives out names for more memory than it has and kills the process with SIGBUS at the first write beyond it,
    so every page is reserved at once.
    """
    try:
        segment = SharedMemory(create=True, size=size)
    except OSError:
        return None
    try:
        _reserve(getattr(segment, "_fd", -1), size)
    except OSError:
        segment.close()
        segment.unlink()
        return None
    return segment


def _new_file(size: int) -> Path:
    path = Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}.voxels"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.ftruncate(descriptor, size)
            _reserve(descriptor, size)
        finally:
            os.close(descriptor)
    except OSError as error:
        _remove_file(path)
        raise JobError(
            f"There is room for the images of this run ({size / 1e6:.0f} MB) neither in memory nor in the temporary "
            "folder; close other programs or free disk space, then run it again."
        ) from error
    return path


def _reserve(descriptor: int, size: int) -> None:
    if descriptor >= 0 and hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)


def _map_file(handle: ArrayHandle) -> NDArray[Any]:
    with Path(handle.place).open("r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0)
    return np.ndarray(handle.shape, np.dtype(handle.dtype), buffer=mapping)


def _keep_while_alive(array: NDArray[Any], segment: SharedMemory) -> None:
    """Close the mapping when the array is gone: SharedMemory would take it away from under the array's views."""
    weakref.finalize(array, segment.close).atexit = False


@contextlib.contextmanager
def _untracked() -> Iterator[None]:
    """Attach without registering: the resource tracker would unlink, or report, what belongs to the viewer.

    Python 3.13 has ``SharedMemory(track=False)`` for this.
    """
    register = resource_tracker.register
    resource_tracker.register = lambda name, rtype: None
    try:
        yield
    finally:
        resource_tracker.register = register


def _runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove_file(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
