"""Random fields, blurring, resampling and the signal equations against known values."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from medgan_viewer.lab.simulation.acquisition import acquire_ct, acquire_mr, beam_hardening, blur_planes, rician
from medgan_viewer.lab.simulation.fields import (
    blur,
    coarse_blur,
    displacement,
    random_affine,
    sample,
    slab_weights,
    smooth_noise,
)
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.signals import CANONICAL, Sequence, random_sequence, random_signals, signal

SPACING = (1.0, 1.0, 1.0)


def test_that_smooth_noise_has_about_unit_variance_and_varies_slowly() -> None:
    noise = smooth_noise((48, 48, 48), SPACING, 6.0, np.random.default_rng(0))
    assert float(noise.std()) == pytest.approx(1.0, abs=0.25)
    assert float(noise.diff(dim=0).std()) < 0.5


def test_that_blurring_equals_scipys() -> None:
    volume = torch.from_numpy(np.random.default_rng(0).random((12, 20, 16), dtype=np.float32))
    expected = ndimage.gaussian_filter(volume.numpy(), (1.2, 0.0, 2.0), mode="nearest", truncate=2.5)
    assert np.allclose(blur(volume, (1.2, 0.0, 2.0)).numpy(), expected, atol=2e-3)


def test_that_the_coarse_blur_is_close_to_the_exact_one() -> None:
    volume = torch.zeros(24, 25, 26)
    volume[6:18, 6:18, 6:18] = 1
    difference = coarse_blur(volume, (4.0, 4.0, 4.0)) - blur(volume, (4.0, 4.0, 4.0))
    assert float(difference.abs().max()) < 0.1


def test_that_displacements_have_the_amplitude_asked_for() -> None:
    field = displacement((30, 30, 30), (4.0, 4.0, 4.0), 3.0, np.random.default_rng(0))
    assert field.shape == (3, 30, 30, 30)
    assert 1.0 < float(field.std()) < 4.0


def test_that_a_random_affine_without_strength_is_the_identity() -> None:
    assert np.allclose(random_affine(np.random.default_rng(0), 0.0), np.eye(3))


def test_that_random_affines_do_not_mirror_or_crush() -> None:
    rng = np.random.default_rng(0)
    volumes = [float(np.linalg.det(random_affine(rng, 1.0))) for _ in range(50)]
    assert min(volumes) > 0.6
    assert max(volumes) < 1.5


def test_that_sampling_at_the_voxels_returns_them_and_outside_the_fill() -> None:
    volume = torch.rand(2, 3, 4, 5) + 5
    points = torch.stack(torch.meshgrid(*(torch.arange(float(n)) for n in (3, 4, 5)), indexing="ij"), dim=-1)
    assert torch.allclose(sample(volume, points), volume, atol=1e-5)
    assert torch.allclose(sample(volume, points + 50, outside=-1000.0), torch.tensor(-1000.0))


def test_that_slabs_average_the_fine_slices_they_cover() -> None:
    weights = slab_weights(fine_count=20, fine_mm=1.0, spacing_mm=5.0, thickness_mm=5.0, start_mm=3.0)
    assert torch.allclose(weights.sum(dim=1), torch.ones(len(weights)))
    assert torch.allclose(weights @ torch.arange(20.0), 3 + 5 * torch.arange(float(len(weights))))
    assert int((weights[0] > 0).sum()) == 5


def test_that_the_signal_equations_give_the_textbook_values() -> None:
    t1, t2, pd = torch.tensor([800.0]), torch.tensor([80.0]), torch.tensor([0.7])
    spin_echo = 0.7 * (1 - math.exp(-600 / 800)) * math.exp(-15 / 80)
    assert float(signal(Sequence(600, 15), t1, t2, pd)) == pytest.approx(spin_echo, rel=1e-5)
    inversion = 0.7 * abs(1 - 2 * math.exp(-900 / 800) + math.exp(-2000 / 800)) * math.exp(-3 / 80)
    assert float(signal(Sequence(2000, 3, inversion_ms=900), t1, t2, pd)) == pytest.approx(inversion, rel=1e-5)
    e1, angle = math.exp(-20 / 800), math.radians(25)
    spoiled = 0.7 * math.sin(angle) * (1 - e1) / (1 - math.cos(angle) * e1) * math.exp(-4 / 80)
    assert float(signal(Sequence(20, 4, flip_degrees=25), t1, t2, pd)) == pytest.approx(spoiled, rel=1e-5)


@pytest.mark.parametrize("contrast", CANONICAL)
def test_that_random_sequences_keep_their_contrasts_order_of_fluid_and_brain(contrast: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        sequence = random_sequence(contrast, rng)
        white, fluid = (
            float(signal(sequence, *(torch.tensor([v]) for v in values)))
            for values in ((640.0, 76.0, 0.7), (4000.0, 1600.0, 1.0))
        )
        assert (fluid > white) == (contrast == "T2")


@pytest.mark.parametrize("contrast", CANONICAL)
def test_that_a_batch_of_random_sequences_is_drawn_from_the_same_protocols(contrast: str) -> None:
    t1, t2, pd = (torch.tensor([values]).expand(400, 2) for values in ((640.0, 4000.0), (76.0, 1600.0), (0.7, 1.0)))
    batch = random_signals(contrast, t1, t2, pd, Numbers(range(400)))
    assert ((batch[:, 1] > batch[:, 0]) == (contrast == "T2")).all()
    rng = np.random.default_rng(0)
    single = torch.stack([signal(random_sequence(contrast, rng), t1[0], t2[0], pd[0]) for _ in range(400)])
    assert batch.mean(dim=0).tolist() == pytest.approx(single.mean(dim=0).tolist(), rel=0.15, abs=0.01)
    assert batch.amax(dim=0).tolist() == pytest.approx(single.amax(dim=0).tolist(), rel=0.1, abs=0.02)


def test_that_beam_hardening_darkens_between_two_dense_bones_and_leaves_soft_tissue_alone() -> None:
    ct = torch.full((2, 1, 60, 60), -1000.0)
    ct[:, :, 10:50, 5:55] = 40.0
    none = torch.zeros(2)
    assert float(beam_hardening(ct, 3.75, torch.tensor([20.0, 40.0]), none, Numbers([0, 1])).abs().max()) < 1e-3
    ct[:, :, 26:34, 12:18] = ct[:, :, 26:34, 42:48] = 1800.0  # petrous bones
    error = beam_hardening(ct, 3.75, torch.tensor([20.0, 40.0]), none, Numbers([0, 1]))
    assert torch.allclose(error[1], 2 * error[0], atol=1e-3)
    between, beside = error[:, 0, 29:31, 28:32].mean(dim=(1, 2)), error[:, 0, 46:50, 28:32].mean(dim=(1, 2))
    assert (between < -5).all()
    assert (between < beside - 5).all()


def test_that_blurring_planes_equals_the_blur_of_a_volume_and_keeps_each_samples_own_width() -> None:
    pictures = torch.rand(3, 2, 20, 24)
    sigma = torch.tensor([0.0, 0.5, 0.8])
    blurred = blur_planes(pictures, sigma)
    assert torch.allclose(blurred[0], pictures[0], atol=1e-5)
    for index in (1, 2):
        expected = ndimage.gaussian_filter(
            pictures[index].numpy(), (0, float(sigma[index]), float(sigma[index])), mode="nearest", radius=(0, 2, 2)
        )
        assert np.allclose(blurred[index], expected, atol=1e-5)


def test_that_rician_noise_has_the_textbook_moments() -> None:
    noise = rician(torch.zeros(2, 4, 100, 100), torch.tensor([1.0, 2.0]), Numbers([1, 2]))
    for index, sigma in enumerate((1.0, 2.0)):  # without signal: Rayleigh
        assert float(noise[index].mean()) == pytest.approx(sigma * math.sqrt(math.pi / 2), rel=0.02)
        assert float(noise[index].square().mean()) == pytest.approx(2 * sigma**2, rel=0.03)


def disc(size: int = 60) -> torch.Tensor:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radius = np.hypot(x, y)
    ct = np.where(radius < 20, 30.0, -1000.0)
    ct[(radius > 17) & (radius < 20)] = 1200.0
    return torch.from_numpy(np.repeat(ct[None], 6, axis=0).astype(np.float32))


def test_that_a_ct_is_acquired_with_errors_but_without_losing_the_head() -> None:
    clean = disc()
    inside = clean[0] == 30
    errors = []
    for seed in range(8):
        acquired = acquire_ct(clean[None], 4.0, Numbers([seed]))[0]
        assert acquired.shape == clean.shape
        errors.append(float((acquired - clean)[:, inside].mean()))
    assert abs(np.median(errors)) < 30
    assert np.std(errors) > 0


def test_that_noisy_mr_is_positive_and_keeps_its_mean_signal() -> None:
    clean = torch.full((4, 40, 40), 0.5)
    means = []
    for seed in range(12):
        acquired = acquire_mr(clean[None], (5.0, 4.0, 4.0), Numbers([seed]))[0]
        assert float(acquired.min()) >= 0
        means.append(float(acquired.mean()))
    assert np.mean(means) == pytest.approx(0.5, rel=0.15)
