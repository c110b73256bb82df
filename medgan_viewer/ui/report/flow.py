"""Blocks below each other, put on pages: words, tables and pictures. Lengths are in units of 1/50 mm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QTextLayout, QTextOption

from medgan_viewer.ui.report.content import Picture, Table

__all__ = ["MM", "QUIET", "Block", "Words", "boxed", "font", "paged", "pictures", "rule", "space", "table", "words"]

MM = 50.0
INK, QUIET, LINE = QColor("#17202a"), QColor("#56626f"), QColor("#cdd5dd")
# No text is smaller than 8 pt, which are 2.82 mm.
_SIZE_MM = {"title": 5.6, "heading": 3.7, "body": 2.95, "small": 2.85}
_GAP = 4.0 * MM
_CELL_GAP = 3.5 * MM
_ROW_PADDING = 0.75 * MM
_TALLEST_PICTURE = 82.0 * MM
_PICTURES_BESIDE_EACH_OTHER = 2


@dataclass(frozen=True)
class Block:
    """Something so high that is painted with its top at a place; it is never cut in two.

    ``with_next`` keeps it off the end of a page that the next block is not on; ``again`` is painted above it where it
    begins a page.
    """

    height: float
    paint: Callable[[QPainter, float], None]
    with_next: bool = False
    again: "Block | None" = None
    # Nothing but room, which no page begins with.
    blank: bool = False


def font(kind: str, *, bold: bool = False) -> QFont:
    """Return the font of a kind of text: "title", "heading", "body", "small"."""
    made = QFont()
    made.setPixelSize(round(_SIZE_MM[kind] * MM))
    made.setBold(bold)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


class Words:
    """Text broken into lines of a width; a word that is too long is broken too."""

    def __init__(
        self,
        text: str,
        of: QFont,
        width: float,
        colour: QColor = INK,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        self._layout = QTextLayout(text, of)
        option = QTextOption(align)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._colour = colour
        self.height = 0.0
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(width, 1.0))
            line.setPosition(QPointF(0, self.height))
            self.height += line.height()
        self._layout.endLayout()

    def draw(self, painter: QPainter, left: float, top: float) -> None:
        """Draw with the upper left corner there."""
        painter.setPen(self._colour)
        self._layout.draw(painter, QPointF(left, top))


def paged(blocks: Sequence[Block], room: float) -> list[list[tuple[float, Block]]]:
    """Put blocks on pages of a height: for each page its blocks with their tops, measured from the upper margin."""
    pages: list[list[tuple[float, Block]]] = [[]]
    top = 0.0
    for number, block in enumerate(blocks):
        if top and top + _together(blocks, number) > room:
            pages.append([])
            top = 0.0
        if not top and block.blank:
            continue
        if not top and block.again is not None and number:
            pages[-1].append((top, block.again))
            top += block.again.height
        pages[-1].append((top, block))
        top += block.height
    return pages


def _together(blocks: Sequence[Block], number: int) -> float:
    """Return the height of a block and of all that it must not be parted from."""
    height = blocks[number].height
    while blocks[number].with_next and number + 1 < len(blocks):
        number += 1
        height += blocks[number].height
    return height


def space(millimetres: float) -> Block:
    """Return nothing, so high."""
    return Block(millimetres * MM, lambda painter, top: None, with_next=True, blank=True)


def rule(left: float, width: float, colour: QColor = LINE) -> Block:
    """Return a line across."""

    def paint(painter: QPainter, top: float) -> None:
        painter.fillRect(QRectF(left, top, width, 0.25 * MM), colour)

    return Block(0.25 * MM, paint, with_next=True)


def words(
    text: str,
    kind: str,
    left: float,
    width: float,
    *,
    bold: bool = False,
    colour: QColor = INK,
    below: float = 1.0,
    with_next: bool = False,
) -> Block:
    """Return a paragraph with so many mm of room below it."""
    made = Words(text, font(kind, bold=bold), width, colour)
    return Block(made.height + below * MM, lambda painter, top: made.draw(painter, left, top), with_next=with_next)


def table(content: Table, left: float, width: float) -> list[Block]:
    """Return heading, head, rows and note of a table; its head stands again on every page that it goes on."""
    blocks = []
    if content.heading:
        blocks.append(words(content.heading, "heading", left, width, bold=True, below=1.2, with_next=True))
    head = _row(content.columns, content.shares, left, width, head=True)
    rows = [_row(row, content.shares, left, width, again=head) for row in content.rows]
    if rows:
        blocks += [head, *rows]
    if content.note:
        blocks.append(space(0.8) if rows else space(0.0))
        blocks.append(words(content.note, "small", left, width, colour=QUIET, below=0.0))
    return [*blocks, space(4.5)]


def _row(
    cells: Sequence[str],
    shares: Sequence[float],
    left: float,
    width: float,
    *,
    head: bool = False,
    again: Block | None = None,
) -> Block:
    whole = sum(map(abs, shares))
    room = width - _CELL_GAP * (len(shares) - 1)
    placed: list[tuple[float, Words]] = []
    across = left
    for text, share in zip(cells, shares, strict=True):
        wide = room * abs(share) / whole
        align = Qt.AlignmentFlag.AlignRight if share < 0 else Qt.AlignmentFlag.AlignLeft
        letters = font("small" if head else "body", bold=head)
        placed.append((across, Words(text, letters, wide, QUIET if head else INK, align)))
        across += wide + _CELL_GAP
    height = max(words.height for _, words in placed) + 2 * _ROW_PADDING

    def paint(painter: QPainter, top: float) -> None:
        for start, words in placed:
            words.draw(painter, start, top + _ROW_PADDING)
        painter.fillRect(QRectF(left, top + height - 0.2 * MM, width, 0.2 * MM), QUIET if head else LINE)

    return Block(height, paint, with_next=head, again=again)


def pictures(shown: Sequence[Picture], left: float, width: float) -> list[Block]:
    """Return pictures in rows, each with its caption."""
    beside = _PICTURES_BESIDE_EACH_OTHER
    return [_pictures(shown[first : first + beside], left, width) for first in range(0, len(shown), beside)]


def _pictures(shown: Sequence[Picture], left: float, width: float) -> Block:
    wide = (width - _GAP * (_PICTURES_BESIDE_EACH_OTHER - 1)) / _PICTURES_BESIDE_EACH_OTHER
    images = [_image(picture) for picture in shown]
    tall = min(max(wide * image.height() / image.width() for image in images), _TALLEST_PICTURE)
    captions = [Words("\u2028".join([one.caption, *one.marks]), font("small"), wide, QUIET) for one in shown]

    def paint(painter: QPainter, top: float) -> None:
        for column, (image, caption) in enumerate(zip(images, captions, strict=True)):
            start = left + column * (wide + _GAP)
            scale = min(wide / image.width(), tall / image.height())
            size = image.width() * scale, image.height() * scale
            painter.fillRect(QRectF(start, top, wide, tall), Qt.GlobalColor.black)
            place = QRectF(start + (wide - size[0]) / 2, top + (tall - size[1]) / 2, *size)
            painter.drawImage(place, image)
            caption.draw(painter, start, top + tall + 0.8 * MM)

    return Block(tall + 0.8 * MM + max(words.height for words in captions) + _GAP, paint)


def _image(picture: Picture) -> QImage:
    rows, columns = picture.pixels.shape[:2]
    # A copy: QImage keeps no reference to the bytes that it is made from.
    return QImage(picture.pixels.tobytes(), columns, rows, columns * 3, QImage.Format.Format_RGB888).copy()


def boxed(lines: Sequence[tuple[str, str]], left: float, width: float) -> Block:
    """Return lines of label and text on a shaded ground."""
    inner, side = 3.0 * MM, 34.0 * MM
    made = [
        (Words(label, font("small"), side, QUIET), Words(text, font("body"), width - side - 2 * inner))
        for label, text in lines
    ]
    heights = [max(label.height, text.height) + 0.6 * MM for label, text in made]
    height = sum(heights) + 2 * inner

    def paint(painter: QPainter, top: float) -> None:
        painter.setPen(QPen(LINE, 0.2 * MM))
        painter.setBrush(QColor("#f5f7f9"))
        painter.drawRoundedRect(QRectF(left, top, width, height), MM, MM)
        down = top + inner
        for (label, text), tall in zip(made, heights, strict=True):
            label.draw(painter, left + inner, down + 0.3 * MM)
            text.draw(painter, left + inner + side, down)
            down += tall

    return Block(height + 4 * MM, paint)
