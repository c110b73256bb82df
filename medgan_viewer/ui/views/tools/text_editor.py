"""The line in which words of an arrow or of a text are typed, right on the image."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from medgan_viewer.ui.translation import tr

__all__ = ["TextEditor"]

_LONGEST = 200
_WIDTH = 220
# At the bottom of a pane: room for the mark, whatever it comes to say while words are typed.
_MARKS = 80


class TextEditor(QLineEdit):
    """Enter keeps the words, Esc drops them; so does clicking elsewhere, where nothing was typed."""

    def __init__(self, parent: QWidget, at: QPointF, text: str, done: Callable[[str | None], None]) -> None:
        super().__init__(text, parent)
        self._done: Callable[[str | None], None] | None = done
        self.setMaxLength(_LONGEST)
        self.setPlaceholderText(tr("Type, then Enter"))
        self.setAccessibleName(tr("Text of the annotation"))
        self._at = at
        self._place(parent)
        parent.installEventFilter(self)
        self.returnPressed.connect(lambda: self._end(self.text().strip()))
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self, parent: QWidget) -> None:
        """Stand beside the place that the words belong to, but never on the mark of synthetic pixels."""
        width = min(_WIDTH, parent.width() - 8)
        self.resize(width, self.sizeHint().height())
        x = min(max(self._at.x() + 8, 4), max(parent.width() - width - 4, 4))
        y = min(max(self._at.y() - self.height() / 2, 4), max(parent.height() - self.height() - _MARKS, 4))
        self.move(round(x), round(y))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep off the mark in a pane that becomes another size."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self._place(watched)
        return False

    def cancel(self) -> None:
        """Drop the words."""
        self._end(None)

    def event(self, event: QEvent) -> bool:
        """Keep every key from the window's actions: Enter, Esc and letters are for the words."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Drop the words with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._end(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed where the reader goes on elsewhere, but not for a menu or another window."""
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason):
            self._end(self.text().strip() or None)

    def _end(self, text: str | None) -> None:
        done, self._done = self._done, None
        if done is not None:
            self.hide()
            self.deleteLater()
            done(text)
