"""The panes in their layout: which are shown, what they show, which is the active one."""

from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.ui.panels.widgets import label
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.beside import room_beside, shows_original
from medgan_viewer.ui.views.layouts import LAYOUTS, MOST_PANES, ThreePlanes
from medgan_viewer.ui.views.links import patients_differ
from medgan_viewer.ui.views.moves import Moves
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.pieces import Pieces
from medgan_viewer.ui.views.scene import Shown
from medgan_viewer.ui.views.slices import SampleCache
from medgan_viewer.ui.views.turning import Turning

__all__ = ["Board"]

_GAP = 2


class Board(QWidget):
    """Shows some panes of a document, which ask for changes here."""

    active_pane_changed = Signal()
    state_changed = Signal()
    files_dropped = Signal(list)
    series_dropped = Signal(str, object)
    context_menu_asked = Signal(object, QPoint)
    # The series and the slice of its regular grid that are looked at.
    looked_at = Signal(str, int)
    # A pane in a window of its own is to fill its screen, or no longer.
    window_large_asked = Signal(object)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._layout_name = "1x1"
        self._maximised: Pane | None = None
        # Panes that stand in windows of their own, and what holds their place here.
        self._away: dict[Pane, QLabel] = {}
        self._samples, self._pieces = SampleCache(), Pieces(self)
        self._moves = Moves(document, lambda: self.visible_panes)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Images"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self.panes = [self._made_pane(number) for number in range(1, MOST_PANES + 1)]
        self._active = self.panes[0]
        self._turning = Turning()
        self._three = ThreePlanes(self.panes, self._fill)
        self._arrange()

    def _made_pane(self, number: int) -> Pane:
        pane = Pane(self._document, self._theme, number, self, self._samples, self._pieces)
        pane.setFocusProxy(self)
        pane.links = self._moves.spaces
        pane.activated.connect(partial(self._on_activated, pane))
        pane.maximise_asked.connect(partial(self._on_maximise, pane))
        pane.slice_asked.connect(partial(self._on_slice, pane))
        pane.camera_asked.connect(partial(self._moves.look, pane))
        pane.window_asked.connect(partial(self._moves.set_window, pane))
        pane.turn_asked.connect(partial(self._on_turn, pane))
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
        """The panes of the layout, the maximised one alone where there is one, and those in windows of their own."""
        here = self._here
        return [*here, *(pane for pane in self.panes if pane in self._away and pane not in here)]

    @property
    def _here(self) -> list[Pane]:
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
            former, self._active = self._active, self.panes[0]
            self._three.enter(former)
            self.active_pane_changed.emit()
        elif before == "mpr":
            self._three.leave()
        self._arrange()
        self.state_changed.emit()

    def _arrange(self) -> None:
        here, shown = self._here, self.visible_panes
        _, columns = LAYOUTS[self._layout_name]
        for pane in self.panes:
            holder = self._away.get(pane)
            self._grid.removeWidget(holder or pane)
            if holder is not None:
                holder.hide()
            else:
                pane.setVisible(pane in shown)
        cells = {pane: (0, 0) if len(here) == 1 else divmod(number, columns) for number, pane in enumerate(here)}
        for pane, (row, column) in cells.items():
            holder = self._away.get(pane)
            if holder is None:
                self._grid.addWidget(pane, row, column)
            elif self._keeps_cell(pane, cells):
                self._grid.addWidget(holder, row, column)
                holder.show()
        if self._active not in shown:
            self._set_active(shown[0])
        for pane in shown:
            if pane is not self._active:
                self._moves.follow(pane, self._active)
        self._refresh()

    def _keeps_cell(self, pane: Pane, cells: dict[Pane, tuple[int, int]]) -> bool:
        """Whether the place of a pane that is away stays free: a row or column without any pane gives its room away."""
        row, column = cells[pane]
        there = [cell for other, cell in cells.items() if other not in self._away]
        if not there:
            return pane is next(iter(cells))
        return any(cell[0] == row for cell in there) and any(cell[1] == column for cell in there)

    def let_go(self, pane: Pane) -> None:
        """Leave a pane to a window of its own; it stays linked, and what keys and panels speak of."""
        if pane is self._maximised:
            self._maximised = None
        self._away[pane] = label(tr("This pane is in a window of its own"), "quiet", wrap=False)
        self._away[pane].setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._grid.removeWidget(pane)
        self._arrange()

    def take_back(self, pane: Pane) -> None:
        """Show a pane here again."""
        self._away.pop(pane).deleteLater()
        pane.setParent(self)
        pane.setFocusProxy(self)
        self._arrange()

    def _on_maximise(self, pane: Pane) -> None:
        if pane in self._away:
            self.window_large_asked.emit(pane)
            return
        self._maximised = pane if self._maximised is None else None
        self._arrange()
        self.state_changed.emit()

    def maximise(self) -> None:
        """Show the active pane alone, or the whole layout again."""
        self._on_maximise(self._active)

    def activate_next(self) -> None:
        """Make the next pane of the layout the active one."""
        panes = self.visible_panes
        self._on_activated(panes[(panes.index(self._active) + 1) % len(panes)])

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

    def refresh(self) -> None:
        """Bring up to date what panes show of one another, after their contents were changed from outside."""
        self._refresh()
        self.active_pane_changed.emit()
        self._tell_looked_at(self._active)

    def _refresh(self) -> None:
        """Bring up to date what panes show of one another: outlines, warnings, reference lines, the crosshair."""
        visible = self.visible_panes
        studies = [pane.scene.opened.study for pane in visible if pane.scene is not None and pane.scene.opened]
        warned = len(studies) > 1 and patients_differ(studies)
        for pane in visible:
            outlined = pane is self._active and len(visible) > 1
            empty = pane.scene is None
            shown = outlined, warned and not empty, self._moves.link_note(pane)
            if (pane.active, pane.warned, pane.link_note) != shown:
                pane.active, pane.warned, pane.link_note = shown
                pane.update()
        self._refresh_references()

    def _refresh_references(self) -> None:
        three = self._layout_name == "mpr"
        self._moves.refresh_references(self._active, self.panes[:3] if three else [self._active])
        hub = self._turning.hub(self.panes[:3]) if three and self._maximised is None else None
        for number, pane in enumerate(self.visible_panes):
            pane.set_hub(hub if number < 3 else None)

    # -- content -------------------------------------------------------------------------------------------------

    def show_time(self, before: str, after: str) -> None:
        """Show another time point wherever one of a series is shown, at the same slice and place."""
        for pane in self.panes:
            if pane.shown is not None and pane.shown.series_uid == before and pane.shown.layer_uid is None:
                pane.show_time(after)
        self._refresh()
        self.active_pane_changed.emit()
        self._tell_looked_at(self._active)

    def _show(self, shown: Shown, pane: Pane) -> None:
        if self._maximised is not None and pane is not self._maximised and pane not in self._away:
            self._maximised = None
            self._arrange()
        if self._layout_name == "mpr" and pane is not self.panes[3]:
            self._three.show(shown)
        else:
            self._fill(pane, shown)
        self._refresh()
        if pane is self._active:
            self.active_pane_changed.emit()
        self._tell_looked_at(pane)

    def _fill(self, pane: Pane, shown: Shown) -> None:
        pane.show_content(shown)
        self._moves.join(pane, self._active)

    def pane_beside(self, series_uid: str, contrast: str = "") -> Pane:
        """Return the pane in which a synthetic image of a series, of a contrast, should come up.

        Where there is no room (:meth:`has_room_beside`) that is the one after the series' own.
        """
        ordered = self._panes_after(series_uid)
        return [*room_beside(ordered, series_uid, contrast), *ordered][0]

    def has_room_beside(self, series_uid: str, contrast: str = "") -> bool:
        """Whether a synthetic image can come up without hiding what it is to be compared with."""
        return self._layout_name == "mpr" or bool(room_beside(self._panes_after(series_uid), series_uid, contrast))

    def _panes_after(self, series_uid: str) -> list[Pane]:
        """Return the panes of the layout from the one after a series' own round to that itself."""
        if self._layout_name == "mpr":
            return [self.panes[3]]
        rows, columns = LAYOUTS[self._layout_name]
        panes = self.panes[: rows * columns]
        sources = [pane for pane in panes if shows_original(pane, series_uid)]
        after = panes.index(sources[0] if sources else self._active) + 1
        return panes[after:] + panes[:after]

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

    def _on_slice(self, pane: Pane, index: int) -> None:
        if self._moves.scroll(pane, index):
            self._refresh_references()
            self._tell_looked_at(pane)

    def _on_turn(self, pane: Pane, degrees: float, held: bool) -> None:
        self._turning.turn(self.panes[:3], pane, degrees, held=held)
        self._refresh_references()

    def turn_lines(self, degrees: float) -> bool:
        """Turn the lines of the active pane of MPR clockwise; return False where there are none."""
        if self._layout_name != "mpr" or self._active not in self.panes[:3]:
            return False
        self._on_turn(self._active, degrees, False)
        self.state_changed.emit()
        return True

    def straighten(self) -> None:
        """Let the planes of MPR lie along the grid again."""
        if self._turning.straighten(self.panes[:3]):
            self._refresh_references()

    def _tell_looked_at(self, pane: Pane) -> None:
        if pane.scene is not None:
            index = pane.scene.grid_slice
            if index is not None:
                self.looked_at.emit(pane.scene.shown.series_uid, index)
