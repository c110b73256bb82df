"""What keys, menus and buttons ask of the panes alone: slices, windows, tools, layouts."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction

from medgan_viewer.core.measure.annotation import KINDS
from medgan_viewer.core.slabs import NAMES
from medgan_viewer.ui import frame
from medgan_viewer.ui.views.grid import LAYOUTS, ViewGrid

__all__ = ["handlers", "show_state"]


def handlers(grid: ViewGrid) -> dict[str, Callable[..., object]]:
    """Return what the actions call."""
    made: dict[str, Callable[..., object]] = {
        "layout.maximise": grid.maximise,
        "layout.next_pane": grid.activate_next,
        "image.next_slice": lambda: grid.step(1),
        "image.previous_slice": lambda: grid.step(-1),
        "image.next_ten": lambda: grid.step(10),
        "image.previous_ten": lambda: grid.step(-10),
        "image.first": grid.go_first,
        "image.last": grid.go_last,
        "image.reset": grid.reset_view,
        "image.invert": grid.invert,
        "image.rotate": grid.rotate,
        "window.auto": grid.auto_window,
        "window.cycle": grid.cycle_series_window,
    }
    for name in frame.TOOLS:
        made[f"tool.{name}"] = lambda _on, tool=name: grid.set_tool(tool)
    for kind in KINDS:
        made[f"measure.{kind}"] = lambda _on, tool=kind: grid.set_tool(tool)
    for name in LAYOUTS:
        made[f"layout.{name}"] = lambda _on, layout=name: grid.set_layout_name(layout)
    return made


def show_state(grid: ViewGrid, by_id: Mapping[str, QAction]) -> None:
    """Check the actions of the present tool, layout and slab."""
    for name in frame.TOOLS:
        by_id[f"tool.{name}"].setChecked(grid.tool == name)
    for kind in KINDS:
        by_id[f"measure.{kind}"].setChecked(grid.tool == kind)
    for name in LAYOUTS:
        by_id[f"layout.{name}"].setChecked(grid.layout_name == name)
    slab = grid.slab
    for mode in ("off", *NAMES):
        by_id[f"slab.{mode}"].setChecked(mode == ("off" if slab is None else slab.mode))
