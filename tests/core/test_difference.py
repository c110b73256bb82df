"""One image minus another, in a unit, at the same places of the patient."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.difference import (
    Measured,
    difference,
    levels,
    paired_values,
    rounded,
    scale_of,
    why_not,
)
from medgan_viewer.core.volume import Volume

CT = Measured("Head CT", "CT", "HU")
MADE_CT = Measured("Synthetic CT", "CT", "HU", made_by="mr-to-ct")
T2 = Measured("T2 TSE", "MR", "", "T2")
MADE_T2 = Measured("Synthetic T2", "MR", "a.u.", "T2", "t1-to-t2")

Values = NDArray[np.float32]


def _volume(array: NDArray[np.generic], affine: NDArray[np.float64]) -> Volume:
    return Volume(array, affine)


def _head(size: int = 2000, seed: int = 5) -> Values:
    """Return values of MR: half of them air, the others tissue."""
    random = np.random.default_rng(seed)
    tissue = random.uniform(100, 900, size)
    return np.where(np.arange(size) % 2 == 0, tissue, random.uniform(0, 5, size)).astype(np.float32)


# -- when it means something -----------------------------------------------------------------------------------------


def test_hounsfield_units_subtract_and_so_do_images_of_one_contrast() -> None:
    assert why_not(CT, MADE_CT) == ""
    assert why_not(T2, MADE_T2) == ""
    assert why_not(Measured("MR", "MR", ""), MADE_T2) == "", "a contrast that nobody stated is no contradiction"


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (CT, MADE_T2, "MR and CT"),
        (Measured("T1", "MR", "", "T1"), MADE_T2, "T2 and T1"),
        (Measured("PET", "PT", "BQML"), Measured("Another", "PT", "CNTS"), "no common unit"),
    ],
)
def test_images_without_a_common_meaning_are_refused_in_a_sentence(
    first: Measured, second: Measured, words: str
) -> None:
    said = why_not(first, second)
    assert words in said
    assert said.endswith(".")
    assert first.name in said
    assert second.name in said


# -- where -----------------------------------------------------------------------------------------------------------


def test_values_are_paired_by_their_place_in_the_patient_whatever_the_grids() -> None:
    """Each voxel holds its own position along x, so that pairs must agree to half a voxel."""
    first_affine = np.diag([2.0, 1.0, 1.5, 1.0])
    second_affine = np.eye(4)
    # Other axes, another spacing, another origin: slices of the second run along x.
    second_affine[:3, :3] = [[1.0, 0, 0], [0, 0, 2.0], [0, 2.0, 0]]
    second_affine[:3, 3] = (4.0, 3.0, 2.0)
    shape = (20, 40, 30)
    first = _volume(np.broadcast_to(np.arange(20)[:, None, None] * 2.0, shape).astype(np.float32), first_affine)
    second = _volume(
        np.broadcast_to(4.0 + np.arange(30)[:, None, None], (30, 15, 12)).astype(np.float32), second_affine
    )
    one, other = paired_values(first, second)
    assert len(one) > 1000
    assert np.abs(one - other).max() <= 1.0
    assert other.min() == 4.0


def test_places_outside_the_first_image_are_left_out() -> None:
    far = np.eye(4)
    far[:3, 3] = (0, 0, 8)
    first = _volume(np.ones((4, 10, 10), np.int16), np.eye(4))
    second = _volume(np.arange(400, dtype=np.int16).reshape(4, 10, 10), far)
    one, other = paired_values(first, second)
    # Of ten columns two lie over the first image.
    assert len(one) == 4 * 10 * 2
    assert set(other % 10) == {0, 1}
    far[:3, 3] = (0, 0, 100)
    assert len(paired_values(first, _volume(second.array, far))[0]) == 0


# -- how much --------------------------------------------------------------------------------------------------------


def test_hounsfield_units_are_not_rescaled() -> None:
    first = np.full(500, 40, np.float32)
    scale = scale_of(CT, MADE_CT, (first, first + 30))
    assert scale is not None
    assert (scale.unit, scale.strongest, scale.words) == ("HU", 20.0, "")
    values = difference(np.array([40, -1000], np.int16), np.array([100, -900], np.int16), scale)
    assert values.tolist() == [60.0, 100.0]
    unknown = scale_of(CT, MADE_CT, None)
    assert unknown is not None
    assert unknown.unit == "HU"


def test_air_does_not_say_how_large_differences_are() -> None:
    body, air = np.full(100, 40, np.float32), np.full(10_000, -1000, np.float32)
    first = np.concatenate([body, air])
    scale = scale_of(CT, MADE_CT, (first, np.concatenate([body + 150, air])))
    assert scale is not None
    assert scale.strongest == 200.0


def test_mr_of_another_gain_is_brought_to_the_first_ones_scale_and_that_is_said() -> None:
    head = _head()
    scale = scale_of(T2, MADE_T2, (head, head * 2.5))
    assert scale is not None
    assert np.abs(difference(head, head * 2.5, scale)).max() < 1e-3, "a gain alone is no difference"
    assert scale.unit == "%"
    assert scale.words == "rescaled × 0.4 · in % of the 99.5th percentile"
    # A voxel that is brighter by a tenth of the first image's 99.5th percentile is 10 % brighter.
    top = float(np.percentile(head, 99.5))
    more = difference(np.array([200.0]), np.array([(200.0 + top / 10) * 2.5]), scale)
    assert more[0] == pytest.approx(10.0, rel=1e-3)


def test_a_lesion_in_one_of_the_images_does_not_move_the_scale() -> None:
    head = _head()
    made = head * 2.5
    made[:200:2] *= 6
    scale = scale_of(T2, MADE_T2, (head, made))
    assert scale is not None
    untouched = difference(head[400:], made[400:], scale)
    assert np.abs(untouched).max() < 1e-3


def test_what_one_model_made_twice_is_subtracted_as_it_is() -> None:
    sharp = Measured("Synthetic T2, sharp", "MR", "a.u.", "T2", "t1-to-t2")
    head = _head()
    scale = scale_of(MADE_T2, sharp, (head, head * 1.1))
    assert scale is not None
    assert (scale.unit, scale.second_factor, scale.words) == ("a.u.", 1.0, "")


def test_mr_that_is_not_whole_or_is_empty_has_no_scale() -> None:
    nothing = np.zeros(500, np.float32)
    assert scale_of(T2, MADE_T2, None) is None
    assert scale_of(T2, MADE_T2, (nothing, nothing)) is None
    assert scale_of(T2, MADE_T2, (_head(20), _head(20))) is None
    apart = np.where(np.arange(500) % 2 == 0, 500, 0).astype(np.float32)
    assert scale_of(T2, MADE_T2, (apart, apart[::-1].copy())) is None, "no voxel is tissue in both"


def test_levels_are_symmetric_and_stop_at_the_ends() -> None:
    values = np.array([-1000, -50, -25, 0, 25, 50, 1000, np.nan], np.float32)
    assert levels(values, 50.0).tolist() == [1, 1, 64, 128, 192, 255, 255, 128]


@pytest.mark.parametrize(
    ("value", "round_number"),
    [(0.03, 0.02), (1.0, 1.0), (1.4, 1.0), (1.5, 2.0), (37, 50), (60, 50), (71, 100), (501, 500), (750, 1000)],
)
def test_a_range_is_the_round_number_nearest_by_its_ratio(value: float, round_number: float) -> None:
    assert rounded(value) == pytest.approx(round_number)


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, np.nan])
def test_what_says_nothing_about_a_range_still_gives_one(value: float) -> None:
    assert rounded(value) == 1.0


def test_at_first_the_strongest_differences_get_colours_of_more_than_half_the_strength() -> None:
    """Steps lie at most 2.5 apart, so that the nearest is at most 1.6 away either way."""
    first = np.full(500, 40, np.float32)
    for more in range(3, 900):
        scale = scale_of(CT, MADE_CT, (first, first + more))
        assert scale is not None
        assert 0.63 < more / scale.strongest < 1.6
