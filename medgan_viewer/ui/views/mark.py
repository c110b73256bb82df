"""The mark of synthetic pixels. It is drawn with the pixels themselves, and nothing switches it off."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.ui.theme import Theme

__all__ = ["BORDER", "Mark", "draw_mark", "mark_for"]

BORDER = 2.0
_LARGEST, _COMFORTABLE, _SMALLEST = 12, 9, 4
_PADDING, _FROM_EDGE = 8.0, 6.0


@dataclass(frozen=True, slots=True)
class Mark:
    """What a pane must say. ``synthetic`` holds the violet label, longest wording first, empty without such pixels;
    ``results`` the plain line about results over real pixels, likewise.
    """

    synthetic: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


def mark_for(series: Series, synthetic: tuple[ImageLayer, ...], results: tuple[Layer, ...]) -> Mark:
    """Return the mark of a pane that shows a series with these layers on it."""
    models = list(dict.fromkeys(layer.provenance.model_name for layer in synthetic))
    if series.synthetic:
        models.insert(0, series.description or "model unknown")
    violet: tuple[str, ...] = ()
    if models:
        who = " + ".join(models)
        patient = "simulated patient · " if series.simulated else ""
        violet = (f"SYNTHETIC · {who} · {patient}not for diagnosis", "SYNTHETIC · not for diagnosis", "SYNTHETIC")
    elif series.simulated:
        violet = ("SIMULATED PATIENT · no person · not for diagnosis", "SIMULATED · not for diagnosis", "SIMULATED")
    if not results:
        return Mark(violet)
    names = ", ".join(dict.fromkeys(layer.provenance.model_name for layer in results))
    plain = (f"AI overlay · {names} · not for diagnosis", "AI overlay · not for diagnosis", "AI overlay")
    return Mark(violet, plain)


def draw_mark(painter: QPainter, area: QRectF, mark: Mark, theme: Theme) -> list[QRectF]:
    """Draw the border, the label and the plain line at the bottom of an area; return where the texts stand."""
    places: list[QRectF] = []
    bottom = area.bottom() - min(_FROM_EDGE, area.height() / 20)
    if mark.synthetic:
        pen = QPen(QColor(theme.synthetic), BORDER)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = BORDER / 2
        painter.drawRect(area.adjusted(half, half, -half, -half))
        places.append(_draw_label(painter, area, bottom, mark.synthetic, theme))
        bottom = places[-1].top() - 3
    if mark.results:
        places.append(_draw_line(painter, area, bottom, mark.results, theme))
    return places


def _draw_label(painter: QPainter, area: QRectF, bottom: float, wordings: tuple[str, ...], theme: Theme) -> QRectF:
    font, words, width, height = _fitted(wordings, area.width() - 2 * (BORDER + _PADDING))
    font.setWeight(QFont.Weight.DemiBold)
    pill = QRectF(area.center().x() - width / 2 - _PADDING, bottom - height - 4, width + 2 * _PADDING, height + 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.synthetic))
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setFont(font)
    painter.setPen(QColor(theme.synthetic_text))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
    return pill


def _draw_line(painter: QPainter, area: QRectF, bottom: float, wordings: tuple[str, ...], theme: Theme) -> QRectF:
    font, words, width, height = _fitted(wordings, area.width() - 2 * _PADDING)
    place = QRectF(area.center().x() - width / 2 - 4, bottom - height, width + 8, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRect(place)
    painter.setFont(font)
    painter.setPen(QColor(theme.image_text))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
    return place


def _fitted(wordings: tuple[str, ...], width: float) -> tuple[QFont, str, float, float]:
    """Return the font, the wording, its width and height: the longest that can be read, else the shortest, small."""
    font = QFont()
    font.setWeight(QFont.Weight.DemiBold)
    for number, words in enumerate(wordings):
        smallest = _SMALLEST if number == len(wordings) - 1 else _COMFORTABLE
        for size in range(_LARGEST, smallest - 1, -1):
            font.setPixelSize(size)
            metrics = QFontMetricsF(font)
            wide = metrics.horizontalAdvance(words)
            if wide <= width or size == _SMALLEST:
                font.setWeight(QFont.Weight.Normal)
                return font, words, wide, metrics.height()
    raise ValueError("a mark needs words")
