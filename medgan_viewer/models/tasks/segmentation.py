"""Segmentations: one label volume."""

from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.layers import LabelLayer, Layer, Segment
from medgan_viewer.models.inference import Prepared
from medgan_viewer.models.manifest import Manifest

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.tasks import Result, Writing

__all__ = ["Segmentation"]


class Segmentation:
    """Takes the most likely structure at each voxel of the source, between the network's pixels too."""

    def output_types(self, manifest: Manifest, *, doubt: bool = False) -> tuple[np.dtype[Any], ...]:
        """One uint8 array."""
        return (np.dtype(np.uint8),)

    def layers(self, result: "Result") -> tuple[Layer, ...]:
        """One label layer."""
        segments = tuple(Segment(s.label, s.name, s.colour, s.code, s.category) for s in result.manifest.segments)
        shared = result.shared(result.manifest.name, result.arrays[0], modality="SEG", unit="")
        return (LabelLayer(**shared, segments=segments),)

    def write(self, writing: "Writing", prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Interpolate the logits, then decide: outlines follow the anatomy instead of the network's pixels."""
        labels = prepared.to_source(prediction).argmax(dim=0).to("cpu").numpy().astype(np.uint8)
        known = np.zeros(256, dtype=np.uint8)
        for segment in writing.manifest.segments:
            known[segment.label] = segment.label
        writing.put(0, prepared, index, np.where(prepared.head_on_source(index), known[labels], np.uint8(0)))
