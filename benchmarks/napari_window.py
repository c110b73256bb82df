"""The same in napari, in an environment of its own: ``napari_window SINCE FOLDER``.

napari itself reads no DICOM series, so the voxels come from SimpleITK; four panes are its grid of four image layers
with a labels layer over each.
"""

import sys
import time

from benchmarks.measure import Paints, report, resident_mb, scroll, seconds_until_interactive


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
    report(startup_s=startup, first_s=first, complete_s=first, memory_mb=memory, **scrolled)
    viewer.close()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
