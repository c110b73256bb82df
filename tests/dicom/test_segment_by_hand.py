"""Segmentations that a reader drew or changed: what their files say, and that they come back to be edited again."""

from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.segment_editing import Brush, EditSegmentation, Stroke, added_segment, new_segmentation
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export, export_volumes, index
from medgan_viewer.dicom.assemble import load_stack
from medgan_viewer.dicom.capture import captured
from medgan_viewer.dicom.read_results import Opened, open_result
from medgan_viewer.errors import UsageError
from tests.dicom.export_builder import (
    WEIGHTS,
    consistency_errors,
    label_layer,
    opened,
    validator_errors,
    write_source,
)


def painted(layer: LabelLayer, label: int, place: tuple[float, float, float]) -> LabelLayer:
    """Return a segmentation after a stroke of a ball of 8 mm."""
    document = Document()
    document.add_layer(layer)
    stroke = Stroke(layer, label, Brush(8.0, None))
    stroke.move(np.array(place))
    patch = stroke.patch()
    assert patch is not None
    document.execute(EditSegmentation(layer.uid, "Paint", (patch,)))
    return only(document)


def only(document: Document) -> LabelLayer:
    (layer,) = document.layers
    assert isinstance(layer, LabelLayer)
    return layer


def source(folder: Path) -> tuple[Series, SliceStack]:
    return opened(write_source(folder / "in" / "source", changes={"PatientName": "A^B"}))


def reopened(folder: Path) -> tuple[Opened, ...]:
    catalog = index.scan([folder])
    series = next(one for study in catalog.studies for one in study.series)
    stack = load_stack(series)
    return tuple(open_result(result, series, stack) for result in catalog.results)


def test_that_what_was_drawn_from_nothing_is_manual_and_names_no_model(tmp_path: Path) -> None:
    series, stack = source(tmp_path)
    layer = painted(new_segmentation(series.uid, stack.volume()), 1, (2, 15, 20))
    (path,) = export.write_dicom([layer], series, stack, tmp_path / "in").paths
    assert path.name == "segmentation_by-hand.dcm"
    dataset = pydicom.dcmread(path)
    (segment,) = dataset.SegmentSequence
    assert segment.SegmentAlgorithmType == "MANUAL"
    assert "SegmentAlgorithmName" not in segment
    assert dataset.ManufacturerModelName == dataset.Manufacturer == "MedGAN Viewer"
    assert dataset.DeviceSerialNumber
    assert dataset.SeriesDescription == "Segmentation drawn by hand RESEARCH"
    assert dataset.ContentDescription == "Drawn by hand"
    assert "AI" not in dataset.SeriesDescription
    assert validator_errors([path]) == []
    assert consistency_errors([path, *(instance.path for instance in series.instances)]) == []


def test_that_what_was_drawn_comes_back_and_can_be_drawn_in_again(tmp_path: Path) -> None:
    series, stack = source(tmp_path)
    layer = painted(new_segmentation(series.uid, stack.volume()), 1, (2, 15, 20))
    export.write_dicom([layer], series, stack, tmp_path / "in")
    (result,) = reopened(tmp_path / "in")
    (back,) = result.layers
    assert isinstance(back, LabelLayer)
    np.testing.assert_array_equal(back.volume.array, layer.volume.array)
    assert back.provenance.hand == "drawn"
    assert back.provenance.own
    assert back.segments[0].drawn
    again = painted(back, 1, (2, 25, 30))
    assert (again.volume.array == 1).sum() > (layer.volume.array == 1).sum()
    (second,) = export.write_dicom([again], series, stack, tmp_path / "out").paths
    assert pydicom.dcmread(second).SegmentSequence[0].SegmentAlgorithmType == "MANUAL"


def test_that_a_model_s_work_that_was_edited_says_so_and_keeps_its_provenance(tmp_path: Path) -> None:
    series, stack = source(tmp_path)
    edited = painted(label_layer(series, stack), 5, (3, 10, 15))
    document = Document()
    document.add_layer(edited)
    document.execute(added_segment(edited))
    edited = painted(only(document), 2, (1, 30, 40))
    (path,) = export.write_dicom([edited], series, stack, tmp_path / "in").paths
    assert path.name == "segmentation-edited_head-ct-to-mr.dcm"
    dataset = pydicom.dcmread(path)
    kinds = [segment.SegmentAlgorithmType for segment in dataset.SegmentSequence]
    assert kinds == ["SEMIAUTOMATIC", "SEMIAUTOMATIC", "MANUAL"]
    algorithm = dataset.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence[0]
    assert algorithm.AlgorithmName == "head-ct-to-mr"
    assert WEIGHTS in algorithm.AlgorithmParameters
    assert "edited by hand" in algorithm.AlgorithmParameters
    assert dataset.DeviceSerialNumber == WEIGHTS
    assert "edited by hand" in dataset.SeriesDescription
    assert dataset.ContentDescription.startswith("Edited by hand.")
    assert "edited by hand" in dataset.ContributingEquipmentSequence[-1].ContributionDescription
    assert validator_errors([path]) == []

    (result,) = reopened(tmp_path / "in")
    (back,) = result.layers
    assert isinstance(back, LabelLayer)
    assert back.provenance.hand == "edited"
    assert back.provenance.weights_sha256 == WEIGHTS
    assert "edited by hand" in back.provenance.model_name
    before = dict(edited.provenance.settings)["edited by hand"]
    assert dict(back.provenance.settings)["edited by hand"] == before
    assert [segment.drawn for segment in back.segments] == [False, False, True]
    for number, segment in enumerate(edited.segments, start=1):
        np.testing.assert_array_equal(back.volume.array == number, edited.volume.array == segment.label)


def test_that_a_model_s_work_that_nobody_touched_stays_automatic(tmp_path: Path) -> None:
    series, stack = source(tmp_path)
    (path,) = export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "in").paths
    assert {one.SegmentAlgorithmType for one in pydicom.dcmread(path).SegmentSequence} == {"AUTOMATIC"}
    (result,) = reopened(tmp_path / "in")
    assert result.layers[0].provenance.hand == ""


def test_that_another_program_s_segmentation_can_be_edited_and_written_under_its_algorithm_s_name(
    tmp_path: Path,
) -> None:
    series, stack = source(tmp_path)
    made = label_layer(series, stack)
    (path,) = export.write_dicom([made], series, stack, tmp_path / "in").paths
    dataset = pydicom.dcmread(path)
    dataset.Manufacturer, dataset.DeviceSerialNumber = "Somebody Else", "77"
    dataset.save_as(path)
    (result,) = reopened(tmp_path / "in")
    (foreign,) = result.layers
    assert isinstance(foreign, LabelLayer)
    assert not foreign.provenance.own
    edited = painted(foreign, 1, (3, 30, 40))
    assert edited.provenance.own
    (written,) = export.write_dicom([edited], series, stack, tmp_path / "again").paths
    back = pydicom.dcmread(written)
    assert {one.SegmentAlgorithmType for one in back.SegmentSequence} == {"SEMIAUTOMATIC"}
    assert back.SegmentSequence[0].SegmentAlgorithmName == "head-ct-to-mr"
    assert validator_errors([written]) == []


def test_that_an_empty_drawing_is_not_written(tmp_path: Path) -> None:
    series, stack = source(tmp_path)
    with pytest.raises(UsageError, match="Nothing is drawn"):
        export.write_dicom([new_segmentation(series.uid, stack.volume())], series, stack, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize(
    ("by_hand", "says"), [(True, "Segmentation by hand"), (False, "AI segmentation edited by hand")]
)
def test_that_volume_files_say_what_a_hand_did(tmp_path: Path, by_hand: bool, says: str) -> None:
    series, stack = source(tmp_path)
    empty = new_segmentation(series.uid, stack.volume()) if by_hand else label_layer(series, stack)
    layer = painted(empty, 1, (2, 32, 40))
    (nifti_path,) = export_volumes.write_nifti([layer], series, tmp_path).paths
    words = bytes(nibabel.load(nifti_path).header["descrip"]).decode()
    assert words.startswith(says)
    assert "NOT FOR DIAGNOSIS" in words
    (nrrd_path,) = export_volumes.write_nrrd([layer], series, tmp_path).paths
    header = nrrd_path.read_bytes()[:3000].decode("latin-1")
    assert says in header
    assert (WEIGHTS in header) != by_hand


def test_that_a_picture_of_a_drawing_carries_no_mark_of_a_model(tmp_path: Path) -> None:
    series, stack = source(tmp_path)
    drawn = painted(new_segmentation(series.uid, stack.volume()), 1, (2, 15, 20))
    marks = captured(series, stack, 2, Window(400, 40), [drawn]).marks
    assert [mark.text for mark in marks] == ["Segmentation drawn by hand · research only, not for diagnosis"]
    edited = painted(label_layer(series, stack), 5, (3, 10, 15))
    (mark,) = captured(series, stack, 2, Window(400, 40), [edited]).marks
    assert mark.text.startswith("AI segmentation")
    assert "edited by hand" in mark.text
