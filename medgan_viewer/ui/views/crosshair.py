"""The crosshair of a pane: lines through a point that leave the place itself, and every word, free."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter

from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.camera import Mapping
from medgan_viewer.ui.views.overlay_text import draw_line

__all__ = ["draw_crosshair", "free_parts"]

_GAP = 12.0
# Pixels that a line stays away from words.
_AWAY = 3.0

Span = tuple[float, float]


def draw_crosshair(
    painter: QPainter, point: Vector, mapping: Mapping, theme: Theme, words: Sequence[QRectF] = ()
) -> None:
    """Draw a crosshair through an LPS point; its lines are broken where they would cross words."""
    x, y = mapping.point_to_screen(point)
    across = [(area.left(), area.right()) for area in words if area.top() - _AWAY <= y <= area.bottom() + _AWAY]
    for start, end in free_parts((0.0, float(mapping.width)), [(x - _GAP, x + _GAP), *across]):
        draw_line(painter, QLineF(start, y, end, y), theme.crosshair)
    down = [(area.top(), area.bottom()) for area in words if area.left() - _AWAY <= x <= area.right() + _AWAY]
    for start, end in free_parts((0.0, float(mapping.height)), [(y - _GAP, y + _GAP), *down]):
        draw_line(painter, QLineF(x, start, x, end), theme.crosshair)


def free_parts(whole: Span, taken: Iterable[Span]) -> list[Span]:
    """Return what is left of a span, from its start to its end, without those that are taken and a little around."""
    parts, start = [], whole[0]
    for low, high in sorted(taken):
        if low - _AWAY > start:
            parts.append((start, min(low - _AWAY, whole[1])))
        start = max(start, high + _AWAY)
    if start < whole[1]:
        parts.append((start, whole[1]))
    return [(low, high) for low, high in parts if low < high]
