"""Compressed slices decoded in processes of their own: the decoders hold Python's lock, so that threads gain nothing.

A decoder that crashes on a damaged file takes its process with it, not the viewer.
"""

import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any

import numpy as np

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.dicom.pixels import ReadImage, is_raw, read_image

__all__ = ["Decoders", "worth_it"]

# Below so many pixels the processes would not be up before one thread is done.
_FEWEST_PIXELS = 24 << 18
_MOST_PROCESSES = 4


def worth_it(series: Series) -> bool:
    """Whether a series is large and compressed enough for processes to gain anything."""
    if series.format != "dicom" or is_raw(series.instances[0]):
        return False
    first = series.instances[0]
    return len(series.instances) * first.rows * first.columns >= _FEWEST_PIXELS


class Decoders:
    """Processes that read slices, as many as there are cores (four at most), started when first asked.

    Close it when it is not needed any more. Use it from one thread.
    """

    def __init__(self, count: int | None = None) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.count = max(1, min(count or cores, _MOST_PROCESSES))
        self._pool: ProcessPoolExecutor | None = None

    def read(self, instance: Instance, kind: np.dtype[Any], modality: str, *, graphics: bool) -> "Future[ReadImage]":
        """Begin to read an image, as :func:`medgan_viewer.dicom.pixels.read_image` does.

        The result raises BrokenProcessPool where the process ended meanwhile; :meth:`restart` then.
        """
        try:
            return self._running().submit(_read, instance, kind, modality, graphics)
        except BrokenProcessPool as error:
            failed: Future[ReadImage] = Future()
            failed.set_exception(error)
            return failed

    def start(self) -> None:
        """Begin to start the processes, so that they are there when they are needed."""
        for _ in range(self.count):
            self._running().submit(_prepare)

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.count, context, _initialise)
        return self._pool

    def restart(self) -> None:
        """Begin anew with the next slice, after a process has ended."""
        self.close()

    def close(self) -> None:
        """End the processes; what has not begun is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> "Decoders":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _initialise() -> None:
    """End with the viewer, however that ends."""
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True, name="parent").start()


def _prepare() -> None:
    """Import what decodes, before the first slice comes."""
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1

    for syntax in (JPEG2000Lossless, JPEGLosslessSV1):
        get_decoder(syntax)


def _read(instance: Instance, kind: np.dtype[Any], modality: str, graphics: bool) -> ReadImage:
    return read_image(instance, kind, modality, graphics=graphics)
