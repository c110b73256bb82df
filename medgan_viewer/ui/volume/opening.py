"""Opens the window of surfaces when it is asked for; until then nothing of it, and no OpenGL, is imported."""

from typing import TYPE_CHECKING

from medgan_viewer.core.document import Document
from medgan_viewer.ui.theme import Theme

if TYPE_CHECKING:
    from medgan_viewer.ui.volume.window import VolumeWindow

__all__ = ["VolumeOpener"]


class VolumeOpener:
    """Keeps the one window of surfaces that is open, tells it of the look, and closes it with the viewer."""

    def __init__(self, document: Document, theme: Theme) -> None:
        self._document, self._theme = document, theme
        self._hidden = False
        self._window: VolumeWindow | None = None

    @property
    def window(self) -> "VolumeWindow | None":
        """The window, None while it is closed."""
        return self._window

    def show(self, layer_uid: str | None = None) -> None:
        """Show the surfaces of a segmentation, of the newest one where none is named."""
        if self._window is None:
            from medgan_viewer.ui.volume.window import VolumeWindow

            self._window = VolumeWindow(self._document, self._theme, patient_hidden=self._hidden)
            self._window.closed.connect(self._forget)
            self._window.show()
        self._window.choose(layer_uid)
        self._window.raise_()
        self._window.activateWindow()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        self._theme = theme
        if self._window is not None:
            self._window.set_theme(theme)

    def set_patient_data_hidden(self, hidden: bool) -> None:
        """Hide who the patient is, or show it."""
        self._hidden = hidden
        if self._window is not None:
            self._window.set_patient_data_hidden(hidden)

    def close(self) -> None:
        """Close the window."""
        if self._window is not None:
            self._window.close()

    def _forget(self) -> None:
        self._window = None
