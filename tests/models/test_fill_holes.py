"""Holes are filled slice by slice, as scipy fills them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import ndimage

from medgan_viewer.models.encoding import fill_holes


@given(arrays(np.bool_, st.tuples(*(st.integers(1, 7) for _ in range(3)))))
def test_the_answer_is_that_of_scipy_for_every_slice(mask: NDArray[np.bool_]) -> None:
    expected = np.stack([ndimage.binary_fill_holes(image) for image in mask])
    np.testing.assert_array_equal(fill_holes(mask), expected)


def test_a_hole_that_is_open_in_the_next_slice_is_a_hole_in_its_own() -> None:
    mask = np.zeros((2, 5, 5), bool)
    mask[0, 1:4, 1:4] = True
    mask[0, 2, 2] = False
    filled = fill_holes(mask)
    assert filled[0, 2, 2]
    assert not filled[1].any()


def test_nothing_stays_nothing() -> None:
    assert fill_holes(np.zeros((0, 4, 4), bool)).shape == (0, 4, 4)
