"""A heat map as DICOM Parametric Map: the same floats, in the same place, named as a research score."""

from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest

from medgan_viewer.dicom import export, read_maps
from medgan_viewer.errors import UsageError
from tests.dicom.export_builder import (
    WEIGHTS,
    consistency_errors,
    doubt_layer,
    dump,
    enhanced,
    heat_layer,
    opened,
    validator_errors,
    write_source,
)


def test_that_the_floats_are_exact_and_lie_on_the_source(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", modality="MR"))
    layer = heat_layer(series, stack)
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    assert [path.name for path in report.paths] == ["heat-map_head-ct-to-mr.dcm"]
    dataset = pydicom.dcmread(report.paths[0])
    assert dataset.SOPClassUID == "1.2.840.10008.5.1.4.1.1.30"
    slices = {instance.sop_instance_uid: index for index, instance in enumerate(series.instances)}
    for image, frame in zip(dataset.pixel_array, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        source = frame.DerivationImageSequence[0].SourceImageSequence[0]
        index = slices.pop(source.ReferencedSOPInstanceUID)
        np.testing.assert_array_equal(image, layer.volume.array[index])
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        np.testing.assert_allclose(position, series.instances[index].position or ())
    assert not slices
    volume = highdicom.imread(report.paths[0]).get_volume()
    np.testing.assert_allclose(np.sort(volume.spacing), np.sort(layer.volume.spacing), atol=1e-6)


def test_that_the_quantity_is_a_saliency_without_unit_for_research(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    report = export.write_dicom([heat_layer(series, stack)], series, stack, tmp_path / "out")
    dataset = pydicom.dcmread(report.paths[0])
    shared = dataset.SharedFunctionalGroupsSequence[0]
    mapping = shared.RealWorldValueMappingSequence[0]
    assert mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0].CodeValue == "130404"
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "1"
    assert (mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept) == (1.0, 0.0)
    assert dataset.ContentQualification == "RESEARCH"
    assert dataset.SeriesDescription == "AI heat map (head-ct-to-mr) RESEARCH"
    assert WEIGHTS in dataset.ContributingEquipmentSequence[1].ContributionDescription
    assert "SyntheticData" not in dataset


def test_that_a_doubt_is_written_in_the_unit_of_its_image_and_read_back_with_it(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = doubt_layer(series, stack)
    (path,) = export.write_dicom([layer], series, stack, tmp_path / "out").paths
    assert path.name == "doubt-of-synthetic-t1_head-ct-to-mr.dcm"
    dataset = pydicom.dcmread(path)
    assert dataset.SeriesDescription == "AI doubt map (head-ct-to-mr) RESEARCH"
    mapping = dataset.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "[arb'U]"
    assert "5-95 % interval" in mapping.LUTExplanation
    assert sorted(np.unique(dataset.pixel_array).tolist()) == [40.0, 600.0]
    (read,), _ = read_maps.maps(dataset, series, stack, "1.2")
    assert read.name.startswith("Doubt of Synthetic T1")
    assert "(40 to 600 [arb'U])" in read.name
    assert float(read.volume.array.max()) == 1


@pytest.mark.parametrize("changes", [{}, {"BodyPartExamined": ""}])
def test_that_the_validators_find_no_error(tmp_path: Path, changes: dict[str, str]) -> None:
    folder = write_source(tmp_path / "source", changes=changes)
    series, stack = opened(folder)
    report = export.write_dicom([heat_layer(series, stack)], series, stack, tmp_path / "out")
    assert validator_errors(report.paths) == []
    assert consistency_errors([*sorted(folder.iterdir()), *report.paths]) == []
    assert "Saliency" in dump(report.paths[0])


def test_that_a_map_of_a_tilted_source_lies_on_the_acquired_planes(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source", shape=(6, 60, 48), tilt_degrees=18.5, gaps=(3.0, 3.0, 1.0, 7.0, 7.0))
    series, stack = opened(folder)
    layer = heat_layer(series, stack)
    report = export.write_dicom([layer], series, stack, tmp_path / "out")
    dataset = pydicom.dcmread(report.paths[0])
    assert dataset.pixel_array.shape == stack.array.shape
    assert dataset.pixel_array.dtype == np.float32
    frame, row, column = np.unravel_index(int(dataset.pixel_array.argmax()), dataset.pixel_array.shape)
    position = dataset.PerFrameFunctionalGroupsSequence[int(frame)].PlanePositionSequence[0].ImagePositionPatient
    index = int(np.abs(stack.origins - np.array(position, dtype=float)).sum(axis=1).argmin())
    at = np.rint(layer.volume.index(stack.plane(index).point(float(row), float(column)))).astype(int)
    assert layer.volume.array[tuple(at)] == np.float32(0.9)
    assert validator_errors(report.paths) == []


def test_that_a_map_of_an_enhanced_source_is_valid(tmp_path: Path) -> None:
    series, stack = enhanced(*opened(write_source(tmp_path / "source")), tmp_path / "enhanced.dcm")
    report = export.write_dicom([heat_layer(series, stack)], series, stack, tmp_path / "out")
    dataset = pydicom.dcmread(report.paths[0])
    hot = int(dataset.pixel_array.max(axis=(1, 2)).argmax())
    source = dataset.PerFrameFunctionalGroupsSequence[hot].DerivationImageSequence[0].SourceImageSequence[0]
    assert source.ReferencedFrameNumber == (series.instances[1].frame or 0) + 1
    assert validator_errors(report.paths) == []


def test_that_a_map_without_a_finished_slice_is_refused(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = heat_layer(series, stack, ready=np.zeros(5, dtype=bool))
    with pytest.raises(UsageError, match="no finished slice"):
        export.write_dicom([layer], series, stack, tmp_path / "out")
