"""What keys, menus and the list of measurements ask for."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.annotation import KINDS, Annotation, Kind
from medgan_viewer.core.measure.book import EditAnnotations
from medgan_viewer.core.measure.listing import text_of
from medgan_viewer.ui.measurement_words import name_shown
from medgan_viewer.ui.panels.measurements import MeasurementsPanel
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["Measuring"]


class Measuring(QObject):
    """Deletes, renames, copies and goes to annotations; knows which measuring tool was used last."""

    def __init__(
        self,
        document: Document,
        grid: ViewGrid,
        panel: MeasurementsPanel,
        open_series: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._grid, self._panel, self._open_series = document, grid, panel, open_series
        self._last: Kind = "distance"
        grid.tool_changed.connect(self._on_tool)
        panel.chosen.connect(self.go_to)
        panel.renamed.connect(self.rename)
        panel.delete_asked.connect(self._delete)
        panel.copy_asked.connect(self.copy)

    def _on_tool(self, tool: str) -> None:
        self._last = next((kind for kind in KINDS if kind == tool), self._last)

    def take_tool(self) -> None:
        """Take the measuring tool that was used last."""
        self._grid.set_tool(self._last)

    def cancel(self) -> bool:
        """Leave what is being drawn, else what is chosen, else the tool; return whether there was anything."""
        if any(pane.tools.cancel() for pane in self._grid.panes):
            return True
        if self._document.annotations.selected is not None:
            self._document.annotations.select(None)
            return True
        if self._grid.tool in KINDS:
            self._grid.set_tool("window")
            return True
        return False

    def delete_selected(self) -> bool:
        """Delete the annotation that is chosen and in view; return whether there was one."""
        chosen = self._document.annotations.selected
        if chosen is None or not any(chosen.uid in pane.tools.shown_uids for pane in self._grid.visible_panes):
            return False
        self._delete(chosen.uid)
        return True

    def _delete(self, uid: str) -> None:
        annotation = self._document.annotations.get(uid)
        if annotation is not None:
            self._document.execute(EditAnnotations(tr("Delete {0}").format(name_shown(annotation)), (annotation,), ()))

    def rename(self, uid: str, name: str) -> None:
        """Give an annotation another name."""
        annotation = self._document.annotations.get(uid)
        if annotation is not None:
            after = replace(annotation, name=name)
            self._document.execute(
                EditAnnotations(tr("Rename {0}").format(name_shown(annotation)), (annotation,), (after,))
            )

    def copy(self) -> None:
        """Put the measurements of the study on the clipboard, as text without the patient."""
        QGuiApplication.clipboard().setText(text_of(self._panel.entries()))

    def go_to(self, uid: str) -> None:
        """Show an annotation: its series, the slice it lies on, its place in the pane."""
        annotation = self._document.annotations.get(uid)
        if annotation is None:
            return
        self._document.annotations.select(uid)
        if not self._grid.show_annotation(annotation):
            self._bring_up(annotation)
            self._grid.show_annotation(annotation)

    def _bring_up(self, annotation: Annotation) -> None:
        """Show the series in a way in which the annotation's plane can be seen."""
        shown = {pane.shown.series_uid for pane in self._grid.visible_panes if pane.shown is not None}
        if annotation.series_uid not in shown and annotation.series_uid in {
            one.uid for study in self._document.catalog.studies for one in study.series
        }:
            self._open_series(annotation.series_uid)
        if annotation.on_grid and self._grid.layout_name != "mpr" and not self._grid.can_show(annotation):
            self._grid.set_layout_name("mpr")
