"""Pictures for a classifier, and what its answers come to."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from medgan_viewer.core.volume import Volume
from medgan_viewer.models.recognition import PICTURE, Question, along, answer, pictures, plane_of, sampled

QUESTIONS = (Question("kind", ("CT", "T1"), 0, 2.0, 0.9), Question("way", ("upright", "upside down"), 2, 1.0, 0.7))


def scan() -> Volume:
    """Return a canonical volume that is bright in front, on the right and above."""
    array = np.zeros((20, 48, 40), np.float32)
    array[:, 6:14, 8:30] = 400
    array[:, 10:40, 6:12] = 200
    array[14:, 20:30, 20:30] = 300
    affine = np.array([[0, 0, 2.0, -40], [0, 2.0, 0, -48], [4.0, 0, 0, 10], [0, 0, 0, 1]])
    return Volume(array, affine, modality="MR")


def stored(volume: Volume, order: tuple[int, ...], flips: tuple[bool, ...]) -> Volume:
    """Return the same scan with its array axes in another order, some of them reversed."""
    array, affine = volume.array.transpose(order), volume.affine.copy()
    affine[:, :3] = volume.affine[:, list(order)]
    for axis, flip in enumerate(flips):
        if flip:
            array = np.flip(array, axis)
            affine[:, 3] += affine[:, axis] * (array.shape[axis] - 1)
            affine[:, axis] *= -1
    return replace(volume, array=array, affine=affine)


@pytest.mark.parametrize("axes", list(permutations(range(3))), ids=str)
def test_that_a_scan_gives_the_same_pictures_however_its_file_orders_it(axes: tuple[int, ...]) -> None:
    every = list(range(scan().shape[axes[0]]))
    wanted = pictures(along(scan(), axes[0]), every)
    for flips in product((False, True), repeat=3):
        other = stored(scan(), axes, flips)
        found = pictures(other, every)
        assert plane_of(other) == ("axial", "coronal", "sagittal")[axes[0]]
        np.testing.assert_allclose(found[::-1] if flips[0] else found, wanted, atol=1e-6)


def test_that_the_front_is_above_in_axial_slices_and_the_head_in_the_others() -> None:
    axial, coronal, sagittal = (pictures(along(scan(), axis)).mean(axis=(0, 1)) for axis in range(3))
    half = PICTURE // 2
    assert axial[:half].mean() > 2 * axial[half:].mean()
    assert coronal[:half].mean() > coronal[half:].mean()
    # Sagittal slices: the front on the left.
    assert sagittal[:, :half].mean() > sagittal[:, half:].mean()


def test_that_unit_offset_and_padding_under_air_make_no_difference() -> None:
    scaled = replace(scan(), array=scan().array * 7 + 50)
    np.testing.assert_allclose(pictures(scaled), pictures(scan()), atol=1e-6)
    hounsfield = replace(scan(), array=scan().array - 1024)
    padded = hounsfield.array.copy()
    padded[:, :2] = -3024
    np.testing.assert_allclose(pictures(replace(hounsfield, array=padded)), pictures(hounsfield), atol=1e-6)


def test_that_flat_slices_and_values_that_are_no_numbers_do_not_come() -> None:
    array = scan().array.copy()
    array[:10] = 5
    array[10] = np.nan
    assert len(pictures(replace(scan(), array=array), list(range(20)))) == 9
    assert pictures(replace(scan(), array=np.zeros((3, 8, 8)))).shape == (0, 1, PICTURE, PICTURE)


def test_that_few_slices_are_all_looked_at_and_many_at_their_middle() -> None:
    assert sampled(3) == [0, 1, 2]
    assert len(sampled(200)) == 9
    assert 10 < min(sampled(200)) < max(sampled(200)) < 190


def test_that_an_answer_is_the_mean_logits_class_at_the_calibrated_temperature() -> None:
    guess = answer(np.array([[6.0, 0, 0, 1], [2.0, 0, 0, 0]], np.float32), QUESTIONS)
    kind, way = guess.answers["kind"], guess.answers["way"]
    assert kind.name == "CT"
    assert kind.probability == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert not kind.sure
    assert guess.sure("kind") is None
    assert way.name == "upside down"
    assert way.probability == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert "unsure" in way.words
    certain = answer(np.array([[9.0, 0, 0, 5]], np.float32), QUESTIONS)
    assert certain.sure("kind") == "CT"
    assert certain.sure("way") == "upside down"
    assert certain.sure("age") is None
    assert certain.answers["way"].words == "upside down (99 %)"
