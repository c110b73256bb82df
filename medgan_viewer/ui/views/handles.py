"""Where the lines of MPR can be held and turned. No widget here."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.camera import Mapping

__all__ = ["angle_about", "draw_handles", "handles", "near_handle"]

_REACH, _SIZE = 9.0, 4.0
# How far from the point about which it turns a line is held, as a share of the pane's smaller side.
_ARM = 0.34


def handles(hub: Vector, planes: Sequence[Plane], mapping: Mapping) -> list[QPointF]:
    """Return the places at which the lines where other planes cross the displayed one can be held."""
    x, y = mapping.point_to_screen(hub)
    arm = _ARM * min(mapping.width, mapping.height)
    down, along = mapping.spacing
    found = []
    for plane in planes:
        line = np.cross(mapping.plane.normal, plane.normal)
        right = float(line @ mapping.plane.column_step) / along
        below = float(line @ mapping.plane.row_step) / down
        length = math.hypot(right, below)
        if length > 0.2:
            step = QPointF(arm * right / length, arm * below / length)
            found += [QPointF(x, y) + step, QPointF(x, y) - step]
    return found


def near_handle(at: QPointF, places: Sequence[QPointF]) -> bool:
    """Whether a position is on one of the handles."""
    return any(math.hypot(at.x() - place.x(), at.y() - place.y()) <= _REACH for place in places)


def angle_about(hub: tuple[float, float], start: QPointF, now: QPointF) -> float:
    """Return by how many degrees, clockwise on the screen, a position was turned about a place."""
    (x, y), (first, last) = hub, (start, now)
    turned = math.atan2(last.y() - y, last.x() - x) - math.atan2(first.y() - y, first.x() - x)
    return math.degrees(math.remainder(turned, 2 * math.pi))


def draw_handles(painter: QPainter, places: Sequence[QPointF], theme: Theme) -> None:
    """Draw the handles as rings."""
    if not places:
        return
    painter.setPen(QPen(QColor(theme.crosshair), 1.0))
    for one, other in zip(places[::2], places[1::2], strict=True):
        painter.drawLine(one, other)
    painter.setBrush(QColor(theme.image_background))
    for colour, width in (("#000000", 3.5), (theme.crosshair, 1.5)):
        painter.setPen(QPen(QColor(colour), width))
        for place in places:
            painter.drawEllipse(place, _SIZE, _SIZE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
