"""The one entry point: every kind of result has a writer, names tell nothing about the patient, NIfTI is marked."""

import warnings
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export, export_volumes, index
from tests.dicom.export_builder import (
    doubt_layer,
    heat_layer,
    image_layer,
    label_layer,
    opened,
    validator_errors,
    write_source,
)

KINDS: dict[type, Callable[[Series, SliceStack], Layer]] = {
    ImageLayer: image_layer,
    LabelLayer: label_layer,
    HeatLayer: heat_layer,
    DoubtLayer: doubt_layer,
}


def test_that_every_kind_of_result_has_one_writer() -> None:
    assert [writer.kind for writer in export.WRITERS] == [ImageLayer, LabelLayer, HeatLayer, DoubtLayer]


@pytest.mark.parametrize("writer", export.WRITERS, ids=lambda writer: writer.object_name)
def test_that_each_writer_makes_valid_objects_of_the_source_s_study_and_space(
    tmp_path: Path, writer: export.Writer
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    report = export.write_dicom([KINDS[writer.kind](series, stack)], series, stack, tmp_path / "out")
    assert report.paths
    assert report.notes == ()
    assert validator_errors(report.paths) == []
    for path in report.paths:
        dataset = pydicom.dcmread(path)
        assert dataset.StudyInstanceUID == series.study_uid
        assert dataset.FrameOfReferenceUID == series.frame_of_reference_uid
        assert dataset.SeriesInstanceUID != series.uid
        assert dataset.SeriesDescription.endswith("RESEARCH")
        assert dataset.PatientID == "P-17"


def test_that_results_of_one_export_are_series_of_their_own(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers: list[Layer] = [image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack)]
    report = export.write_dicom(layers, series, stack, tmp_path / "out")
    datasets = [pydicom.dcmread(path) for path in report.paths]
    assert [int(number) for number in sorted({d.SeriesNumber for d in datasets})] == [9001, 9002, 9003]
    assert len({d.SeriesInstanceUID for d in datasets}) == 3


def test_that_no_file_is_named_after_the_patient(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers: list[Layer] = [image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack)]
    paths = export.write_dicom(layers, series, stack, tmp_path / "out").paths
    paths += export.write_slices([1], layers, series, stack, tmp_path / "out").paths
    paths += export_volumes.write_nifti(layers, series, tmp_path / "out").paths
    words = " ".join(str(path.relative_to(tmp_path)) for path in paths).lower()
    assert "müller" not in words
    assert "p-17" not in words
    assert all(character.isascii() and (character.isalnum() or character in "-_./ ") for character in words)


def test_that_nifti_says_synthetic_in_name_and_header_and_keeps_voxels_and_places(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    (path,) = export_volumes.write_nifti([layer], series, tmp_path / "out").paths
    assert path.name == "synthetic-t1_head-ct-to-mr.nii.gz"
    image = nibabel.load(path)
    assert bytes(image.header["descrip"]).startswith(b"SYNTHETIC")
    np.testing.assert_array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), layer.volume.array)
    point = image.affine @ [7, 5, 2, 1]
    np.testing.assert_allclose(point[:3] * [-1, -1, 1], layer.volume.point((2, 5, 7)), atol=1e-4)


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize(("make", "kind"), [(label_layer, b"AI segmentation"), (heat_layer, b"AI heat map")])
def test_that_nifti_says_of_other_results_what_they_are_and_whether_their_source_is_made_up(
    tmp_path: Path, make: Callable[..., Layer], kind: bytes, simulated: bool
) -> None:
    series, stack = opened(write_source(tmp_path / "source"), simulated=simulated)
    (path,) = export_volumes.write_nifti([make(series, stack)], series, tmp_path / "out").paths
    description = bytes(nibabel.load(path).header["descrip"]).rstrip(b"\0")
    assert description.startswith(b"SYNTHETIC") == simulated
    assert kind in description
    assert description.count(b"NOT FOR DIAGNOSIS") == 1


def test_that_no_exported_nifti_is_taken_for_a_scan_when_it_is_opened_again(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers: list[Layer] = [image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack)]
    export_volumes.write_nifti(layers, series, tmp_path / "out")
    again = [one for study in index.scan([tmp_path / "out"]).studies for one in study.series]
    assert [one.synthetic for one in again] == [True, True, True]
    assert sorted(one.modality for one in again) == ["MR", "OT", "SEG"]


def test_that_unfinished_slices_are_empty_in_nifti_and_named(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack, modality="CT", ready=np.array([True, True, False, True, True]))
    report = export_volumes.write_nifti([layer], series, tmp_path / "out")
    assert report.notes == ("Synthetic T1: slices 3 of 5 were not finished and are empty.",)
    voxels = np.asarray(nibabel.load(report.paths[0]).dataobj)
    assert voxels[:, :, 2].min() == voxels[:, :, 2].max() == -500
    np.testing.assert_array_equal(voxels[:, :, 3].T, layer.volume.array[3])


def test_that_a_source_with_values_that_break_the_rules_still_exports(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source")
    wrong = {
        "AccessionNumber": "an accession number of more than sixteen characters",
        "StudyDate": "2026.01.02",
        "PatientSex": "FEMALE",
        "PatientAge": "41",
        "PatientWeight": "about 70 kg and a bit more",
        "BodyPartExamined": "the head",
        "PatientPosition": "supine",
    }
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        for keyword, value in wrong.items():
            vr = dictionary_VR(keyword)
            dataset[Tag(keyword)] = RawDataElement(Tag(keyword), vr, len(value), value.encode(), 0, False, True)
        dataset.save_as(path)
    series, stack = opened(folder)
    layers: list[Layer] = [image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = export.write_dicom(layers, series, stack, tmp_path / "out").paths
        paths += export.write_slices([1], layers, series, stack, tmp_path / "out", formats=["dicom"]).paths
        for path in paths:
            assert pydicom.dcmread(path).AccessionNumber == wrong["AccessionNumber"]
            assert pydicom.dcmread(path).PatientSex == "FEMALE"
