"""Leak tests: copies are caught, strangers pass, and a test that is blind says so."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from medgan_viewer.lab.cohort.leaks import Distances, auc, judge
from medgan_viewer.lab.cohort.slice_leaks import judge_slices, picture_distances


def pictures(count: int, seed: int) -> torch.Tensor:
    """Return smooth noise, each picture another."""
    noise = torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    fine = torch.nn.functional.interpolate(noise, size=(64, 64), mode="bicubic", align_corners=False)
    return (0.5 + 0.2 * fine).clamp(0, 1)


@pytest.fixture(scope="module")
def real() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return pictures(80, 1), pictures(60, 2), pictures(60, 3)


def test_that_pictures_of_nobody_pass_all_tests(real: tuple[torch.Tensor, ...]) -> None:
    verdict = judge_slices(pictures(100, 4), *real)
    assert verdict.passed, verdict.sentence
    assert verdict.copies == ()
    assert len(verdict.nearest) == 100
    assert verdict.sentence == "No leak was found by the tests copies, nearness, membership, planted copy."


@pytest.mark.parametrize("change", ["as it is", "mirrored", "darker", "noisy", "moved by two pixels"])
def test_that_a_planted_duplicate_is_caught_and_named(real: tuple[torch.Tensor, ...], change: str) -> None:
    one = real[0][17:18]
    changed = {
        "as it is": one,
        "mirrored": one.flip(-1),
        "darker": 0.6 * one,
        "noisy": one + 0.03 * torch.randn(one.shape, generator=torch.Generator().manual_seed(9)),
        "moved by two pixels": one.roll((2, -1), dims=(-2, -1)),
    }[change]
    verdict = judge_slices(torch.cat([pictures(40, 4), changed]), *real)
    assert not verdict.passed
    assert verdict.copies == (40,)
    assert "1 of 41 cases are copies" in verdict.sentence


def test_that_blurred_memories_fail_although_none_is_a_copy(real: tuple[torch.Tensor, ...]) -> None:
    train = real[0]
    made = (0.6 * train + 0.4 * pictures(80, 5)).clamp(0, 1)
    verdict = judge_slices(made, *real)
    failed = {finding.test for finding in verdict.findings if not finding.passed}
    assert {"nearness", "membership"} <= failed


def test_that_distance_does_not_see_mirroring_and_brightness_and_sees_everything_else() -> None:
    some = pictures(3, 6)
    assert picture_distances(some, (0.5 * some.flip(-1))).diagonal() == pytest.approx(np.zeros(3), abs=1e-3)
    assert picture_distances(some, pictures(5, 7)).min() > 0.3
    opposite = picture_distances(some, 1 - some)
    assert (opposite.diagonal() <= 2.0 + 1e-6).all()


def test_that_a_copy_that_is_not_caught_makes_the_tests_fail() -> None:
    rng = np.random.default_rng(0)
    far = rng.uniform(1, 2, (30, 30))
    blind = Distances(far, far, far[:1], far, far, 0.5, far, far)
    verdict = judge(blind)
    assert [finding.test for finding in verdict.findings if not finding.passed] == ["planted copy"]
    assert judge(replace(blind, planted=np.full((1, 30), 0.1))).passed


def test_that_members_who_lie_nearer_are_told_apart_unless_the_control_tells_them_too() -> None:
    rng = np.random.default_rng(1)
    far, planted = rng.uniform(1, 2, (40, 40)), np.zeros((1, 40))
    near = far * 0.5
    leaking = Distances(far, far, planted, near, far, 0.1, far, far)
    assert [one.test for one in judge(leaking).findings if not one.passed] == ["membership"]
    assert judge(replace(leaking, control_members=near, control_others=far)).passed


def test_that_auc_is_the_share_of_pairs_in_order() -> None:
    assert auc([3.0, 4.0], [1.0, 2.0])[0] == 1.0
    assert auc([1.0, 4.0], [2.0, 4.0])[0] == pytest.approx((0 + 0 + 1 + 0.5) / 4)
    value, low, high = auc(np.random.default_rng(2).normal(size=60), np.random.default_rng(3).normal(size=60))
    assert low < 0.5 < high
    assert low < value < high
