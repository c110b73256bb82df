"""Results that a study holds come back on their source: ours as they were, others' as they were made elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from medgan_viewer.core import findings
from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.core.display import Window, grey
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import HeatLayer, Judgement, LabelLayer, Layer
from medgan_viewer.core.volume import Plane, SliceStack
from medgan_viewer.dicom import export, export_volumes, read_frames, read_results
from medgan_viewer.dicom.assemble import load_stack
from medgan_viewer.dicom.export import ResultSet
from medgan_viewer.dicom.index import scan
from medgan_viewer.dicom.read_results import Opened, open_result
from medgan_viewer.errors import ReadError
from tests.dicom.export_builder import MADE, WEIGHTS, heat_layer, image_layer, label_layer, opened, write_source

KINDS = pytest.mark.parametrize(
    "source", [{}, {"tilt_degrees": 18.5}, {"gaps": (3.0, 5.0, 3.0, 4.0)}], ids=["even", "tilted", "uneven"]
)


def _reopened(folder: Path) -> tuple[Series, SliceStack, list[Opened]]:
    """Scan a folder with a source and results; return the source and the results opened on it."""
    catalog = scan([folder])
    assert [r.reason for r in catalog.refused] == []
    (study,) = catalog.studies
    series = study.series[0]
    assert all(catalog.source_of(result) == series for result in catalog.results)
    stack = load_stack(series)
    return series, stack, [open_result(result, series, stack) for result in catalog.results]


def _layer(folder: Path) -> Any:
    _, _, results = _reopened(folder)
    (result,) = results
    (layer,) = result.layers
    return layer


@KINDS
def test_that_our_segmentation_comes_back_voxel_by_voxel(tmp_path: Path, source: dict[str, Any]) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", **source))
    layer = label_layer(series, stack)
    export.write_dicom([layer], series, stack, tmp_path / "in")
    back = _layer(tmp_path / "in")
    assert isinstance(back, LabelLayer)
    np.testing.assert_allclose(back.volume.affine, layer.volume.affine, atol=1e-6)
    renumbered = np.select([layer.volume.array == 1, layer.volume.array == 5], [1, 2])
    if stack.is_regular:
        np.testing.assert_array_equal(back.volume.array, renumbered)
    # On the acquired slices, where both were written and are shown, hardly a voxel differs.
    for index in range(len(stack)):
        first, second = layer_on_slice(layer, stack, index), layer_on_slice(back, stack, index)
        assert (np.select([first == 1, first == 5], [1, 2]) != second).mean() < 0.01
    assert [(s.name, s.code, s.category) for s in back.segments] == [
        (s.name, s.code, s.category) for s in layer.segments
    ]
    for ours, theirs in zip(layer.segments, back.segments, strict=True):
        assert (
            np.abs(np.array(list(bytes.fromhex(ours.colour[1:]))) - list(bytes.fromhex(theirs.colour[1:]))).max() <= 3
        )
    made = back.provenance
    assert (made.model_id, made.model_version, made.weights_sha256) == (MADE.model_id, MADE.model_version, WEIGHTS)
    assert made.created.replace(tzinfo=None) == MADE.created


@KINDS
def test_that_our_heat_map_comes_back_with_its_calibration(tmp_path: Path, source: dict[str, Any]) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", **source))
    layer = replace(
        heat_layer(series, stack),
        threshold=0.625,
        thresholds=((0.05, 0.7), (0.1, 0.6)),
        healthy_maxima=(0.25, 0.5),
        calibrated_on="head_labels 15-16",
    )
    export.write_dicom([layer], series, stack, tmp_path / "in")
    back = _layer(tmp_path / "in")
    assert isinstance(back, HeatLayer)
    if stack.is_regular:
        np.testing.assert_array_equal(back.volume.array, layer.volume.array)
        assert back.complete
    for index in range(len(stack)):
        first, second = layer_on_slice(layer, stack, index), layer_on_slice(back, stack, index)
        inside = first > 0.05  # edges of a tilted grid lie outside the acquired slices
        assert np.abs(first - second)[inside].mean() < 0.05
    assert (back.threshold, back.thresholds) == (0.625, ((0.05, 0.7), (0.1, 0.6)))
    assert (back.healthy_maxima, back.calibrated_on) == ((0.25, 0.5), "head_labels 15-16")
    assert back.provenance.weights_sha256 == WEIGHTS


@pytest.mark.parametrize("length", [790, 808, 832, 2000])
def test_that_no_half_of_a_calibration_comes_back_however_long_the_settings_are(tmp_path: Path, length: int) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source"))
    heat = heat_layer(series, stack)
    said = replace(heat.provenance, settings=(("run although", "x" * length),))
    rates = ((0.05, 0.7125), (0.1, 0.6125))
    layer = replace(heat, threshold=0.625, thresholds=rates, calibrated_on="head_labels 15-16", provenance=said)
    export.write_dicom([layer], series, stack, tmp_path / "in")
    back = _layer(tmp_path / "in")
    assert isinstance(back, HeatLayer)
    assert (back.threshold, back.thresholds, back.calibrated_on) == (0.625, rates, "head_labels 15-16")


def test_that_slices_which_were_not_computed_are_not_ready_when_a_heat_map_comes_back(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source"))
    ready = np.array([False, True, True, True, False])
    export.write_dicom([heat_layer(series, stack, ready=ready)], series, stack, tmp_path / "in")
    _, _, (result,) = _reopened(tmp_path / "in")
    np.testing.assert_array_equal(result.layers[0].ready, ready)
    assert result.notes == ("The slices that were not computed are missing.",)


def test_that_verdicts_come_back_with_their_findings(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source"))
    layer = heat_layer(series, stack)
    (finding,) = findings.find(layer)
    said = Judgement(finding, "accepted", datetime(2026, 11, 21, tzinfo=UTC), 0.5, "größer als zuvor")
    results = ResultSet(series, stack, tmp_path / "in")
    results.write_layers([layer])
    results.write_readings([Reading(layer, (finding,), (said,))])
    _, _, results_back = _reopened(tmp_path / "in")
    report = next(one for one in results_back if one.result.kind == "report")
    heat = next(one for one in results_back if one.result.kind == "parametric map")
    # The report names the map that its scores were read from.
    assert heat.result.sop_instance_uid in report.result.instance_uids
    (stored,) = report.findings
    assert stored.point == pytest.approx(finding.point, abs=1e-4)
    assert (stored.verdict, stored.reason) == ("accepted", "größer als zuvor")
    assert stored.measures["130404"] == pytest.approx(finding.score, abs=1e-4)
    assert stored.measures["118565006"] == pytest.approx(finding.millilitres, abs=1e-3)
    (map_back,) = heat.layers
    assert isinstance(map_back, HeatLayer)
    assert findings.find(map_back)[0].index == finding.index
    # Drawn on the slice, its outline holds the peak.
    (drawn,) = report.layers
    assert isinstance(drawn, LabelLayer)
    assert drawn.volume.array[finding.index] == 1
    assert drawn.segments[0].name.startswith("Finding 1 · Volume")


# -- others' objects -----------------------------------------------------------------------------------------------


def _images(series: Series) -> list[Dataset]:
    return [pydicom.dcmread(instance.path) for instance in series.instances]


def _described(number: int, name: str, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "segment_number": number,
        "segment_label": name,
        "segmented_property_category": codes.SCT.MorphologicallyAbnormalStructure,
        "segmented_property_type": codes.SCT.Neoplasm,
        "algorithm_type": highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
    }
    return highdicom.seg.SegmentDescription(**(values | changes))


def _series_arguments() -> dict[str, Any]:
    return {
        "series_instance_uid": generate_uid(),
        "series_number": 77,
        "sop_instance_uid": generate_uid(),
        "instance_number": 1,
        "manufacturer": "Another Works",
        "manufacturer_model_name": "Segmenter",
        "software_versions": "9",
        "device_serial_number": "1",
    }


def _foreign(series: Series, pixels: NDArray[Any], kind: str, names: list[str], **options: Any) -> Any:
    return highdicom.seg.Segmentation(
        source_images=_images(series),
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=[_described(number, name) for number, name in enumerate(names, start=1)],
        **_series_arguments(),
        **options,
    )


def _masks(shape: tuple[int, ...], count: int = 2) -> NDArray[np.bool_]:
    """Return masks [slice, row, column, segment] that leave slices empty."""
    masks = np.zeros((*shape, count), dtype=bool)
    masks[1:3, 4:12, 6:20, 0] = True
    masks[3, 20:30, 8:16, 1] = True
    return masks


def test_that_another_program_s_binary_segmentation_with_missing_frames_in_any_order_is_shown(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", changes={"PatientName": "A^B"}))
    masks = _masks(stack.array.shape)
    made = _foreign(series, masks, "BINARY", ["tumour", "cyst"], omit_empty_frames=True)
    assert made.NumberOfFrames == 3
    # By hand: the frames in the reverse order.
    frames = [np.array(frame) for frame in made.pixel_array][::-1]
    made.PerFrameFunctionalGroupsSequence = made.PerFrameFunctionalGroupsSequence[::-1]
    made.PixelData = np.packbits(np.stack(frames).ravel().astype(np.uint8), bitorder="little").tobytes()
    made.PixelData += b"\0" * (len(made.PixelData) % 2)
    made.save_as(tmp_path / "in" / "seg.dcm")
    back = _layer(tmp_path / "in")
    np.testing.assert_array_equal(back.volume.array == 1, masks[..., 0])
    np.testing.assert_array_equal(back.volume.array == 2, masks[..., 1])
    assert [segment.name for segment in back.segments] == ["tumour", "cyst"]
    assert back.segments[0].code.meaning == "Neoplasm"
    assert back.provenance.model_name == "drawn by hand"
    assert back.provenance.weights_sha256 == ""


def test_that_overlapping_segments_become_layers_of_their_own(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", changes={"PatientName": "A^B"}))
    masks = _masks(stack.array.shape)
    masks[1:3, 8:16, 6:10, 1] = True
    _foreign(series, masks, "BINARY", ["whole", "core"]).save_as(tmp_path / "in" / "seg.dcm")
    _, _, (result,) = _reopened(tmp_path / "in")
    assert result.notes == ("Its segments overlap and are shown as 2 layers.",)
    for place, layer in enumerate(result.layers):
        np.testing.assert_array_equal(layer.volume.array == 1, masks[..., place])


def test_that_an_empty_segment_is_listed_though_another_one_has_its_name(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", changes={"PatientName": "A^B"}))
    masks = _masks(stack.array.shape, 3)
    masks[..., 1] = False
    masks[3, 20:30, 8:16, 2] = True
    names = ["lesion", "lesion", "cyst"]
    made = _foreign(series, masks, "BINARY", names, omit_empty_frames=True)
    made.save_as(tmp_path / "in" / "seg.dcm")
    back = _layer(tmp_path / "in")
    assert [(segment.label, segment.name) for segment in back.segments] == [(1, "lesion"), (2, "cyst"), (3, "lesion")]
    np.testing.assert_array_equal(back.volume.array == 2, masks[..., 2])
    assert not (back.volume.array == 3).any()


def test_that_a_fractional_segmentation_is_shown_where_it_reaches_half(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", changes={"PatientName": "A^B"}))
    probability = np.zeros((*stack.array.shape, 1))
    probability[2, 5:15, 5:15], probability[2, 20:25, 5:15] = 0.75, 0.25
    options = {"fractional_type": "PROBABILITY", "max_fractional_value": 200}
    _foreign(series, probability, "FRACTIONAL", ["maybe"], **options).save_as(tmp_path / "in" / "seg.dcm")
    _, _, (result,) = _reopened(tmp_path / "in")
    np.testing.assert_array_equal(result.layers[0].volume.array == 1, probability[..., 0] >= 0.5)
    assert "fractional" in result.notes[0]


def test_that_a_label_map_segmentation_is_shown(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", changes={"PatientName": "A^B"}))
    labels = np.zeros(stack.array.shape, dtype=np.uint8)
    labels[1, 3:9, 3:9], labels[3, 12:20, 22:40] = 1, 2
    made = _foreign(series, labels, "LABELMAP", ["one", "two"])
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.7"
    made.save_as(tmp_path / "in" / "seg.dcm")
    back = _layer(tmp_path / "in")
    np.testing.assert_array_equal(back.volume.array, labels)
    assert [segment.name for segment in back.segments] == ["one", "two"]


def test_that_a_segmentation_on_a_grid_of_its_own_is_shown_at_its_place(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", shape=(5, 40, 48), changes={"PatientName": "A^B"}))
    volume = stack.volume()
    # Every second pixel in both directions, on the same slices.
    coarse = np.zeros((5, 20, 24), dtype=np.uint8)
    coarse[2, 5:10, 6:12] = 1
    # highdicom counts slices against the normal.
    geometry = highdicom.VolumeGeometry.from_attributes(
        image_position=volume.point((4, 0.5, 0.5)).tolist(),
        image_orientation=[1, 0, 0, 0, 1, 0],
        pixel_spacing=[1.8, 1.4],
        spacing_between_slices=3.0,
        rows=20,
        columns=24,
        number_of_frames=5,
        coordinate_system="PATIENT",
        frame_of_reference_uid=series.frame_of_reference_uid,
    )
    made = _foreign(series, geometry.with_array(coarse), "BINARY", ["coarse"], omit_empty_frames=True)
    made.save_as(tmp_path / "in" / "seg.dcm")
    _, _, (result,) = _reopened(tmp_path / "in")
    expected = np.zeros(stack.array.shape, dtype=bool)
    expected[2, 10:20, 12:24] = True
    np.testing.assert_array_equal(result.layers[0].volume.array == 1, expected)
    assert "another grid" in result.notes[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16])
def test_that_another_program_s_map_is_shown_with_its_range_unit_and_quantity(tmp_path: Path, dtype: type) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", modality="MR", changes={"PatientName": "A^B"}))
    values: NDArray[Any] = np.arange(np.prod(stack.array.shape)).reshape(stack.array.shape).astype(dtype)
    slope = 0.5 if dtype is np.uint16 else 1.0
    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="ADC",
        lut_explanation="diffusion",
        unit=Code("um2/s", "UCUM", "um2/s"),
        value_range=(0, 65535) if dtype is np.uint16 else (0.0, 1e6),
        slope=slope,
        intercept=0.0,
        quantity_definition=Code("113041", "DCM", "Apparent Diffusion Coefficient"),
    )
    made = highdicom.pm.ParametricMap(
        source_images=_images(series),
        pixel_array=values,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[highdicom.VOILUTTransformation(window_center=500, window_width=1000)],
        **_series_arguments(),
    )
    made.save_as(tmp_path / "in" / "map.dcm")
    back = _layer(tmp_path / "in")
    assert isinstance(back, HeatLayer)
    top = float(values.max()) * slope
    assert back.name == f"Apparent Diffusion Coefficient (0 to {top:.4g} um2/s)"
    np.testing.assert_allclose(back.volume.array * top, values * slope, rtol=1e-6, atol=1e-3)
    # Nothing of it is called a finding.
    assert findings.find(back) == ()


def test_that_slices_beyond_a_map_s_own_grid_are_not_ready(tmp_path: Path) -> None:
    _, stack = opened(write_source(tmp_path / "in" / "source", shape=(6, 40, 48), changes={"PatientName": "A^B"}))
    whole = stack.volume()
    # Of half the pixels, as thick as two slices: the second one to the fifth one.
    step = whole.affine[:3, 0]
    first = whole.point((1.5, 0.5, 0.5))
    frames = [Plane(first + 2 * n * step, 2 * whole.affine[:3, 1], 2 * whole.affine[:3, 2], 20, 24) for n in (0, 1)]
    images = [np.full((20, 24), 0.25 + 0.5 * n, np.float32) for n in (0, 1)]
    array, covered, elsewhere = read_frames.put_on_grid(frames, images, stack, nearest=True)
    assert elsewhere
    assert covered.tolist() == [False, True, True, True, True, False]
    assert array[1:5, 10, 10].tolist() == [0.25, 0.25, 0.75, 0.75]
    assert not array[[0, 5]].any()
    # Across the slices: all of those that it cuts.
    upright = Plane(whole.point((0.4, 3.0, 3.0)), 0.5 * step, whole.affine[:3, 2], 8, 24)
    _, covered, _ = read_frames.put_on_grid([upright], [np.ones((8, 24), np.float32)], stack, nearest=True)
    assert covered.tolist() == [False, True, True, True, False, False]


def _map_frames(series: Series, stack: SliceStack, codes_of: list[Code], values: NDArray[Any]) -> Any:
    """Return a map that holds the same planes once for each quantity."""
    mappings = [
        highdicom.pm.RealWorldValueMapping(
            lut_label=f"Q{number}",
            lut_explanation=code.meaning,
            unit=Code("um2/s", "UCUM", "um2/s"),
            value_range=(0.0, 1e6),
            slope=1.0,
            intercept=0.0,
            quantity_definition=code,
        )
        for number, code in enumerate(codes_of)
    ]
    return highdicom.pm.ParametricMap(
        source_images=_images(series),
        pixel_array=values,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[[mapping] for mapping in mappings],
        voi_lut_transformations=[highdicom.VOILUTTransformation(window_center=500, window_width=1000)],
        **_series_arguments(),
    )


def test_that_each_quantity_of_a_map_is_a_layer_of_its_own(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", modality="MR", changes={"PatientName": "A^B"}))
    first: NDArray[Any] = np.arange(np.prod(stack.array.shape), dtype=np.float32).reshape(stack.array.shape)
    quantities = [Code("113041", "DCM", "Apparent Diffusion Coefficient"), Code("113288", "DCM", "Diffusion Signal")]
    both = np.stack([first, first[::-1] * 3], axis=-1)
    _map_frames(series, stack, quantities, both).save_as(tmp_path / "in" / "map.dcm")
    _, _, (result,) = _reopened(tmp_path / "in")
    one, other = result.layers
    top = float(first.max())
    assert one.name == f"Apparent Diffusion Coefficient (0 to {top:.4g} um2/s)"
    assert other.name == f"Diffusion Signal (0 to {3 * top:.4g} um2/s)"
    np.testing.assert_allclose(one.volume.array * top, first, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(other.volume.array * top, first[::-1], rtol=1e-6, atol=1e-3)


def test_that_of_several_values_at_one_place_the_first_is_shown_and_the_others_are_counted(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source", modality="MR", changes={"PatientName": "A^B"}))
    first: NDArray[Any] = np.arange(np.prod(stack.array.shape), dtype=np.float32).reshape(stack.array.shape)
    code = Code("113041", "DCM", "Apparent Diffusion Coefficient")
    both = np.stack([first, first + 1000], axis=-1)
    _map_frames(series, stack, [code, code], both).save_as(tmp_path / "in" / "map.dcm")
    _, _, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    np.testing.assert_allclose(layer.volume.array * float(first.max()), first, rtol=1e-6, atol=1e-3)
    assert "Of several values at one place the first is shown; 5 frames are left out." in result.notes


def test_that_another_program_s_report_is_drawn_with_its_measures(tmp_path: Path) -> None:
    series, _ = opened(write_source(tmp_path / "in" / "source", changes={"PatientName": "A^B"}))
    sr = highdicom.sr
    images = _images(series)
    region = sr.ImageRegion(
        "CIRCLE",
        np.array([[20.5, 15.5], [24.5, 15.5]]),
        sr.SourceImageForRegion(images[3].SOPClassUID, images[3].SOPInstanceUID),
    )
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(generate_uid(), "Lesion A"),
        referenced_region=region,
        finding_type=codes.SCT.Neoplasm,
        measurements=[sr.Measurement(codes.SCT.Diameter, 12.5, codes.UCUM.Millimeter)],
    )
    person = sr.PersonObserverIdentifyingAttributes(name="Reader^One")
    # Measured somewhere that the report does not say.
    placeless = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(generate_uid(), "Dose"),
        measurements=[sr.Measurement(codes.SCT.Length, 3.0, codes.UCUM.Millimeter)],
    )
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(sr.ObserverContext(codes.DCM.Person, person)),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group, placeless],
    )
    arguments = {k: v for k, v in _series_arguments().items() if k.startswith(("series", "sop", "inst"))}
    made = sr.ComprehensiveSR(evidence=images, content=report[0], manufacturer="Another Works", **arguments)
    made.save_as(tmp_path / "in" / "sr.dcm")
    _, _, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    assert isinstance(layer, LabelLayer)
    assert layer.segments[0].name == "Lesion A · Diameter 12.5 mm"
    assert [remark.text for remark in layer.remarks] == ["Lesion A · Diameter 12.5 mm"]
    rows, columns = np.nonzero(layer.volume.array[3])
    assert (rows.mean(), columns.mean()) == pytest.approx((15, 20), abs=0.3)
    assert len(rows) == pytest.approx(np.pi * 4**2, rel=0.35)
    assert not layer.volume.array[[0, 1, 2, 4]].any()
    assert result.findings[0].measures["81827009"] == 12.5
    assert "1 of its 2 items have no place on this series and are not drawn." in result.notes


def presentation_state(series: Series, folder: Path, change: Callable[[Dataset], None] | None = None) -> None:
    """Write a grayscale presentation state by hand: a window, an ellipse and a text on one slice, and a rotation."""
    image = pydicom.dcmread(series.instances[2].path, stop_before_pixels=True)
    state = Dataset()
    state.file_meta = FileMetaDataset()
    state.SOPClassUID, state.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.11.1", generate_uid()
    state.file_meta.MediaStorageSOPClassUID = state.SOPClassUID
    state.file_meta.MediaStorageSOPInstanceUID = state.SOPInstanceUID
    state.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in ("SpecificCharacterSet", "PatientName", "PatientID", "StudyInstanceUID", "StudyDate"):
        state.add(image[keyword])
    state.SeriesInstanceUID, state.Modality, state.ContentLabel = generate_uid(), "PR", "REMARKS"
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    used = Dataset()
    used.SeriesInstanceUID, used.ReferencedImageSequence = image.SeriesInstanceUID, [reference]
    state.ReferencedSeriesSequence = [used]
    voi = Dataset()
    voi.WindowCenter, voi.WindowWidth = "40", "80"
    state.SoftcopyVOILUTSequence = [voi]
    ellipse = Dataset()
    ellipse.GraphicAnnotationUnits, ellipse.GraphicType, ellipse.GraphicFilled = "PIXEL", "ELLIPSE", "N"
    ellipse.GraphicDimensions, ellipse.NumberOfGraphicPoints = 2, 4
    ellipse.GraphicData = [10.5, 15.5, 30.5, 15.5, 20.5, 10.5, 20.5, 20.5]
    text = Dataset()
    text.UnformattedTextValue, text.AnchorPointAnnotationUnits = "see here", "PIXEL"
    text.AnchorPoint, text.AnchorPointVisibility = [40.5, 30.5], "Y"
    screen = Dataset()
    screen.UnformattedTextValue, screen.BoundingBoxAnnotationUnits = "on the screen", "DISPLAY"
    screen.BoundingBoxTopLeftHandCorner = [0.1, 0.2]
    annotation = Dataset()
    annotation.ReferencedImageSequence, annotation.GraphicLayer = [reference], "ONE"
    annotation.GraphicObjectSequence, annotation.TextObjectSequence = [ellipse], [text, screen]
    state.GraphicAnnotationSequence = [annotation]
    state.ImageRotation, state.ImageHorizontalFlip = 90, "N"
    if change is not None:
        change(state)
    state.save_as(folder / "gsps.dcm", enforce_file_format=True)


def test_that_a_presentation_state_gives_window_drawings_and_texts_and_says_what_is_not_shown(tmp_path: Path) -> None:
    series, _ = opened(write_source(tmp_path / "in" / "source"))
    presentation_state(series, tmp_path / "in")
    _, stack, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    assert isinstance(layer, LabelLayer)
    assert result.window is not None
    assert (result.window.width, result.window.centre) == (80.0, 40.0)
    assert [segment.name for segment in layer.segments] == ["Drawing", "see here"]
    rows, columns = np.nonzero(layer.volume.array[2] == 1)
    # The middle of the first pixel is (0.5, 0.5) in a presentation state.
    assert (rows.mean(), columns.mean()) == pytest.approx((15, 20), abs=0.3)
    assert [float(np.ptp(rows)), float(np.ptp(columns))] == pytest.approx([10, 20], abs=2)
    rows, columns = np.nonzero(layer.volume.array[2] == 2)
    assert (rows.mean(), columns.mean()) == pytest.approx((30, 40), abs=0.6)
    assert not layer.volume.array[[0, 1, 3, 4]].any()
    assert 'A text is placed on the screen and not on the image: "on the screen".' in result.notes
    assert "It also holds a rotation or flip, which is not applied." in result.notes
    assert len(stack) == 5


def test_that_words_begin_at_their_anchor_point_or_in_their_box(tmp_path: Path) -> None:
    series, _ = opened(write_source(tmp_path / "in" / "source"))

    def boxed(state: Dataset) -> None:
        text = state.GraphicAnnotationSequence[0].TextObjectSequence[0]
        text.BoundingBoxAnnotationUnits, text.BoundingBoxTopLeftHandCorner = "PIXEL", [5.5, 3.5]

    presentation_state(series, tmp_path / "in")
    _, stack, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    assert isinstance(layer, LabelLayer)
    (remark,) = layer.remarks
    assert (remark.label, remark.text) == (2, "see here")
    np.testing.assert_allclose(remark.point, stack.plane(2).point(30, 42))
    presentation_state(series, tmp_path / "in", boxed)
    _, stack, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    assert isinstance(layer, LabelLayer)
    np.testing.assert_allclose(layer.remarks[0].point, stack.plane(2).point(3, 5))


@pytest.mark.parametrize(
    ("upper", "lower", "rotation", "flip", "corner"),
    [
        # The pixels in the corners of the displayed area, and the place a tenth to the right and a fifth down in it.
        ([1, 1], [48, 40], 0, "N", (7.5, 4.3)),
        ([11, 6], [30, 25], 0, "N", (8.5, 11.5)),
        ([48, 1], [1, 40], 0, "Y", (7.5, 42.7)),
        ([1, 40], [48, 1], 90, "N", (35.5, 9.1)),
    ],
    ids=["whole image", "part of it", "flipped", "rotated"],
)
def test_that_what_is_placed_on_the_screen_is_found_on_the_image_by_the_displayed_area(
    tmp_path: Path,
    upper: tuple[int, int],
    lower: tuple[int, int],
    rotation: int,
    flip: str,
    corner: tuple[float, float],
) -> None:
    series, _ = opened(write_source(tmp_path / "in" / "source", shape=(5, 40, 48)))

    def placed(state: Dataset) -> None:
        area = Dataset()
        area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = upper, lower
        state.DisplayedAreaSelectionSequence = [area]
        state.ImageRotation, state.ImageHorizontalFlip = rotation, flip

    presentation_state(series, tmp_path / "in", placed)
    _, stack, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    assert isinstance(layer, LabelLayer)
    (remark,) = [one for one in layer.remarks if one.text == "on the screen"]
    np.testing.assert_allclose(remark.point, stack.plane(2).point(*corner), atol=1e-6)
    assert not any("placed on the screen" in note for note in result.notes)


def test_that_an_open_line_stays_open_and_a_closed_one_encloses(tmp_path: Path) -> None:
    series, _ = opened(write_source(tmp_path / "in" / "source"))

    def lines(state: Dataset) -> None:
        state.GraphicAnnotationSequence[0].GraphicObjectSequence = []
        for last in ([], [10.5, 10.5]):
            line = Dataset()
            line.GraphicAnnotationUnits, line.GraphicType, line.GraphicFilled = "PIXEL", "POLYLINE", "N"
            line.GraphicData = [10.5, 10.5, 10.5, 20.5, 30.5, 20.5, *last]
            line.GraphicDimensions, line.NumberOfGraphicPoints = 2, len(line.GraphicData) // 2
            state.GraphicAnnotationSequence[0].GraphicObjectSequence.append(line)
        state.GraphicAnnotationSequence[0].TextObjectSequence = []

    presentation_state(series, tmp_path / "in", lines)
    _, _, (result,) = _reopened(tmp_path / "in")
    (layer,) = result.layers
    assert isinstance(layer, LabelLayer)
    image = layer.volume.array[2]
    open_one = np.zeros(image.shape, bool)
    open_one[10:21, 10] = open_one[20, 10:31] = True
    # The closed one is drawn later, over the other.
    np.testing.assert_array_equal((image == 1) & ~open_one, np.zeros(image.shape, bool))
    assert image[17, 14] == 2
    assert image[11, 29] == 0


def test_that_a_presentation_state_s_table_and_function_are_its_window(tmp_path: Path) -> None:
    series, _ = opened(write_source(tmp_path / "in" / "source"))

    def sigmoid(state: Dataset) -> None:
        state.SoftcopyVOILUTSequence[0].VOILUTFunction = "SIGMOID"

    def table(state: Dataset) -> None:
        item = Dataset()
        item.add_new("LUTDescriptor", "SS", [4, -1, 8])
        item.add_new("LUTData", "US", [0, 5, 9, 255])
        voi = Dataset()
        voi.VOILUTSequence = [item]
        state.SoftcopyVOILUTSequence = [voi]

    presentation_state(series, tmp_path / "in", sigmoid)
    assert _reopened(tmp_path / "in")[2][0].window == Window(80, 40, "SIGMOID")
    presentation_state(series, tmp_path / "in", table)
    window = _reopened(tmp_path / "in")[2][0].window
    assert window is not None
    assert grey(np.array([-9, -1, 0, 1, 2, 9]), window).tolist() == [0, 0, 5, 9, 255, 255]


# -- what cannot be shown ------------------------------------------------------------------------------------------


def test_that_a_result_without_its_source_is_named_and_finds_it_when_it_comes(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "out")
    alone = scan([tmp_path / "out"])
    (refusal,) = alone.refused
    assert refusal.reason == "This is a Segmentation object, not a scan; open the series it belongs to."
    both = alone.merged(scan([tmp_path / "source"]))
    assert both.refused == ()
    found = both.source_of(both.results[0])
    assert found is not None
    assert found.uid == series.uid


def test_that_a_result_never_lands_on_another_patient_s_series(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "out")
    for path in (tmp_path / "source").glob("*.dcm"):
        dataset = pydicom.dcmread(path)
        dataset.PatientID = "SOMEBODY-ELSE"
        dataset.save_as(path)
    catalog = scan([tmp_path])
    assert catalog.source_of(catalog.results[0]) is None
    assert len(catalog.refused) == 1


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_that_a_damaged_result_is_one_sentence(tmp_path: Path, keep: float) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers: list[Layer] = [label_layer(series, stack), heat_layer(series, stack)]
    for layer in layers:
        (path,) = export.write_dicom([layer], series, stack, tmp_path / "out").paths
        catalog: Catalog = scan([tmp_path / "source", path])
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * keep)])
        with pytest.raises(ReadError) as caught:
            open_result(catalog.results[0], series, stack)
        assert caught.value.reason.endswith(".")
        path.unlink()
        with pytest.raises(ReadError, match="cannot be read"):
            open_result(catalog.results[0], series, stack)


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_that_altered_results_open_or_are_one_sentence_and_never_raise_anything_else(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", shape=(5, 24, 24)))
    layer = heat_layer(series, stack)
    results = ResultSet(series, stack, tmp_path / "out")
    results.write_layers([label_layer(series, stack), layer])
    results.write_readings([Reading(layer, findings.find(layer))])
    rng = np.random.default_rng(5)
    paths = sorted((tmp_path / "out").glob("*.dcm"))
    known = {result.path: result for result in scan([tmp_path / "source", *paths]).results}
    assert set(known) == set(paths)
    refused = 0
    for path in paths:
        whole = path.read_bytes()
        for _ in range(60):
            altered = bytearray(whole)
            for place in rng.integers(132, len(whole), 4):
                altered[place] = rng.integers(256)
            path.write_bytes(altered[: rng.integers(200, len(whole))] if rng.random() < 0.3 else altered)
            read_results.peek(path)
            try:
                open_result(known[path], series, stack)
            except ReadError:
                refused += 1
    assert refused > 20


def test_that_a_claim_of_absurdly_many_frames_is_refused_at_once(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source"))
    (path,) = export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "in").paths
    dataset = pydicom.dcmread(path)
    dataset.NumberOfFrames = 2_000_000_000
    dataset.save_as(path)
    with pytest.raises(ReadError, match="claims more frames"):
        _reopened(tmp_path / "in")


# -- pictures and volumes ------------------------------------------------------------------------------------------


def test_that_our_captures_come_back_as_a_picture_series_at_their_place(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source"), synthetic=True)
    ResultSet(series, stack, tmp_path / "out").write_slices([1, 3], [heat_layer(series, stack)], formats=["dicom"])
    catalog = scan([tmp_path / "out"])
    assert catalog.refused == ()
    (picture,) = catalog.studies[0].series
    assert (picture.modality, len(picture.instances), picture.synthetic) == ("OT", 2, True)
    assert picture.frame_of_reference_uid == series.frame_of_reference_uid
    pictures = load_stack(picture)
    # Margins lie around the slice, on its own plane.
    for index, source in enumerate((1, 3)):
        assert stack.plane(source).distance(pictures.origins[index]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("write", [export_volumes.write_nifti, export_volumes.write_nrrd])
def test_that_volumes_come_back_with_their_voxels_and_as_synthetic(tmp_path: Path, write: Any) -> None:
    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=18.5))
    layer = image_layer(series, stack)
    (path,) = write([layer], series, tmp_path / "out").paths
    (study,) = scan([path]).studies
    (back,) = study.series
    assert back.synthetic
    volume = load_stack(back).volume()
    np.testing.assert_array_equal(volume.array, layer.volume.array)
    np.testing.assert_allclose(volume.affine, layer.volume.affine, atol=1e-3)
