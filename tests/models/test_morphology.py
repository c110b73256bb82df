"""Masks grow and shrink as scipy has it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from medgan_viewer.models.encoding import _disc, mask_couch
from medgan_viewer.models.morphology import CROSS, dilated, eroded, opened, spread

MASKS = [
    np.random.default_rng(seed).random(shape) < share
    for seed, shape, share in ((1, (3, 17, 23), 0.2), (2, (2, 40, 31), 0.8), (3, (1, 5, 4), 0.5), (4, (2, 1, 9), 0.6))
]
STRUCTURES = [CROSS, _disc(2.6, (1.0, 1.25, 1.25)), _disc(2.0, (1.0, 0.9, 1.4)), np.ones((1, 1, 1), dtype=bool)]


@pytest.mark.parametrize("structure", STRUCTURES, ids=["cross", "disc", "oval", "point"])
@pytest.mark.parametrize("mask", MASKS, ids=["sparse", "dense", "tiny", "line"])
def test_that_masks_grow_and_shrink_as_in_scipy_up_to_the_edges(
    mask: NDArray[np.bool_], structure: NDArray[np.bool_]
) -> None:
    assert np.array_equal(dilated(mask, structure), ndimage.binary_dilation(mask, structure))
    assert np.array_equal(eroded(mask, structure), ndimage.binary_erosion(mask, structure))
    assert np.array_equal(opened(mask, structure), ndimage.binary_opening(mask, structure))


@pytest.mark.parametrize("steps", [1, 6])
def test_that_a_mask_spreads_within_another_one_as_in_scipy(steps: int) -> None:
    rng = np.random.default_rng(5)
    # Some of the mask lies outside the other one: it stays, and grows from there.
    mask, within = rng.random((3, 40, 50)) < 0.02, rng.random((3, 40, 50)) < 0.7
    assert np.array_equal(spread(mask, within, steps), ndimage.binary_dilation(mask, CROSS, steps, mask=within))


def test_that_masks_that_are_given_stay_as_they_are() -> None:
    mask = MASKS[0].copy()
    opened(mask, CROSS)
    spread(mask, mask, 2)
    assert np.array_equal(mask, MASKS[0])


@pytest.mark.parametrize(
    "structure", [np.ones((3, 3, 3), bool), np.array([[[1, 1, 0]]], bool), np.zeros((1, 3, 3), bool)]
)
def test_that_a_structure_of_another_kind_is_refused(structure: NDArray[np.bool_]) -> None:
    with pytest.raises(ValueError, match="structure"):
        dilated(MASKS[0], structure)


def test_that_the_couch_is_masked_as_by_scipy() -> None:
    """A head with an ear, a head rest that touches it, and a couch below, on pixels of 1.25 mm."""
    z, y, x = np.mgrid[0:12, 0:96, 0:80]
    ct = np.full(z.shape, -1000.0, dtype=np.float32)
    ct[((y - 40) / 34.0) ** 2 + ((x - 40) / 27.0) ** 2 < 1] = 40
    ct[:, 36:44, 66:72] = 30
    ct[:, 74:76, 30:50] = 100
    ct[:, 88:91, :] = 200
    spacing = (3.0, 1.25, 1.25)
    solid = ct > -350
    parts, _ = ndimage.label(ndimage.binary_opening(solid, _disc(2.6, spacing)))
    largest = parts == np.bincount(parts.ravel())[1:].argmax() + 1
    filled = np.stack([ndimage.binary_fill_holes(image) for image in largest])
    attached = ndimage.binary_dilation(filled, CROSS, round(8.0 / 1.25), mask=solid)
    head = ndimage.binary_dilation(attached, _disc(2.0, spacing))
    assert 0 < head.sum() < solid.sum() * 1.2
    assert np.array_equal(mask_couch(ct, spacing), np.where(head, ct, np.float32(-1000)))
