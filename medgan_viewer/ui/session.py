"""What is open is kept, and comes back at the next start when the reader wants it: after a crash too.

Kept is where the files lie, never a copy of a scan; layout, windows and places; results with their voxels; verdicts.
Measurements are kept by themselves (``ui/kept_annotations.py``), and so are studies that are closed
(``ui/closed_studies.py``). Writing happens beside the window's thread, some seconds after something changed. A second
program that runs at the same time keeps nothing: it would take the first one's files.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.changes import Change
from medgan_viewer.core.document import LayerAdded, LayerChanged, LayerRefilled, LayerRemoved, SeriesLoaded, SliceLoaded
from medgan_viewer.core.kept_layers import words_of
from medgan_viewer.core.layers import HeatLayer, Layer
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui import session_file
from medgan_viewer.ui.closed_studies import ClosedStudies, of_study
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.session_desk import KeptPane, bring_back, series_of, set_up, stand
from medgan_viewer.ui.session_file import Kept, KeptLayer, KeptSession
from medgan_viewer.ui.session_results import add_results, listed_series, words_of_missing
from medgan_viewer.ui.session_windows import SeriesWindows
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Session"]

_log = logging.getLogger(__name__)

_SOON_MS = 2500
# The voxels of a result that is edited on and on are written this often at most.
_APART_SECONDS = 20.0


class Session(QObject):
    """Keeps the session of a window in a folder while ``keeping``, and brings back what was kept there before."""

    # In words, what could be reopened; "" for nothing.
    offered = Signal(str)
    reopened = Signal()
    notice = Signal(str)

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window, self._document, self._folder = window, window.document, folder
        self._background: Background = window.background("session")
        self._keeping = False
        self._lock: QLockFile | None = None
        self._offer: Kept | None = None
        # Whether this session was written: what an earlier one left is only written over by something that is open.
        self._began = False
        self._restoring = self._busy = self._failed = False
        # The files of voxels, results whose voxels are not in theirs, and when and with how many slices they were seen.
        self._voxels: dict[str, str] = {}
        self._dirty: set[str] = set()
        self._written: dict[str, float] = {}
        self._seen: dict[str, int] = {}
        self._waiting: dict[Pane, KeptPane] = {}
        self._windows = SeriesWindows(window)
        self._closed = ClosedStudies(folder, self._background, self._on_found, self._tell_closed, self._tell_unread)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SOON_MS)
        self._timer.timeout.connect(self._save)
        self._document.subscribe(self._on_change)
        window.grid.state_changed.connect(self._want)
        window.grid.active_pane_changed.connect(self._want)
        window.grid.looked_at.connect(lambda *_: self._want())
        for pane in window.grid.panes:
            pane.camera_asked.connect(self._want)
            pane.turn_asked.connect(self._want)
        window.study_closing.connect(self._on_closing)
        window.loader.scanning_changed.connect(self._on_scanning)
        window.ended.connect(self._on_end)

    # -- on and off ----------------------------------------------------------------------------------------------

    @property
    def keeping(self) -> bool:
        """Whether what is open is kept."""
        return self._keeping

    def set_keeping(self, on: bool) -> None:
        """Keep what is open from now on; or keep nothing, and forget what was kept."""
        if on and self._lock is None:
            self._keeping = self._take_folder()
            self._want()
        elif not on:
            self._keeping = self._began = False
            self._offer = None
            self._voxels.clear()
            self._dirty |= {layer.uid for layer in self._document.layers}
            self._closed.forget_all()
            self.offered.emit("")
            if self._take_folder():
                self._background.run(lambda: session_file.forget(self._folder), self._on_forgotten)
                self._background.run(lambda: session_file.forget_closed(self._folder), self._on_forgotten)
        else:
            self._keeping = True
            self._want()

    def _take_folder(self) -> bool:
        """Return whether this program may write there: no other one that runs does."""
        if self._lock is not None:
            return True
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            _log.warning("session: %s", described(error))
            return False
        lock = QLockFile(str(self._folder / "lock"))
        # It holds for as long as the program runs, however long that is.
        lock.setStaleLockTime(0)
        self._lock = lock if lock.tryLock(0) else None
        return self._lock is not None

    def keeps_results(self) -> bool:
        """Whether results are safe when the window closes."""
        return self._keeping and not self._failed

    # -- bringing back -------------------------------------------------------------------------------------------

    def look(self, then: Callable[[], object] | None = None) -> None:
        """Look for what was kept, and offer it; ``then`` is called where there is something."""

        def done(kept: Kept | Exception | None) -> None:
            if isinstance(kept, Exception):
                self._tell_unread(kept)
            elif kept is not None and not self._document.catalog.studies:
                self._offer = kept
                self.offered.emit(_words(kept))
                if then is not None:
                    then()

        if self._keeping:
            self._background.run(lambda: session_file.read(self._folder), done)

    def _tell_unread(self, error: Exception) -> None:
        if isinstance(error, MedganError):
            self.notice.emit(error.sentence)
        else:
            _log.error("session: %s", described(error))

    def reopen(self) -> None:
        """Open again what was offered."""
        kept, self._offer = self._offer, None
        if kept is None or self._document.catalog.studies:
            return
        self._restoring = True
        self.offered.emit("")
        self._window.loader.scan([Path(path) for path in kept.session.paths])
        self._background.run(partial(session_file.layers_of, self._folder, kept), partial(self._on_read, kept))

    def _on_read(self, kept: Kept, layers: list[tuple[Layer, str]] | Exception) -> None:
        """Go on when the folders are read too."""
        if isinstance(layers, Exception):
            _log.error("session: %s", described(layers))
            layers = []
        if not self._window.loader.scanning:
            self._bring_back(kept, layers)
            return

        def scanned(scanning: bool) -> None:
            if not scanning:
                self._window.loader.scanning_changed.disconnect(scanned)
                self._bring_back(kept, layers)

        self._window.loader.scanning_changed.connect(scanned)

    def _bring_back(self, kept: Kept, layers: list[tuple[Layer, str]]) -> None:
        session, document = kept.session, self._document
        with self._not_kept():
            for study in document.catalog.studies:
                if study_key(study) not in session.studies:
                    document.close_study(study)
            wanted = dict.fromkeys((*series_of(session.desk), *(layer.source_series_uid for layer, _ in layers)))
            there = [uid for uid in wanted if listed_series(document, uid) is not None]
            if session.desk.hidden:
                self._window.set_patient_hidden(True)
            for uid in there:
                self._window.loader.open(uid)
            if there:
                self._window.open_series(there[0])
            added = add_results(document, kept, [layer for layer, _ in layers])
            for layer, name in layers:
                if layer.uid in added:
                    self._voxels[layer.uid] = name
                    self._dirty.discard(layer.uid)
            self._waiting = set_up(self._window, session.desk)
            self._windows.await_series(session.desk)
            if session.desk.selected in there:
                document.select_series(session.desk.selected)
        if there:
            self._tell_missing(kept)
        self._closed.take_over({study_key(study) for study in document.catalog.studies})
        self._want()
        self.reopened.emit()

    def _tell_missing(self, kept: Kept) -> None:
        words = words_of_missing(self._document, kept)
        if words:
            self.notice.emit(words)

    def _on_loaded(self) -> None:
        """Bring panes to their slices whose series was on the way to its grid."""
        self._waiting = {pane: kept for pane, kept in self._waiting.items() if not stand(pane, kept)}

    # -- studies that are closed and opened again ----------------------------------------------------------------

    def _on_closing(self, study: Study) -> None:
        """Keep how a study is left."""
        left = None
        if self._keeping and not self._restoring:
            mine = [one for one in self._unwritten() if one.source_series_uid in study.series_uids]
            kept, new = self._snapshot(mine, ended=False)
            left = of_study(kept, study), new
        self._closed.leave(study_key(study), left)

    def _on_scanning(self, scanning: bool) -> None:
        if not scanning and not self._restoring:
            keys = {study_key(study) for study in self._document.catalog.studies}
            self._closed.look(keys, reading=self._keeping)

    @contextmanager
    def _not_kept(self) -> Iterator[None]:
        """Keep nothing of what is half brought back; whatever is raised meanwhile, later changes are kept again."""
        self._restoring = True
        try:
            yield
        finally:
            self._restoring = False

    def _on_found(self, key: str, kept: Kept, layers: list[Layer]) -> None:
        """Bring a study back as it was left."""
        study = next((one for one in self._document.catalog.studies if study_key(one) == key), None)
        if study is None:
            return
        desk = kept.session.desk
        with self._not_kept():
            for uid in dict.fromkeys((*series_of(desk), *(layer.source_series_uid for layer in layers))):
                if uid in study.series_uids:
                    self._window.loader.open(uid)
            add_results(self._document, kept, layers)
            self._waiting |= bring_back(self._window, desk, study.series_uids)
            self._windows.await_series(desk)
            # Not all of the study may be there today.
            if desk.selected in study.series_uids and self._document.selected_series in study.series_uids:
                self._document.select_series(desk.selected)
        self._tell_missing(kept)
        self._want()

    # -- keeping -------------------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case LayerAdded(uid) | LayerRefilled(uid):
                self._dirty.add(uid)
            case LayerChanged(uid, index) if index is not None:
                self._dirty.add(uid)
            case LayerRemoved(uid):
                # An undo adds it anew, and its voxels are written again.
                self._dirty.discard(uid)
                for known in (self._voxels, self._written, self._seen):
                    known.pop(uid, None)
            case SeriesLoaded() if self._waiting:
                # The panes have heard of it by then.
                QTimer.singleShot(0, self, self._on_loaded)
            case SliceLoaded():
                return
            case _:
                pass
        self._want()

    def _want(self) -> None:
        """Write soon. A timer that runs is left alone: who scrolls without a rest is kept too."""
        if self._keeping and not self._restoring and not self._timer.isActive():
            self._timer.start()

    def _save(self) -> None:
        if self._restoring or not self._keeping:
            return
        if self._busy:
            self._timer.start()
            return
        if not self._document.catalog.studies:
            if self._began:
                self._began = False
                self._background.run(lambda: session_file.forget(self._folder), self._on_forgotten)
            return
        due = [layer for layer in self._document.layers if self._is_due(layer)]
        kept, new = self._snapshot(due, ended=False)
        self._busy = True
        self._dirty -= {layer.uid for layer in due}
        # Those that came back are whole in this session, but for results that are not written yet.
        back = frozenset[str]() if self._dirty else self._closed.back
        self._background.run(partial(session_file.write, self._folder, kept, new), partial(self._on_saved, new, back))

    def _is_due(self, layer: Layer) -> bool:
        """Whether the voxels of a result are to be written now: they are new, and nobody is filling them."""
        if layer.uid not in self._dirty:
            return False
        count = int(layer.ready.sum())
        at_rest = layer.complete or self._seen.get(layer.uid) == count
        self._seen[layer.uid] = count
        last = self._written.get(layer.uid)
        return at_rest and count > 0 and (last is None or time.monotonic() - last >= _APART_SECONDS)

    def _snapshot(self, due: list[Layer], *, ended: bool) -> tuple[Kept, list[tuple[str, Layer]]]:
        """Return what is to be kept, and the voxels that are new in it by the name of their file."""
        document = self._document
        new = {layer.uid: f"{secrets.token_hex(12)}.npz" for layer in due}
        files = {**self._voxels, **new}
        kept = [layer for layer in document.layers if layer.uid in files]
        marked = document.key_images
        uids = (*(layer.source_series_uid for layer in kept), *(key.series_uid for key in marked))
        lain_on = [series for uid in dict.fromkeys(uids) if (series := listed_series(document, uid)) is not None]
        heat = [layer.uid for layer in kept if isinstance(layer, HeatLayer)]
        session = KeptSession(
            saved=datetime.now().astimezone(),
            ended=ended,
            paths=self._paths(),
            studies=tuple(study_key(study) for study in document.catalog.studies),
            desk=self._windows.desk(),
            sources=tuple((one.uid, session_file.fingerprint(one)) for one in lain_on),
            judgements=tuple((uid, said) for uid in heat for said in document.judgements(uid)),
            key_images=marked,
        )
        layers = tuple(KeptLayer(words_of(layer), files[layer.uid]) for layer in kept)
        return Kept(session, layers), [(new[layer.uid], layer) for layer in due]

    def _unwritten(self) -> list[Layer]:
        """Return the results whose voxels, or some of them, are in no file."""
        layers = [one for one in self._document.layers if one.uid not in self._voxels or one.uid in self._dirty]
        return [one for one in layers if one.ready.any()]

    def _paths(self) -> tuple[str, ...]:
        """Return what was opened and still holds something that is open; of an archive that cannot be told."""
        first = [
            series.instances[0].path.absolute() for study in self._document.catalog.studies for series in study.series
        ]
        holding = {parent for path in first for parent in (path, *path.parents)}

        def holds(path: Path) -> bool:
            return path.suffix.lower() == ".zip" or path in holding or (path.is_file() and path.parent in holding)

        return tuple(dict.fromkeys(str(path) for path in self._window.loader.scanned if holds(path)))

    def _on_saved(self, new: list[tuple[str, Layer]], back: frozenset[str], result: object) -> None:
        self._busy = False
        there = {layer.uid for layer in self._document.layers}
        if isinstance(result, Exception):
            self._dirty |= {layer.uid for _, layer in new} & there
            self._tell(result)
            return
        self._began, self._failed = True, False
        for name, layer in new:
            if layer.uid in there:
                self._voxels[layer.uid] = name
                self._written[layer.uid] = time.monotonic()
        self._closed.forget(back)
        if self._dirty:
            self._want()

    def _tell(self, error: Exception) -> None:
        """Say once, and quietly, that nothing is kept; say it again only after it has worked in between."""
        self._tell_failed(error, tr("What is open cannot be kept for the next start: {0}"))

    def _tell_closed(self, error: Exception) -> None:
        """Say that a study that was closed does not come back as it was left; the next one asks what would be lost."""
        self._tell_failed(error, tr("How a study was left cannot be kept: {0}"))

    def _tell_failed(self, error: Exception, words: str) -> None:
        _log.warning("session: %s", described(error))
        if not self._failed:
            why = error.sentence if isinstance(error, MedganError) else tr("the log has the details.")
            self.notice.emit(words.format(why))
        self._failed = True

    def _on_forgotten(self, result: object) -> None:
        if isinstance(result, Exception):
            _log.warning("session: %s", described(result))
            self.notice.emit(tr("What was kept of the last session cannot be removed now."))

    def _on_end(self) -> None:
        """Write all that is left, once the background has ended; the window is out of sight."""
        self._timer.stop()
        ended: dict[str, Kept] = {}
        if self._keeping and not self._restoring and self._document.catalog.studies:
            kept, new = self._snapshot(self._unwritten(), ended=True)
            try:
                session_file.write(self._folder, kept, new)
                ended = {study_key(study): of_study(kept, study) for study in self._document.catalog.studies}
            except MedganError as error:
                _log.warning("session: %s", described(error))
        elif self._keeping and self._began and not self._restoring:
            with suppress(OSError):
                session_file.forget(self._folder)
        self._closed.flush(ended)
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None


def _words(kept: Kept) -> str:
    session = kept.session
    studies, results = len(session.studies), len(kept.layers)
    parts = [tr("1 study") if studies == 1 else tr("{0} studies").format(studies)]
    if results:
        parts.append(tr("1 result") if results == 1 else tr("{0} results").format(results))
    said = tr("{0}, as of {1:%d %b %Y, %H:%M}").format(", ".join(parts), session.saved)
    return said if session.ended else tr("{0}. The program did not end well then.").format(said)
