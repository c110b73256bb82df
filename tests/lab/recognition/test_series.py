"""Series of which it is known what they show: who is in which split, and that the words are true of them."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.lab.recognition import augmentation, inventions
from medgan_viewer.lab.recognition.series import GROUPS, KINDS, PLACES, SPLITS, patient, patients_of, series_of
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.models.recognition import pictures, plane_of
from tests.lab.phantoms import SPACING, head_phantom

EXAM = {"A062055", "A067967", "A072894", "A098752"}


@pytest.fixture(scope="module")
def data() -> Path:
    folder = resources.shared_data()
    if folder is None or not folder.is_dir():
        pytest.skip("the data sets are not here (MEDGAN_DATA)")
    return folder


def test_that_no_patient_is_in_two_splits_and_exam_patients_are_tested_only(data: Path) -> None:
    splits = {split: set(patients_of(data, split)) for split in SPLITS}
    for first, second in combinations(SPLITS, 2):
        assert not splits[first] & splits[second]
    assert splits["test"] >= EXAM | {"ms 07", "ms 26"}
    assert splits["validation"] >= {"ms 04"}


@pytest.mark.parametrize("group", [name for name in GROUPS if name not in ("simulated heads", "invented")])
def test_that_the_series_of_an_archive_are_of_the_split_and_of_the_plane_they_are_said_to_be(
    group: str, data: Path
) -> None:
    known = set(patients_of(data, "validation"))
    some = [one for one, _ in zip(series_of(data, group, "validation"), range(6), strict=False)]
    assert some
    for one in some:
        blocks = group == "tumour_types" or group.startswith("invented")
        assert blocks or one.patient in known or f"ms {one.patient}" in known
        kind, _, plane, _ = one.labels
        assert (KINDS[kind] == "CT") == (one.volume.modality == "CT")
        if 0 <= plane < PLACES.index("none"):
            assert PLACES[plane] == plane_of(one.volume)


def test_that_a_simulated_patient_comes_in_every_kind_and_plane_the_same_each_time() -> None:
    made = list(patient("head", *_phantom(), np.random.default_rng(3)))
    again = list(patient("head", *_phantom(), np.random.default_rng(3)))
    assert {one.labels[:3:2] for one in made} == {(kind, plane) for kind in range(len(KINDS)) for plane in range(3)}
    assert all(np.array_equal(a.volume.array, b.volume.array) for a, b in zip(made, again, strict=True))
    assert all(len(pictures(one.volume)) for one in made)


def test_that_vessels_are_bright_with_contrast_medium_and_not_without() -> None:
    from medgan_viewer.lab.recognition.series import _signals
    from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX

    white, vein = TISSUE_INDEX["white matter"], TISSUE_INDEX["vein"]
    for seed in range(20):
        plain, enhanced = (_signals(kind, Numbers([seed])) for kind in ("T1", "T1+C"))
        assert plain[vein] < 1.1 * plain[white]
        assert enhanced[vein] > plain[vein]
        assert enhanced[vein] > enhanced[white]


def test_that_inventions_differ_and_hold_numbers() -> None:
    made = [inventions.other(np.random.default_rng(seed)) for seed in range(30)]
    assert all(image.shape == (inventions.SIZE, inventions.SIZE) and np.isfinite(image).all() for image in made)
    assert len({image.tobytes() for image in made}) == 30
    body = inventions.body(np.random.default_rng(0))
    assert body.min() < -900
    assert body.max() > 150


def test_that_a_picture_that_was_turned_upside_down_is_said_to_be() -> None:
    """A bright upper half is below afterwards in exactly those that are said to be upside down."""
    halves = torch.zeros(64, 1, 128, 128)
    halves[:, :, 30:64, 30:98] = 1
    none = torch.zeros(64, dtype=torch.bool)
    made, turned = augmentation.varied(halves, none, none, Numbers(list(range(64))), 96)
    rows = torch.linspace(-1, 1, 96)[None, :, None]
    # Where the bright part lies, in relation to the middle of the picture's content.
    bright = (made[:, 0] > 0.5).float()
    height = (bright * rows).sum(dim=(1, 2)) / bright.sum(dim=(1, 2)).clamp_min(1)
    assert 0 < int(turned.sum()) < 40
    assert float(height[turned > 0].mean()) > 0.2 > -0.2 > float(height[turned == 0].mean())
    assert 0 <= float(made.min()) <= float(made.max()) <= 1


def test_that_each_picture_is_varied_by_its_own_seed_alone() -> None:
    some = torch.rand(4, 1, 128, 128, generator=torch.Generator().manual_seed(0))
    flags = torch.tensor([True, False, True, False])
    whole, turned = augmentation.varied(some, flags, ~flags, Numbers([5, 6, 7, 8]), 96)
    part, part_turned = augmentation.varied(some[1:3], flags[1:3], ~flags[1:3], Numbers([6, 7]), 96)
    assert torch.allclose(whole[1:3], part, atol=1e-5)
    assert torch.equal(turned[1:3], part_turned)


def _phantom() -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
    return head_phantom(), SPACING
