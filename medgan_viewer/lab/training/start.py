"""From a recipe to a training that runs: everything is checked and opened before the first step is taken."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from medgan_viewer import resources
from medgan_viewer.dicom import atomic
from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab import sources
from medgan_viewer.lab.methods import Method, Shapes, method
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.sources.base import DataSource, Prepared
from medgan_viewer.lab.training import checkpoints, processes
from medgan_viewer.lab.training.checking import check, named
from medgan_viewer.lab.training.progress import TerminalProgress
from medgan_viewer.lab.training.run_folder import RunFolder, RunState
from medgan_viewer.lab.training.trainer import BEFORE_ADVERSARY, Trainer
from medgan_viewer.lab.training.watching import Watching
from medgan_viewer.models.networks.unet_2p5d import UNet2p5D

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["check", "method_of", "open_source", "prepare"]

REFUSED = "refused.txt"
"""In a run's folder: the data files that did not open, and why."""
_WATCH_SEED = 0x5EED


def prepare(
    recipe: Recipe,
    run: Path,
    *,
    devices: int = 1,
    precision: str = "",
    twin_of: Path | None = None,
    must_resume: bool = False,
    progress: TerminalProgress | None = None,
) -> Trainer:
    """Return a trainer that is about to train `recipe` in `run`, or to go on there.

    `twin_of` names a run of the same recipe: the twin starts where its adversary came in and trains on without one.
    Raises UsageError for a recipe or folder that will not do, MissingPartError where something is not installed.
    """
    check(recipe)
    folder = RunFolder(run)
    if processes.is_first():
        _check_folder(folder, recipe, must_resume=must_resume)
    fabric = processes.start(precision or recipe.training.precision, devices)
    if fabric.global_rank == 0:
        folder.write_state(RunState("starting", "The data are being prepared.", steps=recipe.training.steps))
    try:
        return _prepared(recipe, folder, fabric, twin_of, progress)
    except MedganError as error:
        if fabric.global_rank == 0:
            folder.write_state(RunState("failed", error.sentence, steps=recipe.training.steps))
        raise


def _prepared(
    recipe: Recipe, folder: RunFolder, fabric: "Fabric", twin_of: Path | None, progress: TerminalProgress | None
) -> Trainer:
    # What is kept on the disk is made by one process of each machine; the others wait and read it.
    source = processes.first_alone(fabric, lambda: open_source(recipe, str(fabric.device)))
    with named(recipe):
        made = method_of(recipe, source)
        if recipe.training.start and fabric.global_rank == 0:
            slices = 2 * int(recipe.data.arguments.get("neighbours", 0)) + 1
            start_from(recipe.training.start, made, slices if recipe.data.arguments.get("optional") else 0)
    processes.first_alone(fabric, lambda: _prepare_data(source))
    trainer = Trainer(
        recipe.training,
        made,
        source,
        folder.path,
        fabric=fabric,
        watch=Watching(
            made,
            source,
            folder,
            recipe.training.seed ^ _WATCH_SEED,
            fabric.autocast,
            None if progress is None else progress.say,
        ),
        progress=progress,
        id=recipe.id,
        title=recipe.manifest.name if recipe.manifest is not None else recipe.id,
        patients={split: len(patients) for split, patients in source.patients.items()},
    )
    if fabric.global_rank == 0:
        with atomic.new_file(folder.recipe) as unfinished:
            unfinished.write_text(recipe.text, encoding="utf-8")
        _write_refused(folder.path, source)
    _begin(trainer, fabric, twin_of)
    return trainer


def _prepare_data(source: DataSource) -> None:
    """Let a source that simulates its data do so now."""
    if isinstance(source, Prepared):
        for split in ("train", "validation"):
            source.prepare(split)


def open_source(recipe: Recipe, device: str = "cpu") -> DataSource:
    """Return the recipe's source of data. Raises UsageError, among others for a patient in two splits."""
    arguments = dict(recipe.data.arguments)
    if "device" in inspect.signature(sources.class_of(recipe.data.name)).parameters:
        arguments.setdefault("device", device)
    with named(recipe):
        return sources.source(recipe.data.name, **arguments)


def method_of(recipe: Recipe, source: Shapes) -> Method:
    """Return the recipe's method with fresh networks, the same ones for the same seed.

    Raises UsageError for networks that fit neither data nor objective.
    """
    torch.manual_seed(recipe.training.seed)
    return method(
        recipe.method.name,
        generator=recipe.generator,
        discriminator=recipe.discriminator,
        data=source,
        **recipe.method.arguments,
    )


def _check_folder(folder: RunFolder, recipe: Recipe, *, must_resume: bool) -> None:
    name = folder.path.name
    if folder.in_use():
        raise UsageError(f"A training runs in the folder {name} already: stop it first, or name another folder.")
    begun = folder.checkpoint.exists() or folder.previous_checkpoint.exists()
    if must_resume and not begun:
        raise UsageError(f"There is no checkpoint in the folder {name} to go on from: leave --resume out.")
    if begun and folder.recipe.exists() and folder.recipe.read_text(encoding="utf-8") != recipe.text:
        raise UsageError(
            f"The folder {name} holds a run of another recipe: name another folder, or train its own recipe.toml."
        )


def _begin(trainer: Trainer, fabric: "Fabric", twin_of: Path | None) -> None:
    """Load where the run goes on from; the first process reads for all."""
    content: dict[str, Any] | None = None
    if fabric.global_rank == 0:
        content = checkpoints.load(trainer.folder)
        if content is None and twin_of is not None:
            content = _twins_start(twin_of)
    if fabric.world_size > 1:
        content = fabric.broadcast(content)
    if content is not None:
        trainer.load(content)


def _twins_start(run: Path) -> dict[str, Any]:
    try:
        return checkpoints.read(run / BEFORE_ADVERSARY)
    except FileNotFoundError as error:
        raise UsageError(f"The run {run.name} holds no {BEFORE_ADVERSARY}: its adversary has not come in.") from error


def start_from(named: str, made: Method, slices: int = 0) -> None:
    """Give a method's networks the weights of a model (by id or folder) or of a run.

    A network that is larger by what the method adds (see `Method.grown`) starts as the smaller one. With `slices`, how
    many the network sees, it may also take more inputs, which it ignores at first; where it does, the discriminator is
    a new one. Raises UsageError where there is none or its networks are others.
    """
    widened = False

    def fitted(weights: Mapping[str, Any]) -> Mapping[str, Any]:
        nonlocal widened
        network = made.deployed(made.generator)
        if slices and isinstance(network, UNet2p5D):
            wider = network.widened(weights, slices)
            widened = any(wider[name].shape != value.shape for name, value in weights.items())
            weights = wider
        return made.grown(weights)

    candidates = [Path(named), resources.path("models", named)]
    for folder in candidates:
        if (folder / "weights.safetensors").is_file():
            from safetensors.torch import load_file

            weights = {name: value.float() for name, value in load_file(folder / "weights.safetensors").items()}
            _load(made.deployed(made.generator), fitted(weights), named)
            return
        if (folder / "checkpoint.pt").is_file():
            content = checkpoints.read(folder / "checkpoint.pt")
            whole = made.deployed(made.generator) is made.generator
            _load(made.generator, fitted(content["average"]) if whole else content["average"], named)
            if not widened and made.discriminator is not None and content["discriminator"] is not None:
                _load(made.discriminator, content["discriminator"], named)
            return
    raise UsageError(f"training.start is {named}, but no model and no folder of a model or run has that name.")


def _load(network: nn.Module, weights: Mapping[str, Any], named: str) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(
            f"training.start is {named}, whose network is another than the recipe's: {_difference(network, weights)}."
        ) from error


def _difference(network: nn.Module, weights: Mapping[str, Any]) -> str:
    """Return the first difference between the weights that a network has and those that it is given, in words."""
    own = network.state_dict()
    for name, value in own.items():
        if name not in weights:
            return f"it has no {name}"
        if weights[name].shape != value.shape:
            given, wanted = (" × ".join(map(str, shape)) for shape in (weights[name].shape, value.shape))
            return f"its {name} is {given} and the recipe's {wanted}"
    return f"the recipe's has no {min(set(weights) - set(own), default='such weights')}"


def _write_refused(run: Path, source: DataSource) -> None:
    if source.refused:
        lines = [f"{refusal.path}: {refusal.sentence}\n" for refusal in source.refused]
        with atomic.new_file(run / REFUSED) as unfinished:
            unfinished.write_text("".join(lines), encoding="utf-8")
