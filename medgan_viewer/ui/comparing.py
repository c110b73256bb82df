"""Original against result: what the overlay and the swipe line show, where a result comes up, whose window is set."""

from collections.abc import Sequence

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, Layer
from medgan_viewer.ui.views.grid import Comparison, ViewGrid

__all__ = ["Comparing"]


class Comparing:
    """Puts results where they can be compared with the original."""

    def __init__(self, document: Document, grid: ViewGrid) -> None:
        self._document, self._grid = document, grid

    def show_layer(self, layer_uid: str) -> None:
        """Show a synthetic image in a pane beside its source, anything else over its source."""
        layer = self._document.layer(layer_uid)
        if isinstance(layer, ImageLayer):
            if self._grid.layout_name == "1x1":
                self._grid.set_layout_name("1x2")
            self._grid.show_layer(layer_uid, self._grid.pane_beside(layer.source_series_uid))
        elif isinstance(layer, DoubtLayer):
            self._show_doubt(layer)
        else:
            self._grid.show_layer(layer_uid)
            self._grid.set_overlay_visible(True)

    def _show_doubt(self, doubt: DoubtLayer) -> None:
        """Draw a doubt over its image, which comes up where no pane shows it."""
        shown = {pane.shown.layer_uid for pane in self._grid.visible_panes if pane.shown is not None}
        image = next((one for one in self._document.layers if one.uid == doubt.image_uid), None)
        if image is not None and image.uid not in shown and not image.visible:
            self.show_layer(image.uid)
        if not doubt.visible:
            self._document.change_layer(doubt.changed(visible=True))
        self._grid.set_overlay_visible(True)

    def set_overlay(self, on: bool) -> None:
        """Draw results over the originals; where only synthetic images could be drawn, the one in a pane comes up."""
        layers = self._layers_here()
        if on and not any(layer.visible for layer in layers):
            self._put_image_over(layers)
        self._grid.set_overlay_visible(on)

    def compare(self, way: Comparison | None) -> bool:
        """Compare original and synthetic image in one pane; return False where there is no such image."""
        layers = self._layers_here()
        if way is not None and not any(isinstance(layer, ImageLayer) and layer.visible for layer in layers):
            if not any(isinstance(layer, ImageLayer) for layer in layers):
                return False
            self._put_image_over(layers)
        self._grid.set_comparison(way)
        return True

    def apply_in_hu(self, window: Window) -> bool:
        """Apply a window in HU to the image in the active pane; return False where that is not in HU."""
        content = self._grid.active_pane.content
        if content is None:
            return True
        opened = self._document.opened(content.series_uid)
        if content.layer_uid is not None:
            unit = self._document.layer(content.layer_uid).volume.unit
        else:
            unit = opened.stack.unit if opened is not None else ""
        if unit == "HU":
            self._grid.apply_window(window)
        return unit == "HU"

    def _layers_here(self) -> tuple[Layer, ...]:
        content = self._grid.active_pane.content
        return () if content is None else self._document.layers_of(content.series_uid)

    def _put_image_over(self, layers: Sequence[Layer]) -> None:
        """Let the synthetic image that stands in a pane, else the newest, lie over its source."""
        images = [layer for layer in layers if isinstance(layer, ImageLayer)]
        contents = [pane.content for pane in self._grid.visible_panes]
        shown = {content.layer_uid for content in contents if content is not None}
        in_pane = [layer for layer in images if layer.uid in shown]
        for layer in (in_pane or images)[-1:]:
            self._document.change_layer(layer.changed(visible=True))
