"""From a path and what the user named to series and their voxels."""

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from medgan_viewer import settings
from medgan_viewer.commands import console
from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.errors import MedganError, ReadError, UsageError

__all__ = [
    "all_series",
    "listing",
    "load",
    "name_refused",
    "named_series",
    "one_line",
    "require_studies",
    "scan",
    "scan_even_nothing",
]


def scan(path: Path) -> Catalog:
    """Return what is found under a path; UsageError where there is no such path, ReadError where nothing opens."""
    catalog = scan_even_nothing(path)
    require_studies(catalog, path)
    return catalog


def scan_even_nothing(path: Path) -> Catalog:
    """Return what is found under a path, be it nothing; UsageError where there is no such path.

    What the window remembers of a folder is taken from there; a command itself leaves nothing of a patient behind.
    """
    from medgan_viewer.dicom import index

    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder.")
    return index.scan([path], remembered=_remembered(), learn=False)


def _remembered() -> Path | None:
    """Return the window's index of folders, None where there is none or it may not be used."""
    path = settings.index_file()
    with contextlib.suppress(MedganError):
        return path if path.is_file() and settings.load().value("remember_folders") else None
    return None


def require_studies(catalog: Catalog, path: Path) -> None:
    """Raise ReadError where nothing opened, with the first reasons."""
    if not catalog.studies:
        reasons = " ".join(f"{refusal.path.name}: {refusal.reason}" for refusal in catalog.refused[:3])
        raise ReadError(path, f"nothing here can be opened. {reasons}".strip())


def name_refused(catalog: Catalog) -> None:
    """Say on stderr which files were left out."""
    for refusal in catalog.refused:
        console.complain(f"{refusal.path.name}: {refusal.reason}")


def all_series(catalog: Catalog) -> tuple[Series, ...]:
    """Return every series, study by study."""
    return tuple(series for study in catalog.studies for series in study.series)


def named_series(catalog: Catalog, uids: Sequence[str]) -> tuple[Series, ...]:
    """Return the series with these UIDs, in the order named; UsageError with the list where one is not there."""
    known = {series.uid: series for series in all_series(catalog)}
    for uid in uids:
        if uid not in known:
            raise UsageError(f"There is no series {uid} here; there are: {listing(known.values())}.")
    return tuple(known[uid] for uid in dict.fromkeys(uids))


def one_line(series: Series) -> str:
    """Return a series in a few words: UID, modality, description, number of images."""
    words = (series.modality, series.description, f"{len(series.instances)} images")
    return f"{series.uid} ({', '.join(word for word in words if word)})"


def listing(series: Iterable[Series]) -> str:
    """Return several series in one line."""
    return "; ".join(one_line(each) for each in series)


def load(series: Series) -> tuple[SliceStack, bool]:
    """Return the acquired slices of a series, and whether each of them could be read; the others are named on stderr.

    Raises ReadError or DecodeError where no slice can be read.
    """
    from medgan_viewer.dicom import assemble

    pending = assemble.open_stack(series)
    assemble.read_whole(pending)
    for problem in pending.problems:
        console.complain(f"{problem.path.name}: {problem.reason}")
    if not pending.ready.any():
        raise ReadError(series.instances[0].path, "no image of this series can be read.")
    return pending.stack, pending.is_complete and not pending.problems
