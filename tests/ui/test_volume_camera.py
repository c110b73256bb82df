"""From where surfaces are looked at, and where that puts a point of the patient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medgan_viewer.core.slicing import Orientation, mpr_plane, side_letters
from medgan_viewer.core.volume import Volume
from medgan_viewer.ui.volume.camera import VIEWS, Camera

RIGHT_HAND, FACE, CROWN = np.array([-90.0, 0, 0]), np.array([0, -100.0, 0]), np.array([0, 0, 120.0])
degrees = st.floats(-400, 400)


@pytest.mark.parametrize(
    ("view", "letters"),
    [
        ("front", ("R", "L", "H", "F")),
        ("back", ("L", "R", "H", "F")),
        ("right", ("P", "A", "H", "F")),
        ("left", ("A", "P", "H", "F")),
        ("above", ("L", "R", "A", "P")),
        ("below", ("R", "L", "A", "P")),
    ],
)
def test_each_view_has_the_letters_of_its_sides(view: str, letters: tuple[str, str, str, str]) -> None:
    assert Camera(np.zeros(3)).seen_from(view).sides == letters


@pytest.mark.parametrize(("view", "orientation"), [("front", "coronal"), ("left", "sagittal"), ("below", "axial")])
def test_three_views_lie_like_the_planes_of_mpr(view: str, orientation: Orientation) -> None:
    volume = Volume(np.zeros((4, 5, 6), np.uint8), np.eye(4)[[2, 1, 0, 3]])
    plane = mpr_plane(volume, orientation, np.zeros(3))
    assert Camera(np.zeros(3)).seen_from(view).sides == side_letters(plane)


def test_from_the_front_the_patients_right_is_on_the_left_and_the_head_is_up() -> None:
    camera = Camera(np.zeros(3), scale=2.0)
    assert camera.place(RIGHT_HAND, 800, 600) == pytest.approx((400 - 180, 300))
    assert camera.place(CROWN, 800, 600) == pytest.approx((400, 300 - 240))
    # What is nearer to the reader is in front: the third axis points from the patient's face to the reader.
    assert camera.axes[2] @ FACE > 0


def test_what_is_in_front_follows_the_mouse() -> None:
    turned = Camera(np.zeros(3), scale=1.0).turned(10, 0)
    assert turned.place(FACE, 200, 200)[0] > 100
    lowered = Camera(np.zeros(3), scale=1.0).turned(0, 10)
    assert lowered.place(FACE, 200, 200)[1] > 100
    assert lowered.axes[2] @ CROWN > 0


@given(degrees, degrees, degrees, degrees)
def test_turning_keeps_right_angles_a_hand_and_the_head_up(a: float, b: float, c: float, d: float) -> None:
    axes = Camera(np.zeros(3)).turned(a, b).turned(c, d).axes
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    assert axes[1][2] >= -1e-9


@given(degrees, degrees, st.floats(-300, 300), st.floats(-300, 300))
def test_a_drag_moves_what_is_seen_as_far_as_the_mouse(a: float, b: float, across: float, down: float) -> None:
    camera = Camera(np.array([10.0, 20, 30]), scale=1.7).turned(a, b)
    before, after = camera.place(CROWN, 640, 480), camera.moved(across, down).place(CROWN, 640, 480)
    assert np.subtract(after, before) == pytest.approx((across, down), abs=1e-6)


@given(degrees, degrees)
def test_a_millimetre_across_the_screen_is_as_long_from_every_side(a: float, b: float) -> None:
    camera = Camera(np.array([5.0, -4, 3]), scale=3.0).turned(a, b)
    right, up, towards = camera.axes
    for away, length in ((right, 30.0), (up, 30.0), (towards, 0.0)):
        first, second = camera.place(CROWN, 500, 500), camera.place(CROWN + 10 * away, 500, 500)
        assert np.hypot(*np.subtract(second, first)) == pytest.approx(length, abs=1e-6)


@given(degrees, degrees)
def test_opengl_is_told_the_same_places(a: float, b: float) -> None:
    camera = Camera(np.array([5.0, -4, 3]), scale=2.0).turned(a, b)
    cube = camera.matrix(640, 480, 500.0) @ np.array([*RIGHT_HAND, 1.0])
    assert ((cube[0] + 1) * 320, (1 - cube[1]) * 240) == pytest.approx(camera.place(RIGHT_HAND, 640, 480))
    assert abs(cube[2]) < 1
    # OpenGL's depth grows away from the reader.
    nearer = camera.matrix(640, 480, 500.0) @ np.array([*(RIGHT_HAND + camera.axes[2]), 1.0])
    assert nearer[2] < cube[2]


@given(degrees, degrees)
def test_what_is_fitted_in_stays_in_however_it_is_turned(a: float, b: float) -> None:
    points = np.array([RIGHT_HAND, FACE, CROWN, -CROWN]) + 40
    camera = Camera(np.zeros(3)).fitted(points, 300, 500).turned(a, b)
    for point in points:
        x, y = camera.place(point, 300, 500)
        assert 0 <= x <= 300
        assert 0 <= y <= 500


def test_zoom_ends_somewhere() -> None:
    camera = Camera(np.zeros(3))
    assert camera.zoomed(1e9).scale == camera.zoomed(1e12).scale
    assert camera.zoomed(1e-9).scale == camera.zoomed(1e-12).scale > 0


def test_there_is_a_view_for_every_side() -> None:
    assert len({Camera(np.zeros(3)).seen_from(view).sides for view in VIEWS}) == 6
