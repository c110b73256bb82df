"""What a run has come to: its recipe and the averaged network of its last checkpoint, ready for use."""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from medgan_viewer.errors import UsageError
from medgan_viewer.lab import sources
from medgan_viewer.lab.methods import DataShapes, Method
from medgan_viewer.lab.recipe import Recipe, load_recipe
from medgan_viewer.lab.training import checkpoints
from medgan_viewer.lab.training.run_folder import RunFolder, RunInfo
from medgan_viewer.lab.training.start import method_of
from medgan_viewer.models.networks import architecture

__all__ = ["Trained", "load_run"]


@dataclass(frozen=True)
class Trained:
    """A run's recipe, its method with the averaged generator, and the network that a package holds."""

    recipe: Recipe
    info: RunInfo
    method: Method
    generator: nn.Module
    network: nn.Module
    shapes: DataShapes
    step: int
    seconds: float

    @property
    def neighbours(self) -> int:
        """How many slices on each side the network sees."""
        return self.method.neighbours or int(data_argument(self.recipe, "neighbours", 0))

    @property
    def channels_per_slice(self) -> int:
        """How many channels of each slice the network sees."""
        return self.shapes.source_channels // (2 * self.neighbours + 1)

    @property
    def network_name(self) -> str:
        """By which name the network is built."""
        return self.recipe.generator.name if self.method.deployed_as is None else self.method.deployed_as[0]

    @property
    def network_arguments(self) -> dict[str, Any]:
        """What the network is built with, what followed from the data included."""
        if self.method.deployed_as is not None:
            return dict(self.method.deployed_as[1])
        shapes, task = self.shapes, self.recipe.task
        out_channels = shapes.classes if task == "segmentation" else shapes.target_channels
        known = inspect.signature(architecture(self.recipe.generator.name)).parameters
        implied = {"in_channels": shapes.source_channels, "out_channels": out_channels, "size": list(shapes.size)}
        implied |= self.method.implied
        return {name: value for name, value in implied.items() if name in known} | self.recipe.generator.arguments


def load_run(run: Path) -> Trained:
    """Open a run's folder. Raises UsageError where there is no run or no checkpoint, ReadError for a damaged one."""
    folder = RunFolder(run)
    info = folder.info()
    if info is None or not folder.recipe.exists():
        raise UsageError(f"The folder {run.name} holds no run.")
    content = checkpoints.load(folder)
    if content is None:
        raise UsageError(f"The run {run.name} has no checkpoint yet.")
    recipe = load_recipe(folder.recipe)
    stored = content["shapes"]
    shapes = DataShapes(**{**stored, "size": tuple(stored["size"])})
    method = method_of(recipe, shapes)
    generator = method.generator
    generator.load_state_dict(content["average"])
    if method.deployed_as is not None and method.discriminator is not None:
        method.discriminator.load_state_dict(content["discriminator"])
        method.discriminator.eval().requires_grad_(False)
    generator.eval().requires_grad_(False)
    return Trained(
        recipe, info, method, generator, method.deployed(generator), shapes, content["step"], content["seconds"]
    )


def data_argument(recipe: Recipe, name: str, otherwise: Any) -> Any:
    """Return an argument of the recipe's data, its source's default or fixed value, or else `otherwise`."""
    made = sources.class_of(recipe.data.name)
    parameters = inspect.signature(made).parameters
    default = parameters[name].default if name in parameters else getattr(made, name, otherwise)
    return recipe.data.arguments.get(name, default)


def sample(trained: Trained, batch: dict[str, torch.Tensor], draw: Any) -> torch.Tensor:
    """Return what the averaged generator makes of a batch, `[sample, channel, H, W]`."""
    with torch.inference_mode():
        return trained.method.samples(trained.generator, batch, draw).float()
