"""Planes cut by either way of interpolation are the same, and quick ones show the nearest voxels."""

from unittest import mock

import numpy as np
import pytest

from medgan_viewer.core import reslice
from medgan_viewer.core.oblique import Triad, oblique_plane
from medgan_viewer.core.regrid import extract
from medgan_viewer.core.reslice import Reslicer, beside, inside_and_ready, nearest_values
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
@pytest.mark.parametrize("copying", [0.0, 1.0])
def test_both_ways_of_interpolation_give_what_one_plane_alone_gives(kind: str, copying: float) -> None:
    volume = _volume(kind)
    plane = _plane(volume)
    # Where copying costs nothing SimpleITK is taken, where it costs a second a byte, scipy.
    with mock.patch.object(reslice, "_COPY", copying):
        found = list(Reslicer(volume, plane, DISTANCES).planes())
    assert len(found) == len(DISTANCES)
    seen = 0
    for distance, values in zip(DISTANCES, found, strict=True):
        inside = ~np.isnan(values)
        # But for pixels within a thousandth of a voxel of the volume's edge.
        assert (inside != inside_and_ready(volume, beside(plane, distance), None)[0]).sum() <= 2
        seen += int(inside.sum())
        np.testing.assert_allclose(values[inside], extract(volume, beside(plane, distance))[inside], atol=0.02)
    assert seen > 2000


def test_one_plane_alone_is_cut_too() -> None:
    volume = _volume()
    with mock.patch.object(reslice, "_COPY", 0.0):
        (values,) = Reslicer(volume, _plane(volume), [2.0]).planes()
    inside = ~np.isnan(values)
    assert inside.sum() > 200
    np.testing.assert_allclose(values[inside], extract(volume, beside(_plane(volume), 2.0))[inside], atol=0.02)


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
