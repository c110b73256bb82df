"""Scan, export, scan again: on the three real studies, and what our own files look like to our own reader."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import export
from medgan_viewer.dicom.assemble import load_stack
from medgan_viewer.dicom.index import scan
from tests.dicom.export_builder import (
    consistency_errors,
    enhanced,
    heat_layer,
    image_layer,
    label_layer,
    linear_image_layer,
    linear_value,
    opened,
    validator_errors,
    write_source,
)


def first_series(folder: Path, description: str = "") -> tuple[Series, SliceStack]:
    catalog = scan([folder])
    series = next(s for study in catalog.studies for s in study.series if s.description.startswith(description))
    return series, load_stack(series)


def exported(series: Series, stack: SliceStack, target: str, folder: Path) -> tuple[Path, ...]:
    """Write one result of each kind and a slice of it; return all paths, the synthetic series first."""
    layers: list[Layer] = [
        image_layer(series, stack, modality=target),
        label_layer(series, stack),
        heat_layer(series, stack),
    ]
    paths = export.write_dicom(layers, series, stack, folder).paths
    return paths + export.write_slices([1], layers[1:], series, stack, folder, formats=["dicom"]).paths


@pytest.mark.parametrize(
    ("name", "description", "target"),
    [("brain_mr_multicontrast", "T1post", "CT"), ("chest_ct_jpeg_lossless", "", "MR")],
)
def test_that_results_of_a_real_study_are_valid_and_lie_voxel_on_voxel(
    shared_data: Path, tmp_path: Path, name: str, description: str, target: str
) -> None:
    series, stack = first_series(shared_data / "dicom" / name, description)
    paths = exported(series, stack, target, tmp_path)
    assert validator_errors(paths) == []
    assert consistency_errors([*(i.path for i in series.instances), *paths]) == []
    layer = image_layer(series, stack, modality=target)
    read, again = first_series(paths[0].parent)
    np.testing.assert_array_equal(again.array, layer.volume.array)
    np.testing.assert_array_equal(again.origins, stack.origins)
    np.testing.assert_allclose(again.volume().affine, stack.volume().affine, atol=1e-9)
    assert again.frame_of_reference_uid == stack.frame_of_reference_uid
    assert read.modality == target


def test_that_results_of_the_tilted_head_ct_lie_on_its_acquired_planes(shared_data: Path, tmp_path: Path) -> None:
    series, stack = first_series(shared_data / "dicom" / "head_ct_tilted")
    assert not stack.is_regular
    layer = linear_image_layer(series, stack)
    paths = export.write_dicom([layer, label_layer(series, stack)], series, stack, tmp_path).paths
    assert validator_errors([paths[0], paths[-1]]) == []
    assert consistency_errors([series.instances[0].path, *paths]) == []
    _, again = first_series(paths[0].parent)
    np.testing.assert_array_equal(again.origins, stack.origins)
    rows, columns = np.indices(stack.array.shape[1:])
    for index in (0, 13, 14, 26):
        points = (
            stack.origins[index][:, None, None]
            + stack.row_step[:, None, None] * rows
            + stack.column_step[:, None, None] * columns
        )
        assert np.abs(again.array[index] - linear_value(points)).max() <= 1.0


def test_that_our_reader_takes_our_files_for_synthetic(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", modality="CT"))
    export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    catalog = scan([tmp_path / "source", tmp_path / "out"])
    (study,) = catalog.studies
    assert [(s.modality, s.synthetic) for s in study.series] == [("CT", False), ("MR", True)]
    assert catalog.refused == ()


def test_that_what_is_made_from_a_synthetic_series_is_marked_again(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", modality="CT"))
    first = export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    synthetic, synthetic_stack = first_series(first.paths[0].parent)
    layers: list[Layer] = [label_layer(synthetic, synthetic_stack), heat_layer(synthetic, synthetic_stack)]
    second = export.write_dicom(layers, synthetic, synthetic_stack, tmp_path / "second")
    paths = second.paths + export.write_slices([1], layers, synthetic, synthetic_stack, tmp_path / "second").paths
    for path in paths:
        if path.suffix == ".dcm":
            dataset = pydicom.dcmread(path)
            assert dataset.SyntheticData == "YES"
            assert dataset.SeriesDescription.startswith("SYNTHETIC ")


def test_that_an_enhanced_file_read_by_our_reader_exports(tmp_path: Path) -> None:
    enhanced(*opened(write_source(tmp_path / "source", modality="CT")), tmp_path / "enhanced.dcm")
    series, stack = first_series(tmp_path / "enhanced.dcm")
    assert len(stack) == 5
    paths = exported(series, stack, "MR", tmp_path / "out")
    assert validator_errors(paths) == []
    _, again = first_series(paths[0].parent)
    np.testing.assert_allclose(again.origins, stack.origins, atol=1e-9)
