"""Planes come out the way a radiologist looks at them, whichever way they were acquired."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medgan_viewer.core.regrid import extract
from medgan_viewer.core.slicing import (
    Orientation,
    Turn,
    facing,
    letters,
    mpr_axis,
    mpr_count,
    mpr_plane,
    mpr_step,
    nearest_slice,
    turn_for,
)
from medgan_viewer.core.volume import Plane, SliceStack, Volume

X, Y, Z = np.eye(3)
# All ways to store the axes of a scan: which patient axis each array axis runs along, and which way.
STORED = list(itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)))
ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
# The patient's direction down the screen and to the right of it.
DOWN = {"axial": Y, "coronal": -Z, "sagittal": -Z}
RIGHT = {"axial": X, "coronal": X, "sagittal": Y}


def _volume(order: tuple[int, ...], signs: tuple[int, ...], turn: NDArray[np.float64] | None = None) -> Volume:
    """Return a grid of 5 × 6 × 7 voxels whose value is its place in memory."""
    array = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)
    affine = np.eye(4)
    for column, (axis, sign, mm) in enumerate(zip(order, signs, (3.0, 1.5, 2.0), strict=True)):
        affine[:3, column] = np.eye(3)[axis] * sign * mm
    if turn is not None:
        affine[:3, :3] = turn @ affine[:3, :3]
    affine[:3, 3] = (-11, 7, 3)
    return Volume(array, affine)


def _rotation(axis: int, degrees: float) -> NDArray[np.float64]:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.eye(3)
    first, second = [a for a in range(3) if a != axis]
    turn[first, first] = turn[second, second] = cosine
    turn[first, second], turn[second, first] = -sine, sine
    return turn


@pytest.mark.parametrize(("order", "signs"), STORED)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_stored_order_gives_planes_in_radiological_convention(
    order: tuple[int, ...], signs: tuple[int, ...], orientation: Orientation
) -> None:
    volume = _volume(order, signs)
    middle = volume.point((2, 3, 3))
    plane = mpr_plane(volume, orientation, middle)
    assert plane.row_step @ DOWN[orientation] == pytest.approx(plane.spacing[0])
    assert plane.column_step @ RIGHT[orientation] == pytest.approx(plane.spacing[1])
    assert plane.distance(middle) == pytest.approx(0, abs=1e-9)
    assert facing(plane) == orientation
    # The pixels cut there are the voxels that lie there.
    pixels = extract(volume, plane)
    for row, column in ((0, 0), (plane.rows - 1, 1), (2, plane.columns - 1)):
        index = np.rint(volume.index(plane.point(row, column))).astype(int)
        assert pixels[row, column] == volume.array[tuple(index)]


@pytest.mark.parametrize(("order", "signs"), STORED)
def test_every_stored_order_is_turned_without_a_copy(order: tuple[int, ...], signs: tuple[int, ...]) -> None:
    volume = _volume(order, signs)
    raw = volume.plane(2)
    turn = turn_for(raw)
    plane, image = turn.plane(raw), turn.image(volume.array[2])
    assert image.shape == (plane.rows, plane.columns)
    assert np.shares_memory(image, volume.array)
    orientation = facing(plane)
    assert plane.row_step @ DOWN[orientation] > 0
    assert plane.column_step @ RIGHT[orientation] > 0
    for row, column in ((0, 0), (plane.rows - 1, 1), (1, plane.columns - 1)):
        index = np.rint(volume.index(plane.point(row, column))).astype(int)
        assert image[row, column] == volume.array[tuple(index)]


def test_a_turned_picture_keeps_its_colours() -> None:
    picture = np.arange(2 * 3 * 3).reshape(2, 3, 3)
    turned = Turn(transpose=True, flip_rows=True).image(picture)
    assert turned.shape == (3, 2, 3)
    assert turned[0, 0].tolist() == picture[0, 2].tolist()


@pytest.mark.parametrize("degrees", [-40, -18.5, 18.5, 40])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_oblique_grid_serves_every_orientation_once(axis: int, degrees: float) -> None:
    volume = _volume((2, 1, 0), (1, 1, 1), _rotation(axis, degrees))
    assert {mpr_axis(volume, orientation) for orientation in ORIENTATIONS} == {0, 1, 2}
    assert [mpr_count(volume, orientation) for orientation in ORIENTATIONS] == [5, 6, 7]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(("order", "signs"), STORED[::5])
def test_steps_go_towards_left_posterior_or_head(
    order: tuple[int, ...], signs: tuple[int, ...], orientation: Orientation
) -> None:
    volume = _volume(order, signs)
    step = mpr_step(volume, orientation)
    assert step @ {"axial": Z, "coronal": Y, "sagittal": X}[orientation] == pytest.approx(np.linalg.norm(step))
    first = mpr_plane(volume, orientation, volume.point((2, 2, 2)))
    after = mpr_plane(volume, orientation, volume.point((2, 2, 2)) + step)
    assert after.origin - first.origin == pytest.approx(step)


def test_a_point_outside_the_grid_gives_its_last_plane() -> None:
    volume = _volume((2, 1, 0), (1, 1, 1))
    plane = mpr_plane(volume, "axial", volume.point((99, 0, 0)))
    assert plane.distance(volume.point((4, 0, 0))) == pytest.approx(0, abs=1e-9)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12, unique=True), st.floats(-150, 150))
def test_the_nearest_slice_is_nearest_along_the_normal(heights: list[float], height: float) -> None:
    count = len(heights)
    origins = np.array([[5.0, 9.0, z] for z in sorted(heights)])
    stack = SliceStack(np.zeros((count, 2, 2), np.int16), origins, Y, X, np.ones(count))
    # Far away in plane: only the distance along the normal counts.
    found = nearest_slice(stack, np.array([800.0, -300.0, height]))
    assert abs(sorted(heights)[found] - height) <= min(abs(z - height) for z in heights) + 1e-9


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (X, "L"),
        (-X, "R"),
        (Y, "P"),
        (-Y, "A"),
        (5 * Z, "H"),
        (-Z, "F"),
        (Y - 0.3 * Z, "PF"),
        (0.3 * X + Z, "HL"),
        (X + 0.1 * Y, "L"),
        (-X - 0.8 * Y + 0.6 * Z, "RAH"),
    ],
)
def test_letters_name_the_main_direction_first_and_leave_small_parts_out(
    direction: NDArray[np.float64], expected: str
) -> None:
    assert letters(direction) == expected


def test_a_plane_faces_what_its_normal_is_nearest_to() -> None:
    tilted = _rotation(0, 30)
    assert facing(Plane(np.zeros(3), tilted @ Y, tilted @ X, 2, 2)) == "axial"
    assert facing(Plane(np.zeros(3), Z, X, 2, 2)) == "coronal"
    assert facing(Plane(np.zeros(3), Z, Y, 2, 2)) == "sagittal"
