"""A reader's measurements as a DICOM Structured Report (TID 1500) and as a table (CSV).

What was measured on a synthetic image is a group, or a line, of its own that says so, beside the source's. Name,
identifier and dates of the patient are neither in the names nor in the table.
"""

import csv
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from medgan_viewer.core.measure.annotation import NAMES, REGIONS, Annotation
from medgan_viewer.core.measure.geometry import outline
from medgan_viewer.core.measure.listing import Listed
from medgan_viewer.core.measure.measuring import ImageValues
from medgan_viewer.dicom import atomic, provenance, write_report
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import PROGRAM, NewSeries, Source
from medgan_viewer.dicom.write_report import COMMENT, SCHEME, coded, encodable

__all__ = ["COLUMNS", "PIXELS", "SYNTHETIC_VALUE", "names_without_words", "write", "write_table"]

PIXELS = ("pixels", SCHEME, "Pixels that were measured")
SYNTHETIC_VALUE = ("synthetic-value", SCHEME, "Value in a SYNTHETIC image made by a model")
_MARKED_PLACE = ("marked-place", SCHEME, "Place marked by the reader")
_FIGURE = ("figure", SCHEME, "Figure drawn by the reader")
_PIXEL_VALUE = ("pixel-value", SCHEME, "Pixel value")
_COUNT = ("pixel-count", SCHEME, "Number of pixels")
_ATTENUATION, _MR_SIGNAL = ("112031", "DCM", "Attenuation Coefficient"), ("110852", "DCM", "MR signal intensity")
_SIZES = {
    "distance": (("410668003", "SCT", "Length"), ("mm", "UCUM", "mm")),
    "angle": (("1483009", "SCT", "Angle"), ("deg", "UCUM", "deg")),
    "cobb": (("285285000", "SCT", "Cobb angle"), ("deg", "UCUM", "deg")),
    **dict.fromkeys(REGIONS, (("42798000", "SCT", "Area"), ("mm2", "UCUM", "mm2"))),
}
_HOUNSFIELD, _NO_UNIT = ("[hnsf'U]", "UCUM", "Hounsfield unit"), ("1", "UCUM", "no units")
_MEAN, _DEVIATION = ("373098007", "SCT", "Mean"), ("386136009", "SCT", "Standard Deviation")
_LOWEST, _HIGHEST = ("255605001", "SCT", "Minimum"), ("56851009", "SCT", "Maximum")
_MARKS = {
    "": ("acquired", SCHEME, "Acquired"),
    "SYNTHETIC": ("synthetic", SCHEME, "SYNTHETIC, made by a model, not acquired"),
    "SIMULATED": ("simulated", SCHEME, "SIMULATED, of no person"),
}
# Columns of words from elsewhere.
_WORDS = ("name", "text", "image", "model", "note")
_DISCLAIMER = "Research use only. Not for diagnosis."

COLUMNS = (
    "name",
    "kind",
    "text",
    "pixels_are",
    "image",
    "model",
    "length_mm",
    "angle_deg",
    "area_mm2",
    "mean",
    "sd",
    "min",
    "max",
    "pixels",
    "unit",
    "slice",
    "instance_number",
    "sop_instance_uid",
    "resampled_plane",
    "points_lps_mm",
    "drawn_at",
    "study_instance_uid",
    "series_instance_uid",
    "series_number",
    "note",
    "disclaimer",
)
"""The columns of the table: a line for each image that a figure was measured on; ``slice`` counts from 1."""


# -- the table -------------------------------------------------------------------------------------------------------


def write_table(entries: Sequence[Listed], folder: Path, *, uid: Callable[[str], str] | None = None) -> Path:
    """Write the table into ``folder``; nothing is overwritten. Raises ``WriteError``.

    ``uid`` gives each UID another one where identity is to go; names, words and times of the reader go with it, and
    the words of a series, which its modality stands for.
    """
    path = atomic.free_path(folder, "measurements.csv")
    with (
        atomic.new_file(path) as temporary,
        # With a byte order mark, without which spreadsheets take UTF-8 for something else.
        temporary.open("w", newline="", encoding="utf-8-sig") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for entry, name in zip(entries, _names(entries, typed=uid is None), strict=True):
            for row in _rows(entry, name, uid):
                writer.writerow(["" if row.get(one) is None else _cell(one, row[one]) for one in COLUMNS])
    return path


def _cell(column: str, value: Any) -> Any:
    """Return a cell; words that a spreadsheet would take for a formula begin with an apostrophe."""
    is_formula = column in _WORDS and str(value)[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if is_formula else value


def _rows(entry: Listed, name: str, uid: Callable[[str], str] | None) -> list[dict[str, Any]]:
    annotation, series = entry.annotation, entry.series
    instance = None if series is None or entry.index is None else series.instances[entry.index]
    new = uid or (lambda value: value)
    common: dict[str, Any] = {
        "name": name,
        "kind": NAMES[annotation.kind],
        "text": annotation.text if uid is None else None,
        **_size_column(entry),
        "slice": None if entry.index is None else entry.index + 1,
        "instance_number": None if instance is None else instance.number,
        "sop_instance_uid": None
        if instance is None or not instance.sop_instance_uid
        else new(instance.sop_instance_uid),
        "resampled_plane": "no" if entry.index is not None else "yes" if entry.opened is not None else None,
        "points_lps_mm": "; ".join(" ".join(f"{value:.3f}" for value in point) for point in annotation.points),
        "drawn_at": annotation.created.isoformat(timespec="seconds") if uid is None else None,
        "study_instance_uid": None if series is None else new(series.study_uid),
        "series_instance_uid": None if series is None else new(series.series_instance_uid),
        "series_number": None if series is None else series.number,
        "note": f"drawn on SYNTHETIC {entry.missing}, which was not open" if entry.missing else None,
        "disclaimer": _DISCLAIMER,
    }
    modality = "" if series is None else series.modality
    return [
        # Of a synthetic image the name is the model's, of all others what somebody typed at a scanner.
        {**common, **_values(values), **({} if uid is None or values.mark == "SYNTHETIC" else {"image": modality})}
        for values in entry.measurement.images
    ] or [common]


def _size_column(entry: Listed) -> dict[str, Any]:
    size = entry.measurement.size
    kind = entry.annotation.kind
    name = "length_mm" if kind == "distance" else "angle_deg" if kind in ("angle", "cobb") else "area_mm2"
    return {} if size is None else {name: round(size, 3)}


def _values(values: ImageValues) -> dict[str, Any]:
    said: dict[str, Any] = {
        "pixels_are": values.mark.lower() or "acquired",
        "image": values.image,
        "model": values.model or None,
    }
    if values.count:
        deviation = values.deviation
        said |= {
            "mean": round(values.mean, 4),
            "sd": None if deviation is None else round(deviation, 4),
            "min": values.extent[0],
            "max": values.extent[1],
            "pixels": values.count,
            "unit": values.unit,
        }
    return said | ({"note": values.problem} if values.problem else {})


def names_without_words(entries: Sequence[Listed]) -> tuple[str, ...]:
    """Return a name for each entry that nobody typed: the one that the program gave, else the next free of its kind."""
    found = [entry.annotation.title if _is_given(entry.annotation) else "" for entry in entries]
    for place, entry in enumerate(entries):
        if not found[place]:
            kind = NAMES[entry.annotation.kind]
            found[place] = next(name for number in count(1) if (name := f"{kind} {number}") not in found)
    return tuple(found)


def _is_given(annotation: Annotation) -> bool:
    """Whether the program gave the name; a long number may be one that says who the patient is."""
    return re.fullmatch(rf"{NAMES[annotation.kind]} [1-9][0-9]{{0,2}}", annotation.title) is not None


def _names(entries: Sequence[Listed], *, typed: bool) -> tuple[str, ...]:
    return tuple(entry.annotation.title for entry in entries) if typed else names_without_words(entries)


# -- the report ------------------------------------------------------------------------------------------------------


def write(entries: Sequence[Listed], source: Source, folder: Path, *, series_number: int) -> tuple[Path, ...]:
    """Write the report of what was drawn on a source's slices; nothing where there is nothing. Raises ``WriteError``.

    A region is a closed outline on its acquired slice with area, mean, deviation, smallest and largest value; lengths
    and angles refer to their points; on a plane cut through the volume places are points in space.
    """
    typed = source.clean is None
    groups = [
        group
        for entry, name in zip(entries, _names(entries, typed=typed), strict=True)
        for group in _groups(entry, name, source, typed=typed)
    ]
    if not groups:
        return ()
    kind = "SYNTHETIC source, measurements" if source.synthetic else "Measurements"
    series = NewSeries(series_number, datetime.now())
    layers = list(dict.fromkeys(entry.layer for entry in entries if entry.layer is not None))
    dataset = write_report.report_of(groups, source, series, f"{kind} ({PROGRAM}) RESEARCH", layers=layers)
    path = atomic.free_path(folder, "measurements.dcm")
    with atomic.new_file(path) as temporary:
        provenance.save(dataset, source, temporary)
    return (path,)


def _groups(entry: Listed, name: str, source: Source, *, typed: bool) -> list[Any]:
    """Return a measurement group for each image that a figure was measured on."""
    images: tuple[ImageValues | None, ...] = entry.measurement.images or (None,)
    return [_group(entry, values, encodable(name, source), source, typed=typed) for values in images]


def _group(entry: Listed, values: ImageValues | None, name: str, source: Source, *, typed: bool) -> Any:
    from highdicom import sr

    annotation = entry.annotation
    mark = "" if values is None else values.mark
    tracking = sr.TrackingIdentifier(provenance.new_uid(), f"{name} {mark}".strip())
    evaluations = [sr.QualitativeEvaluation(coded(PIXELS), coded(_MARKS[mark]))]
    if annotation.kind in ("distance", "angle", "cobb"):
        group = sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            finding_type=coded(_FIGURE),
            measurements=[_size(entry, _coordinates(entry, source))],
            qualitative_evaluations=evaluations,
        )
    else:
        group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            referenced_region=_region(entry, source),
            finding_type=coded(_FIGURE if annotation.kind in (*REGIONS, "probe") else _MARKED_PLACE),
            measurements=_measurements(entry, values) or None,
            qualitative_evaluations=evaluations,
        )
    words = [annotation.text] if annotation.text and typed else []
    if values is not None and values.mark == "SYNTHETIC":
        words.append(plain(f"Measured on the SYNTHETIC image {values.image}, model {values.model or 'unknown'}"))
    for text in words:
        contains = sr.RelationshipTypeValues.CONTAINS
        group[0].ContentSequence.append(
            sr.TextContentItem(coded(COMMENT), encodable(text, source), relationship_type=contains)
        )
    return group


def _size(entry: Listed, coordinates: Sequence[Any] = ()) -> Any:
    from highdicom import sr

    name, unit = _SIZES[entry.annotation.kind]
    size = 0.0 if entry.measurement.size is None else entry.measurement.size
    return sr.Measurement(coded(name), round(size, 4), coded(unit), referenced_coordinates=coordinates or None)


def _measurements(entry: Listed, values: ImageValues | None) -> list[Any]:
    from highdicom import sr

    found = [_size(entry)] if entry.annotation.kind in REGIONS else []
    if values is None or not values.count:
        return found
    quantity = _PIXEL_VALUE
    if values.mark == "SYNTHETIC":
        quantity = SYNTHETIC_VALUE
    elif values.unit == "HU":
        quantity = _ATTENUATION
    elif entry.series is not None and entry.series.modality == "MR":
        quantity = _MR_SIGNAL
    unit = _HOUNSFIELD if values.unit == "HU" else _NO_UNIT
    if entry.annotation.kind == "probe":
        return [sr.Measurement(coded(quantity), round(values.mean, 4), coded(unit))]
    numbers = [(_MEAN, values.mean), (_LOWEST, values.extent[0]), (_HIGHEST, values.extent[1])]
    if values.deviation is not None:
        numbers.insert(1, (_DEVIATION, values.deviation))
    found += [
        sr.Measurement(coded(quantity), round(number, 4), coded(unit), derivation=coded(how)) for how, number in numbers
    ]
    return [*found, sr.Measurement(coded(_COUNT), values.count, coded(_NO_UNIT))]


def _drawing(annotation: Annotation) -> tuple[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return DICOM's name of a shape and its points (n × 3, LPS mm)."""
    points = np.asarray(annotation.points)
    match annotation.kind:
        case "rectangle" | "freehand":
            return "POLYLINE", np.concatenate([points, points[:1]])
        case "ellipse":
            # The ends of the longer axis first.
            first, second = (float(np.linalg.norm(points[i + 1] - points[i])) for i in (0, 2))
            return "ELLIPSE", points if first >= second else points[[2, 3, 0, 1]]
        case "probe" | "text" | "arrow":
            return "POINT", points[:1]
        case _:
            return "POLYLINE", points


def _region(entry: Listed, source: Source) -> Any:
    """Return a figure's outline: on its acquired slice, else in space."""
    from highdicom import sr

    shape, points = _drawing(entry.annotation)
    if entry.index is None:
        if shape == "ELLIPSE":
            shape, ring = "POLYGON", outline(entry.annotation)
            points = np.concatenate([ring, ring[:1]])
        shape = "POLYGON" if shape == "POLYLINE" else shape
        return sr.ImageRegion3D(shape, points, source.frame_of_reference_uid)
    return sr.ImageRegion(shape, _pixels(points, source, entry.index), _image(source, entry.index))


def _coordinates(entry: Listed, source: Source) -> list[Any]:
    """Return the lines of a length or an angle, of a Cobb angle two: on its acquired slice, else in space."""
    from highdicom import sr

    shape, points = _drawing(entry.annotation)
    parts = [points[:2], points[2:]] if entry.annotation.kind == "cobb" else [points]
    if entry.index is None:
        return [sr.CoordinatesForMeasurement3D(shape, part, source.frame_of_reference_uid) for part in parts]
    image = _image(source, entry.index)
    return [sr.CoordinatesForMeasurement(shape, _pixels(part, source, entry.index), image) for part in parts]


def _pixels(points: Any, source: Source, index: int) -> Any:
    """Return (column, row) of LPS points on a slice; in DICOM the first pixel's centre is at (0.5, 0.5)."""
    plane = source.stack.plane(index)
    pixels = np.array([plane.pixel(point)[::-1] for point in points]) + 0.5
    return np.clip(pixels, 0, [plane.columns, plane.rows])


def _image(source: Source, index: int) -> Any:
    from highdicom import sr

    instance = source.instances[index]
    frames = None if instance.frame is None else [instance.frame + 1]
    return sr.SourceImageForRegion(instance.sop_class_uid, instance.sop_instance_uid, frames)
