"""All panes: their layout, what they share, and how they follow one another and the document."""

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Change, CrosshairMoved, Document, FindingSelected, SeriesClosed
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure.annotation import KINDS, Annotation
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.camera import Camera, centre_of, fitting
from medgan_viewer.ui.views.gestures import TOOLS, Tool
from medgan_viewer.ui.views.links import patients_differ, same_space
from medgan_viewer.ui.views.moves import Moves, plane_of
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import DisplayState, Scene, Shown
from medgan_viewer.ui.views.slices import SampleCache, ViewKind
from medgan_viewer.ui.views.updates import Updates

__all__ = ["LAYOUTS", "ViewGrid"]

# Rows and columns of each layout; panes fill them in reading order.
LAYOUTS: dict[str, tuple[int, int]] = {"1x1": (1, 1), "1x2": (1, 2), "1x3": (1, 3), "2x2": (2, 2), "mpr": (2, 2)}
_MPR: tuple[ViewKind, ...] = ("axial", "coronal", "sagittal")
_PANES = 4
_GAP = 2


class ViewGrid(QWidget):
    """Shows up to four panes of a document."""

    active_pane_changed = Signal()
    state_changed = Signal()
    tool_changed = Signal(str)
    files_dropped = Signal(list)
    series_dropped = Signal(str, object)
    context_menu_asked = Signal(object, QPoint)
    # The series and the slice of its regular grid that are looked at.
    looked_at = Signal(str, int)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._layout_name, self._tool = "1x1", "window"
        self._state = DisplayState()
        self._maximised: Pane | None = None
        self._before_mpr: list[tuple[Scene | None, Camera | None]] = []
        self._pointing = False
        self._samples = SampleCache()
        self._moves = Moves(document, lambda: self.visible_panes)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Images")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self.panes = [self._made_pane(number) for number in range(1, _PANES + 1)]
        self._active = self.panes[0]
        self._updates = Updates(document, self.panes, self._on_filled)
        self._arrange()
        self._unsubscribe = document.subscribe(self._on_change)
        self.destroyed.connect(partial(_call, self._unsubscribe))

    def _made_pane(self, number: int) -> Pane:
        pane = Pane(self._document, self._theme, number, self, self._samples)
        pane.setFocusProxy(self)
        pane.activated.connect(partial(self._on_activated, pane))
        pane.maximise_asked.connect(partial(self._on_maximise, pane))
        pane.slice_asked.connect(partial(self._on_slice, pane))
        pane.camera_asked.connect(partial(self._moves.look, pane))
        pane.window_asked.connect(partial(self._moves.set_window, pane))
        pane.pointed.connect(partial(self._on_pointed, pane))
        pane.moved_without_pointing.connect(self._on_moved)
        pane.context_menu_asked.connect(partial(self.context_menu_asked.emit, pane))
        pane.series_dropped.connect(lambda uid: self.series_dropped.emit(uid, pane))
        pane.files_dropped.connect(self.files_dropped.emit)
        return pane

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what stands between the panes."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.line))
        painter.end()

    # -- layout --------------------------------------------------------------------------------------------------

    @property
    def layout_name(self) -> str:
        """The layout: a key of ``LAYOUTS``."""
        return self._layout_name

    @property
    def active_pane(self) -> Pane:
        """The pane that keys and panels speak to."""
        return self._active

    @property
    def visible_panes(self) -> list[Pane]:
        """The panes of the layout, the maximised one alone where there is one."""
        if self._maximised is not None:
            return [self._maximised]
        rows, columns = LAYOUTS[self._layout_name]
        return self.panes[: rows * columns]

    def set_layout_name(self, name: str) -> None:
        """Change the layout; panes keep what they show. MPR shows the active pane's series three ways."""
        if name not in LAYOUTS:
            raise ValueError(f"no layout is called {name!r}")
        before, self._maximised = self._layout_name, None
        if name == before:
            self._arrange()
            return
        self._layout_name = name
        if name == "mpr":
            self._enter_mpr()
        elif before == "mpr":
            self._leave_mpr()
        self._arrange()
        self.state_changed.emit()

    def _enter_mpr(self) -> None:
        self._before_mpr = [(pane.scene, pane.camera) for pane in self.panes]
        former, fourth = self._active, self._fourth_in_mpr()
        self._active = self.panes[0]
        if former.shown is not None:
            self._fill_mpr(former.shown, fourth)
        self.active_pane_changed.emit()

    def _fourth_in_mpr(self) -> Shown | None:
        """Return what stands beside the three planes: a pane of the same space, or the slices as they were acquired."""
        active = self._active.scene
        if active is None:
            return None
        for pane in self.panes:
            if pane is not self._active and pane.scene is not None and same_space(pane.scene, active):
                return pane.shown
        uneven = active.opened is not None and not active.opened.stack.is_regular
        return replace(active.shown, kind="stack") if uneven else None

    def _fill_mpr(self, shown: Shown, fourth: Shown | None) -> None:
        for pane in self.panes:
            pane.show_content(None)
        self._show_mpr(shown)
        if fourth is not None:
            self._fill(self.panes[3], fourth)

    def _show_mpr(self, shown: Shown) -> None:
        for pane, kind in zip(self.panes, _MPR, strict=False):
            self._fill(pane, replace(shown, kind=kind))

    def _leave_mpr(self) -> None:
        """Bring back what the panes showed before, at the slice that was looked at last."""
        latest, plane = self.panes[0].scene, plane_of(self.panes[0])
        kept, self._before_mpr = self._before_mpr, []
        for pane, (scene, camera) in zip(self.panes, kept, strict=True):
            pane.restore(scene, camera)
            if latest is not None and plane is not None and pane.scene is not None and same_space(pane.scene, latest):
                pane.go_to(centre_of(plane))
        if latest is not None and latest.shown.series_uid not in {one.shown.series_uid for one, _ in kept if one}:
            self._fill(self.panes[0], replace(latest.shown, kind="stack"))

    def _arrange(self) -> None:
        shown = self.visible_panes
        _, columns = LAYOUTS[self._layout_name]
        for pane in self.panes:
            self._grid.removeWidget(pane)
            pane.setVisible(pane in shown)
        for number, pane in enumerate(shown):
            row, column = (0, 0) if len(shown) == 1 else divmod(number, columns)
            self._grid.addWidget(pane, row, column)
        if self._active not in shown:
            self._set_active(shown[0])
        for pane in shown:
            if pane is not self._active:
                self._moves.follow(pane, self._active)
        self._refresh()

    def _on_maximise(self, pane: Pane) -> None:
        self._maximised = pane if self._maximised is None else None
        self._arrange()
        self.state_changed.emit()

    def _on_activated(self, pane: Pane) -> None:
        for other in self.panes:
            if other is not pane:
                other.tools.cancel()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._set_active(pane)

    def _set_active(self, pane: Pane) -> None:
        if pane is self._active:
            return
        self._active = pane
        self._refresh()
        self.active_pane_changed.emit()
        self._tell_looked_at(pane)

    def _refresh(self) -> None:
        """Bring up to date what panes show of one another: outlines, warnings, reference lines, the crosshair."""
        visible = self.visible_panes
        studies = [pane.scene.opened.study for pane in visible if pane.scene is not None and pane.scene.opened]
        warned = len(studies) > 1 and patients_differ(studies)
        for pane in visible:
            outlined = pane is self._active and len(visible) > 1
            empty = pane.scene is None
            if (pane.active, pane.warned) != (outlined, warned and not empty):
                pane.active, pane.warned = outlined, warned and not empty
                pane.update()
        self._refresh_references()

    def _refresh_references(self) -> None:
        sources = self.visible_panes[:3] if self._layout_name == "mpr" else [self._active]
        self._moves.refresh_references(self._active, sources)

    # -- content -------------------------------------------------------------------------------------------------

    def show_series(self, uid: str, pane: Pane | None = None) -> None:
        """Show a series, or a result by its UID, in a pane (the active one)."""
        if any(layer.uid == uid for layer in self._document.layers):
            self.show_layer(uid, pane)
            return
        self._show(Shown(uid), pane or self._active)

    def show_time(self, before: str, after: str) -> None:
        """Show another time point wherever one of a series is shown, at the same slice and place."""
        for pane in self.panes:
            if pane.shown is not None and pane.shown.series_uid == before and pane.shown.layer_uid is None:
                pane.show_time(after)
        self._refresh()
        self.active_pane_changed.emit()
        self._tell_looked_at(self._active)

    def show_layer(self, uid: str, pane: Pane | None = None) -> None:
        """Show a synthetic image in a pane of its own; a segmentation or heat map over its source."""
        layer = self._document.layer(uid)
        source = layer.source_series_uid
        if isinstance(layer, ImageLayer):
            self._show(Shown(source, uid), pane or self.pane_beside(source))
            return
        drawn = [one.shown for one in self.visible_panes if one.shown is not None and one.shown.layer_uid is None]
        if pane is not None or source not in {shown.series_uid for shown in drawn}:
            self._show(Shown(source), pane or self._active)
        if not layer.visible:
            self._document.change_layer(layer.changed(visible=True))
        self.set_overlay_visible(True)

    def _show(self, shown: Shown, pane: Pane) -> None:
        if self._maximised is not None and pane is not self._maximised:
            self._maximised = None
            self._arrange()
        if self._layout_name == "mpr" and pane is not self.panes[3]:
            self._show_mpr(shown)
        else:
            self._fill(pane, shown)
        self._refresh()
        if pane is self._active:
            self.active_pane_changed.emit()
        self._tell_looked_at(pane)

    def _fill(self, pane: Pane, shown: Shown) -> None:
        pane.show_content(shown)
        self._moves.join(pane, self._active)

    def pane_beside(self, series_uid: str) -> Pane:
        """Return the pane in which a synthetic image of a series should come up."""
        if self._layout_name == "mpr":
            return self.panes[3]
        rows, columns = LAYOUTS[self._layout_name]
        panes = self.panes[: rows * columns]
        sources = [pane for pane in panes if pane.shown == Shown(series_uid)]
        after = panes.index(sources[0] if sources else self._active) + 1
        # From the one after the source round to the source itself.
        ordered = panes[after:] + panes[:after]
        empty = [pane for pane in ordered if pane.scene is None]
        others = [pane for pane in ordered if pane.shown != Shown(series_uid)]
        return [*empty, *others, *ordered][0]

    def visible_slice(self, series_uid: str) -> int | None:
        """Return the slice of a series' regular grid that is looked at, None where no pane shows it."""
        for pane in sorted(self.visible_panes, key=lambda one: one is not self._active):
            if pane.shown is not None and pane.shown.series_uid == series_uid and pane.scene is not None:
                return pane.scene.grid_slice
        return None

    def can_show(self, annotation: Annotation) -> bool:
        """Whether one of the visible panes can show an annotation."""
        return any(pane.tools.can_show(annotation) for pane in self.visible_panes)

    def show_annotation(self, annotation: Annotation) -> bool:
        """Go to an annotation in the panes that can show it; return whether any can."""
        found = [pane for pane in self.visible_panes if pane.tools.can_show(annotation)]
        for pane in found:
            pane.bring_into_view(np.array(annotation.centre))
        if found:
            self._refresh_references()
            self._tell_looked_at(self._active)
        return bool(found)

    def capture(self, pane: Pane) -> QImage:
        """Return a pane as it is on the screen, marks included."""
        return pane.capture()

    # -- switches ------------------------------------------------------------------------------------------------

    @property
    def tool(self) -> str:
        """What a left drag does."""
        return self._tool

    def set_tool(self, tool: str) -> None:
        """Choose what a left drag does: "window", "scroll", "pan", "zoom", "crosshair", or a kind of annotation."""
        if tool not in (*TOOLS, *KINDS):
            raise ValueError(f"no tool is called {tool!r}")
        chosen: Tool = next((one for one in TOOLS if one == tool), "window")
        self._tool = tool
        for pane in self.panes:
            pane.gestures.tool = chosen
            pane.tools.cancel()
            pane.tools.kind = next((one for one in KINDS if one == tool), None)
        self._pointing = False
        self._show_crosshair()
        self.tool_changed.emit(tool)

    @property
    def linked(self) -> bool:
        """Whether panes of one space move together."""
        return self._moves.linked

    def set_linked(self, linked: bool) -> None:
        """Link panes of one space, or let each go its own way."""
        self._moves.linked = linked
        if linked:
            for pane in self.visible_panes:
                if pane is not self._active:
                    self._moves.follow(pane, self._active)
        self.state_changed.emit()

    @property
    def overlay_visible(self) -> bool:
        """Whether results are drawn over the originals."""
        return self._state.overlay

    def set_overlay_visible(self, visible: bool) -> None:
        """Draw results over the originals, or do not."""
        self._set_state(replace(self._state, overlay=visible))

    def toggle_overlay(self) -> None:
        """Draw results over the originals where they are not, and the other way round."""
        self.set_overlay_visible(not self._state.overlay)

    @property
    def swipe(self) -> bool:
        """Whether panes show the original left and the synthetic image right of a line."""
        return self._state.swipe

    def set_swipe(self, swipe: bool) -> None:
        """Show the original left and the synthetic image right of a line."""
        self._set_state(replace(self._state, swipe=swipe))

    @property
    def revealed(self) -> bool:
        """Whether the originals alone are shown."""
        return self._state.revealed

    def set_revealed(self, revealed: bool) -> None:
        """Show the originals alone while a key is held, in panes of synthetic images too."""
        self._set_state(replace(self._state, revealed=revealed))

    def _set_state(self, state: DisplayState) -> None:
        if state == self._state:
            return
        self._state = state
        for pane in self.panes:
            pane.state = state
            pane.update()
        self.state_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()
        for pane in self.panes:
            pane.set_theme(theme)

    def set_patient_data_hidden(self, hidden: bool) -> None:
        """Hide who the patient is, for teaching and screenshots. Marks stay."""
        for pane in self.panes:
            pane.patient_hidden = hidden
            pane.update()

    # -- what keys ask of the active pane ------------------------------------------------------------------------

    def step(self, count: int) -> None:
        """Go on by slices, back where negative."""
        self._on_slice(self._active, self._active.slice_index() + count)

    def go_first(self) -> None:
        """Go to the first slice."""
        self._on_slice(self._active, 0)

    def go_last(self) -> None:
        """Go to the last slice."""
        self._on_slice(self._active, self._active.slice_count() - 1)

    def reset_view(self) -> None:
        """Show the whole picture, as it was opened."""
        pane = self._active
        if pane.scene is None:
            return
        pane.scene.turns, pane.scene.inverted, pane.camera = 0, False, None
        plane = pane.scene.plane
        if plane is not None:
            self._moves.look(pane, fitting(plane))
            pane.camera = None
        pane.update()

    def auto_window(self) -> None:
        """Set the window to the 0.5th to 99.5th percentile of the slice."""
        self._moves.apply_automatic_window(self._active)

    def cycle_series_window(self) -> None:
        """Set the next of the windows stored in the series."""
        self._moves.apply_next_window(self._active)

    def apply_window(self, window: Window) -> None:
        """Set a window, such as a preset."""
        self._moves.apply_window(self._active, window)

    def invert(self) -> None:
        """Show black as white."""
        if self._active.scene is not None:
            self._active.scene.inverted = not self._active.scene.inverted
            self._active.update()

    def rotate(self) -> None:
        """Turn the picture clockwise by 90°."""
        self._active.rotate()
        self._refresh_references()

    # -- what panes ask ------------------------------------------------------------------------------------------

    def _on_slice(self, pane: Pane, index: int) -> None:
        if self._moves.scroll(pane, index):
            self._refresh_references()
            self._tell_looked_at(pane)

    def _on_pointed(self, pane: Pane, point: Vector) -> None:
        if pane.scene is None:
            return
        self._pointing = True
        frame = pane.scene.frame_of_reference_uid
        if frame is not None:
            self._document.move_crosshair(frame, point)
        self._moves.point(pane, point, shown=True)
        self._refresh_references()

    @property
    def _crosshair_shown(self) -> bool:
        return self._pointing or self._tool == "crosshair" or self._layout_name == "mpr"

    def _on_moved(self) -> None:
        self._pointing = False
        self._show_crosshair()

    def _show_crosshair(self) -> None:
        """Take the crosshair away where nobody points any more."""
        if not self._crosshair_shown:
            for pane in self.panes:
                pane.set_crosshair(None)

    def _tell_looked_at(self, pane: Pane) -> None:
        if pane.scene is not None:
            index = pane.scene.grid_slice
            if index is not None:
                self.looked_at.emit(pane.scene.shown.series_uid, index)

    # -- what the document says ----------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        self._updates.take(change)
        match change:
            case FindingSelected():
                self._on_finding()
            case SeriesClosed(uid):
                self._on_closed(uid)
            case CrosshairMoved(frame):
                self._on_crosshair(frame)
            case _:
                pass

    def _on_closed(self, uid: str) -> None:
        self._before_mpr = [
            (None, None) if scene is not None and scene.shown.series_uid == uid else (scene, camera)
            for scene, camera in self._before_mpr
        ]
        self._refresh()
        self.active_pane_changed.emit()

    def _on_filled(self, pane: Pane) -> None:
        self._moves.join(pane, self._active)
        self._refresh()
        self._tell_looked_at(pane)

    def _on_finding(self) -> None:
        selected = self._document.selected_finding
        if selected is None:
            return
        layer = self._document.layer(selected[0])
        finding = next(one for one in self._document.findings(layer.uid) if one.number == selected[1])
        for pane in self.visible_panes:
            if pane.scene is not None and pane.scene.concerns(layer):
                pane.bring_into_view(np.array(finding.point))
        self._refresh_references()
        self._tell_looked_at(self._active)

    def _on_crosshair(self, frame: str) -> None:
        """Follow a crosshair that something else than a pane moved."""
        point = self._document.crosshair(frame)
        if self._pointing or point is None or not self._moves.linked:
            return
        for pane in self.visible_panes:
            if pane.scene is not None and pane.scene.frame_of_reference_uid == frame:
                pane.bring_into_view(point)
                pane.set_crosshair(point if self._crosshair_shown else None)
        self._refresh_references()


def _call(function: object, *_: object) -> None:
    if callable(function):
        function()
