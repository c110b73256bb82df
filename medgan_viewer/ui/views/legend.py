"""What the colours over an image stand for: a bar with numbers in their unit, left of the image."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, Layer
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.captions import signed_text, value_text
from medgan_viewer.ui.views.compared import Difference
from medgan_viewer.ui.views.lettering import draw_text, metrics_of, width_of
from medgan_viewer.ui.views.overlay_text import Room
from medgan_viewer.ui.views.scene import Picture

__all__ = ["Legend", "difference_legend", "draw_legends", "legend_of", "tinted_legend"]

_LEFT, _WIDE, _GAP = 10.0, 8, 6.0
# Below the letter in the middle of the left edge.
_BELOW = 22.0
_TALLEST = 110


@dataclass(frozen=True, slots=True)
class Legend:
    """A colour map with words at its top, its bottom and at some of its height (0 at the bottom, 1 on top)."""

    colours: str
    top: str
    bottom: str
    at: float | None = None
    words: str = ""


def legend_of(layer: Layer) -> Legend | None:
    """Return what the colours of a result stand for; None where a list names them."""
    if isinstance(layer, HeatLayer):
        # Below its threshold nothing is drawn.
        return Legend(
            layer.colour_map, tr("score 1"), "0", layer.threshold, tr("shown from {0:.2f}").format(layer.threshold)
        )
    if isinstance(layer, DoubtLayer):
        return Legend(layer.colour_map, tr("≥ {0} wide").format(value_text(layer.strongest, layer.volume.unit)), "0")
    return None


def difference_legend(difference: Difference) -> Legend:
    """Return what the colours of a difference stand for: its ends, and none in the middle."""
    strongest, unit = difference.strongest, difference.scale.unit
    return Legend(
        difference.colours, f"≥ {signed_text(strongest, unit)}", f"≤ {value_text(-strongest, unit)}", 0.5, "0"
    )


def tinted_legend(image: ImageLayer, window: Window) -> Legend:
    """Return what the colours of a synthetic image stand for that lies over the original: the ends of its window."""
    low, high = window.levels
    unit = image.volume.unit
    return Legend(image.colour_map, f"≥ {value_text(round(high, 2), unit)}", f"≤ {value_text(round(low, 2), unit)}")


def draw_legends(painter: QPainter, room: Room, picture: Picture, theme: Theme) -> list[QRectF]:
    """Draw the legends of a picture beside one another where there is room; return the areas that they take.

    A difference means nothing without its scale: that is drawn in any pane that has room for words.
    """
    legends = [] if picture.difference is None or not room.wordy else [difference_legend(picture.difference)]
    if room.roomy:
        legends += [] if picture.tinted is None else [tinted_legend(*picture.tinted)]
        legends += [made for layer in picture.results if (made := legend_of(layer)) is not None]
    left, areas = _LEFT, []
    for legend in dict.fromkeys(legends):
        area = _draw(painter, room, legend, left, theme)
        areas.append(area)
        left = area.right() + 2 * _GAP
    return areas


def _draw(painter: QPainter, room: Room, legend: Legend, left: float, theme: Theme) -> QRectF:
    metrics = metrics_of(room.size)
    top, tall = room.height / 2 + scaled(_BELOW), min(_TALLEST, int(room.height / 5))
    painter.drawImage(QPointF(left, top), _bar(legend.colours, tall, painter.device().devicePixelRatioF()))
    x, ascent = left + _WIDE + _GAP, metrics.ascent()
    lines = [(legend.top, top + ascent / 2), (legend.bottom, top + tall + ascent / 2 - 2)]
    if legend.at is not None:
        # No nearer to the words above and below than a line.
        step = metrics.height()
        y = top + (1 - legend.at) * tall
        lines.append((legend.words, min(max(y, top + step), top + tall - step) + ascent / 2))
    for words, base in lines:
        draw_text(painter, QPointF(x, base), words, theme.image_text, room.size)
    wide = max(width_of(words, room.size) for words, _ in lines)
    return QRectF(left, top - ascent, x - left + wide, tall + 2 * ascent)


@lru_cache(maxsize=16)
def _bar(name: str, tall: int, ratio: float) -> QImage:
    """Return the colours of a map, its highest on top, with a dark rim."""
    rows, columns = math.ceil(tall * ratio), math.ceil(_WIDE * ratio)
    colours = colour_map(name)[np.linspace(255, 0, rows).round().astype(int)]
    red, green, blue = (colours[:, channel].astype(np.uint32) for channel in range(3))
    column = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    argb = np.ascontiguousarray(np.repeat(column[:, None], columns, axis=1))
    argb[:, [0, -1]] = argb[[0, -1], :] = np.uint32(0xFF000000)
    picture = QImage(argb.data, columns, rows, columns * 4, QImage.Format.Format_RGB32).copy()
    picture.setDevicePixelRatio(ratio)
    return picture
