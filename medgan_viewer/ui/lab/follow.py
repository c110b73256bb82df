"""Reads runs in the background while they grow, so that a slow disk never holds the window up."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from medgan_viewer.ui.lab.reading import Entry, RunReader, RunView, find_runs
from medgan_viewer.ui.loading import Background

__all__ = ["Follower"]

_EVERY_MS = 1000


class Follower(QObject):
    """Says about once a second what runs there are and what the chosen one is like."""

    runs_found = Signal(list)
    folder_unreadable = Signal(str)
    run_read = Signal(RunView)
    picture_read = Signal(object, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("lab", self)
        self._folder: Path | None = None
        self._reader: RunReader | None = None
        self._path: Path | None = None
        self._waiting: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @property
    def path(self) -> Path | None:
        """The run that is followed."""
        return self._path

    def set_folder(self, folder: Path) -> None:
        """Look for runs in a folder from now on."""
        self._folder = folder
        self._waiting.discard("runs")
        self.look()

    def follow(self, path: Path | None) -> None:
        """Follow another run, or none."""
        self._path = path
        self._reader = None if path is None else RunReader(path)
        self._waiting.discard("run")
        self.look()

    def look(self) -> None:
        """Look now; what is still being read is not asked for twice."""
        if self._folder is not None:
            self._once("runs", partial(find_runs, self._folder), partial(self._on_runs, self._folder))
        if self._reader is not None:
            self._once("run", self._reader.read, partial(self._on_run, self._reader))

    def read_picture(self, path: Path) -> None:
        """Read a picture; `picture_read` gives it (null where it cannot be read) with its path."""
        self._background.run(partial(QImage, str(path)), partial(self._on_picture, path))

    def close(self) -> None:
        """End."""
        self._timer.stop()
        self._background.close()

    def _once(self, name: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        if name in self._waiting:
            return
        self._waiting.add(name)
        self._background.run(work, then)

    def _on_runs(self, folder: Path, found: list[Entry] | Exception) -> None:
        if folder != self._folder:
            return
        self._waiting.discard("runs")
        if isinstance(found, Exception):
            self.folder_unreadable.emit(getattr(found, "sentence", "The folder cannot be read; choose another one."))
        else:
            self.runs_found.emit(found)

    def _on_run(self, reader: RunReader, view: RunView | Exception) -> None:
        if reader is not self._reader:
            return
        self._waiting.discard("run")
        if isinstance(view, RunView):
            self.run_read.emit(view)

    def _on_picture(self, path: Path, image: QImage | Exception) -> None:
        self.picture_read.emit(path, image if isinstance(image, QImage) else QImage())
