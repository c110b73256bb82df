"""Annotations on disk: one file a study, read when the study is found and written soon after each change."""

import logging
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.changes import AnnotationsChanged, CatalogChanged, Change
from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import from_json, study_key, to_json
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.translation import tr

__all__ = ["KeptAnnotations"]

_log = logging.getLogger(__name__)

_SOON_MS = 400


class KeptAnnotations(QObject):
    """Keeps annotations in ``folder``; nothing is kept while that is None.

    A file is named by a hash. One that cannot be read, or that a newer version wrote, is put aside, never written over.
    """

    failed = Signal(str)

    def __init__(self, document: Document, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self.folder: Path | None = None
        # The studies whose file was looked for.
        self._known: dict[str, Study] = {}
        self._stored: dict[str, tuple[Annotation, ...]] = {}
        self._changed: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SOON_MS)
        self._timer.timeout.connect(self._write_soon)
        document.subscribe(self._on_change)

    def _on_change(self, change: Change) -> None:
        match change:
            case CatalogChanged():
                self._look()
            case AnnotationsChanged(key) if key in self._known:
                self._changed.add(key)
                self._timer.start()
            case _:
                pass

    # -- reading -------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Read what is kept of studies that were opened; write what is left of those that were closed."""
        present = {study_key(study): study for study in self._document.catalog.studies}
        for key in self._known.keys() - present.keys():
            # Its annotations have left the memory with the study, and are no change to write.
            self._changed.discard(key)
            del self._known[key]
        for key, study in present.items():
            if key not in self._known:
                self._read(key, study)
            self._known[key] = study

    def _path(self, key: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{key}.json"

    def _read(self, key: str, study: Study) -> None:
        path = self._path(key)
        if path is None:
            return
        try:
            kept = from_json(path.read_text(encoding="utf-8"), study)
        except FileNotFoundError:
            self._stored[key] = ()
            return
        except (OSError, ValueError) as error:
            _log.warning("annotations: %s", described(error))
            with suppress(OSError):
                path.replace(path.with_suffix(".unreadable"))
            words = tr("The measurements kept of this study cannot be read; their file was put aside ({0}).")
            self.failed.emit(words.format(path.with_suffix(".unreadable").name))
            return
        self._stored[key] = kept
        if kept:
            self._document.annotations.change(key, (), kept)

    # -- writing -------------------------------------------------------------------------------------------------

    def before_closing(self, study: Study) -> None:
        """Write what was changed of a study that is about to be closed."""
        key = study_key(study)
        if key in self._changed:
            self._changed.discard(key)
            self._hand_over(key)

    def flush(self) -> None:
        """Write all that is not known to be written, once the background has ended."""
        self._timer.stop()
        for key in self._known:
            path, annotations = self._path(key), self._document.annotations.of(key)
            if path is not None and annotations != self._stored.get(key, ()):
                try:
                    _write(path, annotations)
                    self._stored[key] = annotations
                except MedganError as error:
                    _log.warning("annotations: %s", described(error))
        self._changed.clear()

    def _write_soon(self) -> None:
        changed, self._changed = self._changed, set()
        for key in sorted(changed):
            self._hand_over(key)

    def _hand_over(self, key: str) -> None:
        path, annotations = self._path(key), self._document.annotations.of(key)
        if path is None or annotations == self._stored.get(key, ()):
            return

        def done(result: object) -> None:
            if not isinstance(result, Exception):
                self._stored[key] = annotations
            else:
                _log.warning("annotations: %s", described(result))
                why = result.sentence if isinstance(result, MedganError) else tr("the log has the details")
                self.failed.emit(tr("The measurements could not be kept on disk: {0}").format(why))

        self._background.run(lambda: _write(path, annotations), done)


def _write(path: Path, annotations: tuple[Annotation, ...]) -> None:
    """Write the file in one step, or take it away where nothing is left to keep. Raises ``WriteError``."""
    from medgan_viewer.dicom import atomic

    if not annotations:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return
    with atomic.new_file(path) as temporary:
        temporary.write_text(to_json(annotations), encoding="utf-8")
