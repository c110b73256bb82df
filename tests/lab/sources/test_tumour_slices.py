"""Slices of brain tumours: blocks that share no neighbours, shares of the real ones, and synthetic ones among them."""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch

from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.cohort import slices
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources.tumour_slices import TumourSlices, stored_slices
from tests.lab.sources.small_sources import write_tumour_slices


class Black:
    """Stands in for a generator: its pictures are black."""

    def pictures(self, label: torch.Tensor, seed: int) -> torch.Tensor:
        return torch.zeros(len(label), 1, 32, 32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("slices")
    write_tumour_slices(made)
    return made


def test_that_blocks_share_no_slice_and_leave_neighbours_of_another_block_out(folder: Path) -> None:
    blocks = {split: stored_slices(folder, split) for split in ("train", "validation", "test")}
    assert [len(pictures) for pictures, _ in blocks.values()] == [3 * 42, 3 * 5, 3 * 5]
    seen = [picture.tobytes() for pictures, _ in blocks.values() for picture in pictures]
    assert len(set(seen)) == len(seen)


def test_that_a_share_is_the_beginning_of_each_classs_training_block_and_of_no_other(folder: Path) -> None:
    whole, classes = stored_slices(folder, "train")
    part, of_part = stored_slices(folder, "train", 0.1)
    assert np.bincount(of_part).tolist() == [4, 4, 4]
    assert np.array_equal(part[:4], whole[:4])
    assert np.array_equal(part[4:8], whole[classes == 1][:4])
    source = TumourSlices(pixels=32, share=0.1, data=folder)
    assert [len(source.pool(split)[1]) for split in ("train", "validation")] == [12, 3 * 5]


def test_that_all_classes_come_with_equal_chances(folder: Path) -> None:
    label = TumourSlices(pixels=32, data=folder).batch(600, Draw(1))["label"]
    assert torch.bincount(label).min() > 150


def test_that_pictures_to_imitate_are_those_of_the_data_mirrored_or_not(folder: Path) -> None:
    source = TumourSlices(pixels=32, imitate=True, data=folder)
    pool, classes = source.pool("train")
    batch = source.batch(20, Draw(2))
    for picture, label in zip(batch["image"], batch["label"], strict=True):
        same = [one for one in (picture, picture.flip(-1)) if (pool == one).flatten(1).all(dim=1).any()]
        assert same
        assert classes[(pool == same[0]).flatten(1).all(dim=1)].eq(label).all()


def test_that_the_asked_share_of_training_pictures_and_of_no_others_is_synthetic(folder: Path) -> None:
    with patch.object(slices, "load_generator", lambda run, classes: Black()):
        mixed = TumourSlices(pixels=32, synthetic="run", synthetic_share=0.5, synthetic_count=30, data=folder)
        mixed.prepare("train")
    black = [not mixed._draw(np.random.default_rng(seed), "train")[0].any() for seed in range(400)]
    assert 150 < sum(black) < 250
    mixed.prepare("test")
    assert all(mixed._draw(np.random.default_rng(seed), "test")[0].any() for seed in range(30))


def test_that_absent_data_and_impossible_shares_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match="tumour_types are absent"):
        stored_slices(tmp_path, "train")
    with pytest.raises(UsageError, match="share must be above 0"):
        TumourSlices(share=0.0, data=tmp_path)
