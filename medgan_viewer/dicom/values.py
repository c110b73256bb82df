"""Values out of a data set, None or empty where they are absent or unreadable: headers in the wild break every rule."""

import math
import struct
from collections.abc import MutableSequence, Sequence
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException

__all__ = ["Elements", "Source", "first_item", "integer", "items", "number", "numbers", "pairs", "raw", "text", "texts"]

_NO_VALUE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    BytesLengthException,
    struct.error,
    Warning,
)
# Value representations whose bytes are their words, parted by backslashes.
_PLAIN_VRS = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UI"))


class Elements:
    """The elements of a file's header, converted when they are asked for.

    pydicom's own Dataset does the same for any use; asked for a hundred keywords a file, most of them absent, it takes
    twice as long.
    """

    def __init__(self, raw: dict[int, Any], encoding: str | MutableSequence[str]) -> None:
        self._raw = raw
        self._encoding = encoding

    def get(self, keyword: str) -> Any:
        """Return the value of an attribute, None where it is absent."""
        tag = _tag(keyword)
        element = self._raw.get(tag)
        if isinstance(element, RawDataElement):
            element = self._raw[tag] = convert_raw_data_element(element, encoding=self._encoding)
        return None if element is None else element.value

    def values(self, keyword: str) -> list[Any] | None:
        """Return the values of an attribute whose bytes are plain to read, None where pydicom must convert them.

        Numbers and ASCII words are most of a header; pydicom's own conversion of each takes five times as long.
        """
        element = self._raw.get(_tag(keyword))
        if element is None:
            return []
        if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes):
            return None
        vr, value = element.VR or _vr(keyword), element.value
        if vr == "US" and len(value) == 2:
            return [int.from_bytes(value, "little" if element.is_little_endian else "big")]
        if vr not in _PLAIN_VRS or not value.isascii() or b"\x1b" in value:
            return None
        text = value.decode("ascii").rstrip(" \0")
        return [part.strip(" ") for part in text.split("\\")] if text else []

    def holds(self, tag: int) -> bool:
        """Whether an element is there."""
        return tag in self._raw


Source = Dataset | Elements


@cache
def _tag(keyword: str) -> int:
    return int(tag_for_keyword(keyword) or 0)


@cache
def _vr(keyword: str) -> str:
    return dictionary_VR(keyword)


def raw(source: Source, keyword: str) -> Any:
    """Return a value as pydicom makes it, None where it cannot."""
    try:
        return source.get(keyword)
    except _NO_VALUE:
        # pydicom converts on access and raises what the conversion raised (or warns, where warnings are errors).
        return None


def _values(source: Source, keyword: str) -> list[Any]:
    if isinstance(source, Elements) and (plain := source.values(keyword)) is not None:
        return plain
    value = raw(source, keyword)
    if value is None or value == "":
        return []
    if isinstance(value, bytes):
        # "US or SS" of a file without VRs: which of the two, only other elements tell.
        return [int.from_bytes(value, "little")] if len(value) == 2 else []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def texts(source: Source, keyword: str) -> tuple[str, ...]:
    """Return every value as stripped text."""
    return tuple(str(value).replace("\0", "").strip() for value in _values(source, keyword))


def text(source: Source, keyword: str) -> str:
    """Return the values as one text, "" where there is none."""
    return " ".join(texts(source, keyword))


def numbers(source: Source, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """Return all values as finite floats, None where one is not or where there are not ``count`` of them."""
    try:
        found = tuple(float(value) for value in _values(source, keyword))
    except (ValueError, TypeError):
        return None
    if not found or (count is not None and len(found) != count) or not all(map(math.isfinite, found)):
        return None
    return found


def number(source: Source, keyword: str) -> float | None:
    """Return the first value as a finite float."""
    found = numbers(source, keyword)
    return found[0] if found else None


def integer(source: Source, keyword: str) -> int | None:
    """Return the first value as a whole number."""
    found = number(source, keyword)
    return None if found is None else round(found)


def pairs(source: Source, first: str, second: str) -> tuple[tuple[float, float], ...]:
    """Return the values of two attributes side by side, as far as both go."""
    left, right = numbers(source, first) or (), numbers(source, second) or ()
    return tuple(zip(left, right, strict=False))


def items(source: Source, keyword: str) -> list[Dataset]:
    """Return the items of a sequence."""
    return [item for item in _values(source, keyword) if isinstance(item, Dataset)]


def first_item(source: Source | None, keyword: str) -> Dataset | None:
    """Return the first item of a sequence, None where there is none."""
    found = items(source, keyword) if source is not None else []
    return found[0] if found else None
