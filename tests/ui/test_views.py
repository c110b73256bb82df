"""A pane shows a series the right way round, where it is, and as the mouse asks."""

import gc
import sys
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.slicing import side_letters
from medgan_viewer.ui.theme import DARK, LIGHT
from medgan_viewer.ui.views.captions import captions, point_text
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.overlay_text import Room, draw_scale_bar
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Picture, Shown
from medgan_viewer.ui.views.slices import Cut, Sample, SampleCache
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.fixture
def document() -> Document:
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    return grid


def words(pane: Pane) -> str:
    """Return all the words of a pane."""
    scene, mapping = pane.scene, pane.mapping()
    assert scene is not None
    assert mapping is not None
    picture = scene.picture(pane.state, (1.0, 1.0))
    found = captions(scene, mapping.plane, 1.0, picture=picture, hidden=pane.patient_hidden)
    assert found is not None
    lines = (*found.top_left, *found.top_right, *found.bottom_left, *found.bottom_right)
    return "\n".join(lines)


# -- slices ----------------------------------------------------------------------------------------------------------


def test_a_series_opens_at_its_middle_slice(grid: ViewGrid) -> None:
    content = grid.active_pane.content
    assert content is not None
    assert (content.series_uid, content.layer_uid, content.orientation) == ("ct", None, "stack")
    assert (content.slice_index, content.slice_count) == (10, 20)


@pytest.mark.parametrize(("delta", "slices"), [(120, 1), (-120, -1), (360, 3)])
def test_the_wheel_goes_through_slices(grid: ViewGrid, delta: int, slices: int) -> None:
    scans.wheel(grid.active_pane, delta)
    assert grid.active_pane.slice_index() == 10 + slices


def test_shift_and_wheel_go_through_ten_slices_and_stop_at_the_end(grid: ViewGrid) -> None:
    scans.wheel(grid.active_pane, -120, keys=Qt.KeyboardModifier.ShiftModifier)
    assert grid.active_pane.slice_index() == 0
    scans.wheel(grid.active_pane, 120, keys=Qt.KeyboardModifier.ShiftModifier)
    scans.wheel(grid.active_pane, 120, keys=Qt.KeyboardModifier.ShiftModifier)
    assert grid.active_pane.slice_index() == 19


def test_small_steps_of_a_trackpad_add_up_to_a_slice(grid: ViewGrid) -> None:
    for _ in range(7):
        scans.wheel(grid.active_pane, 15)
    assert grid.active_pane.slice_index() == 10
    scans.wheel(grid.active_pane, 15)
    assert grid.active_pane.slice_index() == 11


def test_a_change_of_direction_forgets_what_added_up(grid: ViewGrid) -> None:
    scans.wheel(grid.active_pane, 110)
    scans.wheel(grid.active_pane, -20)
    scans.wheel(grid.active_pane, 110)
    assert grid.active_pane.slice_index() == 10


def test_keys_step_through_the_active_pane(grid: ViewGrid) -> None:
    grid.step(3)
    assert grid.active_pane.slice_index() == 13
    grid.go_first()
    assert grid.active_pane.slice_index() == 0
    grid.go_last()
    assert grid.active_pane.slice_index() == 19


def test_looking_at_a_slice_says_which_slice_of_the_grid_it_is(qtbot: QtBot, grid: ViewGrid) -> None:
    with qtbot.waitSignal(grid.looked_at) as told:
        grid.step(2)
    assert told.args == ["ct", 12]
    assert grid.visible_slice("ct") == 12
    assert grid.visible_slice("another") is None


# -- windows ---------------------------------------------------------------------------------------------------------


def test_a_drag_of_200_pixels_right_doubles_the_width(grid: ViewGrid, document: Document) -> None:
    document.set_window("ct", Window(100, 50))
    scans.drag(grid.active_pane, 200, 0)
    assert document.window("ct").width == pytest.approx(200)
    assert document.window("ct").centre == pytest.approx(50)


def test_a_drag_of_200_pixels_up_raises_the_level_by_half_the_width(grid: ViewGrid, document: Document) -> None:
    document.set_window("ct", Window(100, 50))
    scans.drag(grid.active_pane, 0, -200)
    assert document.window("ct") == Window(100, 100)


def test_a_drag_to_the_left_never_closes_the_window(grid: ViewGrid, document: Document) -> None:
    for _ in range(30):
        scans.drag(grid.active_pane, -390, 0)
    assert document.window("ct").width > 0
    scans.drag(grid.active_pane, 390, 0)
    assert document.window("ct").width > 0.001


def test_values_are_shown_through_the_window(grid: ViewGrid, document: Document) -> None:
    document.set_window("ct", Window(100, 40))
    picture = scans.pixels(grid.capture(grid.active_pane))
    mapping = grid.active_pane.mapping()
    assert mapping is not None
    for row, column, value in ((32, 24, 5), (32, 38, 40), (1, 1, -1000)):
        x, y = mapping.to_screen(row, column)
        expected = np.clip(round((value - -10) / 100 * 255), 0, 255)
        assert abs(int(picture[round(y), round(x), 0]) - int(expected)) <= 1


def test_inverting_shows_black_as_white(grid: ViewGrid, document: Document) -> None:
    document.set_window("ct", Window(100, 40))
    before = scans.pixels(grid.capture(grid.active_pane))[300, 400].astype(int)
    grid.invert()
    after = scans.pixels(grid.capture(grid.active_pane))[300, 400].astype(int)
    assert np.abs(before + after - 255).max() <= 1


def test_a_series_of_the_other_polarity_opens_inverted(qtbot: QtBot) -> None:
    plain = scans.opened_series("plain", scans.stack_of(scans.ball()))
    turned = scans.opened_series("turned", scans.stack_of(scans.ball()), inverted=True)
    grid = scans.shown_grid(qtbot, scans.document_with(plain, turned), "1x2")
    grid.show_series("plain", grid.panes[0])
    grid.show_series("turned", grid.panes[1])
    pictures = [scans.pixels(grid.capture(pane)).astype(int) for pane in grid.panes[:2]]
    assert np.abs(pictures[0][300, 199] + pictures[1][300, 199] - 255).max() <= 1


def test_the_automatic_window_fits_the_slice(grid: ViewGrid, document: Document) -> None:
    grid.auto_window()
    low, high = np.percentile(scans.ball()[10], (0.5, 99.5))
    assert document.window("ct").levels == pytest.approx((low, high))


@pytest.mark.parametrize(("contrast", "own"), [(60.0, True), (1500.0, False)])
def test_the_automatic_window_of_a_slice_of_air_is_that_of_the_series(qtbot: QtBot, contrast: float, own: bool) -> None:
    random = np.random.default_rng(0)
    array = random.normal(-1000, 20, (12, 64, 64)).astype(np.int16)
    array[:8, 16:48, 16:48] += 1040
    # The last slice: noise alone, or a little of the patient in it.
    array[11, 30:36, 20:44] = -1000 + contrast
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(array)))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    opens_with = document.window("ct")
    grid.active_pane.set_index(11)
    document.set_window("ct", Window(5.0, 5.0))
    grid.auto_window()
    assert (document.window("ct") == opens_with) == own
    if not own:
        low, high = document.window("ct").levels
        assert (low, high) == pytest.approx(np.percentile(array[11], (0.5, 99.5)))


def test_the_windows_of_the_series_are_cycled_through(grid: ViewGrid, document: Document) -> None:
    seen = []
    for _ in range(3):
        grid.cycle_series_window()
        seen.append(document.window("ct"))
    assert seen == [Window(2500, 480), Window(80, 40), Window(2500, 480)]


# -- zoom and pan ----------------------------------------------------------------------------------------------------


def test_a_middle_drag_moves_the_picture_with_the_mouse(grid: ViewGrid) -> None:
    pane = grid.active_pane
    mapping = pane.mapping()
    assert mapping is not None
    before = mapping.to_screen(10, 10)
    scans.drag(pane, 60, -25, Qt.MouseButton.MiddleButton)
    moved = pane.mapping()
    assert moved is not None
    assert moved.to_screen(10, 10) == pytest.approx((before[0] + 60, before[1] - 25))


def test_a_right_drag_zooms_about_the_place_of_the_press(grid: ViewGrid) -> None:
    pane, place = grid.active_pane, QPointF(300, 200)
    before = pane.mapping()
    assert before is not None
    under = before.to_pixel(300, 200)
    scans.drag(pane, 0, -200, Qt.MouseButton.RightButton, place)
    after = pane.mapping()
    assert after is not None
    assert after.scale == pytest.approx(2 * before.scale)
    assert after.to_pixel(300, 200) == pytest.approx(under)


def test_a_right_click_asks_for_the_menu(qtbot: QtBot, grid: ViewGrid) -> None:
    with qtbot.waitSignal(grid.context_menu_asked) as asked:
        scans.drag(grid.active_pane, 1, 1, Qt.MouseButton.RightButton)
    assert asked.args is not None
    assert asked.args[0] is grid.active_pane


def test_ctrl_and_wheel_zoom_about_the_pointer(grid: ViewGrid) -> None:
    pane, place = grid.active_pane, QPointF(500, 150)
    before = pane.mapping()
    assert before is not None
    scans.wheel(pane, 120, place, Qt.KeyboardModifier.ControlModifier)
    after = pane.mapping()
    assert after is not None
    assert after.scale == pytest.approx(1.25 * before.scale)
    assert after.to_pixel(500, 150) == pytest.approx(before.to_pixel(500, 150))
    assert pane.slice_index() == 10


def test_resetting_shows_the_whole_picture_again(grid: ViewGrid) -> None:
    pane = grid.active_pane
    before = pane.mapping()
    assert before is not None
    scans.drag(pane, 60, -25, Qt.MouseButton.MiddleButton)
    grid.rotate()
    grid.invert()
    grid.reset_view()
    after = pane.mapping()
    assert after is not None
    assert after.rectangle() == pytest.approx(before.rectangle())
    assert side_letters(after.plane) == ("R", "L", "A", "P")


@pytest.mark.parametrize(
    ("tool", "button"), [("pan", Qt.MouseButton.MiddleButton), ("zoom", Qt.MouseButton.RightButton)]
)
def test_a_tool_gives_the_left_button_what_another_button_does(
    grid: ViewGrid, tool: str, button: Qt.MouseButton
) -> None:
    pane = grid.active_pane
    scans.drag(pane, 40, 30, button)
    by_button = pane.mapping()
    grid.reset_view()
    grid.set_tool(tool)
    scans.drag(pane, 40, 30)
    by_tool = pane.mapping()
    assert by_button is not None
    assert by_tool is not None
    assert by_tool.rectangle() == pytest.approx(by_button.rectangle())


def test_the_scroll_tool_goes_through_slices(grid: ViewGrid) -> None:
    grid.set_tool("scroll")
    scans.drag(grid.active_pane, 0, -60)
    assert grid.active_pane.slice_index() == 13


def test_pixels_are_shown_in_their_true_proportions(grid: ViewGrid) -> None:
    mapping = grid.active_pane.mapping()
    assert mapping is not None
    _, _, width, height = mapping.rectangle()
    assert width / height == pytest.approx((48 * 2.0) / (64 * 1.5))


def test_a_quarter_turn_takes_pixels_and_letters_along(grid: ViewGrid) -> None:
    pane = grid.active_pane
    before = scans.pixels(grid.capture(pane)).astype(int)
    mapping = pane.mapping()
    assert mapping is not None
    marker = mapping.plane.point(5, 40)
    grid.rotate()
    turned = pane.mapping()
    assert turned is not None
    # Clockwise: what was above is now at the right.
    assert side_letters(turned.plane) == ("P", "A", "R", "L")
    x, y = turned.point_to_screen(marker)
    old_x, old_y = mapping.point_to_screen(marker)
    assert (x - 400) / turned.scale == pytest.approx(-(old_y - 300) / mapping.scale)
    assert (y - 300) / turned.scale == pytest.approx((old_x - 400) / mapping.scale)
    after = scans.pixels(grid.capture(pane)).astype(int)
    assert np.abs(after[round(y), round(x)] - before[round(old_y), round(old_x)]).max() < 40


# -- the right way round ---------------------------------------------------------------------------------------------

Kind = Literal["stack", "axial", "coronal", "sagittal"]


def _turned(order: tuple[int, int, int], signs: tuple[int, int, int]) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Return a head with a bright patch at its left, its front and its top, stored along other axes."""
    array = np.zeros((24, 30, 36), np.int16)
    array[4:-4, 4:-4, 4:-4] = 300
    affine = scans.axial_affine(array.shape, (4.0, 4.0, 4.0))
    array[10:14, 13:17, 26:32] = 1000
    array[10:14, 4:8, 15:21] = 700
    array[18:22, 13:17, 15:21] = 500
    columns = affine.copy()
    for place, (axis, sign) in enumerate(zip(order, signs, strict=True)):
        columns[:3, place] = affine[:3, axis] * sign
        if sign < 0:
            affine_step = affine[:3, axis] * (array.shape[axis] - 1)
            columns[:3, 3] = columns[:3, 3] + affine_step
    stored = array.transpose(order)[tuple(slice(None, None, sign) for sign in signs)]
    return np.ascontiguousarray(stored), columns


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1), (0, 2, 1)])
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1)])
@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal"])
def test_left_front_and_top_of_the_patient_are_where_a_radiologist_looks(
    qtbot: QtBot, order: tuple[int, int, int], signs: tuple[int, int, int], kind: Kind
) -> None:
    array, affine = _turned(order, signs)
    opened = scans.opened_series("head", scans.stack_of(array, affine=affine), windows=((1000.0, 500.0),))
    document = scans.document_with(opened)
    pane = scans.pane_showing(qtbot, document, Shown("head", kind=kind), (400, 400))
    # Through the middle of the head every patch is cut but the one that lies along the normal.
    pane.go_to(np.zeros(3))
    picture = scans.pixels(pane.capture())[..., 0].astype(int)
    for value, point in ((1000, (44.0, 0.0, 0.0)), (700, (0.0, -38.0, 0.0)), (500, (0.0, 0.0, 32.0))):
        place = {"axial": (point[0], point[1]), "coronal": (point[0], -point[2]), "sagittal": (point[1], -point[2])}
        if place[kind] == (0.0, 0.0):
            continue
        mapping = pane.mapping()
        assert mapping is not None
        # By the convention itself, not by the mapping: left is right on the screen, front and head are up.
        x, y = (200 + millimetres * mapping.scale for millimetres in place[kind])
        assert abs(picture[round(y), round(x)] - value * 255 // 1000) <= 2
    expected = {"axial": ("R", "L", "A", "P"), "coronal": ("R", "L", "H", "F"), "sagittal": ("A", "P", "H", "F")}
    mapping = pane.mapping()
    assert mapping is not None
    assert side_letters(mapping.plane) == expected[kind]


def test_an_oblique_slice_has_two_letters_on_a_side(qtbot: QtBot) -> None:
    angle = np.radians(25)
    affine = scans.axial_affine((20, 64, 48), (3.0, 1.5, 2.0))
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    affine[:3, :] = turn @ affine[:3, :]
    pane = Pane(scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball(), affine=affine))), DARK, 1)
    qtbot.addWidget(pane)
    pane.show_content(Shown("ct"))
    mapping = pane.mapping()
    assert mapping is not None
    assert side_letters(mapping.plane) == ("R", "L", "AF", "PH")


# -- words -----------------------------------------------------------------------------------------------------------


def test_the_corners_say_who_what_where_and_how(grid: ViewGrid) -> None:
    said = words(grid.active_pane)
    for part in ("Phantom, Ada", "P-0001", "2 Mar 1964 · F · 61 y", "Head CT", "12 Nov 2026", "A-17",
                 "Hospital of the Test Suite", "2 · Axial head", "3 mm thick", "11 / 20", "W 80 L 40"):  # fmt: skip
        assert part in said


def test_one_switch_hides_who_the_patient_is(grid: ViewGrid) -> None:
    before = scans.pixels(grid.capture(grid.active_pane))
    grid.set_patient_data_hidden(True)
    said = words(grid.active_pane)
    for part in ("Phantom", "P-0001", "1964", "A-17", "Hospital", "2026"):
        assert part not in said
    assert "11 / 20" in said
    assert "Patient 1 hidden" in said
    after = scans.pixels(grid.capture(grid.active_pane))
    # Below that one line the upper left corner is black now, and was not.
    assert before[30:60, :150].max() > 150
    assert after[30:60, :150].max() == 0


def test_a_place_is_named_by_the_sides_of_the_patient() -> None:
    assert point_text(np.array([-31.5, 12.0, 44.25])) == "R 31.5 · P 12.0 · H 44.2 mm"


def test_the_pointer_reads_the_value_and_the_place_under_it(grid: ViewGrid) -> None:
    pane = grid.active_pane
    mapping = pane.mapping()
    assert mapping is not None
    x, y = mapping.to_screen(32, 38)
    scans.mouse(pane, QEvent.Type.MouseMove, QPointF(x + 2, y - 2))
    lines = pane.pointer_lines()
    # Slice 10 of 20 every 3 mm, row 32 of 64 every 1.5 mm, column 38 of 48 every 2 mm, centred on 0.
    assert lines == ("40 HU", "L 29.0 · P 0.8 · H 1.5 mm")
    scans.mouse(pane, QEvent.Type.MouseMove, QPointF(2, 2))
    assert pane.pointer_lines() == ()


@pytest.mark.parametrize(("zoom", "length"), [(1.0, 20), (4.0, 5), (24.0, 1)])
def test_the_scale_bar_is_as_long_as_it_says(grid: ViewGrid, zoom: float, length: int) -> None:
    pane = grid.active_pane
    mapping = pane.mapping()
    assert mapping is not None
    scale = mapping.scale * zoom
    canvas = QImage(800, 600, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    bar = draw_scale_bar(painter, Room(800, 600), scale, DARK)
    assert bar is not None
    assert bar.length == length
    painter.end()
    column = scans.pixels(canvas)[:, 764, 0] > 200
    assert column.sum() == pytest.approx(length * scale, abs=2)
    assert length * scale <= 180


def test_a_tilted_and_uneven_series_says_so(qtbot: QtBot) -> None:
    array = scans.ball((8, 32, 24))
    positions = np.array([0, 4, 8, 12, 13, 20, 27, 34], float)
    tilt = np.radians(18.5)
    affine = scans.axial_affine(array.shape, (4.0, 1.5, 2.0))
    affine[:3, 1] = 1.5 * np.array([0, np.cos(tilt), -np.sin(tilt)])
    origins = np.array([[-20.0, -20.0, z] for z in positions])
    stack = scans.stack_of(array, affine=affine, origins=origins)
    document = scans.document_with(scans.opened_series("ct", stack))
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    assert "resampled grid" in words(grid.panes[1])
    grid.set_layout_name("1x1")
    assert "acquired slices · uneven spacing, tilt 18.5°" in words(grid.panes[0])
    assert "MPR and models use a regular 4 mm grid" in words(grid.panes[0])
    content = grid.panes[0].content
    assert content is not None
    assert content.slice_count == 8


def test_an_even_series_says_nothing_about_grids(grid: ViewGrid) -> None:
    assert "grid" not in words(grid.active_pane)


def test_an_empty_pane_asks_for_a_study(qtbot: QtBot) -> None:
    grid = scans.shown_grid(qtbot, Document())
    assert grid.active_pane.content is None
    picture = scans.pixels(grid.capture(grid.active_pane))
    assert picture[280:320].max() > 100
    assert picture[:200].max() == 0


@pytest.mark.parametrize("size", [(60, 60), (120, 90), (300, 220), (1900, 1400)])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_pane_of_any_size_and_resolution_paints(
    qtbot: QtBot, document: Document, size: tuple[int, int], ratio: float
) -> None:
    pane = scans.pane_showing(qtbot, document, Shown("ct"), size)
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    pane.render(image)
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert middle.red() == middle.green() == round((5 - 0) / 80 * 255)


# -- loading ---------------------------------------------------------------------------------------------------------


def test_slices_show_as_they_arrive(qtbot: QtBot) -> None:
    array = scans.ball()
    arriving = np.zeros_like(array)
    ready = np.zeros(len(array), bool)
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(arriving), ready=ready))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    pane = grid.active_pane
    assert pane.message() == "loading 0 / 20"
    arriving[10], ready[10] = array[10], True
    document.slice_loaded("ct", 10)
    assert pane.message() == ""
    assert scans.pixels(grid.capture(pane))[300, 400, 0] == round(5 / 80 * 255)
    grid.step(1)
    assert pane.message() == "loading 1 / 20"


def test_a_slice_that_was_not_decoded_says_so(qtbot: QtBot) -> None:
    ready = np.ones(20, bool)
    ready[10] = False
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball()), ready=ready))
    document.series_loaded("ct")
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    assert grid.active_pane.message() == "this slice could not be decoded"
    grid.step(1)
    assert grid.active_pane.message() == ""


def test_mpr_of_an_uneven_series_waits_for_its_grid(qtbot: QtBot) -> None:
    array = scans.ball((8, 32, 24))
    origins = np.array([[-20.0, -20.0, z] for z in (0, 4, 8, 12, 13, 20, 27, 34)])
    ready = np.zeros(8, bool)
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(array, origins=origins), ready=ready))
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    assert grid.panes[1].slice_count() == 0
    assert grid.panes[1].message() == "loading 0 / 8"
    ready[:] = True
    document.series_loaded("ct")
    assert grid.panes[1].slice_count() == 32
    assert grid.panes[1].message() == ""


# -- the rest --------------------------------------------------------------------------------------------------------


def test_panes_have_names_for_assistive_technology(grid: ViewGrid) -> None:
    grid.step(1)
    assert grid.accessibleName() == "Images"
    assert grid.active_pane.accessibleName() == "Pane 1: Axial head, slice 12 of 20"
    assert grid.panes[1].accessibleName() == "Pane 2: empty"


def test_around_the_image_it_is_black_in_every_look(grid: ViewGrid) -> None:
    grid.set_theme(LIGHT)
    assert scans.pixels(grid.capture(grid.active_pane))[300, 60].max() == 0


def test_a_thousand_repaints_keep_the_counts_of_true_and_none(grid: ViewGrid) -> None:
    pane = grid.active_pane
    pane.grab()
    gc.collect()
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(1000):
        pane.repaint()
    gc.collect()
    after = sys.getrefcount(True), sys.getrefcount(None)
    # Where they are mortal (Python 3.11) PySide6 6.12 loses one or more of each per repaint.
    assert abs(after[0] - before[0]) < 100
    assert abs(after[1] - before[1]) < 100


def test_scrolling_for_long_keeps_no_pictures(grid: ViewGrid) -> None:
    grid.set_layout_name("mpr")

    def pictures() -> int:
        gc.collect()
        return sum(type(one) is Picture for one in gc.get_objects())

    # What tests before this one have left does not count.
    before = pictures()

    def scroll(times: int) -> int:
        for _ in range(times):
            for pane in grid.panes[:3]:
                scans.wheel(pane, 120)
                pane.grab()
                if pane.slice_index() == pane.slice_count() - 1:
                    pane.set_index(0)
        return pictures() - before

    assert scroll(5) <= 4
    assert scroll(40) <= 4


def test_samples_are_kept_up_to_a_number_of_bytes() -> None:
    cache = SampleCache(most_bytes=3000)
    made: list[int] = []

    def take(index: int) -> None:
        def make() -> Sample:
            made.append(index)
            return Sample(np.zeros(1000, np.uint8))

        cache.take(("t1", "ct", "stack", Cut(), index, 0), make)

    for index in (0, 1, 2, 0, 3, 0, 1):
        take(index)
    # The fourth drove out the second, which was used longest ago; a view of a scan counts nothing.
    assert made == [0, 1, 2, 3, 1]
    scan = np.zeros(100_000, np.uint8)
    for index in range(10, 20):
        cache.take(("ct", "ct", "axial", Cut(), index, 0), lambda: Sample(scan[:50_000]))
    take(0)
    assert made == [0, 1, 2, 3, 1]
    cache.forget("t1")
    take(0)
    assert made == [0, 1, 2, 3, 1, 0]
    # The series on whose planes it lies opens with others.
    cache.forget("ct")
    take(0)
    assert made == [0, 1, 2, 3, 1, 0, 0]


def test_a_closed_series_leaves_no_sample_though_all_panes_are_empty(grid: ViewGrid, document: Document) -> None:
    grid.panes[0].grab()
    samples = grid.panes[0].samples
    samples.take(("t1", "ct", "stack", Cut(), 99, 0), lambda: Sample(np.zeros(10, np.uint8)))
    for pane in grid.panes:
        pane.show_content(None)
    document.close_study(document.catalog.studies[0])
    assert ("t1", "ct", "stack", Cut(), 99, 0) not in samples


def test_a_deleted_grid_no_longer_listens(qapp: QApplication, document: Document) -> None:
    grid = ViewGrid(document, DARK)
    grid.show_series("ct")
    grid.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    # A grid that still listened would touch widgets that are gone, and raise.
    document.set_window("ct", Window(10, 10))


def test_colours_of_the_active_pane_come_from_the_theme(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct")
    edge = grid.panes[0].grab().toImage().pixelColor(0, 300)
    assert edge == QColor(DARK.accent)
    assert grid.capture(grid.panes[0]).pixelColor(0, 300) == QColor("#000000")
    assert grid.panes[1].grab().toImage().pixelColor(0, 300) == QColor("#000000")
