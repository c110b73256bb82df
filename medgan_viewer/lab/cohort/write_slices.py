"""Writes a cohort of slices that a trained generator makes of given classes, with a table; all marked as synthetic."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import atomic, nifti
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.cohort.leaks import Verdict
from medgan_viewer.lab.cohort.slice_leaks import judge_slices
from medgan_viewer.lab.cohort.slices import SliceGenerator, load_generator
from medgan_viewer.lab.cohort.write import (
    FAILED_MARK,
    TABLE,
    Format,
    check_new,
    check_verdict,
    words_of,
    write_record,
    write_table,
)
from medgan_viewer.lab.sources.tumour_slices import CLASSES, TumourSlices
from medgan_viewer.lab.training.start import open_source

__all__ = ["write_slices"]


def write_slices(run: Path, folder: Path, count: int, seed: int, form: Format, override: bool) -> Verdict:
    """Write `count` slices of a run of the recipe `tumour-slices`, classes in turn; return what the leak tests say.

    Raises UsageError for DICOM (such a slice has no size in mm), where there is something in the folder already, and
    where the tests fail and nobody overrode them; MissingPartError without the real slices; WriteError.
    """
    if form == "dicom":
        raise UsageError("Generated slices have no size in mm and no patient, which DICOM needs: take nifti.")
    check_new(folder, count)
    generator = load_generator(run, CLASSES)
    label = torch.arange(count) % len(CLASSES)
    made = generator.pictures(label, seed)
    verdict = _judged(generator, made)
    check_verdict(verdict, override)
    affine = np.eye(4)[[2, 1, 0, 3]]
    note = "" if verdict.passed else FAILED_MARK
    lines: list[dict[str, Any]] = []
    with atomic.new_folder(folder) as unfinished:
        for number, (picture, of_class) in enumerate(zip(made.numpy(), label.tolist(), strict=True), start=1):
            name = f"synthetic_{number:05d}.nii.gz"
            values = np.round(1000 * picture).astype(np.int16)
            nifti.write(Volume(values, affine, modality="MR", synthetic=True), unfinished / name, note=note)
            lines.append(
                {
                    "case": f"{number:05d}",
                    "class": CLASSES[of_class],
                    "file": name,
                    "seed": seed,
                    "nearest_training_case": f"{verdict.nearest[number - 1]:.3f}",
                    "leak_tests": words_of(verdict),
                }
            )
        write_table(unfinished / TABLE, lines)
        recipe = generator.trained.recipe
        order = {"model": recipe.id, "recipe_sha256": recipe.digest, "count": count, "seed": seed}
        write_record(unfinished / "cohort.json", verdict, order)
    return verdict


def _judged(generator: SliceGenerator, made: torch.Tensor) -> Verdict:
    source = open_source(generator.trained.recipe)
    if not isinstance(source, TumourSlices):
        raise UsageError("Only slices that imitate tumour_types can be tested for leaks.")
    train, test, validation = (source.pool(split)[0] for split in ("train", "test", "validation"))
    return judge_slices(made, train, test, validation)
