"""Offers the reports of crashes that the last sessions left, without stopping anything."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from medgan_viewer import crash
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted, scaled
from medgan_viewer.wording import marked

__all__ = ["CrashReportDialog"]

_SAYS = marked(
    "The program did not end well the last time. What it was doing is in a report of its own code: no patient data, no "
    "file names. It was sent nowhere; give it to whoever looks after this program."
)


class CrashReportDialog(QDialog):
    """One sentence, and the report below it once it is asked for. Closed by any means, the reports count as seen."""

    def __init__(self, reports: Sequence[Path], parent: QWidget) -> None:
        super().__init__(parent)
        self._reports = list(reports)
        self.setWindowTitle(tr("Crash report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.finished.connect(self._on_finished)
        column = QVBoxLayout(self)
        column.addWidget(label(tr(_SAYS)))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("The report"))
        self.text.hide()
        column.addWidget(self.text, 1)
        column.addLayout(self._buttons())
        self.resize(scaled(560), self.sizeHint().height())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.show_button = button(tr("Show the report"), tr("Show what the report says"), "primary")
        self.show_button.clicked.connect(self._on_show)
        self.copy_button = button(tr("Copy"), tr("Copy the report, to send it to somebody"))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._content()))
        close = button(tr("Close"), tr("Close; the report stays in the folder of the log"))
        close.clicked.connect(self.reject)
        for made in (self.show_button, self.copy_button):
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _content(self) -> str:
        parts = []
        for report in self._reports:
            try:
                parts.append(report.read_text(encoding="utf-8", errors="replace"))
            except OSError:
                parts.append(tr("{0} cannot be read any more.").format(report.name))
        return "\n\n".join(parts)

    def _on_show(self) -> None:
        self.text.setPlainText(self._content())
        self.text.show()
        self.show_button.setEnabled(False)
        self.resize(fitted(self.parentWidget() or self, 760, 460))

    def _on_finished(self) -> None:
        for report in self._reports:
            crash.mark_seen(report)
