"""Findings of a heat map with the reader's verdicts, as a table (CSV) and as JSON for programs.

UIDs tell which images are meant; name, identifier and dates of the patient are neither in the names nor in the files.
"""

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

import medgan_viewer
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import Finding, HeatLayer, Judgement
from medgan_viewer.core.slicing import nearest_slice
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import atomic, provenance

__all__ = ["COLUMNS", "rounded", "write"]

# What a reader typed, and when.
_PERSONAL = ("reason", "judged_at", "computed_at", "written_at")
# As many as a decimal string of DICOM (16 characters) holds, and far more than a float32 has.
_MOST_DECIMALS = 14
_DISCLAIMER = "Research use only. Not for diagnosis. A heat map without a finding does not mean healthy."

COLUMNS = (
    "finding",
    "listed",
    "verdict",
    "reason",
    "judged_at",
    "slice",
    "instance_number",
    "sop_instance_uid",
    "lps_x_mm",
    "lps_y_mm",
    "lps_z_mm",
    "volume_ml",
    "score",
    "threshold",
    "false_alarm_rate",
    "calibrated_on",
    "heat_map",
    "model_id",
    "model_version",
    "weights_sha256",
    "computed_at",
    "study_instance_uid",
    "series_instance_uid",
    "series_number",
    "source",
    "disclaimer",
)
"""The columns of the table. ``slice`` counts the acquired slices from 1; the point is the peak, LPS in mm."""


def write(
    reading: Reading,
    series: Series,
    stack: SliceStack,
    folder: Path,
    *,
    written: datetime,
    uid: Callable[[str], str] | None = None,
) -> tuple[Path, Path]:
    """Write the table and the JSON file into ``folder``; nothing is overwritten. Raises ``WriteError``.

    ``uid`` gives each UID another one where identity is to go; times and the reader's own words go with it.
    """
    rows = _rows(reading, series, stack)
    rows = rows if uid is None else [_anonymous(row, uid) for row in rows]
    stem = f"{provenance.file_name(reading.layer)}_findings"
    table, record = (atomic.free_path(folder, f"{stem}.{suffix}") for suffix in ("csv", "json"))
    with (
        atomic.new_file(table) as temporary,
        # With a byte order mark, without which spreadsheets take UTF-8 for something else.
        temporary.open("w", newline="", encoding="utf-8-sig") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    with atomic.new_file(record) as temporary:
        content = _record(reading, series, stack, rows, written)
        content = content if uid is None else _anonymous(content, uid)
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return table, record


def rounded(share: float) -> float:
    """Return a score, threshold or rate with four decimals, and with more where four would make it 0 or 1."""
    found = (value for digits in range(4, _MOST_DECIMALS + 1) if (value := round(share, digits)) not in (0.0, 1.0))
    return next(found, share)


def _anonymous(values: dict[str, Any], uid: Callable[[str], str]) -> dict[str, Any]:
    """Return values with other UIDs, and without times and words of the reader."""
    gone: dict[str, Any] = dict.fromkeys((name for name in values if name in _PERSONAL), None)
    others = {name: uid(str(value)) for name, value in values.items() if name.endswith("_uid") and value}
    return {**values, **others, **gone}


def _rows(reading: Reading, series: Series, stack: SliceStack) -> list[dict[str, Any]]:
    """Return what is listed, in its order, then what was judged and is not listed above the present threshold."""
    said = {judgement.finding.index: judgement for judgement in reading.judgements}
    listed = {finding.index for finding in reading.findings}
    constant = _constant(reading.layer, series)
    rows = [
        {**_row(finding, series, stack), **_verdict(said.get(finding.index), reading.layer.threshold), "listed": "yes"}
        for finding in reading.findings
    ]
    rows += [
        {**_row(one.finding, series, stack), **_verdict(one, one.threshold), "listed": "no", "finding": None}
        for one in reading.judgements
        if one.finding.index not in listed
    ]
    return [{**constant, **row} for row in rows]


def _row(finding: Finding, series: Series, stack: SliceStack) -> dict[str, Any]:
    index = nearest_slice(stack, np.array(finding.point))
    instance = series.instances[index]
    x, y, z = (round(value, 2) for value in finding.point)
    return {
        "finding": finding.number,
        "slice": index + 1,
        "instance_number": instance.number,
        "sop_instance_uid": instance.sop_instance_uid,
        "lps_x_mm": x,
        "lps_y_mm": y,
        "lps_z_mm": z,
        "volume_ml": round(finding.millilitres, 3),
        "score": rounded(finding.score),
        "false_alarm_rate": None if finding.false_alarm_rate is None else rounded(finding.false_alarm_rate),
    }


def _verdict(judgement: Judgement | None, threshold: float) -> dict[str, Any]:
    return {
        "verdict": "open" if judgement is None else judgement.verdict,
        "reason": None if judgement is None else judgement.reason or None,
        "judged_at": None if judgement is None else _moment(judgement.at),
        "threshold": rounded(threshold),
    }


def _constant(layer: HeatLayer, series: Series) -> dict[str, Any]:
    """Return what is the same in every row, so that rows of many studies can be put into one table."""
    made = layer.provenance
    return {
        "calibrated_on": layer.calibrated_on or None,
        "heat_map": layer.name,
        "model_id": made.model_id,
        "model_version": made.model_version,
        "weights_sha256": made.weights_sha256,
        "input_check_overridden": made.overridden or None,
        "computed_at": _moment(made.created),
        "study_instance_uid": series.study_uid,
        "series_instance_uid": series.series_instance_uid,
        "series_number": series.number,
        "source": "simulated" if series.simulated else "synthetic" if series.synthetic else "acquired",
        "disclaimer": _DISCLAIMER,
    }


def _record(
    reading: Reading, series: Series, stack: SliceStack, rows: list[dict[str, Any]], written: datetime
) -> dict[str, Any]:
    layer = reading.layer
    constant = _constant(layer, series)
    own = [name for name in COLUMNS if name not in constant]
    return {
        "schema": 1,
        **constant,
        "program": f"MedGAN Viewer {medgan_viewer.__version__}",
        "written_at": _moment(written),
        "frame_of_reference_uid": series.frame_of_reference_uid,
        "slices": len(stack),
        "slices_computed": f"{int(layer.ready.sum())} of {len(layer.ready)}",
        "present_threshold": rounded(layer.threshold),
        "guaranteed": layer.guaranteed,
        "findings": [{name: row[name] for name in own} for row in rows],
    }


def _moment(moment: datetime) -> str:
    """Return a time with its distance from UTC; one without a zone is local."""
    return moment.astimezone().isoformat(timespec="seconds")


def _cell(value: Any) -> Any:
    """Return a value as the table holds it: nothing that a spreadsheet would take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
