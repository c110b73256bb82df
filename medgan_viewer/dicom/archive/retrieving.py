"""Retrieving a study, one series after the other, whichever way an archive sends them."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from medgan_viewer.dicom.archive.base import Cancelled, FoundSeries, Progress, Received, checked_uid, never
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.inbox import Inbox
from medgan_viewer.errors import ArchiveError

__all__ = ["SeriesRetriever"]


class SeriesRetriever(ABC):
    """What both kinds of :class:`~medgan_viewer.dicom.archive.base.Archive` share: how a study is retrieved."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    @abstractmethod
    def find_series(self, study_uid: str, cancelled: Cancelled = never) -> tuple[FoundSeries, ...]:
        """See :class:`~medgan_viewer.dicom.archive.base.Archive`."""

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
        """See :class:`~medgan_viewer.dicom.archive.base.Archive`."""
        wanted = frozenset(checked_uid(uid) for uid in series_uids)
        series = [one for one in self.find_series(study_uid, cancelled) if not wanted or one.uid in wanted]
        if not series and not cancelled():
            raise ArchiveError(f'The archive "{self.entry.name}" does not have this study or series.')
        total = sum(one.instance_count or 0 for one in series)
        inbox = Inbox(folder, study_uid, wanted, total=total, on_progress=on_progress)
        try:
            with self._receiver(inbox):
                for one in series:
                    if cancelled():
                        break
                    self._retrieve_series(one, inbox, cancelled)
                    if on_series is not None and not cancelled():
                        on_series(inbox.series_folder(one.uid))
        except ArchiveError as error:
            kept = f"what had arrived is kept ({inbox.count} images)" if inbox.count else "nothing had arrived"
            raise ArchiveError(f"{error.sentence.rstrip('.')}; {kept}.") from error
        return inbox.received(cancelled=cancelled())

    @abstractmethod
    def _retrieve_series(self, series: FoundSeries, inbox: Inbox, cancelled: Cancelled) -> None:
        """Let the images of one series into the inbox, and leave out there what did not come."""

    def _receiver(self, _inbox: Inbox) -> contextlib.AbstractContextManager[None]:
        """Listen for images as long as a study is retrieved, where they come by a connection of their own."""
        return contextlib.nullcontext()
