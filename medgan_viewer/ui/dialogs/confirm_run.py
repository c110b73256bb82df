"""Asks whether a model is to run on a series that does not look like what it needs."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["ask"]

_CONSEQUENCE = marked("The result will say so wherever it is shown, printed or written, and that cannot be removed.")


def ask(parent: QWidget, model: str, objections: Sequence[str], confirmed: Callable[[], None]) -> QMessageBox:
    """Show the question, which does not stop the window; ``confirmed`` is called where the reader says yes."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(tr("Input check"))
    box.setText(tr("Run {0} all the same?").format(model))
    box.setInformativeText("\n\n".join((*objections, tr(_CONSEQUENCE))))
    run = box.addButton(tr("Run anyway"), QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    run.clicked.connect(confirmed)
    box.open()
    return box
