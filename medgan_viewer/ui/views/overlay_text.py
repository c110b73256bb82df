"""Words, letters and the scale bar, painted over an image so that they can be read on black and on white."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.captions import Captions

__all__ = [
    "Room",
    "draw_captions",
    "draw_headline",
    "draw_line",
    "draw_message",
    "draw_scale_bar",
    "draw_sides_of",
    "draw_text",
]

_MARGIN = 10.0
# A pane smaller than this has no room for words beside the image; the slice number stays.
_SMALLEST_FOR_WORDS = (230, 170)
_ROOMY = (380, 280)
_SNUG = 300
_LENGTHS = (200, 100, 50, 20, 10, 5, 2, 1)
_SHADOW = QColor(0, 0, 0, 200)
_RIM = QColor(0, 0, 0, 130)


@dataclass(frozen=True, slots=True)
class Room:
    """The pane's size in logical pixels, and what the marks at the bottom take of it (width, height)."""

    width: float
    height: float
    mark_width: float = 0.0
    mark_height: float = 0.0

    @property
    def wordy(self) -> bool:
        """Whether there is room for more than the slice number."""
        return self.width >= _SMALLEST_FOR_WORDS[0] and self.height >= _SMALLEST_FOR_WORDS[1]

    @property
    def font(self) -> QFont:
        """The font of the words."""
        font = QFont()
        font.setPixelSize(12 if self.roomy else 11)
        return font

    @property
    def roomy(self) -> bool:
        """Whether there is room for everything."""
        return self.width >= _ROOMY[0] and self.height >= _ROOMY[1]

    @property
    def most_above(self) -> int:
        """How many lines a corner at the top may have."""
        return 9 if self.roomy else 3 if self.width >= _SNUG else 2

    @property
    def most_below(self) -> int:
        """How many lines a corner at the bottom may have."""
        return 9 if self.roomy else 4 if self.width >= _SNUG else 2


def draw_text(painter: QPainter, at: QPointF, text: str, colour: str) -> None:
    """Draw text from its base line with a shadow on every side."""
    if not text:
        return
    font, ratio = painter.font(), painter.device().devicePixelRatioF()
    picture, ascent = _written(text, font.pixelSize(), font.weight().value, colour, ratio)
    painter.drawImage(QPointF(round(at.x()) - 1, round(at.y() - ascent) - 1), picture)


@lru_cache(maxsize=256)
def _written(text: str, size: int, weight: int, colour: str, ratio: float) -> tuple[QImage, float]:
    """Return a line of text with its shadow, and how far its base line lies below its top.

    The same words are painted again and again; a picture of them costs a fifth of painting them five times over.
    """
    font = QFont()
    font.setPixelSize(size)
    font.setWeight(QFont.Weight(weight))
    metrics = QFontMetricsF(font)
    wide, tall = math.ceil(metrics.horizontalAdvance(text)) + 4, math.ceil(metrics.height()) + 3
    picture = QImage(math.ceil(wide * ratio), math.ceil(tall * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(font)
    base = QPointF(1, metrics.ascent() + 1)
    painter.setPen(_SHADOW)
    for x, y in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        painter.drawText(base + QPointF(x, y), text)
    painter.setPen(QColor(colour))
    painter.drawText(base, text)
    painter.end()
    return picture, metrics.ascent()


@lru_cache(maxsize=256)
def _elided(text: str, size: int, room: int) -> tuple[str, float]:
    """Return the text as far as it fits, and its width."""
    font = QFont()
    font.setPixelSize(size)
    metrics = QFontMetricsF(font)
    fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    return fitting, metrics.horizontalAdvance(fitting)


def draw_line(painter: QPainter, line: QLineF, colour: str, width: float = 1.0) -> None:
    """Draw a line with a dark rim; one along the pixels stays sharp."""
    straight = _straight(line, width)
    if straight is not None:
        # Filling a rectangle is far quicker than an antialiased line.
        painter.fillRect(straight.adjusted(-1, -1, 1, 1), _RIM)
        painter.fillRect(straight, QColor(colour))
        return
    painter.setPen(QPen(_RIM, width + 2))
    painter.drawLine(line)
    painter.setPen(QPen(QColor(colour), width))
    painter.drawLine(line)


def _straight(line: QLineF, width: float) -> QRectF | None:
    """Return a line along the rows or columns of the screen as a rectangle on whole pixels; None for any other."""
    left, right = sorted((line.x1(), line.x2()))
    top, bottom = sorted((line.y1(), line.y2()))
    if right - left < 0.5:
        return QRectF(math.floor(left), top, width, bottom - top)
    if bottom - top < 0.5:
        return QRectF(left, math.floor(top), right - left, width)
    return None


def draw_captions(painter: QPainter, room: Room, words: Captions, theme: Theme) -> None:
    """Draw the four corners and the orientation letters as far as there is room."""
    painter.setFont(room.font)
    metrics = QFontMetricsF(room.font)
    column = _Column(painter, metrics, room, theme)
    bottom = room.height - _MARGIN
    if not room.wordy:
        column.draw(words.bottom_right[:1], bottom - room.mark_height, right=True, upwards=True, beside=0)
        return
    _draw_sides(painter, room, words.sides, theme)
    top = _MARGIN + metrics.ascent()
    column.draw(words.top_left, top, right=False, upwards=False)
    column.draw(words.top_right, top, right=True, upwards=False)
    widest = max(
        (metrics.horizontalAdvance(line) for line in (*words.bottom_left[:3], *words.bottom_right[:3])), default=0
    )
    side = min(widest, column.width)
    if room.mark_width and room.mark_width / 2 + side + 2 * _MARGIN > room.width / 2:
        bottom -= room.mark_height
    column.draw(words.bottom_left, bottom, right=False, upwards=True)
    column.draw(words.bottom_right, bottom, right=True, upwards=True, beside=len(words.bottom_left))


class _Column:
    """Lines in one corner; the first is the plainest, the others are quieter."""

    def __init__(self, painter: QPainter, metrics: QFontMetricsF, room: Room, theme: Theme) -> None:
        self.painter, self.metrics, self.room, self.theme = painter, metrics, room, theme
        # The letter at the top stands between the two columns.
        self.width = room.width / 2 - _MARGIN - 18
        self.room_for = int((room.height / 2 - 40) / metrics.lineSpacing())

    def draw(self, lines: Sequence[str], base: float, *, right: bool, upwards: bool, beside: int = 9) -> None:
        """Draw lines from a base line on; after ``beside`` of them the other corner leaves its room."""
        step = -self.metrics.lineSpacing() if upwards else self.metrics.lineSpacing()
        if upwards:
            base -= self.metrics.descent()
        most = min(self.room_for, self.room.most_below if upwards else self.room.most_above)
        for number, line in enumerate(lines[: max(most, 1)]):
            room = self.width if number < beside else self.room.width - 2 * _MARGIN
            text, wide = _elided(line, self.room.font.pixelSize(), int(room))
            x = self.room.width - _MARGIN - wide if right else _MARGIN
            colour = self.theme.image_text if number == 0 else self.theme.image_quiet_text
            draw_text(self.painter, QPointF(x, base + number * step), text, colour)


def _draw_sides(painter: QPainter, room: Room, sides: tuple[str, str, str, str], theme: Theme) -> None:
    font = room.font
    font.setPixelSize(font.pixelSize() + 1)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    left, right, top, bottom = sides
    middle = room.height / 2 + metrics.ascent() / 2
    draw_text(painter, QPointF(_MARGIN, middle), left, theme.orientation)
    draw_text(
        painter, QPointF(room.width - _MARGIN - metrics.horizontalAdvance(right), middle), right, theme.orientation
    )
    draw_text(
        painter, QPointF((room.width - metrics.horizontalAdvance(top)) / 2, _MARGIN + metrics.ascent()), top,
        theme.orientation,
    )  # fmt: skip
    base = room.height - _MARGIN - metrics.descent() - room.mark_height
    draw_text(painter, QPointF((room.width - metrics.horizontalAdvance(bottom)) / 2, base), bottom, theme.orientation)
    painter.setFont(room.font)


def draw_scale_bar(painter: QPainter, room: Room, scale: float, theme: Theme) -> float:
    """Draw a bar of a round length beside the right edge, ``scale`` pixels per mm; return its length in mm."""
    longest = room.height * (0.3 if room.roomy else 0.2)
    length = next((mm for mm in _LENGTHS if mm * scale <= longest), 0)
    if not room.wordy or not length:
        return 0.0
    painter.setFont(room.font)
    # In a small pane it stands higher, above the lower corner.
    x, middle, half = room.width - 36.0, room.height * (0.5 if room.roomy else 0.4), length * scale / 2
    for line in (
        QLineF(x - 6, middle - half, x, middle - half),
        QLineF(x - 6, middle + half, x, middle + half),
        QLineF(x, middle - half, x, middle + half),
    ):
        draw_line(painter, line, theme.image_text)
    text = f"{length // 10} cm" if length >= 10 else f"{length} mm"
    metrics = QFontMetricsF(painter.font())
    at = QPointF(x - 6 - metrics.horizontalAdvance(text) / 2, middle + half + metrics.ascent() + 5)
    draw_text(painter, at, text, theme.image_quiet_text)
    return float(length)


def draw_headline(painter: QPainter, room: Room, text: str, colour: str) -> None:
    """Say something below the corners at the top, in the middle."""
    painter.setFont(room.font)
    metrics = QFontMetricsF(room.font)
    words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width - 2 * _MARGIN)
    x = (room.width - metrics.horizontalAdvance(words)) / 2
    draw_text(painter, QPointF(x, _headline(room, metrics)), words, colour)


def _headline(room: Room, metrics: QFontMetricsF) -> float:
    """Return the base line below the longest corner, above the middle of the image."""
    lines = 5 if room.roomy else room.most_above + 1 if room.wordy else 0
    return _MARGIN + metrics.ascent() + lines * metrics.lineSpacing()


def draw_sides_of(painter: QPainter, room: Room, x: float, names: tuple[str, str], theme: Theme) -> None:
    """Name what is left and what is right of the swipe line."""
    painter.setFont(room.font)
    metrics = QFontMetricsF(room.font)
    base = _MARGIN + metrics.ascent() + 1.6 * metrics.lineSpacing()
    left, right = names
    wide = metrics.horizontalAdvance(left)
    if x > wide + 2 * _MARGIN:
        draw_text(painter, QPointF(x - wide - _MARGIN, base), left, theme.image_text)
    if room.width - x > metrics.horizontalAdvance(right) + 2 * _MARGIN:
        draw_text(painter, QPointF(x + _MARGIN, base), right, theme.image_text)


def draw_message(painter: QPainter, room: Room, text: str, theme: Theme) -> None:
    """Say something quietly in the middle of a pane."""
    painter.setFont(room.font)
    painter.setPen(QColor(theme.image_quiet_text))
    area = QRectF(_MARGIN, 0, room.width - 2 * _MARGIN, room.height)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
