"""Words turned into pixels: the mark in an overlay plane, the mark burned into a picture.

Pillow's built-in font is all that is needed, so that the command line writes the same marks as the window.
"""

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OVERLAY_TEXT", "SYNTHETIC_COLOUR", "burn", "overlay_plane", "plain"]

OVERLAY_TEXT = "SYNTHETIC - NOT FOR DIAGNOSIS"
# Violet stands for synthetic and for nothing else.
SYNTHETIC_COLOUR = (186, 140, 255)
_PLAIN_COLOUR = (255, 255, 255)
_LARGEST, _SMALLEST = 22, 9
_REPLACED = {"→": "to", "–": "-", "—": "-", "×": "x", "·": "-", "…": "...", "’": "'"}
# Pillow's built-in font draws ASCII and the middle dot; anything else would be an empty box.
_DOT = "·"


def plain(text: str) -> str:
    """Return the text in ASCII, for attributes and names that every system must show alike."""
    for old, new in _REPLACED.items():
        text = text.replace(old, new)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _drawable(text: str) -> str:
    return _DOT.join(plain(part) for part in text.split(_DOT))


def overlay_plane(rows: int, columns: int) -> NDArray[np.bool_]:
    """Return the overlay bits [row, column]: the warning at the upper and at the lower edge."""
    lines, font, height = _fitted([OVERLAY_TEXT], rows, columns)
    image, draw = _canvas(rows, columns)
    for top in (2, rows - 2 - height * len(lines)):
        for number, line in enumerate(lines):
            left = max((columns - int(font.getlength(line))) // 2, 0)
            draw.text((left, top + number * height), line, fill=255, font=font)
    return np.asarray(image) >= 128


def burn(pixels: NDArray[np.uint8], lines: list[str], *, synthetic: bool) -> NDArray[np.uint8]:
    """Return the RGB picture [row, column, 3] with the lines written over its upper left corner.

    Synthetic pixels get violet words and a violet border, all else white words; the ground behind them is black.
    """
    rows, columns = pixels.shape[:2]
    marked = np.array(pixels, dtype=np.uint8)
    colour = SYNTHETIC_COLOUR if synthetic else _PLAIN_COLOUR
    fitted, font, height = _fitted([_drawable(line) for line in lines], rows, columns)
    image, draw = _canvas(rows, columns)
    for number, line in enumerate(fitted):
        draw.text((4, 3 + number * height), line, fill=255, font=font)
    bottom = min(rows, 5 + height * len(fitted))
    right = min(columns, 8 + max(int(font.getlength(line)) for line in fitted))
    shade = np.asarray(image)[:bottom, :right, None] / 255.0
    marked[:bottom, :right] = np.rint(shade * np.array(colour)).astype(np.uint8)
    if synthetic:
        width = max(2, min(rows, columns) // 200)
        for edge in (np.s_[:width], np.s_[-width:], np.s_[:, :width], np.s_[:, -width:]):
            marked[edge] = colour
    return marked


def _canvas(rows: int, columns: int) -> tuple[Any, Any]:
    from PIL import Image, ImageDraw

    image = Image.new("L", (columns, rows), 0)
    return image, ImageDraw.Draw(image)


def _fitted(lines: list[str], rows: int, columns: int) -> tuple[list[str], Any, int]:
    """Return the lines, wrapped where even the smallest size is too wide, with the font and the line height."""
    from PIL import ImageFont

    for size in range(min(_LARGEST, max(_SMALLEST, rows // 26)), _SMALLEST - 1, -1):
        font = ImageFont.load_default(size)
        if all(font.getlength(line) <= columns - 8 for line in lines):
            return lines, font, size + 4
    font = ImageFont.load_default(_SMALLEST)
    wrapped = [part for line in lines for part in _wrapped(line, font, columns - 8)]
    return wrapped, font, _SMALLEST + 3


def _wrapped(line: str, font: Any, width: int) -> list[str]:
    parts: list[str] = []
    for word in line.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and font.getlength(longer) <= width:
            parts[-1] = longer
        else:
            parts.append(word)
    return parts
