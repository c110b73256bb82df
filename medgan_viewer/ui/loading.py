"""Scanning folders and reading series in background threads; what they find reaches the document on the UI thread."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from medgan_viewer.core.catalog import Catalog
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui.sentences import error_shown, sentence_shown
from medgan_viewer.ui.translation import tr

if TYPE_CHECKING:
    from medgan_viewer.dicom.assemble import PendingStack
    from medgan_viewer.dicom.decoding import Decoders

__all__ = ["Background", "Loader"]

_log = logging.getLogger(__name__)

_BATCH_SECONDS = 0.05
# Series of each study that are looked at to tell whether decoding will be shared.
_LOOKED_AT = 4


class Background(QObject):
    """Runs functions in one background thread and hands results back on the thread that owns this object."""

    _returned = Signal(object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._closed = threading.Event()
        self._returned.connect(self._on_returned)

    @property
    def closed(self) -> bool:
        """Whether work should end."""
        return self._closed.is_set()

    def run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do the work in the background; ``then`` gets its result, or the exception it ended with."""
        if self._closed.is_set():
            return
        self._pool.submit(self._work, work, then)

    def _work(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        try:
            result = work()
        except Exception as error:  # handed over to ``then``, on the other thread
            result = error
        if not self._closed.is_set():
            self._returned.emit(then, result)
        # An error holds this frame, and must not be held by it in turn: all that the work knows would stay with them.
        del result

    @Slot(object, object)
    def _on_returned(self, then: Callable[[Any], None], result: Any) -> None:
        if not self._closed.is_set():
            then(result)

    def close(self) -> None:
        """End: work that has not begun is dropped, work under way is waited for."""
        self._closed.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


class _Batches:
    """Passes the slices that were read on: the first at once, then in batches.

    Waking the window's thread for each of hundreds of slices would cost the reader more time than the reading.
    """

    def __init__(self, pass_on: Callable[[tuple[int, ...]], None]) -> None:
        self._pass_on = pass_on
        self._waiting: list[int] = []
        self._last = 0.0

    def add(self, index: int) -> None:
        """Take a slice; called on the reading thread."""
        self._waiting.append(index)
        if time.monotonic() - self._last >= _BATCH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Pass on what waits."""
        if self._waiting:
            self._pass_on(tuple(self._waiting))
            self._waiting.clear()
            self._last = time.monotonic()


class Loader(QObject):
    """Fills a document with what is on disk."""

    scanning_changed = Signal(bool)
    problem = Signal(str)
    thumbnail_ready = Signal(str, object)
    _found = Signal(object)
    _slices_read = Signal(str, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._scans = Background("scan", self)
        self._reads = Background("read", self)
        self._thumbnails = Background("thumbnails", self)
        self._pending: dict[str, PendingStack] = {}
        self._decoders: Decoders | None = None
        # How many slices a series had when its thumbnail was made: while a scan goes on more are found.
        self._asked: dict[str, int] = {}
        self._running_scans = 0
        # What was asked for, in order, each once.
        self.scanned: list[Path] = []
        # The file that remembers folders opened before, None where nothing is remembered.
        self.remembered: Path | None = None
        self._found.connect(self._on_found)
        self._slices_read.connect(self._on_slices_read)

    @property
    def busy(self) -> bool:
        """Whether a scan or a series is under way."""
        return bool(self._running_scans or self._pending)

    @property
    def scanning(self) -> bool:
        """Whether folders are being searched."""
        return self._running_scans > 0

    # -- scanning ------------------------------------------------------------------------------------------------

    def scan(self, paths: Sequence[Path]) -> None:
        """Find studies in folders and files; they appear in the document while they are found."""
        self._running_scans += 1
        self.scanned = list(dict.fromkeys((*self.scanned, *(path.absolute() for path in paths))))
        self.scanning_changed.emit(True)

        def work() -> Catalog:
            from medgan_viewer.dicom import index

            return index.scan(
                list(paths),
                on_found=self._found.emit,
                cancelled=lambda: self._scans.closed,
                remembered=self.remembered,
            )

        self._scans.run(work, self._on_scanned)

    @Slot(object)
    def _on_found(self, catalog: Catalog) -> None:
        self._document.add_catalog(catalog)

    def _on_scanned(self, result: Catalog | Exception) -> None:
        self._running_scans -= 1
        if isinstance(result, Exception):
            self._say(result)
        else:
            self._document.add_catalog(result)
            self._reopen_changed()
            self._prepare_decoders(result)
            known = {series.uid for study in self._document.catalog.studies for series in study.series}
            for uid in known.intersection(self._asked):
                self.ask_thumbnail(uid)
            if not result.studies:
                first = next(iter(result.refused), None)
                why = f" ({first.path.name}: {sentence_shown(first.reason).rstrip('.。')})" if first is not None else ""
                self.problem.emit(
                    tr("Nothing could be opened{0}; choose a folder with DICOM or NIfTI files.").format(why)
                )
        self.scanning_changed.emit(self._running_scans > 0)

    def _say(self, error: Exception) -> None:
        if isinstance(error, MedganError):
            self.problem.emit(error_shown(error))
        else:
            _log.error("reading failed: %s", described(error))
            self.problem.emit(tr("Something went wrong while reading; the log has the details."))

    # -- thumbnails ----------------------------------------------------------------------------------------------

    def ask_thumbnail(self, series_uid: str) -> None:
        """Make the thumbnail of a series, once; ``thumbnail_ready`` brings it."""
        series = self._document.catalog.series(series_uid)
        if self._asked.get(series_uid) == len(series.instances) or (self._running_scans and series_uid in self._asked):
            return
        self._asked[series_uid] = len(series.instances)

        def work() -> Any:
            from medgan_viewer.dicom import assemble

            return assemble.thumbnail(series, 96)

        def then(result: Any) -> None:
            if not isinstance(result, Exception):
                self.thumbnail_ready.emit(series_uid, result)

        self._thumbnails.run(work, then)

    # -- reading -------------------------------------------------------------------------------------------------

    def open(self, series_uid: str) -> None:
        """Open a series: its geometry at once, then the slice in the middle, then the rest."""
        if self._document.opened(series_uid) is None and series_uid not in self._pending:
            self._begin(series_uid)

    def _reopen_changed(self) -> None:
        """Open again the series that were opened while the scan still found slices of them."""
        known = {series.uid: series for study in self._document.catalog.studies for series in study.series}
        for uid in self._document.open_uids:
            opened = self._document.opened(uid)
            if opened is None or uid not in known or opened.series.instances == known[uid].instances:
                continue
            self._begin(uid)

    def _begin(self, series_uid: str) -> None:
        from medgan_viewer.dicom import assemble

        study, series = self._document.catalog.study_of(series_uid)
        try:
            pending = assemble.open_stack(series)
        except MedganError as error:
            self.problem.emit(error_shown(error))
            return
        self._pending[series_uid] = pending
        opened = OpenSeries(study, series, pending.stack, pending.ready)
        self._document.open_series(opened)

        def given_up() -> bool:
            """Whether nobody waits for it: the study was closed, or more of the series was found and is read anew."""
            return self._reads.closed or self._pending.get(series_uid) is not pending

        told = _Batches(lambda indices: self._slices_read.emit(series_uid, indices))

        def work() -> None:
            pending.read_all(
                first=len(pending.stack) // 2,
                on_slice=told.add,
                cancelled=given_up,
                decoders=self._shared_decoders(),
            )
            told.flush()
            if not given_up():
                # An uneven series is resampled here once, not on the UI thread when a view first asks.
                opened.volume()

        self._reads.run(work, lambda result: None if given_up() else self._on_read(series_uid, result))

    def _prepare_decoders(self, catalog: Catalog) -> None:
        """Start what shares the decoding where something that was found is large and compressed."""
        from medgan_viewer.dicom.decoding import worth_it

        if any(worth_it(series) for study in catalog.studies for series in study.series[:_LOOKED_AT]):
            self._reads.run(lambda: self._shared_decoders().start(), lambda _: None)

    def _shared_decoders(self) -> "Decoders":
        """Return what shares the decoding; called on the reading thread alone."""
        from medgan_viewer.dicom.decoding import Decoders

        if self._decoders is None:
            self._decoders = Decoders()
        return self._decoders

    @Slot(str, object)
    def _on_slices_read(self, series_uid: str, indices: tuple[int, ...]) -> None:
        for index in indices:
            self._document.slice_loaded(series_uid, index)

    def _on_read(self, series_uid: str, result: Exception | None) -> None:
        pending = self._pending.pop(series_uid)
        if isinstance(result, Exception):
            self._say(result)
        if pending.problems:
            # Each is named in the study list; the message says that there is something to read there.
            self._document.add_catalog(Catalog(refused=tuple(pending.problems)))
            count = len(pending.problems)
            what = tr("One slice") if count == 1 else tr("{0} slices").format(count)
            self.problem.emit(
                tr("{0} of this series could not be read; the list on the left names each and says why.").format(what)
            )
        self._document.series_loaded(series_uid)

    def abandon(self, series_uid: str) -> None:
        """Stop reading a series whose study is being closed; its thumbnail is made anew when it comes again."""
        self._pending.pop(series_uid, None)
        self._asked.pop(series_uid, None)

    def close(self) -> None:
        """End all reading."""
        for background in (self._scans, self._reads, self._thumbnails):
            background.close()
        if self._decoders is not None:
            self._decoders.close()
