"""Thick noisy slices on a thin grid: what they are interpolated from, and that a smooth head comes back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources.thick_slices import THIN_SHARE, ThickSlices, _Head, _rician, degradation


def both(count: int, middle: int, seed: int, neighbours: int = 1) -> torch.Tensor:
    slabs, spread = degradation(count, middle, np.random.default_rng(seed), neighbours)
    return spread @ slabs


def source(folder: Path, picture: np.ndarray, **arguments: Any) -> ThickSlices:
    """Return a source of one head that shows one picture."""
    made = ThickSlices(ixi=False, data=folder, cache=folder / "cache", **arguments)
    made._heads["train"] = [_Head(picture[None].astype(np.int16))]
    made._simulated["train"] = 1
    return made


def test_that_a_ramp_through_the_slices_comes_back_as_it_was() -> None:
    # Averaging and splines both keep straight lines; what a slab's edge cuts off a thin slice counts as its middle.
    ramp = torch.arange(25.0)
    for seed in range(40):
        assert (both(25, 12, seed) @ ramp).tolist() == pytest.approx([11.0, 12.0, 13.0], abs=0.06)


def test_that_a_quarter_of_the_slices_stay_thin_and_the_others_blur() -> None:
    thin = [torch.allclose(both(25, 12, seed), torch.eye(25)[11:14], atol=1e-5) for seed in range(400)]
    assert np.mean(thin) == pytest.approx(THIN_SHARE, abs=0.07)
    for seed in range(40):
        weights = both(25, 12, seed)
        assert weights.sum(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-4)
        assert thin[seed] or float(weights[1].max()) < 0.95


def test_that_few_slices_are_not_thickened_beyond_what_there_is() -> None:
    assert torch.allclose(both(3, 1, 0), torch.eye(3), atol=1e-5)
    assert both(1, 0, 0).equal(torch.ones(3, 1))


def test_that_noise_is_rician() -> None:
    noisy = _rician(torch.full((1, 200, 200), 0.0), 0.1, torch.Generator().manual_seed(0))
    # Where nothing is, it has Rayleigh's mean σ·√(π/2).
    assert float(noisy.mean()) == pytest.approx(0.1 * np.sqrt(np.pi / 2), rel=0.02)


def test_that_more_neighbours_are_the_slices_further_away() -> None:
    ramp = torch.arange(25.0)
    for seed in range(20):
        assert torch.allclose(both(25, 12, seed, 3)[2:5], both(25, 12, seed))
        assert (both(25, 12, seed, 3) @ ramp).tolist() == pytest.approx([9, 10, 11, 12, 13, 14, 15], abs=0.06)


def test_that_every_second_picture_keeps_the_finest_detail_that_there_is(tmp_path: Path) -> None:
    # Stripes of one pixel, which no interpolated picture holds.
    stripes = np.broadcast_to(np.where(np.arange(64) % 2, 200, 1000), (30, 64, 64))
    made = source(tmp_path, stripes, crop=32, neighbours=2)
    batch = made.batch(200, Draw(0))
    assert batch["source"].shape == (200, 5, 32, 32)
    assert batch["target"].shape == (200, 1, 32, 32)
    target = batch["target"]
    across = torch.maximum(target.diff(dim=2).abs().mean(dim=(1, 2, 3)), target.diff(dim=3).abs().mean(dim=(1, 2, 3)))
    whole = across / target.mean(dim=(1, 2, 3)) > 1.3
    assert float(whole.float().mean()) == pytest.approx(0.5, abs=0.1)


def test_that_noise_drawn_evenly_is_strong_as_often_as_it_is_weak(tmp_path: Path) -> None:
    flat = np.full((30, 40, 40), 700)
    amounts = {}
    for even in (False, True):
        made = source(tmp_path, flat, crop=32, neighbours=0, even_noise=even)
        batch = made.batch(400, Draw(0))
        # Thick slices average no noise away: it is added to them.
        amounts[even] = (batch["source"] - batch["target"]).std(dim=(1, 2, 3)) / 0.12
    for even, expected in ((True, 0.52), (False, 0.22)):
        strong = float((amounts[even] > 0.5).float().mean())
        assert strong == pytest.approx(expected, abs=0.12), even


def test_that_air_set_to_zero_lies_outside_the_head_alone_and_only_as_often_as_asked_for(tmp_path: Path) -> None:
    disc = np.hypot(*np.mgrid[-32:32, -32:32]) < 20
    heads = np.broadcast_to(np.where(disc, 700, 0), (30, 64, 64))
    for asked in (0.0, 0.5, 1.0):
        batch = source(tmp_path, heads, crop=64, neighbours=0, empty_air=asked).batch(120, Draw(0))
        head = batch["target"] > 0.3
        # Noise leaves no pixel at exactly 0; of air that was emptied most are (but for a margin around the head).
        empty = ((batch["source"] == 0) & ~head).flatten(1).sum(dim=1) > 0.5 * (~head).flatten(1).sum(dim=1)
        assert float(empty.float().mean()) == pytest.approx(asked, abs=0.12)
        assert float(batch["source"][head].min()) > 0
        assert float(batch["target"][head].mean()) == pytest.approx(0.7, abs=0.05)


def test_that_the_share_of_real_pictures_is_what_was_asked_for(tmp_path: Path) -> None:
    dark, bright = (np.full((1, 30, 40, 40), value, np.int16) for value in (300, 900))
    made = source(tmp_path, dark[0], crop=32, real=0.7)
    made._heads["train"].append(_Head(bright))
    drawn = made.batch(300, Draw(0))["target"].mean(dim=(1, 2, 3)) > 0.6
    assert float(drawn.float().mean()) == pytest.approx(0.7, abs=0.1)


def test_that_numbers_without_sense_are_refused(tmp_path: Path) -> None:
    for wrong in ({"crop": 8}, {"neighbours": -1}, {"neighbours": 99}, {"real": 1.5}, {"empty_air": -0.1}):
        with pytest.raises(UsageError, match=r"Thick slices have|Crops of thick slices|The share of samples `"):
            ThickSlices(ixi=False, data=tmp_path, cache=tmp_path / "cache", **wrong)
