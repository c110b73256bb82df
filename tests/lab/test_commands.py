"""The lab's command line, from an empty folder to a package."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.lab import __main__ as commands
from medgan_viewer.lab import data
from medgan_viewer.models.manifest import read_package
from tests.lab.phantoms import SPACING, head_phantom
from tests.lab.small_runs import SETTINGS

RECIPE = """
id = "small-mr-to-ct"
task = "synthesis"
inputs = ["T1", "T2"]
targets = ["CT"]
channels_per_slice = 1
[network]
name = "unet_2p5d"
arguments = { in_channels = 3, out_channels = 1, features = [8, 8] }
[discriminator]
name = "patch_discriminator"
arguments = { in_channels = 3, out_channels = 1, features = [4, 8] }
[training]
minutes = 0.01
adversarial_minutes = 0.01
batch = 2
crop = 32
[manifest]
name = "Small"
version = "0.0.1"
description = "A test."
modalities = ["MR"]
contrasts = []
mask_couch = false
encoding = { MR = "mr_head" }
channel_names = ["signal"]
limits = ["Everything."]
[[manifest.outputs]]
channel = 0
name = "Synthetic CT"
modality = "CT"
contrast = ""
decoding = "ct_companded"
unit = "HU"
window = [80.0, 35.0]
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which the lab works: phantoms for heads, small series, a `resources` of its own."""

    def phantom(folder: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
        del folder, number
        return head_phantom(), SPACING

    monkeypatch.setattr(data, "load_head_labels", phantom)
    monkeypatch.setattr(data, "training_settings", lambda: SETTINGS)
    monkeypatch.setattr(data, "evaluation_settings", lambda: SETTINGS)
    monkeypatch.setattr(resources, "folder", lambda: tmp_path / "resources")
    monkeypatch.setattr(resources, "shared_data", lambda: tmp_path)
    monkeypatch.setitem(commands._HEADS, "train", (1,))
    monkeypatch.setitem(commands._HEADS, "test", (17,))
    (tmp_path / "LICENSE").write_text("licence", encoding="utf-8")
    (tmp_path / "small.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def test_that_a_model_can_be_made_from_the_command_line(bench: Path) -> None:
    train, test, run, twin = (str(bench / name) for name in ("train", "test", "run", "twin"))
    recipe = str(bench / "small.toml")
    for cache, heads in ((train, "train"), (test, "test")):
        assert commands.main(["simulate", cache, "--heads", heads, "--patients", "1", "--series", "1"]) == 0
    assert commands.main(["train", recipe, "--run", run, "--cache", train]) == 0
    start = [
        "--start",
        str(bench / "run" / "reconstruction.pt"),
        "--adversarial-weight",
        "0",
        "--adversarial-steps",
        "1",
    ]
    assert commands.main(["train", recipe, "--run", twin, "--cache", train, *start]) == 0
    scored = ["--run", run, "--twin", twin, "--cache", test, "--train-cache", train]
    assert commands.main(["evaluate", recipe, *scored]) == 0
    rows = json.loads((bench / "run" / "evaluation.json").read_text(encoding="utf-8"))["rows"]
    assert {row["setting"] for row in rows} == {"T1 → CT", "T2 → CT"}
    assert all({"model", "twin", "baseline"} <= set(row) for row in rows)
    assert commands.main(["package", recipe, "--run", run]) == 0
    manifest = read_package(bench / "resources" / "models" / "small-mr-to-ct").manifest
    assert manifest.images[0].decoding == "ct_companded"


def test_that_missing_data_is_one_sentence(bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "shared_data", lambda: None)
    with pytest.raises(SystemExit, match="set MEDGAN_DATA to its folder"):
        commands.main(["simulate", str(bench / "cache")])


def test_that_an_unknown_recipe_is_one_sentence(bench: Path) -> None:
    with pytest.raises(SystemExit, match="cannot be read"):
        commands.main(["package", "no-such-model", "--run", str(bench)])
