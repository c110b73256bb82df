"""Small parts that the panels share."""

from collections.abc import Collection

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import delete

from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.translation import numbers

__all__ = ["Card", "ElidedLabel", "button", "clear", "label", "picture", "restyle", "volume_text"]


def label(text: str, kind: str = "", *, wrap: bool = True) -> QLabel:
    """Return a label of a kind that the style sheet knows: "heading", "quiet", "faint", "caution", "title"."""
    made = QLabel(text)
    made.setObjectName(kind)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setIndent(0)
    if wrap:
        # A wrapped label may be as narrow as the panel wants; its longest word never widens the panel.
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


def button(text: str, tooltip: str = "", kind: str = "") -> QPushButton:
    """Return a push button that a click does not take the keyboard away from the image with."""
    made = QPushButton(text)
    made.setObjectName(kind)
    made.setToolTip(tooltip)
    made.setAccessibleName(tooltip or text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet selects on, and draw the widget anew."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def clear(layout: QBoxLayout, keep: Collection[QWidget] = (), *, first: int = 0) -> None:
    """Remove every widget from a layout, from place ``first`` on, and end those that are not to be kept."""
    while (item := layout.takeAt(first)) is not None:
        widget = item.widget()
        if widget is not None and widget not in keep:
            widget.hide()
            widget.deleteLater()
        # What holds a widget or a space in a layout is whose it is who took it out, and Python ends none of them.
        delete(item)


def picture(pixels: Voxels, size: int, ratio: float) -> QPixmap:
    """Return uint8 pixels, grey [row, column] or RGB [row, column, 3], as a pixmap that fits a square.

    ``size`` is in logical pixels, ``ratio`` says how many device pixels each has.
    """
    rows, columns = pixels.shape[:2]
    kind, wide = (QImage.Format.Format_RGB888, 3) if pixels.ndim == 3 else (QImage.Format.Format_Grayscale8, 1)
    image = QImage(pixels.tobytes(), columns, rows, columns * wide, kind)
    physical = QSize(round(size * ratio), round(size * ratio))
    pixmap = QPixmap.fromImage(image).scaled(
        physical, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def volume_text(millilitres: float, *, complete: bool = True) -> str:
    """Return a volume; of a structure that was not met yet, in what is not ``complete``, nothing is known."""
    if millilitres == 0 and not complete:
        return "–"
    return f"{millilitres:,.0f} ml".replace(",", " ") if millilitres >= 10 else numbers(f"{millilitres:.1f} ml")


class ElidedLabel(QLabel):
    """One line that ends in … where it is too long; the tooltip has all of it."""

    def __init__(self, text: str, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = text
        self.setObjectName(kind)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setIndent(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_full_text(text)

    def set_full_text(self, text: str) -> None:
        """Change the text."""
        self._full = text
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._full, Qt.TextElideMode.ElideRight, max(self.width(), 10))
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


class Card(QFrame):
    """A raised box with a column of widgets; ``state`` selects its border."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(10, 8, 10, 8)
        self.column.setSpacing(4)

    def set_state(self, state: str) -> None:
        """Set "running", "unfit", "current" or ""."""
        restyle(self, "state", state)
