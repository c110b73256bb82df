"""Pictures that a run's averaged generator makes, as marked PNG files or one marked NIfTI volume a channel."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import nifti
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.evaluation.trained import Trained, load_run
from medgan_viewer.lab.training.sampling import write_picture
from medgan_viewer.lab.training.start import open_source

__all__ = ["write_samples"]

_AT_ONCE = 8


def write_samples(run: Path, folder: Path, count: int, seed: int, kind: str) -> list[Path]:
    """Write `count` samples of a run as `kind` png or nifti into `folder`; return the files.

    A method that starts from pictures gets those of the split "test" where there is one. Raises UsageError where the
    samples are no pictures, WriteError.
    """
    trained = load_run(run)
    pictures = _pictures(trained, count, seed)
    if pictures.ndim != 4:
        raise UsageError(f"What the run {run.name} makes are no pictures.")
    about = f"{trained.recipe.id} step {trained.step}"
    paths = []
    for channel in range(pictures.shape[1]):
        stem = "sample" if pictures.shape[1] == 1 else f"channel{channel}"
        if kind == "nifti":
            path = folder / f"synthetic_{stem}.nii.gz"
            nifti.write(_volume(pictures[:, channel].numpy()), path)
            paths.append(path)
            continue
        for number, picture in enumerate(pictures[:, channel].numpy()):
            path = folder / f"synthetic_{stem}_{number:04d}.png"
            write_picture(path, picture, about)
            paths.append(path)
    return paths


def _pictures(trained: Trained, count: int, seed: int) -> torch.Tensor:
    source = open_source(trained.recipe)
    split = "test" if source.patients.get("test") else "train"
    draw = Draw(seed)
    made = []
    for first in range(0, count, _AT_ONCE):
        batch = source.batch(min(_AT_ONCE, count - first), draw, split)
        with torch.inference_mode():
            made.append(trained.method.samples(trained.generator, batch, draw).float())
    return torch.cat(made)


def _volume(slices: NDArray[np.float32]) -> Volume:
    """Return samples as slices of 1 mm, though they lie nowhere: nothing else can a NIfTI file say."""
    affine = np.eye(4)[[2, 1, 0, 3]]
    return Volume(slices, affine, modality="OT", synthetic=True)
