"""Studies that were looked at lately: where they lie and what kind they are, never whose.

One small file beside the index of opened folders (``dicom/series_index.py``), kept by the same setting and removed with
it. A study stands in it by a hash; of the rest of what its headers say there is its description, its modalities and its
date. All reading, writing and asking whether a folder is still there happens beside the window's thread: a drive in the
network may let one wait.
"""

import json
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from medgan_viewer.core.as_json import decoded, encoded
from medgan_viewer.core.catalog import Study
from medgan_viewer.core.changes import Change
from medgan_viewer.core.document import Document, SeriesOpened
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui.loading import Background, Loader
from medgan_viewer.ui.translation import tr

__all__ = ["MOST", "RecentStudy", "Recents", "read"]

_log = logging.getLogger(__name__)

MOST = 12
"""How many studies are kept."""

_SCHEMA = 1
# Far more than so many studies take.
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class RecentStudy:
    """A study that was looked at. ``key`` is its hash, ``path`` the folder or file that holds it."""

    key: str
    path: str
    description: str
    modalities: str
    date: str
    opened: datetime

    @property
    def place(self) -> str:
        """The name of its folder or file."""
        return Path(self.path).name or self.path


@dataclass(frozen=True, slots=True)
class _Kept:
    schema: int
    studies: tuple[RecentStudy, ...]


def read(file: Path) -> tuple[RecentStudy, ...]:
    """Return what a file holds, the latest first; nothing where it is not there or cannot be read as such."""
    try:
        if file.stat().st_size > _LARGEST:
            return ()
        kept = decoded(_Kept, json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return ()
    return kept.studies[:MOST] if kept.schema == _SCHEMA else ()


def _write(file: Path, studies: Sequence[RecentStudy]) -> None:
    """Write the studies. Raises ``WriteError``."""
    from medgan_viewer.dicom import atomic

    text = json.dumps(encoded(_Kept(_SCHEMA, tuple(studies[:MOST]))), ensure_ascii=False)
    with atomic.new_file(file) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(text, encoding="utf-8")


Listed = tuple[tuple[RecentStudy, ...], frozenset[str]]


def _listed(studies: Sequence[RecentStudy]) -> Listed:
    """Return studies, and the keys of those whose folder or file is not there."""
    return tuple(studies), frozenset(one.key for one in studies if not Path(one.path).exists())


def _changed(file: Path, change: Callable[[Sequence[RecentStudy]], Sequence[RecentStudy]]) -> Listed:
    """Change what the file holds now (another window may have written it), and return that."""
    studies = change(read(file))
    _write(file, studies)
    return _listed(studies[:MOST])


class Recents(QObject):
    """Keeps which studies were looked at, the latest first, and opens them again."""

    changed = Signal()
    notice = Signal(str)
    # A path to open, and the study in it that is to come up.
    open_asked = Signal(object, str)

    def __init__(self, document: Document, loader: Loader, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._loader, self._background = document, loader, background
        self._file: Path | None = None
        self.studies: tuple[RecentStudy, ...] = ()
        # The keys of those whose folder was not there when it was looked for last.
        self.missing: frozenset[str] = frozenset()
        document.subscribe(self._on_change)

    def set_keeping(self, file: Path, on: bool) -> None:
        """Keep studies in a file from now on; or keep nothing, and remove the file."""
        self._file = file if on else None
        self._take(((), frozenset()))
        if on:
            self._background.run(lambda: _listed(read(file)), self._take)
        else:
            # After what is being written now.
            self._background.run(lambda: file.unlink(missing_ok=True), self._on_forgotten)

    def _on_forgotten(self, result: object) -> None:
        if isinstance(result, Exception):
            _log.warning("recent studies: %s", described(result))
            self.notice.emit(tr("The list of recent studies cannot be removed now."))

    def open(self, study: RecentStudy) -> None:
        """Open a study again, or say that its folder is not there."""

        def found(there: bool | Exception) -> None:
            if there is True:
                self.missing -= {study.key}
                self.open_asked.emit(Path(study.path), study.key)
            else:
                self.missing |= {study.key}
                self.notice.emit(
                    tr(
                        "The folder of this study is not there any more: it was moved or removed, or its drive is "
                        "not connected."
                    )
                )
            self.changed.emit()

        self._background.run(Path(study.path).exists, found)

    def remove(self, study: RecentStudy) -> None:
        """Take a study off the list; its files stay."""
        self._change(lambda studies: [one for one in studies if one.key != study.key])

    def clear(self) -> None:
        """Take all studies off the list; their files stay."""
        self._change(lambda _studies: [])

    def _change(self, change: Callable[[Sequence[RecentStudy]], Sequence[RecentStudy]]) -> None:
        if self._file is not None:
            self._background.run(partial(_changed, self._file, change), self._take)

    def _take(self, result: Listed | Exception) -> None:
        if isinstance(result, Exception):
            # Nothing that the reader asked for failed: the list is as it was.
            words = result.sentence if isinstance(result, MedganError) else described(result)
            _log.warning("recent studies: %s", words)
            return
        self.studies, self.missing = result if self._file is not None else ((), frozenset())
        self.changed.emit()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SeriesOpened) and self._file is not None:
            with suppress(KeyError):
                self._enter(self._document.catalog.study_of(change.series_uid)[0])

    def _enter(self, study: Study) -> None:
        path = self._path_of(study)
        if path is None:
            return
        modalities = ", ".join(sorted({series.modality for series in study.series if series.modality}))
        now = datetime.now().astimezone()
        entry = RecentStudy(study_key(study), str(path), study.description, modalities, study.date, now)
        if not self.studies or self.studies[0].key != entry.key or self.studies[0].path != entry.path:
            self._change(lambda studies: [entry, *(one for one in studies if one.key != entry.key)])

    def _path_of(self, study: Study) -> Path | None:
        """Return the folder (of a single image the file) that holds a study; the archive that it was unpacked from."""
        scanned = self._loader.scanned
        firsts = [series.instances[0].path.absolute() for series in study.series if len(series.instances)]
        alone = len(firsts) == 1 and len(study.series[0].instances) == 1
        if not firsts:
            return None
        common = firsts[0] if alone else _common(firsts)
        if any(common == path or path in common.parents for path in scanned):
            return common
        holding = next((path for path in scanned if firsts[0] == path or path in firsts[0].parents), None)
        archives = [path for path in scanned if path.suffix.lower() == ".zip"]
        return holding or (archives[0] if len(archives) == 1 else None)


def _common(paths: Sequence[Path]) -> Path:
    """Return the folder that holds all of some files, that of the first where there is none (on several drives)."""
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:
        return paths[0].parent
