"""Which figure lies under the mouse."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF

from medgan_viewer.ui.views.tools.figures import Figure, Screen
from medgan_viewer.ui.views.tools.painting import Placement

__all__ = ["Hit", "under"]

_HANDLE, _LINE = 8.0, 5.0


@dataclass(frozen=True, eq=False)
class Hit:
    """A figure under the mouse, and the number of its handle there, None for its line or its label."""

    figure: Figure
    handle: int | None
    on_label: bool = False


def under(painted: Sequence[Placement], at: QPointF) -> Hit | None:
    """Return what lies under a place: handles before lines, lines before labels, the latest first."""
    spot = np.array([at.x(), at.y()])
    for one in reversed(painted):
        away = np.hypot(*(one.figure.handles - spot).T)
        if away.min() <= _HANDLE:
            return Hit(one.figure, int(away.argmin()))
    for one in reversed(painted):
        if any(_distance(stroke, spot) <= _LINE for stroke in one.figure.strokes):
            return Hit(one.figure, None)
    for one in reversed(painted):
        box = one.label
        if box is not None and box[0] <= at.x() <= box[2] and box[1] <= at.y() <= box[3]:
            return Hit(one.figure, None, on_label=True)
    return None


def _distance(stroke: Screen, spot: Screen) -> float:
    """Return how far a place is from a stroke, in pixels."""
    start, step = stroke[:-1], np.diff(stroke, axis=0)
    if not len(step):
        return float("inf")
    length = np.maximum((step**2).sum(axis=1), 1e-9)
    share = np.clip(((spot - start) * step).sum(axis=1) / length, 0, 1)
    return float(np.hypot(*(start + share[:, None] * step - spot).T).min())
