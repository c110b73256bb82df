"""What linked panes share, each switched by an action of its own."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction

from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.moves import TOGETHER

__all__ = ["handlers", "show_state"]


def handlers(grid: ViewGrid) -> dict[str, Callable[..., object]]:
    """Return what the actions call."""
    return {f"compare.share_{what}": lambda on, what=what: grid.set_shared(what, on) for what in TOGETHER}


def show_state(grid: ViewGrid, by_id: Mapping[str, QAction]) -> None:
    """Check the actions of what is shared."""
    for what in TOGETHER:
        by_id[f"compare.share_{what}"].setChecked(grid.shares(what))
        by_id[f"compare.share_{what}"].setEnabled(grid.linked)
