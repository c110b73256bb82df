"""Whether OpenGL draws on this computer, tried in a process of its own: a driver that crashes takes only that along."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSize, qInstallMessageHandler
from PySide6.QtGui import QColor, QGuiApplication

from medgan_viewer.core.surfaces import Surface
from medgan_viewer.errors import MissingPartError

__all__ = ["draws", "try_here"]

_SECONDS = 30.0
_LOOKED_EVERY = 0.1
_REFUSED = 3
_COLOUR = "#ff8000"


def draws(platform: str, stopped: Callable[[], bool], attempt: Callable[[str], None] | None = None) -> bool:
    """Return whether surfaces can be drawn with a platform of Qt ("xcb", "windows", …). Takes about a second.

    Also False where it takes too long, the process dies, or ``stopped`` says so meanwhile. ``attempt`` is what the
    process does.
    """
    child = multiprocessing.get_context("spawn").Process(target=attempt or try_here, args=(platform,), daemon=True)
    child.start()
    try:
        end = time.monotonic() + _SECONDS
        while child.is_alive() and time.monotonic() < end and not stopped():
            child.join(_LOOKED_EVERY)
        if child.is_alive():
            child.kill()
            child.join()
        return child.exitcode == 0
    finally:
        child.close()


def try_here(platform: str) -> None:
    """Draw a triangle and look at it; end the process with 0 where it was drawn."""
    # A computer without OpenGL is told of in the window, not on the terminal.
    qInstallMessageHandler(lambda *_: None)
    os.environ["QT_QPA_PLATFORM"] = platform
    application = QGuiApplication(["probe"])
    drawn = triangle_drawn()
    del application
    sys.exit(0 if drawn else _REFUSED)


def triangle_drawn() -> bool:
    """Return whether a triangle that is drawn with OpenGL is there, with the background beside it."""
    try:
        from medgan_viewer.ui.volume.camera import Camera
        from medgan_viewer.ui.volume.drawing import SurfacePainter

        painter = SurfacePainter()
        points = np.array([[-10, 0, -10], [10, 0, -10], [0, 0, 10]], dtype=np.float32)
        towards = np.tile(np.array([0, -1, 0], dtype=np.float32), (3, 1))
        painter.put(1, Surface(1, points, towards, np.array([[0, 1, 2]], dtype=np.uint32), 1.0))
        image = painter.picture(Camera(np.zeros(3), scale=1.0), QSize(32, 32), 1.0, [(1, _COLOUR)])
        painter.close()
    except (MissingPartError, ImportError):
        return False
    inside, outside = image.pixelColor(16, 16), image.pixelColor(1, 1)
    return abs(inside.hue() - QColor(_COLOUR).hue()) < 20 and outside.lightness() == 0
