"""A segmentation as a DICOM Segmentation object (BINARY), on the source's own grid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.layers import Code, LabelLayer, Segment
from medgan_viewer.core.volume import Voxels
from medgan_viewer.dicom import multiframe, one_file
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write"]


def _dataset(layer: LabelLayer, source: Source, slices: Sequence[int], series_number: int) -> "Dataset":
    import highdicom

    made = layer.provenance
    labels = _renumbered(layer, source, slices)
    dataset = highdicom.seg.Segmentation(
        pixel_array=labels,
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(layer, number, s) for number, s in enumerate(layer.segments, start=1)],
        content_label="SEGMENTATION",
        content_description=plain(f"Computed by {made.model_id} {made.model_version}")[:64],
        omit_empty_frames=True,
        **multiframe.common_arguments(source, slices, made, series_number),
    )
    multiframe.complete(dataset, layer, source, slices)
    return dataset  # type: ignore[no-any-return]


def _renumbered(layer: LabelLayer, source: Source, slices: Sequence[int]) -> Voxels:
    """Return the labels of the slices as segment numbers 1, 2, … in the order of the layer's segments."""
    numbers = np.zeros(256, dtype=np.uint8)
    for number, segment in enumerate(layer.segments, start=1):
        numbers[segment.label] = number
    return np.stack([numbers[layer_on_slice(layer, source.stack, index)] for index in slices])


def _segment(layer: LabelLayer, number: int, segment: Segment) -> Any:
    import highdicom

    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=plain(segment.name)[:64],
        segmented_property_category=_concept(segment.category),
        segmented_property_type=_concept(segment.code),
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=multiframe.algorithm(layer.provenance),
        display_color=highdicom.color.CIELabColor.from_rgb(*bytes.fromhex(segment.colour.removeprefix("#"))),
    )


def _concept(code: Code) -> Any:
    import highdicom

    return highdicom.sr.CodedConcept(code.value, code.scheme, plain(code.meaning)[:64])


write = one_file.writer(_dataset)
"""Write the ready slices as one file; frames without a segment are left out."""
