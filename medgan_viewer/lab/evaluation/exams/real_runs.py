"""Exams by name, whoever they are on, and who runs them."""

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.definition import EXAMS, Exam, load_exam
from medgan_viewer.lab.evaluation.exams.failures import Failure
from medgan_viewer.lab.evaluation.exams.left_out import WITHOUT
from medgan_viewer.lab.evaluation.exams.real import PATIENT_EXAMS, PatientExam, load_patient_exam
from medgan_viewer.lab.evaluation.exams.run import examine, protocol
from medgan_viewer.models.manifest import Package

__all__ = ["RUNNERS", "further_exams", "load", "measured", "words"]

RUNNERS: dict[str, str] = {
    "synthesis": "real_synthesis",
    "restoration": "real_restoration",
    "segmentation": "real_segmentation",
    "anomaly": "real_anomaly",
}
"""Task → the module of this package that runs its exams on real patients.

Its `examine(exam, packages, data)` returns what evaluation.json holds (`rows`, and `exam` with at least `id` and
`sha256`), its `protocol(exam, said)` in words how they are made, where `said` is that `exam`.
"""


def load(name: str) -> Exam | PatientExam:
    """Return the exam of a name. Raises UsageError where there is none."""
    return load_patient_exam(name) if name in PATIENT_EXAMS else load_exam(name)


def further_exams(name: str) -> tuple[Exam | PatientExam, ...]:
    """Return the exams that are sat after the exam of a name. Raises UsageError."""
    return tuple(one for one in map(load, (*PATIENT_EXAMS, *EXAMS)) if one.beside == name)


def measured(
    name: str, packages: Mapping[str, Package], data: Path, skipped: Collection[str] = ()
) -> tuple[dict[str, Any], list[Failure]]:
    """Return what evaluation.json holds of an exam and of those sat beside it, and its worst cases with pictures.

    `packages` holds "model" and, where there is one, "twin"; for exams on patients who were trained on also what was
    trained without them (`left_out`). Those named in `skipped` are not sat. Raises UsageError where the model is none
    for this exam, MissingPartError without data.
    """
    evaluation, worst = _sat(load(name), packages, data)
    for further in further_exams(name):
        if further.id in skipped:
            continue
        found, _ = _sat(further, packages, data)
        evaluation["rows"] = [*evaluation["rows"], *found["rows"]]
        evaluation["beside"] = [*evaluation.get("beside", ()), found["exam"]]
    evaluation["protocol"] = words(evaluation["exam"], evaluation.get("beside", ()))
    return evaluation, worst


def words(sat: Mapping[str, Any], beside_it: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return in words how the numbers were made of the exam that was `sat` and of those beside it."""
    said = []
    for one in (sat, *beside_it):
        exam = load(one["id"])
        if isinstance(exam, PatientExam):
            said.append(_runner(exam).protocol(exam, one))
        else:
            said.append(protocol(exam, one["targets"], sober=one.get("sober", False)))
    return " ".join(said)


def _sat(exam: Exam | PatientExam, packages: Mapping[str, Package], data: Path) -> tuple[dict[str, Any], list[Failure]]:
    if isinstance(exam, PatientExam):
        return _runner(exam).examine(exam, packages, data), []
    everyone = {who: package for who, package in packages.items() if not who.startswith(WITHOUT)}
    return examine(exam, everyone, data)


def _runner(exam: PatientExam) -> Any:
    if exam.task not in RUNNERS:
        raise UsageError(f"Nothing runs the exam {exam.id} yet: it is for {exam.task}.")
    return import_module(f"{__package__}.{RUNNERS[exam.task]}")
