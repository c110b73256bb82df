"""Who sits an exam: a packaged model on the viewer's own road, or the look-up table that it has to beat."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import baseline
from medgan_viewer.lab.evaluation.exams.classical import noise_level, non_local_means
from medgan_viewer.lab.evaluation.exams.definition import Exam
from medgan_viewer.lab.simulation.tissues import SEGMENTS
from medgan_viewer.models.device import load
from medgan_viewer.models.encoding import decode, mask_couch, mr_reference, stored
from medgan_viewer.models.inference import Prepared, prepare
from medgan_viewer.models.manifest import Package
from medgan_viewer.models.tasks import Writing, task_of

__all__ = ["Candidate", "Inputs", "Made", "Packaged", "bounds_of", "cached", "check_fit", "look_up_table", "targets_of"]

Inputs = Mapping[str, NDArray[np.int16]]
Made = dict[str, NDArray[Any]]
Candidate = Callable[[Inputs, Sequence[str], tuple[float, float, float], Sequence[int]], Made]
"""Series by name, the names of those that go in, their spacing (mm) and the slices asked for → by target,
`[asked slice, row, column]`: HU, 1/1000 of an MR's unit, or labels."""
_BATCH = 4


def targets_of(package: Package) -> tuple[str, ...]:
    """Return the names of what a model makes, in the order of its outputs."""
    if package.manifest.task == "segmentation":
        return ("segmentation",)
    return tuple(output.contrast if output.modality == "MR" else output.modality for output in package.manifest.images)


class Packaged:
    """A model with its weights as packaged: prepared, run and decoded as when a reader runs it, on the CPU.

    It is never run in half precision, which not every machine has: what is measured comes out on each of them.
    A model with a control is told `degree`, or its default. Where it gives an interval, the bounds
    come too, as the targets `bounds_of(target)`.
    """

    def __init__(self, package: Package, degree: float | None = None) -> None:
        self._package = package
        self._task = task_of(package.manifest)
        self._network = load(package, "cpu", degree, half=False)
        self.precision = self._network.precision

    @property
    def sober(self) -> "Packaged | None":
        """The same model without its adversary's say, where it can be told so."""
        return Packaged(self._package, 0.0) if self._package.manifest.control is not None else None

    @property
    def level(self) -> float | None:
        """The share of the truth that its interval shall hold; None where it gives none."""
        interval = self._package.manifest.interval
        return interval.level if interval is not None else None

    def __call__(
        self, inputs: Inputs, names: Sequence[str], spacing: tuple[float, float, float], asked: Sequence[int]
    ) -> Made:
        """Return what the model makes of some slices."""
        manifest = self._package.manifest
        affine = np.diag([*spacing, 1.0])[[2, 1, 0, 3]]
        first, *further = (Volume(inputs[name], affine, modality="CT" if name == "CT" else "MR") for name in names)
        prepared = prepare(first.array, affine, first.modality, manifest, further)
        whole = [np.zeros(first.shape, dtype) for dtype in self._task.output_types(manifest)]
        writing = Writing(manifest, whole)
        bounds: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(asked), _BATCH):
            batch = list(asked[start : start + _BATCH])
            for index, prediction in zip(batch, self._network(prepared.inputs(batch)), strict=True):
                self._task.write(writing, prediction, prepared, index)
                self._bound(bounds, self._named(names), prediction, prepared, index)
        made: Made = dict(zip(self._named(names), whole, strict=True))
        return {name: array[list(asked)] for name, array in (made | bounds).items()}

    def _named(self, names: Sequence[str]) -> list[str]:
        """Return the names of what is made of the series `names`; what says no contrast has that of the first."""
        return [target or names[0] for target in targets_of(self._package)]

    def _bound(
        self,
        bounds: dict[str, NDArray[np.float32]],
        targets: Sequence[str],
        prediction: Any,
        prepared: Prepared,
        index: int,
    ) -> None:
        """Keep both ends of each interval with their margin, in stored values."""
        manifest = self._package.manifest
        if manifest.interval is None:
            return
        for target, output in zip(targets, manifest.images, strict=True):
            of_it = manifest.interval.of(output.channel)
            if of_it is None:
                continue
            margin = of_it.margin * stored(output.decoding).per_unit
            for name, channel, sign in zip(bounds_of(target), (of_it.low, of_it.high), (-1, 1), strict=True):
                decoded = decode(output.decoding, prediction[channel].cpu().numpy()).astype(np.float32)
                plane = prepared.to_source(torch.from_numpy(decoded)[None])[0].numpy()
                array = bounds.setdefault(name, np.zeros(prepared.view.shape, np.float32))
                array[index] = plane + sign * margin


def bounds_of(target: str) -> tuple[str, str]:
    """Return under which names the two ends of a target's interval come."""
    return f"{target}, low", f"{target}, high"


def look_up_table(exam: Exam, targets: Sequence[str], folder: Path) -> Candidate:
    """Return the best that can be done from one pixel's intensity, fitted on the series of training heads in `folder`.

    Of several inputs of one run it knows the intensity in each; segments it looks up in the first. Where each input is
    to come out better, its noise is taken off by non-local means before, here and where the table is fitted.
    """
    cleaned = _cleaned if exam.own_contrast else None
    if exam.task == "segmentation":
        tables = {
            names[:1]: baseline.fit_segments(folder, names[0], len(SEGMENTS))[None].astype(np.float32)
            for names in exam.inputs
        }
    else:
        tables = {
            names: baseline.fit_pictures(folder, names, exam.targets_of(names, tuple(targets)), cleaned)
            for names in exam.inputs
        }

    def looked_up(
        inputs: Inputs, names: Sequence[str], spacing: tuple[float, float, float], asked: Sequence[int]
    ) -> Made:
        seen = tuple(names)[:1] if exam.task == "segmentation" else tuple(names)
        pictures = [cached(inputs[name], name, spacing, asked) for name in seen]
        index = baseline.places(pictures if cleaned is None else list(map(cleaned, pictures)), seen)
        answered = exam.targets_of(tuple(names), tuple(targets))
        return {target: row[index] for target, row in zip(answered, tables[seen], strict=True)}

    return looked_up


def _cleaned(pictures: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return slices of a cached MR without the noise that each shows."""
    given = pictures.astype(np.float32) / 1000
    filtered = np.stack([non_local_means(one, noise_level(one)) for one in given])
    return np.round(1000 * filtered).astype(np.int16)


def cached(
    picture: NDArray[np.int16], name: str, spacing: tuple[float, float, float], asked: Sequence[int]
) -> NDArray[np.int16]:
    """Return some slices of an input as the lab's cache keeps it."""
    series = picture.astype(np.float32)
    scaled = mask_couch(series, spacing) if name == "CT" else series * (1000 / mr_reference(series, spacing))
    kept: NDArray[np.int16] = np.clip(np.round(scaled[list(asked)]), -32768, 32767).astype(np.int16)
    return kept


def check_fit(exam: Exam, package: Package) -> tuple[str, ...]:
    """Return the exam's targets that a model makes. Raises UsageError where it is another kind of model."""
    offered = targets_of(package)
    if not all(package.manifest.requires.takes(len(names)) for names in exam.inputs):
        raise UsageError(f"The model {package.id} takes another number of series than the exam {exam.id} gives.")
    if package.manifest.task == exam.task and exam.own_contrast and offered == ("",):
        return exam.targets
    if package.manifest.task != exam.task or not set(offered) & set(exam.targets):
        raise UsageError(f"The model {package.id} makes nothing that the exam {exam.id} asks for.")
    return tuple(target for target in exam.targets if target in offered)
