"""The slices of a series or of a synthetic image as a moving picture (GIF or MP4), the mark burned into every frame."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from medgan_viewer.core.acquired import ready_slices
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import atomic, mp4, write_png
from medgan_viewer.dicom.capture import Capture, captured
from medgan_viewer.dicom.mark import plain
from medgan_viewer.errors import UsageError

__all__ = ["FASTEST", "SUFFIXES", "write"]

FASTEST = 50.0
"""Frames a second: GIF counts hundredths of a second, and programs show what is faster slowly."""
SUFFIXES = (".gif", ".mp4")


def write(
    series: Series,
    stack: SliceStack,
    path: Path,
    window: Window,
    *,
    base: ImageLayer | None = None,
    rate: float = 10.0,
) -> Path:
    """Write the acquired slices to ``path`` (replacing it), ``rate`` frames a second, a GIF again and again.

    ``base`` is a synthetic image in place of the original, of which the finished slices are shown; ``window`` is for
    whichever it is. The comment in the file says what a PNG's text chunks say. Raises ``WriteError``, ``UsageError``
    (nothing finished, one slice for an MP4), ``MissingPartError`` (no AV1 encoder).
    """
    indices = range(len(stack)) if base is None else ready_slices(base, stack)
    if not indices:
        raise UsageError("No slice is finished yet, so there is nothing to show; wait for the run.")
    captures = _captures(series, stack, window, base, indices)
    first = next(captures)
    captures = chain((first,), captures)
    words = "; ".join(f"{key}: {text}" for key, text in write_png.texts(first).items())
    if path.suffix == ".mp4":
        _write_mp4(
            captures, path, rate, "SYNTHETIC - NOT FOR DIAGNOSIS" if first.synthetic else "NOT FOR DIAGNOSIS", words
        )
    else:
        _write_gif(captures, path, rate, words)
    return path


def _captures(
    series: Series, stack: SliceStack, window: Window, base: ImageLayer | None, indices: Sequence[int]
) -> Iterator[Capture]:
    """Give each slice as a picture, one at a time: all of them together are large."""
    return (captured(series, stack, index, window, base=base) for index in indices)


def _write_gif(captures: Iterator[Capture], path: Path, rate: float, words: str) -> None:
    frames = _quantised(captures)
    first = next(frames)
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


def _quantised(captures: Iterator[Capture]) -> Iterator[Any]:
    """Give pictures of 256 colours."""
    from PIL import Image

    for capture in captures:
        yield Image.fromarray(capture.marked()[0]).quantize(256, dither=Image.Dither.NONE)


def _write_mp4(captures: Iterator[Capture], path: Path, rate: float, title: str, words: str) -> None:
    from PIL import Image

    samples = mp4.encode(Image.fromarray(capture.marked()[0]) for capture in captures)
    with atomic.new_file(path) as temporary:
        temporary.write_bytes(mp4.movie(samples, min(rate, FASTEST), title, plain(words)))
