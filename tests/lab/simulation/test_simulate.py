"""The simulated head: physical values, pairs that fit, and the same head for the same seed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from medgan_viewer.lab.simulation.simulate import SimulatedHead, SimulationSettings, simulate_head, simulate_series
from medgan_viewer.lab.simulation.tissues import LABEL_SEGMENTS, LABEL_TISSUES, SEGMENTS, TISSUE_INDEX
from tests.lab.phantoms import SPACING, head_phantom

PLAIN = SimulationSettings(reposition=False, vary_anatomy=False, lesion_probability=0.0, acquire=False)
MOVED = SimulationSettings(in_plane_mm=4.0, size=64, slice_mm=(4.0, 6.0))


@pytest.fixture(scope="module")
def plain() -> SimulatedHead:
    return simulate_head(head_phantom(), SPACING, np.random.default_rng(1), PLAIN)


@pytest.fixture(scope="module")
def moved() -> SimulatedHead:
    return simulate_head(head_phantom(), SPACING, np.random.default_rng(2), MOVED)


def interior(labels: NDArray[np.uint16], label: int) -> NDArray[np.bool_]:
    eroded: NDArray[np.bool_] = ndimage.binary_erosion(labels == label, iterations=2)
    assert eroded.sum() > 50
    return eroded


def test_that_tissue_means_match_the_table_computed_independently(plain: SimulatedHead) -> None:
    white = interior(head_phantom(), 2)
    assert plain.ct[white].mean() == pytest.approx(29.0, abs=0.5)
    inversion = abs(1 - 2 * math.exp(-900 / 640) + math.exp(-2000 / 640))
    assert plain.t1[white].mean() == pytest.approx(0.70 * inversion * math.exp(-3 / 76) / 0.60, rel=0.02)
    spin_echo = 0.70 * (1 - math.exp(-4500 / 640)) * math.exp(-95 / 76)
    assert plain.t2[white].mean() == pytest.approx(spin_echo / 0.65, rel=0.02)


def test_that_fluid_is_bright_in_t2_and_dark_in_flair(plain: SimulatedHead) -> None:
    labels = head_phantom()
    fluid, white = interior(labels, 4), interior(labels, 2)
    assert plain.t2[fluid].mean() > 2 * plain.t2[white].mean()
    assert plain.flair[fluid].mean() < 0.3 * plain.flair[white].mean()


def test_that_bone_lies_where_the_segmentation_has_it(plain: SimulatedHead) -> None:
    bone = plain.segmentation == SEGMENTS.index("Bone")
    dense = plain.ct > 600
    assert 2 * (bone & dense).sum() / (bone.sum() + dense.sum()) > 0.95
    assert plain.t2[bone].mean() < 0.05


def test_that_soft_tissue_is_split_into_fat_under_the_skin_and_muscle(plain: SimulatedHead) -> None:
    fat = plain.segmentation == SEGMENTS.index("Fat")
    muscle = plain.segmentation == SEGMENTS.index("Muscle and other soft tissue")
    assert fat.sum() > 100
    assert muscle.sum() > 100
    assert plain.ct[fat].mean() < 0 < plain.ct[muscle & (head_phantom() == 507)].mean()


def test_that_values_stay_in_their_physical_range(moved: SimulatedHead) -> None:
    assert moved.ct.min() >= -1000.5
    assert moved.ct.max() < 3071
    assert moved.inputs["CT"].min() >= -1024
    assert moved.inputs["CT"].max() <= 3071
    for picture in (moved.t1, moved.t2, moved.flair, *(moved.inputs[name] for name in ("T1", "T2", "FLAIR"))):
        assert np.isfinite(picture).all()
        assert picture.min() >= 0
    assert moved.segmentation.max() < len(SEGMENTS)


def test_that_all_pictures_of_a_head_share_one_grid(moved: SimulatedHead) -> None:
    shapes = {array.shape for array in (moved.ct, moved.t1, moved.t2, moved.flair, moved.segmentation, moved.lesions)}
    shapes |= {array.shape for array in moved.inputs.values()}
    assert len(shapes) == 1
    assert moved.ct.shape[1:] == (64, 64)
    assert 4.0 <= moved.spacing[0] <= 6.0
    assert moved.spacing[1:] == (4.0, 4.0)


def test_that_inputs_show_the_same_head_as_the_targets(moved: SimulatedHead) -> None:
    inside = moved.segmentation > 0
    # A display window may have clipped the input at 100 HU.
    target, given = (np.clip(ct[inside], -200, 100) for ct in (moved.ct, moved.inputs["CT"]))
    assert np.corrcoef(target, given)[0, 1] > 0.9
    assert np.corrcoef(moved.t2[inside], moved.inputs["T2"][inside])[0, 1] > 0.7


def test_that_a_seed_gives_the_same_head_again_and_another_seed_another() -> None:
    first, again, other = (simulate_head(head_phantom(), SPACING, np.random.default_rng(s), MOVED) for s in (7, 7, 8))
    assert np.array_equal(first.ct, again.ct)
    assert np.array_equal(first.inputs["FLAIR"], again.inputs["FLAIR"])
    assert first.ct.shape != other.ct.shape or not np.array_equal(first.ct, other.ct)


def test_that_the_head_is_upright_after_repositioning(moved: SimulatedHead) -> None:
    eyes = np.argwhere(moved.segmentation == SEGMENTS.index("Eyes")).mean(axis=0)
    brain = np.argwhere(moved.segmentation == 1).mean(axis=0)
    assert eyes[1] < brain[1]  # rows run from front to back


def test_that_short_series_keep_few_slices() -> None:
    settings = replace(MOVED, max_slices=6)
    head = simulate_head(head_phantom(), SPACING, np.random.default_rng(3), settings)
    assert 3 <= len(head.ct) <= 9


def test_that_several_series_of_one_patient_differ_in_position_only() -> None:
    settings = replace(MOVED, slice_mm=(5.0, 5.0))
    first, second = simulate_series(head_phantom(), SPACING, np.random.default_rng(4), settings, 2)
    assert not np.array_equal(first.ct[: len(second.ct)], second.ct[: len(first.ct)])
    volumes = [float((one.segmentation > 0).sum()) for one in (first, second)]
    assert volumes[0] == pytest.approx(volumes[1], rel=0.35)


def test_that_lesions_change_the_pictures_as_their_tissue_does() -> None:
    settings = replace(PLAIN, lesion_probability=1.0)
    for seed in range(12):
        head = simulate_head(head_phantom(), SPACING, np.random.default_rng(seed), settings)
        oedema = head.lesions == 1
        if oedema.sum() > 30:
            healthy = (head.segmentation == 1) & (head.lesions == 0)
            assert head.ct[oedema].mean() < head.ct[healthy].mean()
            assert head.t2[oedema].mean() > head.t2[healthy].mean()
            return
    pytest.fail("no oedema in twelve heads")


@pytest.mark.parametrize("labels", [np.zeros((4, 4, 4), np.uint16), np.ones((4, 4), np.uint16)])
def test_that_a_map_without_a_head_is_refused(labels: NDArray[np.uint16]) -> None:
    with pytest.raises(ValueError, match="contain a head"):
        simulate_head(labels, (1.0, 1.0, 1.0), np.random.default_rng(0), PLAIN)


def test_that_every_label_of_the_maps_has_a_tissue_and_a_segment() -> None:
    assert set(LABEL_TISSUES) == set(LABEL_SEGMENTS)
    assert set(LABEL_TISSUES.values()) <= set(TISSUE_INDEX)
    assert set(LABEL_SEGMENTS.values()) <= set(range(len(SEGMENTS)))
