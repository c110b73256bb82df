"""Panes of one space move together, by position and not by number; panes of different patients never do."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog, Patient
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.grid import LAYOUTS, ViewGrid
from medgan_viewer.ui.views.lines import crossing
from medgan_viewer.ui.views.pane import LAYER_MIME, SERIES_MIME, Pane
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


def _thick() -> OpenSeries:
    """Return the same head in slices of 6 mm, matrix 32 × 32."""
    shape, spacing = (10, 32, 32), (6.0, 3.0, 3.0)
    return scans.opened_series("thick", scans.stack_of(scans.ball(shape, spacing), spacing=spacing))


@pytest.fixture
def document() -> Document:
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())), _thick())


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    return scans.side_by_side(qtbot, document, "ct", "thick")


def _heights(grid: ViewGrid) -> list[float]:
    planes = [pane.scene.plane for pane in grid.visible_panes if pane.scene is not None]
    return [float(plane.origin[2]) for plane in planes if plane is not None]


def test_scrolling_takes_linked_panes_to_the_same_place_between_different_spacings(grid: ViewGrid) -> None:
    for steps in (3, -7, 2, 20, -40):
        scans.wheel(grid.panes[0], 120 * steps)
        here, there = _heights(grid)
        assert abs(here - there) <= 3.0 + 1e-6
    scans.wheel(grid.panes[1], 120 * 4)
    here, there = _heights(grid)
    # Slices of 3 mm find a slice of the other series within half their distance.
    assert abs(here - there) <= 1.5 + 1e-6


def test_unlinked_panes_go_their_own_way_and_meet_again(grid: ViewGrid) -> None:
    grid.set_linked(False)
    before = grid.panes[1].slice_index()
    scans.wheel(grid.panes[0], 120 * 8)
    assert grid.panes[1].slice_index() == before
    grid.set_linked(True)
    here, there = _heights(grid)
    assert abs(here - there) <= 3.0 + 1e-6


def test_zoom_and_pan_show_the_same_place_in_linked_panes(grid: ViewGrid) -> None:
    scans.wheel(grid.panes[0], 240, QPointF(100, 150), Qt.KeyboardModifier.ControlModifier)
    scans.drag(grid.panes[0], 35, -20, Qt.MouseButton.MiddleButton)
    first, second = (pane.mapping() for pane in grid.panes[:2])
    assert first is not None
    assert second is not None
    assert first.scale == pytest.approx(second.scale)
    assert first.point_at(60, 70)[:2] == pytest.approx(second.point_at(60, 70)[:2])


def test_a_series_joins_the_slice_and_the_zoom_of_the_pane_beside_it(grid: ViewGrid) -> None:
    scans.wheel(grid.panes[0], 120 * 5)
    scans.wheel(grid.panes[0], 240, QPointF(100, 150), Qt.KeyboardModifier.ControlModifier)
    grid.show_series("ct", grid.panes[1])
    assert grid.panes[1].slice_index() == grid.panes[0].slice_index()
    first, second = (pane.mapping() for pane in grid.panes[:2])
    assert first is not None
    assert second is not None
    assert first.point_at(60, 70) == pytest.approx(second.point_at(60, 70))


def test_a_linked_pane_beyond_the_end_of_its_series_says_how_far_it_is(qtbot: QtBot) -> None:
    short = scans.opened_series("short", scans.stack_of(scans.ball((4, 64, 48)), spacing=(3.0, 1.5, 2.0)))
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())), short)
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct", grid.panes[0])
    grid.show_series("short", grid.panes[1])
    assert grid.panes[1].apart == 0
    grid.go_last()
    # 28.5 mm against the last of four slices, at 4.5 mm.
    assert grid.panes[1].apart == pytest.approx(24.0)


# -- windows ---------------------------------------------------------------------------------------------------------


def test_ct_beside_ct_shares_its_window(grid: ViewGrid, document: Document) -> None:
    grid.apply_window(Window(400, 50))
    assert document.window("ct") == document.window("thick") == Window(400, 50)


def test_a_synthetic_image_never_shares_the_window_of_its_source(qtbot: QtBot, document: Document) -> None:
    opened = document.opened("ct")
    assert opened is not None
    document.add_layer(scans.image_layer(opened))
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct")
    grid.show_layer("t1")
    grid.apply_window(Window(400, 50))
    assert document.window("t1") == Window(1000, 500)
    scans.drag(grid.panes[1], 100, 0)
    assert document.window("ct") == Window(400, 50)
    assert document.window("t1").width > 1000


def test_mr_beside_mr_keeps_windows_apart(qtbot: QtBot) -> None:
    series = [scans.opened_series(uid, scans.stack_of(scans.ball(), modality="MR", unit="")) for uid in ("flair", "t2")]
    document = scans.document_with(*series)
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("flair", grid.panes[0])
    grid.show_series("t2", grid.panes[1])
    before = document.window("t2")
    grid.apply_window(Window(400, 50))
    assert document.window("t2") == before


# -- patients --------------------------------------------------------------------------------------------------------


def _of_another_patient(document: Document) -> None:
    # The very same frame of reference, as careless anonymisation leaves it.
    other = scans.opened_series("other", scans.stack_of(scans.ball()), patient=Patient("Else^Eva", "P-0002"))
    document.add_catalog(Catalog((other.study,)))
    document.open_series(other)


def test_panes_of_different_patients_carry_a_warning_and_never_move_together(
    grid: ViewGrid, document: Document
) -> None:
    _of_another_patient(document)
    assert not any(pane.warned for pane in grid.panes)
    grid.show_series("other", grid.panes[1])
    assert [pane.warned for pane in grid.visible_panes] == [True, True]
    assert all(grid.capture(pane).pixelColor(0, 200) == QColor(DARK.image_warning) for pane in grid.visible_panes)
    before = grid.panes[1].content, grid.panes[1].camera
    grid.apply_window(Window(333, 33))
    scans.wheel(grid.panes[0], 120 * 4)
    scans.wheel(grid.panes[0], 240, keys=Qt.KeyboardModifier.ControlModifier)
    scans.mouse(grid.panes[0], QEvent.Type.MouseMove, QPointF(150, 200), keys=Qt.KeyboardModifier.ShiftModifier)
    assert (grid.panes[1].content, grid.panes[1].camera) == before
    assert document.window("other") != Window(333, 33)
    grid.show_series("thick", grid.panes[1])
    assert not any(pane.warned for pane in grid.panes)


def test_results_of_one_patient_are_never_drawn_on_another(qtbot: QtBot, document: Document) -> None:
    _of_another_patient(document)
    opened = document.opened("ct")
    assert opened is not None
    document.add_layer(scans.label_layer(opened))
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("other")
    grid.set_overlay_visible(True)
    picture = scans.pixels(grid.capture(grid.panes[0])).astype(int)
    assert np.ptp(picture[150:450, 250:550], axis=2).max() == 0


# -- crosshair and reference lines -----------------------------------------------------------------------------------


def test_moving_with_shift_takes_linked_panes_to_the_slice_under_the_pointer(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    axial, coronal, sagittal = grid.panes[:3]
    mapping = axial.mapping()
    assert mapping is not None
    x, y = mapping.to_screen(20, 33)
    scans.mouse(axial, QEvent.Type.MouseMove, QPointF(x, y), keys=Qt.KeyboardModifier.ShiftModifier)
    assert coronal.slice_index() == 20
    assert sagittal.slice_index() == 33
    assert axial.slice_index() == 10
    point = document.crosshair(scans.FRAME)
    assert point is not None
    assert point == pytest.approx(mapping.plane.point(20, 33))
    for pane in (coronal, sagittal):
        other = pane.mapping()
        assert other is not None
        place = other.point_to_screen(point)
        assert other.point_at(*place) == pytest.approx(point, abs=1e-6)


def test_the_crosshair_tool_points_with_a_drag(grid: ViewGrid) -> None:
    grid.set_tool("crosshair")
    scans.drag(grid.panes[0], 30, 0)
    picture = scans.pixels(grid.capture(grid.panes[1])).astype(int)
    wanted = QColor(DARK.crosshair)
    teal = np.abs(picture - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) < 60
    assert teal.any(axis=0).sum() > 300
    grid.set_tool("window")
    picture = scans.pixels(grid.capture(grid.panes[1])).astype(int)
    teal = np.abs(picture - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) < 60
    assert teal.sum() == 0


def test_planes_cross_where_geometry_says(document: Document) -> None:
    opened = document.opened("ct")
    assert opened is not None
    from medgan_viewer.ui.views.slices import GridSlices

    axial = GridSlices(opened.volume(), "axial").plane(4)
    coronal = GridSlices(opened.volume(), "coronal").plane(50)
    ends = crossing(coronal, axial)
    assert ends is not None
    # Row 50 of 64 every 1.5 mm, slice 4 of 20 every 3 mm, from the first to the last of 48 columns every 2 mm.
    for end, x in zip(sorted(ends, key=lambda one: float(one[0])), (-47.0, 47.0), strict=True):
        assert end == pytest.approx([x, (50 - 31.5) * 1.5, (4 - 9.5) * 3.0])
    assert crossing(axial, GridSlices(opened.volume(), "axial").plane(5)) is None


def test_mpr_shows_where_the_other_planes_lie(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    coronal = grid.panes[1]
    mapping = coronal.mapping()
    assert mapping is not None
    wanted = QColor(DARK.accent)
    for index in (10, 13):
        grid.panes[0].set_index(10)
        scans.wheel(grid.panes[0], (index - 10) * 120)
        x, y = mapping.point_to_screen(np.array([20.0, 0.0, (index - 9.5) * 3.0]))
        colour = scans.pixels(coronal.capture())[round(y) - 1 : round(y) + 2, round(x)].astype(int)
        assert np.abs(colour - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=1).min() < 90


# -- work ------------------------------------------------------------------------------------------------------------


class _Paints(QObject):
    """Counts how often each pane is painted."""

    def __init__(self, panes: list[Pane]) -> None:
        super().__init__()
        self.counts = dict.fromkeys(panes, 0)
        for pane in panes:
            pane.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            for pane in self.counts:
                if pane is watched:
                    self.counts[pane] += 1
        return False


def test_one_turn_of_the_wheel_paints_every_linked_pane_once_and_no_hidden_one(
    qtbot: QtBot, document: Document
) -> None:
    grid = scans.shown_grid(qtbot, document, "2x2")
    for pane in grid.panes:
        grid.show_series("ct", pane)
    grid.set_layout_name("1x3")
    qtbot.waitUntil(lambda: grid.panes[2].width() > 200)
    QApplication.processEvents()
    paints = _Paints(grid.panes)
    scans.wheel(grid.panes[0], 120)
    QApplication.processEvents()
    assert [paints.counts[pane] for pane in grid.panes] == [1, 1, 1, 0, 0, 0, 0, 0, 0]
    # A change that concerns another series paints nothing of it.
    document.slice_loaded("thick", 0)
    QApplication.processEvents()
    assert [paints.counts[pane] for pane in grid.panes] == [1, 1, 1, 0, 0, 0, 0, 0, 0]


# -- layouts ---------------------------------------------------------------------------------------------------------


def test_panes_keep_what_they_show_when_the_layout_changes(grid: ViewGrid) -> None:
    for layout in (*LAYOUTS, "1x2"):
        grid.set_layout_name(layout)
        assert grid.layout_name == layout
    shown = [pane.content.series_uid if pane.content is not None else None for pane in grid.panes]
    assert shown == ["ct", "thick", *[None] * 7]
    assert [pane.isVisible() for pane in grid.panes] == [True, True, *[False] * 7]


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "mpr"])
def test_a_layout_has_as_many_rows_and_columns_as_its_name_says(qtbot: QtBot, document: Document, layout: str) -> None:
    grid = scans.shown_grid(qtbot, document, layout)
    rows, columns = (int(number) for number in layout.split("x"))
    shown = grid.visible_panes
    assert len(shown) == rows * columns
    qtbot.waitUntil(lambda: len({(pane.x(), pane.y()) for pane in shown}) == rows * columns)
    # In reading order, and all of one size but for the odd pixel.
    assert [(pane.y(), pane.x()) for pane in shown] == sorted((pane.y(), pane.x()) for pane in shown)
    assert len({pane.y() for pane in shown}) == rows
    assert max(pane.width() for pane in shown) - min(pane.width() for pane in shown) <= 1
    assert max(pane.height() for pane in shown) - min(pane.height() for pane in shown) <= 1


def test_leaving_mpr_stays_at_the_slice_that_was_looked_at(grid: ViewGrid) -> None:
    grid.set_layout_name("mpr")
    scans.wheel(grid.panes[0], 120 * 6)
    grid.set_layout_name("1x2")
    contents = [pane.content for pane in grid.visible_panes]
    assert [content.orientation for content in contents if content is not None] == ["stack", "stack"]
    assert grid.panes[0].slice_index() == 16
    here, there = _heights(grid)
    assert abs(here - there) <= 3.0 + 1e-6


def test_a_series_shown_in_mpr_stays_when_mpr_is_left(grid: ViewGrid) -> None:
    grid.show_series("ct", grid.panes[1])
    grid.set_layout_name("mpr")
    grid.show_series("thick")
    assert [pane.content.series_uid for pane in grid.panes[:3] if pane.content is not None] == ["thick"] * 3
    grid.set_layout_name("1x2")
    assert [pane.content.series_uid for pane in grid.visible_panes if pane.content is not None] == ["thick", "ct"]


def test_closing_a_study_empties_its_panes_and_ends_the_warning(grid: ViewGrid, document: Document) -> None:
    _of_another_patient(document)
    grid.show_series("other", grid.panes[1])
    grid.set_layout_name("mpr")
    grid.set_layout_name("1x2")
    assert grid.panes[0].warned
    other = document.opened("other")
    assert other is not None
    document.close_study(next(study for study in document.catalog.studies if study.uid == other.study.uid))
    assert [pane.content.series_uid if pane.content else None for pane in grid.visible_panes] == ["ct", None]
    assert not grid.panes[0].warned
    assert grid.visible_slice("other") is None


def test_closing_a_study_in_mpr_forgets_it_for_afterwards_too(grid: ViewGrid, document: Document) -> None:
    grid.set_layout_name("mpr")
    opened = document.opened("ct")
    assert opened is not None
    document.close_study(document.catalog.studies[0])
    assert all(pane.content is None for pane in grid.panes)
    grid.set_layout_name("1x2")
    assert all(pane.content is None for pane in grid.panes)
    grid.panes[0].grab()


def test_mpr_shows_three_planes_of_the_active_series(grid: ViewGrid) -> None:
    grid.set_layout_name("mpr")
    contents = [pane.content for pane in grid.panes]
    kinds = [content.orientation for content in contents if content is not None]
    assert kinds[:3] == ["axial", "coronal", "sagittal"]
    assert [content.slice_count for content in contents[:3] if content is not None] == [20, 64, 48]
    # Beside them stands what stood beside the series.
    assert contents[3] is not None
    assert contents[3].series_uid == "thick"


def test_a_double_click_maximises_a_pane_and_back(qtbot: QtBot, grid: ViewGrid) -> None:
    pane = grid.panes[1]
    scans.mouse(pane, QEvent.Type.MouseButtonPress, QPointF(50, 50), Qt.MouseButton.LeftButton)
    scans.mouse(pane, QEvent.Type.MouseButtonRelease, QPointF(50, 50), Qt.MouseButton.LeftButton)
    scans.mouse(pane, QEvent.Type.MouseButtonDblClick, QPointF(50, 50), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane.width() == grid.width())
    assert not grid.panes[0].isVisible()
    scans.mouse(pane, QEvent.Type.MouseButtonDblClick, QPointF(50, 50), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: grid.panes[0].isVisible() and pane.width() < grid.width())


def test_a_click_makes_a_pane_the_active_one_and_gives_the_grid_the_keyboard(qtbot: QtBot, grid: ViewGrid) -> None:
    grid.activateWindow()
    with qtbot.waitSignal(grid.active_pane_changed):
        scans.mouse(grid.panes[1], QEvent.Type.MouseButtonPress, QPointF(50, 50), Qt.MouseButton.LeftButton)
    assert grid.active_pane is grid.panes[1]
    assert grid.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert grid.panes[1].focusProxy() is grid


def test_the_pane_beside_a_series_is_an_empty_one_or_the_next(grid: ViewGrid) -> None:
    assert grid.pane_beside("ct") is grid.panes[1]
    assert grid.pane_beside("thick") is grid.panes[0]
    grid.set_layout_name("2x2")
    assert grid.pane_beside("ct") is grid.panes[2]
    grid.set_layout_name("1x1")
    assert grid.pane_beside("ct") is grid.panes[0]
    grid.set_layout_name("mpr")
    assert grid.pane_beside("ct") is grid.panes[3]


# -- drag and drop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mime", [SERIES_MIME, LAYER_MIME])
def test_a_thumbnail_dropped_on_a_pane_asks_for_its_series(qtbot: QtBot, grid: ViewGrid, mime: str) -> None:
    data = QMimeData()
    data.setData(mime, b"thick")
    with qtbot.waitSignal(grid.series_dropped) as dropped:
        _drop(grid, data)
    assert dropped.args == ["thick", grid.panes[1]]


def test_files_dropped_on_a_pane_are_to_be_opened(qtbot: QtBot, grid: ViewGrid, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl("https://example.org/none")])
    with qtbot.waitSignal(grid.files_dropped) as dropped:
        _drop(grid, data)
    assert dropped.args == [[tmp_path]]


def _drop(grid: ViewGrid, data: QMimeData) -> None:
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), Qt.DropAction.CopyAction, data, buttons, keys)
    enter.ignore()
    grid.panes[1].dragEnterEvent(enter)
    assert enter.isAccepted()
    grid.panes[1].dropEvent(QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, buttons, keys))
