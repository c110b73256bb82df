"""A heat map, or the doubt of a picture, as a Parametric Map object of 32-bit floats, on the source's own grid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.layers import DoubtLayer, HeatLayer
from medgan_viewer.dicom import multiframe, one_file, provenance
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write", "write_doubt"]


def _dataset(layer: HeatLayer, source: Source, slices: Sequence[int], series_number: int) -> "Dataset":
    import highdicom
    from pydicom.sr.coding import Code

    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="SCORE",
        lut_explanation="Anomaly score, 0 (usual) to 1; not a probability",
        unit=Code("1", "UCUM", "no units"),
        value_range=(0.0, 1.0),
        slope=1.0,
        intercept=0.0,
        quantity_definition=Code("130404", "DCM", "Saliency"),
    )
    return _map(layer, source, slices, series_number, mapping, "HEATMAP", (0.5, 1.0))


def _doubt(layer: DoubtLayer, source: Source, slices: Sequence[int], series_number: int) -> "Dataset":
    import highdicom
    from pydicom.sr.coding import Code

    hounsfield = layer.volume.unit == "HU"
    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="DOUBT",
        lut_explanation=plain(f"{layer.name}: {layer.words}")[:64],
        unit=Code("[hnsf'U]", "UCUM", "Hounsfield unit") if hounsfield else Code("[arb'U]", "UCUM", "arbitrary unit"),
        value_range=(0.0, float(np.iinfo(np.int16).max)),
        slope=1.0,
        intercept=0.0,
    )
    window = (layer.strongest / 2, layer.strongest)
    return _map(layer, source, slices, series_number, mapping, "DOUBT", window)


def _map(
    layer: HeatLayer | DoubtLayer,
    source: Source,
    slices: Sequence[int],
    series_number: int,
    mapping: Any,
    label: str,
    window: tuple[float, float],
) -> "Dataset":
    """Return the object; ``window`` is (centre, width)."""
    import highdicom

    made = layer.provenance
    values = np.stack([layer_on_slice(layer, source.stack, index) for index in slices]).astype(np.float32, copy=False)
    dataset = highdicom.pm.ParametricMap(
        pixel_array=values,
        # Whether a face shows depends on the source's region; a heat map of a head follows its outline.
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[highdicom.VOILUTTransformation(window_center=window[0], window_width=window[1])],
        content_label=label,
        content_description=plain(f"Computed by {made.model_id} {made.model_version}")[:64],
        **multiframe.common_arguments(source, slices, made, series_number),
    )
    multiframe.complete(dataset, layer, source, slices)
    provenance.laterality(dataset, source)
    return dataset  # type: ignore[no-any-return]


write = one_file.writer(_dataset)
"""Write the ready slices of a heat map as one file."""

write_doubt = one_file.writer(_doubt)
"""Write the ready slices of a doubt as one file."""
