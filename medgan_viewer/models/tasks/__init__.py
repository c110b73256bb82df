"""What a model's result is: which arrays it fills, which layers show them, and how an output becomes voxels.

Adding a task: a module here with a class as :class:`Task` describes, and one line in ``TASKS``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Layer, Provenance
from medgan_viewer.core.volume import Volume, Voxels
from medgan_viewer.errors import PackageError, UnsuitableError
from medgan_viewer.models import device as devices
from medgan_viewer.models import inspection, refining
from medgan_viewer.models.inference import JobContext, Prepared, infer, load_where_it_fits, prepare, slices_outside
from medgan_viewer.models.manifest import Manifest, read_package

if TYPE_CHECKING:
    import torch

__all__ = ["TASKS", "Result", "Task", "Writing", "run", "task_of", "warm"]

TASKS: tuple[tuple[str, str], ...] = (
    ("synthesis", "medgan_viewer.models.tasks.synthesis:Synthesis"),
    ("segmentation", "medgan_viewer.models.tasks.segmentation:Segmentation"),
    ("anomaly", "medgan_viewer.models.tasks.anomaly:Anomaly"),
    ("classification", "medgan_viewer.models.tasks.classification:Classification"),
)
"""Name and class of every task."""


@dataclass(frozen=True)
class Writing:
    """Where a result goes: the output arrays on the source grid, and the package's manifest.

    With ``doubt`` there are arrays for that too; ``against`` are then the pictures of the sharp run, on the source
    grid, where the model has that control.
    """

    manifest: Manifest
    outputs: Sequence[Voxels]
    doubt: bool = False
    against: Sequence[Voxels] = ()

    def put(self, output: int, prepared: Prepared, index: int, image: Voxels) -> None:
        """Store an image of canonical slice ``index``, given on the canonical source grid."""
        self.outputs[output][prepared.view.slice_of(index)] = prepared.view.image_back(image)


@dataclass(frozen=True, eq=False)
class Result:
    """A run's result that is about to be shown: the output arrays, ``ready`` by slice, over the grid ``volume``."""

    manifest: Manifest
    series: Series
    volume: Volume
    arrays: Sequence[Voxels]
    ready: NDArray[np.bool_]
    provenance: Provenance
    # What a model with that control was told; and whether there are arrays of doubt.
    degree: float | None = None
    doubt: bool = False
    # What the first series shows, in its own values: none is needed but where a result looks as its source does.
    source: Volume | None = None

    def shared(self, name: str, array: Voxels, **of_volume: Any) -> dict[str, Any]:
        """Return the arguments that every layer takes; ``of_volume`` is what its volume has of its own."""
        return {
            "uid": uuid4().hex,
            "name": name,
            "source_series_uid": self.series.uid,
            "volume": self.volume.with_array(array, **of_volume),
            "ready": self.ready,
            "provenance": self.provenance,
        }


class Task(Protocol):
    """One kind of result. The first two methods run in the viewer, the last one in the worker."""

    def output_types(self, manifest: Manifest, *, doubt: bool = False) -> tuple[np.dtype[Any], ...]:
        """Return the type of each output array; all have the source grid's shape."""

    def layers(self, result: Result) -> tuple[Layer, ...]:
        """Return the layers that show the arrays of a result."""

    def write(self, writing: Writing, prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Turn the raw output [channel, row, column] of canonical slice ``index`` into voxels of the source grid."""


def task_of(manifest: Manifest) -> Task:
    """Return the task of a model."""
    module, _, name = dict(TASKS)[manifest.task].partition(":")
    task: Task = getattr(import_module(module), name)()
    return task


def run(
    context: JobContext,
    *,
    folder: str,
    weights_sha256: str,
    source: Any,
    outputs: Sequence[Any],
    affine: Voxels,
    modality: str,
    device: str,
    further: Sequence[Mapping[str, Any]] = (),
    degree: float | None = None,
    doubt: bool = False,
    against: Sequence[Any] = (),
    look: Mapping[str, Any] | None = None,
) -> None:
    """Run a model over a series: the worker's entry point. ``source`` and ``outputs`` are handles of shared arrays.

    ``further`` are the other series that the model takes, each with "source", "affine" and "modality"; ``against`` are
    handles too. With ``look`` (the other arguments of ``inspection.demand``) the pixels are looked at first.
    """
    package = read_package(Path(folder))
    if package.manifest.weights_sha256 != weights_sha256:
        raise PackageError(package.folder, "the model was changed while the program ran; choose it again")
    array = context.array(source)
    beside = [Volume(context.array(o["source"]), o["affine"], modality=o["modality"]) for o in further]
    if look is not None:
        volumes = [Volume(array, affine, modality=modality), *beside]
        sentences, usable = inspection.demand(package.manifest, volumes, **look)
        beside = beside[: usable - 1]
        for sentence in sentences:
            context.notice(sentence)
    array, affine = _divided(array, affine, package.manifest)
    beside = _reaching(context, package.manifest, Volume(array, affine), beside, given=len(further))
    network = load_where_it_fits(context, package, devices.choose(device), degree)
    context.started(network.device, network.execution, array.shape[0], 1 + len(beside))
    writing = Writing(
        package.manifest,
        [context.array(handle) for handle in outputs],
        doubt,
        [context.array(handle) for handle in against],
    )
    task = task_of(package.manifest)
    prepared = prepare(array, affine, modality, package.manifest, beside)

    def write(prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        task.write(writing, prediction, prepared, index)

    infer(context, package, prepared, network, write)


def _divided(array: Voxels, affine: Voxels, manifest: Manifest) -> tuple[Voxels, Voxels]:
    """Return the slices that the network looks at: thinner ones where the model wants that."""
    parts = refining.parts_of(affine, manifest.preprocessing.slice_spacing_mm)
    return (array, affine) if parts == 1 else (refining.refined(array, parts), refining.refined_affine(affine, parts))


def _reaching(
    context: JobContext, manifest: Manifest, grid: Volume, further: Sequence[Volume], given: int
) -> list[Volume]:
    """Return the further inputs that show something of the first one; say where one does not reach or there is none.

    The network sees air there and answers all the same. Raises UnsuitableError for one that it cannot do without.
    """
    several, found = manifest.requires.inputs[1:], []
    for wanted, volume in zip(several[: len(further)], further, strict=True):
        missing, slices = slices_outside(volume, grid), grid.shape[0]
        if missing == slices:
            reason = f"The {wanted.words} series does not show what the first series shows."
            if not wanted.optional:
                raise UnsuitableError(reason)
            context.notice(f"Made without the {wanted.words} series. {reason}")
            continue
        found.append(volume)
        if missing:
            what = " and are made without it" if wanted.optional else "; do not use them"
            context.notice(f"{missing} of {slices} slices lie outside the {wanted.words} series{what}.")
    for wanted in several[given:]:
        context.notice(
            f"Made without a {wanted.words}, which the model takes as well where one alone fits and is read."
        )
    return found


def warm(context: JobContext, *, folder: str, device: str) -> Mapping[str, str]:
    """Load a model's weights so that its first slice comes quickly; return where and how it will run."""
    del context
    network = devices.load(read_package(Path(folder)), devices.choose(device))
    return {"device": network.device, "precision": network.execution}
