"""A tiny recipe and a tiny cache of simulated series, for the tests of training, evaluation and packaging."""

from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab import data
from medgan_viewer.lab.recipe import Description, Network, Recipe, Training
from medgan_viewer.lab.simulate import SimulationSettings
from tests.lab.phantoms import SPACING, head_phantom

SETTINGS = SimulationSettings(in_plane_mm=6.0, size=48, slice_mm=(8.0, 10.0), lesion_probability=1.0)


def fill_cache(cache: Path, heads: tuple[int, ...] = (1, 2)) -> None:
    """Fill `cache` with one series of each of `heads`, all simulated from the phantom."""

    def phantom(folder: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
        del folder, number
        return head_phantom(), SPACING

    with patch.object(data, "load_head_labels", phantom):
        data.simulate_cache(cache, cache, heads, SETTINGS, patients=1, series=1, seed=0)


def small_recipe(**training: float | int) -> Recipe:
    """Return a recipe from CT to T1 with a tiny generator and discriminator."""
    settings = Training(minutes=1.0, batch=2, crop=32)
    values = {**vars(settings), **training}
    return Recipe(
        id="small-ct-to-mr",
        task="synthesis",
        inputs=("CT",),
        targets=("T1",),
        network=Network("unet_2p5d", {"in_channels": 6, "out_channels": 1, "features": [8, 8]}),
        discriminator=Network("patch_discriminator", {"in_channels": 6, "out_channels": 1, "features": [4, 8]}),
        training=Training(**values),
        manifest=Description(
            name="CT → T1",
            version="0.0.1",
            description="A test.",
            modalities=["CT"],
            contrasts=[],
            mask_couch=True,
            encoding={"CT": "ct_two_window"},
            channel_names=["HU/1000", "brain window"],
            limits=["Everything."],
            outputs=[
                {
                    "channel": 0,
                    "name": "Synthetic T1",
                    "modality": "MR",
                    "contrast": "T1",
                    "decoding": "mr_unit",
                    "unit": "a.u.",
                    "window": [1.0, 0.5],
                }
            ],
        ),
    )
