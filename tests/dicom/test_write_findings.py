"""Findings and verdicts out: a table for people, JSON for programs, nobody's name in either."""

import csv
import errno
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import HeatLayer, Judgement
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export
from medgan_viewer.dicom.write_findings import COLUMNS, rounded
from medgan_viewer.errors import WriteError
from tests.dicom.export_builder import WEIGHTS, heat_layer, opened, write_source

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def _hot(series: Series, stack: SliceStack, **changes: Any) -> HeatLayer:
    """Return a heat map with two regions: 0.9 in the second slice and 0.7 in the fourth."""
    layer = heat_layer(series, stack)
    heat = np.zeros_like(layer.volume.array)
    heat[1, 10:20, 8:18] = 0.9
    heat[3, 22:32, 30:40] = 0.7
    fixed: dict[str, Any] = {"volume": layer.volume.with_array(heat), "threshold": 0.5}
    return replace(layer, **(fixed | changes))


def _written(paths: Sequence[Path]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    table, record = paths
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return rows, json.loads(record.read_text(encoding="utf-8"))


@pytest.mark.parametrize("tilt_degrees", [0.0, 18.5])
def test_each_finding_says_where_it_lies_and_what_was_said_of_it(tmp_path: Path, tilt_degrees: float) -> None:
    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=tilt_degrees))
    layer = _hot(series, stack)
    found = findings.find(layer)
    reading = Reading(layer, found, (Judgement(found[1], "rejected", AT, 0.5, "choroid plexus"),))
    report = export.write_readings([reading], series, stack, tmp_path / "out")
    assert [path.name for path in report.paths] == [
        "heat-map_head-ct-to-mr_findings.csv",
        "heat-map_head-ct-to-mr_findings.json",
    ]
    rows, record = _written(report.paths)
    assert [(row["finding"], row["listed"], row["verdict"]) for row in rows] == [
        ("1", "yes", "open"),
        ("2", "yes", "rejected"),
    ]
    assert (rows[0]["judged_at"], datetime.fromisoformat(rows[1]["judged_at"])) == ("", AT)
    assert [row["reason"] for row in rows] == ["", "choroid plexus"]
    assert [float(row["score"]) for row in rows] == pytest.approx([0.9, 0.7], abs=1e-4)
    for row, finding in zip(rows, found, strict=True):
        point = [float(row[f"lps_{axis}_mm"]) for axis in "xyz"]
        np.testing.assert_allclose(point, finding.point, atol=0.005)
        # Independent of the program's own search: the acquired slice whose plane is nearest.
        away = [abs(float((np.array(point) - origin) @ stack.normal)) for origin in stack.origins]
        index = int(np.argmin(away))
        assert int(row["slice"]) == index + 1
        assert row["sop_instance_uid"] == series.instances[index].sop_instance_uid
        assert row["instance_number"] == str(series.instances[index].number)
        assert float(row["volume_ml"]) == pytest.approx(finding.millilitres, abs=5e-4)
        assert row["series_instance_uid"] == series.series_instance_uid
        assert row["study_instance_uid"] == series.study_uid
        assert (row["model_id"], row["model_version"], row["weights_sha256"]) == ("head-ct-to-mr", "0.1.0", WEIGHTS)
        assert row["threshold"] == "0.5"
        assert "not for diagnosis" in row["disclaimer"].lower()
    assert [one["verdict"] for one in record["findings"]] == ["open", "rejected"]
    assert record["findings"][0]["score"] == pytest.approx(0.9, abs=1e-4)
    assert record["weights_sha256"] == WEIGHTS
    assert record["slices"] == 5


@pytest.mark.parametrize("share", [0.99996, 0.99999994, 1 - 2**-24, 0.00004, 2.0**-30])
def test_a_score_is_never_written_as_nothing_or_as_certain(tmp_path: Path, share: float) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _hot(series, stack, threshold=share)
    found = tuple(replace(one, score=share, false_alarm_rate=share) for one in findings.find(_hot(series, stack)))
    rows, record = _written(export.write_readings([Reading(layer, found)], series, stack, tmp_path / "out").paths)
    for name in ("score", "threshold", "false_alarm_rate"):
        assert 0 < float(rows[0][name]) < 1
        assert float(rows[0][name]) == pytest.approx(share, rel=0.5, abs=1e-4)
    assert 0 < record["present_threshold"] < 1
    # What is so is written so.
    assert (rounded(1.0), rounded(0.0), rounded(0.91234567)) == (1.0, 0.0, 0.9123)


def test_what_was_judged_at_another_threshold_is_not_lost(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _hot(series, stack)
    first, second = findings.find(layer)
    higher = replace(layer, threshold=0.8)
    reading = Reading(higher, findings.find(higher), (Judgement(second, "rejected", AT, 0.5),))
    rows, record = _written(export.write_readings([reading], series, stack, tmp_path / "out").paths)
    assert [(row["finding"], row["listed"], row["verdict"], row["threshold"]) for row in rows] == [
        ("1", "yes", "open", "0.8"),
        ("", "no", "rejected", "0.5"),
    ]
    assert float(rows[0]["lps_x_mm"]) == pytest.approx(first.point[0], abs=0.005)
    assert record["present_threshold"] == 0.8


def test_no_name_identifier_or_date_of_the_patient_is_written(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _hot(series, stack)
    paths = export.write_readings([Reading(layer, findings.find(layer))], series, stack, tmp_path / "out").paths
    for path in paths:
        said = path.name + path.read_text(encoding="utf-8")
        for secret in ("Müller", "Zoë", "P-17", "19500101", "20260102"):
            assert secret not in said


def test_it_is_said_who_a_score_was_calibrated_on_and_that_a_patient_was_simulated(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), simulated=True)
    layer = _hot(series, stack, healthy_maxima=(0.6, 0.8, 0.95), calibrated_on="three adults")
    rows, record = _written(
        export.write_readings([Reading(layer, findings.find(layer))], series, stack, tmp_path / "out").paths
    )
    # (1 + people who score as high) / (people + 1)
    assert [float(row["false_alarm_rate"]) for row in rows] == [0.5, 0.75]
    assert rows[0]["calibrated_on"] == record["calibrated_on"] == "three adults"
    assert rows[0]["source"] == record["source"] == "simulated"


def test_a_table_holds_nothing_that_a_spreadsheet_would_compute(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _hot(series, stack, name="=HYPERLINK(1)", calibrated_on='@cmd, "quoted"\nand more')
    rows, record = _written(
        export.write_readings([Reading(layer, findings.find(layer))], series, stack, tmp_path / "out").paths
    )
    assert rows[0]["heat_map"] == "'=HYPERLINK(1)"
    assert rows[0]["calibrated_on"] == '\'@cmd, "quoted"\nand more'
    assert record["heat_map"] == "=HYPERLINK(1)"
    # Coordinates below zero are numbers, not text.
    assert float(rows[0]["lps_x_mm"]) < 0


def test_nothing_found_is_a_table_without_rows_and_a_list_that_is_not_finished_is_said_to_be_so(
    tmp_path: Path,
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = _hot(series, stack, threshold=0.99, ready=np.array([True, True, True, True, False]))
    report = export.write_readings([Reading(layer, ())], series, stack, tmp_path / "out")
    rows, record = _written(report.paths)
    assert rows == []
    assert report.paths[0].read_text(encoding="utf-8-sig").strip().split(",") == list(COLUMNS)
    assert (record["findings"], record["slices_computed"]) == ([], "4 of 5")
    assert "does not mean healthy" in record["disclaimer"]
    assert report.notes == ("Anomaly is not finished: its list of findings may grow.",)


def test_earlier_lists_are_never_overwritten(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    reading = Reading(_hot(series, stack), ())
    for _ in range(2):
        paths = export.write_readings([reading], series, stack, tmp_path).paths
    assert [path.name for path in paths] == [
        "heat-map_head-ct-to-mr_findings-2.csv",
        "heat-map_head-ct-to-mr_findings-2.json",
    ]


def test_a_full_disk_is_one_sentence_and_leaves_no_half_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    monkeypatch.setattr(csv, "writer", _full)
    with pytest.raises(WriteError, match="disk is full"):
        export.write_readings([Reading(_hot(series, stack), ())], series, stack, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _full(_file: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
