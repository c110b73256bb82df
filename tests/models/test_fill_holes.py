"""Holes are filled slice by slice, as scipy fills them, and the head of a CT has none."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import ndimage

from medgan_viewer.models.encoding import fill_holes
from medgan_viewer.models.inference import prepare
from medgan_viewer.models.manifest import read_package
from tests.models.scans import affine
from tests.models.tiny import content, write_package


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


def test_air_spaces_belong_to_the_head_of_a_ct_and_the_air_around_it_does_not(tmp_path: Path) -> None:
    grid = np.mgrid[-48:48, -48:48] * 2.0
    head, sinus = np.asarray(np.hypot(*grid) < 70), np.asarray(np.hypot(grid[0] + 40, grid[1]) < 12)
    ct = np.where(head & ~sinus, 40, -1000).astype(np.int16)
    manifest = content()
    manifest["preprocessing"] |= {"mask_couch": True, "grid_spacing_mm": 2.0}
    package = read_package(write_package(tmp_path, manifest, np.zeros((1, 2), np.float32)))
    prepared = prepare(np.stack([ct] * 4), affine((5.0, 2.0, 2.0)), "CT", package.manifest)
    assert not np.asarray(prepared.mask[1])[prepared.head(1)].all()
    for index in range(4):
        assert (prepared.head_on_source(index) == head).mean() > 0.995
        assert prepared.head_on_source(index)[sinus].all()
