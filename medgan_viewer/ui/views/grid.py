"""All panes: their layout, what they share, and how they follow one another and the document."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QWidget

from medgan_viewer.core.display import Window, automatic_window, windows_of
from medgan_viewer.core.document import (
    Change,
    CrosshairMoved,
    Document,
    FindingsChanged,
    LayerAdded,
    LayerChanged,
    LayerRemoved,
    SelectionChanged,
    SeriesLoaded,
    SeriesOpened,
    SliceLoaded,
    WindowChanged,
)
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.camera import Camera, centre_of, fitting, showing
from medgan_viewer.ui.views.gestures import TOOLS, Tool
from medgan_viewer.ui.views.lines import are_parallel
from medgan_viewer.ui.views.links import camera_beside, patients_differ, same_space, share_camera, share_window
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import DisplayState, Shown
from medgan_viewer.ui.views.slices import ViewKind

__all__ = ["LAYOUTS", "ViewGrid"]

# Rows and columns of each layout; panes fill them in reading order.
LAYOUTS: dict[str, tuple[int, int]] = {"1x1": (1, 1), "1x2": (1, 2), "1x3": (1, 3), "2x2": (2, 2), "mpr": (2, 2)}
_MPR: tuple[ViewKind, ...] = ("axial", "coronal", "sagittal")
_PANES = 4
_GAP = 2
# While a series is being read, panes whose own slice has not come are painted again after this many others.
_READ_BEFORE_REPAINT = 16


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
        self._layout_name, self._tool, self._linked = "1x1", "window", True
        self._state = DisplayState()
        self._maximised: Pane | None = None
        self._before_mpr: list[Shown | None] | None = None
        self._pointing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Images")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self.panes = [self._made_pane(number) for number in range(1, _PANES + 1)]
        self._active = self.panes[0]
        self._arrange()
        self._unsubscribe = document.subscribe(self._on_change)
        self.destroyed.connect(partial(_call, self._unsubscribe))

    def _made_pane(self, number: int) -> Pane:
        pane = Pane(self._document, self._theme, number, self)
        pane.setFocusProxy(self)
        pane.activated.connect(partial(self._on_activated, pane))
        pane.maximise_asked.connect(partial(self._on_maximise, pane))
        pane.slice_asked.connect(partial(self._on_slice, pane))
        pane.camera_asked.connect(partial(self._on_camera, pane))
        pane.window_asked.connect(partial(self._on_window, pane))
        pane.pointed.connect(partial(self._on_pointed, pane))
        pane.moved_without_pointing.connect(self._on_moved)
        pane.context_menu_asked.connect(partial(self.context_menu_asked.emit, pane))
        pane.series_dropped.connect(lambda uid: self.series_dropped.emit(uid, pane))
        pane.files_dropped.connect(self.files_dropped.emit)
        return pane

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
        shown = self._active.shown
        self._before_mpr = [pane.shown for pane in self.panes]
        others = [pane.shown for pane in self.panes if pane is not self._active and pane.shown is not None]
        self._active = self.panes[0]
        if shown is not None:
            self.panes[3].show_content(others[0] if others else None)
            self._show_mpr(shown)
        self.active_pane_changed.emit()

    def _show_mpr(self, shown: Shown) -> None:
        for pane, kind in zip(self.panes, _MPR, strict=False):
            self._fill(pane, replace(shown, kind=kind))

    def _leave_mpr(self) -> None:
        latest = self.panes[0].shown
        kept, self._before_mpr = self._before_mpr or [], None
        for pane, shown in zip(self.panes, kept, strict=False):
            pane.show_content(shown)
        if latest is not None and latest.series_uid not in {one.series_uid for one in kept if one is not None}:
            self.panes[0].show_content(replace(latest, kind="stack"))
        for pane in self.panes:
            self._join(pane)

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
                self._follow(pane, self._active)
        self._refresh()

    def _on_maximise(self, pane: Pane) -> None:
        self._maximised = pane if self._maximised is None else None
        self._arrange()
        self.state_changed.emit()

    def _on_activated(self, pane: Pane) -> None:
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
        visible = self.visible_panes
        sources = visible[:3] if self._layout_name == "mpr" else [self._active]
        for pane in visible:
            scene, plane = pane.scene, None if pane.scene is None else pane.scene.plane
            planes = []
            for source in sources:
                other = None if source.scene is None or source is pane else source.scene.plane
                if scene is None or plane is None or other is None or source.scene is None:
                    continue
                if not are_parallel(plane, other) and same_space(scene, source.scene):
                    planes.append(other)
            if planes or pane.references:
                pane.references = tuple(planes)
                pane.update()

    # -- content -------------------------------------------------------------------------------------------------

    def show_series(self, uid: str, pane: Pane | None = None) -> None:
        """Show a series, or a result by its UID, in a pane (the active one)."""
        if any(layer.uid == uid for layer in self._document.layers):
            self.show_layer(uid, pane)
            return
        self._show(Shown(uid), pane or self._active)

    def show_layer(self, uid: str, pane: Pane | None = None) -> None:
        """Show a synthetic image in a pane of its own; a segmentation or heat map over its source."""
        layer = self._document.layer(uid)
        source = layer.source_series_uid
        if isinstance(layer, ImageLayer):
            self._show(Shown(source, uid), pane or self.pane_beside(source) or self._active)
            return
        showing_it = [one for one in self.visible_panes if one.shown == Shown(source, None, one.shown.kind)]
        if pane is not None or not showing_it:
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
        pane.state = self._state
        self._join(pane)

    def _join(self, pane: Pane) -> None:
        """Let a pane with new content look where linked panes look."""
        mine = None if pane.scene is None else pane.scene.plane
        if not self._linked or mine is None:
            return
        for other in sorted(self.visible_panes, key=lambda one: one is not self._active):
            plane = None if other is pane or other.scene is None else other.scene.plane
            if plane is not None and pane.scene is not None and other.scene is not None:
                if not same_space(pane.scene, other.scene) or not are_parallel(mine, plane):
                    continue
                pane.go_to(centre_of(plane))
                moved = pane.scene.plane
                pane.camera = None if moved is None else camera_beside(other.camera, plane, moved)
                return

    def pane_beside(self, series_uid: str) -> Pane | None:
        """Return the pane in which a synthetic image of a series should come up."""
        if self._layout_name == "mpr":
            return self.panes[3]
        rows, columns = LAYOUTS[self._layout_name]
        panes = self.panes[: rows * columns]
        empty = [pane for pane in panes if pane.scene is None]
        sources = [pane for pane in panes if pane.shown is not None and pane.shown == Shown(series_uid)]
        if empty or not sources:
            others = [pane for pane in panes if pane is not self._active]
            return next(iter([*empty, *others]), None)
        after = panes.index(sources[0]) + 1
        ordered = panes[after:] + panes[: after - 1]
        free = [pane for pane in ordered if pane.shown != Shown(series_uid)]
        return next(iter([*free, *ordered]), None)

    def visible_slice(self, series_uid: str) -> int | None:
        """Return the slice of a series' regular grid that is looked at, None where no pane shows it."""
        for pane in sorted(self.visible_panes, key=lambda one: one is not self._active):
            if pane.shown is not None and pane.shown.series_uid == series_uid and pane.scene is not None:
                return pane.scene.grid_slice
        return None

    def capture(self, pane: Pane) -> QImage:
        """Return a pane as it is on the screen, marks included."""
        return pane.capture()

    # -- switches ------------------------------------------------------------------------------------------------

    @property
    def tool(self) -> str:
        """What a left drag does."""
        return self._tool

    def set_tool(self, tool: str) -> None:
        """Choose what a left drag does: "window", "scroll", "pan", "zoom" or "crosshair"."""
        if tool not in TOOLS:
            raise ValueError(f"no tool is called {tool!r}")
        chosen: Tool = next(one for one in TOOLS if one == tool)
        self._tool = tool
        for pane in self.panes:
            pane.gestures.tool = chosen
        self._show_crosshair()
        self.tool_changed.emit(tool)

    @property
    def linked(self) -> bool:
        """Whether panes of one space move together."""
        return self._linked

    def set_linked(self, linked: bool) -> None:
        """Link panes of one space, or let each go its own way."""
        self._linked = linked
        if linked:
            for pane in self.visible_panes:
                if pane is not self._active:
                    self._follow(pane, self._active)
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
            self._on_camera(pane, fitting(plane))
            pane.camera = None
        pane.update()

    def auto_window(self) -> None:
        """Set the window to the 0.5th to 99.5th percentile of the slice."""
        scene = self._active.scene
        if scene is None:
            return
        sample = scene.series_values() if scene.layer is None else scene.layer_values(scene.layer)
        if sample is not None:
            self._on_window(self._active, automatic_window(np.asarray(sample.values)))

    def cycle_series_window(self) -> None:
        """Set the next of the windows stored in the series; a synthetic image goes back to its own."""
        scene = self._active.scene
        if scene is None or scene.opened is None:
            return
        if scene.layer is not None:
            self._on_window(self._active, Window(*scene.layer.window))
            return
        own = windows_of(scene.opened.series)
        if own:
            present = scene.window
            number = own.index(present) + 1 if present in own else 0
            self._on_window(self._active, own[number % len(own)])

    def apply_window(self, window: Window) -> None:
        """Set a window, such as a preset."""
        self._on_window(self._active, window)

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
        if not pane.set_index(index):
            return
        for other in self._linked_to(pane):
            self._follow(other, pane)
        self._refresh_references()
        self._tell_looked_at(pane)

    def _linked_to(self, pane: Pane) -> Iterator[Pane]:
        """Return the other visible panes that move with a pane."""
        if self._linked and pane.scene is not None:
            for other in self.visible_panes:
                if other is not pane and other.scene is not None and same_space(pane.scene, other.scene):
                    yield other

    def _follow(self, pane: Pane, leader: Pane) -> None:
        """Show the slice nearest to the leader's, where both look the same way."""
        if not self._linked or pane.scene is None or leader.scene is None or not same_space(pane.scene, leader.scene):
            return
        mine, theirs = pane.scene.plane, leader.scene.plane
        if mine is not None and theirs is not None and are_parallel(mine, theirs):
            pane.go_to(centre_of(theirs))

    def _on_camera(self, pane: Pane, camera: Camera) -> None:
        pane.camera = camera
        pane.update()
        plane = None if pane.scene is None else pane.scene.plane
        for other in self._linked_to(pane):
            theirs = None if other.scene is None else other.scene.plane
            if plane is not None and theirs is not None and share_camera(plane, theirs):
                other.camera = showing(camera, plane, theirs)
                other.update()

    def _on_window(self, pane: Pane, window: Window) -> None:
        if pane.scene is None or pane.scene.opened is None:
            return
        uids = {pane.scene.window_uid}
        for other in self._linked_to(pane):
            if other.scene is not None and share_window(pane.scene, other.scene):
                uids.add(other.scene.window_uid)
        for uid in uids:
            self._document.set_window(uid, window)

    def _on_pointed(self, pane: Pane, point: Vector) -> None:
        if pane.scene is None:
            return
        self._pointing = True
        frame = pane.scene.frame_of_reference_uid
        if frame is not None:
            self._document.move_crosshair(frame, point)
        self._point(pane, point)

    def _point(self, pane: Pane, point: Vector) -> None:
        """Show a point in a pane and in those linked to it."""
        pane.crosshair = point if self._crosshair_shown else None
        pane.update()
        for other in self._linked_to(pane):
            other.go_to(point)
            other.crosshair = point if self._crosshair_shown else None
            other.update()
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
                if pane.crosshair is not None:
                    pane.crosshair = None
                    pane.update()

    def _tell_looked_at(self, pane: Pane) -> None:
        if pane.scene is not None:
            index = pane.scene.grid_slice
            if index is not None:
                self.looked_at.emit(pane.scene.shown.series_uid, index)

    # -- what the document says ----------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case SeriesOpened(uid) | SeriesLoaded(uid):
                self._on_series(uid)
            case SliceLoaded(uid, index):
                self._on_slice_loaded(uid, index)
            case LayerAdded(uid) | LayerChanged(uid, None) | FindingsChanged(uid):
                self._on_layer(uid)
            case LayerChanged(uid, int() as index):
                self._on_layer_slice(uid, index)
            case LayerRemoved(uid):
                self._on_layer_removed(uid)
            case WindowChanged(_):
                self._repaint()
            case SelectionChanged():
                self._on_finding()
            case CrosshairMoved(frame):
                self._on_crosshair(frame)
            case _:
                pass

    def _repaint(self) -> None:
        for pane in self.visible_panes:
            pane.update()

    def _showing(self, series_uid: str) -> list[Pane]:
        return [pane for pane in self.panes if pane.shown is not None and pane.shown.series_uid == series_uid]

    def _on_series(self, uid: str) -> None:
        for pane in self._showing(uid):
            fresh = pane.slice_count() == 0
            pane.reload()
            if fresh:
                self._join(pane)
                self._tell_looked_at(pane)
        self._refresh()

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
        for pane in self.panes:
            if pane.scene is not None:
                pane.scene.forget(uid)
                pane.update()

    def _on_layer_slice(self, uid: str, index: int) -> None:
        layer = self._document.layer(uid)
        for pane in self.panes:
            if pane.scene is not None and pane.scene.touches(layer, index):
                pane.scene.forget(uid)
                pane.update()

    def _on_layer_removed(self, uid: str) -> None:
        for pane in self.panes:
            if pane.shown is not None and pane.shown.layer_uid == uid and pane.scene is not None:
                index, camera = pane.scene.index, pane.camera
                pane.show_content(replace(pane.shown, layer_uid=None))
                pane.set_index(index)
                pane.camera = camera
        self._on_layer(uid)
        self._refresh()

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
        if self._pointing or point is None:
            return
        for pane in self.visible_panes:
            if pane.scene is not None and pane.scene.frame_of_reference_uid == frame and self._linked:
                pane.bring_into_view(point)
                pane.crosshair = point if self._crosshair_shown else None
        self._refresh_references()


def _call(function: object, *_: object) -> None:
    if callable(function):
        function()
