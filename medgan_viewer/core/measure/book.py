"""All annotations of a session, and edits of them that can be undone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medgan_viewer.core.changes import AnnotationsChanged, AnnotationSelected, Change
from medgan_viewer.core.commands import Command
from medgan_viewer.core.measure.annotation import NAMES, Annotation, Kind

if TYPE_CHECKING:
    from medgan_viewer.core.document import Document

__all__ = ["AnnotationBook", "EditAnnotations"]


class AnnotationBook:
    """The annotations of all open studies. ``revision`` grows with every change of them."""

    def __init__(self, tell: Callable[[Change], None]) -> None:
        self._tell = tell
        self._all: dict[str, Annotation] = {}
        self._selected: str | None = None
        self.revision = 0

    @property
    def all(self) -> tuple[Annotation, ...]:
        """All of them, in the order in which they were drawn."""
        return tuple(sorted(self._all.values(), key=lambda one: one.created))

    def of(self, study_key: str) -> tuple[Annotation, ...]:
        """Return those of a study, see ``core.measure.keeping.study_key``."""
        return tuple(one for one in self.all if one.study_key == study_key)

    def get(self, uid: str | None) -> Annotation | None:
        """Return one by its identifier."""
        return None if uid is None else self._all.get(uid)

    @property
    def selected(self) -> Annotation | None:
        """The one that keys speak of."""
        return self.get(self._selected)

    def select(self, uid: str | None) -> None:
        """Let keys speak of one, or of none."""
        if uid != self._selected:
            self._selected = uid
            self._tell(AnnotationSelected(uid))

    def change(self, study_key: str, away: Iterable[str], new: Iterable[Annotation]) -> None:
        """Take some out of a study and put others in, at once. Use a command where it should be undone."""
        for uid in away:
            self._all.pop(uid, None)
        for annotation in new:
            self._all[annotation.uid] = annotation
        self.revision += 1
        if self._selected not in self._all:
            self.select(None)
        self._tell(AnnotationsChanged(study_key))

    def forget(self, study_key: str) -> None:
        """Take all of a study out, because it is closed."""
        gone = [one.uid for one in self.of(study_key)]
        if gone:
            self.change(study_key, gone, ())

    def free_name(self, kind: Kind, study_key: str) -> str:
        """Return a name for a new annotation: that of its kind with the next number."""
        names = {one.name for one in self.of(study_key)}
        number = 1
        while f"{NAMES[kind]} {number}" in names:
            number += 1
        return f"{NAMES[kind]} {number}"


@dataclass(frozen=True)
class EditAnnotations(Command):
    """Put annotations of one study in the place of others: draws (nothing before), deletes (nothing after), moves."""

    words: str
    before: tuple[Annotation, ...]
    after: tuple[Annotation, ...]

    @property
    def label(self) -> str:
        """Menu text."""
        return self.words

    def apply(self, document: "Document") -> None:
        """Do it."""
        self._exchange(document, self.before, self.after)

    def revert(self, document: "Document") -> None:
        """Take it back."""
        self._exchange(document, self.after, self.before)

    @staticmethod
    def _exchange(document: "Document", old: tuple[Annotation, ...], new: tuple[Annotation, ...]) -> None:
        kept = {one.uid for one in new}
        document.annotations.change((*old, *new)[0].study_key, [one.uid for one in old if one.uid not in kept], new)
