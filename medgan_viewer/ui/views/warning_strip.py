"""The strip across the top of a pane that shows another patient than the others: dark words on the warning colour."""

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.wording import marked

__all__ = ["draw_warning"]

_WORDINGS = (
    marked("Different patients in view · not linked"),
    marked("Different patients · not linked"),
    marked("Different patients"),
)
_LARGEST, _SMALLEST = 12, 7
_WORDS = "#1c1400"
_PADDING = 6.0


def draw_warning(painter: QPainter, area: QRectF, theme: Theme) -> float:
    """Draw the strip at the top of an area; return how high it is."""
    font, words, height = _fitted(int(area.width() - 2 * _PADDING), tuple(map(tr, _WORDINGS)))
    strip = QRectF(area.left(), area.top(), area.width(), height)
    painter.fillRect(strip, QColor(theme.image_warning))
    painter.setFont(font)
    painter.setPen(QColor(_WORDS))
    painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, words)
    return height


@lru_cache(maxsize=32)
def _fitted(width: int, wordings: tuple[str, ...]) -> tuple[QFont, str, float]:
    """Return the font, the longest wording that fits at a size that can be read, and the height of the strip."""
    font, largest = QFont(), scaled(_LARGEST)
    font.setWeight(QFont.Weight.DemiBold)
    for words in wordings:
        for size in range(largest, _SMALLEST - 1, -1):
            font.setPixelSize(size)
            metrics = QFontMetricsF(font)
            shortest = words == wordings[-1]
            if metrics.horizontalAdvance(words) <= width and (size >= largest - 2 or shortest):
                return font, words, metrics.height() + 4
    return font, wordings[-1], QFontMetricsF(font).height() + 4
