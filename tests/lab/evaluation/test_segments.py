"""Dice patient by patient, beside the best threshold of the training patients."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.segments import best_threshold, evaluate
from medgan_viewer.lab.sources.cases import Case


def case(patient: str, lesion: bool, seed: int) -> Case:
    """Return a case with noise about 0.3 and a square of 0.9, which the truth knows where there is a lesion."""
    picture = np.random.default_rng(seed).normal(0.3, 0.05, (3, 1, 32, 32)).astype(np.float32)
    truth = np.zeros((3, 32, 32), np.uint8)
    if lesion:
        picture[1, 0, 8:16, 8:16] = 0.9
        truth[1, 8:16, 8:16] = 1
    return Case(patient, {"FLAIR": picture}, None, {"FLAIR": (0.0,)}, truth)


class Patients:
    """Two training patients; a test patient with a lesion, one without."""

    def __init__(self) -> None:
        self.splits = {
            "train": [case("a", True, 0), case("b", True, 1)],
            "test": [case("c", True, 2), case("d", False, 3)],
        }

    def cases(self, split: str) -> list[Case]:
        return self.splits[split]


def run(mask: NDArray[np.float32]) -> Any:
    """Return what stands for a run whose network calls `mask` the segment."""
    logits = torch.from_numpy(np.stack([1 - mask, mask])[None])
    shapes = SimpleNamespace(classes=2)
    recipe = SimpleNamespace(manifest=None)
    return SimpleNamespace(
        network=lambda image: logits, neighbours=0, channels_per_slice=1, shapes=shapes, recipe=recipe
    )


def test_that_a_shifted_square_has_the_dice_of_its_overlap_and_the_healthy_patient_counts() -> None:
    mask = np.zeros((32, 32), np.float32)
    mask[8:16, 12:20] = 1
    (row,) = evaluate({"model": run(mask)}, Patients())["rows"]
    # Found in all three slices of both patients: 32 of 64 shared in one slice, 64 in three taken; 0 in the healthy.
    assert row["model"] == pytest.approx((2 * 32 / (64 + 3 * 64)) / 2, abs=1e-3)
    assert row["baseline"] == pytest.approx(0.5, abs=1e-3)
    assert (row["setting"], row["n"]) == ("FLAIR → segment 1", 2)


def test_that_a_patient_without_the_segment_in_truth_and_result_says_nothing() -> None:
    (row,) = evaluate({"model": run(np.zeros((32, 32), np.float32))}, Patients())["rows"]
    assert (row["model"], row["n"]) == (0.0, 1)


def test_that_an_input_that_no_training_patient_had_outlined_has_no_baseline() -> None:
    source = Patients()
    for one in source.splits["test"]:
        one.sources["T2"], one.outside["T2"] = one.sources["FLAIR"], one.outside["FLAIR"]  # type: ignore[index]
    first, second = evaluate({"model": run(np.ones((32, 32), np.float32))}, source)["rows"]
    assert (first["setting"], "baseline" in first) == ("FLAIR → segment 1", True)
    assert (second["setting"], "baseline" in second) == ("T2 → segment 1", False)
    assert second["model"] == first["model"]


def test_that_the_best_threshold_parts_dark_from_bright() -> None:
    picture = np.concatenate([np.full(50, 0.2), np.full(50, 0.8)]).astype(np.float32)
    bright = best_threshold([picture], [picture > 0.5])
    dark = best_threshold([picture], [picture < 0.5])
    assert (bright.mask(picture) == (picture > 0.5)).all()
    assert (dark.mask(picture) == (picture < 0.5)).all()


def test_that_data_without_a_segmented_test_patient_cannot_be_scored() -> None:
    source = Patients()
    source.splits["test"] = []
    with pytest.raises(UsageError, match="no patient with input and segmentation"):
        evaluate({"model": run(np.zeros((32, 32), np.float32))}, source)
