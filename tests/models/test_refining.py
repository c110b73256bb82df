"""A model that wants thinner slices than a series has: the result lies on a grid of its own, where the series lies."""

from pathlib import Path

import numpy as np
import pytest

from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.volume import Volume
from medgan_viewer.jobs.events import Finished, SliceReady
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.models.refining import parts_of, refined, refined_affine, refined_grid, spline_matrix
from medgan_viewer.services import InferenceService
from tests.jobs.recorder import Recorder
from tests.models.scans import affine, ct_volume, head_ct, series
from tests.models.tiny import content, write_package


def test_that_the_spline_goes_through_its_slices_and_is_scipys_between_them() -> None:
    from scipy.interpolate import CubicSpline

    values = np.random.default_rng(0).normal(size=9)
    places = np.linspace(0, 8, 33)
    made = spline_matrix(9, places) @ values
    assert made[::4] == pytest.approx(values, abs=1e-5)
    assert made == pytest.approx(CubicSpline(np.arange(9), values, bc_type="not-a-knot")(places), abs=1e-5)


def test_that_past_the_ends_and_of_one_slice_there_is_nothing_new() -> None:
    assert (spline_matrix(5, np.array([-2.0, 6.0])) @ np.arange(5.0)).tolist() == pytest.approx([0, 4], abs=1e-5)
    assert spline_matrix(1, np.array([0.0, 0.3])).tolist() == [[1], [1]]
    assert (spline_matrix(2, np.array([0.25])) @ np.array([0.0, 4.0])).tolist() == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("slice_mm", "thinnest", "parts"), [(5.0, 2.0, 2), (6.0, 2.0, 3), (1.0, 2.0, 1), (5.0, 0.0, 1)]
)
def test_that_slices_are_divided_to_come_near_to_what_is_wanted(slice_mm: float, thinnest: float, parts: int) -> None:
    assert parts_of(affine((slice_mm, 1, 1)), thinnest) == parts


def test_that_a_divided_series_lies_where_it_lay() -> None:
    matrix = np.array([[0, 0, 1.0, -30], [0.6, 1.0, 0, 5], [5.0, 0, 0, 40], [0, 0, 0, 1]])
    array = np.arange(6.0)[:, None, None] * np.ones((6, 3, 4))
    finer, place = refined(array, 3), refined_affine(matrix, 3)
    assert finer.shape == (18, 3, 4)
    # The value is the old slice's number: where the new grid says that it lies, the old one said so too.
    for index in range(1, 17):
        old = finer[index, 0, 0]
        assert (place @ [index, 1, 2, 1]).tolist() == pytest.approx((matrix @ [old, 1, 2, 1]).tolist(), abs=1e-4)
    volume = Volume(array, matrix)
    grid = refined_grid(volume, 3)
    assert (grid.shape, grid.resampled) == ((18, 3, 4), True)
    assert np.array_equal(grid.affine, place)
    assert refined_grid(volume, 1) is volume


def thinner(folder: Path) -> Package:
    """Return a package that gives HU / 1000 + 1, on slices of about 1 mm."""
    manifest = content(channels_in=2)
    manifest["preprocessing"]["slice_spacing_mm"] = 1.0
    head = np.array([[1.0, 0.0]], np.float32)
    return read_package(write_package(folder, manifest, head, np.array([1.0], np.float32)))


def test_that_a_run_fills_a_finer_grid_and_begins_where_the_reader_looks(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    voxels = head_ct((5, 24, 24))
    voxels[:, 4:-4, 4:-4] = (np.arange(5) * 50)[:, None, None]
    run = service.start(thinner(tmp_path), series("CT"), ct_volume(voxels), visible_slice=3)
    assert isinstance(events.end_of(run.job_id), Finished), run.end
    (layer,) = run.layers
    assert isinstance(layer, ImageLayer)
    assert layer.volume.shape == (10, 24, 24)
    assert layer.volume.spacing == pytest.approx((1.0, 1.0, 1.0))
    assert layer.volume.resampled
    # Slices of 2 mm: theirs are at 0, 50, …, their halves a quarter of a slice to each side.
    middle = layer.volume.array[:, 12, 12].tolist()
    assert middle == pytest.approx([1000, 1012, 1038, 1062, 1088, 1112, 1138, 1162, 1188, 1200], abs=1)
    first = next(e for e in events.events if isinstance(e, SliceReady) and e.job_id == run.job_id)
    assert first.index == 7
    assert run.ready.all()
