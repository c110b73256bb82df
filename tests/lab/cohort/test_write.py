"""What `medgan-viewer cohort` writes: marked images, masks and a table; nothing where the leak tests fail."""

import csv
import gzip
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
import torch

from medgan_viewer import cli
from medgan_viewer.dicom import index, nifti
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.cohort import write, write_slices
from medgan_viewer.lab.cohort.heads import Factors
from medgan_viewer.lab.cohort.leaks import Finding, Verdict
from medgan_viewer.lab.virtual_patient.head import VirtualHead
from medgan_viewer.lab.virtual_patient.scanner import Protocol, Scan
from medgan_viewer.lab.virtual_patient.tumour import NO_TUMOUR

PASSED = Verdict((Finding("copies", True, "0 of 3 cases are copies."),), (1.2, 1.1, 1.3, 1.2), ())
FAILED = Verdict((Finding("copies", False, "1 of 3 cases is a copy."),), (0.2, 1.1, 1.3, 1.2), (0,))


def small_head(seed: int, factors: Factors) -> VirtualHead:
    """Stand in for `make_head`: what is written comes from the scan."""
    return VirtualHead(seed, np.full((4, 4, 4), 4, np.int16), NO_TUMOUR, (0.0, 0.0, 0.0))


def small_scan(head: VirtualHead, protocols: tuple[Protocol, ...]) -> Scan:
    """Stand in for `scan_head`: three slices, half white matter, with a tumour in oedema."""
    labels = np.zeros((3, 16, 16), np.int16)
    labels[:, 4:12, 4:12] = 2
    oedema, mass = np.zeros((2, 3, 16, 16), np.float32)
    oedema[1, 6:10, 6:10], mass[1, 7:9, 7:9] = 1, 1
    series = {one.name: np.arange(768, dtype=np.int16).reshape(3, 16, 16) for one in protocols}
    return Scan(series, oedema, mass, labels, (-8.0, -8.0, 0.0), (2.5, 1.0, 1.0))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "make_head", small_head)
    monkeypatch.setattr(write, "scan_head", small_scan)
    monkeypatch.setattr(write, "_judged", lambda drawn, say: PASSED)


def run(*words: str) -> int:
    return cli.main(["cohort", *words])


def lines_of(folder: Path) -> list[dict[str, str]]:
    with (folder / write.TABLE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_that_every_nifti_file_is_marked_and_every_case_has_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cohort"
    assert run("--n", "3", "--out", str(folder), "--contrasts", "T1", "PD", "2500/30") == 0
    lines = lines_of(folder)
    assert [line["class"] for line in lines] == ["healthy", "lesions", "tumour"]
    assert {line["synthetic"] for line in lines} == {"YES"}
    assert {line["leak_tests"] for line in lines} == {"no leak found"}
    assert [line["nearest_training_case"] for line in lines] == ["1.200", "1.100", "1.300"]
    assert [float(lines[2][key]) for key in ("tumour_ml", "oedema_ml")] == pytest.approx([0.01, 0.03])
    assert float(lines[1]["lesion_of_white_matter_ml"]) == pytest.approx(0.04)
    names = sorted(path.name for path in (folder / "case_0003").iterdir())
    assert names == [f"synthetic_{name}.nii.gz" for name in ("MR-2500-30", "PD", "T1", "anatomy", "lesions")]
    for path in folder.rglob("*.nii.gz"):
        assert nifti.read(path).synthetic
        assert write.FAILED_MARK.encode() not in gzip.decompress(path.read_bytes())
    lesions = nifti.read(folder / "case_0003" / "synthetic_lesions.nii.gz")
    assert [int((lesions.array == label).sum()) for label in (1, 2, 3)] == [0, 4, 12]
    assert lesions.spacing == (2.5, 1.0, 1.0)
    assert json.loads((folder / "cohort.json").read_text(encoding="utf-8"))["leak_tests"]["verdict"].startswith(
        "No leak"
    )


def test_that_a_cohort_that_fails_is_not_written_unless_overridden_and_then_marked_in_every_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(write, "_judged", lambda drawn, say: FAILED)
    words = ("--n", "1", "--kinds", "tumour", "--contrasts", "T1", "--out")
    assert run(*words, str(tmp_path / "refused")) == 2
    assert "1 of 3 cases is a copy. Nothing was written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    for form in ("nifti", "dicom"):
        assert run(*words, str(tmp_path / form), "--format", form, "--override") == 0
        assert lines_of(tmp_path / form)[0]["leak_tests"] == "LEAK TESTS FAILED, overridden"
    for path in (tmp_path / "nifti").rglob("*.nii.gz"):
        assert b"LEAK TESTS FAILED" in gzip.decompress(path.read_bytes())[:352]
    files = list((tmp_path / "dicom").rglob("*.dcm"))
    assert len(files) == 5
    assert all(b"LEAK TESTS FAILED" in path.read_bytes() for path in files)


def test_that_dicom_images_and_segmentations_are_synthetic_and_of_nobody(tmp_path: Path) -> None:
    assert run("--n", "1", "--kinds", "tumour", "--out", str(tmp_path / "c"), "--format", "dicom") == 0
    made = [pydicom.dcmread(path) for path in (tmp_path / "c").rglob("*.dcm")]
    assert sorted({one.Modality for one in made}) == ["CT", "MR", "SEG"]
    assert {one.SyntheticData for one in made} == {"YES"}
    assert {str(one.PatientName) for one in made} == {"Synthetic^Case 0001"}
    assert len({one.StudyInstanceUID for one in made}) == 1
    masks = {one.SegmentSequence[0].SegmentLabel: one for one in made if one.Modality == "SEG"}
    assert set(masks) == {"Cerebral white matter", "Tumour"}
    assert [segment.SegmentLabel for segment in masks["Tumour"].SegmentSequence] == ["Tumour", "Oedema"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--n", "0"), "at least one case"),
        (("--kinds", "ill"), "There is no kind ill: choose among healthy, lesions, tumour"),
        (("--place", "above"), "There is no place above"),
        (("--contrasts", "T3"), "There is no contrast T3"),
        (("--contrasts", "2500/0"), "There is no contrast 2500/0"),
        (("--size", "2", "3"), "range of size"),
        (("--model", "nowhere"), "There is no model nowhere"),
    ],
)
def test_that_wishes_that_make_no_sense_are_sentences(
    words: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--n", "1", "--out", str(tmp_path / "c"), *words) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_that_nothing_is_written_over_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name a new folder"):
        write.check_new(tmp_path, 1)


def test_that_factors_of_heads_are_refused_for_slices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--n", "1", "--out", str(tmp_path / "c"), "--model", str(tmp_path), "--place", "left") == 2
    assert "Slices have no --place" in capsys.readouterr().err


class Grey:
    """Stands in for a generator: every picture is as grey as its class."""

    trained = SimpleNamespace(recipe=SimpleNamespace(id="tumour-slices", digest="abc"))

    def pictures(self, label: torch.Tensor, seed: int) -> torch.Tensor:
        return (label.float() / 2)[:, None, None, None].expand(-1, 1, 8, 8)


@pytest.mark.parametrize("verdict", [PASSED, FAILED])
def test_that_slices_are_written_with_class_and_mark(
    verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_slices, "load_generator", lambda run, classes: Grey())
    monkeypatch.setattr(write_slices, "_judged", lambda generator, made: verdict)
    folder = tmp_path / "slices"
    write_slices.write_slices(tmp_path, folder, 4, 0, "nifti", override=not verdict.passed)
    lines = lines_of(folder)
    assert [line["class"] for line in lines] == ["pituitary tumour", "meningioma", "glioma", "pituitary tumour"]
    for number, line in enumerate(lines):
        volume = nifti.read(folder / line["file"])
        assert volume.synthetic
        assert np.unique(volume.array).tolist() == [(0, 500, 1000)[number % 3]]
        assert (b"LEAK TESTS FAILED" in gzip.decompress((folder / line["file"]).read_bytes())) == (verdict is FAILED)


@pytest.mark.parametrize("verdict", [PASSED, FAILED])
def test_that_slices_as_dicom_are_captures_of_nobody_that_the_viewer_reads_as_synthetic(
    verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_slices, "load_generator", lambda run, classes: Grey())
    monkeypatch.setattr(write_slices, "_judged", lambda generator, made: verdict)
    folder = tmp_path / "slices"
    write_slices.write_slices(tmp_path, folder, 3, 0, "dicom", override=not verdict.passed)
    made = [pydicom.dcmread(folder / line["file"]) for line in lines_of(folder)]
    assert [str(one.SeriesDescription) for one in made] == [f"SYNTHETIC {line['class']}" for line in lines_of(folder)]
    assert {(one.SyntheticData, one.ConversionType, one.SOPClassUID.name) for one in made} == {
        ("YES", "SYN", "Secondary Capture Image Storage")
    }
    for name in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert len({one[name].value for one in made}) == 3
    assert [np.unique(one.pixel_array).tolist() for one in made] == [[0], [2000], [4000]]
    assert all((write.FAILED_MARK in str(one.PatientComments)) == (verdict is FAILED) for one in made)
    series = [one for study in index.scan([folder], learn=False).studies for one in study.series]
    assert len(series) == 3
    assert all(one.synthetic for one in series)
