"""A heat map as a Parametric Map object of 32-bit floats, on the source's own grid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.layers import HeatLayer
from medgan_viewer.dicom import multiframe, one_file, provenance
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write"]


def _dataset(layer: HeatLayer, source: Source, slices: Sequence[int], series_number: int) -> "Dataset":
    import highdicom
    from pydicom.sr.coding import Code

    made = layer.provenance
    heat = np.stack([layer_on_slice(layer, source.stack, index) for index in slices]).astype(np.float32, copy=False)
    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="SCORE",
        lut_explanation="Anomaly score, 0 (usual) to 1; not a probability",
        unit=Code("1", "UCUM", "no units"),
        value_range=(0.0, 1.0),
        slope=1.0,
        intercept=0.0,
        quantity_definition=Code("130404", "DCM", "Saliency"),
    )
    dataset = highdicom.pm.ParametricMap(
        pixel_array=heat,
        # Whether a face shows depends on the source's region; a heat map of a head follows its outline.
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[highdicom.VOILUTTransformation(window_center=0.5, window_width=1.0)],
        content_label="HEATMAP",
        content_description=plain(f"Computed by {made.model_id} {made.model_version}")[:64],
        **multiframe.common_arguments(source, slices, made, series_number),
    )
    multiframe.complete(dataset, layer, source, slices)
    provenance.laterality(dataset, source)
    return dataset  # type: ignore[no-any-return]


write = one_file.writer(_dataset)
"""Write the ready slices as one file."""
