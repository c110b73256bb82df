"""From folders and files to a catalogue of studies, by headers alone."""

import os
import re
import sqlite3
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.core.catalog import Catalog, Refusal, StoredResult, Study
from medgan_viewer.dicom import containers, header_files, nifti, read_results
from medgan_viewer.dicom.grouping import studies_of
from medgan_viewer.dicom.headers import Header, read_header
from medgan_viewer.errors import ReadError

if TYPE_CHECKING:
    from medgan_viewer.dicom.series_index import SeriesIndex

__all__ = ["scan"]

# What systems and archives leave beside the images; nobody takes them for scans.
_LITTER = {"dicomdir", "thumbs.db", "desktop.ini", "lockfile", "version"}
# Files that are no images by their name: named only where they lie among images, or where they were asked for.
_NO_SCAN = re.compile(
    r"\.(txt|md|json|csv|tsv|xml|html?|pdf|log|ini|ya?ml|png|jpe?g|gif|bmp|tiff?|svg|mp4|avi|docx?|xlsx?|py|sh|bat|exe"
    r"|dll|js|css|sha256|md5|bval|bvec)$|licen[cs]e|readme|copying|notice|changelog|makefile",
    re.IGNORECASE,
)
# Lists of findings and measurements that this program writes beside its DICOM objects.
_OWN_TABLES = re.compile(r"(_findings(-\d+)?\.(csv|json)|^measurements(-\d+)?\.csv)$")
_KNOWN_FORMATS = {
    ".gz": "This is a compressed file; unpack it first.",
}


def scan(
    paths: Sequence[Path],
    *,
    on_found: Callable[[Catalog], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    remembered: Path | None = None,
    learn: bool = True,
) -> Catalog:
    """Read the headers of all files in folders (recursively) and of single files, and group them.

    ``on_found`` gets the catalogue so far every now and then, from the calling thread; a series in it may still grow
    and the identifiers of split series may still change. ``cancelled`` is asked before each file; what was found by
    then is returned. Nothing is raised for a bad file: it is named in ``Catalog.refused``.

    ``remembered`` is the file of a :mod:`series_index`: what has not changed since it was opened before is taken from
    there, and what is read is kept there unless it is not to ``learn``.
    """
    if remembered is None:
        return _scanned(paths, _Found(), on_found, cancelled)
    from medgan_viewer.dicom.series_index import SeriesIndex

    try:
        series_index = SeriesIndex(remembered)
    except (OSError, sqlite3.Error):
        return _scanned(paths, _Found(), on_found, cancelled)
    with closing(series_index):
        return _with_index(series_index, paths, on_found, cancelled, learn=learn)


def _with_index(
    series_index: "SeriesIndex",
    paths: Sequence[Path],
    on_found: Callable[[Catalog], None] | None,
    cancelled: Callable[[], bool] | None,
    *,
    learn: bool,
) -> Catalog:
    mark = _mark(paths)
    if mark is None:
        return _scanned(paths, _Found(), on_found, cancelled)
    known = series_index.catalog(paths, mark)
    if known is not None:
        return known
    found = _Found(series_index, learn=learn)
    catalog = _scanned(paths, found, on_found, cancelled)
    # What was unpacked is gone the next time, what changed meanwhile is not what was read, half a folder is no folder.
    if not learn:
        return catalog
    whole = not found.has_unpacked and (cancelled is None or not cancelled()) and mark == _mark(paths)
    series_index.store(paths, mark if whole else None, catalog)
    return catalog


def _mark(paths: Sequence[Path]) -> bytes | None:
    from medgan_viewer.dicom.series_index import fingerprint

    try:
        return fingerprint(paths)
    except (OSError, RecursionError):
        return None


def _scanned(
    paths: Sequence[Path],
    found: "_Found",
    on_found: Callable[[Catalog], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Catalog:
    for path, named in _files(paths, found):
        if cancelled is not None and cancelled():
            break
        found.add(path, named=named)
        if on_found is not None and found.is_due():
            on_found(found.catalog())
    else:
        for path in paths:
            if path.is_dir() and not found.has_any_in(path):
                found.refuse(path, "No scan was found in this folder.")
    return found.catalog()


class _Found:
    """What a scan has met so far."""

    def __init__(self, series_index: "SeriesIndex | None" = None, *, learn: bool = True) -> None:
        self._index, self._learn = series_index, learn
        self.has_unpacked = False
        self._headers: list[Header] = []
        self._volumes: list[Study] = []
        self._results: list[StoredResult] = []
        self._refused: dict[Path, str] = {}
        # Files that are no images by their name, by folder.
        self._bystanders: dict[Path, list[Path]] = defaultdict(list)
        self._image_folders: set[Path] = set()
        self._seen: set[Path] = set()
        self._next_report = 0.0

    def add(self, path: Path, *, named: bool) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        if not named and _OWN_TABLES.search(path.name):
            return
        if not named and header_files.is_voxels_of_another(path):
            return
        if not named and _NO_SCAN.search(path.name):
            self._bystanders[path.parent].append(path)
            return
        try:
            self._open(path)
        except ReadError as error:
            self.refuse(path, error.reason)
        else:
            self._image_folders.add(path.parent)

    def _open(self, path: Path) -> None:
        try:
            status = path.stat()
        except OSError as error:
            raise ReadError(path, f"The file cannot be read ({error.strerror or 'input error'}).") from error
        if not stat.S_ISREG(status.st_mode):
            # A pipe or a device would be waited on for ever.
            raise ReadError(path, "This is not a regular file.")
        if nifti.is_nifti(path):
            self._volumes.append(nifti.study(path))
            return
        if header_files.is_header_file(path):
            self._volumes.append(header_files.study(path))
            return
        try:
            header = self._header(path, status)
            # Some results look like images: their pixels are labels or measures.
            if header.instances[0].sop_class_uid not in read_results.CLASSES or not self._is_result(path):
                self._headers.append(header)
        except ReadError as error:
            if self._is_result(path):
                return
            known = _KNOWN_FORMATS.get(path.suffix.lower())
            raise ReadError(path, known or error.reason) from error

    def _header(self, path: Path, status: os.stat_result) -> Header:
        """Return a file's header, as it was where the file has not changed. Raises ReadError."""
        if self._index is None or self.has_unpacked:
            return read_header(path)
        known = self._index.header(path, status.st_size, status.st_mtime_ns)
        if known is None:
            known = read_header(path)
            if self._learn:
                self._index.remember(known, status.st_size, status.st_mtime_ns)
        return known

    def _is_result(self, path: Path) -> bool:
        """Whether a file holds a result about a series; it is kept as such then."""
        result = read_results.peek(path)
        if result is not None:
            self._results.append(result)
        return result is not None

    def unpacked(self, path: Path) -> Iterator[Path]:
        """Give the files of a ZIP archive."""
        self.has_unpacked = True
        try:
            folder, refused = containers.unpacked(path)
        except ReadError as error:
            self.refuse(path, error.reason)
            return
        for refusal in refused:
            self.refuse(refusal.path, refusal.reason)
        yield from _walk(folder, self)
        if not self.has_any_in(folder) and not refused:
            self.refuse(path, "No scan was found in this ZIP archive.")

    def listed(self, path: Path) -> list[Path]:
        """Return the files that a DICOMDIR lists."""
        try:
            files, refused = containers.listed_files(path)
        except ReadError as error:
            self.refuse(path, error.reason)
            return []
        for refusal in refused:
            self.refuse(refusal.path, refusal.reason)
        return files

    def refuse(self, path: Path, reason: str) -> None:
        self._refused[path] = reason

    def has_any_in(self, folder: Path) -> bool:
        """Whether anything in or under a folder opened or was refused."""
        return any(folder == one or folder in one.parents for one in (*self._image_folders, *self._refused))

    def is_due(self) -> bool:
        """Whether it is time to report: soon at first, then so that grouping stays a small share of the work."""
        return time.monotonic() >= self._next_report and bool(self._headers or self._volumes)

    def catalog(self) -> Catalog:
        started = time.monotonic()
        studies = (*studies_of(self._headers), *self._volumes)
        beside = [path for folder in self._image_folders for path in self._bystanders.get(folder, ())]
        refused = [Refusal(path, reason) for path, reason in self._refused.items()]
        refused += [Refusal(path, "This is not a DICOM file.") for path in beside]
        found = Catalog(studies, results=tuple(self._results))
        refused += [
            Refusal(result.path, f"This is a {result.kind.title()} object, not a scan; open the series it belongs to.")
            for result in found.results
            if found.source_of(result) is None
        ]
        now = time.monotonic()
        self._next_report = now + max(0.3, 5 * (now - started))
        return replace(found, refused=tuple(sorted(refused, key=lambda one: str(one.path))))


def _files(paths: Sequence[Path], found: _Found) -> Iterator[tuple[Path, bool]]:
    """Give each file once, in order, with whether it was asked for by name."""
    for path in paths:
        if path.is_dir():
            for file in _walk(path, found):
                if file.suffix.lower() == ".zip" and containers.is_zip(file):
                    yield from ((inner, False) for inner in found.unpacked(file))
                else:
                    yield file, False
        elif containers.is_dicomdir(path):
            yield from ((file, True) for file in found.listed(path))
        elif path.is_file() and containers.is_zip(path):
            yield from ((inner, False) for inner in found.unpacked(path))
        elif path.exists():
            yield path, True
        else:
            found.refuse(path, "There is no such file or folder.")


def _walk(folder: Path, found: _Found) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        found.refuse(Path(error.filename), f"The folder cannot be read ({error.strerror}).")

    walked: set[Path] = set()
    for parent, folders, files in os.walk(folder, onerror=unreadable, followlinks=True):
        place = Path(parent).resolve()
        if place in walked:
            # A link that leads back; each folder is walked once.
            folders.clear()
            continue
        walked.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and name.lower() not in _LITTER:
                yield Path(parent, name)
