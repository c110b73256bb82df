"""Collects reference cycles on the window's thread alone, and when it is no moment's wait for the reader."""

import gc

from PySide6.QtCore import QObject, QTimer, SignalInstance

__all__ = ["Collecting"]

# How often it is looked whether there is anything to collect, and how long nobody may have looked at another slice
# before all of it is gone through: that takes tens of milliseconds, the young ones alone take one or two.
_EVERY_MS, _REST_MS = 100, 700


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
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        looked_at.connect(self._put_off)

    def _put_off(self, *_: object) -> None:
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
