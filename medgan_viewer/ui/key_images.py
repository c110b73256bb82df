"""Key images: a key marks the slice that is shown, and a list leads back to it."""

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from medgan_viewer.core.document import Document
from medgan_viewer.core.key_images import KeyImage, SetKeyImages, toggled
from medgan_viewer.core.volume import Plane
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.camera import centre_of
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane

__all__ = ["KeyImages"]


class KeyImages(QObject):
    """Marks what the active pane shows, and shows what was marked."""

    notice = Signal(str)

    def __init__(
        self, document: Document, grid: ViewGrid, choose_series: Callable[[str], None], parent: QObject
    ) -> None:
        """Take what shows a series in the active pane, so that undo brings back what was there."""
        super().__init__(parent)
        self._document, self._grid, self._choose_series = document, grid, choose_series

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        return {"image.key": lambda _on: self.toggle()}

    def show_state(self, by_id: Mapping[str, QAction]) -> None:
        """Check the action while the slice in the active pane is a key image."""
        scene = self._grid.active_pane.scene
        by_id["image.key"].setChecked(scene is not None and scene.is_key_image)

    def toggle(self) -> None:
        """Mark the slice in the active pane as a key image, or take the mark away."""
        scene = self._grid.active_pane.scene
        key = None if scene is None else scene.key_image
        if key is None:
            self.notice.emit(
                tr("A key image is a slice as it was acquired; the active pane shows none, or a cut through them.")
            )
            # The button that was pressed is not down.
            self._grid.state_changed.emit()
            return
        self._change(key)

    def remove(self, key: KeyImage) -> None:
        """Take the mark of a key image away."""
        if key in self._document.key_images:
            self._change(key)

    def _change(self, key: KeyImage) -> None:
        marked = self._document.key_images
        self._document.execute(SetKeyImages(marked, toggled(marked, key)))

    def show(self, key: KeyImage) -> None:
        """Show a key image in a pane that shows its series already, else in the active one."""
        pane = next((one for one in self._grid.visible_panes if _shows(one, key)), None)
        if pane is None:
            pane = self._grid.active_pane
            if key.layer_uid:
                self._show_layer(key.layer_uid, pane)
            else:
                self._choose_series(key.series_uid)
        opened = self._document.opened(key.series_uid)
        if opened is not None and key.index < len(opened.ready):
            plane: Plane = opened.stack.plane(key.index)
            pane.bring_into_view(np.asarray(centre_of(plane)))
            self._grid.refresh()

    def _show_layer(self, uid: str, pane: Pane) -> None:
        words = tr("Show {0} in the pane").format(self._document.layer(uid).name)
        self._grid.replace_shown(words, lambda: self._grid.show_layer(uid, pane), pane)


def _shows(pane: Pane, key: KeyImage) -> bool:
    scene = pane.scene
    if scene is None or scene.shown.series_uid != key.series_uid or scene.acquired_index is None:
        return False
    return (scene.shown.layer_uid or "") == key.layer_uid
