"""A folder of DICOM files, de-identified into another one under names that say nothing."""

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.core.catalog import Refusal
from medgan_viewer.dicom import atomic
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.errors import MedganError, UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["Outcome", "preview", "write"]

_PARSING = (AttributeError, EOFError, KeyError, NotImplementedError, OverflowError, RecursionError, TypeError)
_DAMAGES = (*_PARSING, ValueError, struct.error)


@dataclass
class Outcome:
    """What became of the files: those written, those left out and why, and what happened to which attribute."""

    paths: list[Path] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    changes: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    # Objects that were understood; without a preview as many as were written.
    objects: int = 0

    def lines(self) -> list[str]:
        """Return a line for each attribute that goes, without any value: "PatientName: replaced in 24 places"."""
        return [
            f"{name}: {done} in {count} place" + ("" if count == 1 else "s")
            for (name, done), count in sorted(self.changes.items())
        ]


def preview(
    paths: Sequence[Path], deidentifier: Deidentifier, *, cancelled: Callable[[], bool] | None = None
) -> Outcome:
    """Return what would go from files and folders; nothing is written."""
    outcome = Outcome()
    for path in _files(paths):
        if cancelled is not None and cancelled():
            break
        _cleaned(path, deidentifier, outcome)
    return outcome


def write(
    paths: Sequence[Path],
    folder: Path,
    deidentifier: Deidentifier,
    *,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Outcome:
    """Write every object of files and folders without identity into ``folder``, as study-1/series-1/00001.dcm.

    Files that are not DICOM, that cannot be parsed or that may still show who the patient is are left out and named in
    ``Outcome.refused``. Raises ``UsageError`` where the target holds a source or something else, ``WriteError``.
    """
    inside = [path for path in paths if _is_within(folder, path) or _is_within(path, folder)]
    if inside:
        raise UsageError(
            "The folder to write to and what is to be de-identified lie within each other; choose another."
        )
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder.name} is not empty; choose a new folder, so that nothing is mixed up.")
    outcome, names = Outcome(), _Names()
    for path in _files(paths):
        if cancelled is not None and cancelled():
            break
        dataset = _cleaned(path, deidentifier, outcome)
        if dataset is None:
            continue
        target = folder / names.of(dataset)
        with atomic.new_file(target) as temporary:
            dataset.save_as(temporary, enforce_file_format=True)
        outcome.paths.append(target)
        if progress is not None:
            progress(len(outcome.paths))
    return outcome


class _Names:
    """Counts studies, series and objects, so that no name says anything."""

    def __init__(self) -> None:
        self._studies: dict[str, dict[str, int]] = {}
        self._objects: Counter[tuple[str, str]] = Counter()

    def of(self, dataset: "Dataset") -> Path:
        study, series = (str(dataset.get(name) or "") for name in ("StudyInstanceUID", "SeriesInstanceUID"))
        known = self._studies.setdefault(study, {})
        number = known.setdefault(series, len(known) + 1)
        self._objects[study, series] += 1
        place = list(self._studies).index(study) + 1
        return Path(f"study-{place}", f"series-{number}", f"{self._objects[study, series]:05d}.dcm")


def _cleaned(path: Path, deidentifier: Deidentifier, outcome: Outcome) -> "Dataset | None":
    """Return a file's content without identity, None where it is left out."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        dataset = pydicom.dcmread(path)
        if str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) == "1.2.840.10008.1.3.10":
            reason = "This is a table of contents (DICOMDIR), which names the patient; it is left out."
            outcome.refused.append(Refusal(path, reason))
            return None
        cleaned = deidentifier.clean(dataset)
    except InvalidDicomError:
        outcome.refused.append(Refusal(path, "This is not a DICOM file; it is left out."))
    except MedganError as error:
        outcome.refused.append(Refusal(path, error.sentence))
    except OSError as error:
        outcome.refused.append(Refusal(path, f"The file cannot be read ({error.strerror or 'input error'})."))
    except _DAMAGES:
        outcome.refused.append(Refusal(path, "The file is damaged or breaks DICOM's rules; it is left out."))
    else:
        outcome.objects += 1
        outcome.changes.update(cleaned.changes)
        outcome.notes += [note for note in cleaned.notes if note not in outcome.notes]
        return cleaned.dataset
    return None


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def _is_within(inner: Path, outer: Path) -> bool:
    return inner.resolve() == outer.resolve() or outer.resolve() in inner.resolve().parents
