"""Scores a run on patients that it was not trained on, with what fits its method and data; fills evaluation.json."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams.definition import EXAMS
from medgan_viewer.lab.evaluation.exams.real import PATIENT_EXAMS
from medgan_viewer.lab.evaluation.exams.sitting import sit
from medgan_viewer.lab.evaluation.trained import Trained, load_run
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.training.run_folder import RunFolder

__all__ = ["SCORERS", "Scorer", "exam_of", "score", "scorer_of"]

Score = Callable[[Mapping[str, Trained]], dict[str, Any]]
"""Runs by name ("model", "twin") → what evaluation.json holds: `protocol`, `rows`, and `calibration` of a heat map."""


class Scorer(NamedTuple):
    """What scores the runs of a method on some kinds of data (none named: on any), as module:function of the lab.

    The place is empty where they sit an exam only.
    """

    method: str
    kinds: tuple[str, ...]
    place: str
    twins: bool = True
    """Whether a run without an adversary can stand beside it."""

    def load(self) -> Score:
        """Import and return the function."""
        module, name = self.place.split(":")
        found: Score = getattr(import_module(f"medgan_viewer.lab.{module}"), name)
        return found


_ANOMALIES = "head-anomaly"
"""The exam of every anomaly model."""
_OF_ANOMALIES = ("restoring", "f-anogan", "ebgan-map")
"""Methods that train one."""
SIMULATED = ("simulated_heads", "live_heads")
RIVALS = ("ct-low-dose",)
"""Exams at which another network may stand beside the model."""
SCORERS: tuple[Scorer, ...] = (
    Scorer("translation", SIMULATED, "evaluation.simulated:score"),
    Scorer("segmentation", SIMULATED, "evaluation.simulated:score"),
    Scorer("translation", (), "evaluation.pairs:score"),
    Scorer("segmentation", (), "evaluation.segments:score"),
    Scorer("cycle", (), "evaluation.unpaired:score", twins=False),
    Scorer("generation", (), "evaluation.generated:score", twins=False),
    Scorer("classification", ("tumour_slices",), "evaluation.tumour_types:score", twins=False),
    Scorer("classification", (), "evaluation.classes:score", twins=False),
    *(Scorer(name, (), "", twins=False) for name in _OF_ANOMALIES),
)
"""Of those that fit a run, the first one scores it."""


def scorer_of(recipe: Recipe) -> Scorer:
    """Return what scores a run of this recipe. Raises UsageError where nothing does."""
    for scorer in SCORERS:
        if scorer.method == recipe.method.name and (not scorer.kinds or recipe.data.name in scorer.kinds):
            return scorer
    raise UsageError(f"There is no evaluation for the method {recipe.method.name}: use the command sample and look.")


def exam_of(recipe: Recipe) -> str:
    """Return the exam that a run of this recipe sits, empty where there is none for it."""
    if recipe.evaluation.exam:
        return recipe.evaluation.exam
    own = recipe.data.name == "folders"
    if (recipe.id in PATIENT_EXAMS and not own) or (recipe.id in EXAMS and recipe.data.name in SIMULATED):
        return recipe.id
    return _ANOMALIES if recipe.method.name in _OF_ANOMALIES else ""


def score(run: Path, twin: Path | None = None, rival: Path | None = None) -> dict[str, Any]:
    """Score a run beside its twin and a classical baseline, write evaluation.json and return it.

    A `rival` is a run of another network on the same data, for exams that have a column for one.
    A run whose recipe names an exam, or has the id of one, sits that exam. Raises UsageError where the run's data
    have nobody to score it on.
    """
    trained = load_run(run)
    recipe = trained.recipe
    scorer = scorer_of(recipe)
    if twin is not None and not scorer.twins:
        raise UsageError(f"The method {recipe.method.name} has no twin without an adversary: leave --twin out.")
    runs = {"model": trained, **({"twin": load_run(twin)} if twin is not None else {})}
    exam = exam_of(recipe)
    if rival is not None:
        if exam not in RIVALS:
            raise UsageError(f"Nothing but the exam {' or '.join(RIVALS)} has a column for a rival: leave --rival out.")
        runs["rival"] = load_run(rival)
    evaluation = sit(runs, exam, run) if exam else scorer.load()(runs)
    evaluation |= {"step": trained.step, "seed": recipe.training.seed}
    RunFolder(run).write_evaluation(evaluation)
    return evaluation
