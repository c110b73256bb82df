"""Opens the dialogs beside the window."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from medgan_viewer.core.document import Document
from medgan_viewer.settings import Settings
from medgan_viewer.ui.dialogs import texts
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["DialogOpener"]


class DialogOpener:
    """Makes each dialog when it is asked for; none of them stops the window."""

    def __init__(self, document: Document, grid: ViewGrid, models: ModelsPanel, parent: QWidget) -> None:
        self._document, self._grid, self._models, self._parent = document, grid, models, parent
        # One for the session: results exported one after the other still belong to one study.
        self._secret = secrets.token_bytes(32)

    def export(self) -> None:
        """Ask what to write, where there is something to be written."""
        from medgan_viewer.ui.dialogs.export import ExportDialog

        if self._document.series_to_export is not None:
            self._show(ExportDialog(self._document, self._grid, self._parent, self._secret))

    def archives(self, open_paths: Callable[[Sequence[Path]], object]) -> None:
        """Show the hospital's archives; what arrives is given to ``open_paths``."""
        from medgan_viewer.ui.dialogs.archives import ArchivesDialog

        self._show(ArchivesDialog(self._parent, self._document, open_paths))

    def import_model(self) -> None:
        """Ask for a model to bring in."""
        from medgan_viewer.ui.dialogs.import_model import ImportModelDialog

        self._show(ImportModelDialog(self._parent, self._models.set_models))

    def card(self, model_id: str) -> None:
        """Show a model's card."""
        package = self._models.package(model_id)
        if package is not None and package.card.is_file():
            self._show(texts.card(self._parent, package.manifest.name, package.card))

    def keys(self, settings: Settings) -> None:
        """Show the sheet of all keys."""
        self._show(texts.keys(self._parent, settings))

    def about(self) -> None:
        """Show what the program is and what it is not."""
        self._show(texts.about(self._parent))

    @staticmethod
    def _show(dialog: QDialog) -> None:
        dialog.show()
        dialog.raise_()
