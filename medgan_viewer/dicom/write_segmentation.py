"""A segmentation as a DICOM Segmentation object (BINARY), on the source's own grid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.layers import Code, LabelLayer, Provenance, Segment
from medgan_viewer.core.volume import Voxels
from medgan_viewer.dicom import multiframe, one_file
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import Source
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write"]


def _dataset(layer: LabelLayer, source: Source, slices: Sequence[int], series_number: int) -> "Dataset":
    import highdicom

    labels = _renumbered(layer, source, slices)
    if layer.provenance.hand == "drawn" and not labels.any():
        raise UsageError(f"Nothing is drawn in {layer.name} yet, so there is nothing to export.")
    dataset = highdicom.seg.Segmentation(
        pixel_array=labels,
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(layer, number, s) for number, s in enumerate(layer.segments, start=1)],
        content_label="SEGMENTATION",
        content_description=_described(layer.provenance),
        omit_empty_frames=True,
        **multiframe.common_arguments(source, slices, layer.provenance, series_number),
    )
    multiframe.complete(dataset, layer, source, slices)
    return dataset  # type: ignore[no-any-return]


def _described(made: Provenance) -> str:
    words = f"Computed by {made.model_id} {made.model_version}"
    if made.hand:
        words = made.model_name if made.hand == "drawn" else f"Edited by hand. {words}"
    return plain(words)[:64]


def _renumbered(layer: LabelLayer, source: Source, slices: Sequence[int]) -> Voxels:
    """Return the labels of the slices as segment numbers 1, 2, … in the order of the layer's segments."""
    numbers = np.zeros(256, dtype=np.uint8)
    for number, segment in enumerate(layer.segments, start=1):
        numbers[segment.label] = number
    return np.stack([numbers[layer_on_slice(layer, source.stack, index)] for index in slices])


def _segment(layer: LabelLayer, number: int, segment: Segment) -> Any:
    import highdicom

    kind = "MANUAL" if segment.drawn else "SEMIAUTOMATIC" if layer.provenance.hand else "AUTOMATIC"
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=plain(segment.name)[:64],
        segmented_property_category=_concept(segment.category),
        segmented_property_type=_concept(segment.code),
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues(kind),
        # What a hand drew alone has none.
        algorithm_identification=None if kind == "MANUAL" else multiframe.algorithm(layer.provenance),
        display_color=highdicom.color.CIELabColor.from_rgb(*bytes.fromhex(segment.colour.removeprefix("#"))),
    )


def _concept(code: Code) -> Any:
    import highdicom

    return highdicom.sr.CodedConcept(code.value, code.scheme, plain(code.meaning)[:64])


write = one_file.writer(_dataset)
"""Write the ready slices as one file; frames without a segment are left out."""
