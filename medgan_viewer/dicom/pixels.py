"""The pixels of one image in modality units: read straight from the file where they lie there raw, else decoded."""

import struct
import threading
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Instance
from medgan_viewer.dicom import lookup
from medgan_viewer.errors import DecodeError, ReadError

__all__ = [
    "ReadImage",
    "air",
    "is_colour",
    "is_raw",
    "luminance",
    "read_colour",
    "read_graphics",
    "read_image",
    "read_slice",
    "release",
    "value_type",
]

Pixels = NDArray[Any]

_AIR_HU = -1000
# Padding down to here displays and counts as air already and keeps its value; below or above, it becomes air.
_LOWEST_PADDING_HU = -4096
# Whole-number arithmetic in 64 bits holds any product of this and a stored value.
_LARGEST_WHOLE = 1 << 31
_LARGEST_SHORT = (1 << 15) - 1
_INTEGER_TYPES = (np.uint8, np.int16, np.uint16, np.int32)
# Markers that tell the size come this early.
_CODESTREAM_HEAD = 1 << 16
# Explicit VR Big Endian, deflated, RLE: decoded words still have the bits around the pixels.
_WHOLE_WORDS = ("1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5")
_MOST_OVERLAY_PIXELS = 1 << 28
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601
_cache = threading.local()


def air(modality: str) -> int:
    """Return the value that stands for "nothing here": −1000 HU in CT, 0 elsewhere."""
    return _AIR_HU if modality == "CT" else 0


def value_type(instances: Collection[Instance], modality: str) -> np.dtype[Any]:
    """Return the smallest type that holds every value exactly.

    CT with whole-number rescale is int16 always (Hounsfield units beyond it do not occur; :func:`read_slice` reports
    where they do). A fractional rescale makes float32.
    """
    low, high = 0, 0
    for instance in instances:
        slope, intercept = _rescale_of(instance)
        if not (slope.is_integer() and intercept.is_integer() and max(abs(slope), abs(intercept)) < _LARGEST_WHOLE):
            return np.dtype(np.float32)
        ends = [int(slope * end + intercept) for end in instance.storage.lookup or _stored_range(instance)]
        low, high = min(low, *ends), max(high, *ends)
    if modality == "CT" and not (high > _LARGEST_SHORT and any(i.storage.lookup for i in instances)):
        return np.dtype(np.int16)
    fitting = (kind for kind in _INTEGER_TYPES if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    return np.dtype(next(fitting, np.float32))


def read_slice(instance: Instance, out: Pixels, modality: str) -> int:
    """Fill ``out`` [row, column] with the image in modality units; return how many pixels did not fit its type.

    Those are clipped. Pixel padding becomes air unless it is as low as air already. Raises ReadError where the file
    cannot be read and DecodeError where its pixels cannot be decoded.
    """
    stored = _read_raw(instance, _buffer(instance, out)) if is_raw(instance) else _decoded(instance)
    padded = _padding(instance, stored, modality)
    clipped = _rescale(instance, lookup.through_modality_table(instance, stored), out)
    if padded is not None:
        out[padded] = air(modality)
    return clipped


class ReadImage(NamedTuple):
    """One image: values [row, column], how many of them were clipped, and what is for display alone."""

    values: Pixels
    clipped: int = 0
    colour: NDArray[np.uint8] | None = None
    graphics: NDArray[np.bool_] | None = None


def read_image(instance: Instance, kind: np.dtype[Any], modality: str, *, graphics: bool = False) -> ReadImage:
    """Return an image in modality units as ``kind``, its colours, and its overlay planes where they are wanted.

    Raises ReadError where the file cannot be read and DecodeError where its pixels cannot be decoded.
    """
    drawn = read_graphics(instance) if graphics else None
    if is_colour(instance):
        colours = read_colour(instance)
        return ReadImage(luminance(colours).astype(kind), 0, colours, drawn)
    values = np.empty((instance.rows, instance.columns), kind)
    return ReadImage(values, read_slice(instance, values, modality), None, drawn)


def is_colour(instance: Instance) -> bool:
    """Whether the pixels are colours, not values."""
    return instance.storage.samples > 1 or instance.storage.photometric == "PALETTE COLOR"


def _rescale_of(instance: Instance) -> tuple[float, float]:
    return (1.0, 0.0) if is_colour(instance) else instance.rescale


def is_raw(instance: Instance) -> bool:
    """Whether the pixels lie in their file as they are, to be read without decoding."""
    storage = instance.storage
    return storage.offset is not None and not is_colour(instance) and storage.bits_allocated in (8, 16, 32)


def _stored_range(instance: Instance) -> tuple[int, int]:
    if is_colour(instance):
        return 0, 255
    bits = instance.bits_stored
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if instance.signed else (0, (1 << bits) - 1)


def _stored_type(instance: Instance) -> np.dtype[Any]:
    return np.dtype(f"<{'i' if instance.signed else 'u'}{instance.storage.bits_allocated // 8}")


def _buffer(instance: Instance, out: Pixels) -> Pixels:
    """Return where the raw pixels go: into ``out`` itself where they have its size, so that nothing is copied."""
    kind = _stored_type(instance)
    fits = out.dtype.kind in "iu" and out.itemsize == kind.itemsize and out.flags.c_contiguous
    return out.view(kind) if fits else np.empty(out.shape, kind)


def _read_raw(instance: Instance, buffer: Pixels) -> Pixels:
    """Read one frame from its known place in the file and clean the bits that hold no pixel."""
    return _clean(instance, _read_words(instance, buffer))


def _read_words(instance: Instance, buffer: Pixels) -> Pixels:
    offset = instance.storage.offset or 0
    try:
        with instance.path.open("rb", buffering=0) as file:
            file.seek(offset)
            view = memoryview(buffer.data).cast("B")
            got = 0
            while got < len(view) and (count := file.readinto(view[got:])):
                got += count
    except OSError as error:
        raise ReadError(instance.path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    if got < buffer.nbytes:
        raise ReadError(instance.path, "The file has become shorter since it was listed; open it again.")
    return buffer


def _clean(instance: Instance, stored: Pixels) -> Pixels:
    """Drop the bits around the stored ones (old overlays, scanner marks) and extend the sign, in place."""
    storage = instance.storage
    above = storage.bits_allocated - 1 - storage.high_bit
    below = storage.high_bit + 1 - instance.bits_stored
    if above > 0:
        stored <<= above
    if above + below > 0:
        stored >>= above + below
    return stored


def _padding(instance: Instance, stored: Pixels, modality: str) -> NDArray[np.bool_] | None:
    """Return where the image is padded with something that is not as good as air, None where it is nowhere."""
    padding = instance.storage.padding
    if padding is None or is_colour(instance):
        return None
    slope, intercept = instance.rescale
    values = [slope * end + intercept for end in padding]
    highest_air = _AIR_HU if modality == "CT" else 0
    lowest_air = _LOWEST_PADDING_HU if modality == "CT" else 0
    if instance.storage.lookup is None and lowest_air <= min(values) and max(values) <= highest_air:
        return None
    padded = np.asarray((stored >= padding[0]) & (stored <= padding[1]))
    return padded if padded.any() else None


def _rescale(instance: Instance, stored: Pixels, out: Pixels) -> int:
    """Write ``slope × stored + intercept`` to ``out``, which may be the same memory; return how many were clipped."""
    slope, intercept = _rescale_of(instance)
    if out.dtype.kind == "f":
        np.add(stored * np.float64(slope), intercept, out=out, casting="same_kind")
        return 0
    limits = np.iinfo(out.dtype)
    low, high = (int(slope * int(end) + intercept) for end in (stored.min(), stored.max()))
    low, high = min(low, high), max(low, high)
    if limits.min <= low and high <= limits.max:
        _rescale_in_place(int(slope), int(intercept), stored, out)
        return 0
    values = stored.astype(np.int64) * int(slope) + int(intercept)
    outside = int(((values < limits.min) | (values > limits.max)).sum())
    out[...] = np.clip(values, limits.min, limits.max)
    return outside


def _rescale_in_place(slope: int, intercept: int, stored: Pixels, out: Pixels) -> None:
    """Rescale where the results are known to fit: whole-number arithmetic that wraps around comes out right."""
    if not np.shares_memory(stored, out):
        out[...] = stored.astype(out.dtype, copy=False)
    if slope != 1:
        np.multiply(out, np.int64(slope).astype(out.dtype), out=out)
    if intercept != 0:
        np.add(out, np.int64(intercept).astype(out.dtype), out=out)


def read_colour(instance: Instance) -> NDArray[np.uint8]:
    """Return an image in colour as RGB, [row, column, 3], 8 bits each.

    Raises ReadError where the file cannot be read and DecodeError where its pixels cannot be decoded.
    """
    pixels = _decoded_frame(instance)[..., :3]
    wide = 8 * pixels.itemsize if instance.storage.photometric == "PALETTE COLOR" else instance.bits_stored
    return np.asarray(pixels >> max(wide - 8, 0), dtype=np.uint8)


def luminance(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the brightness of RGB pixels [row, column, 3]."""
    return np.asarray(np.rint(colours @ np.array(_LUMINANCE)).astype(np.uint8))


def read_graphics(instance: Instance) -> NDArray[np.bool_] | None:
    """Return what the overlay planes (60xx) of an image draw, [row, column]; None where they draw nothing.

    They have data of their own or, in the form that was retired, one of the bits that the pixels leave unused. Raises
    ReadError where the file cannot be read.
    """
    try:
        dataset = _dataset(instance)
        drawn = np.zeros((instance.rows, instance.columns), dtype=bool)
        for group in range(0x6000, 0x6020, 2):
            if (group, 0x3000) in dataset:
                _draw_plane(dataset, group, instance.frame or 0, drawn)
            elif (group, 0x0102) in dataset:
                _draw_bit(instance, int(dataset[group, 0x0102].value), drawn)
    except OSError as error:
        raise ReadError(instance.path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except Exception:
        # pydicom raises what the conversion of a damaged element raised; the image itself is not touched by that.
        return None
    return drawn if drawn.any() else None


def _draw_plane(dataset: Any, group: int, frame: int, drawn: NDArray[np.bool_]) -> None:
    """Add one overlay plane where it lies over the image; its origin counts rows and columns from 1."""
    size = int(dataset[group, 0x0010].value) * int(dataset[group, 0x0011].value)
    if not 0 < size <= _MOST_OVERLAY_PIXELS:
        return
    plane = dataset.overlay_array(group)
    if plane.ndim == 3:
        first = int(dataset[group, 0x0051].value) - 1 if (group, 0x0051) in dataset else 0
        if not 0 <= frame - first < len(plane):
            return
        plane = plane[frame - first]
    top, left = (int(value) - 1 for value in dataset[group, 0x0050].value) if (group, 0x0050) in dataset else (0, 0)
    rows = slice(max(top, 0), min(top + plane.shape[0], drawn.shape[0]))
    columns = slice(max(left, 0), min(left + plane.shape[1], drawn.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        part = plane[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        drawn[rows, columns] |= part > 0


def _draw_bit(instance: Instance, bit: int, drawn: NDArray[np.bool_]) -> None:
    """Add the overlay plane that lies in one bit of the pixels' words, unless that bit is the image's own."""
    storage = instance.storage
    first = storage.high_bit + 1 - instance.bits_stored
    if is_colour(instance) or first <= bit <= storage.high_bit or not 0 <= bit < storage.bits_allocated:
        return
    if is_raw(instance):
        words = _read_words(instance, np.empty((instance.rows, instance.columns), _stored_type(instance)))
    else:
        words = _decoded_frame(instance, whole=True)
    if words.shape == drawn.shape:
        drawn |= (words >> bit) & 1 == 1


def _decoded(instance: Instance) -> Pixels:
    """Return the stored values of an image that has to be decoded (compressed, big endian, deflated or in colour)."""
    if is_colour(instance):
        return luminance(read_colour(instance))
    has_words = instance.storage.transfer_syntax_uid in _WHOLE_WORDS
    pixels = _decoded_frame(instance, whole=has_words)
    if pixels.ndim == 3:
        raise DecodeError(instance.path, "The decoded image is in colour, unlike its header says.")
    # In a JPEG code stream values begin at the lowest bit, wherever the header says that they do.
    cleanable = has_words or instance.storage.high_bit + 1 == instance.bits_stored
    return _clean(instance, pixels.copy()) if cleanable else pixels


def _decoded_frame(instance: Instance, *, whole: bool = False) -> Pixels:
    """Return the decoded pixels of an image, [row, column] or, in colour, [row, column, sample] as RGB.

    ``whole`` keeps the bits that belong to no pixel where they are.
    """
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.uid import UID

    storage = instance.storage
    syntax = UID(storage.transfer_syntax_uid)
    try:
        dataset = _dataset(instance)
        if syntax.is_compressed and syntax.is_encapsulated:
            _check_codestream(instance, dataset)
        options: Any = {"correct_unused_bits": not whole}
        pixels, _ = get_decoder(syntax).as_array(dataset, index=instance.frame or 0, **options)
        if storage.photometric == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, dataset)
    except DecodeError:
        raise
    except OSError as error:
        raise ReadError(instance.path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except NotImplementedError as error:
        raise DecodeError(instance.path, f"This program does not know the compression {syntax.name}.") from error
    except Exception as error:
        # Each plug-in raises what its library raises.
        raise DecodeError(
            instance.path, f"The pixels cannot be decoded ({syntax.name}): damaged or cut off."
        ) from error
    if pixels.shape[:2] != (instance.rows, instance.columns):
        raise DecodeError(instance.path, "The decoded image has another size than its header says.")
    return np.asarray(pixels)


def _check_codestream(instance: Instance, dataset: Any) -> None:
    """Refuse compressed pixels that are larger than the header says, before a decoder asks for their memory."""
    from pydicom.encaps import get_frame

    count = int(dataset.get("NumberOfFrames", 1) or 1)
    size = _codestream_size(
        get_frame(dataset.PixelData, instance.frame or 0, number_of_frames=count)[:_CODESTREAM_HEAD]
    )
    if size is not None and size[0] * size[1] > 2 * instance.rows * instance.columns:
        raise DecodeError(instance.path, "The compressed image has another size than its header says.")


def _codestream_size(stream: bytes) -> tuple[int, int] | None:
    """Return rows and columns as a JPEG, JPEG-LS or JPEG 2000 stream tells them; None where it begins like none."""
    siz = stream.find(b"\xff\x51", 0, 64)
    if stream[:2] == b"\xff\x4f" and siz > 0 and len(stream) >= siz + 22:
        # Image and offset on the reference grid (ISO/IEC 15444-1, A.5.1).
        right, bottom, left, top = struct.unpack(">4L", stream[siz + 6 : siz + 22])
        return max(bottom - top, 0), max(right - left, 0)
    at = 2
    while stream[:2] == b"\xff\xd8" and at + 9 <= len(stream) and stream[at] == 0xFF:
        marker, length = stream[at + 1], int.from_bytes(stream[at + 2 : at + 4], "big")
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            rows, columns = struct.unpack(">HH", stream[at + 5 : at + 9])
            return rows, columns
        at += 2 + length if marker != 0xFF else 1
    return None


def release() -> None:
    """Let go of the multi-frame file that this thread read last."""
    _cache.last = None


def _dataset(instance: Instance) -> Any:
    """Return the file's data set; one with more frames to come is kept until :func:`release`, one for each thread."""
    from pydicom import dcmread

    if instance.frame is None:
        return dcmread(instance.path, force=True)
    known = getattr(_cache, "last", None)
    if known is None or known[0] != instance.path:
        known = (instance.path, dcmread(instance.path, force=True))
        _cache.last = known
    return known[1]
