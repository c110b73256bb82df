"""Findings and verdicts as a structured report, and several results of one study as one set."""

import csv
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest

from medgan_viewer import results
from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import HeatLayer, Judgement, Layer
from medgan_viewer.core.slicing import nearest_slice
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export_volumes
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.dicom.export import ResultSet
from tests.dicom.export_builder import (
    WEIGHTS,
    consistency_errors,
    enhanced,
    heat_layer,
    image_layer,
    label_layer,
    opened,
    validator_errors,
    write_source,
)

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def _read(series: Series, stack: SliceStack, **changes: Any) -> Reading:
    """Return a heat map with a region of 0.9 and one of 0.7, the second one rejected."""
    layer = heat_layer(series, stack)
    heat = np.zeros_like(layer.volume.array)
    heat[1, 10:20, 8:18], heat[3, 22:32, 30:40] = 0.9, 0.7
    fixed: dict[str, Any] = {"volume": layer.volume.with_array(heat), "threshold": 0.5}
    layer = replace(layer, **(fixed | changes))
    found = findings.find(layer)
    return Reading(layer, found, (Judgement(found[1], "rejected", AT, 0.5, "Plexus, größer als sonst"),))


def _report(paths: tuple[Path, ...]) -> tuple[Path, Any]:
    (path,) = [path for path in paths if path.name.endswith("findings.dcm")]
    return path, highdicom.sr.srread(path)


@pytest.mark.parametrize("tilt_degrees", [0.0, 18.5])
def test_that_highdicom_reads_back_each_finding_with_its_place_measures_and_verdict(
    tmp_path: Path, tilt_degrees: float
) -> None:
    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=tilt_degrees))
    reading = _read(series, stack, healthy_maxima=(0.1, 0.2, 0.8))
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_readings([reading]).paths)
    assert validator_errors([path]) == []
    assert consistency_errors([*(i.path for i in series.instances), path]) == []
    groups = report.content.get_planar_roi_measurement_groups()
    assert [group.tracking_identifier for group in groups] == ["Finding 1", "Finding 2"]
    assert len({group.tracking_uid for group in groups}) == 2
    for group, finding in zip(groups, reading.findings, strict=True):
        values = {m.name.value: m.value for m in group.get_measurements()}
        assert values["118565006"] == pytest.approx(finding.millilitres, abs=5e-4)
        assert values["130404"] == pytest.approx(finding.score, abs=5e-5)
        assert values["threshold"] == 0.5
        assert values["false-alarm-rate"] == pytest.approx(finding.false_alarm_rate, abs=5e-5)
        (centre,) = [item for item in group[0].ContentSequence if item.get("GraphicType") == "POINT"]
        np.testing.assert_allclose(centre.GraphicData, finding.point, atol=1e-4)
        assert centre.ReferencedFrameOfReferenceUID == series.frame_of_reference_uid
        # The rectangle, carried into space by the referenced image's own header, holds the peak.
        region = group.roi
        uid = region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        index = nearest_slice(stack, np.array(finding.point))
        assert uid == series.instances[index].sop_instance_uid
        header = pydicom.dcmread(series.instances[index].path, stop_before_pixels=True)
        corner = np.array(header.ImagePositionPatient, float)
        along, down = (np.array(header.ImageOrientationPatient[i : i + 3], float) for i in (0, 3))
        offset = np.array(finding.point) - corner
        pixel = np.array([offset @ along / header.PixelSpacing[1], offset @ down / header.PixelSpacing[0]]) + 0.5
        low, high = region.value.min(axis=0), region.value.max(axis=0)
        assert (low - 1e-3 <= pixel).all()
        assert (pixel <= high + 1e-3).all()
    verdicts = [group.get_qualitative_evaluations()[0].value.value for group in groups]
    assert verdicts == ["open", "rejected"]
    (comment,) = [item.TextValue for item in groups[1][0].ContentSequence if item.get("TextValue", "").startswith("Pl")]
    assert comment == "Plexus, größer als sonst"


@pytest.mark.parametrize("share", [0.99996, 1 - 2**-24, 2.0**-30])
def test_that_a_score_is_never_certain_nor_nothing(tmp_path: Path, share: float) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    made = _read(series, stack)
    found = tuple(replace(one, score=share, false_alarm_rate=share) for one in made.findings)
    reading = Reading(replace(made.layer, threshold=share), found)
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_readings([reading]).paths)
    assert validator_errors([path]) == []
    for group in report.content.get_planar_roi_measurement_groups():
        values = {m.name.value: m.value for m in group.get_measurements()}
        for name in ("130404", "threshold", "false-alarm-rate"):
            assert 0 < values[name] < 1


def test_that_a_report_names_the_algorithm_and_its_weights_and_is_unverified(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    path, report = _report(ResultSet(series, stack, tmp_path).write_readings([_read(series, stack)]).paths)
    assert (report.VerificationFlag, report.CompletionFlag) == ("UNVERIFIED", "COMPLETE")
    assert report.SeriesDescription == "AI findings (head-ct-to-mr) RESEARCH"
    assert str(report.PatientName) == "Müller^Zoë"
    if (program := shutil.which("dsrdump")) is None:
        pytest.skip("dsrdump is not installed (Debian package dcmtk)")
    dumped = subprocess.run([program, "+Pl", str(path)], capture_output=True, check=True)
    text = dumped.stdout.decode("latin-1")
    assert f'"Algorithm Parameters")="Weights SHA-256: {WEIGHTS}"' in text
    assert '"Algorithm Name")="head-ct-to-mr"' in text


def test_that_letters_that_the_study_s_character_set_lacks_become_ascii(tmp_path: Path) -> None:
    changes = {"SpecificCharacterSet": None, "PatientName": "Plain^Name", "StudyDescription": "Head"}
    series, stack = opened(write_source(tmp_path / "source", changes=changes))
    _, report = _report(ResultSet(series, stack, tmp_path).write_readings([_read(series, stack)]).paths)
    texts = [
        i.TextValue
        for g in report.content.get_planar_roi_measurement_groups()
        for i in g[0].ContentSequence
        if "TextValue" in i
    ]
    assert "Plexus, groer als sonst" in texts


def test_that_no_report_is_written_where_nothing_was_found(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _read(series, stack).layer
    paths = ResultSet(series, stack, tmp_path).write_readings([Reading(layer, ())]).paths
    assert [path.suffix for path in paths] == [".csv", ".json"]


def test_that_a_report_on_an_enhanced_image_names_the_frame(tmp_path: Path) -> None:
    series, stack = enhanced(*opened(write_source(tmp_path / "source")), tmp_path / "enhanced.dcm")
    reading = _read(series, stack)
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_readings([reading]).paths)
    assert validator_errors([path]) == []
    region = report.content.get_planar_roi_measurement_groups()[0].roi
    frame = region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber
    assert frame == (series.instances[1].frame or 0) + 1


@pytest.mark.parametrize("cleaned", [False, True])
def test_that_the_results_of_a_study_name_one_another_as_one_set(tmp_path: Path, cleaned: bool) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    reading = _read(series, stack)
    heat: HeatLayer = replace(reading.layer, uid="heat")
    layers: list[Layer] = [image_layer(series, stack), replace(label_layer(series, stack), uid="labels"), heat]
    deidentifier = Deidentifier() if cleaned else None
    results = ResultSet(series, stack, tmp_path / "out", deidentifier=deidentifier)
    report = results.write_layers(layers)
    report += results.write_readings([replace(reading, layer=heat)])
    report += results.write_slices([1], layers[1:])
    paths = [path for path in report.paths if path.suffix == ".dcm"]
    datasets = {path.name: pydicom.dcmread(path) for path in paths}
    assert validator_errors(paths) == []
    assert consistency_errors(paths) == []
    by_class = {d.SOPClassUID.name.removesuffix(" Storage"): d for d in datasets.values()}
    numbers = {name: int(d.SeriesNumber) for name, d in by_class.items()}
    assert numbers == {
        "MR Image": 9001,
        "Segmentation": 9002,
        "Parametric Map": 9003,
        "Comprehensive 3D SR": 9004,
        "Secondary Capture Image": 9901,
    }
    assert len({d.StudyInstanceUID for d in datasets.values()}) == 1
    heat_uid, labels_uid = by_class["Parametric Map"].SOPInstanceUID, by_class["Segmentation"].SOPInstanceUID
    drawn = {i.ReferencedSOPInstanceUID for i in by_class["Secondary Capture Image"].SourceImageSequence}
    assert {heat_uid, labels_uid} < drawn
    text = by_class["Comprehensive 3D SR"].to_json()
    assert str(heat_uid) in text
    with next(path for path in report.paths if path.suffix == ".csv").open(encoding="utf-8-sig") as file:
        row = next(csv.DictReader(file))
    assert row["study_instance_uid"] == by_class["MR Image"].StudyInstanceUID
    if cleaned:
        assert row["study_instance_uid"] != series.study_uid
        content = b"".join(path.read_bytes() for path in report.paths)
        for gone in (b"P-17", b"19500101", b"20260102", "Müller".encode("latin-1"), b"Plexus", series.uid.encode()):
            assert gone not in content
        assert by_class["MR Image"].PatientIdentityRemoved == "YES"


def test_that_findings_on_a_synthetic_series_are_marked_again(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), synthetic=True)
    _, report = _report(ResultSet(series, stack, tmp_path).write_readings([_read(series, stack)]).paths)
    assert report.SyntheticData == "YES"
    assert report.SeriesDescription.startswith("SYNTHETIC source, AI findings")


@pytest.mark.parametrize("tilt_degrees", [0.0, 18.5])
def test_that_simpleitk_reads_a_nrrd_at_the_same_place_and_its_header_says_synthetic(
    tmp_path: Path, tilt_degrees: float
) -> None:
    import SimpleITK

    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=tilt_degrees))
    layers: list[Layer] = [image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack)]
    report = export_volumes.write_nrrd(layers, series, tmp_path)
    assert [path.suffix for path in report.paths] == [".nrrd"] * 3
    for layer, path in zip(layers, report.paths, strict=True):
        image = SimpleITK.ReadImage(str(path))
        np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), layer.volume.array)
        for index in ((0, 0, 0), (3, 17, 29)):
            point = image.TransformContinuousIndexToPhysicalPoint([float(n) for n in index[::-1]])
            np.testing.assert_allclose(point, layer.volume.point(index), atol=1e-6)
    synthetic, labels, heat = (path.read_bytes()[:700].decode("latin-1") for path in report.paths)
    assert "descrip:=SYNTHETIC - NOT FOR DIAGNOSIS - head-ct-to-mr 0.1.0" in synthetic
    assert "\nSynthetic:=YES\n" in synthetic
    assert "descrip:=AI segmentation - NOT FOR DIAGNOSIS" in labels
    assert "descrip:=AI heat map - NOT FOR DIAGNOSIS" in heat
    assert WEIGHTS in synthetic
    assert "Synthetic:" not in heat


def test_that_results_file_findings_with_their_map_and_number_every_series_once(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _read(series, stack).layer
    deidentifier, taken = Deidentifier(), 0
    paths: list[Path] = []
    for _ in range(2):
        report, count = results.write(
            (layer,), (series,), stack, tmp_path / "out", deidentifier=deidentifier, numbers_taken=taken
        )
        taken += count
        paths += report.paths
    objects = [pydicom.dcmread(path) for path in paths if path.suffix == ".dcm"]
    assert [(str(d.Modality), int(d.SeriesNumber)) for d in objects] == [
        ("OT", 9001),
        ("SR", 9002),
        ("OT", 9003),
        ("SR", 9004),
    ]
    # One secret for all of it: it is one patient's one study.
    assert len({(d.PatientID, d.StudyInstanceUID) for d in objects}) == 1
    assert all(d.PatientIdentityRemoved == "YES" for d in objects)
    assert [path.suffix for path in paths].count(".csv") == 2
