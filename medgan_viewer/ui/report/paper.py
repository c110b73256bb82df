"""A report on pages of A4, and as a PDF file."""

import errno
import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter

import medgan_viewer
from medgan_viewer.dicom import atomic
from medgan_viewer.errors import WriteError
from medgan_viewer.ui.report.content import MARK, ModelFacts, ReportContent
from medgan_viewer.ui.report.flow import (
    MM,
    QUIET,
    Block,
    Words,
    boxed,
    font,
    paged,
    pictures,
    rule,
    space,
    table,
    words,
)
from medgan_viewer.ui.theme import LIGHT

__all__ = ["PAGE_MM", "Paper", "write"]

PAGE_MM = (210.0, 297.0)
_TITLE = "Results of AI models"
_SIDE, _TOP, _BOTTOM = 16.0 * MM, 20.0 * MM, 22.0 * MM
_WIDTH = PAGE_MM[0] * MM - 2 * _SIDE
_ROOM = PAGE_MM[1] * MM - _TOP - _BOTTOM
_BAND = 8.0 * MM
# Where a report without identity says nothing of when it was made, its file does not either.
_MOMENTS = (re.compile(rb"(?<=\(D:)\d{14}"), re.compile(rb"(?<=Date=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"))
_NO_MOMENT = (b"19000101000000", b"1900-01-01T00:00:00")


class Paper:
    """The pages of a report; :meth:`paint` paints one, in units of 1/50 mm, and the mark on each."""

    def __init__(self, content: ReportContent) -> None:
        self._content = content
        self._pages = paged(_blocks(content), _ROOM)

    def __len__(self) -> int:
        return len(self._pages)

    def paint(self, painter: QPainter, number: int) -> None:
        """Paint a page, counted from 0."""
        self._head(painter, number)
        for top, block in self._pages[number]:
            block.paint(painter, _TOP + top)
        self._foot(painter, number)

    def _head(self, painter: QPainter, number: int) -> None:
        who = self._content.who[0][1] if number else ""
        made = f"made {self._content.made}" if self._content.made else ""
        right = _TITLE if number else made
        for text, align in ((who, Qt.AlignmentFlag.AlignLeft), (right, Qt.AlignmentFlag.AlignRight)):
            Words(text, font("small"), _WIDTH, QUIET, align).draw(painter, _SIDE, 10 * MM)

    def _foot(self, painter: QPainter, number: int) -> None:
        top = PAGE_MM[1] * MM - 17 * MM
        painter.fillRect(QRectF(_SIDE, top, _WIDTH, _BAND), QColor(LIGHT.synthetic))
        mark = Words(MARK, font("heading", bold=True), _WIDTH, QColor("white"), Qt.AlignmentFlag.AlignHCenter)
        mark.draw(painter, _SIDE, top + (_BAND - mark.height) / 2)
        made_by = Words(f"MedGAN Viewer {medgan_viewer.__version__}", font("small"), _WIDTH, QUIET)
        made_by.draw(painter, _SIDE, top + _BAND + MM)
        count = f"Page {number + 1} of {len(self)}"
        Words(count, font("small"), _WIDTH, QUIET, Qt.AlignmentFlag.AlignRight).draw(painter, _SIDE, top + _BAND + MM)


def _blocks(content: ReportContent) -> list[Block]:
    blocks = [
        words(_TITLE, "title", _SIDE, _WIDTH, bold=True, below=0.5),
        words(
            "For research only. What is marked as synthetic was made by a model and was not acquired from the patient.",
            "body",
            _SIDE,
            _WIDTH,
            colour=QUIET,
            below=3.0,
        ),
        boxed(content.who, _SIDE, _WIDTH),
        *pictures(content.pictures, _SIDE, _WIDTH),
    ]
    for one in content.tables:
        blocks += table(one, _SIDE, _WIDTH)
    if content.models:
        blocks.append(words("Models", "heading", _SIDE, _WIDTH, bold=True, below=1.2, with_next=True))
    for facts in content.models:
        blocks += _model(facts)
    blocks += [words(note, "small", _SIDE, _WIDTH, colour=QUIET) for note in content.notes]
    return blocks


def _model(facts: ModelFacts) -> list[Block]:
    label_width = 30 * MM
    blocks = [
        rule(_SIDE, _WIDTH),
        space(1.2),
        words(facts.name, "body", _SIDE, _WIDTH, bold=True, below=0.8, with_next=True),
    ]
    for label, text in facts.lines:
        blocks.append(_line(label, text, label_width))
    if facts.numbers is not None:
        blocks += [space(1.0), *table(facts.numbers, _SIDE, _WIDTH)]
    else:
        blocks.append(space(3.0))
    return blocks


def _line(label: str, text: str, label_width: float) -> Block:
    left = Words(label, font("small"), label_width, QUIET)
    right = Words(text, font("small"), _WIDTH - label_width)

    def paint(painter: QPainter, top: float) -> None:
        left.draw(painter, _SIDE, top)
        right.draw(painter, _SIDE + label_width, top)

    return Block(max(left.height, right.height) + 0.5 * MM, paint)


def write(content: ReportContent, path: Path) -> Path:
    """Write a report as PDF to ``path`` (replacing it). Raises ``WriteError``."""
    with atomic.new_file(path) as temporary:
        _paint(Paper(content), content, temporary)
        if content.deidentified:
            temporary.write_bytes(_without_moments(temporary.read_bytes()))
    return path


def _paint(paper: Paper, content: ReportContent, path: Path) -> None:
    writer = QPdfWriter(str(path))
    writer.setResolution(round(MM * 25.4))
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    )
    writer.setTitle(f"{MARK}: {_title(content.who)}")
    writer.setCreator(f"MedGAN Viewer {medgan_viewer.__version__}")
    painter = QPainter()
    if not painter.begin(writer):
        raise WriteError(path, "nothing can be written here; choose another folder")
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for number in range(len(paper)):
        if number:
            writer.newPage()
        paper.paint(painter, number)
    if not painter.end() or not path.read_bytes()[-6:].strip().endswith(b"%%EOF"):
        # Qt does not tell; a file that is not whole is one that there was no room for.
        raise OSError(errno.ENOSPC, "no room for the whole file")


def _title(who: Sequence[tuple[str, str]]) -> str:
    """Return whom a report is about, for the title that programs show: never more than stands on the paper."""
    return f"{_TITLE}, {who[0][1]}" if who else _TITLE


def _without_moments(content: bytes) -> bytes:
    """Return the file with a date that says nothing, of the same length: the offsets in it stay."""
    for pattern, dummy in zip(_MOMENTS, _NO_MOMENT, strict=True):
        content = pattern.sub(dummy, content)
    return content
