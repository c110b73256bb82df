"""Starts trainings as processes of their own, which go on when the window, or the program, is closed."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from medgan_viewer.lab.training.run_folder import RunFolder
from medgan_viewer.ui.lab.reading import LOG
from medgan_viewer.ui.translation import tr

__all__ = ["Starter", "command", "new_run_folder"]

_POLL_MS = 250
# Kept until the program ends: a process object that is dropped would complain that its process goes on.
_STARTED: list["subprocess.Popen[bytes]"] = []


def command(recipe: Path, run: Path) -> list[str]:
    """Return the command that trains a recipe in a run folder, or goes on with it."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "medgan_viewer"]
    return [*program, "train", str(recipe), "--run", str(run)]


def new_run_folder(folder: Path, recipe: Path) -> Path:
    """Return a folder for a new run of a recipe that is not there yet: its name, then its name with a number."""
    path, number = folder / recipe.stem, 2
    while path.exists():
        path, number = folder / f"{recipe.stem}-{number}", number + 1
    return path


class Starter(QObject):
    """Starts trainings and watches each until it trains or has ended."""

    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watched: dict[Path, subprocess.Popen[bytes]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def starting(self) -> tuple[Path, ...]:
        """The runs whose processes have not said anything yet."""
        return tuple(self._watched)

    def start(self, recipe: Path, run: Path) -> bool:
        """Start a training; return whether its process could be started. `refused` says why it ended at once.

        A run that is being started is not started again.
        """
        if run in self._watched:
            return True
        try:
            run.mkdir(parents=True, exist_ok=True)
            with (run / LOG).open("wb") as log:
                process = subprocess.Popen(
                    command(recipe, run), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_DETACHED
                )
        except OSError as error:
            why = error.strerror or tr("the folder cannot be written")
            self.refused.emit(tr("The training could not be started: {0}.").format(why))
            return False
        _STARTED.append(process)
        self._watched[run] = process
        self._timer.start()
        return True

    def close(self) -> None:
        """Watch no longer; the trainings go on."""
        self._timer.stop()

    def _look(self) -> None:
        for run, process in list(self._watched.items()):
            state = RunFolder(run).state()
            if process.poll() is None and (state is None or state.pid != process.pid):
                continue
            del self._watched[run]
            # From the moment it has a state of its own, the run tells how it fares.
            if process.returncode and (state is None or state.pid != process.pid):
                sentence = _last_words(run / LOG, process.returncode)
                _forget(run)
                self.refused.emit(sentence)
        if not self._watched:
            self._timer.stop()


_DETACHED: dict[str, Any] = (
    {"creationflags": 0x00000008 | 0x00000200}  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    if sys.platform == "win32"
    else {"start_new_session": True}
)


def _forget(run: Path) -> None:
    """Remove the folder of a run that was refused before anything but its log was in it."""
    if {path.name for path in run.iterdir()} == {LOG}:
        with contextlib.suppress(OSError):
            (run / LOG).unlink()
            run.rmdir()


def _last_words(log: Path, code: int) -> str:
    """Return the last line that a training wrote, which is the sentence that it ended with."""
    if code < 0:
        return tr("The training was ended from outside before it began; memory may have run short.")
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else tr("The training ended at once and said nothing.")
