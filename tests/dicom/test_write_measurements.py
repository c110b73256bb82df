"""Measurements as a structured report and as a table: what other programs read is what was drawn and measured."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest

from medgan_viewer.core.catalog import Catalog, Patient, Series, Study
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.measure.annotation import NAMES, Annotation, Kind
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.listing import Listed, listed
from medgan_viewer.core.slicing import mpr_plane
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export, index, read_results
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.dicom.export import ResultSet
from medgan_viewer.dicom.write_measurements import COLUMNS, names_without_words
from tests.core.annotations import figure
from tests.dicom.export_builder import (
    consistency_errors,
    enhanced,
    image_layer,
    opened,
    validator_errors,
    write_source,
)

_PLACES: dict[Kind, list[tuple[float, float]]] = {
    "distance": [(4, 5), (20, 31)],
    "angle": [(4, 5), (20, 5), (20, 31)],
    "cobb": [(4, 5), (5, 31), (30, 5), (26, 31)],
    "rectangle": [(8.3, 10.2), (22.6, 30.7)],
    "ellipse": [(8.3, 10.2), (22.6, 30.7)],
    "freehand": [(8.1, 10.2), (9, 28), (21, 30), (24, 12)],
    "probe": [(14, 17)],
    "arrow": [(14, 17), (3, 4)],
    "text": [(14, 17)],
}


def _held(series: Series, stack: SliceStack) -> tuple[Document, OpenSeries]:
    study = Study(series.study_uid, Patient("Müller^Zoë", "P-17"), "", "", "", "", (series,))
    held = OpenSeries(study, series, stack, np.ones(len(stack), bool))
    document = Document()
    document.add_catalog(Catalog((study,)))
    document.open_series(held)
    return document, held


def _drawn(kind: Kind, held: OpenSeries, index: int = 2, **changes: Any) -> Annotation:
    known = {"frame_of_reference_uid": held.series.frame_of_reference_uid, "study_key": study_key(held.study)}
    return figure(kind, held.stack.plane(index), _PLACES[kind], held, **(known | changes))


def _listed(document: Document, *drawn: Annotation) -> list[Listed]:
    return listed(document, drawn)


def _report(paths: tuple[Path, ...]) -> tuple[Path, Any]:
    (path,) = [path for path in paths if path.suffix == ".dcm"]
    return path, highdicom.sr.srread(path)


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _numbers(group: Any) -> dict[tuple[str, str], float]:
    """Return the numbers of a group by the meaning of their name and of their derivation."""
    return {
        (one.name.meaning, one.derivation.meaning if one.derivation is not None else ""): one.value
        for one in group.get_measurements()
    }


@pytest.mark.parametrize("tilt_degrees", [0.0, 18.5])
@pytest.mark.parametrize("kind", ["rectangle", "ellipse", "freehand"])
def test_that_highdicom_reads_a_region_back_with_its_values_and_its_place(
    tmp_path: Path, kind: Kind, tilt_degrees: float
) -> None:
    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=tilt_degrees))
    document, held = _held(series, stack)
    (entry,) = _listed(document, _drawn(kind, held, name="Thalamus links größer"))
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_measurements([entry]).paths)
    assert validator_errors([path]) == []
    assert consistency_errors([*(i.path for i in series.instances), path]) == []
    (group,) = report.content.get_planar_roi_measurement_groups()
    assert group.tracking_identifier == "Thalamus links größer"
    (values,) = entry.measurement.images
    numbers = _numbers(group)
    assert numbers["Area", ""] == pytest.approx(entry.measurement.size, abs=1e-3)
    assert numbers["Attenuation Coefficient", "Mean"] == pytest.approx(values.mean, abs=1e-3)
    assert numbers["Attenuation Coefficient", "Standard Deviation"] == pytest.approx(values.deviation, abs=1e-3)
    assert numbers["Attenuation Coefficient", "Minimum"] == values.extent[0]
    assert numbers["Attenuation Coefficient", "Maximum"] == values.extent[1]
    # The outline, carried into space by the header of the image that it names, is the one that was drawn.
    region = group.roi
    uid = region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    header = pydicom.dcmread(next(i.path for i in series.instances if i.sop_instance_uid == uid))
    along, down = (np.array(header.ImageOrientationPatient[i : i + 3], float) for i in (0, 3))
    pixels = region.value - 0.5
    points = (
        np.array(header.ImagePositionPatient, float)
        + pixels[:, :1] * along * header.PixelSpacing[1]
        + pixels[:, 1:] * down * header.PixelSpacing[0]
    )
    for point in entry.annotation.points:
        assert np.linalg.norm(points - point, axis=1).min() < 1e-3


@pytest.mark.parametrize(
    ("kind", "meaning", "unit"),
    [("distance", "Length", "mm"), ("angle", "Angle", "deg"), ("cobb", "Cobb angle", "deg")],
)
@pytest.mark.parametrize("orientation", ["acquired", "coronal"])
def test_that_lengths_and_angles_come_with_their_points(
    tmp_path: Path, kind: Kind, meaning: str, unit: str, orientation: str
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    document, held = _held(series, stack)
    plane = held.stack.plane(2)
    if orientation == "coronal":
        plane = mpr_plane(held.volume(), "coronal", held.volume().point((2, 11, 20)))
    drawn = replace(
        figure(kind, plane, [(row / 10, column) for row, column in _PLACES[kind]], held, on_grid=True),
        frame_of_reference_uid=series.frame_of_reference_uid,
    )
    (entry,) = _listed(document, drawn)
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_measurements([entry]).paths)
    assert validator_errors([path]) == []
    (group,) = report.content.get_image_measurement_groups()
    (measured,) = group.get_measurements()
    assert (measured.name.meaning, measured.unit.value) == (meaning, unit)
    assert measured.value == pytest.approx(entry.measurement.size, abs=1e-4)
    parts = measured.referenced_coordinates
    assert len(parts) == (2 if kind == "cobb" else 1)
    assert sum(len(part.value) for part in parts) == len(drawn.points)
    if orientation == "coronal":
        np.testing.assert_allclose(np.concatenate([part.value for part in parts]), drawn.points, atol=1e-3)


def test_that_what_was_measured_on_a_synthetic_image_is_a_group_of_its_own_that_says_so(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    document, held = _held(series, stack)
    layer = replace(image_layer(series, stack), uid="t1", source_series_uid=series.uid)
    document.add_layer(layer)
    entries = _listed(document, _drawn("ellipse", held, layer_uid="t1", layer_name=layer.name))
    entries += _listed(document, _drawn("distance", held, layer_uid="t1", layer_name=layer.name))
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_measurements(entries).paths)
    assert validator_errors([path]) == []
    groups = report.content.get_planar_roi_measurement_groups()
    assert [group.tracking_identifier for group in groups] == ["ellipse 1 SYNTHETIC", "ellipse 1"]
    said = [group.get_qualitative_evaluations()[0].value.value for group in groups]
    assert said == ["synthetic", "acquired"]
    own, source = entries[0].measurement.images
    assert _numbers(groups[0])["Value in a SYNTHETIC image made by a model", "Mean"] == pytest.approx(
        own.mean, abs=1e-3
    )
    assert _numbers(groups[1])["Attenuation Coefficient", "Mean"] == pytest.approx(source.mean, abs=1e-3)
    lengths = report.content.get_image_measurement_groups()
    assert [group.tracking_identifier for group in lengths] == ["distance 1 SYNTHETIC", "distance 1"]
    assert any("head-ct-to-mr" in str(item) for item in report.ContributingEquipmentSequence)
    # Every line of the table says what its pixels are.
    table = next(path.parent.glob("*.csv"))
    rows = _rows(table)
    assert [row["pixels_are"] for row in rows] == ["synthetic", "acquired"] * 2
    assert [row["unit"] for row in rows[:2]] == ["a.u.", "HU"]
    assert float(rows[0]["mean"]) == pytest.approx(own.mean, abs=1e-3)


@pytest.mark.parametrize("kind", ["probe", "arrow", "text"])
def test_that_marked_places_are_written_with_the_reader_s_words(tmp_path: Path, kind: Kind) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    document, held = _held(series, stack)
    words = "" if kind == "probe" else "Hier = größer"
    (entry,) = _listed(document, _drawn(kind, held, text=words))
    path, report = _report(ResultSet(series, stack, tmp_path / "out").write_measurements([entry]).paths)
    assert validator_errors([path]) == []
    (group,) = report.content.get_planar_roi_measurement_groups()
    np.testing.assert_allclose(group.roi.value, [[17.5, 14.5]], atol=1e-6)
    texts = [item.TextValue for item in group[0].ContentSequence if "TextValue" in item]
    assert (words in texts) == bool(words)
    if kind == "probe":
        assert _numbers(group)["Attenuation Coefficient", ""] == held.stack.array[2, 14, 17]


def test_that_nothing_that_somebody_typed_leaves_where_identity_is_to_go(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    # Somebody typed the name at the scanner, too.
    series = replace(series, description="CT Müller")
    document, held = _held(series, stack)
    entries = _listed(
        document, _drawn("arrow", held, name="Frau Müller", text="Zoë"), _drawn("ellipse", held, name="Zoë")
    )
    results = ResultSet(series, stack, tmp_path / "out", deidentifier=Deidentifier())
    paths = results.write_measurements(entries).paths
    path, report = _report(paths)
    assert validator_errors([path]) == []
    names = {group.tracking_identifier for group in report.content.get_planar_roi_measurement_groups()}
    assert names == {"Arrow 1", "Ellipse 1"}
    for written in paths:
        content = written.read_bytes()
        for typed in ("Müller", "Zoë"):
            assert typed.encode("utf-8") not in content
            assert typed.encode("latin-1") not in content
        assert series.series_instance_uid.encode() not in content


def test_that_without_identity_figures_keep_the_names_of_the_list_and_typed_ones_get_the_next_free(
    tmp_path: Path,
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    document, held = _held(series, stack)
    named: tuple[tuple[Kind, str], ...] = (
        ("distance", f"{NAMES['distance']} 1"),
        ("ellipse", "Zoë"),
        ("ellipse", "Ellipse 1"),
        ("ellipse", "Ellipse 3"),
        ("ellipse", "Ellipse 19600412"),
        ("rectangle", "Ellipse 2"),
    )
    drawn = [_drawn(kind, held, name=name) for kind, name in named]
    entries = _listed(document, *drawn)
    expected = [f"{NAMES['distance']} 1", "Ellipse 2", "Ellipse 1", "Ellipse 3", "Ellipse 4", "Rectangle 1"]
    assert list(names_without_words(entries)) == expected
    paths = ResultSet(series, stack, tmp_path / "out", deidentifier=Deidentifier()).write_measurements(entries).paths
    rows = _rows(next(path for path in paths if path.suffix == ".csv"))
    assert list(dict.fromkeys(row["name"] for row in rows)) == expected


def test_that_the_validators_find_no_error_in_all_figures_with_and_without_identity(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", modality="MR"))
    document, held = _held(series, stack)
    entries = _listed(document, *(_drawn(kind, held) for kind in _PLACES))
    for deidentifier in (None, Deidentifier()):
        results = ResultSet(series, stack, tmp_path / str(deidentifier is None), deidentifier=deidentifier)
        path, report = _report(results.write_measurements(entries).paths)
        assert validator_errors([path]) == []
        # Both lines of the Cobb angle name the image that the evidence lists, under its new UID as well.
        evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        listed_uids = {one.ReferencedSOPInstanceUID for part in evidence for one in part.ReferencedSOPSequence}
        assert _referred(report) <= listed_uids


def _referred(item: Any) -> set[str]:
    """Return the images that a report refers to anywhere in its tree."""
    found = {one.ReferencedSOPInstanceUID for one in item.get("ReferencedSOPSequence", ())}
    return found.union(*(_referred(one) for one in item.get("ContentSequence", ())))


def test_that_a_measurement_on_an_enhanced_image_names_the_frame(tmp_path: Path) -> None:
    series, stack = enhanced(*opened(write_source(tmp_path / "source")), tmp_path / "enhanced.dcm")
    document, held = _held(series, stack)
    path, report = _report(
        ResultSet(series, stack, tmp_path / "out").write_measurements(_listed(document, _drawn("ellipse", held))).paths
    )
    assert validator_errors([path]) == []
    region = report.content.get_planar_roi_measurement_groups()[0].roi
    frame = region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber
    assert frame == (series.instances[2].frame or 0) + 1


def test_that_the_table_has_every_figure_and_no_formula(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    document, held = _held(series, stack)
    kinds: list[Kind] = list(_PLACES)
    entries = _listed(document, *(_drawn(kind, held, name="=HYPERLINK(1)") for kind in kinds))
    report = ResultSet(series, stack, tmp_path / "out").write_measurements(entries)
    table = next(path for path in report.paths if path.suffix == ".csv")
    rows = _rows(table)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(kinds)
    assert {row["name"] for row in rows} == {"'=HYPERLINK(1)"}
    assert float(rows[0]["length_mm"]) == pytest.approx(entries[0].measurement.size, abs=1e-3)
    assert float(rows[2]["angle_deg"]) == pytest.approx(entries[2].measurement.size, abs=1e-3)
    assert float(rows[3]["area_mm2"]) == pytest.approx(entries[3].measurement.size, abs=1e-3)
    assert {row["slice"] for row in rows} == {"3"}
    assert {row["sop_instance_uid"] for row in rows} == {series.instances[2].sop_instance_uid}
    point = [float(value) for value in rows[6]["points_lps_mm"].split()]
    np.testing.assert_allclose(point, entries[6].annotation.points[0], atol=1e-3)
    assert all("Not for diagnosis" in row["disclaimer"] for row in rows)


def test_that_of_a_series_that_is_not_dicom_the_table_is_written_and_a_note_says_why(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    document, held = _held(replace(series, format="nifti"), stack)
    report = ResultSet(held.series, stack, tmp_path / "out").write_measurements(
        _listed(document, _drawn("probe", held))
    )
    assert [path.suffix for path in report.paths] == [".csv"]
    assert "No DICOM report" in report.notes[0]


def test_that_a_measurement_whose_series_is_not_open_is_in_the_table_without_values(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    _, held = _held(series, stack)
    closed = Document()
    closed.add_catalog(Catalog((held.study,)))
    drawn = _drawn("ellipse", held, layer_uid="gone", layer_name="Synthetic T1")
    report = export.ResultSet(series, stack, tmp_path / "out").write_measurements(_listed(closed, drawn))
    assert [path.suffix for path in report.paths] == [".csv"]
    (row,) = _rows(report.paths[0])
    assert row["mean"] == ""
    assert row["note"] == "drawn on SYNTHETIC Synthetic T1, which was not open"


def test_that_the_viewer_shows_its_own_measurements_again_and_which_are_synthetic(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "study")
    series, stack = opened(folder)
    document, held = _held(series, stack)
    layer = replace(image_layer(series, stack), uid="t1", source_series_uid=series.uid)
    document.add_layer(layer)
    entries = _listed(
        document,
        _drawn("rectangle", held, name="Thalamus", layer_uid="t1", layer_name=layer.name),
        _drawn("distance", held, name="Width"),
    )
    ResultSet(series, stack, folder).write_measurements(entries)
    catalog = index.scan([folder])
    # The table beside the report is this program's own, and no file that fails to open.
    assert catalog.refused == ()
    (result,) = catalog.results
    source = catalog.source_of(result)
    assert source is not None
    shown = read_results.open_result(result, source, stack)
    (outlines,) = shown.layers
    assert isinstance(outlines, LabelLayer)
    names = [segment.name for segment in outlines.segments]
    assert [name.split(" · ")[0] for name in names] == ["Thalamus SYNTHETIC", "Thalamus", "Width"]
    size = entries[1].measurement.size
    assert size is not None
    assert f"Length {size:.4g} mm" in names[2]
    # The outline lies where it was drawn.
    rows, columns = np.nonzero(outlines.volume.array[2] == outlines.segments[1].label)
    assert (rows.min(), columns.min()) == pytest.approx((8.3, 10.2), abs=1.0)
    assert (rows.max(), columns.max()) == pytest.approx((22.6, 30.7), abs=1.0)
