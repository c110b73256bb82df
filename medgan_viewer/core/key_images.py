"""Slices that a reader marked as key images. The list is the document's; marking one is an edit that can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medgan_viewer.core.commands import Command

if TYPE_CHECKING:
    from medgan_viewer.core.document import Document

__all__ = ["KeyImage", "SetKeyImages", "toggled"]


@dataclass(frozen=True, slots=True, order=True)
class KeyImage:
    """An acquired slice, counted from 0 as it lies in the stack.

    ``layer_uid`` is the synthetic image that was shown in place of the original; "" for the original itself.
    """

    series_uid: str
    index: int
    layer_uid: str = ""


@dataclass(frozen=True)
class SetKeyImages(Command):
    """Mark a slice as a key image, or take the mark away."""

    before: tuple[KeyImage, ...]
    after: tuple[KeyImage, ...]

    @property
    def label(self) -> str:
        """Menu text."""
        return "Mark key image" if len(self.after) > len(self.before) else "Unmark key image"

    def apply(self, document: "Document") -> None:
        """Set the marks."""
        document.set_key_images(self.after)

    def revert(self, document: "Document") -> None:
        """Set those before."""
        document.set_key_images(self.before)


def toggled(marked: Iterable[KeyImage], key: KeyImage) -> tuple[KeyImage, ...]:
    """Return the marked images with one more, or without it where it was among them, by series and slice."""
    there = set(marked)
    return tuple(sorted(there - {key} if key in there else there | {key}))
