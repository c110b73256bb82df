"""Few patients varied: another pose and another scanner for a picture, and the labels go along."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly.data import SOURCES, HealthySlices, surroundings
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources import healthy_slices, source
from medgan_viewer.lab.sources.variation import varied
from tests.lab.sources.small_sources import small_archive


def discs(count: int, slices: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Return slices of a disc of 0.4 with a brighter and a darker spot, and their labels."""
    rows, columns = np.mgrid[:96, :96] - 47.5
    head = np.hypot(rows, columns) < 36
    labels = np.zeros((96, 96), dtype=np.int64)
    labels[40:56, 26:40], labels[30:40, 52:66] = 1, 2
    image = np.select([labels == 1, labels == 2, head], [0.6, 0.2, 0.4], 0.0).astype(np.float32)
    batch = torch.from_numpy(image).expand(count, slices, -1, -1).clone()
    return batch, torch.from_numpy(labels).expand(count, -1, -1).clone()


def test_that_labels_move_with_the_picture_and_keep_their_values() -> None:
    image, labels = discs(24)
    made, moved = varied(image, labels, 3, 3, Numbers(range(24)))
    assert made.shape == image.shape
    assert moved.shape == labels.shape
    assert set(moved.flatten().tolist()) == {0, 1, 2}
    for sample in range(24):
        bright, dark = (float(made[sample, 1][moved[sample] == value].mean()) for value in (1, 2))
        assert bright > 1.5 * dark
    assert not torch.equal(moved[0], moved[1])


def test_that_what_comes_out_is_in_the_encodings_range_and_differs_from_scanner_to_scanner() -> None:
    image, labels = discs(40)
    made, _ = varied(image, labels, 3, 3, Numbers(range(40)))
    assert float(made.min()) >= 0
    assert float(made.max()) <= 1.5
    levels = made[:, 1, 60:70, 40:56].mean(dim=(1, 2))
    assert float(levels.max()) > 1.5 * float(levels.min())


def test_that_the_middle_slice_is_sometimes_repeated() -> None:
    image, labels = discs(60)
    image[:, 0], image[:, 2] = 0, 0
    made, _ = varied(image, labels, 3, 3, Numbers(range(60)))
    shows = made[:, 0].mean(dim=(1, 2)) > 0.5 * made[:, 1].mean(dim=(1, 2))
    assert 3 <= int(shows.sum()) <= 24


def test_that_a_sample_is_varied_alike_whatever_lies_beside_it() -> None:
    image, labels = discs(6)
    whole, marks = varied(image, labels, 3, 3, Numbers(range(6)))
    alone, mark = varied(image[4:5], labels[4:5], 3, 3, Numbers([4]))
    assert torch.allclose(whole[4:5], alone, atol=1e-6)
    assert torch.equal(marks[4:5], mark)


def test_that_an_archive_varies_what_is_trained_on_and_nothing_else(tmp_path: Path) -> None:
    small_archive(tmp_path)
    arguments: dict[str, Any] = {"name": "lgg", "inputs": ["FLAIR"], "targets": ["segmentation"], "crop": 24}
    arguments |= {"data": tmp_path, "cache": tmp_path / "cache", "neighbours": 1}
    plain, changed = source("archive", **arguments), source("archive", **arguments, vary=True)
    assert not plain.batch(4, Draw(0))["source"].equal(changed.batch(4, Draw(0))["source"])
    held_out = [one.batch(4, Draw(0), "test") for one in (plain, changed)]
    assert held_out[0]["source"].equal(held_out[1]["source"])
    assert changed.batch(4, Draw(0))["source"].equal(changed.batch(4, Draw(0))["source"])


@pytest.mark.parametrize("arguments", [{"targets": ["T1"]}, {"targets": ["T1", "segmentation"]}])
def test_that_pictures_are_not_varied(tmp_path: Path, arguments: dict[str, Any]) -> None:
    small_archive(tmp_path)
    with pytest.raises(UsageError, match="with the target segmentation and no other can be varied"):
        source("archive", name="lgg", inputs=["FLAIR"], vary=True, data=tmp_path, **arguments)


def healthy(tmp_path: Path, **arguments: Any) -> healthy_slices.HealthySource:
    """Return a source of 24 discs of FLAIR: simulated, of MS and of glioma, every second one with a tumour."""
    rows, columns = np.mgrid[:160, :160] - 79.5
    head = np.hypot(rows, columns) < 55
    ignored = np.zeros((24, 160, 160), dtype=bool)
    ignored[::2, 70:90, 70:90] = True
    image = np.repeat((0.4 * head)[None], 24, axis=0)
    image[ignored] = 1.4
    place = np.repeat((np.hypot(rows, columns) < 45)[None], 24, axis=0) & ~ignored
    kinds = np.array([SOURCES.index(("simulated", "ms", "lgg")[n % 3]) for n in range(24)], dtype=np.int8)
    slices = HealthySlices(image.astype(np.float16), place, ignored, np.ones(24, dtype=bool), kinds)
    with (
        patch.object(healthy_slices, "build_cache", lambda *args, **kwargs: slices),
        patch.object(healthy_slices, "ixi_files", lambda *args: []),
        patch.object(healthy_slices, "lgg_patients", lambda *args: ("A",)),
        patch.object(healthy_slices, "patients_of", lambda data, heads, **_: tuple(map(str, heads))),
    ):
        return healthy_slices.HealthySource(data=tmp_path, cache=tmp_path / "healthy", **arguments)


def test_that_near_a_tumour_nothing_is_judged_restored_or_taken_elsewhere(tmp_path: Path) -> None:
    made = healthy(tmp_path, lgg=True, tumours=True, shares={"lgg FLAIR": 1.0}, clouds=1.0)
    batch = made.batch(16, Draw(0))
    known, weight = batch["known"], batch["weight"]
    assert 0.9 < float(known.mean()) < 1
    ill = batch["segmentation"][:, None] == 1
    assert float(weight[(known == 0) & ~ill].sum()) == 0
    foreign = made._foreign["train"]
    drawn = [foreign.draw(np.random.default_rng(seed)) for seed in range(40)]
    assert all(number % 2 for number in drawn)
    assert "known" not in healthy(tmp_path, lgg=True).batch(2, Draw(0))


def test_that_shares_say_which_kinds_are_drawn(tmp_path: Path) -> None:
    made = healthy(tmp_path, lgg=True, shares={"lgg FLAIR": 3, "ms FLAIR": 1})
    drawn = [made._pools["train"].draw(np.random.default_rng(seed)) % 3 for seed in range(200)]
    assert set(drawn) == {1, 2}
    assert 120 < drawn.count(2) < 180


def test_that_without_anomalies_only_slices_come_that_hold_nothing_suspicious(tmp_path: Path) -> None:
    batch = healthy(tmp_path, lgg=True, anomalies=False).batch(12, Draw(0))
    assert set(batch) == {"image"}
    # What is ill is brighter than any head here, and nothing else is changed.
    assert 0.35 < float(batch["image"].amax()) <= 0.401


def test_that_a_coarser_grid_shows_the_same_head_in_larger_pixels(tmp_path: Path) -> None:
    fine, coarse = (healthy(tmp_path, lgg=True, anomalies=False, grid_mm=mm) for mm in (1.5, 2.0))
    assert fine.size == (160, 128)
    assert coarse.size == (128, 96)
    pictures = [made.batch(6, Draw(0))["image"] for made in (fine, coarse)]
    areas = [float((one > 0.2).sum()) * mm**2 for one, mm in zip(pictures, (1.5, 2.0), strict=True)]
    assert areas[1] == pytest.approx(areas[0], rel=0.03)
    ill = healthy(tmp_path, lgg=True, tumours=True, grid_mm=2.0).batch(3, Draw(0))
    assert {one.shape[-2:] for one in ill.values()} == {(128, 96)}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"grid_mm": 1.0}, "are 1.5 to 3 mm wide"),
        ({"tumours": True}, "Slices with tumours come with lgg = true only"),
        ({"clouds": 1.5}, "share of clouds among the anomalies lies between 0 and 1"),
        ({"shares": {"lgg FLAR": 1.0}}, "no slices lgg FLAR: did you mean lgg FLAIR"),
        ({"shares": {"lgg FLAIR": 0.0}}, "must be above 0"),
        ({"shares": {"ixi T1": 1.0}}, "no slice of any kind that shares names"),
    ],
)
def test_that_impossible_mixtures_are_sentences(tmp_path: Path, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        healthy(tmp_path, **arguments)


def test_that_the_surroundings_of_a_tumour_reach_as_far_as_they_should_in_its_slice() -> None:
    found = np.zeros((3, 60, 60), dtype=bool)
    found[1, 30, 30] = True
    near = surroundings(found)
    assert not near[[0, 2]].any()
    rows, columns = np.nonzero(near[1])
    # 15 mm are ten pixels of 1.5 mm.
    assert np.hypot(rows - 30, columns - 30).max() == 10.0
    assert near[1].sum() == (np.hypot(*(np.mgrid[:60, :60] - 30)) <= 10).sum()
