"""Sources that lie in an archive, and targets there: ``archive:NAME/STUDY`` in place of a path, and ``--send-to``."""

import argparse
import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medgan_viewer.commands import console
from medgan_viewer.dicom.archive import base, connect, entries, outbox
from medgan_viewer.dicom.archive.base import Query, Received, Sent
from medgan_viewer.errors import UsageError
from medgan_viewer.jobs.events import Progress

__all__ = ["PREFIX", "Place", "add_filters", "get", "place", "query", "send", "source"]

PREFIX = "archive:"


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Declare what studies can be looked for by; :func:`query` reads it."""
    parser.add_argument("--patient-name", default="", metavar="PART", help="a part of the name")
    parser.add_argument("--patient-id", default="", metavar="ID", help="the identifier; * and ? stand for any letters")
    parser.add_argument("--from", default="", metavar="YYYYMMDD", dest="date_from", help="not before this day")
    parser.add_argument("--to", default="", metavar="YYYYMMDD", dest="date_to", help="not after this day")
    parser.add_argument("--modality", default="", metavar="CT", help="studies with this modality")
    parser.add_argument("--description", default="", metavar="PART", help="a part of the study's description")
    parser.add_argument("--study", default="", metavar="STUDYUID", help="the study with this UID")


def query(arguments: argparse.Namespace) -> Query:
    """Return what the filters ask for. Raises UsageError."""
    return Query(
        patient_name=arguments.patient_name,
        patient_id=arguments.patient_id,
        date_from=arguments.date_from,
        date_to=arguments.date_to,
        modality=arguments.modality,
        description=arguments.description,
        study_uid=arguments.study,
    )


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
