"""Planes are interpolated as scipy does it, and quick ones show the nearest voxels."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from medgan_viewer.core import reslice
from medgan_viewer.core.oblique import Triad, oblique_plane
from medgan_viewer.core.reslice import (
    Reslicer,
    beside,
    inside_and_ready,
    linear_values,
    nearest_values,
    part_of,
    tiles,
)
from medgan_viewer.core.volume import Plane, Volume

DISTANCES = [-6.0, -3.0, 0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 21.0]


def _volume(kind: str = "int16") -> Volume:
    affine = np.eye(4)
    affine[:3, :3] = [[0, 0.1, 1.2], [0, 0.8, 0], [3.0, 0, 0]]
    affine[:3, 3] = (5.0, -8.0, 2.0)
    return Volume(np.random.default_rng(3).integers(0, 200, (22, 30, 26)).astype(kind), affine)


def _plane(volume: Volume, coarse: int = 1) -> Plane:
    middle = volume.point(tuple((np.array(volume.shape) - 1) / 2))
    triad = Triad.along(volume, middle).turned(np.array([0.3, 1.0, 0.2]), 31.0)
    return oblique_plane(volume, triad, "coronal", coarse=coarse)


@pytest.mark.parametrize("kind", ["int16", "uint8", "float32", "int32"])
@pytest.mark.parametrize("side", [7, 96])
@pytest.mark.parametrize("turned", [False, True])
def test_interpolated_planes_are_what_scipy_interpolates(
    kind: str, side: int, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reslice, "_TILE", side)
    volume = _volume(kind)
    if turned:
        # An array that does not lie in one piece in memory.
        volume = Volume(np.ascontiguousarray(volume.array.swapaxes(0, 2)).swapaxes(0, 2), volume.affine)
    seen = 0
    for distance, values in zip(DISTANCES, Reslicer(volume, _plane(volume), DISTANCES).planes(), strict=True):
        there = beside(_plane(volume), distance)
        rows, columns = np.mgrid[0 : there.rows, 0 : there.columns]
        points = there.origin + rows[..., None] * there.row_step + columns[..., None] * there.column_step
        index = points @ volume.inverse[:3, :3].T + volume.inverse[:3, 3]
        inside = ((index >= -0.5) & (index <= np.array(volume.shape) - 0.5)).all(axis=-1)
        np.testing.assert_array_equal(np.isnan(values), ~inside)
        expected = map_coordinates(volume.array, index[inside].T, output=np.float32, order=1, mode="nearest")
        np.testing.assert_allclose(values[inside], expected, atol=0.01)
        seen += int(inside.sum())
    assert seen > 2000


@pytest.mark.parametrize("shape", [(1, 8, 9), (8, 1, 9), (8, 9, 1), (1, 1, 1)])
def test_a_volume_of_one_voxel_along_an_axis_is_interpolated_along_the_others(shape: tuple[int, int, int]) -> None:
    volume = Volume(np.arange(np.prod(shape), dtype=np.int16).reshape(shape), np.eye(4))
    middle = (np.array(shape) - 1) / 2
    plane = Plane(middle - 0.2, np.array([0.1, 0.05, 0.0]), np.array([0.0, 0.05, 0.1]), 3, 3)
    values = linear_values(volume, plane)
    rows, columns = np.mgrid[0:3, 0:3]
    index = plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step
    expected = map_coordinates(volume.array, np.moveaxis(index, -1, 0), output=np.float32, order=1, mode="nearest")
    np.testing.assert_allclose(values, expected, atol=1e-3)


def test_tiles_cover_a_plane_once_and_are_parts_of_it() -> None:
    plane = Plane(np.array([1.0, 2.0, 3.0]), np.array([0, 0.5, 0]), np.array([0, 0, 0.25]), 20, 31)
    covered = np.zeros((20, 31), int)
    for rows, columns in tiles(plane, 8):
        covered[rows, columns] += 1
        part = part_of(plane, rows, columns)
        assert (part.rows, part.columns) == covered[rows, columns].shape
        np.testing.assert_allclose(part.point(1, 2), plane.point(rows.start + 1, columns.start + 2))
    assert (covered == 1).all()


def test_quick_planes_are_each_what_the_nearest_voxels_are_there_and_nothing_outside() -> None:
    volume = _volume()
    plane = _plane(volume)
    found = list(Reslicer(volume, plane, DISTANCES, quick=True).planes())
    seen = 0
    for distance, values in zip(DISTANCES, found, strict=True):
        there = beside(plane, distance)
        inside = ~np.isnan(values)
        assert values.dtype == np.float32
        # But for pixels within a thousandth of a voxel of the volume's edge.
        assert (inside != inside_and_ready(volume, there, None)[0]).sum() <= 2
        # Half-way between two voxels rounding may choose either.
        assert np.count_nonzero(values[inside] != nearest_values(volume, there)[inside]) <= 2
        seen += int(inside.sum())
    assert seen > 2000


def test_a_quick_plane_has_the_values_of_the_nearest_voxels_in_their_type() -> None:
    volume = _volume()
    plane = _plane(volume)
    values = nearest_values(volume, plane)
    assert values.dtype == np.int16
    inside, _ = inside_and_ready(volume, plane, None)
    rows, columns = np.nonzero(inside)
    points = plane.origin + rows[:, None] * plane.row_step + columns[:, None] * plane.column_step
    index = points @ volume.inverse[:3, :3].T + volume.inverse[:3, 3]
    # Half-way between two voxels either will do.
    clear = (np.abs(index - np.floor(index) - 0.5) > 1e-3).all(axis=1)
    at = np.clip(np.rint(index[clear]).astype(int), 0, np.array(volume.shape) - 1)
    np.testing.assert_array_equal(values[rows[clear], columns[clear]], volume.array[tuple(at.T)])


def test_inside_is_to_the_outer_edges_of_the_voxels() -> None:
    volume = Volume(np.ones((4, 5, 6), np.int16), np.eye(4))
    plane = Plane(np.array([1.0, -0.6, -0.4]), np.array([0, 0.1, 0]), np.array([0, 0, 0.1]), 3, 3)
    inside, complete = inside_and_ready(volume, plane, None)
    assert inside[:, 0].tolist() == [False, True, True]
    assert inside[1].all()
    assert complete.all()
    ready = np.array([True, False, True, True])
    assert not inside_and_ready(volume, plane, ready)[1].any()
