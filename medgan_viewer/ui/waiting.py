"""Waiting for the window where nobody is at the mouse: for the demonstration and the pictures of the guide."""

from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

__all__ = ["comes_true"]

_POLL_MS = 20


def comes_true(condition: Callable[[], object], patience_ms: int) -> bool:
    """Let the program work until something has happened; return whether it did before patience ran out."""
    loop = QEventLoop()
    poll, limit = QTimer(), QTimer()
    poll.timeout.connect(lambda: loop.quit() if condition() else None)
    poll.start(_POLL_MS)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    limit.start(patience_ms)
    loop.exec()
    poll.stop()
    return bool(condition())
