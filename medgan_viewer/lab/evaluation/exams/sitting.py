"""Lets a run sit an exam as the package that it will be: weights in half precision, on the viewer's own road."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import conformal, package
from medgan_viewer.lab.evaluation.exams import speed
from medgan_viewer.lab.evaluation.exams.failures import write_failures
from medgan_viewer.lab.evaluation.exams.left_out import WITHOUT, trained_without
from medgan_viewer.lab.evaluation.exams.real_runs import measured
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.models.manifest import Package, read_package

__all__ = ["sit"]

_NO_NUMBERS: dict[str, Any] = {"protocol": "none", "rows": []}


def sit(runs: Mapping[str, Trained], exam: str, run: Path) -> dict[str, Any]:
    """Return what evaluation.json holds of the run "model" beside its "twin"; keep pictures and twin in folder `run`.

    What was trained on patients of the exam is scored beside runs without one of them each. Raises UsageError where
    those lack, where the recipe describes no model or the exam is for another one, MissingPartError without data.
    """
    trained = runs["model"]
    runs = {**runs, **trained_without(trained, exam, run)}
    interval = conformal.interval(trained)
    found = {} if interval is None else {"interval": interval}
    with tempfile.TemporaryDirectory() as name:
        own = {who for who in runs if who == "model" or who.startswith(WITHOUT)}
        drafts = {who: _draft(one, found if who in own else {}, Path(name) / who) for who, one in runs.items()}
        evaluation, worst = measured(exam, drafts, data_folder(trained.recipe.data.arguments.get("data")))
        evaluation["speed"] = speed.measure(drafts["model"].folder)
        if "twin" in drafts:
            evaluation["twin_sha256"] = drafts["twin"].manifest.weights_sha256
            shutil.copyfile(drafts["twin"].weights, run / package.TWIN)
    pictures = run / package.FAILURES
    pictures.mkdir(exist_ok=True)
    evaluation |= found
    evaluation["failures"] = write_failures(worst, pictures, trained.recipe.id)
    return evaluation


def _draft(trained: Trained, found: Mapping[str, Any], folder: Path) -> Package:
    about = trained.recipe.manifest
    if about is None:
        raise UsageError(f"The recipe {trained.recipe.id} has no section [manifest], so it cannot sit an exam.")
    package.write(trained, about, {**_NO_NUMBERS, **found}, folder / trained.recipe.id)
    return read_package(folder / trained.recipe.id)
