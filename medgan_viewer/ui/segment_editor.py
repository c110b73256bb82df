"""Drawing in segmentations: the tools, and what keys, mouse and panel ask for."""

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QAction

from medgan_viewer.core.document import (
    Change,
    Document,
    LayerAdded,
    LayerChanged,
    LayerRefilled,
    LayerRemoved,
    SelectionChanged,
    SeriesLoaded,
)
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.segment_editing import (
    Brush,
    EditSegmentation,
    Patch,
    Stroke,
    filled,
    refusal,
    segment_of,
)
from medgan_viewer.core.volume import Voxels
from medgan_viewer.errors import UsageError
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.segment_editor_mouse import DrawingMouse, drawing_axis, no_drawing, voxel_at
from medgan_viewer.ui.segment_edits import SegmentEdits
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.tools.drawing import DRAWING, Drawing
from medgan_viewer.wording import marked

__all__ = ["LARGEST_MM", "SMALLEST_MM", "SegmentEditor"]

SMALLEST_MM, LARGEST_MM = 0.5, 100.0
_LARGER = 1.15
_WORDS: dict[Drawing, str] = {
    "brush": marked("Paint"),
    "eraser": marked("Erase"),
    "fill": marked("Fill"),
    "threshold": marked("Paint"),
}


class SegmentEditor(SegmentEdits):
    """Draws in the segmentation that is chosen; each stroke is a command of the document."""

    def __init__(self, document: Document, grid: ViewGrid, background: Background, parent: QObject) -> None:
        super().__init__(document, grid, background, parent)
        self.diameter_mm = 10.0
        self.ball = False
        # By series: the lowest and the highest value on which the threshold brush paints.
        self._ranges: dict[str, tuple[float, float]] = {}
        self._open = False
        self._stroke: tuple[Stroke, Pane] | None = None
        self._mouse = DrawingMouse(grid.panes, self, self)
        grid.tool_changed.connect(self._on_tool)
        grid.active_pane_changed.connect(self.changed)
        document.subscribe(self._on_change)

    # -- the panel -----------------------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether the panel is there."""
        return self._open

    def set_open(self, on: bool) -> None:
        """Show the panel with the tools, or put both away."""
        if on == self._open:
            return
        self._open = on
        if not on and self.tool is not None:
            self._grid.set_tool("window")
        self.changed.emit()

    def choose(self, layer_uid: str) -> None:
        """Draw in another segmentation from now on; the panel comes up with it."""
        self._open = True
        super().choose(layer_uid)

    # -- tools ---------------------------------------------------------------------------------------------------

    @property
    def tool(self) -> Drawing | None:
        """The tool that the left button has, None where it does not draw."""
        return next((tool for tool in DRAWING if tool == self._grid.tool), None)

    def take(self, tool: Drawing, on: bool = True) -> None:
        """Take a tool, or put it away; the panel comes up with it."""
        self._open = self._open or on
        self._grid.set_tool(tool if on else "window")

    def _on_tool(self, _: str) -> None:
        self._leave()
        self._mouse.refresh()
        self.changed.emit()

    def set_diameter(self, mm: float) -> None:
        """Make the brush so large."""
        self.diameter_mm = float(np.clip(mm, SMALLEST_MM, LARGEST_MM))
        self._mouse.refresh()
        self.changed.emit()

    def resize(self, notches: float) -> None:
        """Make the brush larger, smaller where negative."""
        self.set_diameter(round(self.diameter_mm * _LARGER**notches, 1))

    def set_ball(self, on: bool) -> None:
        """Paint with a ball, or on the slice alone."""
        self.ball = on
        self.changed.emit()

    @property
    def between(self) -> tuple[float, float] | None:
        """The values on which the threshold brush paints: at first those between black and white."""
        uid = self._document.selected_series
        opened = None if uid is None else self._document.opened(uid)
        if uid is None or opened is None:
            return None
        if uid not in self._ranges:
            low, high = self._document.window(uid).levels
            if not opened.ready.any():
                return low, high
            self._ranges[uid] = (float(round(low, 2)), float(round(high, 2)))
        return self._ranges[uid]

    @property
    def unit(self) -> str:
        """The unit of the values of the selected series, "" where there is none."""
        uid = self._document.selected_series
        opened = None if uid is None else self._document.opened(uid)
        return "" if opened is None else opened.stack.unit

    def set_between(self, low: float, high: float) -> None:
        """Paint with the threshold brush on these values alone, the higher one never below the other."""
        if self._document.selected_series is not None:
            self._ranges[self._document.selected_series] = (low, max(low, high))
            self.changed.emit()

    def set_between_window(self) -> None:
        """Paint with the threshold brush on what is neither black nor white now."""
        self._ranges.pop(self._document.selected_series or "", None)
        self.changed.emit()

    # -- the hand ------------------------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """Whether the left button draws."""
        return self.tool is not None

    @property
    def drawing(self) -> bool:
        """Whether a stroke is under way."""
        return self._stroke is not None

    @property
    def ring_mm(self) -> float | None:
        """How large the tool is, None where it has no size."""
        return None if self.tool in (None, "fill") else self.diameter_mm

    def begin(self, pane: Pane, at: QPointF) -> None:
        """Press: begin a stroke, or fill; a segmentation is made where the series has none."""
        tool = self.tool
        if tool is None:
            return
        try:
            layer, label = self._ready_for(pane)
            index = voxel_at(pane, layer, at)
            if index is None:
                return
            axis = drawing_axis(pane, layer)
            if tool == "fill":
                self._edit(layer, label, tr(_WORDS[tool]), filled(layer, label, index, axis))
                return
            erases, between = tool == "eraser", self.between if tool == "threshold" else None
            brush = Brush(self.diameter_mm, None if self.ball else axis, erases, between)
            stroke = Stroke(layer, label, brush, self._values(layer) if between else None)
        except UsageError as error:
            self.notice.emit(error.sentence)
            return
        self._stroke = (stroke, pane)
        self._document.drawing = True
        self.go_on(pane, at)

    def _ready_for(self, pane: Pane) -> tuple[LabelLayer, int]:
        """Return what to draw in a pane. Raises ``UsageError`` where that cannot be."""
        layer = self.layer or self.new()
        why = "" if layer is None else refusal(layer) or no_drawing(pane, layer)
        label = self.label
        if layer is None or label is None:
            raise UsageError(tr("Open a series to draw on, and wait until all of it is there."))
        if why:
            raise UsageError(why)
        if not segment_of(layer, label).visible:
            raise UsageError(tr("{0} is hidden; show it to draw in it.").format(segment_of(layer, label).name))
        self._show(layer.uid)
        return layer, label

    def _values(self, layer: LabelLayer) -> Voxels | None:
        opened = self._document.opened(layer.source_series_uid)
        return None if opened is None else opened.volume().array

    def go_on(self, pane: Pane, at: QPointF) -> None:
        """Move with the button held; only the pane that is drawn in is painted meanwhile."""
        if self._stroke is None or self._stroke[1] is not pane:
            return
        stroke = self._stroke[0]
        index = voxel_at(pane, stroke.layer, at)
        if index is not None and stroke.move(index) is not None and pane.scene is not None:
            pane.scene.redraw(stroke.layer.uid)
            pane.update()

    def end(self) -> None:
        """Let go: the stroke becomes one edit."""
        if self._stroke is None:
            return
        (stroke, _), self._stroke = self._stroke, None
        self._document.drawing = False
        tool = self.tool or "brush"
        if self.label is not None:
            self._edit(stroke.layer, self.label, tr(_WORDS[tool]), stroke.patch())

    def cancel(self) -> bool:
        """Leave the stroke under way, else the tool; return whether there was either."""
        if self._leave():
            return True
        if self.tool is not None:
            self._grid.set_tool("window")
            return True
        return False

    def _leave(self) -> bool:
        if self._stroke is None:
            return False
        (stroke, pane), self._stroke = self._stroke, None
        self._document.drawing = False
        stroke.cancel()
        if pane.scene is not None:
            pane.scene.redraw(stroke.layer.uid)
            pane.update()
        return True

    def _edit(self, layer: LabelLayer, label: int, does: str, patch: Patch | None) -> None:
        if patch is not None:
            name = segment_of(layer, label).name
            self._document.execute(EditSegmentation(layer.uid, f"{does} {name}", (patch,)))

    # -- keys and the document -----------------------------------------------------------------------------------

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        made: dict[str, Callable[..., object]] = {
            "segment.edit": self.set_open,
            "segment.new": self.new,
            "segment.ball": self.set_ball,
            "segment.larger": lambda: self.resize(1),
            "segment.smaller": lambda: self.resize(-1),
            "segment.interpolate": self.interpolate,
        }
        for tool in DRAWING:
            made[f"segment.{tool}"] = lambda on, chosen=tool: self.take(chosen, on)
        return made

    def show_state(self, by_id: Mapping[str, QAction]) -> None:
        """Check the actions of what is switched on."""
        by_id["segment.edit"].setChecked(self._open)
        by_id["segment.ball"].setChecked(self.ball)
        for tool in DRAWING:
            by_id[f"segment.{tool}"].setChecked(self.tool == tool)
        by_id["segment.interpolate"].setEnabled(self.layer is not None and not self.interpolating)

    def _on_change(self, change: Change) -> None:
        match change:
            case LayerRemoved(uid):
                if self._stroke is not None and self._stroke[0].layer.uid == uid:
                    self._leave()
                self.changed.emit()
            case LayerAdded(uid) | LayerRefilled(uid) | LayerChanged(uid, None):
                if isinstance(self._document.layer(uid), LabelLayer):
                    self.changed.emit()
            case SelectionChanged() | SeriesLoaded():
                self.changed.emit()
            case _:
                pass
