"""The pages of a report on the screen, before they are written."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from medgan_viewer.ui.report.content import ReportContent
from medgan_viewer.ui.report.flow import MM
from medgan_viewer.ui.report.paper import PAGE_MM, Paper
from medgan_viewer.ui.translation import tr

__all__ = ["ReportPreview", "page_image"]

_WIDTH = 760
# Room for margins and the scroll bar, and between the dialog and the edges of the screen.
_AROUND = 80


def page_image(paper: Paper, number: int, width: int) -> QImage:
    """Return a page, counted from 0, as a picture so many pixels wide."""
    scale = width / (PAGE_MM[0] * MM)
    image = QImage(width, round(PAGE_MM[1] * MM * scale), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(scale, scale)
    paper.paint(painter, number)
    painter.end()
    return image


class ReportPreview(QDialog):
    """Page below page, as they will be written."""

    def __init__(self, parent: QWidget, content: ReportContent) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        pages = QWidget()
        self._pages = QVBoxLayout(pages)
        self._pages.setSpacing(12)
        paper, ratio = Paper(content), self.devicePixelRatioF()
        available = parent.screen().availableGeometry()
        width = min(_WIDTH, available.width() - 2 * _AROUND)
        for number in range(len(paper)):
            shown = QPixmap.fromImage(page_image(paper, number, round(width * ratio)))
            shown.setDevicePixelRatio(ratio)
            page = QLabel()
            page.setPixmap(shown)
            page.setAccessibleName(tr("Page {0} of {1}").format(number + 1, len(paper)))
            self._pages.addWidget(page)
        scrolled = QScrollArea()
        scrolled.setWidget(pages)
        scrolled.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(scrolled)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.resize(width + _AROUND, min(900, available.height() - _AROUND))

    @property
    def count(self) -> int:
        """How many pages there are."""
        return self._pages.count()
