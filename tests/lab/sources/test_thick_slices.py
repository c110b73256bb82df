"""Thick noisy slices on a thin grid: what they are interpolated from, and that a smooth head comes back."""

import numpy as np
import pytest
import torch

from medgan_viewer.lab.sources.thick_slices import THIN_SHARE, _rician, degradation


def both(count: int, middle: int, seed: int) -> torch.Tensor:
    slabs, spread = degradation(count, middle, np.random.default_rng(seed))
    return spread @ slabs


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
