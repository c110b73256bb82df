"""Oblique planes: where they lie, which way round they are, and what is cut out on them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.oblique import Triad, meeting_point, oblique_extent, oblique_plane
from medgan_viewer.core.regrid import extract
from medgan_viewer.core.slicing import Orientation, mpr_plane, mpr_step, side_letters
from medgan_viewer.core.volume import Volume

ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
GRADIENT = np.array([2.0, -3.0, 0.7])


def _ramp(steps: NDArray[np.float64] | None = None) -> Volume:
    """Return a volume whose value is a linear function of the place; slices to the head, rows to +P, columns to +L."""
    affine = np.eye(4)
    affine[:3, :3] = [[0, 0, 1.2], [0, 0.8, 0], [4.0, 0, 0]] if steps is None else steps
    affine[:3, 3] = (-12.0, 30.0, -7.0)
    index = np.moveaxis(np.indices((14, 40, 32)), 0, -1)
    points = index @ affine[:3, :3].T + affine[:3, 3]
    return Volume((points @ GRADIENT).astype(np.float32), affine)


# Acquired feet first, flipped in plane, sagittal slices, and a tilted grid.
GRIDS = {
    "axial": None,
    "flipped": np.array([[0, 0, -1.2], [0, -0.8, 0], [-4.0, 0, 0]]),
    "sagittal": np.array([[-4.0, 0, 0], [0, 0, 1.2], [0, -0.8, 0]]),
    "tilted": np.array([[0, 0, 1.2], [-1.5, 0.74, 0], [3.7, 0.3, 0]]),
}


@pytest.fixture(params=GRIDS)
def volume(request: pytest.FixtureRequest) -> Volume:
    return _ramp(GRIDS[request.param])


def _middle(volume: Volume) -> NDArray[np.float64]:
    return volume.point(tuple((np.array(volume.shape) - 1) / 2))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_linear_volume_has_on_an_oblique_plane_the_value_of_every_place(
    volume: Volume, orientation: Orientation
) -> None:
    triad = Triad.along(volume, _middle(volume)).turned(np.array([1.0, -2.0, 0.5]), 33.0)
    for coarse in (1, 2, 3):
        plane = oblique_plane(volume, triad, orientation, 2, coarse=coarse)
        rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
        points = plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step
        index = points @ volume.inverse[:3, :3].T + volume.inverse[:3, 3]
        inside = ((index >= 0) & (index <= np.array(volume.shape) - 1)).all(axis=-1)
        assert inside.sum() > 100 / coarse**2
        np.testing.assert_allclose(extract(volume, plane)[inside], (points @ GRADIENT)[inside], atol=0.02)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_planes_that_are_not_turned_lie_as_those_of_the_grid(volume: Volume, orientation: Orientation) -> None:
    plane = oblique_plane(volume, Triad.along(volume, _middle(volume)), orientation)
    straight = mpr_plane(volume, orientation, _middle(volume))
    assert side_letters(plane) == side_letters(straight)
    for mine, theirs in ((plane.row_step, straight.row_step), (plane.column_step, straight.column_step)):
        np.testing.assert_allclose(mine / np.linalg.norm(mine), theirs / np.linalg.norm(theirs), atol=1e-9)
    assert abs(plane.distance(_middle(volume))) < 1e-9


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_turning_a_plane_about_its_own_normal_turns_nothing_in_it(volume: Volume, orientation: Orientation) -> None:
    triad = Triad.along(volume, _middle(volume))
    turned = triad.turned(triad.normal(orientation), 25.0)
    before, after = (oblique_plane(volume, one, orientation) for one in (triad, turned))
    for mine, theirs in ((before.row_step, after.row_step), (before.column_step, after.column_step)):
        np.testing.assert_allclose(mine, theirs, atol=1e-9)
    others = [one for one in ORIENTATIONS if one != orientation]
    for other in others:
        angle = np.degrees(np.arccos(np.clip(triad.normal(other) @ turned.normal(other), -1, 1)))
        assert angle == pytest.approx(25.0)


def test_many_small_turns_keep_the_planes_perpendicular() -> None:
    volume = _ramp()
    triad = Triad.along(volume, _middle(volume))
    for number in range(500):
        triad = triad.turned(np.array([1.0, number % 3, 0.3]), 3.7)
    normals = np.array(triad.normals)
    np.testing.assert_allclose(normals @ normals.T, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("degrees", [90.0, 180.0, 75.0])
def test_a_plane_that_lies_on_its_back_is_still_right_handed_and_square(volume: Volume, degrees: float) -> None:
    triad = Triad.along(volume, _middle(volume))
    turned = triad.turned(triad.normal("sagittal"), degrees)
    for orientation in ORIENTATIONS:
        before, after = (oblique_plane(volume, one, orientation) for one in (triad, turned))
        # A mirror image would show left for right.
        for plane, one in ((before, triad), (after, turned)):
            handed = np.sign(plane.normal @ one.normal(orientation))
            assert handed == np.sign(before.normal @ triad.normal(orientation))
        assert after.row_step @ after.column_step == pytest.approx(0, abs=1e-9)
        assert after.spacing[0] == pytest.approx(after.spacing[1])


def test_the_planes_go_through_the_whole_volume_and_no_further() -> None:
    volume = _ramp()
    triad = Triad.along(volume, _middle(volume)).turned(np.array([0.0, 1.0, 0.0]), 40.0)
    for orientation in ORIENTATIONS:
        step, before, behind = oblique_extent(volume, triad, orientation)
        normal = triad.normal(orientation)
        corners = [volume.point((s, r, c)) for s in (-0.5, 13.5) for r in (-0.5, 39.5) for c in (-0.5, 31.5)]
        heights = [float((corner - np.array(triad.point)) @ normal) for corner in corners]
        assert behind * step <= max(heights) < (behind + 1) * step
        assert before * step <= -min(heights) < (before + 1) * step
        # Beyond the last one there is nothing to go to.
        last, beyond = (oblique_plane(volume, triad, orientation, behind + more) for more in (0, 5))
        np.testing.assert_allclose(last.origin, beyond.origin)


def test_coarse_pixels_cover_the_same_rectangle() -> None:
    volume = _ramp()
    triad = Triad.along(volume, _middle(volume)).turned(np.array([0.4, 1.0, 0.0]), 40.0)
    fine, coarse = (oblique_plane(volume, triad, "axial", coarse=size) for size in (1, 3))
    assert fine.rows == 3 * coarse.rows
    for row, column in ((-0.5, -0.5), (1.0, 1.0)):
        mine = fine.point(-0.5 + (row + 0.5) * fine.rows / 1.5, -0.5 + (column + 0.5) * fine.columns / 1.5)
        theirs = coarse.point(-0.5 + (row + 0.5) * coarse.rows / 1.5, -0.5 + (column + 0.5) * coarse.columns / 1.5)
        np.testing.assert_allclose(mine, theirs, atol=1e-9)


def test_three_planes_meet_where_they_were_laid_through() -> None:
    volume = _ramp()
    point = np.array([3.0, 41.0, 11.0])
    triad = Triad.along(volume, point).turned(np.array([0.4, 1.0, 0.0]), 40.0)
    planes = [oblique_plane(volume, triad, orientation) for orientation in ORIENTATIONS]
    np.testing.assert_allclose(meeting_point(planes), point, atol=1e-9)
    with pytest.raises(ValueError, match="parallel"):
        meeting_point([planes[0], planes[0], planes[1]])


def test_steps_of_the_grid_are_kept_where_nothing_is_turned() -> None:
    volume = _ramp()
    for orientation in ORIENTATIONS:
        step, *_ = oblique_extent(volume, Triad.along(volume, _middle(volume)), orientation)
        assert step == pytest.approx(float(np.linalg.norm(mpr_step(volume, orientation))))
