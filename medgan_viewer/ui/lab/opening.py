"""Opens the lab's window when it is asked for; until then nothing of it is imported."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medgan_viewer.ui.lab_window import LabWindow

__all__ = ["LabOpener"]


class LabOpener:
    """Keeps the one window of the lab that is open, and closes it with the viewer."""

    def __init__(self) -> None:
        self._window: LabWindow | None = None

    @property
    def window(self) -> "LabWindow | None":
        """The window, None while it is closed."""
        return self._window

    def show(self) -> None:
        """Open the window, or bring the open one to the front."""
        if self._window is None:
            from medgan_viewer.ui.lab_window import LabWindow

            self._window = LabWindow()
            self._window.closed.connect(self._forget)
            self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def close(self) -> None:
        """Close the window; trainings go on."""
        if self._window is not None:
            self._window.close()

    def _forget(self) -> None:
        self._window = None
