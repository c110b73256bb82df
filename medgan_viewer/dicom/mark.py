"""Words turned into pixels: the mark in an overlay plane, the mark burned into a picture.

Pillow's built-in font is all that is needed, so that the command line writes the same marks as the window.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OVERLAY_TEXT", "SYNTHETIC_COLOUR", "MarkLine", "Sides", "burn", "overlay_plane", "plain"]

OVERLAY_TEXT = "SYNTHETIC - NOT FOR DIAGNOSIS"
# Violet stands for synthetic and for nothing else.
SYNTHETIC_COLOUR = (186, 140, 255)
_PLAIN_COLOUR = (255, 255, 255)
# As on the panes.
_LETTER_COLOUR = (242, 193, 78)
_LARGEST, _SMALLEST = 22, 9
_REPLACED = {"→": "to", "–": "-", "—": "-", "×": "x", "·": "-", "…": "...", "’": "'"}
# Letters left, right, at the top and at the bottom of a picture.
Sides = tuple[str, str, str, str]
# Pillow's built-in font draws ASCII and the middle dot; anything else would be an empty box.
_DOT = "·"


@dataclass(frozen=True, slots=True)
class MarkLine:
    """One line of a mark. ``synthetic`` where it speaks of pixels that were made up: those lines alone are violet."""

    text: str
    synthetic: bool


def plain(text: str) -> str:
    """Return the text in ASCII, for attributes and names that every system must show alike."""
    for old, new in _REPLACED.items():
        text = text.replace(old, new)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _drawable(text: str) -> str:
    return _DOT.join(plain(part) for part in text.split(_DOT))


def overlay_plane(rows: int, columns: int) -> NDArray[np.bool_]:
    """Return the overlay bits [row, column]: the warning at the upper and at the lower edge."""
    (lines,), font, height = _fitted([OVERLAY_TEXT], rows, columns)
    image, draw = _canvas(rows, columns)
    for top in (2, rows - 2 - height * len(lines)):
        for number, line in enumerate(lines):
            left = max((columns - int(font.getlength(line))) // 2, 0)
            draw.text((left, top + number * height), line, fill=255, font=font)
    return np.asarray(image) >= 128


def burn(
    pixels: NDArray[np.uint8], lines: Sequence[MarkLine], sides: Sides | None = None
) -> tuple[NDArray[np.uint8], int, int]:
    """Return the RGB picture [row, column, 3] with the lines on a black strip above it, and how far it moved.

    ``sides`` are orientation letters; they stand on black margins around the picture, so that nothing of it is hidden.
    Lines on synthetic pixels are violet, all others white; a violet border goes around all where there is one.
    The two numbers are the rows above and the columns left of the picture.
    """
    if sides is not None:
        pixels, above, before = _with_letters(pixels, sides)
    else:
        above = before = 0
    rows, columns = pixels.shape[:2]
    border = max(2, min(rows, columns) // 200) if any(line.synthetic for line in lines) else 0
    words = _words(lines, rows, columns)
    strip = words.shape[0]
    marked = np.empty((rows + strip + 2 * border, columns + 2 * border, 3), dtype=np.uint8)
    marked[:] = SYNTHETIC_COLOUR
    top, left = border + strip, border
    marked[border:top, left : left + columns] = words
    marked[top : top + rows, left : left + columns] = pixels
    return marked, top + above, left + before


def _words(lines: Sequence[MarkLine], rows: int, columns: int) -> NDArray[np.uint8]:
    """Return the strip with the lines, each in its colour, as wide as the picture below it."""
    parts, font, height = _fitted([_drawable(line.text) for line in lines], rows, columns)
    strip = np.zeros((height * sum(map(len, parts)) + 6, columns, 3), dtype=np.uint8)
    number = 0
    for line, texts in zip(lines, parts, strict=True):
        for text in texts:
            image, draw = _canvas(strip.shape[0], columns)
            draw.text((4, 2 + number * height), text, fill=255, font=font)
            strip |= _coloured(image, SYNTHETIC_COLOUR if line.synthetic else _PLAIN_COLOUR)
            number += 1
    return strip


def _with_letters(pixels: NDArray[np.uint8], sides: Sides) -> tuple[NDArray[np.uint8], int, int]:
    """Return the picture within black margins that hold the letters, and the rows and columns they add before it."""
    from PIL import ImageFont

    rows, columns = pixels.shape[:2]
    size = _size(rows)
    font = ImageFont.load_default(size)
    left, right, top, bottom = sides
    tall = size + 6
    wide = math.ceil(max(font.getlength(left), font.getlength(right))) + 8
    image, draw = _canvas(rows + 2 * tall, columns + 2 * wide)
    across, down = wide + columns / 2, tall + rows / 2
    for text, place, anchor in (
        (left, (4, down), "lm"),
        (right, (wide + columns + 4, down), "lm"),
        (top, (across, tall / 2), "mm"),
        (bottom, (across, tall * 1.5 + rows), "mm"),
    ):
        draw.text(place, text, fill=255, font=font, anchor=anchor)
    framed = _coloured(image, _LETTER_COLOUR)
    framed[tall : tall + rows, wide : wide + columns] = pixels
    return framed, tall, wide


def _coloured(image: Any, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.asarray(image)[..., None] / 255.0 * np.array(colour)), dtype=np.uint8)


def _canvas(rows: int, columns: int) -> tuple[Any, Any]:
    from PIL import Image, ImageDraw

    image = Image.new("L", (columns, rows), 0)
    return image, ImageDraw.Draw(image)


def _size(rows: int) -> int:
    """Return the font size that suits a picture of so many rows."""
    return min(_LARGEST, max(_SMALLEST, rows // 26))


def _fitted(lines: list[str], rows: int, columns: int) -> tuple[list[list[str]], Any, int]:
    """Return the parts of each line, wrapped where even the smallest size is too wide, the font and the line height."""
    from PIL import ImageFont

    for size in range(_size(rows), _SMALLEST - 1, -1):
        font = ImageFont.load_default(size)
        if all(font.getlength(line) <= columns - 8 for line in lines):
            return [[line] for line in lines], font, size + 4
    font = ImageFont.load_default(_SMALLEST)
    return [_wrapped(line, font, columns - 8) for line in lines], font, _SMALLEST + 3


def _wrapped(line: str, font: Any, width: int) -> list[str]:
    parts: list[str] = []
    for word in line.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and font.getlength(longer) <= width:
            parts[-1] = longer
        else:
            parts.append(word)
    return parts
