"""Pictures of own patients beside the straight line of the training patients."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from medgan_viewer.lab.evaluation.pairs import evaluate
from medgan_viewer.lab.sources.cases import Case


def case(patient: str, seed: int, *inputs: str) -> Case:
    """Return a case whose target is twice each input, and one tenth."""
    picture = np.random.default_rng(seed).random((4, 1, 32, 32)).astype(np.float32)
    return Case(
        patient,
        dict.fromkeys(inputs, picture),
        2 * picture + np.float32(0.1),
        {**dict.fromkeys(inputs, (0.0,)), "target": (0.0,)},
    )


class Patients:
    """A training patient with T1; a test patient with T1 and T2."""

    def cases(self, split: str) -> list[Case]:
        return [case("a", 0, "T1")] if split == "train" else [case("b", 1, "T1", "T2")]


def copies() -> Any:
    """Return what stands for a run whose network returns its input."""
    recipe = SimpleNamespace(manifest=None, targets=("FLAIR",))
    return SimpleNamespace(
        network=lambda image: image, neighbours=0, channels_per_slice=1, recipe=recipe, shapes=torch.Size([])
    )


def test_that_the_line_of_the_training_patients_is_the_baseline_and_lacks_for_inputs_that_they_did_not_have() -> None:
    rows = {(row["setting"], row["metric"]): row for row in evaluate({"model": copies()}, Patients())["rows"]}
    assert rows["T1 → FLAIR", "MAE"]["baseline"] == pytest.approx(0, abs=1e-3)
    assert rows["T1 → FLAIR", "MAE"]["model"] == pytest.approx(0.6, abs=0.02)
    assert "baseline" not in rows["T2 → FLAIR", "MAE"]
    assert rows["T2 → FLAIR", "MAE"]["model"] == rows["T1 → FLAIR", "MAE"]["model"]
