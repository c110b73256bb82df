"""Work that is done in pieces between which the window answers."""

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

__all__ = ["Pieces"]


class Pieces(QObject):
    """Lets those who have work take turns, a piece at a time: several pieces in a row would hold the window up.

    A worker is called for each piece and says whether there is more to do.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Callable[[], bool]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def begin(self, work: Callable[[], bool]) -> None:
        """Let somebody work: at once where nobody else does, else in turn."""
        if work in self._waiting or (not self._waiting and not work()):
            return
        if work not in self._waiting:
            self._waiting.append(work)
        self._timer.start()

    def end(self, work: Callable[[], bool]) -> None:
        """Let somebody work no more."""
        if work in self._waiting:
            self._waiting.remove(work)

    def _go_on(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        work = self._waiting.popleft()
        # What it does may begin or end work, its own too.
        if work() and work not in self._waiting:
            self._waiting.append(work)
