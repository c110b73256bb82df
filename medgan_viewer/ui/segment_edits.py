"""Which segmentation and segment are edited, and edits that are no stroke: names, colours, what lies between slices."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from medgan_viewer.core.commands import AddLayers, SetDisplay, Setting
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import LabelLayer, Segment
from medgan_viewer.core.segment_editing import (
    EditSegmentation,
    added_segment,
    interpolation,
    new_segmentation,
    refusal,
    segment_of,
    without_segment,
    written,
)
from medgan_viewer.core.segment_shapes import Box, Mask
from medgan_viewer.errors import UsageError, described
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.segment_editor_mouse import drawing_axis, no_drawing
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["SegmentEdits"]

_log = logging.getLogger(__name__)


class SegmentEdits(QObject):
    """Edits the segmentation that is chosen, as commands of the document.

    ``changed`` says that something the panel shows is another one, ``notice`` why something cannot be done.
    """

    changed = Signal()
    notice = Signal(str)

    def __init__(self, document: Document, grid: ViewGrid, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._grid, self._background = document, grid, background
        self._layer_uid: str | None = None
        # By segmentation.
        self._labels: dict[str, int] = {}
        self.interpolating = False

    # -- what is edited ------------------------------------------------------------------------------------------

    @property
    def layers(self) -> tuple[LabelLayer, ...]:
        """The segmentations of the selected series."""
        uid = self._document.selected_series
        made = self._document.layers_of(uid) if uid is not None else ()
        return tuple(layer for layer in made if isinstance(layer, LabelLayer))

    @property
    def layer(self) -> LabelLayer | None:
        """The segmentation that tools draw in: the chosen one, else the newest of the selected series."""
        layers = self.layers
        chosen = next((layer for layer in layers if layer.uid == self._layer_uid), None)
        return chosen or (layers[-1] if layers else None)

    def choose(self, layer_uid: str) -> None:
        """Edit another segmentation from now on, and show it."""
        self._layer_uid = layer_uid
        self._show(layer_uid)
        self.changed.emit()

    @property
    def label(self) -> int | None:
        """The segment that tools draw."""
        layer = self.layer
        if layer is None:
            return None
        known, labels = self._labels.get(layer.uid), [segment.label for segment in layer.segments]
        return known if known in labels else labels[0] if labels else None

    def choose_segment(self, label: int) -> None:
        """Draw another segment from now on."""
        if self.layer is not None:
            self._labels[self.layer.uid] = label
            self.changed.emit()

    def _show(self, layer_uid: str) -> None:
        layer = self._document.layer(layer_uid)
        if not layer.visible:
            self._document.change_layer(layer.changed(visible=True))
        self._grid.set_overlay_visible(True)

    # -- edits ---------------------------------------------------------------------------------------------------

    def new(self) -> LabelLayer | None:
        """Add an empty segmentation to the selected series and draw in it; None where the series is not there."""
        uid = self._document.selected_series
        opened = None if uid is None else self._document.opened(uid)
        if uid is None or opened is None or not self._document.is_loaded(uid) or opened.series.colour:
            self.notice.emit(tr("A segmentation is drawn on a series that is open, read to its end and not in colour."))
            return None
        names = {layer.name for layer in self.layers}
        number = next(n for n in range(1, len(names) + 2) if f"Segmentation {n}" not in names)
        layer = new_segmentation(uid, opened.volume(), name=f"Segmentation {number}")
        self._document.execute(AddLayers((layer,)))
        self.choose(layer.uid)
        return layer

    def _try(self, make: Callable[[LabelLayer], EditSegmentation], layer: LabelLayer | None = None) -> bool:
        """Do an edit of the chosen segmentation, or of another one, or say why not."""
        layer = layer or self.layer
        if layer is None:
            return False
        try:
            if refusal(layer):
                raise UsageError(refusal(layer))
            self._document.execute(make(layer))
        except UsageError as error:
            self.notice.emit(error.sentence)
            return False
        return True

    def add_segment(self) -> None:
        """Add an empty segment and draw it from now on."""
        if self._try(added_segment) and self.layer is not None:
            self.choose_segment(self.layer.segments[-1].label)

    def remove_segment(self, label: int) -> None:
        """Remove a segment and its voxels."""
        self._try(lambda layer: without_segment(layer, label))

    def rename(self, label: int, name: str) -> None:
        """Give a segment another name; what a model made is edited by that."""
        layer, name = self.layer, name.strip()[:64]
        if layer is None or not name or name == segment_of(layer, label).name:
            return
        segments = _with(layer, label, name=name)
        self._try(
            lambda one: EditSegmentation(
                one.uid, tr("Rename {0}").format(segment_of(one, label).name), segments=segments
            )
        )

    def set_colour(self, label: int, colour: str) -> None:
        """Draw a segment in another colour."""
        self._display(label, tr("Colour of {0}"), colour=colour)

    def set_visible(self, label: int, on: bool) -> None:
        """Draw a segment, or hide it."""
        self._display(label, tr("Show {0}") if on else tr("Hide {0}"), visible=on)

    def set_locked(self, label: int, on: bool) -> None:
        """Let no tool change a segment, or let them again."""
        self._display(label, tr("Lock {0}") if on else tr("Unlock {0}"), locked=on)

    def _display(self, label: int, words: str, **changes: object) -> None:
        layer = self.layer
        if layer is not None:
            setting = Setting(layer.uid, "segments", layer.segments, _with(layer, label, **changes))
            self._document.execute(SetDisplay(words.format(segment_of(layer, label).name), (setting,)))

    def interpolate(self) -> None:
        """Fill what lies between the slices on which the segment is drawn, as the active pane shows them."""
        layer, label = self.layer, self.label
        if layer is None or label is None or self.interpolating:
            return
        why = refusal(layer) or no_drawing(self._grid.active_pane, layer)
        if why:
            self.notice.emit(why)
            return
        axis = drawing_axis(self._grid.active_pane, layer)
        self.interpolating = True
        self._background.run(
            partial(interpolation, layer, label, axis), partial(self._on_interpolated, layer.uid, label)
        )
        self.changed.emit()

    def _on_interpolated(self, uid: str, label: int, result: tuple[Box, Mask] | Exception) -> None:
        self.interpolating = False
        layer = next((one for one in self._document.layers if one.uid == uid), None)
        if isinstance(result, UsageError):
            self.notice.emit(result.sentence)
        elif isinstance(result, Exception):
            _log.error("interpolation between slices: %s", described(result))
            self.notice.emit(tr("Something went wrong between the slices; the log has the details."))
        elif isinstance(layer, LabelLayer):
            self._try(lambda one: _interpolated(one, label, *result), layer)
        self.changed.emit()


def _interpolated(layer: LabelLayer, label: int, box: Box, mask: Mask) -> EditSegmentation:
    """Return the edit that fills what lies between slices. Raises ``UsageError`` where nothing is empty there."""
    name, patch = segment_of(layer, label).name, written(layer, label, box, mask, only_empty=True)
    if patch is None:
        raise UsageError(tr("Between the slices of {0} there is nothing left to fill.").format(name))
    return EditSegmentation(layer.uid, tr("Interpolate {0}").format(name), (patch,))


def _with(layer: LabelLayer, label: int, **changes: object) -> tuple[Segment, ...]:
    """Return the segments of a layer, one of them changed."""
    return tuple(replace(one, **changes) if one.label == label else one for one in layer.segments)  # type: ignore[arg-type]
