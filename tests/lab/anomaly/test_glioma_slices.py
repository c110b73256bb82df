"""Which patients with glioma teach the anomaly model, and which of their slices."""

import json
from pathlib import Path

import numpy as np
import pytest

from medgan_viewer import resources
from medgan_viewer.lab.anomaly import data
from medgan_viewer.lab.anomaly.data import far_from, lgg_patients, patients_of
from medgan_viewer.lab.evaluation.exams.real import load_patient_exam


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten training patients, two whom the exam keeps out of training, one for validation, one for the test."""
    lgg = tmp_path / "lgg"
    lgg.mkdir()
    index = {f"P{n:02d}": {"split": "train", "has_t1": n % 2 == 0} for n in range(10)}
    kept_out = sorted(load_patient_exam("head-anomaly").kept_out("lgg"))[:2]
    index |= {name: {"split": "train", "has_t1": True} for name in kept_out}
    index |= {"V": {"split": "val", "has_t1": True}, "T": {"split": "test", "has_t1": True}}
    (lgg / "index.json").write_text(json.dumps(index))
    return lgg


def test_nobody_whom_the_exam_keeps_out_is_trained_on(folder: Path) -> None:
    assert lgg_patients(folder) == tuple(f"P{n:02d}" for n in range(10))


def test_the_patients_of_the_data_set_are_split_as_the_exam_says() -> None:
    data = resources.shared_data()
    if data is None:
        pytest.skip("the data set is not here")
    index = json.loads((data / "lgg" / "index.json").read_text())
    kept_out = load_patient_exam("head-anomaly").kept_out("lgg")
    assert len(kept_out & {name for name, entry in index.items() if entry["split"] == "train"}) == 20
    assert {name for name, entry in index.items() if entry["split"] != "train"} <= kept_out
    assert len(lgg_patients(data / "lgg")) == 48


def test_a_slice_beside_a_tumour_is_not_far_from_it() -> None:
    found = np.zeros((7, 4, 4), dtype=bool)
    found[2, 1, 1] = True
    assert far_from(found).tolist() == [True, False, False, False, True, True, True]


def test_only_slices_far_from_tumours_are_taken_and_t1_only_where_it_is_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = lgg_patients(folder)
    even = next(name for name in names if int(name[1:]) % 2 == 0)
    odd = next(name for name in names if int(name[1:]) % 2 == 1)
    monkeypatch.setattr(data, "lgg_patients", lambda *_: (even, odd))
    rows, columns = np.mgrid[:192, :192]
    head = ((rows - 96) ** 2 + (columns - 96) ** 2 < 70**2) * np.uint8(120)
    flair = np.stack([head + np.uint8(10 * n) * (head > 0) for n in range(5)]).astype(np.uint8)
    tumour = np.zeros((5, 192, 192), dtype=np.uint8)
    tumour[4, 90:100, 90:100] = 1
    for name in (even, odd):
        np.savez(folder / f"{name}.npz", flair=flair, t1=flair // 2, mask=tumour)
    parts = list(data._glioma(folder))
    assert [bool(flair.all()) for _, _, _, flair, _ in parts] == [True, False, True]
    assert [len(image) for image, *_ in parts] == [3, 3, 3]
    image, place, ignored, _, source = parts[0]
    assert not ignored.any()
    assert set(source.tolist()) == {data.SOURCES.index("lgg")}
    # Anomalies are put inside the head alone.
    assert place.any()
    assert image[place].min() > 0.5


def test_patients_who_were_trained_on_are_named(folder: Path) -> None:
    (folder.parent / "ixi_t1_2mm").mkdir()
    (folder.parent / "ixi_t1_2mm" / "index.json").write_text("{}")
    with_them = set(patients_of(folder.parent, (1,), real=True, lgg=True))
    without = set(patients_of(folder.parent, (1,), real=True))
    assert with_them - without == set(lgg_patients(folder))
