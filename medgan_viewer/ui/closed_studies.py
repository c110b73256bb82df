"""Studies that were closed come back as they were left when they are opened again; the session keeps them.

Each is a session of its own beside that of what is open (``ui/session_file.py``): one format, written and read beside
the window's thread. When it came back, and the session holds it, its own files go.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui import session_file
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.session_desk import narrowed
from medgan_viewer.ui.session_file import Kept

__all__ = ["ClosedStudies", "of_study"]

_log = logging.getLogger(__name__)

# What was left of a study, and those of its results whose voxels are in no file yet, by the name of their file.
_Left = tuple[Kept, list[tuple[str, Layer]]]


def of_study(kept: Kept, study: Study) -> Kept:
    """Return what of a session is a study's; where its files lie is for who opens it again to say."""
    session, series = kept.session, study.series_uids
    layers = tuple(one for one in kept.layers if one.words["source_series_uid"] in series)
    uids = {one.words["uid"] for one in layers}
    mine = replace(
        session,
        ended=True,
        paths=(),
        studies=(study_key(study),),
        desk=narrowed(session.desk, series, uids),
        sources=tuple(one for one in session.sources if one[0] in series),
        judgements=tuple(one for one in session.judgements if one[0] in uids),
        key_images=tuple(one for one in session.key_images if one.series_uid in series),
    )
    return Kept(mine, layers)


class ClosedStudies:
    """Keeps studies, by their hashes, in the folder of a session.

    ``found`` gets the hash, what was kept and the results that could be read. ``refused`` hears what could not be
    written, ``unreadable`` what could not be read.
    """

    def __init__(
        self,
        folder: Path,
        background: Background,
        found: Callable[[str, Kept, list[Layer]], None],
        refused: Callable[[Exception], None],
        unreadable: Callable[[Exception], None],
    ) -> None:
        self._folder, self._background = folder, background
        self._found, self._refused, self._unreadable = found, refused, unreadable
        # The studies that are open, and those of them whose files are being read, with what stands for that reading.
        self._open: set[str] = set()
        self._awaited: dict[str, object] = {}
        # What writes studies that are not known to be written.
        self._leaving: dict[str, Callable[[], None]] = {}
        # Studies that came back and whose own files are still there.
        self._back: set[str] = set()

    @property
    def back(self) -> frozenset[str]:
        """The studies that came back; once the session holds them, :meth:`forget` removes their own files."""
        return frozenset(self._back)

    def leave(self, key: str, left: _Left | None) -> None:
        """Keep how a study was left that is being closed; None for nothing."""
        # Closed before it came back: what was kept of it is what it was.
        replacing = self._awaited.pop(key, None) is None
        self._open.discard(key)
        self._back.discard(key)
        if left is not None:
            work = partial(session_file.write_closed, self._folder, key, *left, replacing=replacing)
            self._leaving[key] = work
            self._background.run(work, partial(self._on_left, key, work))

    def _on_left(self, key: str, work: Callable[[], None], result: object) -> None:
        if self._leaving.get(key) is work:
            del self._leaving[key]
        if isinstance(result, Exception):
            self._refused(result)

    def look(self, keys: Collection[str], *, reading: bool) -> None:
        """Look for what was kept of the studies that are open now and were not before, where that is wanted."""
        new = {*keys} - self._open
        self._open = {*keys}
        for key in sorted(new) if reading else ():
            self._awaited[key] = reading_it = object()
            work = partial(session_file.read_closed, self._folder, key)
            self._background.run(work, partial(self._on_read, key, reading_it))

    def _on_read(self, key: str, reading: object, result: tuple[Kept, list[Layer]] | Exception | None) -> None:
        if self._awaited.get(key) is not reading:
            # It was closed meanwhile.
            return
        del self._awaited[key]
        if isinstance(result, Exception):
            self._unreadable(result)
        elif result is not None:
            self._back.add(key)
            self._found(key, *result)

    def take_over(self, keys: Collection[str]) -> None:
        """Say that the session brought studies back itself: what was kept of them apart is older."""
        self._open = {*keys}
        self._back |= self._open

    def forget(self, keys: Iterable[str]) -> None:
        """Remove the files of studies that came back and are open still."""
        for key in self._back.intersection(keys):
            self._back.discard(key)
            self._background.run(partial(session_file.forget_closed, self._folder, key), _note)

    def forget_all(self) -> None:
        """Wait for nothing any more; the files are removed by who keeps the session."""
        for known in (self._leaving, self._awaited, self._back):
            known.clear()

    def flush(self, ended: Mapping[str, Kept]) -> None:
        """Write what is not known to be written, and studies that are open at the end; the background has ended.

        Of those the session holds the voxels.
        """
        for key, kept in ended.items():
            replacing = key not in self._awaited
            self._leaving[key] = partial(session_file.write_closed, self._folder, key, kept, [], replacing=replacing)
        for write in self._leaving.values():
            try:
                write()
            except (MedganError, OSError) as error:
                _log.warning("closed studies: %s", described(error))
        self._leaving.clear()


def _note(result: object) -> None:
    if isinstance(result, Exception):
        _log.warning("closed studies: %s", described(result))
