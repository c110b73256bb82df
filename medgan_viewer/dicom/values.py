"""Values out of a data set, None or empty where they are absent or unreadable: headers in the wild break every rule."""

import math
from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset

__all__ = ["first_item", "integer", "items", "number", "numbers", "pairs", "text", "texts"]


def _raw(dataset: Dataset, keyword: str) -> Any:
    try:
        return dataset.get(keyword)
    except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError, OverflowError):
        # pydicom converts on access and raises what the conversion raised.
        return None


def _values(dataset: Dataset, keyword: str) -> list[Any]:
    value = _raw(dataset, keyword)
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else [value]


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return every value as stripped text."""
    return tuple(str(value).replace("\0", "").strip() for value in _values(dataset, keyword))


def text(dataset: Dataset, keyword: str) -> str:
    """Return the values as one text, "" where there is none."""
    return " ".join(texts(dataset, keyword))


def numbers(dataset: Dataset, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """Return all values as finite floats, None where one is not or where there are not ``count`` of them."""
    try:
        found = tuple(float(value) for value in _values(dataset, keyword))
    except (ValueError, TypeError):
        return None
    if not found or (count is not None and len(found) != count) or not all(map(math.isfinite, found)):
        return None
    return found


def number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value as a finite float."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def integer(dataset: Dataset, keyword: str) -> int | None:
    """Return the first value as a whole number."""
    found = number(dataset, keyword)
    return None if found is None else round(found)


def pairs(dataset: Dataset, first: str, second: str) -> tuple[tuple[float, float], ...]:
    """Return the values of two attributes side by side, as far as both go."""
    left, right = numbers(dataset, first) or (), numbers(dataset, second) or ()
    return tuple(zip(left, right, strict=False))


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence."""
    return [item for item in _values(dataset, keyword) if isinstance(item, Dataset)]


def first_item(dataset: Dataset | None, keyword: str) -> Dataset | None:
    """Return the first item of a sequence, None where there is none."""
    found = items(dataset, keyword) if dataset is not None else []
    return found[0] if found else None
