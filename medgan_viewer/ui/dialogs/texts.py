"""Dialogs that only tell: a model's card, the keys, about."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from medgan_viewer import __version__
from medgan_viewer.ui.actions import HOLD_TO_REVEAL, TABLE

__all__ = ["about", "card", "keys", "keys_markdown"]


def _dialog(parent: QWidget, title: str, markdown: str, size: tuple[int, int]) -> QDialog:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    column = QVBoxLayout(dialog)
    text = QTextBrowser()
    text.setOpenExternalLinks(False)
    text.setOpenLinks(False)
    text.setMarkdown(markdown)
    text.setAccessibleName(title)
    column.addWidget(text)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    available = parent.screen().availableGeometry()
    dialog.resize(min(size[0], available.width() - 80), min(size[1], available.height() - 80))
    return dialog


def card(parent: QWidget, name: str, path: Path) -> QDialog:
    """Return a dialog with a model's card."""
    return _dialog(parent, f"Model card: {name}", path.read_text(encoding="utf-8"), (760, 760))


def keys_markdown() -> str:
    """Return every action with its keys, grouped, as Markdown."""
    groups: dict[str, list[str]] = {}
    for spec in TABLE:
        if spec.keys:
            groups.setdefault(spec.group, []).append(f"| {' '.join(spec.keys)} | {spec.text} |")
    groups["Compare"].append(f"| hold {HOLD_TO_REVEAL[0]} | {HOLD_TO_REVEAL[1]} |")
    mouse = (
        "| left drag | the chosen tool (window at first) |",
        "| middle drag | move the image |",
        "| right drag, right click | zoom, menu |",
        "| wheel | slices; Shift ×10, Ctrl zooms |",
        "| Shift + move | crosshair in every linked pane |",
        "| double click | one pane large, and back |",
    )
    groups["Mouse"] = list(mouse)
    return "\n\n".join(f"### {name}\n\n| | |\n|---|---|\n" + "\n".join(rows) for name, rows in groups.items())


def keys(parent: QWidget) -> QDialog:
    """Return the sheet of all keys."""
    return _dialog(parent, "Keys", keys_markdown(), (560, 760))


def about(parent: QWidget) -> QDialog:
    """Return what the program is and what it is not."""
    markdown = (
        f"## MedGAN Viewer {__version__}\n\n"
        "Shows what generative models make of a scan, beside the scan.\n\n"
        "**Research use only. Not a medical device, not for diagnosis.** Every synthetic pixel carries a violet mark "
        "on screen and in every export. Everything is computed on this computer; nothing is sent anywhere.\n\n"
        "Apache License 2.0. Each model has a licence of its own on its card."
    )
    return _dialog(parent, "About MedGAN Viewer", markdown, (520, 360))
