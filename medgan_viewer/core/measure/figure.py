"""An annotation as strokes and words in the pixels of a picture, whatever paints it. No Qt here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.geometry import outline
from medgan_viewer.core.measure.words import Line

__all__ = ["Figure", "Screen", "figure_of", "handle_number"]

Screen = NDArray[np.float64]

_HANDLES_OF_OUTLINE = 8
_CROSS = 6.0


@dataclass(frozen=True, eq=False)
class Figure:
    """An annotation on the screen: strokes (each n × 2, x and y), its handles, and the lines of its label.

    ``dashed`` are strokes that only say what belongs together.
    """

    annotation: Annotation
    strokes: tuple[Screen, ...]
    handles: Screen
    label: tuple[Line, ...]
    dashed: tuple[Screen, ...] = ()

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        points = np.concatenate(self.strokes)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def lines(self) -> list[Screen]:
        """What is drawn, each n × 2: a point is a small cross."""
        if len(self.strokes[0]) > 1:
            return list(self.strokes)
        x, y = self.strokes[0][0]
        if self.annotation.kind == "text":
            return [np.array([[x - 2, y], [x + 2, y]])]
        return [
            np.array([[x + a * _CROSS, y + b * _CROSS], [x + a * 1.5, y + b * 1.5]])
            for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]


def figure_of(
    annotation: Annotation, on_screen: Callable[[NDArray[np.float64]], Screen], label: tuple[Line, ...]
) -> Figure:
    """Return an annotation as it lies on a screen: ``on_screen`` takes points (n × 3, LPS mm) to x and y (n × 2)."""
    points = on_screen(np.asarray(annotation.points))
    match annotation.kind:
        case "cobb":
            middles = np.stack([points[:2].mean(axis=0), points[2:].mean(axis=0)])
            return Figure(annotation, (points[:2], points[2:]), points, label, (middles,))
        case "ellipse":
            ring = on_screen(outline(annotation))
            return Figure(annotation, (_closed(ring),), points, label)
        case "rectangle":
            return Figure(annotation, (_closed(points),), points, label)
        case "freehand":
            chosen = range(0, len(points), max(len(points) // _HANDLES_OF_OUTLINE, 1))
            return Figure(annotation, (_closed(points),), points[list(chosen)], label)
        case "arrow":
            return Figure(annotation, (points, *_head(points)), points, label)
        case _:
            return Figure(annotation, (points,), points, label)


def handle_number(annotation: Annotation, number: int) -> int:
    """Return which of an annotation's points a handle stands for."""
    return number * max(len(annotation.points) // _HANDLES_OF_OUTLINE, 1) if annotation.kind == "freehand" else number


def _closed(points: Screen) -> Screen:
    return np.concatenate([points, points[:1]])


def _head(points: Screen) -> tuple[Screen, ...]:
    """Return the two strokes of an arrow's head; its first point is the tip."""
    back = points[1] - points[0]
    length = float(np.hypot(*back))
    if length < 1:
        return ()
    size = min(12.0, length)
    unit, side = back / length, np.array([-back[1], back[0]]) / length
    return tuple(np.stack([points[0], points[0] + size * (unit + sign * 0.45 * side)]) for sign in (-1, 1))
