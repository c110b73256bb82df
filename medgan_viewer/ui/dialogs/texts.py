"""Dialogs that only tell: a model's card, the keys, about."""

import re
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from medgan_viewer import __version__
from medgan_viewer.settings import Settings
from medgan_viewer.ui.actions import HOLD_TO_REVEAL, REMAPPABLE, key_text
from medgan_viewer.ui.keys import in_use, mouse_rows
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted, scaled
from medgan_viewer.wording import marked

__all__ = ["about", "card", "key_groups", "keys", "limits_first"]

# Sections of a card that stand before how it was made; what a model is for is its opening.
_FIRST = ("intended use", "limits", "numbers", "calibration", "seen on real scans")


def _dialog(parent: QWidget, title: str, size: tuple[int, int], *, markdown: str = "", html: str = "") -> QDialog:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    column = QVBoxLayout(dialog)
    text = QTextBrowser()
    text.setOpenExternalLinks(False)
    text.setOpenLinks(False)
    if markdown:
        text.setMarkdown(markdown)
    else:
        text.setHtml(html)
    text.setAccessibleName(title)
    column.addWidget(text)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    dialog.resize(fitted(parent, *size))
    return dialog


def card(parent: QWidget, name: str, path: Path) -> QDialog:
    """Return a dialog with a model's card: what it is for, its limits and its numbers come first."""
    markdown = limits_first(path.read_text(encoding="utf-8"))
    return _dialog(parent, tr("Model card: {0}").format(name), (760, 760), markdown=markdown)


def limits_first(markdown: str) -> str:
    """Return a card with the sections that a reader must know before the others; nothing is left out."""
    opening, *sections = re.split(r"^(?=## )", markdown, flags=re.MULTILINE)

    def place(section: str) -> int:
        title = section.partition("\n")[0].removeprefix("## ").strip().lower()
        return _FIRST.index(title) if title in _FIRST else len(_FIRST)

    return "\n".join(part.strip() + "\n" for part in (opening, *sorted(sections, key=place)))


# Which groups stand in which column of the sheet.
_COLUMNS = (
    (marked("Mouse"), marked("Tools"), marked("Measure"), marked("File"), marked("Edit")),
    (marked("Image"), marked("Findings"), marked("Compare"), marked("Slab"), marked("Cine")),
    (marked("Window"), marked("Layout"), marked("View"), marked("Help"), marked("Segment")),
)


def key_groups(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Return (keys, what they do) of every action that has keys and every mouse gesture, by group."""
    groups: dict[str, list[tuple[str, str]]] = {"Mouse": mouse_rows(settings)}
    used = in_use(settings.mapping("keys"))
    for spec in REMAPPABLE:
        says = tr("hold {0}") if spec is HOLD_TO_REVEAL else "{0}"
        if used[spec.id]:
            groups.setdefault(spec.group, []).append((says.format(key_text(used[spec.id])), tr(spec.text)))
    return groups


def keys(parent: QWidget, settings: Settings) -> QDialog:
    """Return the sheet of all keys."""
    groups = key_groups(settings)
    # A group that no column names stands in the last one.
    others = tuple(name for name in groups if not any(name in column for column in _COLUMNS))
    # Large type has room for fewer columns.
    size = (1080, 640)
    beside = max(fitted(parent, *size).width() * len(_COLUMNS) // scaled(size[0]), 1)
    last = sum(_COLUMNS[beside - 1 :], ())
    cells = []
    for column in (*_COLUMNS[: beside - 1], last + others):
        rows = []
        for name in column:
            if name not in groups:
                continue
            rows.append(f'<tr><td colspan="2"><br><b>{escape(tr(name))}</b></td></tr>')
            rows += [
                f'<tr><td style="padding-right: 14px"><i>{escape(key)}</i></td><td>{escape(does)}</td></tr>'
                for key, does in groups[name]
            ]
        cells.append(f'<td style="padding-right: 36px"><table cellpadding="2">{"".join(rows)}</table></td>')
    return _dialog(parent, tr("Keys"), size, html=f"<table><tr>{''.join(cells)}</tr></table>")


def about(parent: QWidget) -> QDialog:
    """Return what the program is and what it is not."""
    paragraphs = (
        f"## MedGAN Viewer {__version__}",
        tr("Shows what generative models make of a scan, beside the scan."),
        tr(
            "**Research use only. Not a medical device, not for diagnosis.** Every synthetic pixel carries a violet "
            "mark on screen and in every export. Everything is computed on this computer; nothing is sent anywhere."
        ),
        tr("Apache License 2.0. Each model has a licence of its own on its card."),
    )
    return _dialog(parent, tr("About MedGAN Viewer"), (520, 360), markdown="\n\n".join(paragraphs))
