"""Simulated heads with slices of real patients among them."""

from pathlib import Path
from typing import Any

import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources.base import DataSource
from medgan_viewer.lab.sources.live_heads import LiveHeads
from tests.lab.sources.small_sources import small_archive, small_live_heads


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> DataSource:
    """Return heads with two patients of an archive of the layout of `lgg`, whose T1 and FLAIR are the same."""
    folder = tmp_path_factory.mktemp("data")
    small_archive(folder)
    return small_live_heads(folder, inputs=["T1"], targets=["FLAIR"], archive="lgg", real=0.25)


def test_that_a_share_of_every_training_batch_is_of_real_patients(mixed: DataSource) -> None:
    assert mixed.patients["train"] == ("head_01", "head_02", "case0", "case1")
    assert mixed.classes == 2
    batch = mixed.batch(8, Draw(0))
    assert {name: tuple(some.shape[:1]) for name, some in batch.items()} == dict.fromkeys(
        ("source", "target", "segmentation", "lesions"), (8,)
    )
    alike = (batch["source"][:, 1] - batch["target"][:, 0]).abs().amax(dim=(1, 2)) < 1e-5
    assert alike.tolist() == 6 * [False] + 2 * [True]
    real = batch["target"][6:, 0] > 0.05
    assert batch["segmentation"][6:].bool().equal(real)
    assert 0 < float(real.float().mean()) < 1
    assert not batch["lesions"][6:].any()


def test_that_other_splits_are_of_simulated_heads_alone(mixed: DataSource) -> None:
    for split in ("validation", "calibration", "test"):
        batch = mixed.batch(4, Draw(0), split)
        assert not (batch["source"][:, 1] - batch["target"][:, 0]).abs().amax(dim=(1, 2)).lt(1e-5).any()
        assert int(batch["segmentation"].max()) == 1
        assert not any(patient.startswith("case") for patient in mixed.patients[split])


def test_that_two_processes_see_the_slices_that_one_would_have_seen(mixed: DataSource) -> None:
    whole = mixed.batch(8, Draw(3))["target"]
    parts = torch.cat([mixed.batch(4, Draw(3, rank, 2))["target"] for rank in range(2)])
    assert torch.allclose(whole.sum(dim=(1, 2, 3)).sort().values, parts.sum(dim=(1, 2, 3)).sort().values, rtol=1e-4)


def test_that_heads_of_low_field_have_one_target_whatever_the_contrast(tmp_path: Path) -> None:
    low = small_live_heads(tmp_path, inputs=["T1", "T2", "FLAIR"], targets=[], low_tesla=[0.3, 1.5])
    assert (low.source_channels, low.target_channels) == (3, 1)
    batch = low.batch(4, Draw(0))
    assert batch["source"].shape == (4, 3, 24, 24)
    assert batch["target"].shape == (4, 1, 24, 24)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"low_tesla": [1.5]}, "two field strengths, ascending, from 0.2 to under 7"),
        ({"low_tesla": [0.1, 1.5]}, "two field strengths"),
        ({"low_tesla": [1.5, 0.3]}, "two field strengths"),
        ({"low_tesla": [1.5, 7.0]}, "two field strengths"),
        ({"targets": ["T2"]}, "one at a time, without targets and without an archive"),
        ({"inputs": ["CT"]}, "inputs are T1, T2, FLAIR"),
        ({"together": True}, "one at a time"),
    ],
)
def test_that_low_fields_without_sense_are_refused(changed: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {"inputs": ["T1", "T2"], "low_tesla": [0.3, 1.5], "data": tmp_path, **changed}
    with pytest.raises(UsageError, match=sentence):
        LiveHeads(**given)


def test_that_metal_without_a_ct_and_chances_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Metal is simulated in CT alone"):
        LiveHeads(["T1"], ["T2"], metal_probability=0.1, data=tmp_path)
    for chance in (-0.1, 1.1):
        with pytest.raises(UsageError, match="probabilities 0 to 1"):
            LiveHeads(["CT"], ["T2"], metal_probability=chance, data=tmp_path)


def test_that_archives_without_the_pictures_and_shares_without_sense_are_refused(tmp_path: Path) -> None:
    small_archive(tmp_path)
    with pytest.raises(UsageError, match="lgg has no CT"):
        LiveHeads(["CT"], ["FLAIR"], archive="lgg", data=tmp_path)
    for share in (0.0, 1.0):
        with pytest.raises(UsageError, match="between 0 and 1"):
            LiveHeads(["T1"], ["FLAIR"], archive="lgg", real=share, data=tmp_path)
