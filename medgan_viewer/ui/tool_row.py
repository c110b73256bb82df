"""A row of buttons of which some give way where the window is narrow."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

__all__ = ["ToolRow"]

_SIDE, _GAP = 8, 2
# No window is so narrow that what never gives way would not fit.
_NARROWEST = 640


class ToolRow(QFrame):
    """Shows widgets in a row; those of ``giving_way`` are hidden, the first first, as far as there is no room.

    What gives way must be reachable elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(_SIDE, 4, _SIDE, 4)
        self.row.setSpacing(_GAP)
        # Else the window could not be made narrower than all of them.
        self.setMinimumWidth(_NARROWEST)
        self.giving_way: Sequence[QWidget] = ()

    def fit(self) -> None:
        """Hide as many as must be hidden, and show the others."""
        needed = 2 * _SIDE
        for place in range(self.row.count()):
            item = self.row.itemAt(place)
            widget = None if item is None else item.widget()
            needed += 0 if widget is None else _width(widget) + _GAP
        for widget in self.giving_way:
            hidden = needed > self.width()
            if hidden:
                needed -= _width(widget) + _GAP
            if widget.isHidden() != hidden:
                widget.setVisible(not hidden)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the new width."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Fit words that have become longer or shorter."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)


def _width(widget: QWidget) -> int:
    """Return how wide a widget wants to be, hidden or not."""
    return max(widget.sizeHint().width(), widget.minimumSizeHint().width(), widget.minimumWidth())
