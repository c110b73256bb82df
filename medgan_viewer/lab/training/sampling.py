"""Pictures of a training's samples, as grids with the mark of synthetic pixels burned in."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import medgan_viewer
from medgan_viewer.dicom import atomic
from medgan_viewer.dicom.mark import MarkLine, burn

__all__ = ["grid", "write_grid", "write_picture"]

_SMALLEST = 64
"""Pictures are enlarged to at least so many rows by whole factors, so that the mark can be read."""
_TEXT = "SYNTHETIC"


def grid(pictures: NDArray[np.float32]) -> tuple[NDArray[np.uint8], int, int]:
    """Return pictures `[sample, channel, row, column]`, about 0…1, as one picture, and its rows and columns.

    Several channels stand below each other, one row of the grid each; samples of one channel fill two rows.
    """
    samples, channels = pictures.shape[:2]
    rows = channels if channels > 1 or samples < 4 else 2
    columns = samples if channels > 1 else -(-samples // rows)
    scale = max(1, -(-_SMALLEST // pictures.shape[2]))
    cells = np.kron(_eight_bit(pictures), np.ones((scale, scale), np.uint8))
    height, width = cells.shape[2:]
    whole = np.zeros((rows * height, columns * width), np.uint8)
    for sample in range(samples):
        for channel in range(channels):
            row, column = (channel, sample) if channels > 1 else divmod(sample, columns)
            whole[row * height : (row + 1) * height, column * width : (column + 1) * width] = cells[sample, channel]
    return whole, rows, columns


def write_grid(path: Path, pictures: NDArray[np.float32], about: str) -> tuple[int, int]:
    """Write `grid(pictures)` as PNG; return its rows and columns. Raises WriteError."""
    whole, rows, columns = grid(pictures)
    _write(path, whole, about)
    return rows, columns


def write_picture(path: Path, picture: NDArray[np.float32], about: str) -> None:
    """Write one synthetic picture `[row, column]`, about 0…1, as PNG with its mark. Raises WriteError."""
    _write(path, grid(picture[None, None])[0], about)


def _eight_bit(pictures: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.round(np.clip(np.nan_to_num(pictures), 0, 1) * 255).astype(np.uint8)


def _write(path: Path, picture: NDArray[np.uint8], about: str) -> None:
    from PIL import Image, PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Software", f"MedGAN Viewer {medgan_viewer.__version__}")
    chunks.add_text("Synthetic", "YES")
    chunks.add_text("Description", about)
    chunks.add_text("Disclaimer", "For research only, not for diagnosis")
    colour = np.repeat(picture[:, :, None], 3, axis=2)
    marked, _, _ = burn(colour, [MarkLine(_TEXT, synthetic=True), MarkLine(about, synthetic=True)])
    with atomic.new_file(path) as unfinished:
        Image.fromarray(marked).save(unfinished, format="PNG", pnginfo=chunks)
