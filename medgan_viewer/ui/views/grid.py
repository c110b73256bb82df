"""All panes and the switches they share, and how they follow the document and one another."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from medgan_viewer.core.colour_maps import DIFFERENCES
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Change, CrosshairMoved, Document, FindingSelected, SeriesClosed
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure.annotation import KINDS
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.slabs import Slab
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.board import Board
from medgan_viewer.ui.views.camera import fitting
from medgan_viewer.ui.views.compared import Pair
from medgan_viewer.ui.views.gestures import TOOLS, Mouse, Tool
from medgan_viewer.ui.views.layouts import LAYOUTS
from medgan_viewer.ui.views.links import LinkSpaces, Place, one_patient, same_space, space_of
from medgan_viewer.ui.views.moves import Together
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.replacing import Aside, ReplaceShown, put_aside
from medgan_viewer.ui.views.scene import DisplayState, Scene, Shown
from medgan_viewer.ui.views.tools.drawing import DRAWING
from medgan_viewer.ui.views.updates import Updates

__all__ = ["FASTEST_FLICKER", "LAYOUTS", "WAYS", "Comparison", "ViewGrid"]

Comparison = Literal["swipe", "checkered", "flicker", "difference"]
WAYS: tuple[Comparison, ...] = ("swipe", "checkered", "flicker", "difference")

_FLICKER_MS = 1000
# Changes a second: two flashes. More than three are said to be a danger (WCAG 2.3.1).
FASTEST_FLICKER = 4.0


class ViewGrid(Board):
    """The panes of a document as the window has them."""

    tool_changed = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._tool = "window"
        self._state = DisplayState()
        self._pointing = False
        self._flicker = QTimer(self)
        self._flicker.setInterval(_FLICKER_MS)
        self._flicker.timeout.connect(self._flip)
        for pane in self.panes:
            pane.pointed.connect(partial(self._on_pointed, pane))
            pane.range_asked.connect(self.set_difference_range)
            pane.moved_without_pointing.connect(self._on_moved)
        self._updates = Updates(document, self.panes, self._on_filled)
        self._unsubscribe = document.subscribe(self._on_change)
        self.destroyed.connect(partial(_call, self._unsubscribe))

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
            self._show(Shown(source, uid), pane or self.pane_beside(source))
            return
        drawn = [one.shown for one in self.visible_panes if one.shown is not None and one.shown.layer_uid is None]
        if pane is not None or source not in {shown.series_uid for shown in drawn}:
            self._show(Shown(source), pane or self._active)
        if not layer.visible:
            self._document.change_layer(layer.changed(visible=True))
        self.set_overlay_visible(True)

    def replace_shown(self, words: str, show: Callable[[], None], pane: Pane) -> None:
        """Let something else come up in a pane, so that undo brings back what it takes the place of.

        In MPR that are all three planes. Where the pane was empty, or shows the same afterwards, there is nothing to
        take back.
        """
        layout = self._layout_name
        three = layout == "mpr" and pane is not self.panes[3]
        before = put_aside(self.panes[:3] if three else [pane])
        shown = pane.shown
        show()
        if shown is not None and pane.shown != shown:
            self._document.execute(ReplaceShown(words, before, partial(self._exchange, layout)))

    def _exchange(self, layout: str, aside: Mapping[Pane, Aside]) -> dict[Pane, Aside]:
        """Show in panes what was put aside, as they were laid out then; return what they showed until now."""
        planes = layout != self._layout_name and "mpr" in (layout, self._layout_name)
        if planes or not any(pane in self.visible_panes for pane in aside):
            self.set_layout_name(layout)
        before = put_aside(aside)
        for pane, one in aside.items():
            pane.restore(one.scene, one.camera)
            overlay, revealed, colours = self._state.overlay, self._state.revealed, self._state.difference_colours
            pane.state = replace(one.state, overlay=overlay, revealed=revealed, difference_colours=colours)
            pane.swipe_share = one.swipe
        if any(pane.state.flicker for pane in aside):
            self._flicker.start()
        if self._active not in aside:
            self._active = next(iter(aside))
        self.refresh()
        self.state_changed.emit()
        return before

    # -- switches ------------------------------------------------------------------------------------------------

    @property
    def tool(self) -> str:
        """What a left drag does."""
        return self._tool

    def set_tool(self, tool: str) -> None:
        """Choose what a left drag does: one of ``TOOLS``, a kind of annotation, or a tool of ``DRAWING``."""
        if tool not in (*TOOLS, *KINDS, *DRAWING):
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

    def set_mouse(self, mouse: Mouse) -> None:
        """Choose what the other buttons and the wheel do, in every pane."""
        for pane in self.panes:
            pane.gestures.mouse = mouse

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

    def shares(self, what: Together) -> bool:
        """Whether linked panes share something: slices, zoom and place, windows or the crosshair."""
        return what in self._moves.together

    def set_shared(self, what: Together, shared: bool) -> None:
        """Let linked panes share something, or let each have its own."""
        if shared:
            self._moves.together.add(what)
        else:
            self._moves.together.discard(what)
        self.set_linked(self.linked)

    def link_by_hand(self) -> bool:
        """Take what lies in the middle of the active pane and of panes of another space for the same place.

        Panes that were linked so, or by registration, are parted. Return False where there is no other pane of this
        patient.
        """
        active = self._active
        others = [
            pane
            for pane in self.visible_panes
            if pane is not active and active.scene and pane.scene and not same_space(active.scene, pane.scene)
        ]
        before = self._moves.spaces.places
        parted = [pane for pane in others if pane.scene is not None and self._moves.spaces.unlink(pane.scene)]
        done = bool(parted)
        for pane in () if parted else others:
            here, there = active.middle(), pane.middle()
            if active.scene is not None and pane.scene is not None and here is not None and there is not None:
                done |= self._moves.spaces.link(active.scene, here, pane.scene, there)
        if done:
            self._keep_links(tr("Part the panes") if parted else tr("Link by hand"), before)
        return done

    def other_spaces(self) -> list[Scene]:
        """Return what visible panes show of the active pane's patient in spaces of their own, one scene a space."""
        active = self._active.scene
        if active is None:
            return []
        scenes = [pane.scene for pane in self.visible_panes if pane.scene is not None]
        others = [scene for scene in scenes if one_patient(active, scene) and not same_space(active, scene)]
        return list({space_of(scene): scene for scene in reversed(others)}.values())[::-1]

    def link_registered(self, first: Scene, second: Scene, first_from_second: Rigid, how: str) -> bool:
        """Link two spaces by what leads from the second's points to the first's; ``how`` stands on their panes.

        Return False where they cannot be linked (any more).
        """
        before = self._moves.spaces.places
        done = self._moves.spaces.join(first, second, first_from_second, how)
        if done:
            self._keep_links(tr("Link by registration"), before)
        return done

    @property
    def places(self) -> dict[str, Place]:
        """How spaces are linked now, to be kept."""
        return self._moves.spaces.places

    def set_places(self, places: Mapping[str, Place]) -> None:
        """Let spaces be linked as they were kept; this is no edit that could be undone."""
        self._moves.spaces.put_back(places)
        self._on_links()

    def _keep_links(self, words: str, before: Mapping[str, Place]) -> None:
        spaces = self._moves.spaces
        self._document.execute(LinkSpaces(words, spaces, before, spaces.places, self._on_links))

    def _on_links(self) -> None:
        """Show anew how panes lie to one another, and let them follow the active one."""
        for pane in self.visible_panes:
            if pane is not self._active:
                self._moves.follow(pane, self._active)
            # What lies in its space by a registration is another thing now.
            pane.update()
        self._refresh()
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
        """Whether the active pane shows the original left and the synthetic image right of a line."""
        return self._active.state.swipe

    def set_swipe(self, swipe: bool) -> None:
        """Show the original left and the synthetic image right of a line."""
        self.set_comparison("swipe" if swipe else None)

    @property
    def comparison(self) -> Comparison | None:
        """How two images are to be compared in the active pane, None where they are not."""
        return next((way for way in WAYS if getattr(self._active.state, way)), None)

    @property
    def comparison_shown(self) -> Comparison | None:
        """How the active pane compares two images now, None where there is nothing in it to compare."""
        pane = self._active
        state = replace(pane.state, revealed=False)
        return None if pane.scene is None or pane.scene.sides(state) is None else self.comparison

    @property
    def overlay_shown(self) -> bool:
        """Whether a result lies over what a pane shows, where results are drawn."""
        scenes = [pane.scene for pane in self.visible_panes if pane.scene is not None]
        return self.overlay_visible and any(
            scene.results_over() or (scene.layer is None and scene.image_over()) for scene in scenes
        )

    def set_comparison(self, way: Comparison | None) -> None:
        """Let two images share the active pane, take turns in it or be subtracted, or end that.

        Other panes stay as they are: what is beside it is what it was to be compared with.
        """
        swipe, checkered, flicker, subtracted = (way == one for one in WAYS)
        state = self._active.state
        chosen = replace(state, swipe=swipe, checkered=checkered, flicker=flicker, difference=subtracted)
        self._set_active_state(replace(chosen, flipped=False, strongest=None))
        if flicker:
            self._flicker.start()
        elif not any(pane.state.flicker for pane in self.panes):
            self._flicker.stop()

    @property
    def pair(self) -> Pair | None:
        """The UIDs of the two images that the active pane compares; None for its original and its synthetic image."""
        return self._active.state.pair

    def set_pair(self, pair: Pair | None) -> None:
        """Compare two images, of series or synthetic, in the active pane while it shows one of them."""
        if pair != self.pair:
            self._set_active_state(replace(self._active.state, pair=pair, strongest=None))

    def set_difference_range(self, strongest: float | None) -> None:
        """Give differences of this size, and larger ones, the strongest colour; None for what suits the images."""
        if strongest is not None and strongest <= 0:
            raise ValueError(f"a range of ± {strongest} shows nothing")
        self._set_active_state(replace(self._active.state, strongest=strongest))

    @property
    def difference_range(self) -> tuple[float, str] | None:
        """The strongest difference that is shown in the active pane and its unit, None where there is none."""
        made = self._active.difference
        return None if made is None else (made.strongest, made.scale.unit)

    @property
    def asked_range(self) -> float | None:
        """The strongest difference that was asked for, None for what suits the images."""
        return self._active.state.strongest

    @property
    def difference_colours(self) -> str:
        """The colour map of differences."""
        return self._state.difference_colours

    def set_difference_colours(self, name: str) -> None:
        """Draw differences in another colour map; ValueError for one that has no middle."""
        if name not in DIFFERENCES:
            raise ValueError(f"{name!r} is no colour map of differences")
        self._set_state(replace(self._state, difference_colours=name))

    def set_flicker_rate(self, rate: float) -> None:
        """Let flickering panes change so many times a second; ValueError beyond what is safe to look at."""
        if not 0 < rate <= FASTEST_FLICKER:
            raise ValueError(f"{rate} changes a second are too many or too few")
        self._flicker.setInterval(round(1000 / rate))

    @property
    def flicker_rate(self) -> float:
        """How many times a second flickering panes change."""
        return 1000 / self._flicker.interval()

    def _flip(self) -> None:
        panes = [pane for pane in self.panes if pane.state.flicker]
        flipped = not any(pane.state.flipped for pane in panes)
        for pane in panes:
            pane.state = replace(pane.state, flipped=flipped)
            pane.update()

    @property
    def revealed(self) -> bool:
        """Whether the originals alone are shown."""
        return self._state.revealed

    def set_revealed(self, revealed: bool) -> None:
        """Show the originals alone while a key is held, in panes of synthetic images too."""
        self._set_state(replace(self._state, revealed=revealed))

    def _set_state(self, state: DisplayState) -> None:
        """Set the switches that all panes share."""
        if state == self._state:
            return
        self._state = state
        overlay, revealed, colours = state.overlay, state.revealed, state.difference_colours
        for pane in self.panes:
            pane.state = replace(pane.state, overlay=overlay, revealed=revealed, difference_colours=colours)
            pane.update()
        self.state_changed.emit()

    def _set_active_state(self, state: DisplayState) -> None:
        """Set what the active pane has for itself: how it compares which images."""
        pane, before = self._active, self._active.state
        if state == before:
            return
        pane.state = state
        pane.update()
        # What is switched on stays the same while a range is dragged.
        if replace(state, strongest=None) != replace(before, strongest=None):
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

    def go_to_slice(self, index: int) -> None:
        """Go to a slice by its number from 0."""
        self._on_slice(self._active, index)

    def come_to_rest(self) -> None:
        """Show exactly what was shown coarsely while it moved."""
        for pane in self.visible_panes:
            pane.come_to_rest()

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
        self.straighten()
        pane.scene.turns, pane.scene.inverted, pane.camera = 0, False, None
        plane = pane.scene.plane
        if plane is not None:
            self._moves.look(pane, fitting(plane))
            pane.camera = None
        pane.update()
        self.state_changed.emit()

    def auto_window(self) -> None:
        """Set the window to the 0.5th to 99.5th percentile of the slice."""
        self._moves.apply_automatic_window(self._active)

    def cycle_series_window(self) -> None:
        """Set the next of the windows stored in the series."""
        self._moves.apply_next_window(self._active)

    @property
    def slab(self) -> Slab | None:
        """The slab of the active pane."""
        return None if self._active.scene is None else self._active.scene.cut.slab

    def set_slab(self, slab: Slab | None) -> None:
        """Show what lies around the plane of the active pane and of those linked to it, or the planes alone."""
        for pane in (self._active, *self._moves.linked_to(self._active)):
            pane.set_slab(slab)
        self._refresh()
        self.state_changed.emit()

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
        self._three.forget(uid)
        for pane in self.panes:
            if pane.scene is None:
                # What comes into it next is not compared unasked.
                pane.state = self._state
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
        if self._pointing or point is None or not self._moves.shares("crosshair"):
            return
        for pane, place in self._moves.showing(frame, point):
            pane.bring_into_view(place)
            pane.set_crosshair(place if self._crosshair_shown else None)
        self._refresh_references()


def _call(function: object, *_: object) -> None:
    if callable(function):
        function()
