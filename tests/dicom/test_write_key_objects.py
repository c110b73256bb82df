"""Key images as a DICOM list that refers to what was marked: synthetic images only where they were written."""

from pathlib import Path
from typing import Any

import highdicom
import pydicom
import pytest

from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.dicom.export import ResultSet
from tests.dicom.export_builder import (
    consistency_errors,
    enhanced,
    image_layer,
    opened,
    validator_errors,
    write_source,
)


def _written(paths: tuple[Path, ...]) -> Any:
    (path,) = paths
    dataset = pydicom.dcmread(path)
    return highdicom.ko.KeyObjectSelectionDocument.from_dataset(dataset)


def _referenced(document: Any) -> list[str]:
    return [
        str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for item in document.ContentSequence
        if item.ValueType == "IMAGE"
    ]


def _words(document: Any) -> str:
    return " ".join(str(item.TextValue) for item in document.ContentSequence if item.ValueType == "TEXT")


def test_the_list_refers_to_the_marked_slices_in_order(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    keys = [KeyImage(series.uid, 3), KeyImage(series.uid, 1), KeyImage("another series", 2)]
    report = ResultSet(series, stack, tmp_path / "out").write_key_images(keys)
    document = _written(report.paths)
    expected = [series.instances[index].sop_instance_uid for index in (1, 3)]
    assert _referenced(document) == expected
    assert document.Modality == "KO"
    assert document.StudyInstanceUID == series.study_uid
    # highdicom resolves each through the evidence of the study.
    resolved = [document.resolve_reference(uid)[1] for uid in expected]
    assert resolved == [series.series_instance_uid] * 2
    assert document.ContentSequence[0].ValueType == "TEXT"
    assert "not for diagnosis" in _words(document)
    assert "SYNTHETIC" not in _words(document)
    assert validator_errors(report.paths) == []
    assert consistency_errors([*(tmp_path / "source").glob("*.dcm"), *report.paths]) == []


def test_a_synthetic_image_is_referred_to_where_it_was_written_with_the_set(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    keys = [KeyImage(series.uid, 2), KeyImage(series.uid, 2, layer.uid)]
    results = ResultSet(series, stack, tmp_path / "out")
    images = [pydicom.dcmread(path) for path in results.write_layers((layer,)).paths]
    report = results.write_key_images(keys)
    document = _written(report.paths)
    place = stack.origins[2]
    (synthetic,) = [one for one in images if abs(float(one.ImagePositionPatient[2]) - place[2]) < 0.01]
    assert _referenced(document) == [series.instances[2].sop_instance_uid, synthetic.SOPInstanceUID]
    assert document.resolve_reference(synthetic.SOPInstanceUID)[1] == synthetic.SeriesInstanceUID
    assert "SYNTHETIC" not in _words(document)
    assert validator_errors(report.paths) == []


def test_without_it_the_acquired_slice_is_listed_and_words_say_what_was_shown(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    document = _written(
        ResultSet(series, stack, tmp_path / "out").write_key_images([KeyImage(series.uid, 2, layer.uid)]).paths
    )
    assert _referenced(document) == [series.instances[2].sop_instance_uid]
    assert "SYNTHETIC image was shown, which is not part of this list: slice 3." in _words(document)


def test_frames_of_a_multi_frame_object_are_named(tmp_path: Path) -> None:
    series, stack = enhanced(*opened(write_source(tmp_path / "source")), tmp_path / "enhanced.dcm")
    keys = [KeyImage(series.uid, 4), KeyImage(series.uid, 0)]
    report = ResultSet(series, stack, tmp_path / "out").write_key_images(keys)
    dataset = pydicom.dcmread(report.paths[0])
    images = [item.ReferencedSOPSequence[0] for item in dataset.ContentSequence if item.ValueType == "IMAGE"]
    assert [list(image.ReferencedFrameNumber) for image in images] == [[1, 5]]
    assert validator_errors(report.paths) == []


def test_identity_goes_and_references_agree_with_the_other_results(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    results = ResultSet(series, stack, tmp_path / "out", deidentifier=Deidentifier(secret=b"s" * 32))
    images = [pydicom.dcmread(path) for path in results.write_layers((layer,)).paths]
    report = results.write_key_images([KeyImage(series.uid, 1, layer.uid)])
    document = _written(report.paths)
    header = pydicom.dcmread(series.instances[0].path)
    assert str(header.PatientName) not in str(document)
    assert document.StudyInstanceUID == images[0].StudyInstanceUID
    (uid,) = _referenced(document)
    assert uid in {image.SOPInstanceUID for image in images}


def test_nothing_is_written_without_a_mark_or_without_dicom(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    results = ResultSet(series, stack, tmp_path / "out")
    assert results.write_key_images([]).paths == ()
    assert results.write_key_images([KeyImage("another series", 1)]).paths == ()
    plain = ResultSet(*_not_dicom(series, stack), tmp_path / "out")
    report = plain.write_key_images([KeyImage(series.uid, 1)])
    assert report.paths == ()
    assert "No DICOM list of the key images was written." in report.notes[0]
    assert not list((tmp_path / "out").glob("*.dcm"))


def _not_dicom(series: Any, stack: SliceStack) -> tuple[Any, SliceStack]:
    from dataclasses import replace

    return replace(series, format="nifti"), stack


@pytest.mark.parametrize("index", [0, 4])
def test_a_source_that_is_simulated_is_said_to_be_synthetic(tmp_path: Path, index: int) -> None:
    series, stack = opened(write_source(tmp_path / "source"), simulated=True)
    report = ResultSet(series, stack, tmp_path / "out").write_key_images([KeyImage(series.uid, index)])
    document = _written(report.paths)
    assert document.SyntheticData == "YES"
    assert document.SeriesDescription.startswith("SYNTHETIC source, key images")
