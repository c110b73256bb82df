"""What nobody needs any more: cycles are collected on the window's thread alone, and large arrays go back at once."""

import ctypes
import gc
import sys

from PySide6.QtCore import QObject, QTimer, SignalInstance

__all__ = ["Collecting", "give_large_blocks_back"]

# How often it is looked whether there is anything to collect, and how long nobody may have looked at another slice
# before all of it is gone through: that takes tens of milliseconds, the young ones alone take one or two.
_EVERY_MS, _REST_MS = 100, 700

# From malloc.h of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# Slices of 512² in single precision are smaller, volumes are larger. A mapping is filled with zeros page by page when
# it is made: with such slices among them scrolling took half as long again.
_LARGE_BYTES = 3 << 19
# As much may lie free at the heap's end, so that a step need not ask for what the last one gave back.
_FREE_BYTES = 16 << 20


def give_large_blocks_back() -> bool:
    """Let each large array be a mapping of its own, which goes back to the system with it; return whether that is so.

    glibc raises its limit to 32 MB as soon as large blocks were freed. Volumes then lie among small blocks that stay,
    and what lay between them is kept for good (mallopt(3)).
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    # Each call ends glibc's own adjusting of both.
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES) and mallopt(_M_TRIM_THRESHOLD, _FREE_BYTES))


def _give_free_pages_back() -> None:
    """Let the system have what lies free between small blocks as well: some tens of milliseconds (malloc_trim(3))."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform.startswith("linux") else None
    if trim is not None:
        trim(0)


class Collecting(QObject):
    """From now on until ``stop`` Python collects nothing by itself; it would on whatever thread makes the next object.

    Qt's objects may only end on their own thread, and those that are part of a cycle end when that is collected.
    """

    def __init__(self, looked_at: SignalInstance, parent: QObject) -> None:
        """Take the signal that says that somebody looks at another slice, which puts the slow part off."""
        super().__init__(parent)
        gc.disable()
        # What was imported stays for good: none of it need be gone through again. A second window may find the first
        # one's rubbish, which must not be taken for that.
        if not gc.get_freeze_count():
            gc.freeze()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(_give_free_pages_back)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        looked_at.connect(self.put_off)

    def put_off(self, *_: object) -> None:
        """Leave the slow part until nothing was done for a while."""
        self._rest.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, as Python's own counts and thresholds say."""
        due = [
            n for n, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most
        ]
        if due:
            gc.collect(min(due[-1], 1) if self._rest.isActive() else due[-1])

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
