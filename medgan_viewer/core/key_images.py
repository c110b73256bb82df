"""Slices that a reader marked as key images. The list is the document's; marking one is an edit that can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.commands import Command

if TYPE_CHECKING:
    from medgan_viewer.core.document import Document

__all__ = ["KeptKeyImage", "KeyImage", "SetKeyImages", "toggled"]


@dataclass(frozen=True, slots=True, order=True)
class KeyImage:
    """An acquired slice, counted from 0 as it lies in the stack.

    ``layer_uid`` is the synthetic image that was shown in place of the original; "" for the original itself.
    """

    series_uid: str
    index: int
    layer_uid: str = ""


@dataclass(frozen=True, slots=True)
class KeptKeyImage:
    """A key image as it is kept on disk: by the image itself, as slices are counted anew when files come or go.

    ``frame`` counts from 0, None where the file holds one image. It stands for originals alone.
    """

    series_uid: str
    sop_instance_uid: str
    frame: int | None = None

    @classmethod
    def of(cls, key: KeyImage, series: Series) -> "KeptKeyImage":
        """Return what is kept of a key image of a series."""
        instance = series.instances[key.index]
        return cls(series.uid, instance.sop_instance_uid, instance.frame)

    def found_in(self, series: Series) -> KeyImage | None:
        """Return the key image, None while the series has no such image."""
        wanted = (self.sop_instance_uid, self.frame)
        places = (at for at, one in enumerate(series.instances) if (one.sop_instance_uid, one.frame) == wanted)
        index = next(places, None)
        return None if index is None else KeyImage(series.uid, index)


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
        self._exchange(document, self.before, self.after)

    def revert(self, document: "Document") -> None:
        """Set those before."""
        self._exchange(document, self.after, self.before)

    @staticmethod
    def _exchange(document: "Document", old: tuple[KeyImage, ...], new: tuple[KeyImage, ...]) -> None:
        # Marks that came with a study that was opened since stay.
        marked = set(document.key_images)
        document.set_key_images(tuple(sorted((marked - set(old)) | set(new))))


def toggled(marked: Iterable[KeyImage], key: KeyImage) -> tuple[KeyImage, ...]:
    """Return the marked images with one more, or without it where it was among them, by series and slice."""
    there = set(marked)
    return tuple(sorted(there - {key} if key in there else there | {key}))
