"""Typed access to JSON that somebody else wrote: whatever is missing or of the wrong kind is named by its full path."""

import re
from typing import Any

__all__ = ["InvalidError", "Reader"]


class InvalidError(Exception):
    """What is wrong with a manifest, as a sentence."""


class Reader:
    """Typed access to a JSON object; every error names the key by its full path."""

    def __init__(self, content: Any, where: str) -> None:
        self.where = where
        if not isinstance(content, dict):
            raise InvalidError(f'"{where}" in manifest.json is no object')
        self.content: dict[str, Any] = content

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the object."""
        return tuple(self.content)

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def _value(self, key: str, kind: type | tuple[type, ...], words: str) -> Any:
        if key not in self.content:
            raise InvalidError(f'"{self._path(key)}" is missing in manifest.json')
        value = self.content[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InvalidError(f'"{self._path(key)}" in manifest.json is no {words}')
        return value

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value: str = self._value(key, str, "text")
        if not value.strip():
            raise InvalidError(f'"{self._path(key)}" in manifest.json is empty')
        return value

    def optional_text(self, key: str) -> str:
        """Return a text, empty where the key is absent."""
        return str(self._value(key, str, "text")) if key in self.content else ""

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        """Return a text of a certain form."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise InvalidError(f'"{self._path(key)}" in manifest.json does not have the right form')
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of some words."""
        value = self.text(key)
        if value not in choices:
            raise InvalidError(
                f'"{self._path(key)}" is "{value}", which this program does not know; update the program'
            )
        return value

    def boolean(self, key: str) -> bool:
        """Return a yes or no."""
        return bool(self._value(key, bool, "yes or no"))

    def integer(self, key: str, smallest: int) -> int:
        """Return a whole number, at least ``smallest``."""
        value: int = self._value(key, int, "whole number")
        if value < smallest:
            raise InvalidError(f'"{self._path(key)}" in manifest.json is smaller than {smallest}')
        return value

    def number(self, key: str) -> float:
        """Return a number, 0 or more and finite."""
        value = float(self._value(key, (int, float), "number"))
        # Also false for not-a-number, which JSON readers accept.
        if not 0 <= value < float("inf"):
            raise InvalidError(f'"{self._path(key)}" in manifest.json is out of range')
        return value

    def signed(self, key: str) -> float:
        """Return a finite number, which may be negative."""
        value = float(self._value(key, (int, float), "number"))
        if not abs(value) < float("inf"):
            raise InvalidError(f'"{self._path(key)}" in manifest.json is out of range')
        return value

    def length(self, key: str) -> float:
        """Return a length in mm, more than zero."""
        value = self.number(key)
        if value == 0:
            raise InvalidError(f'"{self._path(key)}" in manifest.json is out of range')
        return value

    def numbers(self, key: str, count: int | None = None) -> tuple[float, ...]:
        """Return a list of numbers, of length ``count`` where that is given."""
        values = self._value(key, list, "list")
        if any(not isinstance(v, int | float) or isinstance(v, bool) for v in values) or count not in {
            None,
            len(values),
        }:
            raise InvalidError(f'"{self._path(key)}" in manifest.json is no list of numbers of the right length')
        return tuple(float(v) for v in values)

    def texts(self, key: str, at_least: int = 0) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self._value(key, list, "list")
        if any(not isinstance(v, str) for v in values) or len(values) < at_least:
            raise InvalidError(f'"{self._path(key)}" in manifest.json is no list of texts')
        return tuple(values)

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object as it is."""
        return dict(self._value(key, dict, "object"))

    def child(self, key: str) -> "Reader":
        """Return a reader of an object inside this one."""
        return Reader(self._value(key, dict, "object"), self._path(key))

    def children(self, key: str) -> tuple["Reader", ...]:
        """Return readers of a list of objects."""
        values = self._value(key, list, "list")
        return tuple(Reader(value, f"{self._path(key)}[{place}]") for place, value in enumerate(values))
