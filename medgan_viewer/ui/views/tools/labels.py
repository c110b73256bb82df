"""Labels of figures: what they look like, and places for them beside the figures."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from medgan_viewer.core.measure.words import Line
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.lettering import font_of, metrics_of, width_of, words_kept
from medgan_viewer.ui.views.tools.figures import Figure, Screen

__all__ = ["Box", "label_picture", "label_size", "overlap", "place_labels"]

# Left, top, right, bottom in logical pixels.
Box = tuple[float, float, float, float]

_SIZE = 11
_PAD, _ROUND = 5.0, 4.0
_GAP = 9.0
# Pixels of a cell of the map of what is taken; smaller than the gap, so that what is beside a line is beside its cell.
_CELL = 6
# Pixels between the points that stand for a line.
_FINE = 4.0
_GROUND = QColor(0, 0, 0, 165)


@words_kept(512)
def label_size(said: tuple[Line, ...]) -> tuple[float, float]:
    """Return how wide and how high a label is."""
    metrics = metrics_of(_SIZE)
    wide = max((width_of(line.text, _SIZE, bold=line.synthetic) for line in said), default=0.0)
    return math.ceil(wide + 2 * _PAD), math.ceil(len(said) * metrics.lineSpacing() + _PAD)


@words_kept(128)
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


class _Taken:
    """Which parts of a pane are taken, in cells: by words and labels, by lines, and by all that figures enclose."""

    def __init__(self, room: Box) -> None:
        self.room = room
        shape = int(room[3]) // _CELL + 2, int(room[2]) // _CELL + 2
        self.lines = np.zeros(shape, np.uint8)
        self.boxes = np.zeros(shape, np.uint8)

    def add_box(self, box: Box) -> None:
        """Take a box whole."""
        rows, columns = self._cells(box)
        self.lines[rows, columns] = 1
        self.boxes[rows, columns] = 1

    def add_figures(self, figures: Sequence[Figure]) -> None:
        """Take the lines of figures, and what lies between them where there is room elsewhere."""
        strokes = [stroke for figure in figures for stroke in figure.strokes]
        if not strokes:
            return
        x, y = _along(strokes).T
        inside = (x >= 0) & (y >= 0) & (x < self.room[2]) & (y < self.room[3])
        self.lines[y[inside].astype(int) // _CELL, x[inside].astype(int) // _CELL] = 1
        for figure in figures:
            rows, columns = self._cells(figure.box)
            self.boxes[rows, columns] = 1

    def _cells(self, box: Box) -> tuple[slice, slice]:
        left, top, right, bottom = (max(int(edge), 0) // _CELL for edge in box)
        return slice(top, bottom + 1), slice(left, right + 1)

    def is_free(self, box: Box, *, of_lines: bool = False) -> bool:
        """Whether nothing is in a box of the pane."""
        room = self.room
        if box[0] < room[0] or box[1] < room[1] or box[2] > room[2] or box[3] > room[3]:
            return False
        return not (self.lines if of_lines else self.boxes)[self._cells(box)].any()

    def best(self, size: tuple[float, float], box: Box) -> Box:
        """Return the place that hides least, of several the one nearest to a box."""
        high, wide = (math.ceil(length / _CELL) + 1 for length in (size[1], size[0]))
        rows, columns = self.lines.shape
        last_row, last_column = max(rows - high - 1, 1), max(columns - wide - 1, 1)
        sums = np.zeros((rows + 1, columns + 1), np.int32)
        np.cumsum(np.cumsum(self.lines, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
        high, wide = min(high, rows - last_row), min(wide, columns - last_column)
        hidden = (
            sums[high : high + last_row, wide : wide + last_column]
            - sums[:last_row, wide : wide + last_column]
            - sums[high : high + last_row, :last_column]
            + sums[:last_row, :last_column]
        )
        y, x = np.nonzero(hidden == hidden.min())
        away = (x * _CELL + size[0] / 2 - (box[0] + box[2]) / 2) ** 2 + (
            y * _CELL + size[1] / 2 - (box[1] + box[3]) / 2
        ) ** 2
        nearest = int(away.argmin())
        left, top = max(float(x[nearest] * _CELL), self.room[0]), max(float(y[nearest] * _CELL), self.room[1])
        return left, top, left + size[0], top + size[1]


def place_labels(figures: Sequence[Figure], room: Box, words: Sequence[Box]) -> list[Box | None]:
    """Return where the labels of figures stand: beside the figure, on no line, no other label and no other words.

    Where there is room a label keeps off all that figures enclose too. In a pane that is crowded, or smaller than the
    figure, it stands where it hides least. None where nothing of a figure is in the pane, or there is nothing to say.
    """
    taken = _Taken(room)
    for box in words:
        taken.add_box(box)
    taken.add_figures(figures)
    found: list[Box | None] = []
    for figure in figures:
        box = figure.box
        place = None
        if figure.label and overlap(box, room):
            place = _place(taken, box, label_size(figure.label))
            taken.add_box(place)
        found.append(place)
    return found


def _place(taken: _Taken, box: Box, size: tuple[float, float]) -> Box:
    places = _beside(box, size)
    for of_lines in (False, True):
        for place in places:
            if taken.is_free(place, of_lines=of_lines):
                return place
    return taken.best(size, box)


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


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a place."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _along(strokes: Sequence[Screen]) -> Screen:
    """Return points along all strokes, a few pixels apart."""
    start = np.concatenate([stroke[:-1] if len(stroke) > 1 else stroke for stroke in strokes])
    end = np.concatenate([stroke[1:] if len(stroke) > 1 else stroke for stroke in strokes])
    # A line that goes far beyond the pane is not followed to its end.
    counts = np.clip((np.hypot(*(end - start).T) / _FINE).astype(int) + 2, 2, 1000)
    number = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    share = (number / np.repeat(counts - 1, counts))[:, None]
    return np.asarray(np.repeat(start, counts, axis=0) * (1 - share) + np.repeat(end, counts, axis=0) * share)
