"""Annotations and key images on disk: one file a study, read when it is found and written soon after each change."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.changes import AnnotationsChanged, CatalogChanged, Change, KeyImagesChanged
from medgan_viewer.core.document import Document
from medgan_viewer.core.key_images import KeptKeyImage, KeyImage
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import from_json, key_images_in, study_key, to_json
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.translation import tr

__all__ = ["KeptAnnotations"]

_log = logging.getLogger(__name__)

_SOON_MS = 400


@dataclass(frozen=True, slots=True)
class _Content:
    """What the file of a study holds."""

    annotations: tuple[Annotation, ...] = ()
    key_images: tuple[KeptKeyImage, ...] = ()


class KeptAnnotations(QObject):
    """Keeps annotations and key images in ``folder``; nothing is kept while that is None.

    A key image of a synthetic image goes with that image. A file is named by a hash; one that cannot be read, or that a
    newer version wrote, is put aside, never written over.
    """

    failed = Signal(str)

    def __init__(self, document: Document, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self.folder: Path | None = None
        # The studies whose file was looked for.
        self._known: dict[str, Study] = {}
        self._stored: dict[str, _Content] = {}
        # Key images that were kept and whose images were not found yet, or are not there today.
        self._absent: dict[str, tuple[KeptKeyImage, ...]] = {}
        # The key images that came from files, with the study's key.
        self._placed: dict[KeyImage, tuple[str, KeptKeyImage]] = {}
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
            case KeyImagesChanged():
                self._changed |= self._known.keys()
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
            self._absent.pop(key, None)
            self._stored.pop(key, None)
            self._placed = {mark: one for mark, one in self._placed.items() if one[0] != key}
            del self._known[key]
        for key, study in present.items():
            if key not in self._known:
                self._read(key, study)
            self._known[key] = study
        self._mark()

    def _path(self, key: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{key}.json"

    def _read(self, key: str, study: Study) -> None:
        path = self._path(key)
        if path is None:
            return
        try:
            text = path.read_text(encoding="utf-8")
            kept = _Content(from_json(text, study), key_images_in(text))
        except FileNotFoundError:
            self._stored[key] = _Content()
            return
        except (OSError, ValueError) as error:
            _log.warning("annotations: %s", described(error))
            with suppress(OSError):
                path.replace(path.with_suffix(".unreadable"))
            words = tr(
                "The measurements and key images kept of this study cannot be read; their file was put aside ({0})."
            )
            self.failed.emit(words.format(path.with_suffix(".unreadable").name))
            return
        self._stored[key] = kept
        self._absent[key] = kept.key_images
        if kept.annotations:
            self._document.annotations.change(key, (), kept.annotations)

    def _mark(self) -> None:
        """Mark the key images whose images are there by now.

        While a folder is read a series grows, and its slices are counted anew: marks that came from a file stay on
        their images.
        """
        before, self._placed = self._placed, {}
        for mark, (key, kept) in before.items():
            self._placed[self._found(kept, key) or mark] = key, kept
        there = {mark for mark in before if mark in self._document.key_images}
        gone = {one for mark, one in before.items() if mark not in there}
        marked = {*self._document.key_images} - there
        marked |= {mark for mark, one in self._placed.items() if one not in gone}
        for key, absent in self._absent.items():
            for one in absent:
                if (here := self._found(one, key)) is not None:
                    self._placed[here] = key, one
                    marked.add(here)
            found = [one for _, one in self._placed.values()]
            self._absent[key] = tuple(one for one in absent if one not in found)
        if marked != {*self._document.key_images}:
            self._document.set_key_images(tuple(sorted(marked)))

    def _found(self, kept: KeptKeyImage, key: str) -> KeyImage | None:
        try:
            study, series = self._document.catalog.study_of(kept.series_uid)
        except KeyError:
            return None
        return kept.found_in(series) if study_key(study) == key else None

    # -- writing -------------------------------------------------------------------------------------------------

    def _content(self, key: str) -> _Content:
        """Return what is to be kept of a study now."""
        marked: list[KeptKeyImage] = []
        for one in self._document.key_images:
            with suppress(KeyError):
                study, series = self._document.catalog.study_of(one.series_uid)
                if study_key(study) == key and not one.layer_uid and one.index < len(series.instances):
                    marked.append(KeptKeyImage.of(one, series))
        return _Content(self._document.annotations.of(key), (*marked, *self._absent.get(key, ())))

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
            path = self._path(key)
            if path is not None and (content := self._content(key)) != self._stored.get(key, _Content()):
                try:
                    _write(path, content)
                    self._stored[key] = content
                except MedganError as error:
                    _log.warning("annotations: %s", described(error))
        self._changed.clear()

    def _write_soon(self) -> None:
        changed, self._changed = self._changed, set()
        for key in sorted(changed):
            self._hand_over(key)

    def _hand_over(self, key: str) -> None:
        path = self._path(key)
        if path is None or (content := self._content(key)) == self._stored.get(key, _Content()):
            return

        def done(result: object) -> None:
            if not isinstance(result, Exception):
                self._stored[key] = content
            else:
                _log.warning("annotations: %s", described(result))
                why = result.sentence if isinstance(result, MedganError) else tr("the log has the details")
                self.failed.emit(tr("Measurements and key images could not be kept on disk: {0}").format(why))

        self._background.run(lambda: _write(path, content), done)


def _write(path: Path, content: _Content) -> None:
    """Write the file in one step, or take it away where nothing is left to keep. Raises ``WriteError``."""
    from medgan_viewer.dicom import atomic

    if content == _Content():
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return
    with atomic.new_file(path) as temporary:
        temporary.write_text(to_json(content.annotations, content.key_images), encoding="utf-8")
