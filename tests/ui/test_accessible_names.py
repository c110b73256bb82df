"""Whoever cannot see the screen is told what every control of every window and dialog is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document
from medgan_viewer.settings import Settings
from medgan_viewer.ui.dialogs import texts
from medgan_viewer.ui.dialogs.acceptance import AcceptanceDialog
from medgan_viewer.ui.dialogs.archive_entry import ArchiveEntryDialog
from medgan_viewer.ui.dialogs.archives import ArchivesDialog
from medgan_viewer.ui.dialogs.crash_report import CrashReportDialog
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.dialogs.import_model import ImportModelDialog
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.settings_dialog import SettingsDialog
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.grid import ViewGrid
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

pytestmark = pytest.mark.window

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
# Qt's own parts of a control.
_PARTS = (QScrollBar, QHeaderView)


def _controls(top: QWidget) -> Iterator[QWidget]:
    """Give what a person can act on in a window, but for what Qt itself makes inside of a control."""
    for widget in top.findChildren(QWidget):
        inside = widget.parentWidget()
        if isinstance(widget, _PARTS) or widget.objectName().startswith("qt_") or widget.window() is not top:
            continue
        if isinstance(inside, QComboBox | QAbstractSpinBox | QKeySequenceEdit | QLineEdit | QAbstractItemView):
            continue
        if isinstance(widget, _CONTROLS) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget


def _unnamed(top: QWidget) -> list[str]:
    found = []
    for widget in _controls(top):
        interface = QAccessible.queryAccessibleInterface(widget)
        # The name that Qt tells assistive programs: the control's own, its text, or its label's.
        if interface is None or not interface.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parent()).__name__}")
    return found


@pytest.fixture
def document() -> Document:
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))
    scans.add_results(document)
    return document


def test_the_window_names_all_its_controls(show_window: ShowWindow, document: Document) -> None:
    window = show_window(document)
    window.cine.play(True)
    window.cine.play(False)
    assert window.cine_bar.isVisible()
    assert len(list(_controls(window))) > 60
    assert _unnamed(window) == []
    assert [action.objectName() for action in window.actions_by_id.values() if not action.toolTip()] == []


Make = Callable[[QWidget, Document, Path], QWidget]
_DIALOGS: dict[str, Make] = {
    "settings": lambda parent, _document, _folder: SettingsDialog(LiveSettings(Settings()), parent),
    "acceptance": lambda parent, _document, _folder: AcceptanceDialog(parent),
    "archives": lambda parent, document, _folder: ArchivesDialog(parent, document, lambda _paths: None),
    "archive": lambda parent, _document, _folder: ArchiveEntryDialog(parent),
    "import": lambda parent, _document, _folder: ImportModelDialog(parent, lambda *_: None),
    "crash": lambda parent, _document, folder: CrashReportDialog([folder / "report.txt"], parent),
    "keys": lambda parent, _document, _folder: texts.keys(parent, Settings()),
    "about": lambda parent, _document, _folder: texts.about(parent),
    "export": lambda parent, document, _folder: ExportDialog(document, ViewGrid(document, DARK, parent), parent),
}


@pytest.mark.parametrize("name", list(_DIALOGS))
def test_every_dialog_names_all_its_controls(
    qtbot: QtBot, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for folder in ("CONFIG", "CACHE", "LOGS"):
        monkeypatch.setenv(f"MEDGAN_{folder}", str(tmp_path / folder.lower()))
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = _DIALOGS[name](parent, document, tmp_path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    assert list(_controls(dialog))
    assert _unnamed(dialog) == []
    assert dialog.windowTitle()
    dialog.close()
