"""A hospital's folders as a source: what belongs together, who is in which split, and what is said when it fails."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import generate_uid

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import nifti
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources.finding import anonymous, split_patients
from medgan_viewer.lab.sources.folders import Folders
from medgan_viewer.lab.sources.volumes import axial, canonical, on_grid
from tests.dicom_builder import write_series
from tests.lab.sources.small_sources import PATTERNS, head, write_nifti_cases

SHARES = {"train": 0.5, "validation": 0.25, "test": 0.25}


def write_patient(folder: Path, identifier: str, seed: int = 0) -> None:
    """Write a CT and a T1 of one patient, on the same places."""
    study, frame = generate_uid(), generate_uid()
    values = head(seed)
    for name, modality, stored in (("a", "CT", values), ("b", "MR", values + 1000)):
        write_series(
            folder / identifier / name,
            stored.astype(np.int16),
            spacing=(4.0, 4.0),
            step=(0.0, 0.0, 5.0),
            Modality=modality,
            PatientID=identifier,
            PatientName=f"Name^{identifier}",
            StudyInstanceUID=study,
            SeriesInstanceUID=generate_uid(),
            FrameOfReferenceUID=frame,
            SeriesDescription="T1 axial" if modality == "MR" else "Head",
            RescaleIntercept="0",
        )


@pytest.fixture(scope="module")
def dicom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    for number in range(4):
        write_patient(folder, f"P{number}", number)
    return folder


def folders(folder: Path, cache: Path, **arguments: Any) -> Folders:
    given = {"inputs": ["CT"], "targets": ["T1"], "crop": 16, "grid_mm": 4.0, "mask_couch": False, **arguments}
    return Folders(folder=folder, cache=cache, **given)


def test_that_dicom_series_of_one_space_are_paired_pixel_by_pixel(dicom: Path, tmp_path: Path) -> None:
    batch = folders(dicom, tmp_path, shares=SHARES).batch(6, Draw(0))
    assert batch["source"].shape == (6, 2, 16, 16)
    hounsfield = batch["source"][:, 0] * 1000
    inside = hounsfield > -900
    # The T1 was written as the CT + 1000, so the two must follow each other exactly.
    scaled = batch["target"][:, 0][inside] / (hounsfield[inside] + 1000)
    assert float(scaled.std() / scaled.mean()) < 0.02


def test_that_patients_are_split_whole_and_without_their_names(dicom: Path, tmp_path: Path) -> None:
    source = folders(dicom, tmp_path, shares=SHARES)
    assert [len(source.patients[split]) for split in ("train", "validation", "test")] == [2, 1, 1]
    text = repr(source.patients) + " ".join(path.name for path in tmp_path.iterdir())
    assert not any(f"P{number}" in text for number in range(4))
    again = folders(dicom, tmp_path, shares=SHARES)
    assert again.patients == source.patients
    assert folders(dicom, tmp_path, shares=SHARES, seed=3).patients != source.patients


def test_that_splits_by_list_and_by_file_say_the_same(dicom: Path, tmp_path: Path) -> None:
    split = {"train": ["P0", "P3"], "test": ["P1"]}
    by_list = folders(dicom, tmp_path, split=split)
    assert by_list.patients["train"] == tuple(sorted((anonymous("P0"), anonymous("P3"))))
    assert by_list.patients["validation"] == ()
    (tmp_path / "split.json").write_text(json.dumps(split))
    (tmp_path / "split.csv").write_text("patient,split\nP0,train\nP1,test\nP3,train\n")
    for name in ("split.json", "split.csv"):
        assert folders(dicom, tmp_path, split_file=str(tmp_path / name)).patients == by_list.patients
    with pytest.raises(UsageError, match="no patients in the split validation"):
        by_list.batch(1, Draw(0), "validation")


def test_that_folds_test_every_patient_once_and_never_one_who_was_trained_on() -> None:
    everybody = [anonymous(f"P{number}") for number in range(23)]
    tested: list[str] = []
    for number in range(1, 6):
        split = split_patients(everybody, {}, "", {"train": 0.9, "validation": 0.1}, 0, (number, 5))
        assert set(split) == set(everybody)
        tested += [patient for patient, name in split.items() if name == "test"]
        assert sum(name == "validation" for name in split.values()) == 2
    assert sorted(tested) == sorted(everybody)


def test_that_one_patient_more_moves_hardly_anybody_into_another_fold() -> None:
    everybody = [anonymous(f"P{number}") for number in range(100)]
    shares = {"train": 0.9, "validation": 0.1}
    for number in range(1, 6):
        before = split_patients(everybody, {}, "", shares, 0, (number, 5))
        after = split_patients([*everybody, anonymous("one more")], {}, "", shares, 0, (number, 5))
        assert sum(before[one] != "test" and after[one] == "test" for one in everybody) <= 1


def test_that_a_fold_beside_lists_or_folders_of_splits_is_a_sentence(dicom: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give fold, or split"):
        folders(dicom, tmp_path, split={"train": ["P0"]}, fold=(1, 2))
    with pytest.raises(UsageError, match="folder in place of folders"):
        Folders(inputs=["CT"], targets=["T1"], folders={"train": str(dicom)}, fold=(1, 2))


@pytest.mark.parametrize("fold", [(0, 5), (6, 5), (1, 1), (1,)])
def test_that_a_fold_that_is_none_is_a_sentence(fold: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"such as fold = \[1, 5\]"):
        split_patients([anonymous("P0")], {}, "", {"train": 1.0}, 0, fold)


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        ({"train": ["P0"], "test": ["P0"]}, "A patient is listed in train and in test"),
        ({"training": ["P0"]}, "There is no split training"),
    ],
)
def test_that_impossible_lists_are_sentences(listed: Mapping[str, list[str]], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        split_patients([anonymous("P0")], listed, "", {}, 0)


def test_that_an_unreadable_split_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("who,where\nP0,train\n")
    with pytest.raises(UsageError, match=r"bad\.csv cannot be read"):
        split_patients([], {}, str(tmp_path / "bad.csv"), {}, 0)


def test_that_the_same_patient_in_the_folders_of_two_splits_is_refused(tmp_path: Path) -> None:
    write_patient(tmp_path / "train", "P0")
    write_patient(tmp_path / "test", "P0", 1)
    places = {split: str(tmp_path / split) for split in ("train", "test")}
    with pytest.raises(UsageError, match="in train and in test as well"):
        Folders(inputs=["CT"], targets=["T1"], folders=places, cache=tmp_path / "cache", grid_mm=4.0)


def test_that_a_file_that_does_not_open_is_named_and_many_stop_the_start(tmp_path: Path) -> None:
    for number in range(4):
        write_patient(tmp_path / "scans", f"P{number}", number)
    whole = sorted((tmp_path / "scans").rglob("*.dcm"))
    (tmp_path / "scans" / "P0" / "broken.dcm").write_bytes(whole[0].read_bytes()[:300])
    source = folders(tmp_path / "scans", tmp_path / "cache", shares=SHARES)
    assert [refusal.path for refusal in source.refused] == ["broken.dcm"]
    for number in range(8):
        (tmp_path / "scans" / f"more{number}.dcm").write_bytes(whole[0].read_bytes()[:300])
    with pytest.raises(UsageError, match="files did not open, the first one"):
        folders(tmp_path / "scans", tmp_path / "cache", shares=SHARES)


def test_that_cached_slices_are_used_until_a_file_changes(dicom: Path, tmp_path: Path) -> None:
    first = folders(dicom, tmp_path, shares=SHARES).batch(2, Draw(0))
    files = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(files) == 8
    assert folders(dicom, tmp_path, shares=SHARES).batch(2, Draw(0))["source"].equal(first["source"])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files
    changed = next((dicom / "P0" / "a").iterdir())
    changed.touch()
    folders(dicom, tmp_path, shares=SHARES)
    assert len(list(tmp_path.iterdir())) > 8


def test_that_nifti_files_are_paired_by_their_names_with_their_labels(tmp_path: Path) -> None:
    write_nifti_cases(tmp_path / "scans", 4)
    source = Folders(
        inputs=["T1"],
        targets=["FLAIR", "segmentation"],
        folder=tmp_path / "scans",
        patterns=PATTERNS,
        patient=r"(patient\d+)",
        classes=3,
        crop=16,
        grid_mm=4.0,
        shares=SHARES,
        cache=tmp_path / "cache",
    )
    assert sum(len(patients) for patients in source.patients.values()) == 4
    batch = source.batch(8, Draw(0))
    assert set(batch["segmentation"].unique().tolist()) == {0, 1, 2}  # type: ignore[no-untyped-call]
    assert float(batch["target"][:, 0][batch["segmentation"] == 2].mean()) > 0.9
    assert float(batch["target"][:, 0][batch["segmentation"] == 0].mean()) < 0.1


def test_that_inputs_can_be_given_together_where_a_case_has_all_of_them(dicom: Path, tmp_path: Path) -> None:
    split = {"train": ["P0", "P1"]}
    source = folders(dicom, tmp_path, inputs=["CT", "T1"], targets=["T1"], together=True, split=split)
    assert source.source_channels == 3
    batch = source.batch(4, Draw(0))
    assert batch["source"][:, 2].equal(batch["target"][:, 0])


def test_that_unpaired_pictures_come_from_independent_patients(dicom: Path, tmp_path: Path) -> None:
    source = folders(dicom, tmp_path, paired=False, split={"train": ["P0", "P1", "P2", "P3"]})
    batch = source.batch(24, Draw(0))
    paired = folders(dicom, tmp_path, split={"train": ["P0", "P1", "P2", "P3"]}).batch(24, Draw(0))
    assert batch["source"].equal(paired["source"])
    assert not batch["target"].equal(paired["target"])


def test_that_a_case_without_its_target_is_left_out(tmp_path: Path) -> None:
    for number in range(3):
        write_patient(tmp_path / "scans", f"P{number}", number)
    for path in (tmp_path / "scans" / "P1" / "b").iterdir():
        path.unlink()
    split = {"train": ["P0", "P1", "P2"]}
    assert len(folders(tmp_path / "scans", tmp_path / "cache", split=split).patients["train"]) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"inputs": [], "targets": []}, "need inputs, targets or both"),
        ({"targets": ["segmentation"]}, "its own pattern and the number of classes"),
        ({"encoding": {"CT": "jpeg"}}, "no encoding"),
        ({"patterns": {"CT": "*.nii.gz"}}, "no pattern for T1"),
        ({"patterns": {"CT": "ct.nii.gz", "T1": "*_t1.nii.gz"}}, "exactly one"),
        ({"inputs": ["PET"]}, "no case for training"),
        ({"shares": {"train": 0.0}}, "must be positive"),
    ],
)
def test_that_impossible_arguments_are_sentences(
    dicom: Path, tmp_path: Path, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        folders(dicom, tmp_path, **{"shares": SHARES, **arguments})


def test_that_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="The folder nowhere of the data is not there"):
        folders(tmp_path / "nowhere", tmp_path)


def test_that_a_sagittal_volume_becomes_axial_without_interpolation() -> None:
    values = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)  # [left, top, back]
    affine = np.array([[2.0, 0, 0, 0], [0, 0, 1.5, 0], [0, 3.0, 0, 0], [0, 0, 0, 1]])
    turned, spacing = canonical(axial(Volume(values, affine, modality="MR")), 1.0, labels=True)
    assert spacing == (3.0, 1.0, 1.0)
    assert set(turned[2].ravel()) == set(values[:, 2].ravel())


def test_that_labels_on_another_grid_take_the_nearest_voxel() -> None:
    fine: NDArray[np.int16] = np.zeros((8, 8, 8), np.int16)
    fine[4:, :, :] = 2
    grid = Volume(np.zeros((4, 4, 4), np.int16), np.diag([2.0, 2.0, 2.0, 1.0]))
    moved = on_grid(Volume(fine, np.eye(4)), grid, labels=True)
    assert [set(plane.ravel()) for plane in moved.array] == [{0}, {0}, {2}, {2}]


def test_that_a_nifti_round_trip_keeps_the_place(tmp_path: Path) -> None:
    write_nifti_cases(tmp_path, 1)
    read = nifti.read(tmp_path / "patient0_s1" / "t1.nii.gz")
    assert axial(read).shape[0] == 6
