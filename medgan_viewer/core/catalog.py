"""What was found on disk: patients, studies, series and instances, known from headers alone."""

from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["Catalog", "Instance", "Patient", "Refusal", "Series", "Storage", "Study"]


@dataclass(frozen=True, slots=True)
class Storage:
    """How the pixels of an instance lie in its file.

    ``offset`` is the byte at which the frame's raw little-endian pixels begin, None where they have to be decoded.
    ``padding`` holds the lowest and highest stored value that mean "no pixel here" (PixelPaddingValue and its limit).
    """

    transfer_syntax_uid: str = ""
    bits_allocated: int = 16
    high_bit: int = 15
    samples: int = 1
    photometric: str = "MONOCHROME2"
    padding: tuple[int, int] | None = None
    offset: int | None = None


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
    several orientations, sizes or acquisitions): there the largest part keeps it and the others add ``#2``, ``#3`` …;
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
    synthetic: bool = False
    # True where the pixels do not show a person at all: simulated from an anatomical model.
    simulated: bool = False
    # One sentence each: a gap, a duplicate, a file left out.
    warnings: tuple[str, ...] = ()
    # "dicom" or "nifti": how it is loaded.
    format: str = "dicom"
    # True where low values are meant to be shown bright (MONOCHROME1); the values themselves are not touched.
    inverted: bool = False

    @property
    def series_instance_uid(self) -> str:
        """The SeriesInstanceUID, also of a part of a split series."""
        return self.uid.partition("#")[0]

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

    def is_same(self, other: "Patient") -> bool:
        """Whether both are surely the same person: identifier and name agree, and one of them is known."""
        mine, theirs = (self.identifier, self.name), (other.identifier, other.name)
        return mine == theirs and any(mine)


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


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that does not open, and why, in one sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that is open."""

    studies: tuple[Study, ...] = ()
    refused: tuple[Refusal, ...] = field(default=())

    def series(self, uid: str) -> Series:
        """Return a series by its UID; KeyError where there is none."""
        return self.study_of(uid)[1]

    def study_of(self, series_uid: str) -> tuple[Study, Series]:
        """Return the study and the series of a series UID; KeyError where there is none."""
        for study in self.studies:
            for series in study.series:
                if series.uid == series_uid:
                    return study, series
        raise KeyError(series_uid)

    def merged(self, other: "Catalog") -> "Catalog":
        """Return both catalogues as one: series of one study come together, a series opened again replaces itself.

        Studies that share a UID but not the patient stay apart. A file that opens in ``other`` is no longer refused.
        """
        studies = {_identity(study): study for study in self.studies}
        for study in other.studies:
            known = studies.get(_identity(study))
            old = known.series if known is not None else ()
            again = {series.uid for series in study.series}
            series = (*(s for s in old if s.uid not in again), *study.series)
            studies[_identity(study)] = replace(study, series=tuple(sorted(series, key=lambda one: one.order)))
        opened = {instance.path for study in other.studies for s in study.series for instance in s.instances}
        refused = {refusal.path: refusal for refusal in (*self.refused, *other.refused)}
        left = tuple(refusal for path, refusal in refused.items() if path not in opened)
        return Catalog(tuple(studies.values()), left)


def _identity(study: Study) -> tuple[str, str, str]:
    return study.uid, study.patient.identifier, study.patient.name
