"""Annotations drawn into a picture: lines with a dark rim and the numbers beside them, by Pillow as the marks are."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.measure.figure import Figure, Screen, figure_of
from medgan_viewer.core.measure.geometry import to_pixels
from medgan_viewer.core.measure.picture import Labelled
from medgan_viewer.core.measure.words import Line
from medgan_viewer.core.volume import Plane
from medgan_viewer.dicom.mark import SYNTHETIC_COLOUR, plain

__all__ = ["drawn"]

# As on the panes.
_COLOUR, _RIM = (88, 211, 240), (0, 0, 0)
# The built-in font has no such signs, and a minus that is left out would be another number.
_SPELT = {"−": "-", "±": "+/-", "°": " deg", "²": "2", "³": "3", "µ": "u"}
_SIZE, _STEP, _GAP = 14, 17, 8
_WIDE, _TALL = 44, 6


def drawn(pixels: NDArray[np.uint8], plane: Plane, figures: Sequence[Labelled]) -> NDArray[np.uint8]:
    """Return an RGB picture [row, column, 3] of a plane with annotations that lie on it, and their labels."""
    if not figures:
        return pixels
    from PIL import Image, ImageDraw

    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)

    def on_picture(points: NDArray[np.float64]) -> Screen:
        return to_pixels(plane, points)[:, ::-1]

    placed = [figure_of(one.annotation, on_picture, one.label) for one in figures]
    for colour, wider in ((_RIM, 3), (_COLOUR, 0)):
        for figure in placed:
            for stroke in (*figure.lines, *figure.dashed):
                width = (1 if any(stroke is one for one in figure.dashed) else 2) + wider
                draw.line([(float(x), float(y)) for x, y in stroke], fill=colour, width=width)
    taken: list[tuple[float, float, float, float]] = []
    for figure in placed:
        _label(draw, figure, pixels.shape[:2], taken)
    return np.asarray(image, dtype=np.uint8)


def _spelt(text: str) -> str:
    """Return a text in letters that the font has; where it lacks some, where to read them."""
    for sign, words in _SPELT.items():
        text = text.replace(sign, words)
    lost = any(sign.strip() and not plain(sign) for sign in text)
    return f"{plain(text)} (see the list of measurements)".strip() if lost else plain(text)


def _said(label: Sequence[Line]) -> list[tuple[str, bool]]:
    lines = [(part, one.synthetic) for one in label for part in textwrap.wrap(_spelt(one.text), _WIDE)]
    return lines if len(lines) <= _TALL else [*lines[: _TALL - 1], ("...", False)]


def _label(draw: Any, figure: Figure, shape: tuple[int, ...], taken: list[tuple[float, float, float, float]]) -> None:
    """Write a label beside its figure, within the picture and on no other label where there is room."""
    from PIL import ImageFont

    lines = _said(figure.label)
    if not lines:
        return
    font = ImageFont.load_default(_SIZE)
    wide, tall = max(font.getlength(text) for text, _ in lines), float(_STEP * len(lines))
    left, top, right, bottom = figure.box
    beside = [(right + _GAP, top), (left - _GAP - wide, top), (left, bottom + _GAP), (left, top - _GAP - tall)]
    farther = [(right + _GAP, top + _STEP * number) for number in (-8, -4, 4, 8)]
    for x, y in (*beside, *farther):
        box = _within(x, y, wide, tall, shape)
        if not any(_meet(box, other) for other in taken):
            break
    taken.append(box)
    for number, (text, synthetic) in enumerate(lines):
        at = box[0], box[1] + number * _STEP
        colour = SYNTHETIC_COLOUR if synthetic else _COLOUR
        draw.text(at, text, fill=colour, font=font, stroke_width=2, stroke_fill=_RIM)


def _within(x: float, y: float, wide: float, tall: float, shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    left = min(max(x, 2.0), max(shape[1] - wide - 2, 2.0))
    top = min(max(y, 2.0), max(shape[0] - tall - 2, 2.0))
    return left, top, left + wide, top + tall


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
