"""What the random user is watched for, and the folder it is locked into.

A fault is whatever the program must never do, however it is used: an exception that reaches nobody, a warning of
Python's or of Qt's, an error in the program's own log. Memory is measured where the same is open: nothing.
"""

import ctypes
import gc
import logging
import os
import re
import socket
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest import mock

import numpy as np
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

# What the offscreen platform says of itself (as in pyproject.toml).
_SAID_BY_PLATFORM = re.compile("This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)")
# Marks before this share of the actions are warm-up: modules are imported, caches and pools fill.
_WARM_UP = 0.25
# The criterion for memory, per action after the warm-up: less than 20 MB in 20,000 actions. What is held is what a leak
# makes grow; what lies resident also has the gaps between small blocks, of which glibc gives back whole pages alone.
LARGEST_GROWTH = 1024.0


class Watch(logging.Handler):
    """While entered, notes every fault as text."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.faults: list[str] = []
        self._stack = ExitStack()

    def note(self, kind: str, text: str) -> None:
        """Note a fault."""
        self.faults.append(f"{kind}: {text}")

    def emit(self, record: logging.LogRecord) -> None:
        """Note an error in the log: somebody caught what he did not expect."""
        self.note("log", record.getMessage())

    def __enter__(self) -> "Watch":
        """Begin to watch."""
        stack = self._stack
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
        stack.enter_context(mock.patch.object(sys, "excepthook", self._on_exception))
        stack.enter_context(mock.patch.object(sys, "unraisablehook", self._on_unraisable))
        stack.enter_context(mock.patch.object(threading, "excepthook", self._on_thread))
        previous = qInstallMessageHandler(self._on_qt)
        stack.callback(qInstallMessageHandler, previous)
        logger = logging.getLogger("medgan_viewer")
        logger.addHandler(self)
        stack.callback(logger.removeHandler, self)
        return self

    def __exit__(self, *_: object) -> None:
        """Put everything back."""
        self._stack.close()

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.note("exception", "".join(traceback.format_exception(kind, error, trace)))

    def _on_unraisable(self, what: "sys.UnraisableHookArgs") -> None:
        said = "".join(traceback.format_exception(what.exc_value)) if what.exc_value is not None else ""
        self.note("exception nobody could take", f"{what.err_msg} {what.object!r} {said}")

    def _on_thread(self, what: threading.ExceptHookArgs) -> None:
        said = "".join(traceback.format_exception(what.exc_value)) if what.exc_value is not None else ""
        self.note("exception on a thread", said)

    def _on_qt(self, kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not _SAID_BY_PLATFORM.match(message):
            self.note("Qt", f"{message}\n{''.join(traceback.format_stack(limit=12))}")


# -- memory ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """What there was after so many actions, nothing being open: memory in bytes, widgets, Python objects.

    ``held`` is what was asked for and not given back, ``resident`` what of the program's own lies in memory.
    """

    actions: int
    held: int
    resident: int
    widgets: int
    objects: int
    threads: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.held / 2**20:.1f} MB held, {self.resident / 2**20:.1f} MB resident, "
            f"{self.widgets} widgets, {self.objects} objects, "
            f"{self.threads} threads, {self.files} open files"
        )


def mark(actions: int) -> Mark:
    """Measure, after rubbish was collected and free memory given back."""
    gc.collect()
    # Qt's own, of 10 MB at most, which fills for thousands of actions.
    QPixmapCache.clear()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).malloc_trim(0)
    resident = _resident()
    return Mark(
        actions,
        held_by_malloc() or resident,
        resident,
        len(QApplication.allWidgets()),
        len(gc.get_objects()),
        threading.active_count(),
        len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0,  # noqa: PTH208  (one call)
    )


def _resident() -> int:
    """Return the memory that is the program's own; pages of fonts and libraries are the system's to let go."""
    status = Path("/proc/self/status")
    own = re.findall(r"^Rss(?:Anon|Shmem):\s+(\d+) kB$", status.read_text(), re.M) if status.is_file() else []
    return 1024 * sum(map(int, own))


class _Mallinfo2(ctypes.Structure):
    """What glibc says of all its arenas (mallinfo(3))."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def held_by_malloc() -> int:
    """Return the bytes that were asked of glibc and not given back; 0 where it does not tell.

    Python's own small objects are among them only where PYTHONMALLOC is "malloc".
    """
    told = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform.startswith("linux") else None
    if told is None:
        return 0
    told.restype = _Mallinfo2
    found = told()
    return int(found.uordblks + found.hblkhd)


def judged() -> str:
    """Return which memory can be judged by: what is held where malloc has all of it, else what lies resident.

    Python's small objects leave more gaps in malloc's memory than in their own, so there resident says little.
    """
    return "held" if os.environ.get("PYTHONMALLOC") == "malloc" and held_by_malloc() else "resident"


def growth(marks: Sequence[Mark], kind: str) -> float | None:
    """Return by how many bytes an action made memory grow after the warm-up; None where there is too little to say.

    ``kind`` is "held" or "resident".

    The slope is Theil and Sen's: the median over all pairs of marks, which no single mark can bend.
    """
    late = [one for one in marks if one.actions > _WARM_UP * marks[-1].actions]
    pairs = [(one, other) for number, one in enumerate(late) for other in late[number + 1 :]]
    if len(late) < 4:
        return None
    memory = attrgetter(kind)
    return float(np.median([(memory(other) - memory(one)) / (other.actions - one.actions) for one, other in pairs]))


# -- locked in -------------------------------------------------------------------------------------------------------


def _no_network(*_: object, **__: object) -> Any:
    raise OSError("the random user has no network")


@contextmanager
def locked_in(folder: Path, folders: Callable[[QWidget | None], list[Path]]) -> Iterator[None]:
    """Have everything that the program reads and writes for its user below a folder, and no network.

    ``folders`` returns what may be chosen in a dialog of Qt's for files, which belongs to a widget.
    """
    home, scratch = folder / "home", folder / "scratch"
    for made in (home, scratch):
        made.mkdir(parents=True)
    environment = {name: str(home) for name in ("HOME", "USERPROFILE")}
    environment |= {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    environment |= {f"MEDGAN_{name}": str(home / name.lower()) for name in ("CONFIG", "CACHE", "LOGS")}
    environment |= {"TMPDIR": str(scratch), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}

    def folder_chosen(parent: QWidget | None = None, *_: object, **_more: object) -> str:
        return next((str(one) for one in folders(parent) if one.suffix == ""), "")

    def files_chosen(parent: QWidget | None = None, *_: object, **_more: object) -> tuple[list[str], str]:
        return [str(one) for one in folders(parent) if one.suffix], ""

    # No mock: it would keep every window that asks, with all that is in it.
    def nothing_chosen(*_: object, **_more: object) -> tuple[str, str]:
        return "", ""

    before = Path.cwd()
    os.chdir(scratch)
    try:
        with (
            mock.patch.dict(os.environ, environment),
            mock.patch.object(tempfile, "tempdir", str(scratch)),
            mock.patch.object(socket.socket, "connect", _no_network),
            mock.patch.object(socket, "getaddrinfo", _no_network),
            mock.patch.object(QFileDialog, "getExistingDirectory", folder_chosen),
            mock.patch.object(QFileDialog, "getOpenFileNames", files_chosen),
            mock.patch.object(QFileDialog, "getOpenFileName", nothing_chosen),
            mock.patch.object(QFileDialog, "getSaveFileName", nothing_chosen),
        ):
            yield
    finally:
        os.chdir(before)
