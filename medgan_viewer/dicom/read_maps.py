"""Segmentations and parametric maps, ours and others', back as layers on the series they were made from."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Code, HeatLayer, LabelLayer, Segment
from medgan_viewer.core.regrid import grid_of
from medgan_viewer.core.volume import Plane, SliceStack, Voxels
from medgan_viewer.dicom import read_frames
from medgan_viewer.dicom.read_provenance import is_own, made_by
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["maps", "segmentations"]

# Colours for segments that have none of their own, apart in hue; violet stands for synthetic and is not among them.
_COLOURS = ("#4fc3a1", "#e6a24b", "#5b9bd5", "#d9696e", "#b5cc4f", "#d58ac0", "#8fd0e8", "#c9a27a")
_UNKNOWN = Code("91723000", "SCT", "Anatomical structure")
_MOST_SEGMENTS = 254
_ELSEWHERE = "It lies on another grid than its source and is shown interpolated."


def segmentations(
    dataset: "Dataset", series: Series, stack: SliceStack, uid: str
) -> tuple[list[LabelLayer], list[str]]:
    """Return a segmentation as layers, and sentences on how it is shown.

    Segments that overlap come in several layers. Raises ``UsageError`` where it cannot be shown; pixels that cannot be
    decoded raise what pydicom raises.
    """
    described = {int(item.SegmentNumber): item for item in dataset.get("SegmentSequence") or []}
    frames = read_frames.planes(dataset, series, stack)
    kind = str(dataset.get("SegmentationType") or "")
    notes: list[str] = []
    layers: list[_Labels] = []
    shown: set[int] = set()
    masks = _label_map(dataset, frames) if kind == "LABELMAP" else _binary(dataset, frames, kind)
    for number, places, values in masks:
        if not values:
            continue
        array, _, elsewhere = read_frames.put_on_grid(places, values, stack, nearest=True)
        if elsewhere and _ELSEWHERE not in notes:
            notes.append(_ELSEWHERE)
        mask = array > 0
        home = next((one for one in layers if one.takes(mask)), None)
        if home is None:
            home = _Labels(array.shape)
            layers.append(home)
        home.add(mask, _segment(described.get(number), number, len(home.segments) + 1))
        shown.add(number)
    if not layers:
        # A segmentation in which nothing was found is a result too.
        layers.append(_Labels(grid_of(stack)[0]))
        notes.append("No segment of it has a voxel.")
    for number, item in described.items():
        # Number 0 is the background of a label map. Two segments may have one name.
        if number and number not in shown and len(layers[-1].segments) < _MOST_SEGMENTS:
            layers[-1].segments.append(_segment(item, number, len(layers[-1].segments) + 1))
    if kind == "FRACTIONAL":
        notes.append("It is fractional; what is shown is where a segment reaches half of its maximum.")
    if len(layers) > 1:
        notes.append(f"Its segments overlap and are shown as {len(layers)} layers.")
    made = made_by(dataset, series, _algorithm(described))
    title = str(dataset.get("SeriesDescription") or dataset.get("ContentLabel") or "Segmentation")
    found = []
    for place, one in enumerate(layers):
        volume = read_frames.grid_volume(stack, one.array)
        found.append(
            LabelLayer(
                uid=f"{uid}/{place}",
                name=title if len(layers) == 1 else f"{title} ({place + 1} of {len(layers)})",
                source_series_uid=series.uid,
                volume=volume,
                ready=np.ones(volume.shape[0], dtype=bool),
                provenance=made,
                segments=tuple(one.segments),
            )
        )
    return found, notes


class _Labels:
    """Segments that do not overlap, in one array of labels."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.array: NDArray[np.uint8] = np.zeros(shape, dtype=np.uint8)
        self.segments: list[Segment] = []

    def takes(self, mask: NDArray[np.bool_]) -> bool:
        """Whether another segment fits in without covering one."""
        return len(self.segments) < _MOST_SEGMENTS and not self.array[mask].any()

    def add(self, mask: NDArray[np.bool_], segment: Segment) -> None:
        """Put a segment in."""
        self.array[mask] = segment.label
        self.segments.append(segment)


_Masks = Iterator[tuple[int, list[Plane], list[NDArray[np.uint8]]]]


def _binary(dataset: "Dataset", frames: list[Plane], kind: str) -> _Masks:
    """Give each segment's frames of a BINARY or FRACTIONAL object."""
    pixels = read_frames.as_array(dataset)
    half = 1 if kind == "BINARY" else max(1, math.ceil(int(dataset.get("MaximumFractionalValue") or 255) / 2))
    by_segment: dict[int, list[int]] = {}
    for frame in range(len(frames)):
        item = read_frames.functional(dataset, frame, "SegmentIdentificationSequence")
        if item is None:
            raise UsageError("This segmentation does not say which segment its frames show; it cannot be shown.")
        by_segment.setdefault(int(item.ReferencedSegmentNumber), []).append(frame)
    for number in sorted(by_segment):
        mine = by_segment[number]
        yield number, [frames[f] for f in mine], [(pixels[f] >= half).astype(np.uint8) for f in mine]


def _label_map(dataset: "Dataset", frames: list[Plane]) -> _Masks:
    """Give each segment's frames of a LABELMAP object, in which pixels are segment numbers."""
    pixels = read_frames.as_array(dataset)
    background = {0, int(dataset.get("PixelPaddingValue") or 0)}
    for number in sorted({int(value) for value in np.unique(pixels)} - background):
        mine = [f for f in range(len(frames)) if (pixels[f] == number).any()]
        yield number, [frames[f] for f in mine], [(pixels[f] == number).astype(np.uint8) for f in mine]


def _segment(item: "Dataset | None", number: int, label: int) -> Segment:
    name = str(item.get("SegmentLabel") or "") if item is not None else ""
    return Segment(
        label=label,
        name=name or f"Segment {number}",
        colour=_colour(item, label),
        code=_code(item, "SegmentedPropertyTypeCodeSequence"),
        category=_code(item, "SegmentedPropertyCategoryCodeSequence"),
        drawn=item is not None and str(item.get("SegmentAlgorithmType")) == "MANUAL",
    )


def _code(item: "Dataset | None", keyword: str) -> Code:
    concept = read_frames.first(item, keyword)
    if concept is None:
        return _UNKNOWN
    return Code(*(str(concept.get(name) or "") for name in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")))


def _colour(item: "Dataset | None", label: int) -> str:
    value = None if item is None else item.get("RecommendedDisplayCIELabValue")
    if value is None or len(value) != 3:
        return _COLOURS[(label - 1) % len(_COLOURS)]
    import highdicom

    red, green, blue = highdicom.color.CIELabColor.from_dicom_value(tuple(int(v) for v in value)).to_rgb()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _algorithm(described: "dict[int, Dataset]") -> str:
    names = {str(item.get("SegmentAlgorithmName") or "") for item in described.values()} - {""}
    if any(str(item.get("SegmentAlgorithmType")) == "MANUAL" for item in described.values()):
        names.add("drawn by hand")
    return ", ".join(sorted(names))


def maps(dataset: "Dataset", series: Series, stack: SliceStack, uid: str) -> tuple[list[HeatLayer], list[str]]:
    """Return a parametric map as a layer for each of its quantities, and sentences on how it is shown.

    Our own heat maps come back with their values, thresholds and calibration. Any other map's values are scaled to
    0…1 for the display, and the layer's name says from what. Raises as :func:`segmentations`.
    """
    planes = read_frames.planes(dataset, series, stack)
    values = _real_values(dataset, len(planes))
    parts, left_out = _parts(dataset, planes)
    mine = is_own(dataset)
    notes: list[str] = []
    layers = []
    for number, ((quantity, unit), frames) in enumerate(parts.items()):
        own = mine and "Saliency" in quantity
        name = str(dataset.get("SeriesDescription") or dataset.get("ContentLabel") or "Parametric map")
        shown = values[frames]
        if not own:
            shown, name = _scaled(shown, quantity or name, unit)
            who = "" if mine else "Another program made this map. "
            notes.append(f"{who}Colours run from its lowest to its highest value; no finding is listed.")
        array, covered, elsewhere = read_frames.put_on_grid(
            [planes[frame] for frame in frames], list(shown), stack, nearest=False
        )
        if elsewhere:
            notes.append(_ELSEWHERE)
        if own and not covered.all():
            notes.append("The slices that were not computed are missing.")
        calibration = _calibration(dataset) if own else {"threshold": 1.01}
        layers.append(
            HeatLayer(
                uid=f"{uid}/{number}",
                name=name,
                source_series_uid=series.uid,
                volume=read_frames.grid_volume(stack, array.astype(np.float32, copy=False)),
                ready=covered,
                provenance=made_by(dataset, series),
                **calibration,
            )
        )
    if left_out:
        notes.append(f"Of several values at one place the first is shown; {left_out} frames are left out.")
    return layers, list(dict.fromkeys(notes))


def _parts(dataset: "Dataset", planes: Sequence[Plane]) -> tuple[dict[tuple[str, str], list[int]], int]:
    """Return the frames of each quantity and unit, every place once, and how many more there are."""
    parts: dict[tuple[str, str], list[int]] = {}
    places: set[tuple[object, ...]] = set()
    left_out = 0
    for frame, plane in enumerate(planes):
        mapping = read_frames.functional(dataset, frame, "RealWorldValueMappingSequence")
        units = read_frames.first(mapping, "MeasurementUnitsCodeSequence")
        unit = "" if units is None or str(units.CodeValue) == "1" else str(units.CodeValue)
        key = ("" if mapping is None else _quantity(mapping), unit)
        place = (key, *np.round(plane.origin, 3), *np.round(plane.normal, 3))
        if place in places:
            left_out += 1
            continue
        places.add(place)
        parts.setdefault(key, []).append(frame)
    return parts, left_out


def _real_values(dataset: "Dataset", count: int) -> Voxels:
    """Return values in real world units [frame, row, column]. Raises ``UsageError``."""
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        wide = "DoubleFloatPixelData" in dataset
        data = dataset.DoubleFloatPixelData if wide else dataset.FloatPixelData
        stored = np.frombuffer(data, "<f8" if wide else "<f4")
        expected = count * int(dataset.Rows) * int(dataset.Columns)
        if stored.size < expected:
            raise UsageError("This map is cut off: it holds fewer values than it says.")
        stored = stored[:expected].reshape(count, int(dataset.Rows), int(dataset.Columns))
    else:
        stored = read_frames.as_array(dataset)
    values = np.empty(stored.shape, dtype=np.float32)
    for frame in range(count):
        mapping = read_frames.functional(dataset, frame, "RealWorldValueMappingSequence")
        slope = 1.0 if mapping is None else float(mapping.get("RealWorldValueSlope", 1.0))
        intercept = 0.0 if mapping is None else float(mapping.get("RealWorldValueIntercept", 0.0))
        values[frame] = stored[frame] * slope + intercept
    if not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    return values


def _quantity(mapping: "Dataset") -> str:
    for item in mapping.get("QuantityDefinitionSequence") or []:
        concept = read_frames.first(item, "ConceptCodeSequence")
        if concept is not None:
            return str(concept.get("CodeMeaning") or "")
    return str(mapping.get("LUTExplanation") or "")


def _scaled(values: Voxels, name: str, unit: str) -> tuple[Voxels, str]:
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return scaled.astype(np.float32), f"{name} ({low:.4g} to {high:.4g}{f' {unit}' if unit else ''})"


def _calibration(dataset: "Dataset") -> dict[str, Any]:
    """Return the layer's threshold and calibration, as ``provenance`` put them into words."""
    words = " ".join(
        str(item.get("ContributionDescription") or "") for item in dataset.get("ContributingEquipmentSequence") or []
    )
    threshold = re.search(r"threshold=([0-9.]+)", words)
    pairs = re.search(r"rates=([0-9.e:,+-]+)", words)
    maxima = re.search(r"maxima/10000=([0-9,]+)", words)
    measured = re.search(r"calibrated on=\[(.*?)\]", words)
    found: dict[str, Any] = {"threshold": float(threshold[1]) if threshold else 0.5}
    if pairs:
        split = [pair.split(":") for pair in pairs[1].split(",")]
        found["thresholds"] = tuple((float(rate), float(value)) for rate, value in split)
    if maxima:
        found["healthy_maxima"] = tuple(int(value) / 10_000 for value in maxima[1].split(","))
    if measured:
        found["calibrated_on"] = measured[1]
    return found
