"""What was found on disk: patients, studies, series and instances, known from headers alone."""

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Catalog", "Instance", "Patient", "Refusal", "Series", "Study"]


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
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A series of one study, instances in slice order (towards the normal)."""

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


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was scanned. Two records are the same person only if identifier and name both agree."""

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
        """Return both catalogues as one: series of one study come together, a series opened again replaces itself."""
        studies = {study.uid: study for study in self.studies}
        for study in other.studies:
            known = studies.get(study.uid)
            if known is not None:
                kept = tuple(s for s in known.series if s.uid not in {new.uid for new in study.series})
                merged = sorted((*kept, *study.series), key=lambda s: (s.number is None, s.number or 0, s.uid))
                study = Study(
                    study.uid,
                    study.patient,
                    study.date,
                    study.description,
                    study.accession,
                    study.institution,
                    tuple(merged),
                )
            studies[study.uid] = study
        refused = {refusal.path: refusal for refusal in (*self.refused, *other.refused)}
        return Catalog(tuple(studies.values()), tuple(refused.values()))
