"""Labels of figures: what they look like, and places for them beside the figures."""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from medgan_viewer.core.measure.words import Line
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.lettering import font_of, metrics_of, width_of
from medgan_viewer.ui.views.tools.figures import Figure, Screen

__all__ = ["Box", "Obstacle", "label_picture", "label_size", "overlap", "place_label"]

# Left, top, right, bottom in logical pixels.
Box = tuple[float, float, float, float]

_SIZE = 11
_PAD, _ROUND = 5.0, 4.0
_GAP = 9.0
# Places over a whole pane that are tried where a figure has none beside it.
_ACROSS, _DOWN = 8, 16
_GROUND = QColor(0, 0, 0, 165)


@lru_cache(maxsize=512)
def label_size(said: tuple[Line, ...]) -> tuple[float, float]:
    """Return how wide and how high a label is."""
    metrics = metrics_of(_SIZE)
    wide = max((width_of(line.text, _SIZE, bold=line.synthetic) for line in said), default=0.0)
    return math.ceil(wide + 2 * _PAD), math.ceil(len(said) * metrics.lineSpacing() + _PAD)


@lru_cache(maxsize=512)
def label_picture(said: tuple[Line, ...], theme: Theme, ratio: float) -> QImage:
    """Return a label: words on a dark ground, so that they can be read on black and on white; synthetic ones violet."""
    wide, tall = label_size(said)
    picture = QImage(math.ceil(wide * ratio), math.ceil(tall * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(QRectF(0, 0, wide, tall), _ROUND, _ROUND)
    metrics = metrics_of(_SIZE)
    for number, line in enumerate(said):
        top = _PAD / 2 + number * metrics.lineSpacing()
        if line.synthetic:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.synthetic))
            painter.drawRoundedRect(QRectF(1, top, wide - 2, metrics.lineSpacing()), _ROUND - 1, _ROUND - 1)
        painter.setFont(font_of(_SIZE, bold=line.synthetic))
        painter.setPen(QColor(theme.synthetic_text if line.synthetic else theme.image_text))
        painter.drawText(QRectF(_PAD, top, wide, metrics.lineSpacing()), Qt.AlignmentFlag.AlignVCenter, line.text)
    painter.end()
    return picture


class Obstacle:
    """A figure that labels keep off: its box, and points along its strokes where they come that near."""

    def __init__(self, figure: Figure) -> None:
        self.box = figure.box
        self._strokes = figure.strokes
        self._points: Screen | None = None

    def blocks(self, place: Box) -> bool:
        """Whether a stroke runs through a place."""
        if not overlap(place, self.box):
            return False
        if self._points is None:
            self._points = np.concatenate([_along(stroke) for stroke in self._strokes])
        x, y = self._points.T
        left, top, right, bottom = place
        return bool(((x > left - 2) & (x < right + 2) & (y > top - 2) & (y < bottom + 2)).any())


def place_label(figure: Figure, room: Box, taken: Sequence[Box], others: Sequence[Obstacle]) -> Box | None:
    """Return where a figure's label stands: beside the figure and never on it, on no other label and no other words.

    Where there is room it keeps off other figures too. None where nothing of the figure is in the pane, or there is
    nothing to say.
    """
    size = label_size(figure.label)
    box = figure.box
    if not figure.label or not overlap(box, room):
        return None
    beside = [place for place in _beside(box, size) if _within(place, room) and not overlap(place, box)]
    free = [place for place in beside if not any(overlap(place, one) for one in taken)]
    clear = _first_clear(free, others)
    if clear is not None:
        return clear
    # Crowded, or a figure as large as the pane: anywhere clear of all lines, the nearer the better.
    own = Obstacle(figure)
    spread = sorted(_spread(room, size), key=lambda place: _away(place, box))
    open_places = [place for place in spread if not any(overlap(place, one) for one in taken)]
    clear = _first_clear(open_places, [own, *others])
    if clear is not None:
        return clear
    # No place is clear of everything: never on its own lines, else where it hides least.
    return min(spread, key=lambda place: _harm(place, own, taken, others))


def _first_clear(places: Sequence[Box], others: Sequence[Obstacle]) -> Box | None:
    return next((place for place in places if not any(one.blocks(place) for one in others)), None)


def _harm(place: Box, own: Obstacle, taken: Sequence[Box], others: Sequence[Obstacle]) -> tuple[bool, float, int]:
    hidden = sum(
        (min(place[2], one[2]) - max(place[0], one[0])) * (min(place[3], one[3]) - max(place[1], one[1]))
        for one in taken
        if overlap(place, one)
    )
    return own.blocks(place), hidden, sum(one.blocks(place) for one in others)


def _away(place: Box, box: Box) -> float:
    """Return how far the middles of two boxes are apart."""
    across, down = place[0] + place[2] - box[0] - box[2], place[1] + place[3] - box[1] - box[3]
    return math.hypot(across, down)


def _beside(box: Box, size: tuple[float, float]) -> list[Box]:
    left, top, right, bottom = box
    wide, tall = size
    middle_x, middle_y = (left + right - wide) / 2, (top + bottom - tall) / 2
    corners = [
        (right + _GAP, middle_y),
        (left - _GAP - wide, middle_y),
        (middle_x, bottom + _GAP),
        (middle_x, top - _GAP - tall),
        (right + _GAP, bottom + _GAP),
        (right + _GAP, top - _GAP - tall),
        (left - _GAP - wide, bottom + _GAP),
        (left - _GAP - wide, top - _GAP - tall),
    ]
    # Farther away along the sides, where many labels crowd.
    for step in (1, 2):
        corners += [(right + _GAP, middle_y + sign * step * (tall + 3)) for sign in (1, -1)]
        corners += [(left - _GAP - wide, middle_y + sign * step * (tall + 3)) for sign in (1, -1)]
        corners += [(middle_x, bottom + _GAP + step * (tall + 3)), (middle_x, top - _GAP - tall - step * (tall + 3))]
    return [(x, y, x + wide, y + tall) for x, y in corners]


def _spread(room: Box, size: tuple[float, float]) -> list[Box]:
    """Return places all over the pane."""
    wide, tall = size
    left, top, right, bottom = room
    x = np.linspace(left, max(right - wide, left), _ACROSS).tolist()
    y = np.linspace(top, max(bottom - tall, top), _DOWN).tolist()
    return [(a, b, a + wide, b + tall) for b in y for a in x]


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a place."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _within(place: Box, room: Box) -> bool:
    return place[0] >= room[0] and place[1] >= room[1] and place[2] <= room[2] and place[3] <= room[3]


def _along(stroke: Screen) -> Screen:
    """Return points along a stroke, three pixels apart."""
    parts = [stroke]
    for start, end in pairwise(stroke):
        count = min(int(math.dist(start, end) / 3), 2000)
        if count > 1:
            parts.append(start + np.linspace(0, 1, count)[:, None] * (end - start))
    return np.concatenate(parts)
