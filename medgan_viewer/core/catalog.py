"""What was found on disk: patients, studies, series and instances, known from headers alone."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

__all__ = [
    "Catalog",
    "Instance",
    "Patient",
    "Refusal",
    "Series",
    "Storage",
    "StoredResult",
    "Study",
    "VoiTable",
    "WindowFunction",
    "base_uid",
    "free_uid",
]

# Ends the UID of a time point but the first.
_TIME_SUFFIX = re.compile(r"#t(\d+)$")


WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
"""VOI LUT Function (0028,1056): how a window's values become shades (PS3.3 C.11.2.1.2 and C.11.2.1.3)."""


@dataclass(frozen=True, slots=True)
class VoiTable:
    """A VOI LUT: shades of 16 bits, little-endian, 0 black and 65535 white, of the values ``first``, ``first`` + 1 …"""

    first: int
    shades: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Storage:
    """How the pixels of an instance lie in its file.

    ``offset`` is the byte at which the frame's raw little-endian pixels begin, None where they have to be decoded.
    ``padding`` holds the lowest and highest stored value that mean "no pixel here" (PixelPaddingValue and its limit),
    ``lookup`` the lowest and highest value of the Modality LUT that stored values go through, None where there is none.
    """

    transfer_syntax_uid: str = ""
    bits_allocated: int = 16
    high_bit: int = 15
    samples: int = 1
    photometric: str = "MONOCHROME2"
    padding: tuple[int, int] | None = None
    offset: int | None = None
    lookup: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One image: a file, or one frame of a multi-frame file.

    ``position`` is the LPS centre in mm of pixel [0, 0], ``orientation`` the six direction cosines of
    ImageOrientationPatient (column direction first, then row direction), ``pixel_spacing`` mm between rows, columns.
    """

    path: Path
    sop_instance_uid: str
    sop_class_uid: str
    number: int | None
    rows: int
    columns: int
    position: tuple[float, float, float] | None
    orientation: tuple[float, float, float, float, float, float] | None
    pixel_spacing: tuple[float, float] | None
    thickness: float | None
    rescale: tuple[float, float] = (1.0, 0.0)
    signed: bool = True
    bits_stored: int = 16
    # Which frame of its file, counted from 0; None where the file holds one image.
    frame: int | None = None
    storage: Storage = Storage()


@dataclass(frozen=True, slots=True)
class Series:
    """A series of one study, instances in slice order (towards the normal).

    ``uid`` is unique in a catalogue. It is the SeriesInstanceUID, but for a series that had to be split (localisers,
    several orientations, sizes or acquisitions) and for one that two patients share: there the largest part or the
    first patient's keeps it and the others add ``#2``, ``#3`` …;
    ``series_instance_uid`` is always the UID that DICOM knows.
    """

    uid: str
    study_uid: str
    number: int | None
    modality: str
    description: str
    body_part: str
    frame_of_reference_uid: str | None
    instances: tuple[Instance, ...]
    # "T1", "T1+C", "T2", "FLAIR", "PD" … where description and acquisition times tell, else None.
    contrast: str | None = None
    # (width, centre) pairs of the series' own VOI windows, in order.
    windows: tuple[tuple[float, float], ...] = ()
    # What those windows are, and the VOI LUTs that the series offers beside them.
    window_function: WindowFunction = "LINEAR_EXACT"
    voi_tables: tuple[VoiTable, ...] = ()
    synthetic: bool = False
    # True where the pixels do not show a person at all: simulated from an anatomical model.
    simulated: bool = False
    # One sentence each: a gap, a duplicate, a file left out.
    warnings: tuple[str, ...] = ()
    # "dicom", "nifti" or "header" (NRRD, MetaImage): how it is loaded.
    format: str = "dicom"
    # True where low values are meant to be shown bright (MONOCHROME1); the values themselves are not touched.
    inverted: bool = False
    # The instances of every time point where places were imaged again and again, each in the order of ``instances``,
    # and what is known of when ("+2.5 s", "" where nothing is). Empty where there is no time axis.
    times: tuple[tuple[Instance, ...], ...] = ()
    time_labels: tuple[str, ...] = ()
    # Which time point ``instances`` are, from 0.
    time: int = 0
    # True where the pixels are colours: they are shown as such, and no model takes them.
    colour: bool = False
    # "lossy" or "lossy 12:1" where the pixels were compressed with loss, else "".
    lossy: str = ""
    # True where overlay planes (60xx) were stored with the images.
    graphics: bool = False

    @property
    def series_instance_uid(self) -> str:
        """The SeriesInstanceUID, also of a part of a split series."""
        return self.uid.partition("#")[0]

    @property
    def uids(self) -> tuple[str, ...]:
        """The UIDs of all time points, the first one's first; its own alone where there is no time axis."""
        base = base_uid(self.uid)
        return (base, *(f"{base}#t{number}" for number in range(2, len(self.times) + 1)))

    @property
    def paths(self) -> frozenset[Path]:
        """The files of all its images."""
        return frozenset(i.path for instances in (self.instances, *self.times) for i in instances)

    def at(self, time: int) -> "Series":
        """Return the same series at a time point counted from 0; IndexError where there is none.

        Each time point has a UID of its own (``uid``, ``uid#t2``, ``uid#t3`` …): results belong to the one that they
        were made from.
        """
        if time < 0 or (time > 0 and time >= len(self.times)):
            raise IndexError(f"there is no time point {time}")
        if time == self.time:
            return self
        return replace(self, uid=self.uids[time], instances=self.times[time], time=time)

    @property
    def order(self) -> tuple[bool, int, str]:
        """The sorting key of series in a study: by number, those without one last."""
        return self.number is None, self.number or 0, self.uid


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was scanned."""

    name: str = ""
    identifier: str = ""
    birth_date: str = ""
    sex: str = ""
    age: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """One examination."""

    uid: str
    patient: Patient
    date: str
    description: str
    accession: str
    institution: str
    series: tuple[Series, ...]

    @property
    def series_uids(self) -> frozenset[str]:
        """The UIDs of its series, of all their time points."""
        return frozenset(uid for series in self.series for uid in series.uids)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that does not open, and why, in one sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A segmentation, parametric map, report or presentation state that was found beside the series it is about."""

    path: Path
    kind: str
    title: str
    number: int | None
    sop_instance_uid: str
    study_uid: str
    patient: Patient
    frame_of_reference_uid: str | None
    # What it names: series, and images or other results.
    series_uids: tuple[str, ...] = ()
    instance_uids: frozenset[str] = frozenset()
    synthetic: bool = False

    @property
    def uid(self) -> str:
        """What tells one result from another."""
        return self.sop_instance_uid or str(self.path)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that is open."""

    studies: tuple[Study, ...] = ()
    refused: tuple[Refusal, ...] = field(default=())
    results: tuple[StoredResult, ...] = field(default=())

    def series(self, uid: str) -> Series:
        """Return a series by its UID; KeyError where there is none."""
        return self.study_of(uid)[1]

    def study_of(self, series_uid: str) -> tuple[Study, Series]:
        """Return the study and the series (at its time point) of a series UID; KeyError where there is none."""
        match = _TIME_SUFFIX.search(series_uid)
        base, time = (series_uid[: match.start()], int(match[1]) - 1) if match else (series_uid, 0)
        for study in self.studies:
            for series in study.series:
                if series.uid == series_uid:
                    return study, series
                if match and series.uid == base and 0 < time < len(series.times):
                    return study, series.at(time)
        raise KeyError(series_uid)

    def source_of(self, result: StoredResult) -> Series | None:
        """Return the series that a result lies on: of the same patient and study, one whose images it names.

        Where it names none, the only series in its frame of reference. None where that is not there.
        """
        patient = result.patient.identifier, result.patient.name
        candidates = [
            series
            for study in self.studies
            for series in study.series
            if study.uid == result.study_uid and (study.patient.identifier, study.patient.name) == patient
        ]
        named = [series for series in candidates if series.series_instance_uid in result.series_uids]
        if len(named) == 1:
            return named[0]
        sharing = [
            s for s in named or candidates if any(i.sop_instance_uid in result.instance_uids for i in s.instances)
        ]
        if sharing or result.series_uids:
            return max(sharing or named, key=lambda series: len(series.instances), default=None)
        frame = result.frame_of_reference_uid
        alike = [series for series in candidates if frame is not None and series.frame_of_reference_uid == frame]
        return alike[0] if len(alike) == 1 else None

    def merged(self, other: "Catalog") -> "Catalog":
        """Return both catalogues as one: series of one study come together, a series opened again replaces itself.

        One of which only a part is opened again, a single file of it perhaps, stays whole.
        Studies that share a UID but not the patient stay apart, and so do their series: one whose UID another
        patient's series already has adds ``#2``, ``#3`` …. A file that opens in ``other`` is no longer refused.
        """
        studies = {_identity(study): study for study in self.studies}
        owners = {series.uid: key for key, study in studies.items() for series in study.series}
        reserved = {series.uid for study in (*self.studies, *other.studies) for series in study.series}
        for study in other.studies:
            key = _identity(study)
            known = studies.get(key)
            old = known.series if known is not None else ()
            held = {series.uid for series in study.series if owners.get(series.uid, key) != key}
            found = _named_apart(study.series, old, held, reserved)
            owners |= dict.fromkeys((series.uid for series in found), key)
            before = {series.uid: series for series in old}
            found = tuple(_fuller(before.get(one.uid), one) for one in found)
            again = {series.uid for series in found}
            together = (*(s for s in old if s.uid not in again), *found)
            studies[key] = replace(study, series=tuple(sorted(together, key=lambda one: one.order)))
        refused = {refusal.path: refusal for refusal in (*self.refused, *other.refused)}
        # Where nothing was refused, no instance of a large catalogue need be looked at.
        opened = {path for study in other.studies for s in study.series for path in s.paths} if refused else set()
        results = {result.uid: result for result in (*self.results, *other.results)}
        whole = Catalog(tuple(studies.values()), results=tuple(results.values()))
        opened |= {result.path for result in whole.results if whole.source_of(result) is not None}
        left = tuple(refusal for path, refusal in refused.items() if path not in opened)
        return replace(whole, refused=left)


def base_uid(uid: str) -> str:
    """Return the UID under which a catalogue lists the series of a time point."""
    return _TIME_SUFFIX.sub("", uid)


def free_uid(uid: str, taken: set[str]) -> str:
    """Return the UID, or ``uid#2``, ``uid#3`` … where it is taken; it is taken from now on."""
    free, number = uid, 1
    while free in taken:
        number += 1
        free = f"{uid}#{number}"
    taken.add(free)
    return free


def _identity(study: Study) -> tuple[str, str, str]:
    return study.uid, study.patient.identifier, study.patient.name


def _named_apart(
    found: tuple[Series, ...], old: tuple[Series, ...], held: set[str], reserved: set[str]
) -> tuple[Series, ...]:
    """Return a study's series, those whose UID other patients hold under the UID they had before, else a free one.

    ``old`` are the series that the study has already, ``reserved`` all UIDs that are in use; new ones are added to it.
    """
    before, coming = {series.uid for series in old}, {series.uid for series in found}
    named: dict[str, Series] = {}
    # Those that must change their name first: the name they had may look like a part of a split series.
    for series in sorted(found, key=lambda one: one.uid not in held):
        uid = series.uid
        clashes = uid in held or uid in named
        if clashes or uid not in before:
            same = (
                one.uid
                for one in old
                if one.uid not in named and (clashes or one.uid not in coming) and _share_images(one, series)
            )
            uid = next(same, None) or (free_uid(series.series_instance_uid, reserved) if clashes else uid)
        named[uid] = series if uid == series.uid else replace(series, uid=uid)
    return tuple(named.values())


def _fuller(known: Series | None, found: Series) -> Series:
    """Return a series that was found again; the known one where all that was found is only a part of it."""
    if known is None or (len(found.instances) >= len(known.instances) and len(found.times) >= len(known.times)):
        return found
    return known if _images(found) < _images(known) else found


def _share_images(one: Series, other: Series) -> bool:
    """Whether two series hold the same image of the same SeriesInstanceUID."""
    if one.series_instance_uid != other.series_instance_uid:
        return False
    return not _images(one).isdisjoint(_images(other))


def _images(series: Series) -> set[tuple[str, int | None]]:
    """Return what tells the images of a series, of all time points, apart."""
    return {(i.sop_instance_uid or str(i.path), i.frame) for part in (series.instances, *series.times) for i in part}
