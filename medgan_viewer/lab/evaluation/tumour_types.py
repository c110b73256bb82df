"""Evaluation of the classifier of tumour slices: calibrated on the validation blocks, scored on the test blocks.

Each slice is asked about on the viewer's road as a series of one, with the weights that a package holds. What counts as
a patient is told in :data:`PROTOCOL`; baseline is the nearest mean picture of the training slices.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import classes
from medgan_viewer.lab.evaluation.classes import Asked, Means, Network
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.sources.splits import GAP, NEIGHBOURS
from medgan_viewer.lab.sources.tumour_slices import CLASSES, TumourSlices, stored_slices
from medgan_viewer.lab.training.start import open_source
from medgan_viewer.models.recognition import Question, pictures

__all__ = ["again", "ask", "score"]

PROTOCOL = (
    f"Single slices of the last 15 % of each class of `tumour_types` (the first {GAP} of them left out), which were "
    f"neither trained nor calibrated on; temperature and threshold come from the 15 % before (the first {GAP} left out "
    f"too). Patient ids are lost: {NEIGHBOURS} slices in a row count as a patient, as neighbours are alike. An answer "
    "is right when it is the true one, sure or not; answers under the threshold that gave at least 98 % right ones on "
    "the validation slices are given as unsure. Every slice shows one of the three tumours. Baseline: the nearest mean "
    "picture (12 × 12 pixels) of the training slices."
)
# What `classes` asks about beside the first question is the same for all slices here, and which way is up not known.
_SAME = (0, 0, -1)


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Calibrate a run on the validation slices and score it on the test slices."""
    trained = runs["model"]
    source = open_source(trained.recipe)
    if not isinstance(source, TumourSlices):
        raise UsageError("This classifier is scored on the data tumour_slices only.")
    data = data_folder(trained.recipe.data.arguments.get("data"))
    network = classes.halved(trained.network)
    questions = classes.calibrated(classes.questions_of(trained), ask(network, data, "validation"))
    train, labels = stored_slices(data, "train")
    known = np.array([(label, *_SAME) for label in labels], np.int8)
    means = Means(np.round(255 * train).astype(np.uint8), known)
    found = classes.evaluate(questions, ask(network, data, "test"), means)
    constants = {one.name: {"temperature": one.temperature, "threshold": one.threshold} for one in questions}
    said = {"protocol": PROTOCOL, "rows": found, "questions": constants}
    return {**said, "speed": classes.packaged_speed(trained, said)}


def ask(network: Network, data: Path, split: str) -> list[Asked]:
    """Return all slices of a split with the network's logits."""
    found = []
    images, labels = stored_slices(data, split)
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in range(len(CLASSES))]
    for place, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
        volume = Volume(image[None], np.eye(4)[[2, 1, 0, 3]], modality="MR")
        patient = f"{CLASSES[label]} {(place - firsts[label]) // NEIGHBOURS}"
        seen = pictures(volume)
        found.append(classes.series_asked(network, CLASSES[label], patient, (label, *_SAME), seen))
    return found


def again(network: nn.Module, questions: Sequence[Question], data: Path) -> list[dict[str, Any]]:
    """Return the rows of a packaged network, without baseline, for comparison with the stored ones."""
    return classes.evaluate(questions, ask(classes.halved(network), data, "test"))
