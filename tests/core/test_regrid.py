"""Resampling against two independent answers: SimpleITK, and fields whose value at every point is known."""

from typing import Any

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medgan_viewer.core.regrid import extract, grid_of, regular_grid
from medgan_viewer.core.volume import Plane, SliceStack, Volume
from tests.core.test_volume import oblique, rotation

SLOPE = np.array([0.3, -0.2, 0.5])


def field(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of a linear field at points [..., xyz]: linear interpolation must hit it exactly."""
    return np.asarray(points @ SLOPE + 40.0)


def plane_points(plane: Plane) -> NDArray[np.float64]:
    """Return the LPS points of all pixels, [row, column, xyz]."""
    rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
    return np.asarray(plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step)


def to_simpleitk(volume: Volume) -> Any:
    """Return a volume as SimpleITK's image: axes x, y, z are column, row, slice."""
    image = SimpleITK.GetImageFromArray(volume.array)
    slices, rows, columns = volume.spacing
    image.SetSpacing((columns, rows, slices))
    steps = volume.affine[:3, [2, 1, 0]]
    image.SetDirection((steps / np.linalg.norm(steps, axis=0)).ravel().tolist())
    image.SetOrigin(volume.affine[:3, 3].tolist())
    return image


def resampled_by_simpleitk(volume: Volume, plane: Plane, interpolator: int, fill: float) -> NDArray[Any]:
    """Return the values on a plane as SimpleITK sees them."""
    resample = SimpleITK.ResampleImageFilter()
    resample.SetSize((plane.columns, plane.rows, 1))
    resample.SetOutputOrigin(plane.origin.tolist())
    rows, columns = plane.spacing
    resample.SetOutputSpacing((columns, rows, 1.0))
    resample.SetOutputDirection(
        np.stack([plane.column_step / columns, plane.row_step / rows, plane.normal], axis=1).ravel().tolist()
    )
    resample.SetInterpolator(interpolator)
    resample.SetDefaultPixelValue(fill)
    resample.SetOutputPixelType(SimpleITK.sitkFloat64)
    return np.asarray(SimpleITK.GetArrayFromImage(resample.Execute(to_simpleitk(volume)))[0])


@given(seed=st.integers(0, 10_000), turn=st.integers(0, 10_000), nearest=st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_plane_through_any_volume_is_what_simpleitk_resamples(seed: int, turn: int, nearest: bool) -> None:
    volume = oblique(seed, (6, 12, 10))
    directions = rotation(turn)
    centre = volume.point((2.6, 5.3, 4.4))
    row_step, column_step = directions[0] * 0.61, directions[1] * 0.83
    plane = Plane(centre - 8 * row_step - 7 * column_step, row_step, column_step, 17, 15)
    interpolator = SimpleITK.sitkNearestNeighbor if nearest else SimpleITK.sitkLinear
    ours = extract(volume, plane, nearest=nearest, fill=-5)
    theirs = resampled_by_simpleitk(volume, plane, interpolator, -5)
    places = (volume.inverse[:3, :3] @ plane_points(plane).reshape(-1, 3).T).T + volume.inverse[:3, 3]
    # Where a pixel lies on the edge, or half way between two voxels, rounding decides either way.
    clear = (np.abs(places - np.floor(places) - 0.5) > 1e-4).all(axis=1).reshape(ours.shape)
    np.testing.assert_allclose(ours[clear], theirs[clear], atol=2e-2 if not nearest else 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_plane_along_the_grid_is_cut_out_in_the_stored_type(axis: int, flipped: bool, swapped: bool) -> None:
    volume = oblique(4, (4, 5, 6))
    row_axis, column_axis = (n for n in range(3) if n != axis)
    expected = np.take(volume.array, 2, axis=axis)
    start = [0, 0, 0]
    start[axis] = 2
    row_step, column_step = volume.affine[:3, row_axis], volume.affine[:3, column_axis]
    if flipped:
        start[row_axis] = volume.shape[row_axis] - 1
        row_step, expected = -row_step, expected[::-1]
    if swapped:
        row_step, column_step, expected = column_step, row_step, expected.T
    plane = Plane(volume.point((start[0], start[1], start[2])), row_step, column_step, *expected.shape)
    found = extract(volume, plane)
    assert found.dtype == volume.array.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("start", [(-2, -1, -3), (3, 2, 4), (1, -1, 2)])
def test_a_plane_that_reaches_beyond_the_grid_is_filled_there(start: tuple[int, int, int]) -> None:
    volume = oblique(2, (4, 5, 6))
    plane = Plane(volume.point(start), volume.affine[:3, 1], volume.affine[:3, 2], 7, 8)
    padded = np.full((20, 20, 20), -1000)
    padded[5:9, 5:10, 5:11] = volume.array
    s, r, c = (n + 5 for n in start)
    np.testing.assert_array_equal(extract(volume, plane, fill=-1000), padded[s, r : r + 7, c : c + 8])


def test_a_plane_far_away_holds_nothing_but_fill() -> None:
    volume = oblique(2)
    far = Plane(volume.point((900, 0, 0)), volume.affine[:3, 1], volume.affine[:3, 2], 3, 3)
    assert (extract(volume, far, fill=-7) == -7).all()
    askew = Plane(far.origin, far.row_step + 0.1, far.column_step, 3, 3)
    assert (extract(volume, askew, fill=-7) == -7).all()


def tilted_stack(tilt: float, heights: list[float], dtype: Any = np.float32, sideways: float = 0.0) -> SliceStack:
    """Return slices that lean by ``tilt`` degrees while their origins run straight up, with the field's values."""
    angle = np.radians(tilt)
    row_step = np.array([0, np.cos(angle), -np.sin(angle)]) * 0.8
    column_step = np.array([0.6, 0, 0])
    origins = np.array([[-10 + sideways * z, -12, z] for z in heights])
    planes = [Plane(origin, row_step, column_step, 30, 25) for origin in origins]
    array = np.stack([field(plane_points(plane)) for plane in planes]).astype(dtype)
    return SliceStack(array, origins, row_step, column_step, np.full(len(heights), 4.0), "1.2", "CT", "HU")


@pytest.mark.parametrize("sideways", [0.0, 0.13])
@pytest.mark.parametrize("tilt", [0.0, 18.5, -11.0])
def test_the_regular_grid_of_tilted_and_uneven_slices_keeps_every_value_in_its_place(
    tilt: float, sideways: float
) -> None:
    stack = tilted_stack(tilt, [0, 4.2, 8.4, 9.5, 17, 24.4], sideways=sideways)
    volume = regular_grid(stack)
    assert volume.resampled
    assert (volume.frame_of_reference_uid, volume.modality, volume.unit) == ("1.2", "CT", "HU")
    assert volume.spacing == pytest.approx((4.0, 0.8, 0.6))
    np.testing.assert_allclose(volume.affine[:3, 0] / 4, stack.normal, atol=1e-12)
    heights = stack.positions
    compared = 0
    for index in range(volume.shape[0]):
        plane = volume.plane(index)
        position = float(plane.origin @ stack.normal)
        above = int(np.searchsorted(heights, position - 1e-6).clip(1, len(heights) - 1))
        # Where both neighbouring slices, moved along their shear, cover a pixel with a pixel to spare.
        inside = np.ones((plane.rows, plane.columns), bool)
        for n in (above - 1, above):
            row, column = plane.pixel(stack.origins[n])
            rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
            inside &= (rows > row + 1) & (rows < row + 28) & (columns > column + 1) & (columns < column + 23)
        if position > heights[-1]:
            continue
        compared += int(inside.sum())
        np.testing.assert_allclose(volume.array[index][inside], field(plane_points(plane))[inside], atol=1e-3)
    assert compared > 0.5 * stack.array.size


def test_the_grid_is_known_without_its_voxels() -> None:
    stack = tilted_stack(18.5, [0, 4.2, 8.4, 16])
    shape, affine = grid_of(stack)
    volume = stack.volume()
    assert volume.shape == shape
    np.testing.assert_array_equal(volume.affine, affine)


def test_whole_numbers_are_rounded_and_outside_is_the_smallest_value() -> None:
    stack = tilted_stack(18.5, [0, 4.2, 8.4, 16], np.int16)
    volume = stack.volume()
    assert volume.array.dtype == np.int16
    # The later slices lie further up along the rows; there, nothing was acquired in the plane of the first.
    assert (volume.array[0, :-30] == stack.array.min()).all()
    np.testing.assert_array_equal(volume.array[0, -30:], stack.array[0])
    np.testing.assert_array_equal(extract(volume, stack.plane(0)), stack.array[0])


def test_slices_given_from_head_to_feet_make_the_same_grid() -> None:
    stack = tilted_stack(18.5, [0, 4.2, 8.4, 16])
    turned = SliceStack(
        stack.array[::-1], stack.origins[::-1], stack.row_step, stack.column_step, stack.thickness[::-1]
    )
    np.testing.assert_array_equal(regular_grid(turned).array, regular_grid(stack).array)
    np.testing.assert_array_equal(regular_grid(turned).affine, regular_grid(stack).affine)


def test_a_result_on_the_grid_comes_back_on_the_acquired_planes() -> None:
    stack = tilted_stack(18.5, [0, 4.2, 8.4, 9.5, 17, 24.4])
    volume = stack.volume()
    back = np.stack([extract(volume, stack.plane(index)) for index in range(len(stack))])
    assert back.shape == stack.array.shape
    # The last slice lies beyond the last whole step of the grid; the edges mix with the fill.
    np.testing.assert_allclose(back[:-1, 12:-12, 2:-2], stack.array[:-1, 12:-12, 2:-2], atol=1e-3)
