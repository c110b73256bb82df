"""Recipes: every shipped one loads, every mistake in one is named."""

from pathlib import Path

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.recipe import load_recipe
from medgan_viewer.models.networks import build

SMALL = """
id = "small"
task = "synthesis"
inputs = ["CT"]
targets = ["T1"]
[network]
name = "unet_2p5d"
arguments = { in_channels = 6, out_channels = 1 }
[training]
minutes = 2
"""
SHIPPED = ("head-ct-to-mr", "head-mr-to-ct", "head-anatomy")


def write(folder: Path, text: str) -> Path:
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_that_each_shipped_recipe_fits_its_network(name: str) -> None:
    recipe = load_recipe(resources.path("recipes", f"{name}.toml"))
    assert recipe.id == name
    assert recipe.manifest is not None
    slices = 2 * recipe.neighbours + 1
    assert recipe.network.arguments["in_channels"] == slices * recipe.channels_per_slice
    build(recipe.network.name, recipe.network.arguments)
    if recipe.discriminator is not None:
        assert recipe.discriminator.arguments["out_channels"] == len(recipe.targets)


def test_that_a_recipe_is_read_with_its_defaults(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, SMALL))
    assert recipe.training.minutes == 2.0
    assert isinstance(recipe.training.minutes, float)
    assert recipe.inputs == ("CT",)
    assert recipe.discriminator is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("minutes = 2", "minutes = 2\nepochs = 3"), "unknown keys: epochs"),
        (('task = "synthesis"', 'task = "synthesis"\ncolour = "red"'), "unknown keys: colour"),
        (("minutes = 2", 'minutes = "two"'), "minutes must be"),
        (("minutes = 2", "minutes = true"), "minutes must be"),
        (("minutes = 2", ""), "lacks a key"),
        (('id = "small"', ""), "lacks a key"),
        (("[training]\nminutes = 2", "[other]"), "unknown keys: other"),
        (('id = "small"', "id = "), "cannot be read"),
    ],
)
def test_that_a_mistake_in_a_recipe_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = write(tmp_path, SMALL.replace(*change))
    with pytest.raises(UsageError, match=message):
        load_recipe(path)


def test_that_a_missing_recipe_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml cannot be read"):
        load_recipe(tmp_path / "nowhere.toml")
