"""The folder of a batch's results: one sub-folder for each job, named by its key, whole or not there.

``KEY/record.json`` says what was made, from what and by what; neither key nor file names tell who the patient is.
``studies/KEY.json`` stands for a study of an archive that need not be retrieved again, ``skipped/KEY.json`` for a job
that should not be done, and says why.
"""

import contextlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from medgan_viewer.dicom import atomic
from medgan_viewer.errors import UsageError, WriteError

__all__ = ["PART", "RECORD", "Record", "Target"]

Record = dict[str, Any]

RECORD = "record.json"
PART = ".part-"
_STUDIES = "studies"
_SKIPPED = "skipped"


class Target:
    """Where the results of a batch go. Nothing is written before it is asked to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def record(self, key: str) -> Record | None:
        """Return the record of a job that is done, None where it is not."""
        return _content(self.folder / key / RECORD, key)

    def study(self, key: str) -> Record | None:
        """Return what stands for a study of an archive of which everything was done and is there, else None."""
        content = _content(self.folder / _STUDIES / f"{key}.json", key)
        if content is None or any(self.record(job) is None for job in content.get("jobs", ())):
            return None
        return content

    def skip(self, key: str) -> Record | None:
        """Return what is known of a job that was skipped, None where it was not."""
        return _content(self.folder / _SKIPPED / f"{key}.json", key)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other batches out, and tidy up after one that was killed. Raises UsageError where another one runs.

        The system lets go of it with the process, however that ends.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("a+b")
        except OSError as error:
            raise atomic.refused(self.folder, error) from error
        with lock:
            if not _locked(lock):
                raise UsageError(f"Another batch writes into {self.folder.name}; wait for it, or name another folder.")
            self._tidy()
            try:
                yield
            finally:
                self._tidy()

    def _tidy(self) -> None:
        """Remove what was half written."""
        for path in self.folder.glob(f"{PART}*"):
            shutil.rmtree(path, ignore_errors=True)

    def temporary(self, name: str) -> Path:
        """Make a folder that counts for nothing and goes with the batch; other machines see it. Raises WriteError."""
        path = self.folder / f"{PART}{name}-{secrets.token_hex(4)}"
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise atomic.refused(self.folder, error) from error
        return path

    @contextlib.contextmanager
    def result(self, key: str) -> Iterator[Path]:
        """Give a folder to fill; it becomes the job's with the end of the block, unless another one was quicker.

        Whoever fills it writes the record last, with :meth:`write_record`. Raises WriteError.
        """
        temporary = self.temporary(key)
        try:
            yield temporary
            try:
                temporary.rename(self.folder / key)
            except OSError as error:
                # A machine that was taken for dead may have finished meanwhile: the first result stays.
                if self.record(key) is None:
                    raise WriteError(self.folder / key, f"it cannot be put there ({error.strerror})") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def write_record(self, folder: Path, record: Record) -> None:
        """Write the record of a result. Raises WriteError."""
        _write(folder / RECORD, record)

    def write_study(self, key: str, content: Record) -> None:
        """Remember that a study of an archive is done. Raises WriteError."""
        _write(self.folder / _STUDIES / f"{key}.json", {"key": key, **content})

    def write_skip(self, key: str, content: Record) -> None:
        """Remember that a job should not be done. Raises WriteError."""
        _write(self.folder / _SKIPPED / f"{key}.json", {"key": key, **content})

    def note_sent(self, key: str, archive: str) -> None:
        """Remember that a result was sent. Raises WriteError."""
        record = self.record(key)
        if record is not None:
            _write(self.folder / key / RECORD, {**record, "sent": sorted({*record.get("sent", ()), archive})})


def _content(path: Path, key: str) -> Record | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get("key") == key else None


def _write(path: Path, content: Record) -> None:
    with atomic.new_file(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _locked(file: BinaryIO) -> bool:
    """Lock a file unless another process has; where the file system knows no locks, there is none to respect."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return os.name != "nt"
    return True
