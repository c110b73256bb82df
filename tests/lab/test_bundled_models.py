"""The models that ship: each package made by this lab is whole, loads and gives what its manifest says."""

import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file

from medgan_viewer import resources
from medgan_viewer.lab.recipe import load_recipe
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.models.networks import build

MODELS = (
    "head-ct-to-mr",
    "head-mr-to-ct",
    "head-anatomy",
    "head-anomaly",
    "mr-contrast",
    "mr-contrast-two",
    "mr-contrast-lgg",
    "lgg-tumour",
    "head-anomaly-lgg",
    "sequence-guess",
    "ct-low-dose",
    "mr-enhance",
    "mr-field",
)


@pytest.fixture(params=MODELS)
def package(request: pytest.FixtureRequest) -> Package:
    return read_package(resources.path("models", request.param))


def test_that_the_weights_are_those_the_manifest_names(package: Package) -> None:
    digest = hashlib.sha256(package.weights.read_bytes()).hexdigest()
    assert digest == package.manifest.weights_sha256
    assert package.weights.stat().st_size < 8_000_000


def test_that_the_network_builds_loads_and_gives_the_described_channels(package: Package) -> None:
    manifest = package.manifest
    network = build(manifest.network, manifest.network_arguments)
    network.load_state_dict(load_file(package.weights))
    size = 2 * manifest.preprocessing.size_multiple
    with torch.inference_mode():
        output = network.eval()(torch.zeros(1, manifest.channels_in, size, size))
    answers = manifest.task == "classification"
    assert output.shape == (1, manifest.channels_out, *(() if answers else (size, size)))
    assert torch.isfinite(output).all()


def test_that_the_package_is_of_its_recipe(package: Package) -> None:
    recipe = load_recipe(resources.path("recipes", f"{package.id}.toml"))
    assert recipe.manifest is not None
    manifest, asked = package.manifest, recipe.generator.arguments
    # What follows from the data and the method need not stand in a recipe; nothing else may differ from it.
    implied = {
        "in_channels": manifest.channels_in,
        "out_channels": manifest.channels_out,
        "conditioned": manifest.control is not None,
    }
    assert {**{name: implied[name] for name in manifest.network_arguments if name not in asked}, **asked} == (
        manifest.network_arguments
    )
    assert list(manifest.limits) == recipe.manifest.limits
    stored = json.loads((package.folder / "evaluation.json").read_text(encoding="utf-8"))
    assert stored["recipe_sha256"] == recipe.digest


def test_that_the_numbers_stand_beside_a_baseline_and_the_card_shows_them(package: Package) -> None:
    rows = package.manifest.evaluation.rows
    assert rows
    # A look-up table gives no interval, and the nearest mean is always sure.
    alone = ("truth inside", "unsure", "where sure", "stated probability")
    measured = [row for row in rows if not any(words in row["metric"] for words in alone)]
    assert all({"model", "baseline", "n", "spread"} <= set(row) for row in measured)
    card = package.card.read_text(encoding="utf-8")
    assert "Research only" in card
    assert all(str(row["model"]) in card for row in rows)


def test_that_synthesis_beats_its_baseline_or_names_where_it_does_not_among_its_limits(package: Package) -> None:
    if package.manifest.task != "synthesis":
        pytest.skip("a segmentation has Dice instead")
    better = {"PSNR in head": 1, "MAE in head": -1, "PSNR in the window": 1}
    rows = [row for row in package.manifest.evaluation.rows if row["metric"] in better]
    assert rows
    worse = {row["setting"] for row in rows if better[row["metric"]] * (row["model"] - row["baseline"]) <= 0}
    limits = package.manifest.limits
    for setting in worse:
        if "real T1" in setting:
            assert any("real T1" in limit and "non-local means" in limit for limit in limits)
            continue
        # There the table is fitted on other patients of that scanner, which a model of simulated pairs has never seen.
        assert "real patients" in setting
        contrast = setting.split(",")[0].split(" → ")[1]
        assert any("look-up table" in limit and contrast in limit for limit in limits)


def test_that_segments_are_named_coloured_and_coded_once(package: Package) -> None:
    segments = package.manifest.segments
    if package.manifest.task == "segmentation":
        assert [segment.label for segment in segments] == list(range(1, len(segments) + 1))
    assert len({segment.colour for segment in segments}) == len(segments)
    assert all(segment.code.scheme == "SCT" for segment in segments)
