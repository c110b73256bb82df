"""The least that a window with pyqtgraph can do: four image views with an overlay, no panels, no marks, no text.

``bare_window SINCE FOLDER``: SINCE is the monotonic time at which the process was started. The voxels come from
SimpleITK after the window is up.
"""

import sys
import time
from typing import Any

from benchmarks.measure import Paints, report, resident_mb, scroll, seconds_until_interactive


def main(since: float, folder: str) -> None:
    """Measure start-up, memory and scrolling."""
    import numpy as np
    import pyqtgraph
    from PySide6 import QtCore, QtWidgets

    pyqtgraph.setConfigOptions(imageAxisOrder="row-major")
    application = QtWidgets.QApplication([])
    window = QtWidgets.QWidget()
    window.resize(1600, 900)
    grid = QtWidgets.QGridLayout(window)
    images: list[Any] = []
    overlays: list[Any] = []
    views: list[Any] = []
    for number in range(4):
        view = pyqtgraph.GraphicsView()
        box = pyqtgraph.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        view.setCentralItem(box)
        image, overlay = pyqtgraph.ImageItem(np.zeros((512, 512), np.int16)), pyqtgraph.ImageItem()
        overlay.setOpacity(0.6)
        box.addItem(image)
        box.addItem(overlay)
        grid.addWidget(view, number // 2, number % 2)
        images.append(image)
        overlays.append(overlay)
        views.append(view)
    window.show()
    startup = seconds_until_interactive(QtCore, application, window, since)

    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
    start = time.monotonic()
    voxels = SimpleITK.GetArrayFromImage(reader.Execute())
    complete = time.monotonic() - start
    labels = (voxels > 300).astype(np.uint8)
    colours = np.array([[0, 0, 0, 0], [160, 120, 255, 255]], np.uint8)
    position = len(voxels) // 2

    def step(by: int) -> None:
        nonlocal position
        position += by
        for image, overlay in zip(images, overlays, strict=True):
            image.setImage(voxels[position], autoLevels=False, levels=(-160, 240))
            overlay.setImage(colours[labels[position]], autoLevels=False)

    paints = Paints(QtCore, [view.viewport() for view in views])
    scrolled = scroll(application, paints, step, 600)
    report(startup_s=startup, complete_s=complete, memory_mb=resident_mb(), **scrolled)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
