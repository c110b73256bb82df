"""The toy distributions are those that the literature reports numbers for."""

import math

import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources.toy import ToySource


def test_that_the_ring_has_eight_equal_gaussians_at_radius_two() -> None:
    batch = ToySource("ring").batch(20_000, Draw(0))
    assert torch.bincount(batch["label"]).tolist() == pytest.approx([2500] * 8, rel=0.1)
    for mode in range(8):
        points = batch["image"][batch["label"] == mode]
        wanted = [2 * math.cos(mode * math.pi / 4), 2 * math.sin(mode * math.pi / 4)]
        assert points.mean(dim=0).tolist() == pytest.approx(wanted, abs=0.002)
        assert points.std(dim=0).tolist() == pytest.approx([0.02, 0.02], rel=0.06)


def test_that_the_grid_is_that_of_pacgan() -> None:
    batch = ToySource("grid").batch(50_000, Draw(0))
    centres = torch.stack([batch["image"][batch["label"] == mode].mean(dim=0) for mode in range(25)])
    wanted = {(float(x), float(y)) for x in range(-4, 5, 2) for y in range(-4, 5, 2)}
    assert {(float(x), float(y)) for x, y in centres.round().tolist()} == wanted
    spread = batch["image"] - ToySource("grid").centres[batch["label"]]
    assert float(spread.var()) == pytest.approx(0.0025, rel=0.03)


def test_that_two_parallel_lines_differ_in_x_only() -> None:
    batch = ToySource("lines", distance=0.5).batch(2000, Draw(0))
    assert set(batch["image"][:, 0].tolist()) == {0.0, 0.5}
    y = batch["image"][:, 1]
    assert 0 <= float(y.min()) < 0.01 < 0.99 < float(y.max()) <= 1
    assert ToySource("lines", distance=0).batch(8, Draw(0))["image"][:, 0].tolist() == [0.0] * 8


def test_that_dirac_is_one_number() -> None:
    assert ToySource("dirac").batch(3, Draw(0))["image"].tolist() == [[0.0], [0.0], [0.0]]


def test_that_an_unknown_distribution_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="no toy distribution moons"):
        ToySource("moons")
