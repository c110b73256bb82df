"""From a series of the catalogue to voxels: slice by slice, the one being looked at first."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Refusal, Series
from medgan_viewer.core.display import grey, initial_window
from medgan_viewer.core.slicing import turn_for
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import header_files, nifti
from medgan_viewer.dicom.decoding import Decoders, InSlot, worth_it
from medgan_viewer.dicom.geometry import outline, stack_over
from medgan_viewer.dicom.pixels import ReadImage, air, read_image, read_slice, release, value_type
from medgan_viewer.errors import DecodeError, ReadError

__all__ = ["PendingStack", "load_stack", "open_stack", "read_whole", "thumbnail"]

# More than a hospital PC holds beside everything else; a larger series is refused before memory is asked for.
_MAX_STACK_BYTES = 1 << 34
# A series so long is worth the start of processes that end with it.
_LONG_SERIES = 150
_PATIENCE_SECONDS = 0.1
# Formats whose files hold a whole volume.
_VOLUME_FILES: dict[str, ModuleType] = {"nifti": nifti, "header": header_files}


class PendingStack:
    """A stack whose voxels are still arriving.

    ``stack`` can be shown at once. ``ready`` [slice] says which slices have arrived; the others are zero at first, air
    from the moment ``read_all`` has read its first slice, and air for good where a slice cannot be decoded.
    ``problems`` names each of those. ``read`` and ``read_all`` may run on any thread. One thread reads: a second one
    did not make raw files measurably faster, and compressed ones are shared out to processes (:class:`Decoders`).
    """

    def __init__(self, series: Series) -> None:
        """Allocate the voxels. Raises ReadError where the series is too large for this machine."""
        self.series = series
        self.problems: list[Refusal] = []
        self._lock = threading.Lock()
        self._array = _allocated(series)
        self.ready: NDArray[np.bool_] = np.zeros(len(self._array), dtype=bool)
        self._failed: set[int] = set()
        shape = self._array.shape
        # Zeros cost nothing until they are touched.
        self._colour = np.zeros((*shape, 3), np.uint8) if series.colour else None
        self._graphics = np.zeros(shape, bool) if series.graphics else None
        made = stack_over(self._array, series)
        self.stack: SliceStack = replace(made, colour=self._colour, graphics=self._graphics)

    def __len__(self) -> int:
        return len(self._array)

    @property
    def is_complete(self) -> bool:
        """Whether every slice has arrived or has been named as a problem."""
        return bool(self.ready.all()) or len(self._failed) + int(self.ready.sum()) == len(self)

    def read(self, index: int) -> bool:
        """Read one slice unless it is there already; return whether it is there now."""
        if self.ready[index] or index in self._failed:
            return bool(self.ready[index])
        if self.series.format in _VOLUME_FILES:
            self._read_volume()
            return bool(self.ready[index])
        instance = self.series.instances[index]
        # Into a place of its own: the view never sees half a slice in the wrong units.
        try:
            read = read_image(instance, self._array.dtype, self.series.modality, graphics=self.series.graphics)
        except ReadError as error:
            self._fail(index, error.reason)
            return False
        self._take(index, read)
        return True

    def _take(self, index: int, read: ReadImage) -> None:
        """Put a slice in its place."""
        with self._lock:
            self._array[index] = read.values
            if self._colour is not None and read.colour is not None:
                self._colour[index] = read.colour
            if self._graphics is not None and read.graphics is not None:
                self._graphics[index] = read.graphics
            self.ready[index] = True
        if read.clipped:
            self._note(index, f"Slice {index + 1}: {read.clipped} values too large or too small to keep were clipped.")

    def read_all(
        self,
        first: int = 0,
        on_slice: Callable[[int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        decoders: Decoders | None = None,
    ) -> bool:
        """Read every slice: ``first`` first, then its neighbours outwards.

        ``on_slice`` is told each index once that slice is there, from the thread that asked. ``decoders`` share the
        work where the series is compressed and large. Returns False where ``cancelled`` ended it early.
        """
        order = _outwards(first, len(self))
        told = on_slice or (lambda _: None)
        stop = cancelled or (lambda: False)
        try:
            for count, index in enumerate(order):
                if stop():
                    return False
                if self.read(index):
                    told(index)
                if count == 0:
                    self._fill_with_air()
                    if decoders is not None and worth_it(self.series):
                        return self._read_shared(deque(order), told, stop, decoders)
        finally:
            release()
        return True

    def _read_shared(
        self, waiting: deque[int], told: Callable[[int], None], stop: Callable[[], bool], decoders: Decoders
    ) -> bool:
        """Read slices in other processes, and in this one until the first of those answers."""
        flying: dict[Future[ReadImage | InSlot], int] = {}
        answered = False
        while waiting or flying:
            if stop():
                for future in flying:
                    decoders.drop(future)
                return False
            while waiting and len(flying) < 2 * decoders.count:
                index = waiting.popleft()
                flying[self._sent(index, decoders)] = index
            done = {future for future in flying if future.done()}
            if not done and not answered and waiting:
                index = waiting.popleft()
                if self.read(index):
                    told(index)
                continue
            done = done or wait(flying, timeout=_PATIENCE_SECONDS, return_when=FIRST_COMPLETED).done
            answered = answered or bool(done)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                suspects = sorted(flying.values())
                flying.clear()
                self._read_singly(suspects, told, decoders)
                continue
            for future in done:
                index = flying.pop(future)
                if self._received(index, future, decoders):
                    told(index)
        return True

    def _sent(self, index: int, decoders: Decoders) -> Future[ReadImage | InSlot]:
        series = self.series
        instance = series.instances[index]
        return decoders.read(instance, self._array.dtype, series.modality, graphics=series.graphics)

    def _received(self, index: int, future: Future[ReadImage | InSlot], decoders: Decoders) -> bool:
        """Put a slice in its place; return whether it could be read."""
        try:
            self._take(index, decoders.result(future))
        except ReadError as error:
            self._fail(index, error.reason)
            return False
        except BrokenProcessPool:
            self._fail(index, "The decoder broke down on it; the file is damaged.")
            return False
        return True

    def _read_singly(self, suspects: list[int], told: Callable[[int], None], decoders: Decoders) -> None:
        """Read slices one at a time, so that the one on which a decoder breaks down is known."""
        decoders.restart()
        for index in suspects:
            future = self._sent(index, decoders)
            if self._received(index, future, decoders):
                told(index)
            if isinstance(future.exception(), BrokenProcessPool):
                decoders.restart()

    def _fill_with_air(self) -> None:
        """Put air where nothing has been read yet: not before the first slice, since it touches all the memory."""
        if air(self.series.modality) == 0:
            return
        for index in range(len(self)):
            with self._lock:
                if not self.ready[index]:
                    self._array[index] = air(self.series.modality)

    def _read_volume(self) -> None:
        with self._lock:
            if self.ready.all() or self._failed:
                return
            try:
                reader = _VOLUME_FILES[self.series.format]
                reader.read_into(self.series.instances[0].path, self._array, self.series.time)
                self.ready[:] = True
            except ReadError as error:
                self._failed.update(range(len(self)))
                self.problems.append(Refusal(error.path, error.reason))

    def _fail(self, index: int, reason: str) -> None:
        with self._lock:
            self._failed.add(index)
            self._array[index] = air(self.series.modality)
            sentence = f"Slice {index + 1} is left empty. {reason}"
            self.problems.append(Refusal(self.series.instances[index].path, sentence))

    def _note(self, index: int, reason: str) -> None:
        with self._lock:
            self.problems.append(Refusal(self.series.instances[index].path, reason))


def open_stack(series: Series, time: int | None = None) -> PendingStack:
    """Return the series with its geometry at once and its voxels still to be read.

    ``time`` chooses a time point (from 0) of a series with a time axis. Raises ReadError where the series is too large
    for this machine, IndexError where there is no such time point.
    """
    return PendingStack(series if time is None else series.at(time))


def load_stack(series: Series, time: int | None = None) -> SliceStack:
    """Return the series with all its voxels, at the time point ``time`` where it has a time axis.

    Raises ReadError or DecodeError where a slice cannot be read, IndexError where there is no such time point.
    """
    pending = open_stack(series, time)
    read_whole(pending)
    if not pending.ready.all():
        problem = pending.problems[0]
        raise DecodeError(problem.path, problem.reason)
    return pending.stack


def read_whole(pending: PendingStack) -> None:
    """Read every slice, in processes that end with it where the series is long enough for their start to pay."""
    with Decoders() as decoders:
        pending.read_all(len(pending) // 2, decoders=decoders if len(pending) >= _LONG_SERIES else None)


def thumbnail(series: Series, size: int = 96) -> NDArray[np.uint8]:
    """Return the middle slice as the viewer first shows it: the right way round, in the window the series opens with.

    The picture is square, ``size`` pixels wide, its slice centred on black. Raises ReadError where the slice cannot be
    read.
    """
    from PIL import Image

    middle = len(series.instances) // 2
    image = _slice(series, middle)
    shades = grey(image, initial_window(series, image))
    if series.inverted:
        shades = 255 - shades
    plane = outline(series).plane(middle)
    turn = turn_for(plane)
    shown = turn.plane(plane)
    height, width = shown.rows * shown.spacing[0], shown.columns * shown.spacing[1]
    scale = size / max(height, width)
    fitted = (max(1, round(width * scale)), max(1, round(height * scale)))
    turned = Image.fromarray(np.ascontiguousarray(turn.image(shades)))
    small = np.asarray(turned.resize(fitted, Image.Resampling.BOX))
    square = np.zeros((size, size), dtype=np.uint8)
    top, left = (size - small.shape[0]) // 2, (size - small.shape[1]) // 2
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    return square


def _slice(series: Series, index: int) -> NDArray[Any]:
    """Return one slice [row, column] in modality units. Raises ReadError."""
    instance = series.instances[index]
    if series.format in _VOLUME_FILES:
        pending = PendingStack(series)
        if not pending.read(index):
            raise ReadError(instance.path, pending.problems[0].reason)
        return np.asarray(pending.stack.array[index])
    image = np.empty((instance.rows, instance.columns), value_type([instance], series.modality))
    read_slice(instance, image, series.modality)
    return image


def _allocated(series: Series) -> NDArray[Any]:
    first = series.instances[0]
    if series.format in _VOLUME_FILES:
        kind = _VOLUME_FILES[series.format].value_type(first.path)
    else:
        kind = value_type(series.instances, series.modality)
    shape = (len(series.instances), first.rows, first.columns)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    sentence = (
        f"The series needs {size / 2**30:.1f} GiB of memory, more than there is; close other studies or programs."
    )
    if size > min(_MAX_STACK_BYTES, _free_memory()):
        raise ReadError(first.path, sentence)
    try:
        # Zeros cost nothing until they are touched, so that the first slice need not wait for all the memory.
        return np.zeros(shape, dtype=kind)
    except MemoryError as error:
        raise ReadError(first.path, sentence) from error


def _free_memory() -> int:
    """Return the bytes a program may still take; where the system does not tell, more than any series needs."""
    try:
        # Asking for too much fails late on Linux: the program is killed when it touches the memory.
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return _MAX_STACK_BYTES


def _outwards(first: int, count: int) -> Iterator[int]:
    """Give every index once: ``first``, then those beside it, further and further away."""
    first = min(max(first, 0), count - 1)
    yield first
    for distance in range(1, count):
        for index in (first + distance, first - distance):
            if 0 <= index < count:
                yield index
