"""What the colours over an image stand for: small bars with numbers in their unit, at its left or right edge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.findings import score_text
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, Layer
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.camera import Mapping
from medgan_viewer.ui.views.captions import signed_text, value_text
from medgan_viewer.ui.views.compared import Difference
from medgan_viewer.ui.views.lettering import draw_text, elided, metrics_of, width_of
from medgan_viewer.ui.views.lines import footprint
from medgan_viewer.ui.views.overlay_text import Room, corner_below
from medgan_viewer.ui.views.scene import Picture

__all__ = ["Ground", "Legend", "difference_legend", "draw_legends", "legend_of", "tinted_legend"]

_EDGE, _WIDE, _GAP = 10.0, 8, 6.0
# Where a legend stands if nothing is in its way: below the letter in the middle of the left edge.
_BELOW = 22.0
_TALLEST, _WIDEST = 90, 150
# Pixels between the places that are tried, and how much worse it is to cover a finding than words.
_STEP, _FINDING = 4.0, 10.0

# What the box of a finding takes around it, with its number above.
_BOXED = np.array([-6.0, -22.0, 6.0, 6.0])

# Rectangles as [rectangle, (left, top, right, bottom)].
_Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Legend:
    """A colour map with words at its top, its bottom and at some of its height (0 at the bottom, 1 on top).

    ``name`` is the model's, or what a synthetic image is called; empty where the corners say it.
    """

    colours: str
    top: str
    bottom: str
    at: float | None = None
    words: str = ""
    name: str = ""


@dataclass(frozen=True, eq=False)
class Ground:
    """What legends keep off: the image and the findings of its results, and ``taken``, areas with words in the room."""

    document: Document
    mapping: Mapping
    taken: Sequence[QRectF]


def legend_of(layer: Layer) -> Legend | None:
    """Return what the colours of a result stand for; None where a list names them."""
    if isinstance(layer, HeatLayer):
        # Below its threshold nothing is drawn.
        shown = numbers(tr("shown from {0}").format(score_text(layer.threshold)))
        return Legend(layer.colour_map, tr("score 1"), "0", layer.threshold, shown, _short_name(layer))
    if isinstance(layer, DoubtLayer):
        strongest = tr("≥ {0} wide").format(value_text(layer.strongest, layer.volume.unit))
        return Legend(layer.colour_map, strongest, "0", name=_short_name(layer))
    return None


def _short_name(layer: Layer) -> str:
    """Return a model's name without the words that all of its kind begin with: they would leave no room for the rest.

    "Anomaly heat map (T1, FLAIR)", whose layer is called "Anomaly heat map", is "T1, FLAIR".
    """
    model = layer.provenance.model_name
    rest = model.removeprefix(layer.name).strip()
    return rest[1:-1] if rest[:1] == "(" and rest.find(")") == len(rest) - 1 else rest or model


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
    return Legend(
        image.colour_map,
        f"≥ {value_text(round(high, 2), unit)}",
        f"≤ {value_text(round(low, 2), unit)}",
        name=image.name,
    )


def draw_legends(painter: QPainter, room: Room, picture: Picture, theme: Theme, ground: Ground) -> list[QRectF]:
    """Draw the legends of a picture at its edges where they cover least; return the areas that they take.

    A difference means nothing without its scale: that is drawn in any pane that has room for words.
    """
    legends = [] if picture.difference is None or not room.wordy else [difference_legend(picture.difference)]
    if room.roomy:
        legends += [] if picture.tinted is None else [tinted_legend(*picture.tinted)]
        legends += [made for layer in picture.results if (made := legend_of(layer)) is not None]
    if not legends:
        return []
    # Below a warning the room is lower than the pane.
    strip = ground.mapping.height - room.height
    image = QRectF(*ground.mapping.rectangle()).translated(0, -strip)
    findings = _findings(picture, ground) - (0, strip, 0, strip)
    # Lines about the pointer come and go: no legend moves because of them.
    areas = [*ground.taken, corner_below(room, 3 + len(picture.results))]
    drawn = []
    for legend in dict.fromkeys(legends):
        area, right = _place(room, _size(room, legend), (_boxes(areas), findings, _boxes([image])))
        _draw(painter, room, legend, area, theme, right=right)
        drawn.append(area)
        areas.append(area.adjusted(0, -_GAP, 0, _GAP))
    return drawn


def _findings(picture: Picture, ground: Ground) -> _Boxes:
    """Return where the findings of a picture's results lie on the pane.

    Those of other slices too: no legend moves while a reader scrolls.
    """
    found = [
        footprint(layer.volume, [one.bounds for one in findings], ground.mapping)
        for layer in picture.results
        if (findings := ground.document.findings(layer.uid))
    ]
    return np.asarray(np.concatenate([np.zeros((0, 4)), *found]) + _BOXED)


def _boxes(areas: Sequence[QRectF]) -> _Boxes:
    edges = [(area.left(), area.top(), area.right(), area.bottom()) for area in areas]
    return np.array(edges, float).reshape(-1, 4)


def _overlaps(places: _Boxes, others: _Boxes) -> NDArray[np.float64]:
    """Return how many square pixels of each place others cover, [place]."""
    low = np.maximum(places[:, None, :2], others[None, :, :2])
    high = np.minimum(places[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=-1).sum(axis=1))


def _place(room: Room, size: tuple[float, float], around: tuple[_Boxes, _Boxes, _Boxes]) -> tuple[QRectF, bool]:
    """Return where a legend of a size covers least, and whether that is at the right edge.

    ``around`` are areas with words, findings, and the image: to be on the image is the least evil. Of equal places the
    left edge and what is near to its letter come first.
    """
    (wide, tall), (words, findings, image) = size, around
    usual = room.height / 2 + scaled(_BELOW)
    tops = np.append(np.arange(_EDGE, max(room.height - tall - _EDGE, _EDGE + 1), _STEP), usual)
    sides = np.repeat([_EDGE, room.width - _EDGE - wide], len(tops))
    tops = np.tile(tops, 2)
    places = np.stack([sides, tops, sides + wide, tops + tall], axis=1)
    covered = _overlaps(places, words) + _FINDING * _overlaps(places, findings)
    share = (_overlaps(places, image) / (wide * tall)).round(1)
    best = int(np.lexsort((np.abs(tops - usual), sides, share, covered))[0])
    return QRectF(sides[best], tops[best], wide, tall), best >= len(tops) // 2


def _words(room: Room, legend: Legend) -> tuple[str, str, str, str]:
    """Return the name and the words at top, bottom and between as far as they fit."""
    name, top, bottom, between = (
        elided(words, _type(room), int(min(scaled(_WIDEST), room.width / 4)))
        for words in (legend.name, legend.top, legend.bottom, legend.words)
    )
    return name, top, bottom, between


def _type(room: Room) -> int:
    return room.size - 1


def _heights(room: Room, legend: Legend) -> tuple[float, int]:
    """Return how high the name's line is, and the bar: at least three lines."""
    step = metrics_of(_type(room)).height()
    return step if legend.name else 0.0, max(math.ceil(3 * step), min(_TALLEST, int(room.height / 7)))


def _size(room: Room, legend: Legend) -> tuple[float, float]:
    name, *beside = (width_of(words, _type(room)) for words in _words(room, legend))
    return math.ceil(max(name, _WIDE + _GAP + max(beside))) + 2.0, sum(_heights(room, legend)) + 2.0


def _draw(painter: QPainter, room: Room, legend: Legend, area: QRectF, theme: Theme, *, right: bool) -> None:
    size, metrics = _type(room), metrics_of(_type(room))
    name, top, bottom, between = _words(room, legend)
    above, tall = _heights(room, legend)
    start, ascent = area.top() + above, metrics.ascent()
    bar_left = area.right() - _WIDE if right else area.left()
    painter.drawImage(QPointF(bar_left, start), _bar(legend.colours, tall, painter.device().devicePixelRatioF()))
    lines = [(top, start + ascent), (bottom, start + tall - metrics.descent())]
    if legend.at is not None:
        # No nearer to the words above and below than a line.
        step = metrics.height()
        y = start + (1 - legend.at) * tall
        lines.append((between, min(max(y, start + 1.5 * step), start + tall - 1.5 * step) + ascent - step / 2))
    for words, base in lines:
        x = bar_left - _GAP - width_of(words, size) if right else bar_left + _WIDE + _GAP
        draw_text(painter, QPointF(x, base), words, theme.image_text, size, backed=True)
    x = area.right() - width_of(name, size) if right else area.left()
    draw_text(painter, QPointF(x, area.top() + ascent), name, theme.image_text, size, backed=True)


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
