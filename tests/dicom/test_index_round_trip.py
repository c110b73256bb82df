"""What this program writes, it opens again: marked synthetic, in place, and no result is taken for a scan."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer.dicom import assemble, index, provenance, write_image, write_parametric_map, write_segmentation
from tests.dicom.export_builder import heat_layer, image_layer, label_layer, write_source


@pytest.mark.parametrize(
    "source",
    [{}, {"tilt_degrees": 15.0}, {"gaps": (3.0, 3.0, 6.0, 3.0)}, {"modality": "MR"}],
    ids=["even", "tilted", "gap", "MR"],
)
def test_a_written_synthetic_series_opens_beside_its_source_on_the_same_planes(
    tmp_path: Path, source: dict[str, Any]
) -> None:
    write_source(tmp_path / "in", **source)
    series = index.scan([tmp_path]).studies[0].series[0]
    stack = assemble.load_stack(series)
    layer = image_layer(series, stack)
    write_image.write(layer, provenance.source_of(series, stack), tmp_path / "out", series_number=100)
    catalog = index.scan([tmp_path])
    assert catalog.refused == ()
    (study,) = catalog.studies
    original, synthetic = study.series
    assert (original.uid, original.synthetic) == (series.uid, False)
    assert (synthetic.synthetic, synthetic.modality, synthetic.contrast) == (True, "MR", "T1")
    assert synthetic.frame_of_reference_uid == series.frame_of_reference_uid
    again = assemble.load_stack(synthetic)
    assert again.synthetic
    np.testing.assert_allclose(again.origins, stack.origins, atol=1e-6)
    if stack.is_regular:
        np.testing.assert_array_equal(again.array, layer.volume.array)


def test_segmentations_and_heat_maps_are_named_and_not_taken_for_scans(tmp_path: Path) -> None:
    write_source(tmp_path / "in")
    series = index.scan([tmp_path]).studies[0].series[0]
    stack = assemble.load_stack(series)
    source = provenance.source_of(series, stack)
    write_segmentation.write(label_layer(series, stack), source, tmp_path / "out", series_number=101)
    write_parametric_map.write(heat_layer(series, stack), source, tmp_path / "out", series_number=102)
    catalog = index.scan([tmp_path])
    assert len(catalog.studies[0].series) == 1
    assert catalog.refused == ()
    assert sorted(result.kind for result in catalog.results) == ["parametric map", "segmentation"]
    assert all(catalog.source_of(result) == series for result in catalog.results)
    alone = index.scan([tmp_path / "out"])
    assert sorted(refusal.reason for refusal in alone.refused) == [
        "This is a Parametric Map object, not a scan; open the series it belongs to.",
        "This is a Segmentation object, not a scan; open the series it belongs to.",
    ]
    # The source comes later: they find it.
    assert alone.merged(index.scan([tmp_path / "in"])).refused == ()
