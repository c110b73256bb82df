"""What the pixels of the selected series look like, asked of the worker once for each series and said in a line."""

import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.document import Change, Document, SelectionChanged, SeriesClosed, SeriesLoaded
from medgan_viewer.errors import described
from medgan_viewer.models.recognition import plane_of
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

if TYPE_CHECKING:
    from medgan_viewer.core.volume import Volume
    from medgan_viewer.models.recognition import Guess

__all__ = ["Recognising", "look_of"]

_log = logging.getLogger(__name__)

# The questions whose answers are said, and what some answers are called.
_ASKED = ("kind", "region", "plane")
_NAMES = {
    "head": marked("head"),
    "body": marked("chest or belly"),
    "other": marked("something unknown"),
    "axial": marked("axial"),
    "sagittal": marked("sagittal"),
    "coronal": marked("coronal"),
    "none": marked("no plane of a body"),
}
# What a question is about, where its answer is not sure.
_ABOUT = {"region": marked("body part"), "plane": marked("plane")}
_ABOUT_CT = {"kind": marked("modality"), **_ABOUT}
_ABOUT_MR = {"kind": marked("contrast"), **_ABOUT}

_CERTAIN = 0.99


class Recognising(QObject):
    """Asks what the selected series shows, once it is read; nobody waits for the answer."""

    # A series, what is said of it, and whether that is something else than its tags say.
    told = Signal(str, str, bool)

    def __init__(self, document: Document, runs: Runs, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._runs, self._background = document, runs, background
        self._on = False
        # Series that were asked about: the answer stays the same.
        self._asked: set[str] = set()
        document.subscribe(self._on_change)

    def start(self) -> None:
        """Ask from now on: the worker is there."""
        self._on = True
        self._ask()

    def _on_change(self, change: Change) -> None:
        match change:
            case SelectionChanged() | SeriesLoaded():
                self._ask()
            case SeriesClosed(uid):
                self._asked.discard(uid)
            case _:
                pass

    def _ask(self) -> None:
        uid = self._document.selected_series
        if not self._on or uid is None or uid in self._asked or not self._document.is_loaded(uid):
            return
        opened = self._document.opened(uid)
        if opened is None or opened.series.colour or opened.series.modality not in ("CT", "MR"):
            return
        if opened.series.time:
            # Another time point of what was asked about already.
            return
        self._asked.add(uid)
        volume = opened.volume()
        work = partial(self._runs.service.recognise, volume)
        self._background.run(work, partial(self._on_answer, opened.series, volume))

    def _on_answer(self, series: Series, volume: "Volume", answer: "Guess | Exception | None") -> None:
        if isinstance(answer, Exception):
            # Nobody asked for it: what went wrong shows when a model is run.
            _log.warning("a series could not be recognised: %s", described(answer))
            self._asked.discard(series.uid)
        elif answer is not None and self._document.opened(series.uid) is not None:
            self.told.emit(series.uid, *look_of(answer, series, plane_of(volume)))


def look_of(guess: "Guess", series: Series, plane: str) -> tuple[str, bool]:
    """Return in a line what a series looks like, and whether that is something else than its tags say.

    ``plane`` is the one that its slices are in by their position.
    """
    answers = {name: guess.answers[name] for name in _ASKED if name in guess.answers}
    sure = [answer for answer in answers.values() if answer.sure]
    if not sure:
        return tr("Looks like: unsure"), False
    seen = ", ".join(tr(_NAMES.get(one.name, one.name)) for one in sure)
    least = min(answer.probability for answer in sure)
    # No classifier is certain.
    line = tr("Looks like: {0} ({1})").format(seen, "> 99%" if least > _CERTAIN else f"{least:.0%}")
    about = _ABOUT_CT if series.modality == "CT" else _ABOUT_MR
    unsure = [tr(about[name]) for name, answer in answers.items() if not answer.sure]
    if unsure:
        line = tr("{0}; {1} unsure").format(line, ", ".join(unsure))
    others = _otherwise(guess, series, plane)
    return (f"{line}. {others}", True) if others else (line, False)


def _otherwise(guess: "Guess", series: Series, plane: str) -> str:
    """Return what the tags of a series say that does not go with what it looks like, "" where all does."""
    kind, seen = guess.sure("kind"), guess.sure("plane")
    stated = series.contrast or series.modality
    if kind not in (None, "other") and kind != stated and (series.contrast is not None or "CT" in (kind, stated)):
        return tr("Its tags say {0}.").format(stated)
    if seen not in (None, "none", plane):
        return tr("Its tags say {0}.").format(tr(plane))
    return ""
