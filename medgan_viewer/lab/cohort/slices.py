"""A trained generator of labelled slices, ready to be asked for pictures of given classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.evaluation.trained import Trained, load_run
from medgan_viewer.lab.methods.generation import Generation

__all__ = ["SliceGenerator", "load_generator"]

_AT_ONCE = 64


@dataclass(frozen=True)
class SliceGenerator:
    """The averaged generator of a run, and the names of the classes that it was told."""

    trained: Trained
    classes: tuple[str, ...]

    def pictures(self, label: Tensor, seed: int) -> Tensor:
        """Return a picture of 0…1 of each class of `label` `[n]`, `[n, 1, rows, columns]`, the same for a seed."""
        method, draw = self.trained.method, Draw(seed)
        assert isinstance(method, Generation)
        with torch.inference_mode():
            parts = [
                method.pictures(self.trained.generator, method.latents(len(some), draw), some)
                for some in torch.split(label, _AT_ONCE)
            ]
        # Not of inference mode, so that these pictures can be trained on.
        return torch.cat(parts).clamp(0, 1).clone()


def load_generator(run: Path, classes: Sequence[str]) -> SliceGenerator:
    """Open a run that generates slices of these classes.

    Raises UsageError where the folder holds no such run, ReadError for a damaged checkpoint.
    """
    trained = load_run(run)
    method = trained.method
    told = isinstance(method, Generation) and method.settings.conditional
    if not told or trained.shapes.classes != len(classes) or trained.shapes.target_channels != 1:
        raise UsageError(
            f"The run {run.name} generates no single pictures of {len(classes)} classes: name a run of the method "
            "generation with conditional = true."
        )
    return SliceGenerator(trained, tuple(classes))
