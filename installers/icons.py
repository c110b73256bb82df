"""Draws the program's icon in the sizes that Linux' menus, Windows and macOS want, from the one drawing there is."""

import os
import sys
from pathlib import Path

from installers.definition import PROGRAM, ROOT, Paths

__all__ = ["SIZES", "draw"]

SIZES = (16, 32, 48, 64, 128, 256, 512)


def draw(folder: Path) -> None:
    """Write PNG files of every size, and the largest as the program's icon and, for Windows, as an .ico file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QGuiApplication, QIcon

    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    icon = QIcon(str(ROOT / "resources" / "icons" / f"{PROGRAM}.svg"))
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        image = icon.pixmap(QSize(size, size)).toImage()
        if image.isNull() or image.width() != size or not image.save(str(folder / f"{size}.png")):
            raise RuntimeError(f"The icon cannot be drawn at {size} pixels; Qt's SVG plug-in is missing.")
    del application
    (folder / f"{PROGRAM}.png").write_bytes((folder / f"{SIZES[-1]}.png").read_bytes())
    from PIL import Image

    with Image.open(folder / f"{PROGRAM}.png") as largest:
        largest.save(folder / f"{PROGRAM}.ico", sizes=[(size, size) for size in SIZES if size <= 256])


if __name__ == "__main__":
    draw(Paths.icons)
