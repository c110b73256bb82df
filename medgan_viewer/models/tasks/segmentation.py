"""Segmentations: one label volume."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import LabelLayer, Layer, Provenance, Segment
from medgan_viewer.core.volume import Volume, Voxels
from medgan_viewer.models.inference import Prepared
from medgan_viewer.models.manifest import Manifest

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.tasks import Writing

__all__ = ["Segmentation"]


class Segmentation:
    """Takes the most likely structure at each voxel of the source, between the network's pixels too."""

    def output_types(self, manifest: Manifest) -> tuple[np.dtype[Any], ...]:
        """One uint8 array."""
        return (np.dtype(np.uint8),)

    def layers(
        self,
        manifest: Manifest,
        series: Series,
        volume: Volume,
        arrays: Sequence[Voxels],
        ready: NDArray[np.bool_],
        provenance: Provenance,
    ) -> tuple[Layer, ...]:
        """One label layer."""
        return (
            LabelLayer(
                uid=uuid4().hex,
                name=manifest.name,
                source_series_uid=series.uid,
                volume=volume.with_array(arrays[0], modality="SEG", unit=""),
                ready=ready,
                provenance=provenance,
                segments=tuple(Segment(s.label, s.name, s.colour, s.code, s.category) for s in manifest.segments),
            ),
        )

    def write(self, writing: "Writing", prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Interpolate the logits, then decide: outlines follow the anatomy instead of the network's pixels."""
        labels = prepared.to_source(prediction).argmax(dim=0).to("cpu").numpy().astype(np.uint8)
        known = np.zeros(256, dtype=np.uint8)
        for segment in writing.manifest.segments:
            known[segment.label] = segment.label
        writing.put(0, prepared, index, np.where(prepared.head_on_source(index), known[labels], np.uint8(0)))
