"""Where a batch's series come from: a folder, all at once, or an archive, study by study."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from medgan_viewer.batch.plan import Job, Order, Planned, digest, known_skip, plan
from medgan_viewer.batch.target import Target
from medgan_viewer.core.catalog import Catalog
from medgan_viewer.dicom.archive import connect
from medgan_viewer.dicom.archive.base import FoundSeries, FoundStudy, Query
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.errors import DiskFullError, MedganError

__all__ = ["ArchiveSource", "FolderSource", "Portion", "Source", "Waiting"]


@dataclass
class Portion:
    """Jobs that come together; ``end`` is called when all of them are over, with whether all of them went well."""

    jobs: list[Job]
    end: Callable[[bool], None] = field(default=lambda well: None)


@dataclass(frozen=True)
class Waiting:
    """A study in an archive whose series are judged when it is here. ``reason``: why it is not even retrieved."""

    study: FoundStudy
    series: tuple[FoundSeries, ...] = ()
    key: str = ""
    reason: str = ""
    done: bool = False

    @property
    def images(self) -> int:
        """How many images will come, as far as the archive tells."""
        return sum(series.instance_count or 0 for series in self.series)


class FolderSource:
    """The series of a catalogue."""

    def __init__(self, order: Order, catalog: Catalog) -> None:
        self.planned = plan(order, catalog)
        self.waiting: list[Waiting] = []

    def portions(self, say: Callable[[str], None]) -> Iterator[Portion]:
        """Give all jobs at once."""
        del say
        yield Portion([planned.job for planned in self.planned if planned.job is not None])


class ArchiveSource:
    """The studies that a query finds in an archive: retrieved one ahead of another, deleted when they are done.

    Only series whose modality the model takes are retrieved. They lie in the target's folder, where the machines of a
    cluster see them too. Raises ArchiveError.
    """

    def __init__(self, order: Order, entry: Entry, query: Query) -> None:
        self._order, self._target = order, Target(order.target)
        self._archive = connect(entry)
        self.planned: list[Planned] = []
        found = self._archive.find_studies(query)
        self.more = found.more
        self.waiting = [self._judged(study) for study in found.studies]

    def _judged(self, study: FoundStudy) -> Waiting:
        requires = self._order.package.manifest.requires
        needed = {*requires.modalities, *(each.modality for each in requires.inputs)}
        series = tuple(one for one in self._archive.find_series(study.uid) if one.modality in needed)
        if not series:
            return Waiting(study, reason=f"It has no {' or '.join(sorted(needed))} series.")
        content = [[one.uid, one.instance_count] for one in sorted(series, key=lambda one: one.uid)]
        settings = {**self._order.identity(), "confirmed": self._order.confirmed}
        key = digest({**settings, "study": study.uid, "series": content})
        known = self._target.study(key)
        if known is not None and all(known_skip(self._order, job) for job in known.get("skipped", ())):
            return Waiting(study, series, key, "Its results are there already.", done=True)
        return Waiting(study, series, key)

    def portions(self, say: Callable[[str], None]) -> Iterator[Portion]:
        """Give the jobs of one study after another. What cannot be retrieved is told to ``say``, and its jobs fail."""
        for waiting in self.waiting:
            if not waiting.reason:
                yield self._retrieved(waiting, say)

    def _retrieved(self, waiting: Waiting, say: Callable[[str], None]) -> Portion:
        from medgan_viewer.dicom import index

        folder = self._target.temporary(waiting.key)
        whole = True
        try:
            uids = [one.uid for one in waiting.series]
            received = self._archive.retrieve(waiting.study.uid, folder, series_uids=uids)
            whole, notes = received.complete, received.notes
        except DiskFullError:
            raise
        except MedganError as error:
            whole, notes = False, (error.sentence,)
        for note in notes:
            say(f"Study {waiting.study.uid}: {note}")
        planned = plan(self._order, index.scan([folder])) if whole else []
        self.planned += planned

        def end(well: bool) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            if well and whole:
                keys = {one.key for one in planned if one.key}
                done = sorted(key for key in keys if self._target.record(key) is not None)
                # These have no result, and need none.
                skipped = sorted(keys.difference(done))
                named = self._order.uid(waiting.study.uid)
                self._target.write_study(waiting.key, {"study": named, "jobs": done, "skipped": skipped})

        return Portion([one.job for one in planned if one.job is not None], end)


Source = FolderSource | ArchiveSource
