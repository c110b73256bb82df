"""Pictures made of noise are compared with different real ones, so that nothing is its own neighbour."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.evaluation import generated


class _Pool:
    """Random pictures of 8 × 8 pixels, drawn with replacement as the lab's sources draw."""

    def __init__(self, **sizes: int) -> None:
        self.pictures = {split: Draw(size).uniform(size, 1, 8, 8) for split, size in sizes.items()}
        self.patients = dict.fromkeys(sizes, ("somebody",))

    def batch(self, count: int, draw: Draw, split: str = "train") -> dict[str, Tensor]:
        """Return some pictures of a split."""
        return {"image": self.pictures[split][draw.integers(len(self.pictures[split]), count)]}


def _evaluated(source: _Pool, made: Any, count: int) -> dict[str, dict[str, Any]]:
    method = SimpleNamespace(real=lambda batch: batch["image"], samples=made)
    recipe = SimpleNamespace(evaluation=SimpleNamespace(seed=0))
    trained: Any = SimpleNamespace(method=method, generator=None, recipe=recipe)
    evaluation = generated.evaluate({"model": trained}, source, count)
    assert f"{evaluation['rows'][0]['n']} synthetic pictures beside" in evaluation["protocol"]
    return {row["metric"]: row for row in evaluation["rows"]}


def _new(_generator: Any, batch: dict[str, Tensor], draw: Draw) -> Tensor:
    return draw.uniform(*batch["image"].shape)


def test_that_real_pictures_are_no_nearer_to_held_out_ones_for_being_among_them() -> None:
    rows = _evaluated(_Pool(train=400, test=120), _new, 100)
    row = rows["nearer to a training picture"]
    # All three sets are of one distribution: a half, but for chance (two standard deviations of 50 pictures).
    assert 30 <= row["real"] <= 70
    assert 30 <= row["model"] <= 70
    # No more than different pictures in two halves of the split.
    assert 40 <= row["n"] <= 60


def test_that_a_copy_of_training_pictures_is_told_from_new_ones() -> None:
    source = _Pool(train=60, test=120)

    def copied(_generator: Any, batch: dict[str, Tensor], draw: Draw) -> Tensor:
        return source.batch(len(batch["image"]), draw)["image"]

    row = _evaluated(source, copied, 60)["nearer to a training picture"]
    assert row["model"] > 70 > row["real"]


def test_that_a_few_pictures_are_not_scored() -> None:
    with pytest.raises(UsageError, match="too few different pictures"):
        _evaluated(_Pool(train=60, test=8), _new, 60)
    assert len(generated._different(torch.zeros(5, 1, 2, 2))) == 1
