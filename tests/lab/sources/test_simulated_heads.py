"""The cache of simulated heads: filled by itself, in a fixed order, never for another simulation."""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources import source
from medgan_viewer.lab.sources.simulated_heads import sampling_of
from tests.lab.sources.small_sources import small_heads


def test_that_what_is_cached_is_not_simulated_again_and_gives_the_same_batches(tmp_path: Path) -> None:
    before = small_heads(tmp_path).batch(3, Draw(1))
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "series").iterdir()}
    assert len([path for path in written if path.name.endswith(".labels.npy")]) == 5
    after = small_heads(tmp_path).batch(3, Draw(1))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "series").iterdir()} == written
    assert all(before[name].equal(after[name]) for name in before)


def test_that_a_series_added_to_the_folder_changes_nothing(tmp_path: Path) -> None:
    heads = small_heads(tmp_path)
    before = heads.batch(3, Draw(1))
    for path in list((tmp_path / "series").glob("head_01_0000_0.*")):
        (tmp_path / "series" / path.name.replace("0000_0", "0007_0")).write_bytes(path.read_bytes())
    assert heads.batch(3, Draw(1))["source"].equal(before["source"])
    assert small_heads(tmp_path).batch(3, Draw(1))["source"].equal(before["source"])


def test_that_a_cache_of_another_seed_is_refused(tmp_path: Path) -> None:
    small_heads(tmp_path)
    with pytest.raises(UsageError, match="another simulation or seed: name an empty folder"):
        small_heads(tmp_path, seed=1)


def test_that_an_interrupted_simulation_is_done_again(tmp_path: Path) -> None:
    small_heads(tmp_path)
    lost = sorted((tmp_path / "series").glob("head_02_*.labels.npy"))[0]
    wanted = np.load(lost)
    lost.unlink()
    small_heads(tmp_path)
    assert np.array_equal(np.load(lost), wanted)


def test_that_source_and_target_show_the_same_place(tmp_path: Path) -> None:
    batch = small_heads(tmp_path, inputs=["CT"], targets=["T1"]).batch(16, Draw(0))
    head, inside = batch["source"][:, 2] > -0.5, batch["segmentation"] > 0
    assert float((head == inside).float().mean()) > 0.9
    assert float(batch["target"][:, 0][~inside].mean()) < 0.05


def test_that_segmentation_alone_needs_no_target_picture(tmp_path: Path) -> None:
    heads = small_heads(tmp_path, targets=["segmentation"])
    assert heads.target_channels == 0
    assert "target" not in heads.batch(1, Draw(0))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"inputs": ["PET"]}, "no picture PET"),
        ({"inputs": []}, "at least one"),
        ({"inputs": ["CT"], "channels_per_slice": 1}, "need 2 channels per slice"),
        ({"inputs": ["CT"], "neighbours": -1}, "cannot be negative"),
    ],
)
def test_that_impossible_arguments_are_sentences(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        source("simulated_heads", **arguments)


def test_that_inputs_taken_together_need_channels_for_all_and_differ() -> None:
    together = sampling_of(["CT", "T1"], ["T2"], 0, 1, 0, together=True)
    assert together.channels_per_slice == 3
    assert sampling_of(["CT", "T1"], ["T2"], 0, 1, 0).channels_per_slice == 2
    with pytest.raises(UsageError, match="must differ"):
        sampling_of(["T1", "T1"], ["T2"], 0, 1, 0, together=True)


def test_that_absent_data_are_a_sentence() -> None:
    with (
        patch("medgan_viewer.resources.shared_data", return_value=None),
        pytest.raises(MissingPartError, match="MEDGAN_DATA"),
    ):
        source("simulated_heads", inputs=["CT"])
