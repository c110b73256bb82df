"""Which files of a folder belong together: series of one patient and space, by DICOM's tags or by file names."""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.sources.base import Refusal

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class FoundSeries:
    """One series: how to read it, and the files that it comes from."""

    files: tuple[Path, ...]
    read: Callable[[], Volume]


@dataclass(frozen=True)
class FoundCase:
    """Series by picture name that share a patient and a space. `patient` says nothing about who it is."""

    patient: str
    series: Mapping[str, FoundSeries]


@dataclass(frozen=True)
class Found:
    """What a folder holds: cases, files that did not open, and the number of all files."""

    cases: tuple[FoundCase, ...]
    refused: tuple[Refusal, ...]
    files: int


def anonymous(identifier: str) -> str:
    """Return a key for a patient that does not tell who it is (to whoever lacks the list of identifiers)."""
    return hashlib.sha256(f"patient {identifier}".encode()).hexdigest()[:16]


def find_dicom(folder: Path, names: Sequence[str]) -> Found:
    """Return the cases of a folder of DICOM files: a picture's name is a modality ("CT") or an MR contrast ("T1").

    A case is what one patient has in one frame of reference; of several series that fit a name the one with most
    slices is taken. Patients without an identifier are told apart by the first folder that their files lie in.
    """
    from medgan_viewer.dicom import index

    catalog = index.scan([folder])
    cases: dict[tuple[str, str], dict[str, Series]] = {}
    files: set[Path] = {refusal.path for refusal in catalog.refused}
    for study in catalog.studies:
        for series in study.series:
            files |= {instance.path for instance in series.instances}
            name = series.contrast if series.contrast and series.contrast in names else series.modality
            frame = series.frame_of_reference_uid
            if series.synthetic or frame is None or name not in names:
                continue
            patient = study.patient.identifier or _first_folder(series.instances[0].path, folder)
            fitting = cases.setdefault((patient, frame), {})
            if name not in fitting or len(series.instances) > len(fitting[name].instances):
                fitting[name] = series
    found = tuple(
        FoundCase(anonymous(patient), {name: _dicom_series(series) for name, series in fitting.items()})
        for (patient, _), fitting in sorted(cases.items())
    )
    refused = tuple(Refusal(refusal.path.name, refusal.reason) for refusal in catalog.refused)
    return Found(found, refused, len(files))


def find_nifti(folder: Path, patterns: Mapping[str, str], patient: str) -> Found:
    """Return the cases of a folder of NIfTI files by `patterns`: picture name → path with one `*` for the case.

    So "*/t1.nii.gz" takes the folder as the case and "*_t1.nii.gz" what precedes "_t1". `patient` is a regular
    expression whose first group (or whole match) in the case's name is the patient; empty: each case is another one.
    Raises UsageError for a pattern or expression that makes no sense.
    """
    cases: dict[str, dict[str, FoundSeries]] = {}
    count = 0
    for name, pattern in patterns.items():
        expression = _expression(name, pattern)
        for path in sorted(folder.rglob("*")):
            match = expression.fullmatch(path.relative_to(folder).as_posix())
            if match and path.is_file():
                count += 1
                cases.setdefault(match[1], {})[name] = _nifti_series(path)
    found = [FoundCase(anonymous(_patient(case, patient)), series) for case, series in sorted(cases.items())]
    return Found(tuple(found), (), count)


def split_patients(
    patients: Sequence[str],
    listed: Mapping[str, Sequence[str]],
    file: str,
    shares: Mapping[str, float],
    seed: int,
    fold: Sequence[int] = (),
) -> dict[str, str]:
    """Return patient → split: by lists of identifiers, by a CSV or JSON file of them, or else by chance in shares.

    A CSV file has the columns patient and split, a JSON file maps a split to identifiers or an identifier to a split.
    With the `fold` (k, n) the k-th of n parts (from 1) of the patients in that order of chance is tested, and the
    shares of train and validation divide the others. Raises UsageError for a patient in two splits, an unknown split,
    a fold that is none or that stands beside lists, or a file that cannot be read.
    """
    if fold and (listed or file):
        raise UsageError("A fold divides patients by chance: give fold, or split or split_file.")
    if listed or file:
        named = _listed(listed) if listed else _from_file(Path(file))
        assigned: dict[str, str] = {}
        for split, identifier in named:
            key = anonymous(identifier)
            if assigned.setdefault(key, split) != split:
                raise UsageError(f"A patient is listed in {assigned[key]} and in {split}: one split only.")
        return {patient: assigned[patient] for patient in patients if patient in assigned}
    return _by_chance(patients, shares, seed, fold)


def _by_chance(patients: Sequence[str], shares: Mapping[str, float], seed: int, fold: Sequence[int]) -> dict[str, str]:
    """Order patients by a hash with the seed, so that one who is added later moves nobody else far."""
    _check_splits(shares)
    result: dict[str, str] = {}
    order = sorted(set(patients), key=lambda patient: hashlib.sha256(f"{seed} {patient}".encode()).digest())
    if fold:
        if len(fold) != 2 or not 1 <= fold[0] <= fold[1] or fold[1] < 2:
            raise UsageError("A fold is given as its number from 1 and how many there are, such as fold = [1, 5].")
        first, last = (round(place * len(order) / fold[1]) for place in (fold[0] - 1, fold[0]))
        result = dict.fromkeys(order[first:last], "test")
        order = [patient for patient in order if patient not in result]
        shares = {split: share for split, share in shares.items() if split != "test"}
    total = sum(shares.values())
    if total <= 0 or min(shares.values()) < 0:
        raise UsageError("The shares of the splits must be positive.")
    bound = 0.0
    first = 0
    for split, share in shares.items():
        bound += share / total * len(order)
        for patient in order[first : round(bound)]:
            result[patient] = split
        first = round(bound)
    return result


def _listed(listed: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    _check_splits(listed)
    for split, identifiers in listed.items():
        yield from ((split, str(identifier)) for identifier in identifiers)


def _from_file(path: Path) -> list[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            content = json.loads(text)
            if all(isinstance(value, str) for value in content.values()):
                rows = [(split, identifier) for identifier, split in content.items()]
            else:
                rows = list(_listed(content))
        else:
            rows = [(row["split"], row["patient"]) for row in csv.DictReader(text.splitlines())]
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise UsageError(
            f"The file of splits {path.name} cannot be read: a CSV file with the columns patient and split, or a JSON "
            "file from split to patients."
        ) from error
    _check_splits(dict(rows))
    return rows


def _check_splits(names: Mapping[str, object]) -> None:
    unknown = sorted(set(names) - set(SPLITS))
    if unknown:
        raise UsageError(f"There is no split {unknown[0]}: choose among {', '.join(SPLITS)}.")


def _expression(name: str, pattern: str) -> re.Pattern[str]:
    if pattern.count("*") != 1:
        raise UsageError(f"The pattern of {name} needs exactly one * for the case, as in */t1.nii.gz.")
    before, after = pattern.split("*")
    return re.compile(f"{re.escape(before)}(.+){re.escape(after)}")


def _patient(case: str, expression: str) -> str:
    if not expression:
        return case
    try:
        match = re.search(expression, case)
    except re.error as error:
        raise UsageError(f"The expression for patients is no regular expression: {error}.") from error
    if match is None:
        raise UsageError("The expression for patients does not fit every case's name: widen it.")
    return match[1] if match.re.groups else match[0]


def _first_folder(path: Path, folder: Path) -> str:
    return path.relative_to(folder).parts[0]


def _dicom_series(series: Series) -> FoundSeries:
    def read() -> Volume:
        from medgan_viewer.core.regrid import regular_grid
        from medgan_viewer.dicom.assemble import load_stack

        stack = load_stack(series)
        return stack.volume() if stack.is_regular else regular_grid(stack)

    return FoundSeries(tuple(sorted({instance.path for instance in series.instances})), read)


def _nifti_series(path: Path) -> FoundSeries:
    def read() -> Volume:
        from medgan_viewer.dicom import nifti

        return nifti.read(path)

    return FoundSeries((path,), read)
