"""Licences that forbid commercial use, by the words of their names. Standard library only: installers ask it too."""

import re
from collections.abc import Iterable

__all__ = ["forbid_commerce"]

# CC BY-NC and its like, "non-commercial", "academic use only": the words in which licences forbid commercial use.
_FORBIDS = re.compile(r"\bNC\b|non[-\s]?commercial|(academic|research|educational)[-\s](use|purposes?)\b", re.I)


def forbid_commerce(licences: Iterable[str]) -> bool:
    """Return whether one of the licences, of a model and of what it was trained on, forbids commercial use."""
    return any(_FORBIDS.search(licence) for licence in licences)
