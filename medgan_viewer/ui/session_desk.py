"""What stands where on the desk: layout, panes, windows. Taken down from a window, and set up in another one."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from medgan_viewer.core.catalog import WindowFunction
from medgan_viewer.core.colour_maps import DIFFERENCES
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.hanging import Results
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.oblique import Triad
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.slabs import Slab
from medgan_viewer.ui.views.camera import Camera
from medgan_viewer.ui.views.grid import LAYOUTS, WAYS, Comparison, ViewGrid
from medgan_viewer.ui.views.layouts import MOST_PANES
from medgan_viewer.ui.views.links import BY_HAND, Place
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Shown
from medgan_viewer.ui.views.slices import ViewKind

if TYPE_CHECKING:
    from medgan_viewer.ui.main_window import MainWindow

__all__ = ["Desk", "KeptWindow", "bring_back", "desk_of", "narrowed", "series_of", "set_up", "stand"]


@dataclass(frozen=True, slots=True)
class KeptWindow:
    """The window of a series or a synthetic image."""

    uid: str
    width: float
    centre: float
    curve: WindowFunction

    @property
    def window(self) -> Window:
        """The window itself."""
        return Window(self.width, self.centre, self.curve)


@dataclass(frozen=True, slots=True)
class KeptPane:
    """What a pane shows, which slice of it, and how.

    ``triad`` holds planes that were turned, ``swipe`` how far across the pane its swipe line stands.
    """

    series_uid: str
    layer_uid: str | None
    kind: ViewKind
    index: int
    turns: int = 0
    inverted: bool = False
    results: Results = "all"
    slab: Slab | None = None
    from_stack: bool = False
    own_window: tuple[float, float] | None = None
    camera: Camera | None = None
    triad: Triad | None = None
    swipe: float = 0.5

    def __post_init__(self) -> None:
        seen = self.camera
        if seen is not None and not (seen.height > 0 and seen.width > 0 and seen.zoom > 0):
            raise ValueError("a camera that sees nothing")
        if self.own_window is not None and not self.own_window[0] > 0:
            raise ValueError("a window without width")
        if self.triad is not None:
            turn = np.array(self.triad.normals)
            if not (np.isfinite(self.triad.point).all() and np.allclose(turn @ turn.T, np.eye(3), atol=1e-3)):
                raise ValueError("planes that are not perpendicular")

    @property
    def shown(self) -> Shown:
        """What the pane was asked to show."""
        return Shown(self.series_uid, self.layer_uid, self.kind)


@dataclass(frozen=True, slots=True)
class KeptLink:
    """Where a space lies in its group, see ``ui.views.links.Place``. ``matrix`` is 4 × 4, row by row.

    ``how`` says with which figure it was registered; "" for the first of a group and for what was linked ``by_hand``.
    """

    space: str
    group: int
    matrix: tuple[float, ...]
    how: str = ""
    by_hand: bool = False

    def __post_init__(self) -> None:
        # Raises ValueError for what is no rotation and shift.
        Rigid(np.array(self.matrix).reshape(4, 4) if len(self.matrix) == 16 else np.zeros((4, 4)))

    @property
    def place(self) -> Place:
        """The place itself."""
        return Place(self.group, Rigid(np.array(self.matrix).reshape(4, 4)), BY_HAND if self.by_hand else self.how)


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it. ``active`` is the number of the active pane; ``hidden`` whether patients' data are.

    ``pair`` are the two images that are compared, ``strongest`` the range of their difference and
    ``difference_colours`` its colour map; ``away`` the panes (from 0) that stand in windows of their own. ``whole`` is
    whether nothing else stood there: of a study that stood beside others only its panes and windows are known.
    """

    layout: str
    active: int
    panes: tuple[KeptPane | None, ...]
    windows: tuple[KeptWindow, ...]
    overlay: bool = False
    comparison: Comparison | None = None
    selected: str | None = None
    hidden: bool = False
    pair: tuple[str, str] | None = None
    strongest: float | None = None
    difference_colours: str = DIFFERENCES[0]
    links: tuple[KeptLink, ...] = ()
    away: tuple[int, ...] = ()
    whole: bool = True

    def __post_init__(self) -> None:
        if self.strongest is not None and not self.strongest > 0:
            raise ValueError("a range that shows nothing")
        if self.difference_colours not in DIFFERENCES:
            raise ValueError(f"no colour map of differences is called {self.difference_colours!r}")
        if not all(0 <= number < MOST_PANES for number in self.away):
            raise ValueError("a window of a pane that there is not")
        if self.layout not in LAYOUTS:
            raise ValueError(f"no layout is called {self.layout!r}")
        if self.comparison not in (None, *WAYS):
            raise ValueError(f"no comparison is called {self.comparison!r}")


def desk_of(window: "MainWindow", windowed: Collection[str] = ()) -> Desk:
    """Return what stands on the desk, with the windows of further series that are open."""
    grid, document = window.grid, window.document
    rows, columns = LAYOUTS[grid.layout_name]
    away = window.pane_windows.numbers
    count = max(rows * columns, *(number + 1 for number in away), 0)
    panes = tuple(
        _kept(pane) if number < rows * columns or number in away else None
        for number, pane in enumerate(grid.panes[:count])
    )
    return Desk(
        layout=grid.layout_name,
        active=grid.panes.index(grid.active_pane),
        panes=panes,
        windows=tuple(_windows(document, panes, windowed)),
        overlay=grid.overlay_visible,
        comparison=grid.comparison,
        selected=document.selected_series,
        hidden=window.actions_by_id["view.hide_patient"].isChecked(),
        pair=grid.pair,
        strongest=grid.asked_range,
        difference_colours=grid.difference_colours,
        links=_links(grid.places),
        away=away,
    )


def _links(places: Mapping[str, Place]) -> tuple[KeptLink, ...]:
    return tuple(
        KeptLink(
            space,
            place.group,
            tuple(float(one) for one in place.to_group.matrix.ravel()),
            "" if place.how == BY_HAND else place.how,
            place.how == BY_HAND,
        )
        for space, place in places.items()
    )


def _kept(pane: Pane) -> KeptPane | None:
    scene = pane.scene
    if scene is None:
        return None
    own, shown = scene.own_window, scene.shown
    return KeptPane(
        shown.series_uid,
        shown.layer_uid,
        shown.kind,
        scene.index,
        scene.turns,
        scene.inverted,
        scene.results,
        scene.cut.slab,
        scene.from_stack,
        None if own is None else (float(own.width), float(own.centre)),
        pane.camera,
        scene.cut.triad,
        pane.swipe_share,
    )


def _windows(document: Document, panes: tuple[KeptPane | None, ...], windowed: Collection[str]) -> Iterator[KeptWindow]:
    """Give the windows of what is shown. One that is a table of the file is the file's, and found there again."""
    wanted = {*(pane.series_uid for pane in panes if pane is not None), *windowed}
    made = [layer.uid for layer in document.layers if isinstance(layer, ImageLayer)]
    for uid in (*sorted(uid for uid in wanted if document.opened(uid) is not None), *made):
        window = document.window(uid)
        if isinstance(window.curve, str):
            yield KeptWindow(uid, float(window.width), float(window.centre), window.curve)


def narrowed(desk: Desk, series: Collection[str], layers: Collection[str]) -> Desk:
    """Return what of a desk is a study's, given the UIDs of its series and of its results."""
    own = {*series, *layers}
    panes = tuple(pane if pane is not None and pane.series_uid in series else None for pane in desk.panes)
    paired = desk.pair is None or own.issuperset(desk.pair)
    whole = panes == desk.panes and paired and any(panes)
    return replace(
        desk,
        panes=panes,
        windows=tuple(one for one in desk.windows if one.uid in own),
        selected=desk.selected if desk.selected in series else None,
        pair=desk.pair if paired else None,
        links=desk.links if whole else (),
        hidden=False,
        whole=whole,
    )


def series_of(desk: Desk) -> list[str]:
    """Return the UIDs of the series that have to be open for a desk, the selected one first."""
    wanted = (desk.selected, *(pane.series_uid for pane in desk.panes if pane is not None), *(desk.pair or ()))
    return list(dict.fromkeys(uid for uid in wanted if uid is not None))


def set_up(window: "MainWindow", desk: Desk) -> dict[Pane, KeptPane]:
    """Set a desk up with those of its series and results that are there.

    Return the panes whose slices are not known yet: their series is being brought on its grid (:func:`stand`).
    """
    grid, document = window.grid, window.document
    grid.set_layout_name("1x1")
    for pane in grid.panes:
        pane.show_content(None)
    _set_windows(document, desk)
    there = {layer.uid for layer in document.layers}
    panes = [one if one is not None and _is_there(one, document, there) else None for one in desk.panes]
    if desk.layout == "mpr" and panes and panes[0] is not None:
        # The three planes are those of what the first pane shows.
        grid.panes[0].show_content(replace(panes[0].shown, kind="stack"))
    grid.set_layout_name(desk.layout)
    window.pane_windows.set_numbers(desk.away)
    for pane, one in zip(grid.panes, panes, strict=False):
        if one is None:
            pane.show_content(None)
        elif pane.shown != one.shown:
            pane.show_content(one.shown)
    grid.set_overlay_visible(desk.overlay)
    grid.set_places({link.space: link.place for link in desk.links})
    # The active pane is the one that compares.
    _activate(grid, desk.active)
    paired = desk.pair is not None and all(uid in there or document.opened(uid) is not None for uid in desk.pair)
    grid.set_pair(desk.pair if paired else None)
    # Nothing else is compared in the place of two images of which one did not come back.
    grid.set_comparison(desk.comparison if paired or desk.pair is None else None)
    grid.set_difference_range(desk.strongest)
    grid.set_difference_colours(desk.difference_colours)
    placed = [(pane, one) for pane, one in zip(grid.panes, panes, strict=False) if one is not None]
    waiting = {pane: one for pane, one in placed if not stand(pane, one)}
    grid.refresh()
    return waiting


def bring_back(window: "MainWindow", desk: Desk, series: Collection[str]) -> dict[Pane, KeptPane]:
    """Bring back what was a study's of a desk, given the UIDs of its series; leave alone what is another's.

    All of it is set up where nothing else stands there, neither then nor now; else panes that show the study look as
    they did, and an empty one takes it where none does. Returns what :func:`set_up` does.
    """
    grid, document = window.grid, window.document
    scenes = [pane.scene for pane in grid.panes if pane.scene is not None]
    if desk.whole and all(scene.shown.series_uid in series for scene in scenes):
        # Spaces that were linked since are: what was kept of them is older.
        return set_up(window, replace(desk, links=_links(grid.places) or desk.links))
    _set_windows(document, desk)
    there = {layer.uid for layer in document.layers}
    kept = {one.shown: one for one in desk.panes if one is not None and _is_there(one, document, there)}
    empty = next((pane for pane in grid.visible_panes if pane.scene is None), None)
    if kept and empty is not None and not any(scene.shown.series_uid in series for scene in scenes):
        empty.show_content(next(iter(kept)))
    placed = [(pane, kept[pane.shown]) for pane in grid.panes if pane.shown in kept]
    waiting = {pane: one for pane, one in placed if not stand(pane, one)}
    grid.refresh()
    return waiting


def _set_windows(document: Document, desk: Desk) -> None:
    """Set the windows of what is there."""
    there = {layer.uid for layer in document.layers}
    for kept in desk.windows:
        if kept.uid in there or document.opened(kept.uid) is not None:
            document.set_window(kept.uid, kept.window)


def _is_there(one: KeptPane, document: Document, layers: set[str]) -> bool:
    # The original never comes up where a synthetic image stood, nor the other way round.
    return document.opened(one.series_uid) is not None and (one.layer_uid is None or one.layer_uid in layers)


def stand(pane: Pane, kept: KeptPane) -> bool:
    """Bring a pane to the slice and the look that it had; return whether its slices are known."""
    scene = pane.scene
    if scene is None or scene.shown != kept.shown:
        return True
    scene.turns, scene.inverted, scene.results = kept.turns % 4, kept.inverted, kept.results
    scene.from_stack = kept.from_stack
    scene.own_window = None if kept.own_window is None else Window(*kept.own_window)
    triad = kept.triad if kept.kind != "stack" else None
    if kept.slab is not None or triad is not None:
        scene.set_cut(replace(scene.cut, slab=kept.slab, triad=triad))
    pane.swipe_share = kept.swipe
    pane.camera = kept.camera
    pane.set_index(kept.index)
    pane.update()
    return scene.count > 0


def _activate(grid: ViewGrid, number: int) -> None:
    for _ in grid.visible_panes:
        if grid.panes.index(grid.active_pane) == number:
            return
        grid.activate_next()
