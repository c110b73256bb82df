"""A tiny recipe and tiny simulated heads, for the tests of training, evaluation and packaging."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.lab.recipe import Recipe, load_recipe
from medgan_viewer.lab.simulation import data
from medgan_viewer.lab.simulation.simulate import SimulationSettings
from medgan_viewer.lab.sources import simulated_heads
from tests.lab.phantoms import SPACING, head_phantom

SETTINGS = SimulationSettings(in_plane_mm=6.0, size=48, slice_mm=(8.0, 10.0), lesion_probability=1.0)

TEXT = """
id = "small-ct-to-mr"
task = "synthesis"
[data]
kind = "simulated_heads"
inputs = ["CT"]
targets = ["T1"]
crop = 32
patients = 1
series = 1
[method]
name = "translation"
objective = "lsgan"
[generator]
name = "unet_2p5d"
arguments = { features = [8, 8] }
[discriminator]
name = "patch_discriminator"
arguments = { features = [4, 8] }
[training]
batch = 2
precision = "fp32"
measure_every = 2
sample_every = 2
save_every = 2
samples = 4
[[training.phases]]
name = "reconstruction"
steps = 2
adversarial = false
[[training.phases]]
name = "adversarial"
steps = 2
adversarial = true
[evaluation]
patients = 1
[manifest]
name = "CT → T1"
version = "0.0.1"
description = "A test."
modalities = ["CT"]
contrasts = []
mask_couch = true
encoding = { CT = "ct_two_window" }
channel_names = ["HU/1000", "brain window"]
limits = ["Everything."]
[[manifest.outputs]]
channel = 0
name = "Synthetic T1"
modality = "MR"
contrast = "T1"
decoding = "mr_unit"
unit = "a.u."
window = [1.0, 0.5]
"""


def phantom(folder: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
    """Return the same small head in the place of each of the anatomical maps."""
    del folder, number
    return head_phantom(), SPACING


def fill_cache(cache: Path, heads: tuple[int, ...] = (1, 2)) -> None:
    """Fill `cache` with one series of each of `heads`, all simulated from the phantom."""
    with patch.object(data, "load_head_labels", phantom):
        data.simulate_cache(cache, cache, heads, SETTINGS, patients=1, series=1, seed=0)


@contextmanager
def small_heads(folder: Path) -> Iterator[None]:
    """Let simulated heads be few and small, made of the phantom and kept in `folder`."""
    with ExitStack() as stack:
        for module in (data, simulated_heads):
            stack.enter_context(patch.object(module, "load_head_labels", phantom))
        stack.enter_context(patch.object(data, "evaluation_settings", lambda: SETTINGS))
        stack.enter_context(patch.object(simulated_heads, "training_settings", lambda: SETTINGS))
        heads = {"train": (1, 2), "validation": (13,), "calibration": (15,), "test": (17,)}
        stack.enter_context(patch.object(simulated_heads, "HEADS", heads))
        stack.enter_context(patch.object(settings, "cache_folder", lambda: folder / "cache"))
        stack.enter_context(patch.dict("os.environ", {"MEDGAN_DATA": str(folder)}))
        yield


def small_recipe(folder: Path, *changes: tuple[str, str]) -> Recipe:
    """Return the small recipe from a file in `folder`, with texts in it changed."""
    return load_recipe(write_recipe(folder, *changes))


def write_recipe(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the small recipe with texts in it changed to a file in `folder`; every text must be there."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path
