"""One small source of each kind (some twice, after a space), made in a folder of its own without any real data."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.sources import DataSource, live_heads, simulated_heads, source
from tests.lab.phantoms import SPACING, head_phantom
from tests.lab.small_runs import SETTINGS


def phantom(folder: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
    """Stand in for `load_head_labels`."""
    del folder, number
    return head_phantom(), SPACING


def small_heads(folder: Path, **arguments: object) -> DataSource:
    """Return one patient with one series of two training heads and of one head of each other split."""
    few = {"train": (1, 2), "validation": (13,), "calibration": (15,), "test": (17,)}
    with patch.object(simulated_heads, "load_head_labels", phantom), patch.object(simulated_heads, "HEADS", few):
        made = simulated_heads.SimulatedHeads(
            **{
                "inputs": ["CT", "T1"],
                "targets": ["T1", "T2"],
                "crop": 32,
                "patients": 1,
                "series": 1,
                "cache": folder / "series",
                "data": folder,
                "simulation": SETTINGS,
                **arguments,  # type: ignore[arg-type]
            }
        )
        for split in few:
            made.prepare(split)
    return made


def small_live_heads(folder: Path, **arguments: object) -> DataSource:
    """Return two training heads and one of each other split, simulated anew for every batch."""
    few = {"train": (1, 2), "validation": (13,), "calibration": (15,), "test": (17,)}
    given = {"inputs": ["CT", "T1", "MR"], "targets": ["CT", "T2"], "crop": 24, "whole": 32, "variants": 1, **arguments}
    with patch.object(live_heads, "load_head_labels", phantom), patch.object(live_heads, "HEADS", few):
        made = live_heads.LiveHeads(data=folder, **given)  # type: ignore[arg-type]
        for split in few:
            made.prepare(split)
    return made


def toy(shape: str) -> Callable[[Path], DataSource]:
    """Return what makes a toy distribution."""
    return lambda folder: source("toy", shape=shape)


SMALL_SOURCES: dict[str, Callable[[Path], DataSource]] = {
    **{f"toy {shape}": toy(shape) for shape in ("ring", "grid", "lines", "dirac")},
    "simulated_heads": small_heads,
    "live_heads": small_live_heads,
}
