"""Figures of a slice as one picture, kept for when that is shown again: scrolling past many of them costs little."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.tools import painting
from medgan_viewer.ui.views.tools.painting import Placement

__all__ = ["Sheet", "Sheets", "made_sheet"]

# Of one pane: a few full ones of 1000 × 800, many where figures are few.
_MOST_BYTES = 12 << 20
_MOST = 200
# Pixels that lines and handles reach beyond their points.
_REACH = 8.0


@dataclass(frozen=True, eq=False)
class Sheet:
    """Figures with their places, and the picture of them with its upper left corner; None where there are none."""

    placed: list[Placement]
    picture: QImage | None = None
    corner: tuple[float, float] = (0.0, 0.0)

    def paint(self, painter: QPainter) -> None:
        """Paint it."""
        if self.picture is not None:
            painter.drawImage(QPointF(*self.corner), self.picture)


class Sheets:
    """The sheets used last."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Sheet] = OrderedDict()
        self._bytes = 0

    def take(self, key: Hashable, make: Callable[[], Sheet]) -> Sheet:
        """Return the sheet of a key, made where it is not there."""
        if key not in self._held:
            self._held[key] = sheet = make()
            self._bytes += _size(sheet)
            while len(self._held) > 1 and (self._bytes > _MOST_BYTES or len(self._held) > _MOST):
                self._bytes -= _size(self._held.popitem(last=False)[1])
        self._held.move_to_end(key)
        return self._held[key]


def _size(sheet: Sheet) -> int:
    return 0 if sheet.picture is None else sheet.picture.sizeInBytes()


def made_sheet(
    placed: list[Placement], size: tuple[float, float], chosen: str | None, theme: Theme, ratio: float
) -> Sheet:
    """Return figures painted for a pane of a size (logical pixels)."""
    area = _area(placed, size)
    if area is None:
        return Sheet(placed)
    left, top, right, bottom = area
    picture = QImage(
        math.ceil((right - left) * ratio), math.ceil((bottom - top) * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-left, -top)
    painting.paint(painter, placed, chosen, theme, ratio)
    painter.end()
    return Sheet(placed, picture, (left, top))


def _area(placed: Sequence[Placement], size: tuple[float, float]) -> tuple[float, float, float, float] | None:
    """Return the part of a pane that figures and labels take, on whole pixels."""
    boxes = [one.figure.box for one in placed] + [one.label for one in placed if one.label is not None]
    if not boxes:
        return None
    # Whole multiples of four are whole pixels of the device at scales by quarters too.
    left, top = (max(math.floor((min(box[i] for box in boxes) - _REACH) / 4) * 4, 0) for i in (0, 1))
    right, bottom = (min(math.ceil(max(box[i] for box in boxes) + _REACH), math.ceil(size[i - 2])) for i in (2, 3))
    return (left, top, right, bottom) if right > left and bottom > top else None
