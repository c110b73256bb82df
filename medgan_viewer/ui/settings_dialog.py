"""The settings, as they are declared: grouped, to be searched, in force as soon as they are changed."""

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from medgan_viewer.settings import DECLARED
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.panels.widgets import label
from medgan_viewer.ui.settings_dialog_keys import KeysRow
from medgan_viewer.ui.settings_dialog_rows import SettingRow
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted

__all__ = ["SettingsDialog"]

_SIZE = (720, 680)


class SettingsDialog(QDialog):
    """Every setting of a group of the declarations is a row; nothing has to be confirmed."""

    def __init__(self, live: LiveSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search settings and keys"))
        self.search.setAccessibleName(tr("Search settings and keys"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search)
        self._nothing = label(tr("No setting is about that."), "quiet")
        self._nothing.hide()
        inner = QWidget()
        inner.setObjectName("shell")
        self._column = QVBoxLayout(inner)
        self._column.setSpacing(2)
        self._groups: list[tuple[QLabel, list[SettingRow | KeysRow]]] = []
        for group, settings in groupby((one for one in DECLARED if one.group), key=lambda one: one.group):
            heading = label(tr(group).upper(), "heading")
            self._column.addWidget(heading)
            rows: list[SettingRow | KeysRow] = [
                KeysRow(one, live) if one.kind == "keys" else SettingRow(one, live) for one in settings
            ]
            for row in rows:
                self._column.addWidget(row)
            self._groups.append((heading, rows))
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        self.resize(fitted(self, *_SIZE))

    @classmethod
    def open_for(cls, live: LiveSettings, parent: QWidget) -> "SettingsDialog":
        """Show the dialog of a window, the one that is open already where there is one."""
        there = parent.findChild(cls)
        dialog = cls(live, parent) if there is None else there
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    @property
    def rows(self) -> list["SettingRow | KeysRow"]:
        """All rows, from top to bottom."""
        return [row for _, rows in self._groups for row in rows]

    def _on_search(self, text: str) -> None:
        """Show the rows that have every word somewhere."""
        words = text.casefold().split()
        found = False
        for heading, rows in self._groups:
            of_group = heading.text().casefold()
            shown = [row.search([word for word in words if word not in of_group]) for row in rows]
            heading.setVisible(any(shown))
            found |= any(shown)
        self._nothing.setVisible(not found)
