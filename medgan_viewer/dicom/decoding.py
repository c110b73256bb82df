"""Compressed slices decoded in processes of their own: the decoders hold Python's lock, so that threads gain nothing.

A decoder that crashes on a damaged file takes its process with it, not the viewer.
"""

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.dicom.pixels import ReadImage, is_raw, read_image

__all__ = ["Decoders", "InSlot", "worth_it"]

# Below so many pixels the processes would not be up before one thread is done.
_FEWEST_PIXELS = 24 << 18
_MOST_PROCESSES = 4
# Slices up to this size come back through shared memory: a pipe costs a quarter of what decoding JPEG Lossless does.
_SLOT_BYTES = 2 << 20

_slots: NDArray[np.uint8] | None = None
"""In a decoding process: the places [slot, byte] that the viewer sees too."""


def worth_it(series: Series) -> bool:
    """Whether a series is large and compressed enough for processes to gain anything."""
    if series.format != "dicom" or is_raw(series.instances[0]):
        return False
    first = series.instances[0]
    return len(series.instances) * first.rows * first.columns >= _FEWEST_PIXELS


class InSlot(NamedTuple):
    """An image whose values [row, column] lie in the slot that was given for it."""

    shape: tuple[int, ...]
    kind: np.dtype[Any]
    rest: ReadImage


class Decoders:
    """Processes that read slices, as many as there are cores (four at most), started when first asked.

    Close it when it is not needed any more. Use it from one thread.
    """

    def __init__(self, count: int | None = None) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.count = max(1, min(count or cores, _MOST_PROCESSES))
        self._pool: ProcessPoolExecutor | None = None
        self._slots: NDArray[np.uint8] | None = None
        self._free: deque[int] = deque()
        self._taken: dict[Future[ReadImage | InSlot], int] = {}

    def read(
        self, instance: Instance, kind: np.dtype[Any], modality: str, *, graphics: bool
    ) -> "Future[ReadImage | InSlot]":
        """Begin to read an image; :meth:`result` gives it. A process that ended meanwhile needs :meth:`restart`."""
        try:
            pool = self._running()
            slot = self._free.popleft() if self._free and _fits(instance, kind) else None
            future = pool.submit(_read, instance, kind, modality, graphics, slot)
        except BrokenProcessPool as error:
            failed: Future[ReadImage | InSlot] = Future()
            failed.set_exception(error)
            return failed
        if slot is not None:
            self._taken[future] = slot
        return future

    def result(self, future: "Future[ReadImage | InSlot]") -> ReadImage:
        """Return the image as :func:`medgan_viewer.dicom.pixels.read_image` does; copy its values before the next read.

        Raises what `read_image` raises, and BrokenProcessPool where the process ended meanwhile.
        """
        slot = self._taken.pop(future, None)
        if slot is not None:
            self._free.append(slot)
        read = future.result()
        if isinstance(read, ReadImage):
            return read
        assert slot is not None
        assert self._slots is not None
        return read.rest._replace(values=_place(self._slots, slot, read.shape, read.kind))

    def drop(self, future: "Future[ReadImage | InSlot]") -> None:
        """Do without an image that was asked for."""
        slot, free = self._taken.pop(future, None), self._free
        if slot is not None:
            # It may be written to until then.
            future.add_done_callback(lambda _: free.append(slot))
        future.cancel()

    def start(self) -> None:
        """Begin to start the processes, so that they are there when they are needed."""
        for _ in range(self.count):
            self._running().submit(_prepare)

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            slots = 2 * self.count
            shared = context.RawArray("B", slots * _SLOT_BYTES)
            self._slots = np.frombuffer(shared, np.uint8).reshape(slots, _SLOT_BYTES)
            self._free = deque(range(slots))
            self._pool = ProcessPoolExecutor(self.count, context, _initialise, (shared, slots))
        return self._pool

    def restart(self) -> None:
        """Begin anew with the next slice, after a process has ended."""
        self.close()

    def close(self) -> None:
        """End the processes; what has not begun is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
            self._slots, self._free, self._taken = None, deque(), {}

    def __enter__(self) -> "Decoders":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _fits(instance: Instance, kind: np.dtype[Any]) -> bool:
    return instance.rows * instance.columns * kind.itemsize <= _SLOT_BYTES


def _place(slots: NDArray[np.uint8], slot: int, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
    """Return a slot's memory as an image [row, column]."""
    return np.ndarray(shape, kind, buffer=slots[slot])


def _initialise(shared: Any, slots: int) -> None:
    """Find the shared memory, and end with the viewer, however that ends."""
    global _slots
    _slots = np.frombuffer(shared, np.uint8).reshape(slots, -1)
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


def _read(
    instance: Instance, kind: np.dtype[Any], modality: str, graphics: bool, slot: int | None
) -> ReadImage | InSlot:
    read = read_image(instance, kind, modality, graphics=graphics)
    if slot is None or _slots is None:
        return read
    _place(_slots, slot, read.values.shape, kind)[...] = read.values
    return InSlot(read.values.shape, read.values.dtype, read._replace(values=read.values[:0]))
