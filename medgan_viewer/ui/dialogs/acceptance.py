"""Asks once, at the first start, whether the program will be used for research only."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted
from medgan_viewer.wording import marked

__all__ = ["WORDS_VERSION", "AcceptanceDialog", "ask"]

# Raised when the words below come to mean something else: then everybody is asked again.
WORDS_VERSION = "1"

_WORDS = (
    marked("MedGAN Viewer is for research. It is not a medical device; no diagnosis and no treatment may rest on it."),
    marked(
        "What a model makes looks like a scan and is a guess. It can leave out what is there, and draw what is not. "
        "Everything synthetic is marked violet; the marks stay on."
    ),
    marked("All is computed on this computer. Nothing is sent anywhere unless you send it."),
)


class AcceptanceDialog(QDialog):
    """The words, and whether they are agreed to; closed by any other means they are not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Research use only"))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(12)
        column.addWidget(label(tr("Research use only"), "welcome"))
        for words in _WORDS:
            column.addWidget(label(tr(words)))
        self.agree = button(tr("I use it for research only"), tr("Agree, and open the program"), "primary")
        self.agree.clicked.connect(self.accept)
        self.quit = button(tr("Quit"), tr("Close the program; it asks again at the next start"))
        self.quit.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.quit)
        row.addWidget(self.agree)
        column.addLayout(row)
        # Nobody agrees by a key pressed a moment too long.
        self.quit.setDefault(True)
        self.quit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setFixedWidth(fitted(self, 520).width())


def ask(live: LiveSettings, window: QWidget) -> None:
    """Ask over the window where the present words are not agreed to; whoever does not agree finds the window closed.

    The window can show what it opens meanwhile, and takes no input.
    """
    if live.values.text("accepted") == WORDS_VERSION:
        return
    dialog = AcceptanceDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(lambda: live.set("accepted", WORDS_VERSION))
    dialog.rejected.connect(window.close)
    dialog.open()
