"""Hanging protocols in the window: chosen from a menu, applied on opening, and made of the present layout."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from medgan_viewer import resources
from medgan_viewer.core.catalog import Series, Study
from medgan_viewer.core.display import CT_PRESETS
from medgan_viewer.core.document import Document
from medgan_viewer.core.hanging import Choice, PanePlan, Protocol, chosen_series, load, text_of
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.ui.placing import Placing
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import LAYOUTS, ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Scene
from medgan_viewer.wording import marked

__all__ = ["Hanging"]

_PRESETS = [window for _, window in CT_PRESETS]
# Localisers have no more images than that.
_FEW = 4
# No series is of it: the pane stays empty.
_NOTHING = Choice(modality=("none",))


# The names of the protocols that come with the program; those of the user's own are his.
_SHIPPED = (
    marked("Head CT: brain and bone"),
    marked("Brain MR: T1, T2, FLAIR, contrast"),
    marked("Original | synthetic"),
    marked("Original | overlay | heat map | findings"),
)


class Hanging(Placing):
    """Applies hanging protocols, the user's own before the bundled ones."""

    problem = Signal(str)
    # What results there are is to be drawn: the protocol has panes for them.
    results_asked = Signal()

    def __init__(
        self, document: Document, grid: ViewGrid, open_series: Callable[[str, Pane], None], parent: QWidget
    ) -> None:
        super().__init__(document, grid, open_series, parent)
        # Where the user's own protocols are; None where there are none.
        self.folder: Path | None = None
        self.on_opening = False
        # What was said of bad files is said once.
        self._said: set[str] = set()
        self.menu = QMenu(tr("Hanging protocols"), parent)
        self.menu.aboutToShow.connect(self._fill_menu)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        return {"layout.save": self.ask_name, "layout.hang": self.set_on_opening}

    def set_on_opening(self, on: bool) -> None:
        """Hang studies when they are opened, or do not."""
        self.on_opening = on

    # -- choosing ------------------------------------------------------------------------------------------------

    def protocols(self) -> list[Protocol]:
        """Return all protocols; what is wrong with a file is said once and the file skipped."""
        folders = [folder for folder in (self.folder, resources.path("hanging")) if folder is not None]
        found, problems = load(folders)
        for sentence in problems:
            if sentence not in self._said:
                self._said.add(sentence)
                self.problem.emit(sentence)
        return found

    def _fill_menu(self) -> None:
        self.menu.clear()
        for protocol in self.protocols():
            # A single & would underline the letter after it.
            action = self.menu.addAction(_shown_name(protocol).replace("&", "&&"))
            action.triggered.connect(partial(self._on_chosen, protocol))
        self.menu.addSeparator()
        save = self.menu.addAction(tr("Save this layout…"))
        save.triggered.connect(lambda _on: self.ask_name())

    def _on_chosen(self, protocol: Protocol, _on: bool = False) -> None:
        uid = self._document.selected_series
        if uid is None:
            self._grid.set_layout_name(protocol.layout)
        else:
            self.apply(protocol, uid)

    def hang_on_opening(self, series_uid: str) -> None:
        """Hang the study of a series that came up: by the first protocol for it that has a series for every pane.

        Where there is none, empty panes get the study's other series.
        """
        study = self._study(series_uid)
        if not self.on_opening or study is None:
            return
        for protocol in self.protocols():
            if protocol.fits(study) and all(chosen_series(protocol, study, series_uid)):
                self.apply(protocol, series_uid)
                return
        self._fill_empty(study, series_uid)

    def _fill_empty(self, study: Study, series_uid: str) -> None:
        """Show further series of a study in the empty panes: those most like the one that came up first."""
        grid, first = self._grid, self._document.catalog.series(series_uid)
        if grid.layout_name == "mpr":
            return
        rows, columns = LAYOUTS[grid.layout_name]
        empty = [pane for pane in grid.panes[: rows * columns] if pane.scene is None]
        others = [series for series in study.series if series.uid != series_uid]
        for pane, series in zip(empty, sorted(others, key=lambda one: _unlike(one, first)), strict=False):
            self._open_series(series.uid, pane)
        self._document.select_series(series_uid)
        grid.refresh()

    # -- applying ------------------------------------------------------------------------------------------------

    def apply(self, protocol: Protocol, series_uid: str) -> None:
        """Hang the study of a series."""
        study, grid = self._study(series_uid), self._grid
        if study is None:
            return
        series = chosen_series(protocol, study, series_uid)
        grid.set_layout_name("1x1")
        for pane in grid.panes:
            pane.show_content(None)
        if protocol.layout != "mpr":
            grid.set_layout_name(protocol.layout)
        for pane, plan, uid in zip(grid.panes, protocol.panes, series, strict=False):
            if uid is not None:
                self._hang(pane, plan, uid, several=series.count(uid) > 1)
        if protocol.layout == "mpr":
            grid.set_layout_name("mpr")
        if protocol.overlay is not None:
            grid.set_overlay_visible(protocol.overlay)
        if protocol.overlay:
            self.results_asked.emit()
        first = next((uid for uid in series if uid is not None), None)
        self._document.select_series(first)
        grid.refresh()

    def _hang(self, pane: Pane, plan: PanePlan, uid: str, *, several: bool) -> None:
        self._open_series(uid, pane)
        if plan.results == "synthetic":
            made = [layer for layer in self._document.layers_of(uid) if isinstance(layer, ImageLayer)]
            if made:
                self._grid.show_layer(made[-1].uid, pane)
            else:
                # Empty: that is where the image comes up when a model has made it.
                pane.show_content(None)
        scene = pane.scene
        if scene is None or scene.opened is None:
            return
        if plan.plane != "acquired":
            pane.show_instead(replace(scene.shown, kind=plan.plane))
        if pane.scene is not None:
            self._set_up(pane, pane.scene, plan, several=several)

    def _set_up(self, pane: Pane, scene: Scene, plan: PanePlan, *, several: bool) -> None:
        scene.results = "all" if plan.results == "synthetic" else plan.results
        if plan.slab is not None:
            pane.set_slab(plan.slab)
        in_hu = scene.opened is not None and scene.opened.stack.unit == "HU"
        # A preset is in HU, and a window of another image's values would show black or white.
        if plan.window is not None and scene.layer is None and (in_hu or plan.window not in _PRESETS):
            if several and pane.scene is not None:
                pane.scene.own_window = plan.window
            else:
                self._document.set_window(scene.shown.series_uid, plan.window)

    def _study(self, series_uid: str) -> Study | None:
        studies = self._document.catalog.studies
        return next((study for study in studies if series_uid in study.series_uids), None)

    # -- saving --------------------------------------------------------------------------------------------------

    def ask_name(self) -> None:
        """Ask for a name and keep the present layout under it."""
        words = tr("Name of the hanging protocol:")
        name, given = QInputDialog.getText(self._window, tr("Save this layout"), words)
        if given and name.strip():
            self.save(name.strip())

    def save(self, name: str) -> Path | None:
        """Keep the present layout as a protocol of one's own; return its file, None where it could not be written."""
        if self.folder is None:
            return None
        protocol = self.present(name)
        path = _free_path(self.folder, name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial_file = path.with_suffix(".part")
            partial_file.write_text(text_of(protocol), encoding="utf-8")
            partial_file.replace(path)
        except OSError as error:
            self.problem.emit(
                tr("The hanging protocol could not be written ({0}).").format(error.strerror or path.name)
            )
            return None
        self.notice.emit(tr("Saved; it is in the menu of layouts, under hanging protocols."))
        return path

    def present(self, name: str) -> Protocol:
        """Return the present layout as a protocol."""
        layout = self._grid.layout_name
        rows, columns = LAYOUTS[layout]
        # The planes of MPR are always the same three.
        panes = self._grid.panes[: 1 if layout == "mpr" else rows * columns]
        while len(panes) > 1 and panes[-1].scene is None:
            panes = panes[:-1]
        scenes = [pane.scene for pane in panes]
        shown = {scene.shown.series_uid for scene in scenes if scene is not None}
        plans = tuple(_plan(scene, one_series=len(shown) == 1, mpr=layout == "mpr") for scene in scenes)
        opened = [scene.opened for scene in scenes if scene is not None and scene.opened is not None]
        modalities = tuple(dict.fromkeys(one.series.modality for one in opened))
        regions = tuple(dict.fromkeys(one.series.body_part for one in opened if one.series.body_part))
        return Protocol(name, layout, plans, Choice(modalities, (), regions), self._grid.overlay_visible)


def _unlike(series: Series, first: Series) -> tuple[bool, bool, bool, bool]:
    """Return how little a series belongs beside another one, to sort by; of equals the study's order holds."""
    return (
        series.synthetic and not first.synthetic,
        len(series.instances) <= _FEW,
        series.modality != first.modality,
        series.frame_of_reference_uid != first.frame_of_reference_uid,
    )


def _shown_name(protocol: Protocol) -> str:
    return tr(protocol.name) if protocol.name in _SHIPPED else protocol.name


def _plan(scene: Scene | None, *, one_series: bool, mpr: bool) -> PanePlan:
    """Return what stands in a pane, as a protocol says it."""
    if scene is None or scene.opened is None:
        return PanePlan(_NOTHING)
    series, kind = scene.opened.series, scene.shown.kind
    words = (series.description,) if series.description and series.contrast is None else ()
    which = Choice((series.modality,), (series.contrast,) if series.contrast else (), words)
    in_hu = scene.opened.stack.unit == "HU" and scene.layer is None
    # The curve of a window stored in the series is the series', not the protocol's.
    window = replace(scene.window, curve="LINEAR_EXACT") if in_hu else None
    return PanePlan(
        Choice() if one_series else which,
        "synthetic" if scene.layer is not None else scene.results,
        "acquired" if kind == "stack" or scene.from_stack or mpr else kind,
        window,
        scene.cut.slab,
    )


def _free_path(folder: Path, name: str) -> Path:
    """Return the path of a new file; none is overwritten."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "layout"
    path, number = folder / f"{stem}.toml", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.toml", number + 1
    return path
