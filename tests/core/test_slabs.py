"""Slabs against what numpy says of the same voxels, on grids of every kind."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.oblique import Triad, oblique_plane
from medgan_viewer.core.slabs import Mode, Slab, cut_slab, plane_count, plane_step
from medgan_viewer.core.slicing import Orientation, mpr_axis, mpr_plane
from medgan_viewer.core.volume import Plane, Volume

ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
ORACLES: dict[str, Callable[..., NDArray[np.float64]]] = {"maximum": np.max, "minimum": np.min, "mean": np.mean}


def _turned(angle: float) -> NDArray[np.float64]:
    """Return a rotation about an axis that is none of the patient's."""
    axis = np.array([1.0, 2.0, 0.5]) / np.linalg.norm([1.0, 2.0, 0.5])
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return np.asarray(turn)


def _volume(angle: float = 0.0, spacing: tuple[float, float, float] = (5.0, 0.5, 0.8)) -> Volume:
    """Return noise on an anisotropic grid that is turned by an angle; slices to the head, rows to +P, columns to +L."""
    array = np.random.default_rng(7).integers(-1000, 2000, (12, 30, 26)).astype(np.int16)
    affine = np.eye(4)
    affine[:3, :3] = _turned(angle) @ np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]]) @ np.diag(spacing)
    affine[:3, 3] = (3.0, -20.0, 40.0)
    return Volume(array, affine)


@pytest.mark.parametrize("mode", ["maximum", "minimum", "mean"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("angle", [0.0, 0.3])
@pytest.mark.parametrize("thickness", [0.1, 4.0, 10.0, 11.0])
def test_a_slab_along_the_grid_is_what_numpy_makes_of_its_planes(
    mode: Mode, orientation: Orientation, angle: float, thickness: float
) -> None:
    volume = _volume(angle)
    axis = mpr_axis(volume, orientation)
    middle = volume.shape[axis] // 2
    at = [0, 0, 0]
    at[axis] = middle
    plane = mpr_plane(volume, orientation, volume.point((at[0], at[1], at[2])))
    # Planes whose distance from the middle one is at most half the thickness.
    near = np.abs(np.arange(volume.shape[axis]) - middle) * volume.spacing[axis] <= thickness / 2
    expected = ORACLES[mode](np.compress(near, volume.array, axis=axis), axis=axis)
    values, valid = cut_slab(volume, plane, Slab(mode, thickness))
    assert valid.all()
    assert plane_count(volume, plane.normal, Slab(mode, thickness)) == near.sum()
    rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
    points = plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step
    index = np.rint(points @ volume.inverse[:3, :3].T + volume.inverse[:3, 3]).astype(int)
    others = [n for n in range(3) if n != axis]
    np.testing.assert_allclose(values, expected[index[..., others[0]], index[..., others[1]]], rtol=1e-6)


def test_maximum_and_minimum_keep_the_stored_type_along_the_grid() -> None:
    volume = _volume()
    plane = mpr_plane(volume, "axial", volume.point((6, 0, 0)))
    assert cut_slab(volume, plane, Slab("maximum", 20.0))[0].dtype == np.int16
    assert cut_slab(volume, plane, Slab("mean", 20.0))[0].dtype == np.float32


def test_a_slab_at_the_end_of_a_volume_takes_what_there_is() -> None:
    volume = _volume()
    plane = mpr_plane(volume, "axial", volume.point((0, 0, 0)))
    values, valid = cut_slab(volume, plane, Slab("maximum", 20.0))
    assert valid.all()
    np.testing.assert_array_equal(values, volume.array[:3].max(axis=0))


def _ramp(angle: float) -> tuple[Volume, NDArray[np.float64]]:
    """Return a volume whose value is a linear function of the place in mm, and its gradient."""
    gradient = np.array([2.0, -3.0, 0.7])
    empty = _volume(angle, spacing=(3.0, 0.9, 1.3))
    index = np.moveaxis(np.indices(empty.shape), 0, -1)
    points = index @ empty.affine[:3, :3].T + empty.affine[:3, 3]
    return empty.with_array((points @ gradient).astype(np.float32)), gradient


def _values_on(plane: Plane, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
    points = plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step
    return np.asarray(points @ gradient)


@pytest.mark.parametrize("mode", ["maximum", "minimum", "mean"])
@pytest.mark.parametrize("angle", [0.0, 0.5])
def test_an_oblique_slab_of_a_linear_volume_is_the_line_at_its_far_its_near_end_or_its_middle(
    mode: Mode, angle: float
) -> None:
    volume, gradient = _ramp(angle)
    middle = volume.point(tuple((np.array(volume.shape) - 1) / 2))
    triad = Triad.along(volume, middle).turned(np.array([0.2, 1.0, 0.4]), 27.0)
    plane, slab = oblique_plane(volume, triad, "coronal"), Slab(mode, 6.0)
    values, valid = cut_slab(volume, plane, slab)
    step = plane_step(volume, plane.normal)
    reach = (plane_count(volume, plane.normal, slab) - 1) / 2 * step
    assert slab.thickness / 2 - step < reach <= slab.thickness / 2
    ends = {"mean": 0.0, "maximum": 1.0, "minimum": -1.0}[mode]
    expected = _values_on(plane, gradient) + ends * reach * abs(float(plane.normal @ gradient))
    # Where the whole ray lies between voxel centres: beyond them values are those of the edge.
    index = plane.origin + np.zeros((plane.rows, plane.columns, 1))
    rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
    index = index + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step
    deep = np.ones(valid.shape, dtype=bool)
    for end in (-reach, reach):
        at = (index + end * plane.normal) @ volume.inverse[:3, :3].T + volume.inverse[:3, 3]
        deep &= ((at >= 0) & (at <= np.array(volume.shape) - 1)).all(axis=-1)
    assert deep.sum() > 50
    assert valid[deep].all()
    np.testing.assert_allclose(values[deep], expected[deep], atol=0.02)


def test_what_lies_outside_the_volume_has_no_value_and_does_not_count() -> None:
    volume = _volume().with_array(np.full((12, 30, 26), 700, np.int16))
    middle = volume.point((5.5, 14.5, 12.5))
    triad = Triad.along(volume, middle).turned(np.array([1.0, 0, 0]), 35.0)
    plane = oblique_plane(volume, triad, "axial")
    modes: tuple[Mode, ...] = ("maximum", "minimum", "mean")
    for mode in modes:
        values, valid = cut_slab(volume, plane, Slab(mode, 15.0))
        assert 0 < valid.sum() < valid.size
        np.testing.assert_allclose(values[valid], 700)
        assert (values[~valid] == 0).all()


def test_a_ray_through_a_slice_that_is_not_ready_has_no_value() -> None:
    volume = _volume()
    ready = np.ones(12, dtype=bool)
    ready[8] = False
    axial = mpr_plane(volume, "axial", volume.point((6, 0, 0)))
    assert cut_slab(volume, axial, Slab("maximum", 10.0), ready=ready)[1].all()
    assert not cut_slab(volume, axial, Slab("maximum", 20.0), ready=ready)[1].any()
    coronal = mpr_plane(volume, "coronal", volume.point((0, 15, 0)))
    there = cut_slab(volume, coronal, Slab("maximum", 3.0), ready=ready)[1]
    # Head up: row 3 shows slice 8.
    assert there.all(axis=1).tolist() == [row != 3 for row in range(12)]
    triad = Triad.along(volume, volume.point((6, 15, 13))).turned(np.array([0, 0, 1.0]), 30.0)
    tilted = oblique_plane(volume, triad, "coronal")
    valid = cut_slab(volume, tilted, Slab("maximum", 3.0), ready=ready)[1]
    row = round(tilted.pixel(volume.point((8, 15, 13)))[0])
    assert valid.any()
    assert not valid[row].any()


def test_a_quick_cut_is_near_the_exact_one() -> None:
    volume, gradient = _ramp(0.5)
    middle = volume.point(tuple((np.array(volume.shape) - 1) / 2))
    triad = Triad.along(volume, middle).turned(np.array([0.2, 1.0, 0.4]), 27.0)
    plane = oblique_plane(volume, triad, "sagittal")
    exact, coarse = (cut_slab(volume, plane, Slab("mean", 8.0), quick=quick) for quick in (False, True))
    row, column = (round(place) for place in plane.pixel(middle))
    expected = _values_on(plane, gradient)[row, column]
    assert exact[0][row, column] == pytest.approx(expected, abs=0.02)
    # Half a voxel each way.
    reach = np.abs(gradient @ volume.affine[:3, :3]).sum() / 2
    assert abs(coarse[0][row, column] - expected) < reach


@pytest.mark.parametrize("thickness", [0.0, -3.0, float("nan"), float("inf")])
def test_a_slab_without_thickness_is_refused(thickness: float) -> None:
    with pytest.raises(ValueError, match="thick"):
        Slab("maximum", thickness)
