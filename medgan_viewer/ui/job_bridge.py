"""From job events, which arrive on a reader thread, to one Qt signal on the UI thread."""

from PySide6.QtCore import QObject, Signal

from medgan_viewer.jobs.events import Event

__all__ = ["JobBridge"]


class JobBridge(QObject):
    """Give :meth:`receive` to a runner as its listener; connect to ``arrived``, which is emitted on the UI thread."""

    arrived = Signal(object)

    def receive(self, event: Event) -> None:
        """Pass an event on; may be called from any thread."""
        self.arrived.emit(event)
