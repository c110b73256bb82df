"""Sources that lie in an archive, and targets there: ``archive:NAME/STUDY`` in place of a path, and ``--send-to``."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medgan_viewer.commands import console
from medgan_viewer.dicom.archive import base, connect, entries, outbox
from medgan_viewer.dicom.archive.base import Received, Sent
from medgan_viewer.errors import UsageError
from medgan_viewer.jobs.events import Progress

__all__ = ["PREFIX", "Place", "get", "place", "send", "source"]

PREFIX = "archive:"


def get(name: str, study_uid: str, folder: Path, series_uids: Sequence[str] = ()) -> Received:
    """Retrieve a study with a progress bar; what is missing is named on stderr."""
    bar = console.ProgressBar(f"From {name}")
    try:
        received = connect(entries.named(name)).retrieve(
            study_uid, folder, series_uids=series_uids, on_progress=lambda progress: bar.update(_shown(progress))
        )
    finally:
        bar.clear()
    for note in received.notes:
        console.complain(note)
    return received


def send(name: str, paths: Sequence[Path]) -> Sent:
    """Send files and the DICOM files in folders with a progress bar; what was not taken is named on stderr."""
    files = outbox.files_in(paths)
    bar = console.ProgressBar(f"To {name}")
    try:
        sent = connect(entries.named(name)).send(files, on_progress=lambda progress: bar.update(_shown(progress)))
    finally:
        bar.clear()
    for note in sent.notes:
        console.complain(note)
    return sent


def _shown(progress: base.Progress) -> Progress:
    return Progress("archive", progress.done, max(progress.total, progress.done), None)


@contextlib.contextmanager
def source(path: Path, series_uids: Sequence[str] = ()) -> Iterator[tuple[Path, bool]]:
    """Give a path to read, and whether all of it is there; what came from an archive is deleted after the block."""
    text = path.as_posix()
    if not text.startswith(PREFIX):
        yield path, True
        return
    name, slash, study_uid = text.removeprefix(PREFIX).rpartition("/")
    if not slash or not name:
        raise UsageError(f"A study in an archive is written {PREFIX}NAME/STUDYUID.")
    entries.named(name)
    base.checked_uid(study_uid)
    with tempfile.TemporaryDirectory(prefix="medgan-archive-") as folder:
        # A split series has a suffix that the archive does not know.
        wanted = [uid.partition("#")[0] for uid in series_uids]
        received = get(name, study_uid, Path(folder), wanted)
        yield Path(folder), received.complete


@dataclass
class Place:
    """Where results go. ``keep`` saves a temporary folder: what was not sent must not be lost."""

    folder: Path
    keep: bool = False


@contextlib.contextmanager
def place(out: Path | None, send_to: str | None) -> Iterator[Place]:
    """Give where results go: the folder named, or one that lasts until they are sent. UsageError where neither is."""
    if send_to is not None:
        # Before the work, not after it.
        entries.named(send_to)
    if out is not None:
        yield Place(out)
        return
    if send_to is None:
        raise UsageError("Say where the results go: --out DIR, or --send-to ARCHIVE, or both.")
    made = Place(Path(tempfile.mkdtemp(prefix="medgan-results-")))
    try:
        yield made
    finally:
        if made.keep:
            console.complain(f"The results are kept in {made.folder}.")
        else:
            shutil.rmtree(made.folder, ignore_errors=True)
