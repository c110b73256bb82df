"""Colour maps in the panel of layers: the choice of one, and its scale."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from medgan_viewer.core.colour_maps import NAMES, colour_map
from medgan_viewer.ui.translation import tr

__all__ = ["ColourChoice", "ColourScale"]

_ICON = QSize(56, 10)


class ColourChoice(QComboBox):
    """A choice of colour maps, each with its colours beside its name."""

    chosen = Signal(str)

    def __init__(self, maps: Sequence[str], now: str, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(_ICON)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        for one in maps:
            strip = QPixmap.fromImage(_strip(one, opaque=True)).scaled(_ICON)
            self.addItem(QIcon(strip), tr(NAMES[one]), one)
        self.follow(now)
        self.currentIndexChanged.connect(lambda _: self.chosen.emit(str(self.currentData())))

    def follow(self, now: str) -> None:
        """Show what was chosen elsewhere, without choosing it again."""
        blocked = QSignalBlocker(self)
        self.setCurrentIndex(self.findData(now))
        blocked.unblock()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel: what is scrolled past is not chosen."""
        event.ignore()


class ColourScale(QWidget):
    """The colours of a map from left to right, as transparent as they are drawn."""

    def __init__(self, colours: str) -> None:
        super().__init__()
        self._colours = _strip(colours, opaque=False)
        self.setFixedHeight(8)

    def show_colours(self, colours: str) -> None:
        """Show another map."""
        self._colours = _strip(colours, opaque=False)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the colours over the whole width."""
        del event
        painter = QPainter(self)
        painter.drawImage(self.rect(), self._colours)
        painter.end()


def _strip(colours: str, *, opaque: bool) -> QImage:
    alpha = np.full(256, 255, np.uint8) if opaque else np.arange(256, dtype=np.uint8)
    table = np.concatenate([colour_map(colours), alpha[:, None]], axis=1)
    return QImage(table.tobytes(), 256, 1, 4 * 256, QImage.Format.Format_RGBA8888).copy()
