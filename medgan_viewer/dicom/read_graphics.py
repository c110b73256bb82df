"""Reports (TID 1500) and presentation states back on their series: regions and drawings as outlines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Code, LabelLayer, Segment
from medgan_viewer.core.slicing import nearest_slice
from medgan_viewer.core.volume import SliceStack, Vector
from medgan_viewer.dicom import read_frames
from medgan_viewer.dicom.read_provenance import made_by

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["Region", "StoredFinding", "Window", "presentation", "report"]

_GROUP, _TRACKING, _FINDING, _COMMENT = "125007", "112039", "121071", "121106"
_COLOUR = "#f2c14e"
_MARKER_MM = 3.0
_CORNERS = 64
_REGION = Code("111030", "DCM", "Image Region")
_MOST_REGIONS = 254


@dataclass(frozen=True)
class Window:
    """A window (width, centre) that a presentation state asks for."""

    width: float
    centre: float


@dataclass
class Region:
    """What is drawn of one item: polygons as (acquired slice, [row, column] corners), and its name."""

    name: str
    polygons: list[tuple[int, NDArray[np.float64]]] = field(default_factory=list)


@dataclass(frozen=True)
class StoredFinding:
    """A finding of a report: its peak in LPS mm (None where not said), measures by code value, verdict, reason."""

    name: str
    point: tuple[float, float, float] | None
    measures: dict[str, float]
    verdict: str
    reason: str


def report(
    dataset: "Dataset", series: Series, stack: SliceStack, uid: str
) -> tuple[list[LabelLayer], tuple[StoredFinding, ...], list[str]]:
    """Return a report's regions as a layer of outlines, its findings, and sentences on what is not shown."""
    regions, findings, hidden = [], [], 0
    for group in _groups(dataset):
        items = list(_walk(group))
        name = _name(items)
        region = Region(name)
        for item in items:
            region.polygons += _polygons(item, series, stack)
        findings.append(_finding(items, name))
        if region.polygons:
            regions.append(region)
        else:
            hidden += 1
    notes = []
    if not findings:
        notes.append("It lists no finding or measurement that this program reads.")
    if hidden:
        notes.append(f"{hidden} of its {len(findings)} items have no place on this series and are not drawn.")
    title = str(dataset.get("SeriesDescription") or "Report")
    return _layer(regions, title, dataset, series, stack, uid), tuple(findings), notes


def presentation(
    dataset: "Dataset", series: Series, stack: SliceStack, uid: str
) -> tuple[list[LabelLayer], Window | None, list[str]]:
    """Return a presentation state's graphics and texts as a layer of outlines, its window, and what is not shown."""
    regions: list[Region] = []
    notes: list[str] = []
    for annotation in dataset.get("GraphicAnnotationSequence") or []:
        slices = _named_slices(annotation.get("ReferencedImageSequence") or [], series, stack)
        for graphic in annotation.get("GraphicObjectSequence") or []:
            if str(graphic.get("GraphicAnnotationUnits")) != "PIXEL":
                notes.append("Graphics that are placed on the screen and not on the image are not drawn.")
                continue
            data = np.array(graphic.get("GraphicData") or [], dtype=float).reshape(-1, 2)
            corners = _outline(str(graphic.get("GraphicType") or ""), data - 1, stack)
            regions.append(Region("Drawing", [(index, corners) for index in slices if len(corners)]))
        for text in annotation.get("TextObjectSequence") or []:
            words = str(text.get("UnformattedTextValue") or "").strip()
            anchor = text.get("AnchorPoint") or text.get("BoundingBoxTopLeftHandCorner")
            units = text.get("AnchorPointAnnotationUnits") or text.get("BoundingBoxAnnotationUnits")
            if anchor is None or str(units) != "PIXEL":
                notes.append(f'A text is placed on the screen and not on the image: "{words}".')
                continue
            marker = _marker(np.array(anchor, dtype=float)[::-1] - 1, stack)
            regions.append(Region(words or "Text", [(index, marker) for index in slices]))
    window = _window(dataset)
    notes += _not_applied(dataset)
    title = str(dataset.get("ContentDescription") or dataset.get("ContentLabel") or "Presentation state")
    return _layer(regions, title, dataset, series, stack, uid), window, list(dict.fromkeys(notes))


def _not_applied(dataset: "Dataset") -> list[str]:
    parts = {
        "a rotation or flip": int(dataset.get("ImageRotation") or 0) != 0 or dataset.get("ImageHorizontalFlip") == "Y",
        "a displayed area": bool(dataset.get("DisplayedAreaSelectionSequence")),
        "a shutter": bool(dataset.get("ShutterShape")),
        "a lookup table": bool(dataset.get("ModalityLUTSequence")) or _has_table(dataset),
        "overlays of its own": any(0x6000 <= tag.group <= 0x60FF for tag in list(dataset.keys())),
    }
    named = [name for name, there in parts.items() if there]
    return [f"It also holds {', '.join(named)}, which is not applied."] if named else []


def _has_table(dataset: "Dataset") -> bool:
    return any("VOILUTSequence" in item for item in dataset.get("SoftcopyVOILUTSequence") or [])


def _window(dataset: "Dataset") -> Window | None:
    for item in dataset.get("SoftcopyVOILUTSequence") or []:
        centre, width = item.get("WindowCenter"), item.get("WindowWidth")
        if centre is not None and width is not None:
            values = [
                value[0] if hasattr(value, "__len__") and not isinstance(value, str) else value
                for value in (width, centre)
            ]
            return Window(float(values[0]), float(values[1]))
    return None


# -- structured reports --------------------------------------------------------------------------------------------


def _groups(dataset: "Dataset") -> "Iterator[Dataset]":
    """Give the measurement groups of a report."""
    for item in _walk(dataset):
        if item.get("ValueType") == "CONTAINER" and _value(item, "ConceptNameCodeSequence") == _GROUP:
            yield item


def _walk(dataset: "Dataset", depth: int = 0) -> "Iterator[Dataset]":
    """Give every content item below an item; a tree that is deeper than any report is not followed."""
    for item in dataset.get("ContentSequence") or [] if depth < 32 else []:
        yield item
        yield from _walk(item, depth + 1)


def _value(item: "Dataset", keyword: str, name: str = "CodeValue") -> str:
    concept = read_frames.first(item, keyword)
    return "" if concept is None else str(concept.get(name) or "")


def _number(item: "Dataset") -> float | None:
    measured = read_frames.first(item, "MeasuredValueSequence")
    try:
        return None if measured is None else float(measured.NumericValue)
    except (AttributeError, TypeError, ValueError):
        return None


def _name(items: "Sequence[Dataset]") -> str:
    """Return what a measurement group is called, and its first measures."""
    names = [str(i.get("TextValue") or "") for i in items if _value(i, "ConceptNameCodeSequence") == _TRACKING]
    kinds = [
        _value(i, "ConceptCodeSequence", "CodeMeaning")
        for i in items
        if _value(i, "ConceptNameCodeSequence") == _FINDING
    ]
    measures = []
    for item in items:
        number = _number(item)
        if item.get("ValueType") == "NUM" and number is not None:
            measured = read_frames.first(item, "MeasuredValueSequence")
            unit = "" if measured is None else _value(measured, "MeasurementUnitsCodeSequence")
            name = _value(item, "ConceptNameCodeSequence", "CodeMeaning")
            measures.append(f"{name} {number:.4g}{'' if unit in ('', '1') else f' {unit}'}")
    words = [*(names or kinds)[:1], *measures[:2]]
    return " · ".join(word for word in words if word) or "Region"


def _finding(items: "Sequence[Dataset]", name: str) -> StoredFinding:
    point, measures, verdict, reason = None, {}, "open", ""
    for item in items:
        kind, concept = item.get("ValueType"), _value(item, "ConceptNameCodeSequence")
        number = _number(item) if kind == "NUM" else None
        if number is not None:
            measures[concept] = number
        elif kind == "SCOORD3D" and item.get("GraphicType") == "POINT":
            x, y, z = (float(value) for value in item.GraphicData[:3])
            point = (x, y, z)
        elif kind == "CODE" and concept == "verdict":
            verdict = _value(item, "ConceptCodeSequence")
        elif kind == "TEXT" and concept == _COMMENT:
            reason = str(item.get("TextValue") or "")
    return StoredFinding(name, point, measures, verdict, reason)


def _polygons(item: "Dataset", series: Series, stack: SliceStack) -> list[tuple[int, NDArray[np.float64]]]:
    kind, shape = item.get("ValueType"), str(item.get("GraphicType") or "")
    data = [float(value) for value in item.get("GraphicData") or []]
    if kind == "SCOORD":
        references = [
            r for inner in item.get("ContentSequence") or [] for r in inner.get("ReferencedSOPSequence") or []
        ]
        corners = _outline(shape, np.array(data).reshape(-1, 2) - 0.5, stack)
        return [(index, corners) for index in _named_slices(references, series, stack) if len(corners)]
    if kind == "SCOORD3D" and item.get("ReferencedFrameOfReferenceUID") == series.frame_of_reference_uid and data:
        points = np.array(data).reshape(-1, 3)
        index = nearest_slice(stack, points.mean(axis=0))
        pixels = np.array([stack.plane(index).pixel(point) for point in points])
        if shape == "POINT":
            return [(index, _marker(pixels[0], stack))]
        return [(index, pixels)] if shape in ("POLYGON", "POLYLINE") else [(index, _marker(p, stack)) for p in pixels]
    return []


def _named_slices(references: "Sequence[Dataset]", series: Series, stack: SliceStack) -> list[int]:
    """Return the acquired slices that references name; all slices where an annotation names none."""
    if not references:
        return list(range(len(stack)))
    found = []
    for reference in references:
        uid, frames = str(reference.get("ReferencedSOPInstanceUID") or ""), reference.get("ReferencedFrameNumber")
        numbers = None if frames is None else {int(n) - 1 for n in np.atleast_1d(np.array(frames, dtype=int))}
        for index, own in enumerate(stack.sop_instance_uids):
            frame = _frame(series, uid, stack.origins[index])
            if own == uid and (numbers is None or frame is None or frame in numbers):
                found.append(index)
    return found


def _frame(series: Series, uid: str, origin: Vector) -> int | None:
    """Return the frame of a multi-frame image that lies at a place."""
    frames = [
        i for i in series.instances if i.sop_instance_uid == uid and i.frame is not None and i.position is not None
    ]
    if not frames:
        return None
    return min(frames, key=lambda i: float(np.abs(origin - np.array(i.position)).max())).frame


# -- drawing -------------------------------------------------------------------------------------------------------


def _outline(shape: str, points: NDArray[np.float64], stack: SliceStack) -> NDArray[np.float64]:
    """Return the corners [row, column] of a graphic given by (column, row) points, (0, 0) the first pixel's centre."""
    corners = points[:, ::-1]
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    if shape == "CIRCLE" and len(corners) == 2:
        radius = np.linalg.norm(corners[1] - corners[0])
        return np.asarray(corners[0] + radius * np.stack([np.sin(turn), np.cos(turn)], axis=1))
    if shape == "ELLIPSE" and len(corners) == 4:
        centre = corners[:2].mean(axis=0)
        major, minor = (corners[1] - corners[0]) / 2, (corners[3] - corners[2]) / 2
        return np.asarray(centre + np.cos(turn)[:, None] * major + np.sin(turn)[:, None] * minor)
    if len(corners) == 0 or shape == "MULTIPOINT":
        return np.empty((0, 2)) if len(corners) == 0 else _marker(corners.mean(axis=0), stack)
    return _marker(corners[0], stack) if len(corners) == 1 else np.asarray(corners)


def _marker(place: NDArray[np.float64], stack: SliceStack) -> NDArray[np.float64]:
    """Return a small diamond around a [row, column] place."""
    down, right = (_MARKER_MM / distance for distance in stack.plane(0).spacing)
    return np.asarray(np.asarray(place) + np.array([[-down, 0], [0, right], [down, 0], [0, -right]]))


def _layer(
    regions: list[Region], title: str, dataset: "Dataset", series: Series, stack: SliceStack, uid: str
) -> list[LabelLayer]:
    """Return the regions as a layer of outlines; none where there is nothing to draw."""
    regions = [region for region in regions if region.polygons]
    if not regions:
        return []
    shown = regions[:_MOST_REGIONS]
    array = np.zeros(stack.array.shape, dtype=np.uint8)
    for label, region in enumerate(shown, start=1):
        for index, corners in region.polygons:
            _fill(array[index], corners, label)
    grid, _ = read_frames.from_acquired(array, np.ones(len(stack), dtype=bool), stack, nearest=True)
    segments = tuple(Segment(n, region.name, _COLOUR, _REGION, _REGION) for n, region in enumerate(shown, start=1))
    volume = read_frames.grid_volume(stack, grid)
    options: dict[str, Any] = {"segments": segments, "outline": True}
    return [
        LabelLayer(
            uid=f"{uid}/0",
            name=title,
            source_series_uid=series.uid,
            volume=volume,
            ready=np.ones(volume.shape[0], dtype=bool),
            provenance=made_by(dataset, series),
            **options,
        )
    ]


def _fill(image: NDArray[np.uint8], corners: NDArray[np.float64], label: int) -> None:
    """Set the pixels whose centres lie within a polygon (even-odd rule); of what encloses none, those on its lines."""
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, image.shape)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, image.shape)
    rows, columns = np.mgrid[low[0] : high[0], low[1] : high[1]]
    inside = np.zeros(rows.shape, dtype=bool)
    for (row, column), (next_row, next_column) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (row > rows) != (next_row > rows)
        if crosses.any():
            inside ^= crosses & (columns < column + (rows - row) / (next_row - row) * (next_column - column))
    image[low[0] : high[0], low[1] : high[1]][inside] = label
    if not inside.any():
        for start, end in pairwise(corners):
            count = int(np.abs(end - start).max() * 2) + 2
            line = np.rint(np.linspace(start, end, min(count, 10_000))).astype(int)
            line = line[((line >= 0) & (line < image.shape)).all(axis=1)]
            image[line[:, 0], line[:, 1]] = label
