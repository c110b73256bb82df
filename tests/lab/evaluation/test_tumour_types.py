"""The classifier of tumour slices is scored on blocks that it never saw, by the viewer's own road."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from medgan_viewer import resources
from medgan_viewer.lab.evaluation import tumour_types
from medgan_viewer.lab.evaluation.scoring import scorer_of
from medgan_viewer.lab.recipe import load_recipe
from medgan_viewer.lab.sources.tumour_slices import CLASSES
from medgan_viewer.models.recognition import Question
from tests.lab.sources.small_sources import write_tumour_slices

QUESTION = Question("type", CLASSES, 0, threshold=0.7)


class Rows(nn.Module):
    """Knows the three classes of the small slices by the height of their disc; as sure as `scale` makes it."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        bright = (pictures > 0.6).float().mean(dim=(1, 3))
        places = torch.stack([part.sum(dim=1) for part in torch.split(bright, 32, dim=1)], dim=1)
        return self.scale * places / places.sum(dim=1, keepdim=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("slices")
    write_tumour_slices(made, count=200)
    return made


def test_that_a_network_that_knows_them_is_always_right_and_sure_and_one_that_guesses_is_unsure(folder: Path) -> None:
    for scale, unsure in ((16.0, 0.0), (0.5, 100.0)):
        found = {(row["setting"], row["metric"]): row for row in tumour_types.again(Rows(scale), [QUESTION], folder)}
        assert found["all series", "type right"]["model"] == 100
        assert found["all series", "type unsure"]["model"] == unsure
        assert {setting for setting, _ in found} == {*CLASSES, "all series"}


def test_that_neighbours_count_as_one_patient_and_none_of_another_split_is_asked(folder: Path) -> None:
    def blank(seen: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros((len(seen), 3), np.float32)

    asked = {split: tumour_types.ask(blank, folder, split) for split in ("validation", "test")}
    assert [len(some) for some in asked.values()] == [45, 45]  # 30 of each class, 15 of which are left out
    patients = [one.patient for one in asked["test"]]
    assert patients[:6] == ["pituitary tumour 0"] * 5 + ["pituitary tumour 1"]
    assert len(set(patients)) == 9
    small = {one.small.tobytes() for one in asked["validation"]}
    assert not small & {one.small.tobytes() for one in asked["test"]}


def test_that_the_recipe_is_scored_so() -> None:
    recipe = load_recipe(resources.path("recipes", "tumour-type.toml"))
    assert scorer_of(recipe).load() is tumour_types.score
