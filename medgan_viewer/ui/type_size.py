"""How large type is: the system's font size decides, and every length that words stand in follows it.

Lengths are written down as they look at 9 pt, the system font of Windows: 12 logical pixels at 96 dots per inch. How
many device pixels a logical one has is Qt's affair (``QT_SCALE_FACTOR``, the screen's own factor) and none of this.
"""

import re
from functools import cache

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo, QGuiApplication
from PySide6.QtWidgets import QWidget

__all__ = ["factor", "fitted", "in_pixels", "scaled"]

_DESIGNED_FOR = 12
# Smaller could not be read beside an image; beyond, words leave the image no room.
_SMALLEST, _LARGEST = 0.85, 2.5
# What of a screen a dialog leaves free.
_AROUND = 80
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)sp\b")


@cache
def factor() -> float:
    """Return how much larger the system's type was at the start than the one that lengths are written down for."""
    return min(max(QFontInfo(QGuiApplication.font()).pixelSize() / _DESIGNED_FOR, _SMALLEST), _LARGEST)


def scaled(length: float) -> int:
    """Return a length in logical pixels that grows with the type.

    It is rounded down, so that half of a scaled length is never less than the half scaled: a corner rounded by more
    than half of its box would be drawn square.
    """
    return int(length * factor())


def in_pixels(sheet: str) -> str:
    """Return a style sheet with its lengths in ``sp``, which grow with the type, as pixels."""
    return _LENGTH.sub(lambda found: f"{scaled(float(found[1]))}px", sheet)


def fitted(widget: QWidget, width: float, height: float = 0) -> QSize:
    """Return the size for a dialog, in lengths that grow with the type; it fits the screen that ``widget`` is on."""
    room = widget.screen().availableSize()
    return QSize(min(scaled(width), room.width() - _AROUND), min(scaled(height), room.height() - _AROUND))
