"""Where an export goes: into a folder, to an archive, or both; and whether files carry the patient's identity."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from medgan_viewer.dicom.archive import entries
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dialogs.export_identity import IdentityChoice
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["Destination"]

_NO_ARCHIVE = marked("No archive is set up yet; Archives… in the menu does that.")
_ARCHIVED = marked(
    "The archive gets them with the patient's identity, so that they join the study that they were made from."
)


class Destination(QWidget):
    """A folder, an archive, and the choice about identity; ``changed`` is emitted after every change."""

    changed = Signal()

    def __init__(self, secret: bytes | None = None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._add_folder(column)
        self.identity = IdentityChoice(secret)
        column.addWidget(self.identity)
        self._add_archive(column)

    def _add_folder(self, column: QVBoxLayout) -> None:
        column.addWidget(label(tr("FOLDER"), "heading"))
        row = QHBoxLayout()
        self.folder = QLineEdit()
        self.folder.setAccessibleName(tr("Folder to write to"))
        self.folder.setPlaceholderText(tr("Choose a folder; report, films and pictures need one"))
        self.folder.textChanged.connect(lambda _: self.changed.emit())
        row.addWidget(self.folder, 1)
        choose = button(tr("Choose…"), tr("Choose a folder to write to"))
        choose.clicked.connect(self._on_choose)
        row.addWidget(choose)
        column.addLayout(row)

    def _add_archive(self, column: QVBoxLayout) -> None:
        column.addWidget(label(tr("ARCHIVE"), "heading"))
        row = QHBoxLayout()
        self.send = QCheckBox(tr("Send what is DICOM to"))
        self.send.toggled.connect(lambda _: self._on_sending())
        row.addWidget(self.send)
        self.archive = QComboBox()
        self.archive.setAccessibleName(tr("Archive to send to"))
        self.archive.currentIndexChanged.connect(lambda _: self.changed.emit())
        row.addWidget(self.archive, 1)
        column.addLayout(row)
        self.about_archive = label("", "quiet")
        column.addWidget(self.about_archive)
        try:
            self.archive.addItems([entry.name for entry in entries.load()])
            reason = "" if self.archive.count() else tr(_NO_ARCHIVE)
        except MedganError as error:
            reason = error.sentence
        self.send.setEnabled(not reason)
        self.archive.setEnabled(False)
        self.about_archive.setText(reason or tr(_ARCHIVED))

    @property
    def archive_name(self) -> str:
        """The archive to send to, "" for none."""
        return self.archive.currentText() if self.send.isChecked() else ""

    @property
    def settled(self) -> bool:
        """Whether it is said where the export goes."""
        return bool(self.folder.text().strip() or self.archive_name)

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Export to"))
        if folder:
            self.folder.setText(folder)

    def _on_sending(self) -> None:
        self.archive.setEnabled(self.send.isChecked())
        self.changed.emit()
