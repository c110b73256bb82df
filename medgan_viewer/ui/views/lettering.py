"""Lines of text as pictures with a shadow, so that they can be read on black and on white.

The same words are painted again and again; a picture of them costs a fifth of painting them five times over. Fonts and
what is measured of them are kept too: asking Qt costs more than drawing.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from medgan_viewer.ui.type_size import scaled

__all__ = [
    "PlacedLine",
    "draw_text",
    "elided",
    "font_of",
    "forget_words",
    "metrics_of",
    "placed",
    "width_of",
    "words_kept",
]

_SHADOW = QColor(0, 0, 0, 200)
# Behind words: nothing on black, and dark enough on white for quiet ones to be read.
_BACKING = QColor(0, 0, 0, 170)

# A line of text and where the upper left corner of its picture stands.
PlacedLine = tuple[QPointF, QImage]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_forgetting: list[Callable[[], None]] = []


def words_kept(most: int) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Keep what a function makes of words, for its last ``most`` calls and no longer than a study is open."""

    def keeping(make: Callable[_P, _T]) -> Callable[_P, _T]:
        kept = lru_cache(maxsize=most)(make)
        _forgetting.append(kept.cache_clear)
        return cast(Callable[_P, _T], kept)

    return keeping


def forget_words() -> None:
    """Let go of all words that were drawn and their pictures: they may be a patient's name, or 18 MB of labels."""
    for forget in _forgetting:
        forget()


@lru_cache(maxsize=64)
def font_of(size: int, *, bold: bool = False) -> QFont:
    """Return the font of ``size``, which grows with the system's type; it is shared and must not be changed."""
    font = QFont()
    font.setPixelSize(scaled(size))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=64)
def metrics_of(size: int, *, bold: bool = False) -> QFontMetricsF:
    """Return the measures of a font."""
    return QFontMetricsF(font_of(size, bold=bold))


@words_kept(512)
def width_of(text: str, size: int, *, bold: bool = False) -> float:
    """Return how wide a line of text is."""
    return metrics_of(size, bold=bold).horizontalAdvance(text)


@words_kept(512)
def elided(text: str, size: int, room: int) -> str:
    """Return the text as far as it fits into ``room`` logical pixels."""
    return metrics_of(size).elidedText(text, Qt.TextElideMode.ElideRight, room)


def placed(
    at: QPointF, text: str, colour: str, size: int, ratio: float, *, bold: bool = False, backed: bool = False
) -> PlacedLine:
    """Return the picture of a line whose base line begins at a place, for ``ratio`` device pixels per logical one.

    ``backed`` has it darken what lies behind.
    """
    ascent = metrics_of(size, bold=bold).ascent()
    corner = QPointF(round(at.x()) - 1, round(at.y() - ascent) - 1)
    return corner, _written(text, size, bold, colour, ratio, backed)


def draw_text(painter: QPainter, at: QPointF, text: str, colour: str, size: int, *, backed: bool = False) -> None:
    """Draw a line from its base line with a shadow on every side; ``backed`` darkens what lies behind."""
    if text:
        painter.drawImage(*placed(at, text, colour, size, painter.device().devicePixelRatioF(), backed=backed))


@words_kept(256)
def _written(text: str, size: int, bold: bool, colour: str, ratio: float, backed: bool) -> QImage:
    """Return a line of text with its shadow, a pixel away from the edges."""
    metrics = metrics_of(size, bold=bold)
    wide, tall = math.ceil(metrics.horizontalAdvance(text)) + 4, math.ceil(metrics.height()) + 3
    picture = QImage(math.ceil(wide * ratio), math.ceil(tall * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(_BACKING if backed else Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(font_of(size, bold=bold))
    base = QPointF(1, metrics.ascent() + 1)
    painter.setPen(_SHADOW)
    for x, y in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        painter.drawText(base + QPointF(x, y), text)
    painter.setPen(QColor(colour))
    painter.drawText(base, text)
    painter.end()
    return picture
