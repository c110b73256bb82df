"""Evaluation of a classifier of series: calibrated on validation patients, scored on patients it never saw.

A series is asked about on the viewer's own road (`models.recognition`), with weights in half precision as a package
holds them. Temperatures (Guo et al. 2017, arXiv:1706.04599) and thresholds come from the validation patients only.
Baseline: of small pictures, the nearest mean picture of the training slices that show the same.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import package, rows
from medgan_viewer.lab.evaluation.exams import speed
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.recognition.series import ALL_GROUPS, WAYS, series_of
from medgan_viewer.lab.sources.series_pictures import SeriesPictures
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.sources.splits import GAP, NEIGHBOURS
from medgan_viewer.lab.training.start import open_source
from medgan_viewer.models.recognition import Question, answer, pictures

__all__ = [
    "Asked",
    "again",
    "ask",
    "calibrated",
    "evaluate",
    "packaged_speed",
    "questions_of",
    "score",
    "series_asked",
]

PRECISION = 0.98
"""The share of sure answers that must be right on the validation patients."""
_LOWEST_THRESHOLD = 0.6
_TEMPERATURES = np.geomspace(0.4, 5.0, 60)
_THRESHOLDS = np.linspace(_LOWEST_THRESHOLD, 0.995, 80)
_SMALL = 12
_BINS = np.linspace(0, 1, 11)
PROTOCOL = (
    "Series of patients who were neither trained nor calibrated on, each judged from up to nine of its slices: "
    "simulated heads 17–20; IXI `calibrate`; `ms` 07 and 26 (skull-stripped); the exam patients of `ct_slices_hu`; the "
    "last 15 % of each class of `tumour_types` (single slices) and the last crops of `hippocampus`; inventions; and, "
    "from data of which nothing was trained on, `lgg` test patients, the dose phantom and three real DICOM studies. Of "
    "`tumour_types` patient ids are lost: the first 70 % of each class were trained on, the next 15 % calibrate, and "
    f"the first {GAP} slices of both later blocks are left out, as one patient may lie on both sides; "
    f"{NEIGHBOURS} in a row count as one. An answer is "
    "right when it is the true one, sure or not; answers under the threshold that gave at least 98 % right ones on the "
    "validation patients are given as unsure. For the question which way is up, every series is judged upright and "
    "upside down. Baseline: the nearest mean picture (12 × 12 pixels) of the training slices."
)
Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Asked:
    """A series that a classifier was asked about: its pictures' mean logits, and the true answers (−1: not known)."""

    group: str
    patient: str
    logits: NDArray[np.float32]
    labels: tuple[int, ...]
    small: NDArray[np.float32]


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Calibrate a run on the validation patients and score it on the test patients."""
    trained = runs["model"]
    source = open_source(trained.recipe)
    if not isinstance(source, SeriesPictures):
        raise UsageError("A classifier is scored on the data series_pictures only.")
    data = data_folder(trained.recipe.data.arguments.get("data"))
    network = halved(trained.network)
    questions = calibrated(questions_of(trained), ask(network, data, "validation"))
    source.prepare("train")
    made = evaluate(questions, ask(network, data, "test"), Means(*source.pool("train")))
    constants = {one.name: {"temperature": one.temperature, "threshold": one.threshold} for one in questions}
    said = {"protocol": PROTOCOL, "rows": made, "questions": constants}
    return {**said, "speed": packaged_speed(trained, said)}


def packaged_speed(trained: Trained, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return how fast the package is that a run gives with this evaluation."""
    about = trained.recipe.manifest
    assert about is not None  # it has named the questions
    with tempfile.TemporaryDirectory() as name:
        package.write(trained, about, said, Path(name) / trained.recipe.id)
        return speed.measure(Path(name) / trained.recipe.id)


def questions_of(trained: Trained) -> tuple[Question, ...]:
    """Return what a run's network is asked, uncalibrated. Raises UsageError where its recipe does not name it."""
    about = trained.recipe.manifest
    if about is None:
        raise UsageError("The recipe has no [manifest] that names question and class of each channel.")
    classes: dict[str, list[str]] = {}
    for output in about.outputs:
        classes.setdefault(str(output["question"]), []).append(str(output["name"]))
    firsts = np.cumsum([0, *(len(names) for names in classes.values())])
    return tuple(
        Question(name, tuple(names), int(first))
        for (name, names), first in zip(classes.items(), firsts[:-1], strict=True)
    )


def halved(network: nn.Module) -> Network:
    """Return a network with the weights that a package holds, on pictures `[slice, 1, H, W]`."""
    network.load_state_dict(
        {name: one.half().float() if one.is_floating_point() else one for name, one in network.state_dict().items()}
    )
    network.eval()

    def run(seen: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            given: NDArray[np.float32] = network(torch.from_numpy(np.ascontiguousarray(seen))).float().numpy()
        return given

    return run


def ask(network: Network, data: Path, split: str, groups: Sequence[str] = tuple(ALL_GROUPS)) -> list[Asked]:
    """Return all series of a split with the network's logits, each of them upright and, where that is known, turned."""
    found = []
    for group in groups:
        for one in series_of(data, group, split):
            seen = pictures(one.volume)
            if not len(seen):
                continue
            found.append(series_asked(network, one.group, one.patient, one.labels, seen))
            if one.labels[3] == 0:
                turned = (*one.labels[:3], WAYS.index("upside down"))
                found.append(series_asked(network, one.group, one.patient, turned, seen[:, :, ::-1]))
    return found


def series_asked(
    network: Network, group: str, patient: str, labels: tuple[int, ...], seen: NDArray[np.float32]
) -> Asked:
    """Return a series of which these are the pictures `[slice, 1, H, W]`, with the network's logits."""
    logits = network(seen).mean(axis=0, keepdims=True)
    cell = seen.shape[2] // _SMALL
    small = seen.reshape(len(seen), _SMALL, cell, _SMALL, cell).mean(axis=(2, 4))
    return Asked(group, patient, logits, labels, small)


# Calibration


def calibrated(questions: Sequence[Question], asked: Sequence[Asked]) -> tuple[Question, ...]:
    """Return the questions with temperature and threshold from these series; each group of them counts alike."""
    return tuple(_calibrated(question, number, asked) for number, question in enumerate(questions))


def _calibrated(question: Question, number: int, asked: Sequence[Asked]) -> Question:
    known = [one for one in asked if one.labels[number] >= 0]
    logits = np.concatenate([one.logits for one in known])[:, question.first : question.first + len(question.classes)]
    truth = np.array([one.labels[number] for one in known])
    groups = [one.group for one in known]
    weight = np.array([1 / groups.count(group) for group in groups])
    weight /= weight.sum()
    places = np.arange(len(truth))
    losses = [-(weight * _log_softmax(logits / t)[places, truth]).sum() for t in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    shares = np.exp(_log_softmax(logits / temperature))
    right, sureness = shares.argmax(axis=1) == truth, shares.max(axis=1)
    threshold = float(_THRESHOLDS[-1])
    for candidate in _THRESHOLDS:
        sure = sureness >= candidate
        if sure.any() and (weight * right)[sure].sum() >= PRECISION * weight[sure].sum():
            threshold = float(candidate)
            break
    return replace(question, temperature=round(temperature, 4), threshold=round(threshold, 4))


def _log_softmax(values: NDArray[Any]) -> NDArray[np.float64]:
    shifted = values.astype(np.float64) - values.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


# Scores


class Means:
    """The nearest mean: small training pictures that show the same, averaged."""

    def __init__(self, stored: NDArray[np.uint8], labels: NDArray[np.int8]) -> None:
        known = (labels[:, :3] >= 0).all(axis=1)
        cell = stored.shape[1] / _SMALL
        edges = np.round(np.arange(_SMALL) * cell).astype(int)
        counts = np.diff([*edges, stored.shape[1]])
        sums = np.add.reduceat(np.add.reduceat(stored[known].astype(np.float32), edges, axis=1), edges, axis=2)
        small = sums / (255 * counts[:, None] * counts)
        self._labels = np.unique(labels[known][:, :3], axis=0)
        same = [(labels[known][:, :3] == one).all(axis=1) for one in self._labels]
        self._means = np.stack([small[one].mean(axis=0) for one in same])

    def answers(self, small: NDArray[np.float32]) -> tuple[int, ...]:
        """Return kind, region, plane and way of a series' small pictures."""
        both = [((some.mean(axis=0) - self._means) ** 2).sum(axis=(1, 2)) for some in (small, small[:, ::-1])]
        best = self._labels[int(np.minimum(*both).argmin())]
        return (*(int(label) for label in best), int(both[1].min() < both[0].min()))


def evaluate(questions: Sequence[Question], asked: Sequence[Asked], means: Means | None = None) -> list[dict[str, Any]]:
    """Return the rows: of each group and of all series, how often each question was answered rightly."""
    made: list[dict[str, Any]] = []
    groups = list(dict.fromkeys(one.group for one in asked))
    for group in groups:
        made += _rows(group, questions[:1], [one for one in asked if one.group == group], means)
    made += _rows("all series", questions, list(asked), means)
    made.append(_reliability(questions[0], asked))
    return made


def _rows(
    setting: str, questions: Sequence[Question], asked: Sequence[Asked], means: Means | None
) -> list[dict[str, Any]]:
    found = []
    for number, question in enumerate(questions):
        # Upside down a series counts for that question alone.
        known = [one for one in asked if one.labels[number] >= 0 and (number == 3 or one.labels[3] != 1)]
        right: dict[str, dict[str, list[float]]] = {"model": {}, "baseline": {}}
        sure_right: dict[str, list[float]] = {}
        unsure: dict[str, list[float]] = {}
        for one in known:
            said = answer(one.logits, [question]).answers[question.name]
            correct = float(said.name == question.classes[one.labels[number]])
            right["model"].setdefault(one.patient, []).append(correct)
            if means is not None:
                guessed = float(means.answers(one.small)[number] == one.labels[number])
                right["baseline"].setdefault(one.patient, []).append(guessed)
            unsure.setdefault(one.patient, []).append(float(not said.sure))
            if said.sure:
                sure_right.setdefault(one.patient, []).append(correct)
        if not known:
            continue
        by_who = {who: [100 * float(np.mean(some)) for some in by.values()] for who, by in right.items()}
        made = [rows.row(setting, f"{question.name} right", "%", by_who)]
        if sure_right:
            made.append(rows.row(setting, f"{question.name} right where sure", "%", {"model": _shares(sure_right)}))
        made.append(rows.row(setting, f"{question.name} unsure", "%", {"model": _shares(unsure)}))
        found += made
    return found


def _shares(by_patient: Mapping[str, Sequence[float]]) -> list[float]:
    return [100 * float(np.mean(some)) for some in by_patient.values()]


def _reliability(question: Question, asked: Sequence[Asked]) -> dict[str, Any]:
    """Return how far stated probability and share of right answers are apart (expected calibration error)."""
    known = [one for one in asked if one.labels[0] >= 0 and one.labels[3] != 1]
    said = [answer(one.logits, [question]).answers[question.name] for one in known]
    stated = np.array([one.probability for one in said])
    right = np.array([one.name == question.classes[each.labels[0]] for one, each in zip(said, known, strict=True)])
    place = np.digitize(stated, _BINS[1:-1])
    tenths = [place == tenth for tenth in np.unique(place)]
    gaps = [abs(stated[tenth].mean() - right[tenth].mean()) for tenth in tenths]
    counts = [int(tenth.sum()) for tenth in tenths]
    error = 100 * float(np.average(gaps, weights=counts))
    return {
        "setting": "all series",
        "metric": f"{question.name}: stated probability against share of right answers (ECE)",
        "unit": "%",
        "model": round(error, 3),
        "n": len(known),
        "spread": f"mean over {len(counts)} tenths of probability, series counted",
    }


def again(network: nn.Module, questions: Sequence[Question], data: Path) -> list[dict[str, Any]]:
    """Return the rows of a packaged network, without baseline, for comparison with the stored ones."""
    return evaluate(questions, ask(halved(network), data, "test"))
