"""The histogram of a region's values, drawn small."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from medgan_viewer.core.measure.measuring import ImageValues
from medgan_viewer.core.measure.words import number_text
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.lettering import font_of, metrics_of

__all__ = ["HistogramStrip"]

_BARS, _WORDS = 34, 15


class HistogramStrip(QWidget):
    """Bars from the smallest to the largest value, both named below; violet where a model made the values."""

    def __init__(self, values: ImageValues, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values, self._theme = values, theme
        self.setFixedHeight(_BARS + scaled(_WORDS))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        low, high = values.extent
        mark = f"{values.mark} " if values.mark else ""
        said = (
            tr("Histogram of {0}{1}: {2} to {3} {4}")
            .format(mark, values.image, number_text(low), number_text(high), values.unit)
            .rstrip()
        )
        self.setAccessibleName(said)
        self.setToolTip(said)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars and the ends of the scale."""
        del event
        painter = QPainter(self)
        histogram, theme = self._values.histogram, self._theme
        highest, wide = max(int(histogram.counts.max()), 1), self.width() / len(histogram.counts)
        colour = QColor(theme.synthetic if self._values.mark == "SYNTHETIC" else theme.quiet_text)
        for number, count in enumerate(histogram.counts.tolist()):
            tall = _BARS * count / highest
            painter.fillRect(QRectF(number * wide, _BARS - tall, max(wide - 1, 1), tall), colour)
        painter.fillRect(QRectF(0, _BARS, self.width(), 1), QColor(theme.line))
        painter.setFont(font_of(11))
        painter.setPen(QColor(theme.quiet_text))
        words = QRectF(0, _BARS + 1, self.width(), metrics_of(11).height())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, number_text(histogram.low))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, f"{number_text(histogram.high)} {self._values.unit}")
        painter.end()
