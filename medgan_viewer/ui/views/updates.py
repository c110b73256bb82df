"""How panes follow the document: what a change touches is looked at again, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

from medgan_viewer.core.changes import AnnotationsChanged, AnnotationSelected, KeyImagesChanged
from medgan_viewer.core.document import (
    Change,
    Document,
    FindingsChanged,
    LayerAdded,
    LayerChanged,
    LayerRefilled,
    LayerRemoved,
    SeriesClosed,
    SeriesLoaded,
    SeriesOpened,
    SliceLoaded,
    WindowChanged,
)
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Updates"]

# While a series is being read, panes whose own slice has not come are painted again after this many others.
_READ_BEFORE_REPAINT = 16


class Updates:
    """Brings panes up to date. ``filled`` is called with a pane whose slices have become known."""

    def __init__(self, document: Document, panes: list[Pane], filled: Callable[[Pane], None]) -> None:
        self._document, self._panes, self._filled = document, panes, filled

    def take(self, change: Change) -> None:
        """Bring panes up to date with a change of what they show."""
        match change:
            case SeriesOpened(uid) | SeriesLoaded(uid):
                self._on_series(uid)
            case SeriesClosed(uid):
                self._on_closed(uid)
            case SliceLoaded(uid, index):
                self._on_slice_loaded(uid, index)
            case LayerAdded(uid) | LayerRefilled(uid):
                self._on_layer(uid)
            case LayerChanged(uid, int() as index):
                self._on_layer_slice(uid, index)
            case LayerRemoved(uid):
                self._on_layer_removed(uid)
            case (
                WindowChanged()
                | LayerChanged(_, None)
                | FindingsChanged()
                | KeyImagesChanged()
                | AnnotationsChanged()
                | AnnotationSelected()
            ):
                # A scene notices by itself that a window, a layer's display or a figure is another one.
                for pane in self._panes:
                    pane.update()
            case _:
                pass

    def _showing(self, series_uid: str) -> list[Pane]:
        return [pane for pane in self._panes if pane.shown is not None and pane.shown.series_uid == series_uid]

    def _on_series(self, uid: str) -> None:
        for pane in self._showing(uid):
            unknown = pane.slice_count() == 0
            pane.reload()
            if unknown and pane.slice_count():
                self._filled(pane)
        for pane in self._panes:
            # It may be the other one of two images, in a pane of another series.
            if pane.state.compares:
                pane.update()

    def _on_closed(self, uid: str) -> None:
        for pane in self._panes:
            pane.tools.forget()
            # An empty pane has no scene that would say so.
            pane.samples.forget(uid)
        for pane in self._panes:
            if pane.scene is not None:
                pane.scene.forget(uid)
                pane.update()
        for pane in self._showing(uid):
            pane.show_content(None)

    def _on_slice_loaded(self, uid: str, index: int) -> None:
        for pane in self._showing(uid):
            scene = pane.scene
            if scene is None or scene.opened is None:
                continue
            own = scene.shown.kind == "stack" and scene.index == index
            if own or int(scene.opened.ready.sum()) % _READ_BEFORE_REPAINT == 0:
                scene.forget(uid)
                pane.update()

    def _on_layer(self, uid: str) -> None:
        for pane in self._panes:
            if pane.scene is not None:
                pane.scene.forget(uid)
                pane.update()

    def _on_layer_slice(self, uid: str, index: int) -> None:
        layer = self._document.layer(uid)
        for pane in self._panes:
            if pane.scene is None:
                continue
            if pane.scene.touches(layer, index):
                pane.scene.forget(uid)
                pane.update()
            else:
                # A plane that was looked at before may have been kept without this slice.
                pane.scene.samples.forget(uid)

    def _on_layer_removed(self, uid: str) -> None:
        for pane in self._panes:
            if pane.shown is not None and pane.shown.layer_uid == uid and pane.scene is not None:
                pane.show_instead(replace(pane.shown, layer_uid=None))
        self._on_layer(uid)
