"""Brushes, closed regions and shapes between slices, against answers from geometry and from scipy."""

import numpy as np
import pytest
from scipy import ndimage

from medgan_viewer.core.segment_shapes import Mask, bounding, closed_region, interpolated, swept
from medgan_viewer.core.volume import Vector

SHAPE = (60, 160, 140)


def grid(spacing: tuple[float, float, float], shear: float = 0.0) -> Vector:
    """Return an affine with that spacing, every slice shifted by ``shear`` mm along the rows' direction."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = (0, shear, spacing[0]), (0, spacing[1], 0), (spacing[2], 0, 0)
    affine[:3, 3] = (-30.0, 12.0, 7.0)
    return affine


def whole(affine: Vector, start: Vector, end: Vector, radius: float, axis: int | None = None) -> Mask:
    found = swept(affine, SHAPE, start, end, radius, axis)
    assert found is not None
    mask = np.zeros(SHAPE, dtype=bool)
    mask[found[0]] = found[1]
    return mask


@pytest.mark.parametrize("shear", [0.0, 0.8])
def test_that_a_ball_has_the_volume_of_a_ball_on_an_anisotropic_and_on_a_sheared_grid(shear: float) -> None:
    affine, middle = grid((2.5, 0.8, 0.7), shear), np.array([30.3, 80.1, 70.4])
    mask = whole(affine, middle, middle, 20.0)
    voxel = abs(np.linalg.det(affine[:3, :3]))
    assert mask.sum() * voxel == pytest.approx(4 / 3 * np.pi * 20.0**3, rel=0.005)
    points = np.argwhere(mask) @ affine[:3, :3].T + affine[:3, 3]
    away = np.linalg.norm(points - (affine[:3, :3] @ middle + affine[:3, 3]), axis=1)
    assert away.max() <= 20.001
    # Whoever is inside belongs to it: compared with every voxel of the grid.
    every = np.indices(SHAPE).reshape(3, -1).T @ affine[:3, :3].T + affine[:3, 3]
    inside = np.linalg.norm(every - (affine[:3, :3] @ middle + affine[:3, 3]), axis=1) <= 19.999
    assert mask.ravel()[inside].all()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_that_a_flat_brush_is_a_disc_on_one_slice_of_its_axis(axis: int) -> None:
    spacing = (1.1, 0.8, 0.7)
    middle = np.array([30.4, 80.2, 70.1])
    mask = whole(grid(spacing), middle, middle, 15.0, axis)
    there = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
    assert list(there) == [round(middle[axis])]
    area = mask.sum() * np.prod([mm for a, mm in enumerate(spacing) if a != axis])
    assert area == pytest.approx(np.pi * 15.0**2, rel=0.01)


def test_that_a_sweep_leaves_no_gap_between_two_places_of_the_mouse() -> None:
    affine = grid((2.0, 0.8, 0.7))
    start, end = np.array([20.0, 40.0, 30.0]), np.array([32.0, 110.0, 100.0])
    mask = whole(affine, start, end, 8.0)
    length = np.linalg.norm(affine[:3, :3] @ (end - start))
    expected = np.pi * 8.0**2 * length + 4 / 3 * np.pi * 8.0**3
    assert mask.sum() * 2.0 * 0.8 * 0.7 == pytest.approx(expected, rel=0.01)
    assert ndimage.label(mask)[1] == 1


def test_that_the_smallest_brush_takes_the_voxel_under_the_mouse() -> None:
    place = np.array([12.4, 50.4, 60.6])
    mask = whole(grid((5.0, 1.0, 1.0)), place, place, 0.1)
    np.testing.assert_array_equal(np.argwhere(mask), [[12, 50, 61]])


def test_that_a_brush_beside_the_grid_takes_nothing_and_one_at_its_edge_what_is_inside() -> None:
    affine = grid((1.0, 1.0, 1.0))
    away = np.array([30.0, 80.0, -50.0])
    assert swept(affine, SHAPE, away, away, 5.0) is None
    corner = np.zeros(3)
    mask = whole(affine, corner, corner, 5.0)
    whole_ball = whole(affine, corner + 20, corner + 20, 5.0)
    np.testing.assert_array_equal(mask[:6, :6, :6], whole_ball[20:26, 20:26, 20:26])


def test_that_closed_regions_are_those_that_scipy_labels_apart_from_the_edge() -> None:
    generator = np.random.default_rng(7)
    closed = 0
    for _ in range(60):
        labels = (generator.random((24, 31)) < 0.62).astype(np.uint8)
        at = (int(generator.integers(24)), int(generator.integers(31)))
        regions, _ = ndimage.label(labels == labels[at])
        expected = regions == regions[at]
        border = np.ones_like(expected)
        border[1:-1, 1:-1] = False
        found = closed_region(labels, at)
        if (expected & border).any():
            assert found is None
        else:
            closed += 1
            assert found is not None
            np.testing.assert_array_equal(found, expected)
    assert closed > 10


def test_that_a_region_with_many_turns_is_found_whole() -> None:
    spiral = np.ones((41, 41), dtype=np.uint8)
    for ring in range(2, 20, 2):
        spiral[ring : 41 - ring, ring] = spiral[ring : 41 - ring, 40 - ring] = 0
        spiral[ring, ring : 41 - ring] = spiral[40 - ring, ring : 41 - ring] = 0
        spiral[20 if ring % 4 else 19, 39 - ring] = 0
    expected = ndimage.label(spiral == 0)[0]
    found = closed_region(spiral, (2, 2))
    assert found is not None
    np.testing.assert_array_equal(found, expected == expected[2, 2])


def disc(radius: float, middle: tuple[float, float], shape: tuple[int, int] = (120, 150)) -> Mask:
    rows, columns = np.indices(shape)
    return np.asarray(((rows - middle[0]) * 0.9) ** 2 + ((columns - middle[1]) * 0.6) ** 2 <= radius**2)


def test_that_between_two_discs_lies_a_truncated_cone() -> None:
    drawn = np.zeros((21, 120, 150), dtype=bool)
    drawn[0], drawn[20] = disc(30.0, (60, 75)), disc(12.0, (60, 75))
    between = interpolated(drawn, (0.9, 0.6))
    assert not between[0].any()
    assert not between[20].any()
    for index in range(1, 20):
        radius = 30.0 + (12.0 - 30.0) * index / 20
        area = between[index].sum() * 0.9 * 0.6
        assert np.sqrt(area / np.pi) == pytest.approx(radius, abs=0.3)
        # Nothing lies farther off than a pixel.
        assert not (between[index] & ~disc(radius + 1.1, (60, 75))).any()
    cone = np.pi / 3 * (30.0**2 + 30.0 * 12.0 + 12.0**2) * 20
    prism = (between.sum() + (drawn[0].sum() + drawn[20].sum()) / 2) * 0.9 * 0.6
    assert prism == pytest.approx(cone, rel=0.015)


def test_that_shapes_which_do_not_overlap_are_joined_by_one_that_moves() -> None:
    drawn = np.zeros((11, 120, 150), dtype=bool)
    drawn[0], drawn[10] = disc(8.0, (20, 20)), disc(8.0, (100, 120))
    between = interpolated(drawn, (0.9, 0.6))
    for index in range(1, 10):
        rows, columns = np.argwhere(between[index]).mean(axis=0)
        assert rows == pytest.approx(20 + 8 * index, abs=1.0)
        assert columns == pytest.approx(20 + 10 * index, abs=1.0)
        assert np.sqrt(between[index].sum() * 0.9 * 0.6 / np.pi) == pytest.approx(8.0, abs=0.3)


def test_that_every_gap_is_filled_and_drawn_slices_are_left_alone() -> None:
    drawn = np.zeros((12, 120, 150), dtype=bool)
    for index in (0, 1, 5, 6, 11):
        drawn[index] = disc(10.0, (60, 75))
    between = interpolated(drawn, (0.9, 0.6))
    assert [bool(one.any()) for one in between] == [i not in (0, 1, 5, 6, 11) for i in range(12)]


def test_that_a_shape_at_the_edge_of_the_picture_is_interpolated_too() -> None:
    drawn = np.zeros((5, 10, 10), dtype=bool)
    drawn[0], drawn[4] = True, True
    assert interpolated(drawn, (1.0, 1.0))[1:4].all()


def test_that_the_bounding_box_is_the_smallest() -> None:
    mask = np.zeros((5, 6, 7), dtype=bool)
    assert bounding(mask) is None
    mask[1, 2, 3] = mask[3, 2, 5] = True
    assert bounding(mask) == (slice(1, 4), slice(2, 3), slice(3, 6))
