"""Ranges given by numbers, for networks trained elsewhere, against their definition."""

import numpy as np
import pytest

from medgan_viewer.models import encoding

SPACING = (2.0, 1.0, 1.0)


def test_that_a_ct_range_maps_and_clips_hounsfield_units() -> None:
    ct = np.array([[[-2000, -1000, 0, 500, 1000, 3000]]], np.int16)
    encoded = encoding.encode("ct_range(-1000, 1000, -1, 1)", ct, SPACING)
    np.testing.assert_allclose(encoded, [[[[-1, -1, 0, 0.5, 1, 1]]]], atol=1e-6)
    np.testing.assert_allclose(
        encoding.encode("ct_range(-160,240,1,0)", ct, SPACING)[0, 0, 0], [1, 1, 0.6, 0, 0, 0], atol=1e-6
    )


@pytest.mark.parametrize(
    ("name", "air"), [("ct_range(-1000, 1000, -1, 1)", -1), ("ct_range(-160, 240, 0, 5)", 0), ("mr_range(-1, 1)", -1)]
)
def test_that_what_lies_outside_is_air(name: str, air: float) -> None:
    assert encoding.named(name).outside == (air,)
    assert encoding.named(name).channels == 1


def head_mr() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    mr = np.zeros((3, 40, 40), np.float32)
    mr[:, 8:-8, 8:-8] = np.random.default_rng(0).normal(400, 40, (3, 24, 24))
    return mr


def test_that_an_mr_range_is_the_scaled_signal_mapped() -> None:
    mr = head_mr()
    unit = np.clip(encoding.encode("mr_head", mr, SPACING), 0, 1)
    np.testing.assert_allclose(encoding.encode("mr_range(-1, 1)", mr, SPACING), 2 * unit - 1, atol=1e-6)


def test_that_z_scores_have_mean_zero_and_deviation_one_inside_the_head() -> None:
    mr = head_mr()
    scores = encoding.encode("mr_zscore", mr, SPACING)[:, 0]
    head = encoding.mr_foreground(mr, SPACING)
    assert abs(scores[head].mean()) < 1e-4
    assert abs(scores[head].std() - 1) < 1e-4
    assert not scores[~head].any()
    assert not encoding.encode("mr_zscore", np.zeros((2, 8, 8), np.float32), SPACING).any()


@pytest.mark.parametrize("name", ["ct_range(-1000, 1000, -1, 1)", "ct_range(-200, 300, 1, 0)"])
def test_that_decoding_undoes_a_ct_range(name: str) -> None:
    ct = np.arange(-200, 300, 7).reshape(1, 1, -1)
    np.testing.assert_array_equal(encoding.decode(name, encoding.encode(name, ct, SPACING)[:, 0]), ct)
    assert encoding.stored(name) == encoding.Stored(1.0, -1000.0, True)


def test_that_decoding_an_mr_range_gives_thousandths() -> None:
    values = np.array([-2, -1, 0, 0.5, 1, 7], np.float32)
    np.testing.assert_array_equal(encoding.decode("mr_range(-1, 1)", values), [0, 0, 500, 750, 1000, 1000])
    assert encoding.stored("mr_range(-1, 1)") == encoding.Stored(1000.0, 0.0, False)


@pytest.mark.parametrize(
    "name",
    [
        "ct_range", "ct_range()", "ct_range(0, 1, 0)", "ct_range(1, 0, 0, 1)", "ct_range(0, 1, 2, 2)",
        "ct_range(0, inf, 0, 1)", "ct_range(0, nan, 0, 1)", "ct_range(a, b, c, d)", "mr_range(0)", "mr_range(1, 1)",
        "ct_range(0, 1, 0, 1); x", "labels", "",
    ],
)  # fmt: skip
def test_that_anything_else_is_unknown(name: str) -> None:
    for function in (encoding.named, encoding.stored):
        with pytest.raises(KeyError):
            function(name)
