"""The mark of synthetic pixels. It is drawn with the pixels themselves, and nothing switches it off."""

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import BY_HAND, ImageLayer, Layer
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.lettering import words_kept

__all__ = ["BORDER", "Mark", "Placed", "draw_marks", "mark_for", "place_marks"]

BORDER = 2.0
_LARGEST, _COMFORTABLE, _SMALLEST = 12, 9, 4
_PADDING, _FROM_EDGE = 8.0, 6.0
_ROUNDEST = 10.0
# A pane at least as large has room for the model's name on a line of its own.
_TWO_LINES = (200, 150)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a pane must say. ``synthetic`` holds the violet label, longest wording first, empty without such pixels;
    ``results`` the plain line about results over real pixels, likewise.

    A wording of two lines has names of models on the second one, which may be shortened in its middle.
    """

    synthetic: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


def mark_for(
    series: Series, synthetic: tuple[ImageLayer, ...], results: tuple[Layer, ...], others: tuple[Series, ...] = ()
) -> Mark:
    """Return the mark of a pane that shows a series with these layers on it, and ``others`` beside them."""
    models = list(dict.fromkeys(layer.provenance.model_name for layer in synthetic))
    stored = [one.description or "model unknown" for one in (series, *others) if one.synthetic]
    models[:0] = dict.fromkeys(stored)
    simulated = any(one.simulated for one in (series, *others))
    violet: tuple[str, ...] = ()
    if models:
        who = " + ".join(models)
        patient = "simulated patient · " if simulated else ""
        short = "SYNTHETIC · not for diagnosis"
        violet = (f"SYNTHETIC · {who} · {patient}not for diagnosis", f"{short}\n{who}", short, "SYNTHETIC")
    elif simulated:
        violet = ("SIMULATED PATIENT · no person · not for diagnosis", "SIMULATED · not for diagnosis", "SIMULATED")
    if not results:
        return Mark(violet)
    # What a reader drew from nothing carries no mark of a model.
    computed = [layer for layer in results if layer.provenance.hand != "drawn"]
    if not computed:
        return Mark(violet, ("Drawn by hand",))
    names = ", ".join(dict.fromkeys(layer.provenance.model_name for layer in computed))
    # Of what another program wrote into a file nobody knows whether a model or a person made it.
    known = any(layer.provenance.weights_sha256 for layer in computed)
    kind = "AI overlay" if known else "Overlay of another program"
    whole = f"{kind} · {names} · not for diagnosis"
    if any(layer.provenance.hand for layer in computed):
        # Where no name of a model fits in, that it was edited still does.
        kind = f"{kind}, {BY_HAND}"
    short = f"{kind} · not for diagnosis"
    return Mark(violet, (whole, f"{short}\n{names}", short, kind))


@dataclass(frozen=True, eq=False)
class Placed:
    """Words of a mark where they are drawn: a filled violet label, or a plain line."""

    area: QRectF
    words: str
    font: QFont
    synthetic: bool


def place_marks(area: QRectF, mark: Mark) -> list[Placed]:
    """Return where the words of a mark stand at the bottom of an area, the lowest first."""
    places: list[Placed] = []
    bottom = area.bottom() - min(_FROM_EDGE, area.height() / 20)
    for wordings, synthetic in ((mark.synthetic, True), (mark.results, False)):
        if not wordings:
            continue
        side, above = (_PADDING, 4.0) if synthetic else (4.0, 0.0)
        roomy = area.width() >= scaled(_TWO_LINES[0]) and area.height() >= scaled(_TWO_LINES[1])
        usable = wordings if roomy else _of_one_line(wordings)
        font, words, width, height = _fitted(usable, int(area.width() - 2 * (BORDER + side)), bold=synthetic)
        left = area.center().x() - width / 2 - side
        places.append(
            Placed(QRectF(left, bottom - height - above, width + 2 * side, height + above), words, font, synthetic)
        )
        bottom = places[-1].area.top() - 3
    return places


def draw_marks(painter: QPainter, area: QRectF, places: list[Placed], theme: Theme) -> None:
    """Draw the words of a mark, and the violet border where they speak of synthetic pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if any(place.synthetic for place in places):
        pen = QPen(QColor(theme.synthetic), BORDER)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        half = BORDER / 2
        painter.drawRect(area.adjusted(half, half, -half, -half))
    ratio = painter.device().devicePixelRatioF()
    for place in places:
        # A fourth logical pixel is a whole one of the device where the screen is scaled by quarters.
        left, top = (math.floor(edge) // 4 * 4 for edge in (place.area.left(), place.area.top()))
        area = place.area.translated(-left, -top)
        moved = area.x(), area.y(), area.width(), area.height()
        colours = (theme.synthetic, theme.synthetic_text) if place.synthetic else ("", theme.image_text)
        painter.drawImage(QPointF(left, top), _label(place.words, place.font, moved, colours, ratio))


@words_kept(64)
def _label(
    words: str, font: QFont, area: tuple[float, float, float, float], colours: tuple[str, str], ratio: float
) -> QImage:
    """Return a picture of the words of a mark on their ground: filled with a colour, or dark where that is ""."""
    place, (ground, colour) = QRectF(*area), colours
    wide, tall = (math.ceil(math.ceil(edge + 1) * ratio) for edge in (place.right(), place.bottom()))
    picture = QImage(wide, tall, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    round_by = min(place.height() / 2, _ROUNDEST) if ground else 2.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground) if ground else QColor(0, 0, 0, 150))
    painter.drawRoundedRect(place, round_by, round_by)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return picture


def _of_one_line(wordings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(words for words in wordings if "\n" not in words)


@lru_cache(maxsize=64)
def _fitted(wordings: tuple[str, ...], width: int, *, bold: bool) -> tuple[QFont, str, float, float]:
    """Return the font, the wording, its width and height: the longest that can be read, else the shortest, small."""
    font = QFont()
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    for number, words in enumerate(wordings):
        smallest = _SMALLEST if number == len(wordings) - 1 else _COMFORTABLE
        first, _, names = words.partition("\n")
        for size in range(scaled(_LARGEST), smallest - 1, -1):
            font.setPixelSize(size)
            metrics = QFontMetricsF(font)
            wide = metrics.horizontalAdvance(first)
            if wide > width and size > _SMALLEST:
                continue
            if not names:
                return font, words, wide, metrics.height()
            shown = metrics.elidedText(names, Qt.TextElideMode.ElideMiddle, width)
            widest = max(wide, metrics.horizontalAdvance(shown))
            return font, f"{first}\n{shown}", widest, metrics.height() + metrics.lineSpacing()
    raise ValueError("a mark needs words")
