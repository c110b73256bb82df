"""Surfaces drawn with OpenGL where there is one, and the trial that finds out whether there is."""

import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from medgan_viewer.core.surfaces import Surface, boxes_of, surface_of
from medgan_viewer.core.volume import Vector, Volume
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.volume.camera import VIEWS, Camera
from medgan_viewer.ui.volume.drawing import SurfacePainter
from medgan_viewer.ui.volume.probe import draws
from medgan_viewer.ui.volume.view import VolumeView
from tests.ui import volume_attempts
from tests.ui.view_fixtures import drag, wheel

pytestmark = pytest.mark.window

RED, GREEN, BLUE = "#ff2020", "#20ff20", "#2020ff"
SIZE = QSize(300, 240)
# LPS mm of three balls: at the patient's right, at the face, above the head.
PLACES = {1: np.array([-30.0, 0, 0]), 2: np.array([0, -30.0, 0]), 3: np.array([0, 0, 30.0])}
COLOURS = {1: RED, 2: GREEN, 3: BLUE}
SHOWN = list(COLOURS.items())


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def opengl(qapp: QGuiApplication) -> None:
    """Skip where nothing can be drawn, as on a build machine without a screen."""
    del qapp
    platform = QGuiApplication.platformName()
    if not draws(platform, never):
        pytest.skip(f"no OpenGL on the platform {platform}")


@pytest.fixture
def painter(opengl: None) -> Iterator[SurfacePainter]:
    """Return a painter that keeps three balls."""
    del opengl
    made = SurfacePainter()
    for label, surface in balls().items():
        made.put(label, surface)
    yield made
    made.close()


def balls() -> dict[int, Surface]:
    """Return balls of 8 mm on a grid that is oblique to the patient."""
    turn = np.array([[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1.0]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([1.5, 1.0, 1.2])
    affine[:3, 3] = -affine[:3, :3] @ np.array([40.0, 50, 45])
    index = np.stack(np.meshgrid(*(np.arange(n) for n in (81, 101, 91)), indexing="ij"), axis=-1)
    points = index @ affine[:3, :3].T + affine[:3, 3]
    labels = np.zeros(points.shape[:3], np.uint8)
    for label, place in PLACES.items():
        labels[((points - place) ** 2).sum(axis=-1) < 64] = label
    volume = Volume(labels, affine)
    made = {label: surface_of(volume, label, box) for label, box in boxes_of(volume).items()}
    return {label: surface for label, surface in made.items() if surface is not None}


def colour_at(image: QImage, camera: Camera, point: Vector) -> str:
    """Return which ball is seen where a point must be, "" for the background."""
    x, y = camera.place(point, SIZE.width(), SIZE.height())
    seen = image.pixelColor(round(x), round(y))
    if seen.lightness() == 0:
        return ""
    return min(COLOURS.values(), key=lambda colour: abs(QColor(colour).hue() - seen.hue()))


@pytest.mark.parametrize("view", VIEWS)
def test_every_ball_is_seen_where_geometry_says_unless_another_one_covers_it(
    view: str, painter: SurfacePainter
) -> None:
    camera = Camera(np.zeros(3), scale=2.0).seen_from(view)
    image = painter.picture(camera, SIZE, 1.0, SHOWN)
    for label, place in PLACES.items():
        assert colour_at(image, camera, place) == COLOURS[label]
        # Just inside and just outside its edge, across the line of sight.
        right, up, _ = camera.axes
        for away in (right, -right, up, -up):
            assert colour_at(image, camera, place + 6.5 * away) == COLOURS[label]
            assert colour_at(image, camera, place + 9.5 * away) == ""


@pytest.mark.parametrize(("nearer", "farther"), [(1, 2), (2, 1)])
def test_the_nearer_one_covers_the_other(nearer: int, farther: int, painter: SurfacePainter) -> None:
    towards = PLACES[nearer] - PLACES[farther]
    camera = Camera(np.zeros(3), scale=2.0, azimuth=float(np.degrees(np.arctan2(towards[0], -towards[1]))))
    assert camera.place(PLACES[1], 300, 240) == pytest.approx(camera.place(PLACES[2], 300, 240))
    assert colour_at(painter.picture(camera, SIZE, 1.0, SHOWN), camera, PLACES[farther]) == COLOURS[nearer]


def test_what_is_not_shown_is_not_drawn(painter: SurfacePainter) -> None:
    camera = Camera(np.zeros(3), scale=2.0)
    image = painter.picture(camera, SIZE, 1.0, [(2, GREEN)])
    assert colour_at(image, camera, PLACES[2]) == GREEN
    assert colour_at(image, camera, PLACES[1]) == ""
    painter.drop(2)
    assert colour_at(painter.picture(camera, SIZE, 1.0, SHOWN), camera, PLACES[2]) == ""


def test_a_surface_takes_the_colour_that_is_asked_for(painter: SurfacePainter) -> None:
    camera = Camera(np.zeros(3), scale=2.0)
    assert colour_at(painter.picture(camera, SIZE, 1.0, [(1, BLUE)]), camera, PLACES[1]) == BLUE


@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.25, 2.0])
def test_a_picture_has_the_pixels_of_its_screen(ratio: float, painter: SurfacePainter) -> None:
    image = painter.picture(Camera(np.zeros(3)), SIZE, ratio, SHOWN)
    assert (image.width(), image.height()) == (round(SIZE.width() * ratio), round(SIZE.height() * ratio))
    assert image.devicePixelRatio() == ratio


def test_a_window_without_any_size_is_no_fault(painter: SurfacePainter) -> None:
    assert painter.picture(Camera(np.zeros(3)), QSize(0, 0), 1.0, SHOWN).width() == 1


def test_painting_again_and_again_holds_no_more_memory(painter: SurfacePainter) -> None:
    before = sys.getrefcount(None)
    for _ in range(30):
        painter.picture(Camera(np.zeros(3)), QSize(40, 30), 1.0, SHOWN)
    assert abs(sys.getrefcount(None) - before) < 20


def test_the_widget_shows_surfaces_and_follows_the_mouse(painter: SurfacePainter, qtbot: QtBot) -> None:
    view = VolumeView(DARK)
    qtbot.addWidget(view)
    view.resize(SIZE)
    for label, surface in balls().items():
        view.put(label, surface)
    view.set_painter(painter)
    view.set_shown(SHOWN)
    with qtbot.waitExposed(view):
        view.show()
    assert colour_at(view.grab().toImage(), view.camera, PLACES[1]) == RED
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
        before = view.camera
        drag(view, 30, 12, button)
        assert view.camera is not before
        assert colour_at(view.grab().toImage(), view.camera, PLACES[3]) == BLUE
    scale = view.camera.scale
    wheel(view, 120, QPointF(10, 10))
    assert view.camera.scale == pytest.approx(1.25 * scale)


# -- the trial -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "works"),
    [(volume_attempts.succeed, True), (volume_attempts.refuse, False), (volume_attempts.crash, False)],
)
def test_a_driver_that_crashes_takes_only_the_trial_along(attempt: Callable[[str], None], works: bool) -> None:
    assert draws("test", never, attempt) is works


def test_a_driver_that_hangs_is_not_waited_for_when_the_window_closes() -> None:
    asked = iter([False, True, True, True])
    assert draws("test", lambda: next(asked), volume_attempts.hang) is False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there the offscreen platform draws without any")
def test_without_opengl_the_trial_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert draws("offscreen", never) is False
    assert draws("minimal", never) is False
