"""A segmentation as DICOM SEG: the same voxels, in the same place, coded and marked."""

from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export
from medgan_viewer.errors import UsageError
from tests.dicom.export_builder import (
    WEIGHTS,
    consistency_errors,
    dump,
    enhanced,
    label_layer,
    opened,
    validator_errors,
    write_source,
)


def written(series: Series, stack: SliceStack, layer: LabelLayer, folder: Path) -> highdicom.seg.Segmentation:
    report = export.write_dicom([layer], series, stack, folder)
    assert [path.name for path in report.paths] == ["segmentation_head-ct-to-mr.dcm"]
    return highdicom.seg.segread(report.paths[0])


def read_back(segmentation: Any, series: Series) -> dict[int, np.ndarray[Any, Any]]:
    """Return highdicom's masks [slice, row, column] by segment number, one plane for each source instance."""
    numbers = list(segmentation.segment_numbers)
    masks = segmentation.get_pixels_by_source_instance(
        [instance.sop_instance_uid for instance in series.instances],
        segment_numbers=numbers,
        assert_missing_frames_are_empty=True,
        ignore_spatial_locations=True,
    )
    return {number: masks[..., position] for position, number in enumerate(numbers)}


def test_that_highdicom_reads_back_every_voxel_of_every_segment(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = label_layer(series, stack)
    masks = read_back(written(series, stack, layer, tmp_path / "out"), series)
    np.testing.assert_array_equal(masks[1], layer.volume.array == 1)
    np.testing.assert_array_equal(masks[2], layer.volume.array == 5)


def test_that_segments_are_coded_coloured_and_made_by_a_named_algorithm(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    segmentation = written(series, stack, label_layer(series, stack), tmp_path / "out")
    first, second = segmentation.SegmentSequence
    assert (first.SegmentLabel, second.SegmentLabel) == ("White matter", "Ventricles")
    assert first.SegmentedPropertyTypeCodeSequence[0].CodeValue == "68523003"
    assert first.SegmentedPropertyCategoryCodeSequence[0].CodeMeaning == "Anatomical Structure"
    assert first.SegmentAlgorithmType == "AUTOMATIC"
    algorithm = first.SegmentationAlgorithmIdentificationSequence[0]
    assert algorithm.AlgorithmName == "head-ct-to-mr"
    assert algorithm.AlgorithmVersion == "0.1.0"
    assert algorithm.AlgorithmFamilyCodeSequence[0].CodeValue == "123110"
    assert WEIGHTS in algorithm.AlgorithmParameters
    colour = highdicom.color.CIELabColor.from_dicom_value(second.RecommendedDisplayCIELabValue).to_rgb()
    np.testing.assert_allclose(colour, (0x40, 0x60, 0xFF), atol=3)


def test_that_it_lies_on_the_source_s_grid_and_refers_to_it(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    segmentation = written(series, stack, label_layer(series, stack), tmp_path / "out")
    assert segmentation.SegmentationType == "BINARY"
    assert segmentation.SegmentsOverlap == "NO"
    assert (segmentation.Rows, segmentation.Columns) == stack.array.shape[1:]
    assert segmentation.FrameOfReferenceUID == stack.frame_of_reference_uid
    (referenced,) = segmentation.ReferencedSeriesSequence
    assert referenced.SeriesInstanceUID == series.uid
    positions = {i.sop_instance_uid: i.position for i in series.instances}
    for frame in segmentation.PerFrameFunctionalGroupsSequence:
        source = frame.DerivationImageSequence[0].SourceImageSequence[0]
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        np.testing.assert_allclose(position, positions[source.ReferencedSOPInstanceUID] or (), atol=1e-9)


def test_that_frames_without_a_segment_are_left_out(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    segmentation = written(series, stack, label_layer(series, stack), tmp_path / "out")
    # The first label covers four slices, the second one.
    assert segmentation.NumberOfFrames == 5


def test_that_slices_which_are_not_ready_carry_no_segment(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = label_layer(series, stack, ready=np.array([True, True, False, True, False]))
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    assert report.notes == ("Head anatomy: slices 3, 5 of 5 were not finished and were left out.",)
    masks = read_back(highdicom.seg.segread(report.paths[0]), series)
    np.testing.assert_array_equal(masks[1].any(axis=(1, 2)), [False, True, False, True, False])


def test_that_patient_equipment_and_description_are_filled(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    segmentation = written(series, stack, label_layer(series, stack), tmp_path / "out")
    assert str(segmentation.PatientName) == "Müller^Zoë"
    assert segmentation.SeriesDescription == "AI segmentation (head-ct-to-mr) RESEARCH"
    scanner, program = segmentation.ContributingEquipmentSequence
    assert scanner.Manufacturer == "Scanner Works"
    assert program.PurposeOfReferenceCodeSequence[0].CodeValue == "109102"
    assert WEIGHTS in program.ContributionDescription
    assert not any(element.tag.is_private for element in segmentation.iterall())


@pytest.mark.parametrize(("changes", "marked"), [({}, False), ({"synthetic": True}, True), ({"simulated": True}, True)])
def test_that_only_what_comes_from_synthetic_pixels_is_marked_synthetic(
    tmp_path: Path, changes: dict[str, bool], marked: bool
) -> None:
    series, stack = opened(write_source(tmp_path / "source"), **changes)
    segmentation = written(series, stack, label_layer(series, stack), tmp_path / "out")
    assert (segmentation.get("SyntheticData") == "YES") == marked
    assert ("SYNTHETIC" in segmentation.SeriesDescription) == marked


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_that_the_validators_find_no_error(tmp_path: Path, modality: str) -> None:
    folder = write_source(tmp_path / "source", modality=modality)
    series, stack = opened(folder)
    report = export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "out")
    assert validator_errors(report.paths) == []
    assert consistency_errors([*sorted(folder.iterdir()), *report.paths]) == []
    assert "White matter" in dump(report.paths[0])


def test_that_a_tilted_and_uneven_source_gets_its_segments_on_the_acquired_planes(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source", shape=(6, 60, 48), tilt_degrees=18.5, gaps=(3.0, 3.0, 1.0, 7.0, 7.0))
    series, stack = opened(folder)
    layer = label_layer(series, stack)
    grid = layer.volume
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    assert validator_errors(report.paths) == []
    masks = read_back(highdicom.seg.segread(report.paths[0]), series)
    assert masks[1].any()
    for index in range(len(stack)):
        plane = stack.plane(index)
        for row, column in np.argwhere(masks[1][index])[::17]:
            at = np.rint(grid.index(plane.point(float(row), float(column)))).astype(int)
            assert grid.array[tuple(at)] == 1


def test_that_each_frame_carries_the_thickness_of_its_own_slice(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source", gaps=(3.0, 3.0, 7.0, 7.0))
    for path in sorted(folder.iterdir())[3:]:
        dataset = pydicom.dcmread(path)
        dataset.SliceThickness = "7"
        dataset.save_as(path)
    series, stack = opened(folder)
    report = export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "out")
    segmentation = pydicom.dcmread(report.paths[0])
    measures = {
        float(frame.PlanePositionSequence[0].ImagePositionPatient[2]): frame.PixelMeasuresSequence[0]
        for frame in segmentation.PerFrameFunctionalGroupsSequence
    }
    assert {place: float(m.SliceThickness) for place, m in measures.items()} == {
        float(origin[2]): float(thickness)
        for origin, thickness in zip(stack.origins, stack.thickness, strict=True)
        if origin[2] in measures
    }
    assert {float(m.SliceThickness) for m in measures.values()} == {3.0, 7.0}
    assert validator_errors(report.paths) == []


def test_that_an_enhanced_source_is_referred_to_frame_by_frame(tmp_path: Path) -> None:
    series, stack = enhanced(*opened(write_source(tmp_path / "source")), tmp_path / "enhanced.dcm")
    layer = label_layer(series, stack)
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    segmentation = highdicom.seg.segread(report.paths[0])
    masks = segmentation.get_pixels_by_source_frame(
        series.instances[0].sop_instance_uid,
        [(instance.frame or 0) + 1 for instance in series.instances],
        assert_missing_frames_are_empty=True,
        ignore_spatial_locations=True,
    )
    np.testing.assert_array_equal(masks[..., 0], layer.volume.array == 1)
    assert validator_errors(report.paths) == []


def test_that_a_segmentation_without_a_finished_slice_is_refused(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    with pytest.raises(UsageError, match="no finished slice"):
        export.write_dicom([label_layer(series, stack, ready=np.zeros(5, dtype=bool))], series, stack, tmp_path / "out")
