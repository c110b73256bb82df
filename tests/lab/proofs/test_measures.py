"""What the proofs measure with, against answers that are known."""

import math

import numpy as np
import pytest
import torch

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.proofs.digits import modes
from medgan_viewer.lab.proofs.glyphs import DigitClassifier, GlyphPool, accuracy, glyphs, train_classifier
from medgan_viewer.lab.proofs.information import gaussian_information, histogram_information, neighbour_information
from medgan_viewer.lab.proofs.mixtures import coverage, kl_to_uniform
from medgan_viewer.lab.sources.toy import ToySource


@pytest.mark.parametrize("shape", ["ring", "grid"])
def test_true_samples_cover_every_mode_evenly_and_are_good_as_often_as_a_gaussian_says(shape: str) -> None:
    source = ToySource(shape)
    measured = coverage(source.batch(20_000, Draw(0))["image"], source.centres, source.spread)
    assert measured.modes == len(source.centres)
    assert measured.good == pytest.approx(1 - math.exp(-4.5), abs=0.003)
    # A histogram of n counts over k modes is off by (k − 1)/2n on average.
    assert measured.kl is not None
    assert measured.kl < 4 * len(source.centres) / 20_000


def test_samples_of_one_mode_have_the_worst_kl() -> None:
    source = ToySource("grid")
    measured = coverage(source.centres[7].repeat(100, 1), source.centres, source.spread)
    assert (measured.modes, measured.good) == (1, 1.0)
    assert measured.kl == pytest.approx(math.log(25))


def test_samples_between_the_modes_cover_nothing_and_have_no_kl() -> None:
    source = ToySource("ring")
    measured = coverage(torch.zeros(100, 2), source.centres, source.spread)
    assert (measured.modes, measured.good, measured.kl) == (0, 0.0, None)


def test_a_stray_sample_covers_a_mode_but_shows_in_the_kl() -> None:
    source = ToySource("ring")
    points = torch.cat([source.centres[0].repeat(999, 1), source.centres[1:]])
    measured = coverage(points, source.centres, source.spread)
    assert measured.modes == 8
    assert measured.kl is not None
    assert measured.kl > 0.9 * math.log(8)


def test_the_kl_to_equal_shares_is_that_of_the_definition() -> None:
    shares = [0.5, 0.25, 0.25, 0.0]
    by_hand = sum(share * math.log(share / 0.25) for share in shares if share)
    assert kl_to_uniform(torch.tensor([2, 1, 1, 0])) == pytest.approx(by_hand)
    assert kl_to_uniform(torch.tensor([5, 5, 5])) == pytest.approx(0, abs=1e-12)


def test_histogram_information_is_zero_of_independent_and_the_entropy_of_equal_variables() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(10, size=(2, 20_000))
    assert histogram_information(first, second) == pytest.approx(0, abs=0.003)
    assert histogram_information(first, 9 - first) == pytest.approx(math.log(10), abs=0.005)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_neighbour_information_of_normal_variables_is_that_of_the_closed_form(correlation: float) -> None:
    rng = np.random.default_rng(1)
    first, noise = rng.normal(size=(2, 4000))
    second = correlation * first + math.sqrt(1 - correlation**2) * noise
    assert neighbour_information(first, second) == pytest.approx(gaussian_information(correlation), abs=0.05)


def test_glyphs_are_the_same_for_the_same_draw_and_stay_inside_the_picture() -> None:
    labels = torch.arange(10).repeat(20)
    pictures, factors = glyphs(labels, Draw(3))
    again, _ = glyphs(labels, Draw(3))
    assert torch.equal(pictures, again)
    assert pictures.shape == (200, 1, 28, 28)
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    border = torch.ones(28, 28, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    assert float(pictures[:, :, border].mean()) < 0.01
    assert factors.min() >= 0
    assert factors.max() <= 1


def test_a_thick_glyph_has_more_ink_than_a_thin_one_of_the_same_digit() -> None:
    pictures, factors = glyphs(torch.full((400,), 8), Draw(4))
    ink = pictures.mean(dim=(1, 2, 3))
    assert float(torch.corrcoef(torch.stack([ink, factors[:, 1]]))[0, 1]) > 0.8


def test_a_short_training_already_reads_glyphs_it_never_saw() -> None:
    classifier = train_classifier(GlyphPool(2000, seed=0, side=16), steps=150)
    assert accuracy(classifier, GlyphPool(500, seed=1, side=16)) > 0.95


def test_the_mode_of_a_stacked_picture_is_the_number_that_its_channels_show(monkeypatch: pytest.MonkeyPatch) -> None:
    # A classifier that reads the digit out of the brightness, a tenth for each.
    monkeypatch.setattr(DigitClassifier, "classify", lambda self, p: (10 * p.mean(dim=(1, 2, 3))).round().long())
    pictures = torch.tensor([[0.7, 0.0, 0.3], [0.0, 0.0, 0.9]])[:, :, None, None].expand(2, 3, 28, 28)
    assert modes(DigitClassifier(), pictures).tolist() == [703, 9]


def test_stacked_glyphs_are_three_of_the_pool_side_by_side() -> None:
    pool = GlyphPool(50, seed=2, stacked=True)
    batch = pool.batch(4, Draw(0))
    assert set(batch) == {"image"}
    assert batch["image"].shape == (4, 3, 28, 28)
    known = {picture.numpy().tobytes() for picture in pool.pictures[:, 0]}
    assert all(channel.numpy().tobytes() in known for channel in batch["image"].flatten(0, 1))
