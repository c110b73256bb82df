"""Planes through the scan in MedGAN Viewer's window: ``planes SINCE FOLDER``.

The three planes of MPR while the crosshair moves and while its lines are turned, a plane alone and thick slabs, how
long the window is held up where what was turned comes to rest, and the memory with all of it open.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measure import PATIENCE_SECONDS, Paints, resident_mb, scroll, wait
from benchmarks.scan_window import report_on_scan, synthetic

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from medgan_viewer.core.document import OpenSeries
    from medgan_viewer.ui.main_window import MainWindow
    from medgan_viewer.ui.views.grid import ViewGrid

SLAB_MM = 20.0
_STEPS = 200
_SETTLED_SECONDS = 1.5


def _planes(application: "QApplication", window: "MainWindow", opened: "OpenSeries") -> dict[str, float]:
    from PySide6 import QtCore

    from medgan_viewer.core.slabs import Slab
    from medgan_viewer.ui.views.grid import WAYS

    grid = window.grid
    found: dict[str, float] = {}
    thick = Slab("maximum", SLAB_MM)

    def take(name: str, step: Callable[[int], object]) -> None:
        panes = grid.panes[:3] if grid.layout_name == "mpr" else grid.visible_panes
        found.update(scroll(application, Paints(QtCore, panes), step, _STEPS, name))

    grid.set_slab(thick)
    take("slab", grid.step)
    grid.set_slab(None)
    grid.set_layout_name("mpr")
    take("mpr", _crosshair(window, opened))
    grid.set_slab(thick)
    take("mpr_slab", _crosshair(window, opened))
    grid.set_slab(None)
    take("turn", _turn(grid))
    found |= _rest(application, grid, "rest")
    grid.set_slab(thick)
    take("turn_slab", _turn(grid))
    found |= _rest(application, grid, "rest_slab")
    window.document.add_layer(synthetic(opened))
    grid.set_overlay_visible(True)
    for way in (*WAYS, None):
        grid.set_comparison(way)
        take("compared", _turn(grid))
    grid.set_layout_name("2x2")
    for pane in grid.visible_panes:
        grid.show_series(opened.series.uid, pane)
    take("panes", grid.step)
    # Once nobody scrolls, what lies free goes back to the system.
    settled = time.monotonic() + _SETTLED_SECONDS
    wait(QtCore, lambda: time.monotonic() > settled, "rest")
    return {**found, "memory_all_mb": resident_mb()}


def _crosshair(window: "MainWindow", opened: "OpenSeries") -> Callable[[int], None]:
    """Return what moves the crosshair by a voxel along every axis, from the middle of the scan on."""
    volume, frame = opened.volume(), opened.stack.frame_of_reference_uid
    assert frame
    index = np.array(volume.shape) // 2

    def step(by: int) -> None:
        nonlocal index
        index = index + by
        window.document.move_crosshair(frame, volume.point(index))

    return step


def _turn(grid: "ViewGrid") -> Callable[[int], None]:
    """Return what turns the lines of the axial plane by another degree while they are held."""
    degrees = 0.0

    def step(by: int) -> None:
        nonlocal degrees
        degrees += by
        grid.panes[0].ask_turn(degrees, True)

    return step


def _rest(application: "QApplication", grid: "ViewGrid", name: str) -> dict[str, float]:
    """Let go of the lines; return how long it takes until all planes are exact, and the longest stall till then."""
    longest, start = 0.0, time.monotonic()
    before = start
    grid.panes[0].ask_turn(20.0, False)
    while any(pane.scene is not None and pane.scene.cut.moving for pane in grid.panes[:3]) or before == start:
        application.processEvents()
        now = time.monotonic()
        longest, before = max(longest, now - before), now
        if now - start > PATIENCE_SECONDS:
            raise TimeoutError("the planes came to no rest")
    return {f"{name}_s": before - start, f"{name}_stall_ms": 1000 * longest}


if __name__ == "__main__":
    report_on_scan(_planes)
