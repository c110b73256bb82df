"""Encodings of voxels into network channels, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medgan_viewer.models import encoding

SPACING = (4.0, 2.0, 2.0)


def ellipsoid(shape: tuple[int, int, int], radii: tuple[float, float, float]) -> NDArray[np.bool_]:
    axes = np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in shape), indexing="ij")
    inside: NDArray[np.bool_] = sum((a / r) ** 2 for a, r in zip(axes, radii, strict=True)) <= np.float64(1)
    return inside


def head_ct() -> NDArray[np.int16]:
    ct = np.full((8, 80, 80), -1000, dtype=np.int16)
    ct[ellipsoid(ct.shape, (9.0, 28.0, 24.0))] = 40
    return ct


@pytest.mark.parametrize("name", encoding.ENCODINGS)
def test_that_each_encoding_gives_its_channels_on_the_same_grid(name: str) -> None:
    volume = np.random.default_rng(0).integers(0, 1200, (3, 16, 12)).astype(np.int16)
    encoded = encoding.encode(name, volume, SPACING)
    assert encoded.shape == (3, encoding.ENCODINGS[name].channels, 16, 12)
    assert encoded.dtype == np.float32
    assert len(encoding.ENCODINGS[name].outside) == encoding.ENCODINGS[name].channels


def test_that_air_has_the_value_that_padding_uses() -> None:
    air = np.full((1, 4, 4), -1000, dtype=np.int16)
    encoded = encoding.encode("ct_two_window", air, SPACING)
    assert encoded[0, :, 0, 0].tolist() == list(encoding.ENCODINGS["ct_two_window"].outside)


@pytest.mark.parametrize(
    ("hounsfield", "wide", "brain"), [(-3000, -1, -1), (-15, -0.015, -1), (35, 0.035, 0), (85, 0.085, 1), (5000, 3, 1)]
)
def test_that_the_two_windows_of_ct_are_as_documented(hounsfield: int, wide: float, brain: float) -> None:
    encoded = encoding.encode("ct_two_window", np.full((1, 1, 1), hounsfield), SPACING)
    assert encoded[0, :, 0, 0] == pytest.approx([wide, brain], abs=1e-6)


@given(st.floats(0.01, 1000))
def test_that_mr_is_encoded_the_same_in_any_unit(unit: float) -> None:
    signal = np.where(ellipsoid((4, 32, 32), (6.0, 12.0, 12.0)), 100.0, 0.0)
    signal[:, 14:18, 14:18] = 160.0
    encoded = encoding.encode("mr_head", signal, SPACING)
    assert np.allclose(encoding.encode("mr_head", signal * unit, SPACING), encoded, atol=1e-4)
    assert encoded.max() == pytest.approx(1.0, abs=0.05)


def test_that_the_reference_of_mr_comes_from_the_head_and_not_from_the_air() -> None:
    rng = np.random.default_rng(0)
    inside = ellipsoid((4, 64, 64), (6.0, 14.0, 14.0))
    signal = np.where(inside, rng.uniform(50, 100, inside.shape), rng.uniform(0, 2, inside.shape))
    expected = np.percentile(signal[inside], 99.5)
    assert encoding.mr_reference(signal, SPACING) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("name", [*encoding.ENCODINGS, "ct_range(-1000, 1000, -1, 1)", "mr_range(0, 1)"])
def test_that_slices_are_encoded_alone_as_they_are_within_their_volume(name: str) -> None:
    volume = np.random.default_rng(3).normal(300, 400, (6, 24, 20)).astype(np.float32)
    whole = encoding.encode(name, volume, SPACING)
    some = encoding.named(name).encoder(volume, SPACING, None)
    for chosen in ([0], [5, 2], [1, 1, 4]):
        np.testing.assert_array_equal(some(np.array(chosen)), whole[chosen])


@pytest.mark.parametrize("name", ["mr_head", "mr_zscore", "mr_range(0, 1)"])
def test_that_a_head_that_is_known_changes_no_channel(name: str) -> None:
    volume = np.random.default_rng(3).normal(300, 400, (6, 24, 20)).astype(np.float32)
    head = encoding.mr_foreground(volume, SPACING)
    known = encoding.named(name).encoder(volume, SPACING, head)(slice(None))
    np.testing.assert_array_equal(known, encoding.encode(name, volume, SPACING))


def test_that_an_empty_mr_is_encoded_without_a_fault() -> None:
    assert not encoding.encode("mr_head", np.zeros((2, 8, 8)), SPACING).any()


def test_that_neighbours_run_from_below_to_above_and_repeat_at_the_ends() -> None:
    encoded = np.arange(4, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 2, 2), np.float32)
    assert encoding.stack_neighbours(encoded, 2, 1, 1)[:, 0, 0].tolist() == [1, 2, 3]
    assert encoding.stack_neighbours(encoded, 0, 1, 1)[:, 0, 0].tolist() == [0, 0, 1]
    assert encoding.stack_neighbours(encoded, 3, 2, 1)[:, 0, 0].tolist() == [1, 2, 3, 3, 3]


def test_that_missing_channels_are_zeros_after_each_slices_own() -> None:
    encoded = np.full((3, 1, 2, 2), 5, dtype=np.float32)
    assert encoding.stack_neighbours(encoded, 1, 1, 2)[:, 0, 0].tolist() == [5, 0, 5, 0, 5, 0]


def test_that_the_couch_is_masked_and_the_head_is_kept() -> None:
    head = head_ct()
    ct = head.copy()
    ct[:, 74:76, 5:75] = 100
    ct[:, 68:71, 39:41] = -200  # a foam pad that touches the head
    masked = encoding.mask_couch(ct, SPACING)
    assert (masked[:, 74:76] == -1000).all()
    assert np.array_equal(masked[head > 0], head[head > 0])
    assert masked.dtype == ct.dtype


def test_that_air_within_the_head_counts_as_head() -> None:
    ct = head_ct()
    ct[:, 38:44, 38:44] = -1000
    assert encoding.ct_foreground(ct, SPACING)[:, 38:44, 38:44].all()


def test_that_a_ct_whose_air_was_clipped_by_a_window_is_masked_too() -> None:
    clipped = np.clip(head_ct(), -200, 240).astype(np.int16)
    clipped[:, 76:78, 10:70] = 200
    masked = encoding.mask_couch(clipped, SPACING)
    assert (masked[:, 76:78] == -1000).all()
    assert (masked[:, 0, 0] == -1000).all()


def test_that_a_ct_of_air_is_left_as_it_is() -> None:
    air = np.full((2, 16, 16), -1000, dtype=np.int16)
    assert np.array_equal(encoding.mask_couch(air, SPACING), air)


@given(st.floats(-1024, 1600))
def test_that_expanding_undoes_companding(hounsfield: float) -> None:
    there = encoding.compand_ct(np.array([hounsfield]))
    assert encoding.expand_ct(there)[0] == pytest.approx(hounsfield, abs=0.05)


def test_that_companding_follows_its_corner_points() -> None:
    values = encoding.compand_ct(np.array([-1024, -20, 100, 1600, 4000]))
    assert values.tolist() == pytest.approx([-1, -0.35, 0.45, 1, 1])


def test_that_decoding_gives_stored_integers() -> None:
    assert encoding.decode("mr_unit", np.array([-0.1, 0.5, 2.0])).tolist() == [0, 500, 1500]
    assert encoding.decode("ct_companded", np.array([-2.0, -0.35, 1.0])).tolist() == [-1024, -20, 1600]
    with pytest.raises(KeyError):
        encoding.decode("labels", np.zeros(1))
