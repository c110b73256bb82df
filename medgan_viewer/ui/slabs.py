"""What keys and the toolbar ask of slabs: which kind, how thick."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from medgan_viewer.core.slabs import NAMES, Mode, Slab
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["THICKNESSES", "SlabButton", "Slabs"]

# In mm, for the keys that make a slab thicker and thinner.
THICKNESSES = (1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 75.0, 100.0)
_LARGEST = 500.0


class SlabButton(QToolButton):
    """Says which slab the active pane shows; its menu has all that can be done with slabs."""

    def __init__(self, grid: ViewGrid, choices: Sequence[QAction]) -> None:
        super().__init__()
        self._grid = grid
        menu = QMenu(self)
        menu.addActions(list(choices))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Largest, smallest or mean value of what lies around the plane"))
        grid.state_changed.connect(self._show)
        grid.active_pane_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        slab = self._grid.slab
        words = (
            tr("Slab", "the button") if slab is None else f"{tr(NAMES[slab.mode])} {numbers(f'{slab.thickness:g}')} mm"
        )
        self.setText(words)
        self.setProperty("chosen", slab is not None)
        self.style().polish(self)
        self.setAccessibleName(f"{words}: {self.toolTip()}")


class Slabs(QObject):
    """Puts slabs into the panes and remembers the one used last."""

    def __init__(self, grid: ViewGrid, parent: QWidget) -> None:
        super().__init__(parent)
        self._grid, self._parent = grid, parent
        self._last = Slab("maximum", 10.0)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        made: dict[str, Callable[..., object]] = {
            "slab.off": lambda _on: self._set(None),
            "slab.toggle": self.toggle,
            "slab.thicker": lambda: self.step(1),
            "slab.thinner": lambda: self.step(-1),
            "slab.thickness": self.ask_thickness,
        }
        for mode in NAMES:
            made[f"slab.{mode}"] = lambda _on, chosen=mode: self.set_mode(chosen)
        return made

    @property
    def last(self) -> Slab:
        """The slab of the active pane, else the one used last."""
        return self._grid.slab or self._last

    def set_mode(self, mode: Mode) -> None:
        """Show a slab of a kind, as thick as the last one."""
        self._set(replace(self.last, mode=mode))

    def toggle(self) -> None:
        """Show the slab used last, or the plane alone."""
        self._set(self._last if self._grid.slab is None else None)

    def step(self, by: int) -> None:
        """Make the slab thicker or thinner by a step."""
        now = self.last.thickness
        other = [mm for mm in THICKNESSES if (mm > now if by > 0 else mm < now)]
        if other:
            self._set(replace(self.last, thickness=other[0] if by > 0 else other[-1]))

    def ask_thickness(self) -> None:
        """Ask for a thickness in mm."""
        title, words = tr("Thickness of the slab"), tr("Millimetres:")
        chosen, given = QInputDialog.getDouble(self._parent, title, words, self.last.thickness, 0.1, _LARGEST, 1)
        if given:
            self._set(replace(self.last, thickness=chosen))

    def _set(self, slab: Slab | None) -> None:
        self._last = slab or self.last
        self._grid.set_slab(slab)
