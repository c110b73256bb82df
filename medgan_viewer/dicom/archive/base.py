"""What can be asked of any archive, and what it answers."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from medgan_viewer.errors import UsageError

__all__ = [
    "MAX_INSTANCE_BYTES",
    "MAX_RESULTS",
    "Archive",
    "Cancelled",
    "Found",
    "FoundSeries",
    "FoundStudy",
    "Progress",
    "Query",
    "Received",
    "Sent",
    "checked_uid",
    "found",
    "in_order",
    "is_uid",
    "never",
    "read_leniently",
    "without_control",
]

# More than this nobody reads in a list; a query that finds more should be narrowed.
MAX_RESULTS = 1000
# One image larger than this is taken for a mistake or an attack.
MAX_INSTANCE_BYTES = 2 << 30

Cancelled = Callable[[], bool]
"""Asked again and again while work goes on; True ends it."""

_UID = re.compile(r"[0-9]+(?:\.[0-9]+)*\Z")
_DATE = re.compile(r"[0-9]{8}\Z")


def never() -> bool:
    """Return False: work that is not cancelled."""
    return False


def read_leniently() -> None:
    """Let pydicom read values that break the rules without a warning for each; it is checked here what is used."""
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE


def is_uid(text: str) -> bool:
    """Return whether a text is a UID of digits and dots, so that it is safe in a file's name and in a URL."""
    return len(text) <= 64 and _UID.match(text) is not None


def checked_uid(text: str) -> str:
    """Return the text; UsageError where it is no UID."""
    if not is_uid(text):
        raise UsageError(f"{text[:70]!r} is no UID; it is made of digits and dots, 64 characters at most.")
    return text


def without_control(text: str) -> str:
    """Return what an archive answered without control characters, on one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


@dataclass(frozen=True, slots=True)
class Query:
    """What studies to look for; empty means any. Dates are YYYYMMDD, both ends included."""

    # A part of the name.
    patient_name: str = ""
    # The whole identifier; * and ? stand for any letters.
    patient_id: str = ""
    date_from: str = ""
    date_to: str = ""
    # CT, MR …
    modality: str = ""
    # A part of the study's description.
    description: str = ""
    study_uid: str = ""

    def __post_init__(self) -> None:
        for date in (self.date_from, self.date_to):
            if date and not _DATE.match(date):
                raise UsageError(f"{date[:20]!r} is no date; write it as YYYYMMDD.")
        if self.study_uid:
            checked_uid(self.study_uid)
        if any("\\" in text for text in (self.patient_name, self.patient_id, self.modality, self.description)):
            raise UsageError("A backslash cannot be searched for.")

    @property
    def name_pattern(self) -> str:
        """The name with wildcards around it, as archives match it."""
        return _containing(self.patient_name)

    @property
    def description_patterns(self) -> tuple[str, ...]:
        """The description with wildcards around it, in each usual case: archives tell capitals from small letters."""
        pattern = _containing(self.description)
        return tuple(dict.fromkeys((pattern, pattern.upper(), pattern.lower(), pattern.title())))

    @property
    def date_range(self) -> str:
        """The dates as DICOM writes a range: "20260101-20260131", "-20260131", one date by itself."""
        if self.date_from and self.date_from == self.date_to:
            return self.date_from
        return f"{self.date_from}-{self.date_to}" if self.date_from or self.date_to else ""

    def admits(self, study: "FoundStudy") -> bool:
        """Return whether a study is one that was looked for: archives may ignore a key that they do not know."""
        if self.modality and study.modalities and self.modality.upper() not in study.modalities:
            return False
        if study.date and not (self.date_from or "0") <= study.date <= (self.date_to or "9"):
            return False
        return not _plain(self.description) or _plain(self.description) in study.description.casefold()


def _containing(text: str) -> str:
    return f"*{text.strip('*')}*" if text.strip("*") else ""


def _plain(text: str) -> str:
    """Return a text that can be compared with; empty where it has wildcards, which the archive alone knows."""
    text = text.strip("*")
    return "" if {"*", "?"} & set(text) else text.casefold()


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study that an archive has."""

    uid: str
    patient_name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    date: str = ""
    description: str = ""
    accession: str = ""
    modalities: tuple[str, ...] = ()
    series_count: int | None = None
    instance_count: int | None = None


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """A series that an archive has."""

    uid: str
    study_uid: str
    number: int | None = None
    modality: str = ""
    description: str = ""
    instance_count: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The studies that a query found; ``more`` says that there are others beyond MAX_RESULTS."""

    studies: tuple[FoundStudy, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is. ``total`` is what the archive said it has, 0 where it did not."""

    done: int
    total: int
    megabytes: float


@dataclass(frozen=True, slots=True)
class Received:
    """What a retrieval brought: how many images, under which folder, and one sentence for what is missing."""

    folder: Path
    count: int
    notes: tuple[str, ...] = ()
    cancelled: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for arrived."""
        return not self.notes and not self.cancelled


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: how many files, and one sentence for each that the archive did not take."""

    count: int
    notes: tuple[str, ...] = ()
    cancelled: bool = False

    @property
    def complete(self) -> bool:
        """Whether the archive took every file."""
        return not self.notes and not self.cancelled


def found(query: Query, studies: Iterable[FoundStudy], *, more: bool) -> Found:
    """Return the studies of a query, each once, the newest first."""
    fitting = {study.uid: study for study in studies if is_uid(study.uid) and query.admits(study)}
    newest = sorted(fitting.values(), key=lambda study: study.date, reverse=True)
    return Found(tuple(newest[:MAX_RESULTS]), more)


def in_order(series: Iterable[FoundSeries]) -> tuple[FoundSeries, ...]:
    """Return series by number, those without one last."""
    sound = (one for one in series if is_uid(one.uid))
    return tuple(sorted(sound, key=lambda one: (one.number is None, one.number or 0, one.uid)))


class Archive(Protocol):
    """An archive. Every call blocks, takes bounded time where the archive is silent, and raises ArchiveError.

    What an error interrupts is kept as far as it got. One call at a time.
    """

    def verify(self, cancelled: Cancelled = never) -> None:
        """Ask for a sign of life."""

    def find_studies(self, query: Query, cancelled: Cancelled = never) -> Found:
        """Return the studies that fit, at most MAX_RESULTS."""

    def find_series(self, study_uid: str, cancelled: Cancelled = never) -> tuple[FoundSeries, ...]:
        """Return the series of a study, in order of their numbers."""

    def retrieve(
        self,
        study_uid: str,
        folder: Path,
        *,
        series_uids: Sequence[str] = (),
        on_progress: Callable[[Progress], None] | None = None,
        on_series: Callable[[Path], None] | None = None,
        cancelled: Cancelled = never,
    ) -> Received:
        """Write a study, or some of its series, below ``folder``, as ``STUDY/SERIES/INSTANCE.dcm``.

        Every file appears whole. ``on_series`` is given the folder of each series that is finished, on the calling
        thread; ``on_progress`` may come from another one. A file that is there already is replaced.
        """

    def send(
        self,
        files: Sequence[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Cancelled = never,
    ) -> Sent:
        """Send DICOM files as they are."""
