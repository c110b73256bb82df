"""Makes surfaces in a background thread, one after the other, and hands each over as it is ready."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from medgan_viewer.core.surfaces import Surface, boxes_of, surface_of
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import described
from medgan_viewer.ui.loading import Background

__all__ = ["SurfaceMaker"]

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Round:
    """What was asked for last."""

    wanted: tuple[tuple[int, str], ...]
    stop: threading.Event
    done: int = 0


class SurfaceMaker(QObject):
    """Meshes the segments of one segmentation at a time.

    ``made`` hands over a label and its surface, None where it has no voxels; ``ended`` says how it ended: "done",
    "cancelled" or "failed".
    """

    made = Signal(int, object)
    changed = Signal()
    ended = Signal(str)
    _one = Signal(object, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("surfaces", self)
        self._round: _Round | None = None
        self._one.connect(self._on_one)

    @property
    def busy(self) -> bool:
        """Whether surfaces are being made."""
        return self._round is not None

    @property
    def progress(self) -> tuple[int, int, str]:
        """How many are done, of how many, and the name of the next one."""
        now = self._round
        if now is None:
            return 0, 0, ""
        return now.done, len(now.wanted), now.wanted[min(now.done, len(now.wanted) - 1)][1]

    def start(self, volume: Volume, wanted: Sequence[tuple[int, str]]) -> None:
        """Make the surfaces of some labels, each with its name, in place of what was being made."""
        self._stop()
        if wanted:
            now = self._round = _Round(tuple(wanted), threading.Event())
            self._background.run(lambda: self._work(volume, now), lambda result: self._on_ended(now, result))
        self.changed.emit()

    def stop(self) -> None:
        """End what is being made: it is not wanted any more."""
        self._stop()
        self.changed.emit()

    def cancel(self) -> None:
        """End what is being made because the reader says so; what is made already stays."""
        if self._round is not None:
            self.stop()
            self.ended.emit("cancelled")

    def close(self) -> None:
        """End the thread; the segment under way is waited for."""
        self._stop()
        self._background.close()

    def _stop(self) -> None:
        if self._round is not None:
            self._round.stop.set()
            self._round = None

    def _work(self, volume: Volume, now: _Round) -> None:
        """Runs in the background."""
        if now.stop.is_set():
            return
        boxes = boxes_of(volume)
        for label, _ in now.wanted:
            if now.stop.is_set():
                return
            box = boxes.get(label)
            self._one.emit(now, label, None if box is None else surface_of(volume, label, box))

    @Slot(object, int, object)
    def _on_one(self, now: _Round, label: int, surface: Surface | None) -> None:
        if now is self._round:
            now.done += 1
            self.made.emit(label, surface)
            self.changed.emit()

    def _on_ended(self, now: _Round, result: Any) -> None:
        if now is not self._round:
            return
        self._round = None
        if isinstance(result, Exception):
            _log.error("surfaces: %s", described(result))
        self.changed.emit()
        self.ended.emit("failed" if isinstance(result, Exception) else "done")
