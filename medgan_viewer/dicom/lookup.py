"""Lookup tables and windows of DICOM files: from stored to modality values, from those to shades."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import VoiTable, WindowFunction
from medgan_viewer.dicom.values import Source, first_item, items, pairs, raw, text
from medgan_viewer.errors import DecodeError, ReadError

if TYPE_CHECKING:
    from medgan_viewer.core.catalog import Instance

__all__ = ["Table", "modality_table", "through_modality_table", "voi_tables", "voi_windows"]

_MOST_ENTRIES = 1 << 16
_FUNCTIONS: dict[str, WindowFunction] = {"LINEAR_EXACT": "LINEAR_EXACT", "SIGMOID": "SIGMOID"}
_MODALITY_LUT = "ModalityLUTSequence"


class Table(NamedTuple):
    """The entries of a lookup table [entry] for the values ``first``, ``first`` + 1 …, each of so many bits."""

    first: int
    entries: NDArray[np.uint16]
    bits: int

    def of(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Return what the table says of values; the first entry below it, the last one beyond (PS3.3 C.11.1.1)."""
        at = np.clip(values.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return np.asarray(self.entries[at])


def modality_table(source: Source, *, signed: bool, little: bool = True) -> Table | None:
    """Return the Modality LUT of a data set, None where there is none that makes sense."""
    item = first_item(source, _MODALITY_LUT)
    return None if item is None else _table(item, signed=signed, little=little)


def voi_tables(source: Source, *, signed: bool, little: bool = True) -> tuple[VoiTable, ...]:
    """Return the VOI LUTs of a data set, black to white over their own range, those that make no sense left out."""
    found = []
    for item in items(source, "VOILUTSequence"):
        table = _table(item, signed=signed, little=little)
        if table is not None:
            shades = np.rint(table.entries * (65535.0 / ((1 << table.bits) - 1))).astype("<u2")
            found.append(_shared(VoiTable(table.first, shades.tobytes(), text(item, "LUTExplanation"))))
    return tuple(found)


@lru_cache(maxsize=64)
def _shared(table: VoiTable) -> VoiTable:
    """Return one table for all that are equal: every image of a series has its own copy, of up to 128 KiB."""
    return table


def voi_windows(source: Source) -> tuple[tuple[tuple[float, float], ...], WindowFunction]:
    """Return the VOI windows of a data set as (width, centre), those that are open, and what they are."""
    found = tuple(pair for pair in pairs(source, "WindowWidth", "WindowCenter") if pair[0] > 0)
    return found, _FUNCTIONS.get(text(source, "VOILUTFunction").upper(), "LINEAR")


def through_modality_table(instance: "Instance", stored: NDArray[Any]) -> NDArray[Any]:
    """Return stored values as what the image's Modality LUT makes of them; as they are where it has none.

    Raises ReadError where the file cannot be read and DecodeError where the table is not there any more.
    """
    if instance.storage.lookup is None:
        return stored
    from pydicom import dcmread

    try:
        dataset = dcmread(instance.path, stop_before_pixels=True, specific_tags=[_MODALITY_LUT], force=True)
        little = dataset.original_encoding[1] is not False
        table = modality_table(dataset, signed=instance.signed, little=little)
    except OSError as error:
        raise ReadError(instance.path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
    except Exception as error:
        # pydicom raises what the conversion of a damaged element raised.
        raise DecodeError(instance.path, "The modality lookup table is damaged.") from error
    if table is None:
        raise DecodeError(instance.path, "The modality lookup table is damaged.")
    return table.of(stored)


def _table(item: Any, *, signed: bool, little: bool) -> Table | None:
    descriptor = _words(item, "LUTDescriptor", little)
    entries = _words(item, "LUTData", little)
    if descriptor is None or entries is None or len(descriptor) != 3:
        return None
    count, first, bits = (int(word) for word in descriptor)
    # 65536 entries do not fit into 16 bits and are written as 0.
    count = count or _MOST_ENTRIES
    if signed and first >= 0x8000:
        first -= 0x10000
    if not 8 <= bits <= 16:
        return None
    if len(entries) < count <= 2 * len(entries):
        # Entries of 8 bits, two in a word.
        entries = entries.astype("<u2").view(np.uint8).astype(np.uint16)
    if not 0 < count <= len(entries):
        return None
    entries = entries[:count]
    # Programs that forget the descriptor write entries of more bits than it says.
    return Table(first, entries, max(bits, int(entries.max()).bit_length()))


def _words(item: Any, keyword: str, little: bool) -> NDArray[Any] | None:
    """Return the words of an element: numbers, or bytes where the file leaves open what they are."""
    value = raw(item, keyword)
    if isinstance(value, bytes):
        words = np.frombuffer(value[: len(value) // 2 * 2], "<u2" if little else ">u2").astype(np.int64)
    else:
        try:
            words = np.atleast_1d(np.asarray(value, dtype=np.int64))
        except (TypeError, ValueError, OverflowError):
            return None
    if keyword == "LUTData":
        # Read with a sign where the pixels have one; entries never do.
        return None if words.size > 2 * _MOST_ENTRIES else (words & 0xFFFF).astype(np.uint16)
    return words
