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


def burn(pixels: NDArray[np.uint8], lines: list[str], *, synthetic: bool) -> tuple[NDArray[np.uint8], int, int]:
    """Return the RGB picture [row, column, 3] with the lines on a black strip above it, and how far it moved.

    The strip hides nothing of the picture. Synthetic pixels get violet words and a violet border around all, else the
    words are white and there is no border. The two numbers are the rows above and the columns left of the picture.
    """
    rows, columns = pixels.shape[:2]
    border = max(2, min(rows, columns) // 200) if synthetic else 0
    colour = SYNTHETIC_COLOUR if synthetic else _PLAIN_COLOUR
    fitted, font, height = _fitted([_drawable(line) for line in lines], rows, columns)
    strip = height * len(fitted) + 6
    image, draw = _canvas(strip, columns)
    for number, line in enumerate(fitted):
        draw.text((4, 2 + number * height), line, fill=255, font=font)
    words = np.rint(np.asarray(image)[..., None] / 255.0 * np.array(colour)).astype(np.uint8)
    marked = np.empty((rows + strip + 2 * border, columns + 2 * border, 3), dtype=np.uint8)
    marked[:] = colour
    top, left = border + strip, border
    marked[border:top, left : left + columns] = words
    marked[top : top + rows, left : left + columns] = pixels
    return marked, top, left


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
