"""Drawing in segmentations with the mouse, the keys and the panel."""

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.oblique import Triad
from medgan_viewer.core.slabs import Slab
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.segment_editor import LARGEST_MM, SMALLEST_MM, SegmentEditor
from medgan_viewer.ui.segment_editor_mouse import BrushRing, no_drawing
from medgan_viewer.ui.segment_editor_panel import COLOURS, SegmentPanel
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.mark import mark_for
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.tools.drawing import DRAWING
from tests.ui.view_fixtures import (
    PATIENT,
    axial_affine,
    ball,
    document_with,
    image_layer,
    label_layer,
    mouse,
    opened_series,
    pixels,
    shown_grid,
    stack_of,
)

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
LEFT = Qt.MouseButton.LeftButton


@dataclass
class Desk:
    """A grid with an editor and its panel, and what the editor said."""

    document: Document
    opened: OpenSeries
    grid: ViewGrid
    editor: SegmentEditor
    panel: SegmentPanel
    said: list[str] = field(default_factory=list)

    @property
    def pane(self) -> Pane:
        return self.grid.active_pane

    @property
    def layer(self) -> LabelLayer:
        layer = self.editor.layer
        assert layer is not None
        return layer

    @property
    def labels(self) -> Voxels:
        return self.layer.volume.array

    def at(self, row: float, column: float, pane: Pane | None = None) -> QPointF:
        """Return where a voxel of the displayed slice stands on the screen."""
        mapping = (pane or self.pane).mapping()
        assert mapping is not None
        return QPointF(*mapping.to_screen(row, column))

    def stroke(self, *places: tuple[float, float], pane: Pane | None = None) -> None:
        """Draw with the left button through voxels of the displayed slice."""
        pane = pane or self.pane
        points = [self.at(row, column, pane) for row, column in places]
        mouse(pane, PRESS, points[0], LEFT)
        for point in points[1:]:
            mouse(pane, MOVE, point)
        mouse(pane, RELEASE, points[-1], LEFT)


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background("test segmentations")
    yield made
    made.close()


def desk_of(qtbot: QtBot, background: Background, opened: OpenSeries, layout: str = "1x1") -> Desk:
    document = document_with(opened)
    document.select_series(opened.series.uid)
    grid = shown_grid(qtbot, document, layout)
    if layout != "mpr":
        grid.show_series(opened.series.uid)
    editor = SegmentEditor(document, grid, background, grid)
    panel = SegmentPanel(editor, grid)
    qtbot.addWidget(panel)
    panel.resize(276, 600)
    desk = Desk(document, opened, grid, editor, panel)
    editor.notice.connect(desk.said.append)
    return desk


@pytest.fixture
def desk(qtbot: QtBot, background: Background) -> Desk:
    return desk_of(qtbot, background, opened_series("ct", stack_of(ball())))


def changed_slices(labels: Voxels, label: int = 1) -> list[int]:
    return [index for index in range(labels.shape[0]) if (labels[index] == label).any()]


# -- the mouse -------------------------------------------------------------------------------------------------------


def test_that_the_first_stroke_on_a_series_makes_a_segmentation_that_is_drawn_by_hand(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.stroke((30, 20), (30, 28))
    assert desk.layer.provenance.hand == "drawn"
    assert changed_slices(desk.labels) == [desk.pane.slice_index()]
    assert desk.labels[10, 30, 20] == desk.labels[10, 30, 24] == desk.labels[10, 30, 28] == 1
    assert desk.document.undo_label == "Paint Segment 1"
    assert desk.grid.overlay_visible


def test_that_a_stroke_is_as_wide_in_mm_as_the_brush(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.set_diameter(24.0)
    desk.stroke((32, 24))
    rows = np.flatnonzero((desk.labels[10] == 1).any(axis=1))
    columns = np.flatnonzero((desk.labels[10] == 1).any(axis=0))
    assert (rows[-1] - rows[0]) * 1.5 == pytest.approx(24.0, abs=1.5)
    assert (columns[-1] - columns[0]) * 2.0 == pytest.approx(24.0, abs=2.0)


def test_that_a_ball_goes_through_the_slices(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.set_ball(True)
    desk.editor.set_diameter(18.0)
    desk.stroke((32, 24))
    assert changed_slices(desk.labels) == [7, 8, 9, 10, 11, 12, 13]


def test_that_what_is_drawn_is_on_the_screen_before_the_button_is_let_go(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.set_diameter(30.0)
    at = desk.at(32, 24)
    colour = pixels(desk.pane.capture())[round(at.y()), round(at.x())]
    mouse(desk.pane, PRESS, at, LEFT)
    during = pixels(desk.pane.capture())[round(at.y()), round(at.x())]
    assert np.abs(during.astype(int) - colour.astype(int)).max() > 40
    mouse(desk.pane, RELEASE, at, LEFT)
    after = pixels(desk.pane.capture())[round(at.y()), round(at.x())]
    np.testing.assert_array_equal(after, during)


def test_that_one_undo_takes_a_whole_stroke_back_and_redo_brings_it_again(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.stroke((30, 20), (34, 24), (40, 30))
    drawn = desk.labels.copy()
    desk.document.undo()
    assert not desk.labels.any()
    desk.document.redo()
    np.testing.assert_array_equal(desk.labels, drawn)


def test_that_nothing_is_undone_under_a_stroke(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.stroke((30, 20))
    before = desk.labels.copy()
    mouse(desk.pane, PRESS, desk.at(40, 30), LEFT)
    desk.document.undo()
    assert desk.labels[10, 30, 20] == 1
    assert desk.editor.cancel()
    np.testing.assert_array_equal(desk.labels, before)
    desk.document.undo()
    assert not desk.labels.any()


def test_that_escape_leaves_the_stroke_then_the_tool(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.stroke((30, 20))
    before = desk.labels.copy()
    mouse(desk.pane, PRESS, desk.at(40, 30), LEFT)
    assert (desk.labels != before).any()
    assert desk.editor.cancel()
    np.testing.assert_array_equal(desk.labels, before)
    assert desk.editor.tool == "brush"
    mouse(desk.pane, RELEASE, desk.at(40, 30), LEFT)
    np.testing.assert_array_equal(desk.labels, before)
    assert desk.editor.cancel()
    assert desk.editor.tool is None
    assert desk.grid.tool == "window"
    assert not desk.editor.cancel()


def test_that_an_eraser_and_a_fill_change_the_chosen_segment(desk: Desk) -> None:
    desk.document.add_layer(label_layer(desk.opened))
    desk.editor.choose("anatomy")
    core = int((desk.labels == 1).sum())
    desk.editor.take("eraser")
    desk.stroke((32, 24))
    hole = core - int((desk.labels == 1).sum())
    assert hole > 0
    assert desk.layer.provenance.hand == "edited"
    desk.editor.take("fill")
    desk.stroke((32, 24))
    assert int((desk.labels == 1).sum()) == core
    desk.stroke((1, 1))
    assert "open" in desk.said[-1]
    assert int((desk.labels == 1).sum()) == core


def test_that_the_threshold_brush_paints_on_values_in_its_range_alone(desk: Desk) -> None:
    desk.document.set_window("ct", Window(80, 40))
    desk.editor.take("threshold")
    assert desk.editor.between == (0.0, 80.0)
    desk.editor.set_between(20, 60)
    desk.editor.set_diameter(100.0)
    desk.stroke((32, 24))
    painted = desk.labels == 1
    np.testing.assert_array_equal(painted[10], desk.opened.stack.array[10] == 40)
    desk.editor.set_between_window()
    assert desk.editor.between == (0.0, 80.0)
    desk.editor.set_between(50, 10)
    assert desk.editor.between == (50.0, 50.0)


def test_that_the_wheel_with_alt_changes_the_size_and_without_it_the_slice(desk: Desk) -> None:
    desk.editor.take("brush")
    before, index = desk.editor.diameter_mm, desk.pane.slice_index()
    _alt_wheel(desk.pane, 120)
    assert desk.editor.diameter_mm > before
    _alt_wheel(desk.pane, -240)
    assert desk.editor.diameter_mm < before
    assert desk.pane.slice_index() == index
    desk.editor.set_diameter(5000)
    assert desk.editor.diameter_mm == LARGEST_MM
    desk.editor.set_diameter(0)
    assert desk.editor.diameter_mm == SMALLEST_MM


def _alt_wheel(pane: Pane, delta: int) -> None:
    at = QPointF(pane.rect().center())
    event = QWheelEvent(
        at,
        pane.mapToGlobal(at),
        QPoint(),
        QPoint(delta, 0),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.AltModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


def test_that_a_ring_as_large_as_the_brush_follows_the_mouse_and_goes_with_the_tool(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.set_diameter(30.0)
    at = desk.at(32, 24)
    mouse(desk.pane, MOVE, at)
    ring = desk.pane.findChild(BrushRing)
    assert isinstance(ring, BrushRing)
    assert ring.isVisible()
    mapping = desk.pane.mapping()
    assert mapping is not None
    assert ring.width() == pytest.approx(30.0 * mapping.scale, abs=9)
    assert abs(ring.geometry().center().x() - at.x()) <= 2
    desk.editor.take("fill")
    assert not ring.isVisible()
    desk.editor.take("brush")
    mouse(desk.pane, MOVE, at)
    QApplication.sendEvent(desk.pane, QEvent(QEvent.Type.Leave))
    assert not ring.isVisible()


def test_that_other_buttons_and_tools_keep_their_meaning(desk: Desk) -> None:
    desk.editor.take("brush")
    camera = desk.pane.camera
    mouse(desk.pane, PRESS, desk.at(32, 24), Qt.MouseButton.MiddleButton)
    mouse(desk.pane, MOVE, desk.at(40, 30))
    mouse(desk.pane, RELEASE, desk.at(40, 30), Qt.MouseButton.MiddleButton)
    assert desk.pane.camera != camera
    assert desk.editor.layer is None
    desk.grid.set_tool("distance")
    assert desk.editor.tool is None
    desk.stroke((20, 20), (30, 30))
    assert desk.editor.layer is None
    assert len(desk.document.annotations.all) == 1


# -- where ---------------------------------------------------------------------------------------------------------


def test_that_in_mpr_a_flat_brush_draws_on_the_plane_of_its_pane(qtbot: QtBot, background: Background) -> None:
    desk = desk_of(qtbot, background, opened_series("ct", stack_of(ball())), "1x1")
    desk.grid.set_layout_name("mpr")
    desk.editor.take("brush")
    desk.editor.new()
    axes = {}
    for pane in desk.grid.visible_panes:
        if pane.scene is None or pane.mapping() is None:
            continue
        desk.document.undo()
        desk.document.redo()
        before = desk.labels.copy()
        centre = QPointF(pane.rect().center())
        mouse(pane, PRESS, centre, LEFT)
        mouse(pane, RELEASE, centre, LEFT)
        changed = np.argwhere(desk.labels != before)
        assert len(changed)
        axes[pane.scene.shown.kind] = [axis for axis in range(3) if len(np.unique(changed[:, axis])) == 1]
        desk.document.undo()
    assert axes == {"axial": [0], "coronal": [1], "sagittal": [2]}


def test_that_an_uneven_series_is_drawn_on_in_mpr_and_its_acquired_slices_say_so(
    qtbot: QtBot, background: Background
) -> None:
    array = ball()
    affine = axial_affine(array.shape, (3.0, 1.5, 2.0))
    origins = np.array([affine[:3, 3] + i * affine[:3, 0] for i in range(len(array))])
    origins[10:, 2] += 4.0
    desk = desk_of(qtbot, background, opened_series("ct", stack_of(array, origins=origins)))
    desk.editor.take("brush")
    desk.stroke((32, 24))
    assert desk.said == ["The slices of this series are uneven or tilted: draw in MPR, on its regular grid."]
    assert not desk.labels.any()
    desk.grid.set_layout_name("mpr")
    pane = next(one for one in desk.grid.visible_panes if one.scene is not None and one.scene.shown.kind == "axial")
    centre = QPointF(pane.rect().center())
    mouse(pane, PRESS, centre, LEFT)
    mouse(pane, RELEASE, centre, LEFT)
    assert desk.labels.any()
    assert len(desk.said) == 1


def test_that_each_place_where_nobody_can_draw_says_why(desk: Desk) -> None:
    desk.editor.new()
    layer, pane = desk.layer, desk.pane
    assert no_drawing(pane, layer) == ""
    desk.document.add_layer(image_layer(desk.opened))
    desk.grid.show_layer("t1", pane)
    assert "synthetic" in no_drawing(pane, layer)
    desk.grid.show_series("ct", pane)
    desk.grid.set_slab(Slab("maximum", 9.0))
    assert "slab" in no_drawing(pane, layer)
    desk.grid.set_slab(None)
    other = opened_series("mr", stack_of(ball(), modality="MR"), modality="MR", description="Other")
    desk.document.add_catalog(document_with(other).catalog)
    desk.document.open_series(other)
    desk.grid.show_series("mr", pane)
    assert "belongs to Axial head" in no_drawing(pane, layer)
    desk.grid.show_series("ct", pane)
    desk.grid.set_layout_name("mpr")
    turned = next(one for one in desk.grid.visible_panes if one.scene is not None)
    scene = turned.scene
    assert scene is not None
    triad = Triad.along(layer.volume, np.zeros(3))
    scene.set_cut(replace(scene.cut, triad=triad.turned(triad.normal("axial"), 10.0)))
    assert "straighten" in no_drawing(turned, layer)


def test_that_a_hidden_or_locked_segment_or_an_unfinished_result_is_not_drawn_in(desk: Desk) -> None:
    desk.document.add_layer(label_layer(desk.opened))
    desk.editor.choose("anatomy")
    desk.editor.take("brush")
    before = desk.labels.copy()
    desk.editor.set_visible(1, False)
    desk.stroke((32, 24))
    desk.editor.set_visible(1, True)
    desk.editor.set_locked(1, True)
    desk.stroke((32, 24))
    desk.editor.set_locked(1, False)
    desk.layer.ready[3] = False
    desk.stroke((32, 24))
    assert [words in said for words, said in zip(("hidden", "locked", "still being"), desk.said, strict=True)] == [
        True
    ] * 3
    np.testing.assert_array_equal(desk.labels, before)
    assert desk.layer.provenance.hand == ""


def test_that_a_segmentation_that_goes_during_a_stroke_takes_the_stroke_with_it(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.new()
    mouse(desk.pane, PRESS, desk.at(32, 24), LEFT)
    desk.document.remove_layer(desk.layer.uid)
    assert not desk.editor.drawing
    mouse(desk.pane, MOVE, desk.at(34, 30))
    mouse(desk.pane, RELEASE, desk.at(34, 30), LEFT)
    assert desk.editor.layer is None


# -- the panel -------------------------------------------------------------------------------------------------------


def test_that_the_panel_is_there_while_somebody_edits(desk: Desk) -> None:
    assert desk.panel.isHidden()
    desk.editor.take("brush")
    assert not desk.panel.isHidden()
    assert "Take a tool" in desk.panel.why.text()
    desk.editor.set_open(False)
    assert desk.panel.isHidden()
    assert desk.editor.tool is None


def test_that_the_panel_shows_volumes_as_they_are_drawn_and_says_who_made_it(desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.set_ball(True)
    desk.editor.set_diameter(30.0)
    desk.stroke((32, 24))
    shown = desk.panel.rows[1].amount.text()
    assert float(shown.removesuffix(" ml")) == pytest.approx(4 / 3 * np.pi * 15.0**3 / 1000, rel=0.1)
    assert desk.panel.made.text() == "Drawn by hand"
    desk.document.undo()
    assert desk.panel.rows[1].amount.text() == "0.0 ml"
    desk.document.add_layer(label_layer(desk.opened))
    desk.editor.choose("anatomy")
    assert desk.panel.made.text() == "Head anatomy"
    desk.stroke((5, 5))
    assert desk.panel.made.text() == "Head anatomy · edited by hand"


def test_that_the_panel_s_controls_do_what_they_say(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.editor.set_open(True)
    desk.panel.new.click()
    desk.panel.add.click()
    assert desk.editor.label == 2
    desk.panel.rows[1].chosen.click()
    assert desk.editor.label == 1
    desk.panel.rows[1].visible.click()
    desk.panel.rows[2].locked.click()
    assert [(one.visible, one.locked) for one in desk.layer.segments] == [(False, False), (True, True)]
    actions = desk.panel.rows[1].colour.menu().actions()
    next(one for one in actions if one.text() == "Red").trigger()
    assert desk.layer.segments[0].colour == COLOURS["Red"]
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_options: ("  Tumour ", True))
    desk.panel.rename.click()
    assert desk.layer.segments[0].name == "Tumour"
    assert desk.panel.rows[1].chosen.text() == "Tumour"
    desk.panel.remove.click()
    assert [one.label for one in desk.layer.segments] == [2]
    for _ in range(6):
        desk.document.undo()
    assert [(one.label, one.name) for one in desk.layer.segments] == [(1, "Segment 1")]
    desk.panel.remove.click()
    assert "at least one" in desk.said[-1]


def test_that_size_and_range_are_typed_in_the_panel(desk: Desk) -> None:
    desk.editor.take("threshold")
    desk.panel.diameter.setValue(42.5)
    assert desk.editor.diameter_mm == 42.5
    desk.panel.low.setValue(-50)
    desk.panel.high.setValue(75)
    assert desk.editor.between == (-50.0, 75.0)
    assert desk.panel.low.text() == "-50.0 HU"
    desk.panel.ball.click()
    assert desk.editor.ball
    desk.editor.resize(1)
    assert desk.panel.diameter.value() == desk.editor.diameter_mm


def test_that_the_panel_is_no_wider_than_the_side_of_the_window(desk: Desk) -> None:
    desk.document.add_layer(label_layer(desk.opened))
    desk.editor.choose("anatomy")
    desk.editor.rename(1, "A structure with a name that is much longer than anybody would like")
    desk.editor.take("threshold")
    assert desk.panel.minimumSizeHint().width() <= 276


def test_that_a_violet_segment_cannot_be_chosen() -> None:
    for colour in COLOURS.values():
        red, green, blue = (part / 255 for part in bytes.fromhex(colour.removeprefix("#")))
        hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
        assert saturation < 0.1 or not 235 < hue * 360 < 325, colour


def test_that_slices_between_drawn_ones_are_filled_in_the_background(qtbot: QtBot, desk: Desk) -> None:
    desk.editor.take("brush")
    desk.editor.set_diameter(20.0)
    desk.grid.go_to_slice(4)
    desk.stroke((32, 24))
    desk.editor.interpolate()
    qtbot.waitUntil(lambda: not desk.editor.interpolating)
    assert "two slices" in desk.said[-1]
    desk.grid.go_to_slice(12)
    desk.stroke((32, 24))
    with qtbot.waitSignal(desk.editor.changed):
        desk.panel.interpolate.click()
    qtbot.waitUntil(lambda: not desk.editor.interpolating)
    assert changed_slices(desk.labels) == list(range(4, 13))
    assert desk.document.undo_label == "Interpolate Segment 1"
    desk.document.undo()
    assert changed_slices(desk.labels) == [4, 12]


def test_that_what_is_left_between_slices_is_dropped_with_its_segmentation(qtbot: QtBot, desk: Desk) -> None:
    desk.editor.take("brush")
    for index in (4, 12):
        desk.grid.go_to_slice(index)
        desk.stroke((32, 24))
    desk.editor.interpolate()
    desk.document.remove_layer(desk.layer.uid)
    qtbot.waitUntil(lambda: not desk.editor.interpolating)
    assert desk.editor.layer is None


# -- marks -----------------------------------------------------------------------------------------------------------


def test_that_the_mark_says_what_a_hand_did(desk: Desk) -> None:
    series = desk.opened.series
    made = label_layer(desk.opened)
    assert mark_for(series, (), (made,)).results[0] == "AI overlay · Head anatomy · not for diagnosis"
    edited = made.changed(provenance=made.provenance.edited("today"))
    words = mark_for(series, (), (edited,)).results
    assert words[0] == "AI overlay · Head anatomy · edited by hand · not for diagnosis"
    assert all("AI overlay" in one and "edited" in one for one in words)
    desk.editor.new()
    assert mark_for(series, (), (desk.layer,)).results == ("Drawn by hand",)
    assert "AI overlay" in mark_for(series, (), (desk.layer, made)).results[0]
    violet = mark_for(replace(series, synthetic=True), (), (desk.layer,))
    assert violet.synthetic[0].startswith("SYNTHETIC")


# -- the window ------------------------------------------------------------------------------------------------------


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    """Return the window with a patient's CT open."""
    opened = opened_series("ct", stack_of(ball()), patient=PATIENT)
    window.document.add_catalog(document_with(opened).catalog)
    window.document.open_series(opened)
    window.open_series("ct")
    window.document.select_series("ct")
    return window


@pytest.mark.window
def test_that_keys_take_the_tools_and_escape_puts_them_away(window: MainWindow) -> None:
    by_id = window.actions_by_id
    for tool in DRAWING:
        by_id[f"segment.{tool}"].trigger()
        assert window.grid.tool == tool
        assert [by_id[f"segment.{one}"].isChecked() for one in DRAWING] == [one == tool for one in DRAWING]
        assert not by_id["tool.window"].isChecked()
    by_id["help.cancel"].trigger()
    assert window.grid.tool == "window"
    assert by_id["tool.window"].isChecked()
    by_id["segment.brush"].trigger()
    by_id["segment.brush"].trigger()
    assert window.grid.tool == "window"
    by_id["segment.ball"].trigger()
    assert window.segmenting.ball
    before = window.segmenting.diameter_mm
    by_id["segment.larger"].trigger()
    by_id["segment.larger"].trigger()
    by_id["segment.smaller"].trigger()
    assert window.segmenting.diameter_mm > before
    by_id["segment.edit"].trigger()
    assert window.segments.isHidden()


@pytest.mark.window
def test_that_a_result_is_edited_from_its_row_and_everything_says_so(window: MainWindow) -> None:
    document = window.document
    opened = document.opened("ct")
    assert opened is not None
    document.add_layer(label_layer(opened))
    row = window.layers.row("anatomy")
    assert row is not None
    row.edit.click()
    assert window.segmenting.layer is document.layer("anatomy")
    window.segmenting.add_segment()
    window.actions_by_id["segment.brush"].trigger()
    pane = window.grid.active_pane
    _stroke_in_the_middle(pane)
    again = window.layers.row("anatomy")
    assert again is not None
    assert 3 in again.segments
    texts = [child.text() for child in window.layers.findChildren(type(window.segments.made))]
    assert any(text == "Head anatomy · edited by hand" for text in texts)
    assert any(text.startswith("Edited by hand: first on") for text in texts)
    assert window.actions_by_id["file.export"].isEnabled()
    for _ in range(2):
        window.actions_by_id["edit.undo"].trigger()
    texts = [child.text() for child in window.layers.findChildren(type(window.segments.made)) if child.isVisible()]
    assert not any("edited by hand" in text.lower() for text in texts)


def _stroke_in_the_middle(pane: Pane) -> None:
    centre = QPointF(pane.rect().center())
    mouse(pane, PRESS, centre, LEFT)
    mouse(pane, RELEASE, centre, LEFT)
