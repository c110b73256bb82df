"""Marks words that stand in tables made at import, before a language is chosen."""

from typing import TypeVar

__all__ = ["marked"]

_Text = TypeVar("_Text", bound=str)


def marked(text: _Text) -> _Text:
    """Return a text as it is: Qt's lupdate finds it by this call, and ``ui.translation.tr`` translates it in use."""
    return text
