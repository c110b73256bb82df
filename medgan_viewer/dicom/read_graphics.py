"""Reports (TID 1500) and presentation states back on their series: regions and drawings as outlines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window, presets
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.slicing import nearest_slice
from medgan_viewer.core.volume import SliceStack, Vector
from medgan_viewer.dicom import lookup, read_frames
from medgan_viewer.dicom.outlines import Region, is_closed, layer_of, marker, outline

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["StoredFinding", "presentation", "report"]

_GROUP, _TRACKING, _FINDING, _COMMENT = "125007", "112039", "121071", "121106"


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
            _add_shapes(region, item, series, stack)
        findings.append(_finding(items, name))
        if region.is_drawn:
            region.name_beside()
            regions.append(region)
        else:
            hidden += 1
    notes = []
    if not findings:
        notes.append("It lists no finding or measurement that this program reads.")
    if hidden:
        notes.append(f"{hidden} of its {len(findings)} items have no place on this series and are not drawn.")
    title = str(dataset.get("SeriesDescription") or "Report")
    return layer_of(regions, title, dataset, series, stack, uid), tuple(findings), notes


def presentation(
    dataset: "Dataset", series: Series, stack: SliceStack, uid: str
) -> tuple[list[LabelLayer], Window | None, list[str]]:
    """Return a presentation state's graphics and texts as a layer of outlines, its window, and what is not shown."""
    regions: list[Region] = []
    notes: list[str] = []
    for annotation in dataset.get("GraphicAnnotationSequence") or []:
        references = annotation.get("ReferencedImageSequence") or []
        slices = _named_slices(references, series, stack)
        area = _displayed_area(dataset, references)
        for graphic in annotation.get("GraphicObjectSequence") or []:
            points = _on_image(graphic.get("GraphicData"), graphic.get("GraphicAnnotationUnits"), area)
            if points is None:
                notes.append("Graphics that are placed on the screen and not on the image are not drawn.")
                continue
            kind, region = str(graphic.get("GraphicType") or ""), Region("Drawing")
            for index in slices:
                region.add(index, outline(kind, points, stack), closed=is_closed(kind, points))
            regions.append(region)
        for text in annotation.get("TextObjectSequence") or []:
            written = _text(text, slices, area, stack)
            if written is None:
                words = str(text.get("UnformattedTextValue") or "").strip()
                notes.append(f'A text is placed on the screen and not on the image: "{words}".')
            else:
                regions.append(written)
    window = _window(dataset)
    notes += _not_applied(dataset)
    title = str(dataset.get("ContentDescription") or dataset.get("ContentLabel") or "Presentation state")
    return layer_of(regions, title, dataset, series, stack, uid), window, list(dict.fromkeys(notes))


def _text(text: "Dataset", slices: Sequence[int], area: "Area | None", stack: SliceStack) -> Region | None:
    """Return a text with a mark at its anchor point and its words there or in its box; None where it is on no image."""
    region = Region(str(text.get("UnformattedTextValue") or "").strip() or "Text")
    anchor = _on_image(text.get("AnchorPoint"), text.get("AnchorPointAnnotationUnits"), area)
    box = _on_image(text.get("BoundingBoxTopLeftHandCorner"), text.get("BoundingBoxAnnotationUnits"), area)
    begins = box if box is not None else anchor
    if begins is None:
        return None
    for index in slices:
        if anchor is not None and text.get("AnchorPointVisibility") != "N":
            region.add(index, marker(anchor[0, ::-1], stack), closed=True)
        region.words.append((index, begins[:1, ::-1] + (0 if box is not None else [[0, 2]])))
    return region


# (column, row) of the pixels shown at the upper left and the lower right, from 1, and whether rows run across.
Area = tuple[NDArray[np.float64], NDArray[np.float64], bool]


def _displayed_area(dataset: "Dataset", references: "Sequence[Dataset]") -> Area | None:
    """Return which part of the images that an annotation names a presentation state shows."""
    uids = {str(reference.get("ReferencedSOPInstanceUID")) for reference in references}
    for item in dataset.get("DisplayedAreaSelectionSequence") or []:
        own = {str(one.get("ReferencedSOPInstanceUID")) for one in item.get("ReferencedImageSequence") or []}
        upper, lower = (item.get(f"DisplayedArea{name}HandCorner") for name in ("TopLeft", "BottomRight"))
        if upper and lower and (not own or not uids or own & uids):
            turned = int(dataset.get("ImageRotation") or 0) % 180 == 90
            return np.array(upper, dtype=float), np.array(lower, dtype=float), turned
    return None


def _on_image(values: Any, units: Any, area: Area | None) -> NDArray[np.float64] | None:
    """Return points as (column, row), (0, 0) the first pixel's centre; None where they lie on no image.

    They are pixels, (0, 0) the upper left corner of the first one and (1, 1) its lower right one, or shares of the
    displayed area from its upper left corner (PS3.3 C.10.5, GraphicAnnotationUnits).
    """
    points = np.array(values if values is not None else [], dtype=float).reshape(-1, 2)
    if not len(points):
        return None
    if str(units) == "PIXEL":
        return points - 0.5
    if str(units) != "DISPLAY" or area is None:
        return None
    upper, lower, turned = area
    ahead = np.where(lower >= upper, 1.0, -1.0)
    share = points[:, ::-1] if turned else points
    return np.asarray(upper - 1 - ahead / 2 + share * (lower - upper + ahead))


def _not_applied(dataset: "Dataset") -> list[str]:
    parts = {
        "a rotation or flip": int(dataset.get("ImageRotation") or 0) != 0 or dataset.get("ImageHorizontalFlip") == "Y",
        "a displayed area": bool(dataset.get("DisplayedAreaSelectionSequence")),
        "a shutter": bool(dataset.get("ShutterShape")),
        "a modality lookup table": bool(dataset.get("ModalityLUTSequence")),
        "inverted shades": dataset.get("PresentationLUTShape") == "INVERSE",
        "a presentation lookup table": bool(dataset.get("PresentationLUTSequence")),
        "overlays of its own": any(0x6000 <= tag.group <= 0x60FF for tag in list(dataset.keys())),
    }
    named = [name for name, there in parts.items() if there]
    return [f"It also holds {', '.join(named)}, which is not applied."] if named else []


def _window(dataset: "Dataset") -> Window | None:
    """Return the window that a presentation state asks for, or the table."""
    for item in dataset.get("SoftcopyVOILUTSequence") or []:
        windows = presets(*lookup.voi_windows(item), lookup.voi_tables(item, signed=True))
        if windows:
            return windows[0]
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


def _add_shapes(region: Region, item: "Dataset", series: Series, stack: SliceStack) -> None:
    """Add what a content item draws: a region on an image or in space."""
    kind, shape = item.get("ValueType"), str(item.get("GraphicType") or "")
    data = [float(value) for value in item.get("GraphicData") or []]
    if kind == "SCOORD":
        references = [
            r for inner in item.get("ContentSequence") or [] for r in inner.get("ReferencedSOPSequence") or []
        ]
        points = np.array(data).reshape(-1, 2) - 0.5
        for index in _named_slices(references, series, stack):
            region.add(index, outline(shape, points, stack), closed=is_closed(shape, points))
    elif kind == "SCOORD3D" and item.get("ReferencedFrameOfReferenceUID") == series.frame_of_reference_uid and data:
        places = np.array(data).reshape(-1, 3)
        index = nearest_slice(stack, places.mean(axis=0))
        pixels = np.array([stack.plane(index).pixel(place) for place in places])
        if shape in ("POLYGON", "POLYLINE"):
            region.add(index, pixels, closed=is_closed(shape, places))
        else:
            for pixel in pixels[:1] if shape == "POINT" else pixels:
                region.add(index, marker(pixel, stack), closed=True)


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
