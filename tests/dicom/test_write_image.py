"""A synthetic series as DICOM: marked in every way, exact in its voxels, where the source lies."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from medgan_viewer.dicom import export
from medgan_viewer.errors import ReadError, UsageError
from tests.dicom.export_builder import (
    MADE,
    SOP_CLASS,
    WEIGHTS,
    consistency_errors,
    dump,
    enhanced,
    image_layer,
    linear_image_layer,
    linear_value,
    opened,
    validator_errors,
    write_source,
)


def written(tmp_path: Path, *, target: str = "MR", **source: Any) -> tuple[list[pydicom.Dataset], export.Report]:
    """Write a synthetic series from a built source; return its data sets in slice order."""
    source.setdefault("modality", "CT" if target == "MR" else "MR")
    series, stack = opened(write_source(tmp_path / "source", **source))
    report = export.write_dicom([image_layer(series, stack, modality=target)], series, stack, tmp_path / "out")
    return [pydicom.dcmread(path) for path in report.paths], report


@pytest.mark.parametrize("target", ["MR", "CT"])
def test_that_every_attribute_which_marks_a_synthetic_series_is_there(tmp_path: Path, target: str) -> None:
    datasets, _ = written(tmp_path, target=target)
    for dataset in datasets:
        assert dataset.SOPClassUID == SOP_CLASS[target]
        kind = {"MR": "OTHER", "CT": "AXIAL"}[target]
        assert list(dataset.ImageType) == ["DERIVED", "SECONDARY", kind, "SYNTHETIC"]
        assert dataset[0x0008, 0x001C].VR == "CS"
        assert dataset[0x0008, 0x001C].value == "YES"
        assert dataset.ContentQualification == "RESEARCH"
        assert dataset.BurnedInAnnotation == "NO"
        assert dataset.SeriesDescription.startswith("SYNTHETIC ")
        assert dataset.SeriesDescription.endswith(" RESEARCH")
        assert len(dataset.SeriesDescription) <= 64
        assert "Not acquired from the patient" in dataset.DerivationDescription
        assert dataset.SeriesNumber >= 9000


def test_that_each_slice_refers_to_the_slice_it_was_made_from(tmp_path: Path) -> None:
    datasets, _ = written(tmp_path)
    sources = [pydicom.dcmread(path) for path in sorted((tmp_path / "source").iterdir())]
    for dataset, source in zip(datasets, sources, strict=True):
        (item,) = dataset.SourceImageSequence
        assert item.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert item.ReferencedSOPClassUID == source.SOPClassUID
        assert item.SpatialLocationsPreserved == "YES"
        purpose = item.PurposeOfReferenceCodeSequence[0]
        assert (purpose.CodeValue, purpose.CodingSchemeDesignator) == ("121322", "DCM")
        (series,) = dataset.ReferencedSeriesSequence
        assert series.SeriesInstanceUID == source.SeriesInstanceUID
        assert series.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID


def test_that_scanner_and_model_with_its_weights_are_named_as_contributing_equipment(tmp_path: Path) -> None:
    datasets, _ = written(tmp_path)
    scanner, program = datasets[0].ContributingEquipmentSequence
    assert scanner.Manufacturer == "Scanner Works"
    assert scanner.PurposeOfReferenceCodeSequence[0].CodeValue == "109101"
    assert program.PurposeOfReferenceCodeSequence[0].CodeValue == "109100"
    assert program.PurposeOfReferenceCodeSequence[0].CodeMeaning == "Synthesizing Equipment"
    assert program.ManufacturerModelName == "head-ct-to-mr 0.1.0"
    assert WEIGHTS in program.ContributionDescription
    assert "batch: 4" in program.ContributionDescription
    assert datasets[0].Manufacturer == "MedGAN Viewer"


def test_that_voxels_and_places_are_exact(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", modality="MR"))
    layer = image_layer(series, stack, modality="CT")
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    for index, path in enumerate(report.paths):
        dataset = pydicom.dcmread(path)
        assert dataset.pixel_array.dtype == np.int16
        hounsfield = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
        np.testing.assert_array_equal(hounsfield, layer.volume.array[index])
        source = pydicom.dcmread(series.instances[index].path)
        for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            np.testing.assert_array_equal(dataset[keyword].value, source[keyword].value)
        assert dataset.RescaleType == "HU"
        assert (dataset.WindowWidth, dataset.WindowCenter) == (950, 480)


def test_that_simpleitk_reads_the_series_where_the_source_lies(tmp_path: Path) -> None:
    import SimpleITK

    datasets, report = written(tmp_path)
    image = SimpleITK.ReadImage([str(path) for path in report.paths])
    source = SimpleITK.ReadImage([str(path) for path in sorted((tmp_path / "source").iterdir())])
    np.testing.assert_allclose(image.GetOrigin(), source.GetOrigin(), atol=1e-6)
    np.testing.assert_allclose(image.GetSpacing(), source.GetSpacing(), atol=1e-6)
    np.testing.assert_allclose(image.GetDirection(), source.GetDirection(), atol=1e-6)
    voxels = np.stack([dataset.pixel_array for dataset in datasets])
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), voxels)


def test_that_a_tilted_and_uneven_source_gets_its_result_on_the_acquired_planes(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source", shape=(6, 40, 32), tilt_degrees=18.5, gaps=(3.0, 3.0, 1.0, 7.0, 7.0))
    series, stack = opened(folder)
    assert not stack.is_regular
    report = export.write_dicom([linear_image_layer(series, stack)], series, stack, tmp_path / "out")
    for path, source_path in zip(report.paths, sorted(folder.iterdir()), strict=True):
        dataset, source = pydicom.dcmread(path), pydicom.dcmread(source_path)
        assert dataset.ImagePositionPatient == source.ImagePositionPatient
        assert dataset.ImageOrientationPatient == source.ImageOrientationPatient
        cosines = np.array(dataset.ImageOrientationPatient, dtype=float).reshape(2, 3)
        rows, columns = np.indices(dataset.pixel_array.shape)
        down, along = (float(value) for value in dataset.PixelSpacing)
        points = np.array(dataset.ImagePositionPatient, dtype=float)[:, None, None]
        points = points + cosines[1][:, None, None] * rows * down + cosines[0][:, None, None] * columns * along
        # Rounded once on the grid and once on the plane.
        assert np.abs(dataset.pixel_array - linear_value(points)).max() <= 1.0


def test_that_the_overlay_plane_shows_the_warning(tmp_path: Path) -> None:
    datasets, _ = written(tmp_path, shape=(2, 256, 256))
    bits = datasets[0].overlay_array(0x6000)
    assert bits.shape == (256, 256)
    assert bits[:30].sum() > 300
    assert bits[-30:].sum() == bits[:30].sum()
    assert bits[40:-40].sum() == 0
    assert datasets[0][0x6000, 0x0022].value == "SYNTHETIC - NOT FOR DIAGNOSIS"


def test_that_no_echo_or_repetition_time_is_invented(tmp_path: Path) -> None:
    datasets, _ = written(tmp_path, target="MR")
    assert (datasets[0].ScanningSequence, datasets[0].SequenceVariant) == ("RM", "NONE")
    for keyword in ("EchoTime", "RepetitionTime"):
        assert keyword in datasets[0]
        assert datasets[0][keyword].value is None


def test_that_the_validators_find_no_error(tmp_path: Path) -> None:
    for target in ("MR", "CT"):
        _, report = written(tmp_path / target, target=target)
        assert validator_errors(report.paths) == []
        assert consistency_errors([*sorted((tmp_path / target / "source").iterdir()), *report.paths]) == []
        assert "SYNTHETIC" in dump(report.paths[0])


def test_that_a_source_without_region_or_method_of_deidentification_still_validates(tmp_path: Path) -> None:
    changes = {"BodyPartExamined": "", "PatientIdentityRemoved": "YES", "DeidentificationMethod": ""}
    datasets, report = written(tmp_path, changes=changes)
    assert validator_errors(report.paths) == []
    assert "BodyPartExamined" not in datasets[0]


def test_that_absent_type_2_attributes_are_written_empty_and_private_ones_never(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source")
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        del dataset.PatientSex, dataset.StudyID, dataset.ReferringPhysicianName
        dataset.save_as(path)
    series, stack = opened(folder)
    report = export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    dataset = pydicom.dcmread(report.paths[0])
    for keyword in ("PatientSex", "StudyID", "ReferringPhysicianName"):
        assert keyword in dataset
        assert not dataset[keyword].value
    assert not any(element.tag.is_private for element in dataset.iterall())


def test_that_names_keep_the_character_set_of_the_source(tmp_path: Path) -> None:
    changes = {
        "SpecificCharacterSet": ["", "ISO 2022 IR 87"],
        "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "StudyDescription": "頭部",
    }
    datasets, report = written(tmp_path, changes=changes)
    assert str(datasets[0].PatientName) == "Yamada^Tarou=山田^太郎=やまだ^たろう"
    assert datasets[0].StudyDescription == "頭部"
    assert consistency_errors([*sorted((tmp_path / "source").iterdir()), *report.paths]) == []


def test_that_patient_study_and_space_are_the_source_s_and_all_else_is_new(tmp_path: Path) -> None:
    datasets, _ = written(tmp_path)
    source = pydicom.dcmread(tmp_path / "source" / "000.dcm")
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "FrameOfReferenceUID", "AccessionNumber"):
        assert {dataset[keyword].value for dataset in datasets} == {source[keyword].value}
    assert len({dataset.SOPInstanceUID for dataset in datasets}) == len(datasets)
    assert len({dataset.SeriesInstanceUID for dataset in datasets}) == 1
    assert datasets[0].SeriesInstanceUID != source.SeriesInstanceUID


def test_that_only_ready_slices_are_written_and_the_others_named(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    ready = np.array([True, False, False, True, False])
    report = export.write_dicom([image_layer(series, stack, ready=ready)], series, stack, tmp_path / "out")
    assert [pydicom.dcmread(path).InstanceNumber for path in report.paths] == [1, 4]
    assert report.notes == ("Synthetic T1: slices 2–3, 5 of 5 were not finished and were left out.",)


def test_that_a_series_without_a_finished_slice_is_refused(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack, ready=np.zeros(5, dtype=bool))
    with pytest.raises(UsageError, match="no finished slice"):
        export.write_dicom([layer], series, stack, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_that_a_second_export_never_replaces_the_first(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    first = export.write_dicom([layer], series, stack, tmp_path / "out")
    second = export.write_dicom([layer], series, stack, tmp_path / "out")
    assert first.paths[0].parent.name == "synthetic-t1_head-ct-to-mr"
    assert second.paths[0].parent.name == "synthetic-t1_head-ct-to-mr-2"
    assert first.paths[0].name == second.paths[0].name == "synthetic-t1_head-ct-to-mr_0001.dcm"


def test_that_a_lossy_source_makes_a_lossy_result(tmp_path: Path) -> None:
    changes = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": "12",
        "LossyImageCompressionMethod": "ISO_10918_1",
    }
    datasets, report = written(tmp_path, changes=changes)
    assert datasets[0].LossyImageCompression == "01"
    assert datasets[0].LossyImageCompressionMethod == "ISO_10918_1"
    assert validator_errors(report.paths[:1]) == []


def test_that_a_source_without_a_frame_of_reference_gets_one_for_all_slices(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), frame_of_reference_uid=None)
    report = export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    uids = {pydicom.dcmread(path).FrameOfReferenceUID for path in report.paths}
    assert len(uids) == 1
    assert uids.pop().startswith("2.25.")


def test_that_each_result_refers_to_the_series_of_the_same_study_that_it_was_made_from(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    other = replace(series, uid="1.2.3.4")
    unused = replace(series, uid="1.2.3.6")
    stranger = replace(series, uid="1.2.3.5", study_uid="1.2.9")
    alone = image_layer(series, stack)
    from_three = replace(alone.provenance, source_series_uids=(series.uid, other.uid, stranger.uid))
    both = replace(alone, uid="both", provenance=from_three)
    report = export.write_dicom(
        [both, alone], series, stack, tmp_path / "out", further=[other, unused, stranger, series]
    )
    made = {pydicom.dcmread(path).SeriesNumber: pydicom.dcmread(path).ReferencedSeriesSequence for path in report.paths}
    first, second = (made[number] for number in sorted(made))
    assert [item.SeriesInstanceUID for item in first] == [series.uid, other.uid]
    assert len(first[1].ReferencedInstanceSequence) == len(series.instances)
    assert [item.SeriesInstanceUID for item in second] == [series.uid]


def test_that_a_source_whose_file_is_gone_is_one_sentence(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    series.instances[0].path.unlink()
    with pytest.raises(ReadError, match="no longer there") as failure:
        export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    assert "Müller" not in str(failure.value)


def test_that_results_of_a_nifti_file_are_not_filed_as_dicom(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), format="nifti")
    with pytest.raises(UsageError, match="choose NIfTI"):
        export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")


def test_that_a_long_model_name_leaves_the_mark_in_the_description(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    layer = replace(layer, provenance=replace(MADE, model_id="a-model-with-a-very-long-name-" * 4))
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    description = pydicom.dcmread(report.paths[0]).SeriesDescription
    assert len(description) <= 64
    assert description.startswith("SYNTHETIC T1 (a-model")
    assert description.endswith(" RESEARCH")
    assert validator_errors(report.paths[:1]) == []


@pytest.mark.parametrize("values", [np.float32(0.5), np.int32(40000)])
def test_that_voxels_which_int16_cannot_hold_are_refused(tmp_path: Path, values: Any) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    layer = replace(layer, volume=layer.volume.with_array(np.full(layer.volume.shape, values)))
    with pytest.raises(ValueError, match="a synthetic image"):
        export.write_dicom([layer], series, stack, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_that_an_enhanced_source_is_referred_to_frame_by_frame(tmp_path: Path) -> None:
    series, stack = enhanced(*opened(write_source(tmp_path / "source")), tmp_path / "enhanced.dcm")
    report = export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    assert validator_errors(report.paths) == []
    for path, instance in zip(report.paths, series.instances, strict=True):
        dataset = pydicom.dcmread(path)
        (item,) = dataset.SourceImageSequence
        assert item.ReferencedSOPInstanceUID == instance.sop_instance_uid
        assert item.ReferencedFrameNumber == (instance.frame or 0) + 1
        assert tuple(dataset.ImagePositionPatient) == instance.position
        assert str(dataset.PatientName) == "Müller^Zoë"
