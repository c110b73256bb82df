"""Painting of figures: lines with a dark rim, handles where one is chosen, labels beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.tools.figures import Figure, Screen
from medgan_viewer.ui.views.tools.labels import Box, label_picture, place_labels

__all__ = ["Placement", "boxes_of", "paint", "place", "room_of"]

_RIM = QColor(0, 0, 0, 150)
_HANDLE = 4.0
# A label farther from its figure than this has a line to it.
_FAR = 26.0


@dataclass(frozen=True, eq=False)
class Placement:
    """A figure and where its label stands."""

    figure: Figure
    label: Box | None


def place(figures: Sequence[Figure], room: Box, words: Sequence[Box]) -> list[Placement]:
    """Return the figures with places for their labels, which stand on no words and on no other label."""
    labels = place_labels(figures, room, words)
    return [Placement(figure, label) for figure, label in zip(figures, labels, strict=True)]


def paint(painter: QPainter, placed: Sequence[Placement], chosen: str | None, theme: Theme, ratio: float) -> None:
    """Paint figures, the chosen one (by its annotation's UID) thicker and with its handles.

    ``ratio`` is how many device pixels a logical one has.
    """
    _paint_leaders(painter, placed, theme)
    plain = [one for one in placed if one.figure.annotation.uid != chosen]
    selected = [one for one in placed if one.figure.annotation.uid == chosen]
    for group, width in ((plain, 1.4), (selected, 2.0)):
        _paint_lines(painter, [one.figure for one in group], theme, width)
    for one in selected:
        _paint_handles(painter, one.figure, theme)
    for one in placed:
        if one.label is not None:
            painter.drawImage(QPointF(one.label[0], one.label[1]), label_picture(one.figure.label, theme, ratio))


def _paint_lines(painter: QPainter, figures: Sequence[Figure], theme: Theme, width: float) -> None:
    if not figures:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shapes = [_polygon(stroke) for figure in figures for stroke in figure.lines]
    dashed = [_polygon(stroke) for figure in figures for stroke in figure.dashed]
    # A rim below all of them, so that they can be seen on white.
    for colour, wide in ((_RIM, width + 2.2), (QColor(theme.annotation), width)):
        painter.setPen(QPen(colour, wide))
        for shape in shapes:
            painter.drawPolyline(shape)
    if dashed:
        painter.setPen(QPen(QColor(theme.annotation), 1.0, Qt.PenStyle.DashLine))
        for shape in dashed:
            painter.drawPolyline(shape)


def _polygon(stroke: Screen) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in stroke.tolist()])


def _paint_handles(painter: QPainter, figure: Figure, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.annotation), 1.5))
    painter.setBrush(QColor(theme.image_background))
    for x, y in figure.handles.tolist():
        painter.drawEllipse(QPointF(x, y), _HANDLE, _HANDLE)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_leaders(painter: QPainter, placed: Sequence[Placement], theme: Theme) -> None:
    """Paint a thin line from each label that stands far off to its figure."""
    painter.setPen(QPen(QColor(theme.annotation), 1.0, Qt.PenStyle.DotLine))
    for one in placed:
        if one.label is None:
            continue
        points = np.concatenate(one.figure.strokes)
        left, top, right, bottom = one.label
        nearest = np.clip(points, (left, top), (right, bottom))
        away = np.hypot(*(points - nearest).T)
        closest = int(away.argmin())
        if away[closest] > _FAR:
            start, end = nearest[closest].tolist(), points[closest].tolist()
            painter.drawLine(QLineF(start[0], start[1], end[0], end[1]))


def room_of(width: float, height: float) -> Box:
    """Return where labels may stand in a pane."""
    return 4.0, 4.0, width - 4.0, height - 4.0


def boxes_of(areas: Sequence[QRectF]) -> list[Box]:
    """Return rectangles as boxes, a little larger."""
    return [(a.left() - 2, a.top() - 1, a.right() + 2, a.bottom() + 1) for a in areas]
