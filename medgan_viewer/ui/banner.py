"""A calm line that says what happened. It takes no focus and stops nothing."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from medgan_viewer.ui.panels.widgets import button, label, restyle
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["Banner"]

_NOTICE_MS = 8000


class Banner(QFrame):
    """Shows one sentence; errors stay until they are closed, notices go by themselves.

    With a parent it lies over the top of it; without one a layout gives it its place, where it hides nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._over = parent
        row = QHBoxLayout(self)
        if parent is None:
            row.setContentsMargins(8, 0, 6, 0)
        else:
            row.setContentsMargins(12, 7, 8, 7)
        self._text = label("")
        row.addWidget(self._text, 1)
        close = button(tr("Close"), tr("Close this message"), "link")
        close.clicked.connect(self.hide)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, "" while hidden."""
        return self._text.text() if not self.isHidden() else ""

    def say(self, sentence: str, *, error: bool) -> None:
        """Show a sentence."""
        restyle(self, "kind", "error" if error else "notice")
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self.show()
        self.place()
        self.raise_()
        self._timer.stop()
        if not error:
            self._timer.start(_NOTICE_MS)

    def place(self) -> None:
        """Lie at the top of the parent it was made for, as high as the sentence needs."""
        parent = self._over
        if parent is None:
            return
        width = min(parent.width() - 24, scaled(720))
        self.setFixedWidth(max(width, 120))
        # A wrapped label's size hint is that of a narrow column; only the height for this width counts.
        height = self.heightForWidth(width)
        self.setGeometry((parent.width() - width) // 2, 10, width, height)
