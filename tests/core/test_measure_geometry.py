"""Lengths, angles and areas are right in millimetres, on slices of any spacing and direction."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.measure import geometry
from medgan_viewer.core.measure.annotation import Annotation, Kind
from medgan_viewer.core.measure.measuring import size_of
from medgan_viewer.core.volume import Plane
from tests.core.annotations import figure, opened


def _plane(kind: str) -> Plane:
    """Return 200 × 160 pixels of 0.8 × 0.5 mm, lying straight or turned about all three axes."""
    turn = np.eye(3)
    if kind == "oblique":
        for axis, degrees in ((0, 21.0), (1, -34.0), (2, 12.0)):
            a, b = [n for n in range(3) if n != axis]
            step, angle = np.eye(3), math.radians(degrees)
            step[a, a], step[a, b], step[b, a], step[b, b] = (
                math.cos(angle),
                -math.sin(angle),
                math.sin(angle),
                math.cos(angle),
            )
            turn = turn @ step
    return Plane(np.array([-40.0, -55.0, 12.0]), turn @ [0, 0.8, 0], turn @ [0.5, 0, 0], 200, 160)


def _figure(kind: Kind, at: list[tuple[float, float]], plane: Plane) -> Annotation:
    return figure(kind, plane, at, opened())


@pytest.mark.parametrize("lies", ["straight", "oblique"])
def test_a_distance_is_pythagoras_in_mm_of_unequal_pixels(lies: str) -> None:
    drawn = _figure("distance", [(10, 20), (60, 100)], _plane(lies))
    assert size_of(drawn) == pytest.approx(math.hypot(50 * 0.8, 80 * 0.5))


@pytest.mark.parametrize("lies", ["straight", "oblique"])
def test_an_angle_is_the_one_on_the_patient_and_not_on_the_pixels(lies: str) -> None:
    # 40 mm down and 40 mm across: 45°, though 50 rows and 80 columns look like 58° on square pixels.
    drawn = _figure("angle", [(10, 100), (10, 20), (60, 100)], _plane(lies))
    assert size_of(drawn) == pytest.approx(45.0)


@pytest.mark.parametrize("degrees", [0.01, 12.5, 90.0, 118.0])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_cobb_angle_is_that_of_the_lines_whichever_way_they_are_drawn(degrees: float, backwards: bool) -> None:
    coronal = Plane(np.array([-80.0, 0.0, 300.0]), np.array([0.0, 0.0, -0.9]), np.array([0.6, 0.0, 0.0]), 500, 300)
    half = math.radians(degrees / 2)
    first, second = [
        [
            (row - sign * 20 * math.sin(half) / 0.9, 100 - 20 * math.cos(half) / 0.6),
            (row + sign * 20 * math.sin(half) / 0.9, 100 + 20 * math.cos(half) / 0.6),
        ]
        for row, sign in ((100, 1), (300, -1))
    ]
    ends = [*first, *(second[::-1] if backwards else second)]
    assert size_of(_figure("cobb", ends, coronal)) == pytest.approx(degrees)


@pytest.mark.parametrize("lies", ["straight", "oblique"])
def test_areas_of_boxes_and_ellipses_are_those_of_their_formulas(lies: str) -> None:
    corners = [(20.0, 30.0), (70.0, 90.0)]
    assert size_of(_figure("rectangle", corners, _plane(lies))) == pytest.approx(40 * 30)
    assert size_of(_figure("ellipse", corners, _plane(lies))) == pytest.approx(math.pi * 20 * 15)


def _star() -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    reach = 30 + 12 * np.sin(5 * turn)
    return np.stack([80 + reach * np.cos(turn), 75 + reach * np.sin(turn)], axis=1)


@pytest.mark.parametrize("lies", ["straight", "oblique"])
def test_the_area_of_an_outline_is_that_of_the_shoelace_formula(lies: str) -> None:
    rows, columns = _star().T
    shoelace = 0.5 * abs(sum(rows[i - 1] * columns[i] - rows[i] * columns[i - 1] for i in range(len(rows))))
    drawn = _figure("freehand", [(float(r), float(c)) for r, c in _star()], _plane(lies))
    assert size_of(drawn) == pytest.approx(shoelace * 0.8 * 0.5, rel=1e-12)


def test_an_outline_that_crosses_itself_has_the_area_of_both_loops() -> None:
    eight: list[tuple[float, float]] = [(10, 10), (50, 50), (50, 10), (10, 50)]
    assert size_of(_figure("freehand", eight, _plane("oblique"))) == pytest.approx(2 * 0.5 * 40 * 20 * 0.4, rel=1e-3)


@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
@pytest.mark.parametrize("handle", range(4))
def test_a_dragged_box_or_ellipse_keeps_its_shape_and_what_lies_opposite(kind: Kind, handle: int) -> None:
    plane = _plane("oblique")
    drawn = _figure(kind, [(20, 30), (70, 90)], plane)
    opposite = (handle + 2) % 4 if kind == "rectangle" else handle ^ 1
    # Off the plane as well: the figure stays on it.
    target = np.asarray(drawn.points[handle]) + 6 * plane.row_step + 9 * plane.column_step + 2 * plane.normal
    after = geometry.dragged(drawn, handle, target)
    np.testing.assert_allclose(after.points[opposite], drawn.points[opposite], atol=1e-9)
    points = np.asarray(after.points)
    np.testing.assert_allclose((points - plane.origin) @ plane.normal, 0, atol=1e-9)
    sides = (points[1] - points[0], points[3] - (points[0] if kind == "rectangle" else points[2]))
    assert sides[0] @ sides[1] == pytest.approx(0, abs=1e-9)
    if kind == "rectangle":
        np.testing.assert_allclose(points[handle], target - 2 * plane.normal, atol=1e-9)
        np.testing.assert_allclose(points.sum(axis=0) / 2, points[0] + points[2], atol=1e-9)


def test_a_box_that_was_dragged_flat_can_be_dragged_without_error() -> None:
    flat = _figure("rectangle", [(20, 30), (20, 30)], _plane("straight"))
    assert geometry.dragged(flat, 0, np.zeros(3)).points == flat.points
    dot = _figure("ellipse", [(20, 30), (20, 30)], _plane("straight"))
    assert geometry.dragged(dot, 1, np.zeros(3)).points == dot.points


def test_a_moved_annotation_measures_the_same() -> None:
    drawn = _figure("ellipse", [(20, 30), (70, 90)], _plane("oblique"))
    assert size_of(geometry.moved(drawn, np.array([3.0, -8.0, 40.0]))) == pytest.approx(size_of(drawn))


def test_the_outline_of_an_ellipse_lies_on_it() -> None:
    drawn = _figure("ellipse", [(20, 30), (70, 90)], _plane("oblique"))
    middle, first, second = geometry.ellipse_axes(drawn)
    offset = geometry.outline(drawn) - middle
    square = (offset @ first / (first @ first)) ** 2 + (offset @ second / (second @ second)) ** 2
    np.testing.assert_allclose(square, 1.0)


def test_a_figure_of_too_few_or_no_numbers_is_refused() -> None:
    drawn = _figure("angle", [(10, 100), (10, 20), (60, 100)], _plane("straight"))
    with pytest.raises(ValueError, match="2 points make no angle"):
        drawn.with_points(drawn.points[:2])
    with pytest.raises(ValueError, match="no number"):
        drawn.with_points((*drawn.points[:2], (0.0, float("nan"), 0.0)))
