"""The fields of a checkerboard, in which a synthetic image stands in the place of the original."""

import math

from PySide6.QtCore import QRect, QRectF

__all__ = ["CHECK", "checks", "in_check"]

# Logical pixels of a field's side.
CHECK = 72


def in_check(x: float, y: float) -> bool:
    """Whether a position of a pane lies in a field of the synthetic image; the first one shows the original."""
    return bool((math.floor(x / CHECK) + math.floor(y / CHECK)) % 2)


def checks(width: float, height: float) -> list[QRectF]:
    """Return the fields of the synthetic image in a pane."""
    rows, columns = math.ceil(height / CHECK), math.ceil(width / CHECK)
    fields = [
        QRect(column * CHECK, row * CHECK, CHECK, CHECK)
        for row in range(rows)
        for column in range(columns)
        if (row + column) % 2
    ]
    return [QRectF(field) for field in fields]
