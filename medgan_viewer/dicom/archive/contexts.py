"""Which objects are taken and sent over DIMSE, and in which transfer syntaxes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medgan_viewer.dicom.archive.outbox import Outgoing

if TYPE_CHECKING:
    from pynetdicom.presentation import PresentationContext

__all__ = ["COMPRESSED", "UNCOMPRESSED", "batches", "for_sending", "storage_classes", "to_receive"]

UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
# JPEG baseline, extended and lossless; JPEG-LS; JPEG 2000; HTJ2K; RLE. No deflated data set: one that inflates to any
# size would have to be believed.
COMPRESSED = (
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
)
# An association has room for 128 presentation contexts; one is the query's own.
_ROOM = 127
_STORAGE = "1.2.840.10008.5.1.4.1.1."
# The images of each modality, which come compressed more often than not.
_IMAGES = {
    "CT": ("2", "2.1", "2.2"),
    "MR": ("4", "4.1", "4.4", "4.3"),
    "PT": ("128", "130", "128.1"),
    "NM": ("20",),
    "US": ("6.1", "3.1"),
    "CR": ("1",),
    "DX": ("1.1", "1.1.1"),
    "MG": ("1.2", "1.2.1", "13.1.3"),
    "XA": ("12.1", "12.1.1", "13.1.1"),
    "RF": ("12.2", "12.2.1"),
    "OT": ("7", "7.3", "7.4"),
}
# Secondary captures come in every study.
_ALWAYS = ("7", "7.2", "7.3", "7.4")
# Results, presentation states, reports, and what else belongs to a study.
_OTHERS = [
    "66.4",
    "66.7",
    "30",
    "11.1",
    "11.2",
    "88.11",
    "88.22",
    "88.33",
    "88.34",
    "88.35",
    "88.67",
    "88.59",
    "66",
    "66.1",
    "66.2",
    "66.5",
    "67",
    "104.1",
    "104.3",
    "481.1",
    "481.2",
    "481.3",
    "481.5",
    "7.1",
    "5",
    "9.1.1",
    "77.1.1",
    "77.1.4",
    "77.1.6",
    "77.1.5.1",
    "9.1.2",
    "9.2.1",
]


def storage_classes() -> tuple[str, ...]:
    """Return the SOP classes that are taken, images first."""
    suffixes = [suffix for images in _IMAGES.values() for suffix in images]
    return tuple(_STORAGE + suffix for suffix in dict.fromkeys([*suffixes, *_ALWAYS, *_OTHERS]))


def to_receive(modality: str) -> tuple["PresentationContext", ...]:
    """Return the contexts of a C-GET of a series: every class uncompressed, its modality's images in every syntax.

    A context by itself for each compressed syntax lets the archive send every image as it is stored.
    """
    from pynetdicom import build_context

    found = [build_context(name, list(UNCOMPRESSED)) for name in storage_classes()]
    suffixes = _IMAGES.get(modality.upper(), _IMAGES["OT"])
    for suffix in dict.fromkeys([*suffixes, "7"]):
        found += [build_context(_STORAGE + suffix, syntax) for syntax in COMPRESSED]
    return tuple(found[:_ROOM])


def batches(files: Sequence[Outgoing]) -> list[list[Outgoing]]:
    """Return the files in their order, cut so that each part's objects and syntaxes fit one association."""
    made: list[list[Outgoing]] = [[]]
    pairs: set[tuple[str, str]] = set()
    for file in files:
        pair = (file.sop_class, file.syntax)
        if pair not in pairs and len(pairs) == _ROOM // 2:
            made.append([])
            pairs = set()
        pairs.add(pair)
        made[-1].append(file)
    return [part for part in made if part]


def for_sending(files: Sequence[Outgoing]) -> tuple["PresentationContext", ...]:
    """Return the contexts that files need: each as it is, and uncompressed ones in either uncompressed syntax."""
    from pynetdicom import build_context

    pairs = dict.fromkeys((file.sop_class, file.syntax) for file in files)
    found = [build_context(sop_class, syntax) for sop_class, syntax in pairs]
    plain = dict.fromkeys(sop_class for sop_class, syntax in pairs if syntax in UNCOMPRESSED)
    return (*found, *(build_context(sop_class, list(UNCOMPRESSED)) for sop_class in plain))
