"""Describe an archive: where it is and how it is spoken to. Secrets go to the system's keyring at once."""

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.dicom.archive import credentials, entries
from medgan_viewer.dicom.archive.credentials import Credentials
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted, scaled
from medgan_viewer.wording import marked

__all__ = ["ArchiveEntryDialog"]

_LABEL_WIDTH = 180
_MOVE = marked(
    "While images come by C-MOVE this program listens at the address and port below, to the AE titles listed; the "
    "archive must know both. By C-GET nothing ever listens."
)


class ArchiveEntryDialog(QDialog):
    """A form for a new archive, or for one to change; accepted, the archive is kept under ``name.text()``."""

    def __init__(self, parent: QWidget, entry: Entry | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Archive"))
        self.setMinimumWidth(fitted(self, 520).width())
        self._before = entry
        shown = entry if entry is not None else Entry("new", host="host")
        column = QVBoxLayout(self)
        column.setSpacing(8)
        top = QFormLayout()
        self.name = QLineEdit(entry.name if entry is not None else "")
        self.name.setPlaceholderText(tr("What you call it"))
        _row(top, tr("Name"), self.name)
        self.kind = QComboBox()
        self.kind.addItem(tr("DIMSE (host, port, AE title)"), "dimse")
        self.kind.addItem(tr("DICOMweb (address)"), "web")
        _row(top, tr("Kind"), self.kind)
        column.addLayout(top)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._dimse_page(shown, is_new=entry is None))
        self._pages.addWidget(self._web_page(shown))
        column.addWidget(self._pages)
        self.authorities = QLineEdit(shown.authorities)
        self.authorities.setPlaceholderText(tr("The system's; or a PEM file"))
        self.certificate = QLineEdit(shown.certificate)
        self.certificate.setPlaceholderText(tr("None; or a PEM file with certificate and key"))
        bottom = QFormLayout()
        _row(bottom, tr("Trusted authorities"), self.authorities)
        _row(bottom, tr("Own certificate"), self.certificate)
        column.addLayout(bottom)
        self.message = label("", "caution")
        self.message.hide()
        column.addWidget(self.message)
        end = QHBoxLayout()
        end.addStretch()
        close = button(tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        end.addWidget(close)
        self.keep = button(tr("Keep"), tr("Keep this archive"), "primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._on_keep)
        end.addWidget(self.keep)
        column.addLayout(end)
        self.kind.currentIndexChanged.connect(self._pages.setCurrentIndex)
        self.retrieve_by.currentIndexChanged.connect(lambda _: self._update())
        self.kind.setCurrentIndex(self.kind.findData(shown.kind))
        self._update()

    def _dimse_page(self, shown: Entry, *, is_new: bool) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        self.host = QLineEdit("" if is_new else shown.host)
        self.host.setPlaceholderText(tr("Name or address"))
        self.port = _port(shown.port)
        self.ae_title = QLineEdit(shown.ae_title)
        self.own_ae_title = QLineEdit(shown.own_ae_title)
        self.tls = QCheckBox(tr("Connect with TLS; the certificate is always checked"))
        self.tls.setChecked(shown.tls)
        self.retrieve_by = QComboBox()
        self.retrieve_by.addItem("C-GET", "get")
        self.retrieve_by.addItem("C-MOVE", "move")
        self.retrieve_by.setCurrentIndex(self.retrieve_by.findData(shown.retrieve_by))
        self.listen_address = QLineEdit(shown.listen_address)
        self.listen_port = _port(shown.listen_port or 11112)
        self.callers = QLineEdit(shown.callers)
        self.callers.setPlaceholderText(tr("The archive's own"))
        _row(form, tr("Host"), self.host)
        _row(form, tr("Port"), self.port)
        _row(form, tr("Its AE title"), self.ae_title)
        _row(form, tr("AE title of this program"), self.own_ae_title)
        form.addRow("", self.tls)
        _row(form, tr("Images come by"), self.retrieve_by)
        self._move_note = label(tr(_MOVE), "quiet")
        form.addRow(self._move_note)
        _row(form, tr("Listen at address"), self.listen_address)
        _row(form, tr("Listen at port"), self.listen_port)
        _row(form, tr("AE titles that may connect"), self.callers)
        return page

    def _web_page(self, shown: Entry) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        self.url = QLineEdit(shown.url)
        self.url.setPlaceholderText("https://host/dicom-web")
        self.user = QLineEdit()
        self.user.setPlaceholderText(tr("None, or as kept before"))
        self.password, self.token = _secret(), _secret()
        _row(form, tr("Address"), self.url)
        _row(form, tr("User"), self.user)
        _row(form, tr("Password"), self.password)
        _row(form, tr("Or bearer token"), self.token)
        form.addRow(label(tr("User, password and token go to this system's keyring and to no file."), "quiet"))
        return page

    def _update(self) -> None:
        moves = self.retrieve_by.currentData() == "move"
        for part in (self.listen_address, self.listen_port, self.callers):
            part.setEnabled(moves)
        self._move_note.setEnabled(moves)

    def entry(self) -> Entry:
        """Return what the form says; UsageError where it makes no sense."""
        moves = self.retrieve_by.currentData() == "move"
        name, url = self.name.text().strip(), self.url.text().strip()
        authorities, certificate = self.authorities.text().strip(), self.certificate.text().strip()
        if self.kind.currentData() == "web":
            return Entry(name, kind="web", url=url, authorities=authorities, certificate=certificate)
        return Entry(
            name,
            host=self.host.text().strip(),
            port=_number(self.port),
            ae_title=self.ae_title.text().strip(),
            own_ae_title=self.own_ae_title.text().strip(),
            tls=self.tls.isChecked(),
            retrieve_by="move" if moves else "get",
            listen_address=self.listen_address.text().strip(),
            listen_port=_number(self.listen_port) if moves else 0,
            callers=self.callers.text().strip(),
            authorities=authorities,
            certificate=certificate,
        )

    def _on_keep(self) -> None:
        try:
            made = self.entry()
            if made.kind == "web" and (self.user.text() or self.token.text()):
                given = Credentials(self.user.text().strip(), self.password.text(), self.token.text())
                credentials.store(made.name, given)
            if self._before is not None and self._before.name != made.name:
                entries.remove(self._before.name)
                credentials.forget(self._before.name)
            entries.add(made)
        except MedganError as error:
            self.message.setText(error.sentence)
            self.message.show()
            return
        self.accept()


def _port(value: int) -> QLineEdit:
    made = QLineEdit(str(value))
    made.setValidator(QIntValidator(1, 65535, made))
    return made


def _number(field: QLineEdit) -> int:
    return int(field.text()) if field.hasAcceptableInput() else -1


def _row(form: QFormLayout, text: str, field: QWidget) -> None:
    """Add a row whose label is as wide as those of the other parts of the form."""
    name = label(text, wrap=False)
    name.setMinimumWidth(scaled(_LABEL_WIDTH))
    field.setAccessibleName(text)
    form.addRow(name, field)


def _secret() -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    return made
