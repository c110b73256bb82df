"""The anatomical maps, the cache and the batches drawn from it."""

from pathlib import Path

import numpy as np
import pytest

from medgan_viewer import resources
from medgan_viewer.lab.simulation import data, heads
from medgan_viewer.lab.simulation.batches import encode_cached, target_values
from tests.lab.small_runs import fill_cache


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    fill_cache(folder)
    return folder


def test_that_no_head_serves_two_purposes() -> None:
    purposes = (heads.TRAIN_HEADS, heads.VALIDATION_HEADS, heads.CALIBRATION_HEADS, heads.TEST_HEADS)
    used = [number for purpose in purposes for number in purpose]
    assert sorted(used) == list(range(1, 21))
    assert set(heads.TRAIN_HEADS) == set(range(1, 13))


def test_that_a_head_map_is_read_upright() -> None:
    folder = resources.shared_data()
    if folder is None:
        pytest.skip("the head maps are not here: MEDGAN_DATA is not set")
    labels, spacing = data.load_head_labels(folder, 13)
    assert spacing == pytest.approx((1.0, 1.0, 1.0))
    middle = {label: np.argwhere(labels == label).mean(axis=0) for label in (506, 8, 3, 42, 16)}
    assert middle[506][1] < middle[8][1]  # eyes in front of the cerebellum
    assert middle[3][2] > middle[42][2]  # left cortex at higher columns
    assert middle[3][0] > middle[16][0]  # cortex over the brain stem


def test_that_a_cached_series_holds_inputs_as_the_network_will_see_them(cache: Path) -> None:
    pictures = np.load(sorted(cache.glob("*.pictures.npy"))[0])
    labels = np.load(sorted(cache.glob("*.labels.npy"))[0])
    assert pictures.dtype == np.int16
    assert pictures.shape[1:] == (len(data.PICTURES), 48, 48)
    assert labels.shape == (len(pictures), len(data.LABELS), 48, 48)
    head = labels[:, 0] > 0
    for name in ("T1", "T2", "FLAIR"):
        inside = pictures[:, data.PICTURES.index(f"input {name}")][head]
        assert np.percentile(inside, 99.5) == pytest.approx(1000, rel=0.1)
    assert pictures[:, data.PICTURES.index("input CT"), 0, 0].max() == -1000  # nothing but air in the corner


def test_that_simulating_again_keeps_what_is_there(cache: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    fill_cache(cache)
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == before


def test_that_targets_are_in_units_of_the_networks_output() -> None:
    assert target_values(np.array([0, 500], np.int16), "T1").tolist() == [0.0, 0.5]
    assert target_values(np.array([-20, 100], np.int16), "CT").tolist() == pytest.approx([-0.35, 0.45])
    assert encode_cached(np.full((1, 2, 2), 750, np.int16), "T2")[0, 0, 0, 0] == pytest.approx(0.75)
