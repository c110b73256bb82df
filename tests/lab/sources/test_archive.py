"""The archives of the data folder: their splits as README and index say, their pictures paired."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.evaluation.exams.real import load_patient_exam
from medgan_viewer.lab.sources import source
from medgan_viewer.lab.sources.archive import Archive
from tests.lab.sources.small_sources import small_archive


@pytest.fixture
def data() -> Path:
    folder = resources.shared_data()
    if folder is None:
        pytest.skip("the archives are not here: MEDGAN_DATA is not set")
    return folder


def test_that_an_index_decides_the_split_and_masks_come_along(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    assert isinstance(archive, Archive)
    assert archive.patients == {"train": ("case0", "case1"), "validation": ("case2",), "test": ("case3",)}
    assert [case.patient for case in archive.cases("test")] == ["case3"]
    assert archive.cases("test")[0].sources["T1"].shape == (6, 1, 24, 24)
    batch = archive.batch(4, Draw(0))
    assert batch["source"].allclose(batch["target"])  # written so
    assert (batch["segmentation"] == 1).any()


def test_that_inputs_can_be_given_together(tmp_path: Path) -> None:
    small_archive(tmp_path)
    arguments = {"name": "lgg", "inputs": ["T1", "FLAIR"], "targets": ["FLAIR"], "crop": 24, "together": True}
    both = source("archive", data=tmp_path, cache=tmp_path / "cache", neighbours=1, **arguments)
    assert both.source_channels == 6
    batch = both.batch(4, Draw(0))
    assert batch["source"].shape == (4, 6, 24, 24)
    assert batch["source"][:, 3].equal(batch["target"][:, 0])  # the middle slice's second input


def test_that_the_last_input_can_be_one_that_some_samples_and_patients_lack(tmp_path: Path) -> None:
    small_archive(tmp_path)
    path = tmp_path / "lgg" / "index.json"
    index = json.loads(path.read_text())
    index["case1"]["has_t1"] = False
    path.write_text(json.dumps(index))
    arguments = {"targets": ["segmentation"], "crop": 24, "neighbours": 1, "data": tmp_path, "together": True}
    given = {"name": "lgg", "cache": tmp_path / "cache", "inputs": ["FLAIR", "T1"], "vary": True, **arguments}
    without = source("archive", **given)
    assert without.patients["train"] == ("case0",)
    some = source("archive", optional=["T1"], **given)
    assert some.patients["train"] == ("case0", "case1")
    assert some.source_channels == without.source_channels == 6
    assert isinstance(some, Archive)
    assert [sorted(case.sources) for case in some.cases("train")] == [["FLAIR", "FLAIR+T1"], ["FLAIR"]]
    channels = some.batch(64, Draw(0))["source"].flatten(2).abs().amax(dim=2) > 0
    # Channels in a slice: FLAIR, T1. A T1 that is not there has no noise either, however a sample is varied.
    assert channels[:, ::2].all()
    there = channels[:, 1::2]
    assert (there.all(dim=1) | ~there.any(dim=1)).all()
    assert 0.1 < there[:, 0].float().mean() < 0.4  # half of the samples of one of two patients
    with pytest.raises(UsageError, match="Only the last"):
        source("archive", optional=["FLAIR"], **given)


def test_that_patients_are_set_aside_out_of_validation(tmp_path: Path) -> None:
    small_archive(tmp_path)
    path = tmp_path / "lgg" / "index.json"
    index = json.loads(path.read_text())
    index["case1"]["split"] = "val"
    path.write_text(json.dumps(index))
    arguments = {"name": "lgg", "targets": ["FLAIR"], "crop": 24, "data": tmp_path, "cache": tmp_path / "cache"}
    patients = source("archive", set_aside=1, **arguments).patients
    assert (patients["validation"], patients["calibration"]) == (("case1",), ("case2",))
    with pytest.raises(UsageError, match="all but one"):
        source("archive", set_aside=2, **arguments)


def test_that_patients_without_a_t1_of_their_own_are_left_out_only_where_t1_is_asked_for(tmp_path: Path) -> None:
    small_archive(tmp_path)
    path = tmp_path / "lgg" / "index.json"
    index = json.loads(path.read_text())
    index["case0"]["has_t1"] = False
    path.write_text(json.dumps(index))
    arguments = {"name": "lgg", "targets": ["FLAIR"], "crop": 24, "data": tmp_path, "cache": tmp_path / "cache"}
    assert source("archive", inputs=["T1"], **arguments).patients["train"] == ("case1",)
    assert source("archive", **arguments).patients["train"] == ("case0", "case1")


def test_that_a_damaged_file_stops_the_start(tmp_path: Path) -> None:
    small_archive(tmp_path)
    (tmp_path / "lgg" / "case1.npz").write_bytes(b"damaged")
    with pytest.raises(UsageError, match=r"did not open, the first one case1\.npz"):
        source("archive", name="lgg", targets=["T1"], data=tmp_path, cache=tmp_path / "cache")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": "brats"}, "no archive brats: choose one of ixi_t1_2mm, lgg"),
        ({"name": "lgg", "inputs": ["T2"]}, "lgg has no T2: it has T1, FLAIR"),
        ({"name": "ms", "targets": ["segmentation"]}, "needs inputs or targets"),
    ],
)
def test_that_impossible_arguments_are_sentences(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        source("archive", **arguments)


def test_that_the_real_lgg_split_is_that_of_its_index(data: Path, tmp_path: Path) -> None:
    index = json.loads((data / "lgg" / "index.json").read_text())
    kept = tmp_path / "lgg"
    kept.mkdir()
    few = [name for name, entry in index.items() if entry["split"] != "train"][:6]
    few += [name for name, entry in index.items() if entry["split"] == "train"][:3]
    (kept / "index.json").write_text(json.dumps({name: index[name] for name in few}))
    for name in few:
        (kept / f"{name}.npz").symlink_to(data / "lgg" / f"{name}.npz")
    archive = source("archive", name="lgg", targets=["FLAIR"], data=tmp_path, cache=tmp_path / "cache")
    for split, own in (("train", "train"), ("validation", "val"), ("test", "test")):
        assert list(archive.patients[split]) == sorted(name for name in few if index[name]["split"] == own)


def test_that_two_dates_of_one_real_patient_stay_together(data: Path, tmp_path: Path) -> None:
    archive = source("archive", name="ct_slices_hu", targets=["CT"], grid_mm=4.0, crop=96, data=data, cache=tmp_path)
    assert [len(archive.patients[split]) for split in ("train", "validation", "test")] == [5, 1, 4]
    assert set(archive.patients["test"]) == load_patient_exam("ct-low-dose").kept_out("ct_slices_hu")
    image = archive.batch(8, Draw(0))["image"]
    assert -1.0 <= float(image.min()) < -0.9  # air
    assert 0.0 < float(image.quantile(0.9)) < 0.5  # soft tissue, companded


def test_that_real_tumour_types_have_their_classes_in_every_split(data: Path, tmp_path: Path) -> None:
    archive = source("archive", name="tumour_types", targets=["T1+C"], crop=128, data=data, cache=tmp_path)
    assert archive.classes == 3
    for split in ("train", "validation", "test"):
        labels = archive.batch(60, Draw(0), split)["label"]
        assert np.bincount(labels.numpy(), minlength=3).min() > 5


def test_that_low_dose_scans_are_noisier_than_their_target_and_stay_with_their_patient(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:64, :64] - 31.5
    body = np.where(np.hypot(rows, columns) < 25, 40, -1000).astype(np.int16)
    (tmp_path / "ct_slices_hu").mkdir()
    tested = load_patient_exam("ct-low-dose").kept_out("ct_slices_hu")
    for patient in (*(f"P{number}" for number in range(6)), *tested):
        path = tmp_path / "ct_slices_hu" / f"{patient}_1900.npz"
        np.savez(path, hu=body, spacing=np.array([3.0, 3.0]))
    made = source(
        "archive",
        name="ct_slices_hu",
        inputs=["low dose CT"],
        targets=["CT"],
        crop=64,
        grid_mm=3.0,
        data=tmp_path,
        cache=tmp_path / "cache",
    )
    assert {split: len(some) for split, some in made.patients.items()} == {"train": 5, "validation": 1, "test": 4}
    assert set(made.patients["test"]) == tested
    batch = made.batch(24, Draw(0))
    error = batch["source"][:, 0] * 1000 - 40
    inside = torch.from_numpy(np.hypot(rows, columns) < 15)
    noise = torch.stack([one[inside].std() for one in error])
    assert float(noise.min()) > 1
    assert float(noise.max()) > 2 * float(noise.min())  # many doses
    assert float(error[:, inside].mean()) == pytest.approx(0.0, abs=10.0)
    assert float(batch["target"][:, 0, inside].std()) < 0.01
