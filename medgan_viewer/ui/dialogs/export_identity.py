"""Whether what is written carries the patient's identity, and what goes where it does not."""

import logging
import secrets

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from medgan_viewer.errors import MedganError
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["IdentityChoice"]

_log = logging.getLogger(__name__)

_WITHOUT = marked(
    "DICOM files and the report carry a pseudonym and new identifiers, the same for all that is exported until the "
    "program ends; your reasons for verdicts are left out. Everything synthetic is marked in them."
)
_WITH = marked(
    "DICOM files and the report carry the patient's identity; pictures, films and lists of findings do not. "
    "Everything synthetic is marked in them."
)


class IdentityChoice(QWidget):
    """A tick, set at first, and a link that asks for the list of what goes (``list_asked``)."""

    list_asked = Signal()

    def __init__(self, secret: bytes | None = None) -> None:
        super().__init__()
        self._secret = secret or secrets.token_bytes(32)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        self.tick = QCheckBox(tr("Without the patient's identity (DICOM PS3.15, Basic profile)"))
        self.tick.setChecked(True)
        self.tick.toggled.connect(self._on_toggled)
        row.addWidget(self.tick, 1)
        self.what_goes = button(tr("What goes?"), tr("List the attributes that are removed or replaced"), "link")
        self.what_goes.clicked.connect(self._on_asked)
        row.addWidget(self.what_goes)
        column.addLayout(row)
        self._carried = label(tr(_WITHOUT), "quiet")
        column.addWidget(self._carried)
        self._list = label("", "quiet")
        self._list.hide()
        column.addWidget(self._list)

    @property
    def secret(self) -> bytes | None:
        """By what identity is replaced, None where it stays."""
        return self._secret if self.tick.isChecked() else None

    @property
    def listed(self) -> str:
        """The list of what goes, as it is shown."""
        return self._list.text()

    def show_list(self, result: "list[str] | Exception") -> None:
        """Show what goes, or why that cannot be told."""
        self.what_goes.setEnabled(True)
        if isinstance(result, MedganError):
            words = result.sentence
        elif isinstance(result, Exception):
            _log.error("what goes could not be listed: %s", type(result).__name__)
            words = tr("What goes could not be listed.")
        else:
            words = tr("{0}. Private attributes are never copied.").format("; ".join(result))
        self._list.setText(words)
        self._list.setVisible(self.tick.isChecked())

    def _on_asked(self) -> None:
        self.what_goes.setEnabled(False)
        self.list_asked.emit()

    def _on_toggled(self, without: bool) -> None:
        self.what_goes.setVisible(without)
        self._list.setVisible(without and bool(self._list.text()))
        self._carried.setText(tr(_WITHOUT if without else _WITH))
