"""Exams on real patients and phantoms, as far as they are fixed before a model: who is tested, and how it counts.

Their files lie beside those of the simulated heads. Who trains a model reads them for the patients who must not be
trained on (`PatientExam.kept_out`).
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.definition import Goal, build, exam_file, load_scans, read_table
from medgan_viewer.lab.recipe import suggestion

__all__ = [
    "PATIENT_EXAMS",
    "ROLES",
    "AnomalyTest",
    "EnhanceTest",
    "LowDoseTest",
    "PatientExam",
    "PatientSet",
    "beside",
    "load_patient_exam",
    "read_patient_exam",
]

PATIENT_EXAMS = (
    "lgg-tumour",
    "head-anomaly",
    "ct-low-dose",
    "mr-enhance",
    "mr-contrast-real",
    "mr-contrast-two-real",
    "mr-contrast-lgg",
)
ROLES = ("test", "calibration", "outside")
_TASKS = ("segmentation", "anomaly", "restoration", "synthesis")


@dataclass(frozen=True)
class PatientSet:
    """Patients of one data set; `inputs` are the series of one run each, `truth` the name of what is known of them.

    Role "calibration": who sets thresholds; "outside": another disease or scanner than was trained on.
    """

    role: str
    data: str
    patients: tuple[str, ...]
    inputs: tuple[tuple[str, ...], ...]
    truth: str = ""


@dataclass(frozen=True)
class AnomalyTest:
    """At which rate healthy patients may be alarmed, how large a finding has to be, and which pixels count."""

    false_alarm_rate: float
    finding_ml: float
    finding_cm2: float
    false_positive_pixels: tuple[float, ...]
    inside_head_mm: float


@dataclass(frozen=True)
class LowDoseTest:
    """Photons of each simulated dose, and the window within which pictures are compared."""

    photons: tuple[float, ...]
    repeats: int
    seed: int
    window_hu: tuple[float, float]


@dataclass(frozen=True)
class EnhanceTest:
    """How good MR is made worse: each noise with each thickness.

    `empty_air` are pairs (thickness, noise) that come once more with the air around the head set to zero. At the pairs
    `lesions` the lesions of the simulated scans `lesion_scans` are looked for.
    """

    noise: tuple[float, ...]
    thickness_mm: tuple[float, ...]
    seed: int
    empty_air: tuple[tuple[float, float], ...] = ()
    lesions: tuple[tuple[float, float], ...] = ()
    lesion_scans: str = ""


@dataclass(frozen=True)
class PatientExam:
    """Who is tested on what. `text` is the file's, word for word.

    `targets` are the pictures that are to come out. What was outlined is looked for in synthetic and real ones by the
    model `segmenter`, where it is installed. Whoever sits the exam `beside` sits this one after it.
    """

    id: str
    task: str
    metrics: tuple[str, ...]
    sets: tuple[PatientSet, ...]
    targets: tuple[str, ...] = ()
    segmenter: str = ""
    beside: str = ""
    anomaly: AnomalyTest | None = None
    low_dose: LowDoseTest | None = None
    enhance: EnhanceTest | None = None
    goals: tuple[Goal, ...] = ()
    text: str = ""

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the text, and of that of the scans in which lesions are looked for."""
        scans = self.enhance.lesion_scans if self.enhance is not None else ""
        return hashlib.sha256((self.text + (load_scans(scans).text if scans else "")).encode()).hexdigest()

    def of_role(self, role: str) -> tuple[PatientSet, ...]:
        """Return the sets of a role."""
        return tuple(one for one in self.sets if one.role == role)

    def kept_out(self, data: str) -> frozenset[str]:
        """Return whom of a data set no model that sits this exam may be trained or tuned on."""
        return frozenset(patient for one in self.sets if one.data == data for patient in one.patients)


def load_patient_exam(name: str) -> PatientExam:
    """Return the exam of a name. Raises UsageError with a sentence that names file and key."""
    return read_patient_exam(exam_file(name).read_text(encoding="utf-8"), f"{name}.toml")


def beside(name: str) -> tuple[PatientExam, ...]:
    """Return the exams on real patients that are sat after the exam of a name. Raises UsageError."""
    return tuple(exam for exam in map(load_patient_exam, PATIENT_EXAMS) if exam.beside == name)


def read_patient_exam(text: str, file: str) -> PatientExam:
    """Return the exam that `text`, the content of `file`, says. Raises UsageError."""
    exam = build(PatientExam, read_table(text, file), file, {"text": text})
    words = [("task", exam.task, _TASKS), *(("sets.role", one.role, ROLES) for one in exam.sets)]
    for key, word, known in words:
        if word not in known:
            raise UsageError(f"In {file}, {key} is {word}: {suggestion(word, known)}")
    seen: set[tuple[str, str]] = set()
    for one in exam.sets:
        for patient in one.patients:
            if (one.data, patient) in seen:
                raise UsageError(f"In {file}, sets.patients names {patient} of {one.data} twice.")
            seen.add((one.data, patient))
    return exam
