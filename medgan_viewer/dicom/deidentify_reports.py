"""Measurement reports and drawings of other programs: what may hold words goes, item by item, and only geometry, codes
of standard schemes and numbers with units stay.

A report has a known form (TID 1500); of any other one, and of any other document, nobody can say where the patient is
named, so that it is refused elsewhere.
"""

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["NOTE", "clean", "complete", "is_cleanable"]

NOTE = (
    "Of reports and drawings by others only shapes, standard codes and measures are kept; all words in them are gone. "
    "Look at drawings before you pass them on: short lines stay, and may be writing."
)
_PRESENTATION_STATE = "1.2.840.10008.5.1.4.1.1.11.1"
_REPORTS = tuple(f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (22, 33, 34))
_MEASUREMENT_REPORT, _MEASUREMENTS = ("126000", "DCM"), ("126010", "DCM")
# Language, country, procedure reported; observer type, name (replaced by the table) and device: the root needs them.
_KEPT_AT_ROOT = ("121049", "121046", "121058", "121005", "121008", "121012")
_TRACKING_IDENTIFIER = "112039"
# What is measured of the patient and not of the image: age, sex, height, weight, mass and surface, smoking, pregnancy.
_PERSONAL = ("121033", "121032", "8302-2", "29463-7", "60621009", "8277-6", "3141-9", "110503", "11449-6", "121029")
_SCHEMES = ("DCM", "SCT", "SRT", "SNM3", "LN", "UCUM", "UMLS", "FMA", "RADLEX", "NCIt", "MSH", "ITIS_TSN", "NEU")
_SHAPES = ("CONTAINER", "NUM", "CODE", "SCOORD", "SCOORD3D", "IMAGE", "UIDREF")
_DEEPEST = 32
# Longer lines may be handwriting.
_MOST_CORNERS = 16
_CLOSED_SHAPES = ("POINT", "CIRCLE", "ELLIPSE")
_PARTS_OF_SHAPES = (
    *("GraphicAnnotationUnits", "GraphicDimensions", "NumberOfGraphicPoints", "GraphicData", "GraphicType"),
    "GraphicFilled",
)
_DUMMY_DATE, _DUMMY_TIME = "19000101", "000000"

Changes = Counter[tuple[str, str]]


def is_cleanable(dataset: "Dataset", *, own: bool) -> bool:
    """Whether an object is a presentation state, or a measurement report that is not this program's own."""
    uid = str(dataset.get("SOPClassUID") or "")
    if uid in _REPORTS:
        return not own and _concept(dataset, "ConceptNameCodeSequence") == _MEASUREMENT_REPORT
    return uid == _PRESENTATION_STATE


def clean(dataset: "Dataset") -> Changes:
    """Take away every item that may hold words, in place; return how often what was removed."""
    changes: Changes = Counter()
    if str(dataset.SOPClassUID) == _PRESENTATION_STATE:
        _clean_drawings(dataset, changes)
    else:
        _clean_report(dataset, changes)
    return changes


def complete(dataset: "Dataset") -> None:
    """Set what such an object must have and what went with its identity, to what says nothing."""
    if str(dataset.SOPClassUID) in _REPORTS:
        dataset.VerificationFlag = "UNVERIFIED"
        return
    dataset.ContentLabel = "REMOVED"
    for keyword, dummy in (("PresentationCreationDate", _DUMMY_DATE), ("PresentationCreationTime", _DUMMY_TIME)):
        if not dataset.get(keyword):
            setattr(dataset, keyword, dummy)


# -- reports -----------------------------------------------------------------------------------------------------------


def _clean_report(dataset: "Dataset", changes: Changes) -> None:
    kept = []
    for item in dataset.get("ContentSequence") or []:
        name = _concept(item, "ConceptNameCodeSequence")
        if name == _MEASUREMENTS or (name[0] in _KEPT_AT_ROOT and _is_harmless(item, {"CODE", "PNAME", "UIDREF"})):
            kept.append(item)
        else:
            changes["ContentSequence item", "removed"] += 1
    dataset.ContentSequence = kept
    for item in kept:
        _clean_items(item, changes, 0)
    _remove(
        dataset, changes, "VerifyingObserverSequence", "PertinentOtherEvidenceSequence", "ReferencedRequestSequence"
    )
    _remove(dataset, changes, "PredecessorDocumentsSequence", "IdenticalDocumentsSequence", "CompletionFlagDescription")


def _clean_items(parent: "Dataset", changes: Changes, depth: int) -> None:
    """Keep of the items below an item those that hold no words."""
    items = parent.get("ContentSequence")
    if items is None:
        return
    kept = [item for item in items if depth < _DEEPEST and _stays(item)]
    changes["ContentSequence item", "removed"] += len(items) - len(kept)
    if kept:
        parent.ContentSequence = kept
    else:
        del parent.ContentSequence
    for item in kept:
        _clean_items(item, changes, depth + 1)


def _stays(item: "Dataset") -> bool:
    value, scheme = _concept(item, "ConceptNameCodeSequence")
    if str(item.get("ValueType")) == "TEXT":
        # Its text is replaced by the table; a group without it would be none.
        return (value, scheme) == (_TRACKING_IDENTIFIER, "DCM")
    return value not in _PERSONAL and _is_harmless(item, set(_SHAPES))


def _is_harmless(item: "Dataset", kinds: set[str]) -> bool:
    """Whether an item is of these kinds and everything coded in it comes from a standard scheme."""
    if str(item.get("ValueType")) not in kinds:
        return False
    codes = [
        _concept(item, keyword) for keyword in ("ConceptNameCodeSequence", "ConceptCodeSequence") if keyword in item
    ]
    codes += [_concept(value, "MeasurementUnitsCodeSequence") for value in item.get("MeasuredValueSequence") or []]
    # Images and places may go without a name.
    return all(scheme in _SCHEMES for _, scheme in codes)


def _concept(item: "Dataset", keyword: str) -> tuple[str, str]:
    codes = item.get(keyword) or []
    if len(codes) != 1:
        return "", ""
    return str(codes[0].get("CodeValue") or ""), str(codes[0].get("CodingSchemeDesignator") or "")


# -- drawings ----------------------------------------------------------------------------------------------------------


def _clean_drawings(dataset: "Dataset", changes: Changes) -> None:
    annotations = []
    layers: dict[str, str] = {}
    for annotation in dataset.get("GraphicAnnotationSequence") or []:
        for keyword in ("TextObjectSequence", "CompoundGraphicSequence"):
            changes[keyword, "removed"] += len(annotation.get(keyword) or [])
        graphics = list(annotation.get("GraphicObjectSequence") or [])
        shapes = [_shape(graphic) for graphic in graphics if _is_plain(graphic)]
        changes["GraphicObjectSequence", "removed"] += len(graphics) - len(shapes)
        if shapes:
            annotations.append(_annotation(annotation, shapes, layers))
    for keyword in ("GraphicAnnotationSequence", "GraphicLayerSequence"):
        if keyword in dataset:
            del dataset[keyword]
    _remove(dataset, changes, "GraphicGroupSequence")
    _remove(dataset, changes, "ContentDescription", "AlternateContentDescriptionSequence")
    if annotations:
        dataset.GraphicAnnotationSequence = annotations
        dataset.GraphicLayerSequence = [_layer(name, number) for number, name in enumerate(layers.values(), start=1)]
    for item in dataset.get("SoftcopyVOILUTSequence") or []:
        _remove(item, changes, "WindowCenterWidthExplanation")
        for table in item.get("VOILUTSequence") or []:
            _remove(table, changes, "LUTExplanation")
    for table in dataset.get("ModalityLUTSequence") or []:
        _remove(table, changes, "LUTExplanation")
    # Zeros and sums that were never raised say nothing.
    for key in [key for key, count in changes.items() if not count]:
        del changes[key]


def _is_plain(graphic: "Dataset") -> bool:
    kind = str(graphic.get("GraphicType"))
    corners = len(graphic.get("GraphicData") or []) // 2
    return kind in _CLOSED_SHAPES or (kind in ("POLYLINE", "INTERPOLATED") and corners <= _MOST_CORNERS)


def _shape(graphic: "Dataset") -> "Dataset":
    from pydicom import Dataset

    shape = Dataset()
    for keyword in _PARTS_OF_SHAPES:
        if keyword in graphic:
            shape.add(graphic[keyword])
    return shape


def _annotation(old: "Dataset", shapes: "list[Dataset]", layers: dict[str, str]) -> "Dataset":
    from pydicom import Dataset

    new = Dataset()
    if "ReferencedImageSequence" in old:
        new.add(old["ReferencedImageSequence"])
    new.GraphicLayer = layers.setdefault(str(old.get("GraphicLayer") or ""), f"LAYER{len(layers) + 1}")
    new.GraphicObjectSequence = shapes
    return new


def _layer(name: str, number: int) -> "Dataset":
    from pydicom import Dataset

    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = name, number
    return layer


def _remove(dataset: "Dataset", changes: Changes, *keywords: str) -> None:
    for keyword in keywords:
        if keyword in dataset:
            del dataset[keyword]
            changes[keyword, "removed"] += 1
