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

    The channels of a sample stand below each other. The samples fill one band after the other, of so many samples that
    the whole comes nearest to a square.
    """
    samples, channels = pictures.shape[:2]
    scale = max(1, -(-_SMALLEST // pictures.shape[2]))
    cells = np.kron(_eight_bit(pictures), np.ones((scale, scale), np.uint8))
    height, width = cells.shape[2:]
    bands = min(range(1, samples + 1), key=lambda bands: max(bands * channels * height, -(-samples // bands) * width))
    rows, columns = bands * channels, -(-samples // bands)
    whole = np.zeros((rows * height, columns * width), np.uint8)
    for sample in range(samples):
        band, column = divmod(sample, columns)
        for channel in range(channels):
            top, left = (band * channels + channel) * height, column * width
            whole[top : top + height, left : left + width] = cells[sample, channel]
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
