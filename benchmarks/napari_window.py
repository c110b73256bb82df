"""The same in napari, in an environment of its own: ``napari_window SINCE FOLDER``.

napari itself reads no DICOM series, so the voxels come from SimpleITK; four panes are its grid of four image layers
with a labels layer over each. Its slab is the maximum of its thick slices, its brush that of a labels layer.
"""

import math
import sys
import time
from typing import Any

from benchmarks.ct_study import SPACING_MM
from benchmarks.measure import Paints, percentile, report, resident_mb, scroll, seconds_until_interactive

# The same as of MedGAN Viewer, see ``planes`` and ``brush``.
SLAB_MM = BRUSH_MM = 20.0
_MOVES = 300


def main(since: float, folder: str) -> None:
    """Measure start-up, opening, memory and scrolling."""
    import napari
    from qtpy import QtCore, QtWidgets

    viewer = napari.Viewer(show=False)
    window = viewer.window._qt_window
    window.resize(1600, 900)
    window.show()
    application = QtWidgets.QApplication.instance()
    startup = seconds_until_interactive(QtCore, application, window, since)

    import numpy as np
    import SimpleITK

    canvas = viewer.window._qt_viewer.canvas.native
    paints = Paints(QtCore, [canvas])
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
    start = time.monotonic()
    voxels = SimpleITK.GetArrayFromImage(reader.Execute())
    viewer.add_image(voxels, contrast_limits=(-160, 240), name="1")
    paints.clear()
    while not paints.any:
        application.processEvents()
    first = time.monotonic() - start
    memory = resident_mb()
    labels = (voxels > 300).astype(np.uint8)
    viewer.add_labels(labels, opacity=0.6)
    for number in range(2, 5):
        viewer.add_image(voxels, contrast_limits=(-160, 240), name=str(number))
        viewer.add_labels(labels, opacity=0.6)
    grid = viewer.canvas.grid
    grid.stride, grid.shape, grid.enabled = 2, (2, 2), True

    def step(by: int) -> None:
        viewer.dims.set_current_step(0, viewer.dims.current_step[0] + by)

    scrolled = scroll(application, paints, step, 200)
    grid.enabled = False
    while len(viewer.layers) > 2:
        viewer.layers.pop()
    image, drawn = viewer.layers
    stroke = _stroke(application, paints, drawn)
    viewer.layers.remove(drawn)
    image.scale = SPACING_MM
    image.projection_mode = "max"
    viewer.dims.thickness = (SLAB_MM, 1.0, 1.0)
    slab = scroll(application, paints, step, 60, "slab")
    report(startup_s=startup, first_s=first, complete_s=first, memory_mb=memory, **scrolled, **stroke, **slab)
    viewer.close()


def _stroke(application: Any, paints: Paints, labels: Any) -> dict[str, float]:
    """Return the 99th percentile of the processor's milliseconds for a move of a brush over a slice of labels."""
    labels.brush_size = BRUSH_MM / SPACING_MM[1]
    labels.n_edit_dimensions = 2
    times = []
    for number in range(_MOVES + 10):
        angle, radius = number / 12, 150 * (0.3 + 0.7 * number / _MOVES)
        place = (labels.data.shape[0] // 2, 256 + radius * math.sin(angle), 256 + radius * math.cos(angle))
        application.processEvents()
        paints.clear()
        before = time.process_time()
        labels.paint(place, 2)
        while not paints.all:
            application.processEvents()
        times.append(time.process_time() - before)
    return {"disc_p99_ms": 1000 * percentile(times[10:], 99)}


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
