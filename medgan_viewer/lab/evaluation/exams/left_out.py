"""Patients of an exam who are trained on: each is scored with weights that were trained without him.

Beside a run R lies for each such patient NAME a run R-without-NAME of the same recipe but for `held_out` in [data].
"""

from pathlib import Path

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.real import PATIENT_EXAMS, beside, load_patient_exam
from medgan_viewer.lab.evaluation.exams.real_patients import listed
from medgan_viewer.lab.evaluation.trained import Trained, load_run
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.training.start import open_source

__all__ = ["EACH", "LEFT_OUT", "WITHOUT", "trained_without"]

WITHOUT = "without "
"""Begins the names of packages that a patient was left out of; his name in the training data follows."""
LEFT_OUT = "left_out"
"""Where an evaluation keeps the SHA-256 of these weights, by patient."""
EACH = "each left out"
"""In the setting of numbers made with them: no package holds these weights, so these cannot be measured again."""


def trained_without(trained: Trained, exam: str, run: Path) -> dict[str, Trained]:
    """Return, by `WITHOUT` and his name, what was trained without each patient of an exam whom `trained` saw.

    Empty where it saw none of them. Raises UsageError where such a run lacks or is not what its name says.
    """
    seen = _seen(trained.recipe, exam)
    found = {}
    for name in seen:
        place = run.with_name(f"{run.name}-without-{name}")
        if not place.is_dir():
            raise UsageError(
                f"The run {run.name} was trained on patients of the exam that it is to sit: train its recipe once more "
                f'for each of them, this one with held_out = ["{name}"] in [data] as the run {place.name} beside it.'
            )
        one = load_run(place)
        if name in _seen(one.recipe, exam) or not one.recipe.trains_like(trained.recipe, but="held_out"):
            raise UsageError(f"The run {place.name} is not the training of {run.name} without one patient.")
        found[f"{WITHOUT}{name}"] = one
    return found


def _seen(recipe: Recipe, exam: str) -> tuple[str, ...]:
    """Return which patients of an exam and of those beside it are among a recipe's real training patients."""
    archive = str(recipe.data.arguments.get("archive", ""))
    exams = (*((load_patient_exam(exam),) if exam in PATIENT_EXAMS else ()), *beside(exam))
    tested = {listed(archive, name) for one in exams for name in one.kept_out(archive)} if archive else set()
    return tuple(sorted(tested.intersection(open_source(recipe).patients["train"]))) if tested else ()
