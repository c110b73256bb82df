"""What puts series into panes."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from medgan_viewer.core.document import Document
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Placing"]


class Placing(QObject):
    """Puts series of a document into the panes of a grid; ``open_series`` reads one by its UID and shows it in one."""

    notice = Signal(str)

    def __init__(
        self, document: Document, grid: ViewGrid, open_series: Callable[[str, Pane], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._document, self._grid, self._open_series, self._window = document, grid, open_series, parent
