"""Who sits an exam: a packaged model on the viewer's own road, or the look-up table that it has to beat."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import baseline
from medgan_viewer.lab.evaluation.exams.definition import Exam
from medgan_viewer.lab.simulation.tissues import SEGMENTS
from medgan_viewer.models.device import load
from medgan_viewer.models.encoding import mask_couch, mr_reference
from medgan_viewer.models.inference import prepare
from medgan_viewer.models.manifest import Package
from medgan_viewer.models.tasks import Writing, task_of

__all__ = ["Candidate", "Inputs", "Made", "Packaged", "check_fit", "look_up_table", "targets_of"]

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
    """A model with its weights as packaged: prepared, run and decoded as when a reader runs it, on the CPU."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._task = task_of(package.manifest)
        self._network = load(package, "cpu")
        self.precision = self._network.precision
        """The precision that is fastest here, as in the viewer."""

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
        for start in range(0, len(asked), _BATCH):
            batch = list(asked[start : start + _BATCH])
            for index, prediction in zip(batch, self._network(prepared.inputs(batch)), strict=True):
                self._task.write(writing, prediction, prepared, index)
        return {name: array[list(asked)] for name, array in zip(targets_of(self._package), whole, strict=True)}


def look_up_table(exam: Exam, targets: Sequence[str], folder: Path) -> Candidate:
    """Return the best that can be done from one pixel's intensity, fitted on the series of training heads in `folder`.

    Of several inputs of one run it looks at the first.
    """
    firsts = dict.fromkeys(names[0] for names in exam.inputs)
    tables: dict[str, NDArray[Any]] = {}
    for name in firsts:
        if exam.task == "segmentation":
            tables[name] = baseline.fit_segments(folder, name, len(SEGMENTS))[None]
        else:
            tables[name] = baseline.fit_pictures(folder, name, tuple(targets))

    def looked_up(
        inputs: Inputs, names: Sequence[str], spacing: tuple[float, float, float], asked: Sequence[int]
    ) -> Made:
        name = names[0]
        series = inputs[name].astype(np.float32)
        scaled = mask_couch(series, spacing) if name == "CT" else series * (1000 / mr_reference(series, spacing))
        index = baseline.bins(np.clip(np.round(scaled[list(asked)]), -32768, 32767).astype(np.int16), name)
        return {target: row[index] for target, row in zip(targets, tables[name], strict=True)}

    return looked_up


def check_fit(exam: Exam, package: Package) -> tuple[str, ...]:
    """Return the exam's targets that a model makes. Raises UsageError where it is another kind of model."""
    offered = targets_of(package)
    series = len(package.manifest.requires.inputs) or 1
    if any(len(names) != series for names in exam.inputs):
        raise UsageError(f"The model {package.id} takes another number of series than the exam {exam.id} gives.")
    if package.manifest.task != exam.task or not set(offered) & set(exam.targets):
        raise UsageError(f"The model {package.id} makes nothing that the exam {exam.id} asks for.")
    return tuple(target for target in exam.targets if target in offered)
