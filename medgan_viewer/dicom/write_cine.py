"""The slices of a series as a moving picture (GIF), the mark burned into every frame."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window
from medgan_viewer.core.rendering import render_slice
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import atomic, write_png
from medgan_viewer.dicom.capture import Capture
from medgan_viewer.dicom.mark import plain

__all__ = ["FASTEST", "write"]

FASTEST = 50.0
"""Frames a second: GIF counts hundredths of a second, and programs show what is faster slowly."""


def write(series: Series, stack: SliceStack, path: Path, window: Window, *, rate: float = 10.0) -> Path:
    """Write the acquired slices to ``path`` (replacing it), ``rate`` frames a second, again and again.

    The comment in the file says what a PNG's text chunks say. Raises ``WriteError``.
    """
    frames = _frames(series, stack, window)
    first = next(frames)
    words = "; ".join(f"{key}: {text}" for key, text in write_png.texts(_capture(series, stack, 0, window)).items())
    with atomic.new_file(path) as temporary:
        first.save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=frames,
            duration=round(1000 / min(rate, FASTEST) / 10) * 10,
            loop=0,
            comment=plain(words).encode("ascii"),
        )
    return path


def _frames(series: Series, stack: SliceStack, window: Window) -> Iterator[Any]:
    """Give each slice as a picture of 256 colours, one at a time: all of them together are large."""
    from PIL import Image

    for index in range(len(stack)):
        picture = Image.fromarray(_capture(series, stack, index, window).marked()[0])
        yield picture.quantize(256, dither=Image.Dither.NONE)


def _capture(series: Series, stack: SliceStack, index: int, window: Window) -> Capture:
    shown = render_slice(stack, index, window, inverted=series.inverted)
    made_up = series.synthetic or series.simulated or stack.synthetic
    return Capture(shown.pixels, (), made_up, shown.plane, (index,), source_simulated=series.simulated)
