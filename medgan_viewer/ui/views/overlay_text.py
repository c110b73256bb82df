"""Words, letters and the scale bar, painted over an image so that they can be read on black and on white."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.captions import Captions
from medgan_viewer.ui.views.lettering import (
    PlacedLine,
    draw_text,
    elided,
    font_of,
    metrics_of,
    placed,
    width_of,
    words_kept,
)

__all__ = [
    "Room",
    "corner_below",
    "draw_captions",
    "draw_headline",
    "draw_line",
    "draw_message",
    "draw_scale_bar",
    "draw_sides_of",
]

_MARGIN = 10.0
# A pane smaller than this has no room for words beside the image; the slice number stays.
_SMALLEST_FOR_WORDS = (230, 170)
_ROOMY = (380, 280)
_SNUG = 300
_LENGTHS = (200, 100, 50, 20, 10, 5, 2, 1)
_RIM = QColor(0, 0, 0, 130)
# Logical pixels of the longest line that is drawn from a picture.
_LONGEST = 4096


@dataclass(frozen=True)
class Room:
    """The pane's size in logical pixels, and what the marks at the bottom take of it (width, height)."""

    width: float
    height: float
    mark_width: float = 0.0
    mark_height: float = 0.0

    @cached_property
    def wordy(self) -> bool:
        """Whether there is room for more than the slice number."""
        return self.width >= scaled(_SMALLEST_FOR_WORDS[0]) and self.height >= scaled(_SMALLEST_FOR_WORDS[1])

    @cached_property
    def size(self) -> int:
        """The size of the words' font."""
        return 12 if self.roomy else 11

    @cached_property
    def roomy(self) -> bool:
        """Whether there is room for everything."""
        return self.width >= scaled(_ROOMY[0]) and self.height >= scaled(_ROOMY[1])

    @cached_property
    def most_above(self) -> int:
        """How many lines a corner at the top may have."""
        return 9 if self.roomy else 3 if self.width >= scaled(_SNUG) else 2

    @cached_property
    def most_below(self) -> int:
        """How many lines a corner at the bottom may have."""
        return 9 if self.roomy else 4 if self.width >= scaled(_SNUG) else 2


def corner_below(room: Room, lines: int) -> QRectF:
    """Return the area at the bottom left in which as many lines as a corner may have, up to ``lines``, stand."""
    tall = _MARGIN + room.mark_height + min(lines, room.most_below) * metrics_of(room.size).lineSpacing()
    return QRectF(0, room.height - tall, room.width / 2, tall)


def draw_line(painter: QPainter, line: QLineF, colour: str, width: float = 1.0) -> None:
    """Draw a line with a dark rim; one along the pixels stays sharp."""
    straight = _straight(line, width)
    ratio = painter.device().devicePixelRatioF()
    if straight is not None and ratio == int(ratio) and max(straight.width(), straight.height()) < _LONGEST:
        # A picture is far quicker than translucent rectangles, and those than an antialiased line.
        upright = straight.width() < straight.height()
        along = straight.adjusted(*((-1, 0, 1, 0) if upright else (0, -1, 0, 1))).toRect()
        wide, tall = along.width(), along.height()
        picture = _stroke(wide if upright else tall, upright, colour, int(ratio))
        painter.drawImage(QPointF(along.topLeft()), picture, QRectF(0, 0, wide * ratio, tall * ratio))
        return
    if straight is not None:
        painter.fillRect(straight.adjusted(-1, -1, 1, 1), _RIM)
        painter.fillRect(straight, QColor(colour))
        return
    painter.setPen(QPen(_RIM, width + 2))
    painter.drawLine(line)
    painter.setPen(QPen(QColor(colour), width))
    painter.drawLine(line)


@lru_cache(maxsize=16)
def _stroke(across: int, upright: bool, colour: str, ratio: int) -> QImage:
    """Return a long line along the pixels with its rim, ``across`` logical pixels thick."""
    wide, tall = (across, _LONGEST) if upright else (_LONGEST, across)
    picture = QImage(wide * ratio, tall * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(_RIM)
    painter = QPainter(picture)
    inner = QRectF(0, 0, wide, tall).adjusted(*((1, 0, -1, 0) if upright else (0, 1, 0, -1)))
    painter.fillRect(inner, QColor(colour))
    painter.end()
    return picture


def _straight(line: QLineF, width: float) -> QRectF | None:
    """Return a line along the rows or columns of the screen as a rectangle on whole pixels; None for any other."""
    left, right = sorted((line.x1(), line.x2()))
    top, bottom = sorted((line.y1(), line.y2()))
    if right - left < 0.5:
        return QRectF(math.floor(left), top, width, bottom - top)
    if bottom - top < 0.5:
        return QRectF(left, math.floor(top), right - left, width)
    return None


def draw_captions(painter: QPainter, room: Room, words: Captions, theme: Theme) -> list[QRectF]:
    """Draw the four corners and the orientation letters as far as there is room; return the areas they take."""
    colours, ratio = (theme.image_text, theme.image_quiet_text), painter.device().devicePixelRatioF()
    if not room.wordy:
        lines = _corner(words.bottom_right[:1], room, colours, ratio, right=True, up=True, aside=True, beside=0)
        return _draw(painter, lines)
    aside, beside = _beside_mark(room, words), len(words.bottom_left)
    parts = (
        _sides(words.sides, room, theme.orientation, ratio),
        _corner(words.top_left, room, colours, ratio),
        _corner(words.top_right, room, colours, ratio, right=True),
        _corner(words.bottom_left, room, colours, ratio, up=True, aside=aside),
        _corner(words.bottom_right, room, colours, ratio, right=True, up=True, aside=aside, beside=beside),
    )
    return [area for lines in parts for area in _draw(painter, lines)]


def _draw(painter: QPainter, lines: Sequence[PlacedLine]) -> list[QRectF]:
    for corner, picture in lines:
        painter.drawImage(corner, picture)
    return [QRectF(corner, picture.deviceIndependentSize()) for corner, picture in lines]


def _column(room: Room) -> float:
    """Return how wide a corner may be: the letter at the top stands between the two."""
    return room.width / 2 - _MARGIN - scaled(18)


def _beside_mark(room: Room, words: Captions) -> bool:
    """Whether the marks leave the corners at the bottom too little room, so that those stand above them."""
    lines = (*words.bottom_left[:3], *words.bottom_right[:3])
    side = min(max((width_of(line, room.size) for line in lines), default=0.0), _column(room))
    return bool(room.mark_width) and room.mark_width / 2 + side + 2 * _MARGIN > room.width / 2


@words_kept(256)
def _corner(
    lines: tuple[str, ...],
    room: Room,
    colours: tuple[str, str],
    ratio: float,
    *,
    right: bool = False,
    up: bool = False,
    aside: bool = False,
    beside: int = 9,
) -> tuple[PlacedLine, ...]:
    """Return the lines of a corner; the first is the plainest, the others are quieter.

    At the bottom (``up``) they go upwards, above the marks where those are not to be stood beside (``aside``); after
    ``beside`` lines the other corner leaves its room.
    """
    metrics = metrics_of(room.size)
    step, base = metrics.lineSpacing(), _MARGIN + metrics.ascent()
    if up:
        step, base = -step, room.height - _MARGIN - metrics.descent() - (room.mark_height if aside else 0.0)
    most = min(int((room.height / 2 - 40) / metrics.lineSpacing()), room.most_below if up else room.most_above)
    found = []
    for number, line in enumerate(lines[: max(most, 1)]):
        space = _column(room) if number < beside else room.width - 2 * _MARGIN
        text = elided(line, room.size, int(space))
        x = room.width - _MARGIN - width_of(text, room.size) if right else _MARGIN
        if text:
            at, colour = QPointF(x, base + number * step), colours[number > 0]
            found.append(placed(at, text, colour, room.size, ratio, backed=True))
    return tuple(found)


@lru_cache(maxsize=64)
def _sides(sides: tuple[str, str, str, str], room: Room, colour: str, ratio: float) -> tuple[PlacedLine, ...]:
    """Return the orientation letters in the middle of each side, those below above the marks."""
    size = room.size + 1
    metrics = metrics_of(size, bold=True)
    wide = [width_of(letters, size, bold=True) for letters in sides]
    middle = room.height / 2 + metrics.ascent() / 2
    at = (
        QPointF(_MARGIN, middle),
        QPointF(room.width - _MARGIN - wide[1], middle),
        QPointF((room.width - wide[2]) / 2, _MARGIN + metrics.ascent()),
        QPointF((room.width - wide[3]) / 2, room.height - _MARGIN - metrics.descent() - room.mark_height),
    )
    return tuple(
        placed(place, letters, colour, size, ratio, bold=True, backed=True)
        for place, letters in zip(at, sides, strict=True)
        if letters
    )


@dataclass(frozen=True)
class ScaleBar:
    """A scale bar that was drawn: its length in mm, the area of its words, and that of words and bar together."""

    length: float
    words: QRectF
    area: QRectF


def draw_scale_bar(painter: QPainter, room: Room, scale: float, theme: Theme) -> ScaleBar | None:
    """Draw a bar of a round length beside the right edge, ``scale`` pixels per mm; None where it has no room."""
    longest = room.height * (0.3 if room.roomy else 0.2)
    length = next((mm for mm in _LENGTHS if mm * scale <= longest), 0)
    if not room.wordy or not length:
        return None
    # In a small pane it stands higher, above the lower corner.
    x, middle, half = room.width - 36.0, room.height * (0.5 if room.roomy else 0.4), length * scale / 2
    # A fourth logical pixel is a whole one of the device where the screen is scaled by quarters.
    left, top = ((math.floor(place) - 2) // 4 * 4 for place in (x - 6, middle - half))
    bar = _bar(x - left, middle - top, half, theme.image_text, painter.device().devicePixelRatioF())
    painter.drawImage(QPointF(left, top), bar)
    text = f"{length // 10} cm" if length >= 10 else f"{length} mm"
    wide, metrics = width_of(text, room.size), metrics_of(room.size)
    at = QPointF(x - 6 - wide / 2, middle + half + metrics.ascent() + 5)
    draw_text(painter, at, text, theme.image_quiet_text, room.size, backed=True)
    words = QRectF(at.x(), at.y() - metrics.ascent(), wide, metrics.height())
    return ScaleBar(float(length), words, words.united(QRectF(x - 6, middle - half, 8, 2 * half)))


@lru_cache(maxsize=32)
def _bar(x: float, middle: float, half: float, colour: str, ratio: float) -> QImage:
    """Return a picture of the scale bar, its stem at ``x``, ``half`` pixels up and down from ``middle``."""
    tall = math.ceil(middle + half) + 3
    picture = QImage(math.ceil((x + 4) * ratio), math.ceil(tall * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for line in (
        QLineF(x - 6, middle - half, x, middle - half),
        QLineF(x - 6, middle + half, x, middle + half),
        QLineF(x, middle - half, x, middle + half),
    ):
        draw_line(painter, line, colour)
    painter.end()
    return picture


def draw_headline(painter: QPainter, room: Room, text: str, colour: str) -> None:
    """Say something below the corners at the top, in the middle."""
    words = elided(text, room.size, int(room.width - 2 * _MARGIN))
    x = (room.width - width_of(words, room.size)) / 2
    draw_text(painter, QPointF(x, _headline(room)), words, colour, room.size)


def _headline(room: Room) -> float:
    """Return the base line below the longest corner, above the middle of the image."""
    lines = 5 if room.roomy else room.most_above + 1 if room.wordy else 0
    metrics = metrics_of(room.size)
    return _MARGIN + metrics.ascent() + lines * metrics.lineSpacing()


def draw_sides_of(painter: QPainter, room: Room, x: float, names: tuple[str, str], theme: Theme) -> None:
    """Name what is left and what is right of the swipe line."""
    metrics = metrics_of(room.size)
    base = _MARGIN + metrics.ascent() + 1.6 * metrics.lineSpacing()
    left, right = names
    wide = width_of(left, room.size)
    if x > wide + 2 * _MARGIN:
        draw_text(painter, QPointF(x - wide - _MARGIN, base), left, theme.image_text, room.size)
    if room.width - x > width_of(right, room.size) + 2 * _MARGIN:
        draw_text(painter, QPointF(x + _MARGIN, base), right, theme.image_text, room.size)


def draw_message(painter: QPainter, room: Room, text: str, theme: Theme) -> None:
    """Say something quietly in the middle of a pane."""
    painter.setFont(font_of(room.size))
    painter.setPen(QColor(theme.image_quiet_text))
    area = QRectF(_MARGIN, 0, room.width - 2 * _MARGIN, room.height)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
