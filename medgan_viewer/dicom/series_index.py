"""What was found in folders that were opened before, kept on disk: the same folder shows at once the next time.

One SQLite file in the user's cache folder, readable by nobody else (mode 0600); it holds what headers say, patients'
names among it, and no pixel. Two layers: the whole catalogue of a folder, taken where path, size and time of change of
every file in it are the same as then; and each file's header by the same three, so that a changed folder is read only
where it changed. A file that is damaged or from another version is set aside, never trusted: only the plain classes of
the catalogue are ever made from it.
"""

import hashlib
import io
import os
import pickle
import sqlite3
import stat
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path, PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any, overload

import medgan_viewer
from medgan_viewer.core import catalog as core
from medgan_viewer.core.catalog import Catalog, Instance, Series
from medgan_viewer.dicom.frames import Acquisition
from medgan_viewer.dicom.headers import Header

__all__ = ["Remembered", "SeriesIndex", "clear", "fingerprint"]

# Raised whenever what is stored changes its shape.
_SHAPE = 2
# At once: another process never meets half an index.
_TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS folders (paths TEXT PRIMARY KEY, fingerprint BLOB, catalog BLOB, used REAL);
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, header BLOB) WITHOUT ROWID;
PRAGMA user_version = {version};
COMMIT;
"""
# So long another process is waited for that is writing.
_PATIENCE = 2.0
_MOST_FOLDERS, _MOST_FILES = 60, 400_000
_CLASSES: dict[tuple[str, str], type] = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (
        core.Catalog,
        core.Instance,
        core.Patient,
        core.Refusal,
        core.Series,
        core.Storage,
        core.StoredResult,
        core.Study,
        core.VoiTable,
        Acquisition,
        Header,
        PosixPath,
        WindowsPath,
        PurePosixPath,
        PureWindowsPath,
    )
}


class _Reader(pickle.Unpickler):
    """Makes the classes of a catalogue and nothing else, whatever the bytes ask for."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _CLASSES:
            return _CLASSES[module, name]
        if (module, name) == (__name__, "Remembered"):
            return Remembered
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a catalogue")


def _version() -> int:
    """Return the number of what is stored: another program reads and groups the same files in another way."""
    return zlib.crc32(f"{_SHAPE} {medgan_viewer.__version__}".encode()) >> 1 or 1


def _loaded(data: bytes) -> Any:
    return _Reader(io.BytesIO(data)).load()


class Remembered(Sequence[Instance]):
    """The instances of a series as stored, made when they are first asked for: most series of a folder never are."""

    __slots__ = ("_count", "_data", "_made")

    def __init__(self, count: int, data: bytes) -> None:
        self._count, self._data = count, data
        self._made: tuple[Instance, ...] | None = None

    def __reduce__(self) -> tuple[type["Remembered"], tuple[int, bytes]]:
        return Remembered, (self._count, self._data)

    def __len__(self) -> int:
        return self._count

    @property
    def _instances(self) -> tuple[Instance, ...]:
        if self._made is None:
            self._made = _loaded(self._data)
        return self._made

    @overload
    def __getitem__(self, index: int) -> Instance: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Instance, ...]: ...
    def __getitem__(self, index: int | slice) -> Instance | tuple[Instance, ...]:
        return self._instances[index]

    def __iter__(self) -> Iterator[Instance]:
        return iter(self._instances)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Remembered):
            return self._data == other._data or self._instances == other._instances
        return isinstance(other, tuple) and self._instances == other

    def __hash__(self) -> int:
        return hash(self._instances)


def _stored(instances: Sequence[Instance]) -> Any:
    if isinstance(instances, Remembered):
        return instances
    return Remembered(len(instances), pickle.dumps(tuple(instances), 5))


def _compact(catalog: Catalog) -> Catalog:
    """Return the catalogue with instances that are made when they are asked for."""

    def series(one: Series) -> Series:
        return replace(one, instances=_stored(one.instances), times=tuple(map(_stored, one.times)))

    studies = tuple(replace(study, series=tuple(map(series, study.series))) for study in catalog.studies)
    return replace(catalog, studies=studies)


def fingerprint(paths: Sequence[Path]) -> bytes:
    """Return what changes whenever a file below the paths comes, goes, or changes its size or time of change.

    Raises OSError where one of them cannot be looked at.
    """
    digest = hashlib.blake2b(digest_size=20)
    walked: set[tuple[int, int]] = set()
    for path in paths:
        found = path.stat()
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
        if stat.S_ISDIR(found.st_mode):
            _add_folder(digest, str(path), walked)
    return digest.digest()


def _add_folder(digest: "hashlib.blake2b", folder: str, walked: set[tuple[int, int]]) -> None:
    place = os.stat(folder)  # noqa: PTH116
    if (place.st_dev, place.st_ino) in walked:
        return
    walked.add((place.st_dev, place.st_ino))
    below, lines = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                below.append(entry.path)
                lines.append(f"{entry.name}/")
                continue
            with suppress(OSError):
                found = entry.stat()
                lines.append(f"{entry.name}\0{found.st_size}\0{found.st_mtime_ns}")
    lines.sort()
    digest.update("\n".join((folder, *lines)).encode("utf-8", "surrogateescape"))
    for inner in sorted(below):
        _add_folder(digest, inner, walked)


def clear(path: Path) -> None:
    """Forget everything: remove the index and what was set aside."""
    for name in (path, _aside(path)):
        name.unlink(missing_ok=True)


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.set-aside")


class SeriesIndex:
    """The index in one file. Use it in one thread and close it; where something cannot be stored, it is not."""

    def __init__(self, path: Path) -> None:
        """Open the index, or begin a new one.

        Raises OSError or sqlite3.Error where the folder allows none, and while another process is long writing.
        """
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._connection = self._opened()
        except sqlite3.OperationalError:
            # Nothing is wrong with the file itself.
            raise
        except sqlite3.DatabaseError:
            path.replace(_aside(path))
            self._connection = self._opened()
        self._new: list[tuple[str, int, int, bytes]] = []

    def _opened(self) -> sqlite3.Connection:
        """Raises sqlite3.DatabaseError where the file is no index that this version knows."""
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path.chmod(0o600)
        connection = sqlite3.connect(self._path, timeout=_PATIENCE)
        try:
            version, tables = connection.execute(
                "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
            ).fetchone()
            if version != (_version() if tables else 0):
                raise sqlite3.DatabaseError("another version's index")
            # What is lost in a crash is read again from the files.
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            if not tables:
                connection.executescript(_TABLES.format(version=_version()))
        except BaseException:
            connection.close()
            raise
        return connection

    def catalog(self, paths: Sequence[Path], mark: bytes) -> Catalog | None:
        """Return the catalogue of these paths where nothing below them has changed since it was stored."""
        found = self._row("SELECT catalog FROM folders WHERE paths = ? AND fingerprint = ?", (_key(paths), mark))
        made = None if found is None else self._made(found[0])
        return made if isinstance(made, Catalog) else None

    def header(self, path: Path, size: int, changed: int) -> Header | None:
        """Return a file's header where the file has not changed since."""
        query = "SELECT header FROM files WHERE path = ? AND size = ? AND changed = ?"
        found = self._row(query, (str(path), size, changed))
        made = None if found is None else self._made(found[0])
        return made if isinstance(made, Header) else None

    def _row(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        except (sqlite3.Error, ValueError):
            return None
        return row

    def _made(self, data: bytes) -> Any:
        try:
            return _loaded(data)
        except Exception:
            # Bytes that make no sense raise whatever they meet; the file is read instead.
            return None

    def remember(self, header: Header, size: int, changed: int) -> None:
        """Keep a file's header, until :meth:`store` together with all others."""
        self._new.append((str(header.path), size, changed, pickle.dumps(header, 5)))

    def store(self, paths: Sequence[Path], mark: bytes | None, catalog: Catalog) -> None:
        """Store the headers that are new and, with ``mark``, the catalogue of these paths."""
        row = None
        if mark is not None:
            row = (_key(paths), mark, pickle.dumps(_compact(catalog), 5), time.time())
        with suppress(sqlite3.Error, ValueError), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", self._new)
            if row is not None:
                self._connection.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?)", row)
            self._forget_oldest()
        self._new.clear()

    def _forget_oldest(self) -> None:
        self._connection.execute(
            "DELETE FROM folders WHERE paths NOT IN (SELECT paths FROM folders ORDER BY used DESC LIMIT ?)",
            (_MOST_FOLDERS,),
        )
        (count,) = self._connection.execute("SELECT count(*) FROM files").fetchone()
        if count > _MOST_FILES:
            self._connection.execute("DELETE FROM files")

    def close(self) -> None:
        """Close the file."""
        with closing(self._connection):
            self._new.clear()


def _key(paths: Sequence[Path]) -> str:
    return "\n".join(str(path.absolute()) for path in paths)
