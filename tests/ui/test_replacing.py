"""A series that was chosen by mistake takes a picture's place: undo brings the picture back as it was."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medgan_viewer.core.commands import RemoveLayers
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.views.camera import Camera
from medgan_viewer.ui.views.scene import Shown
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    mr = scans.stack_of(scans.ball(), modality="MR", unit="")
    other = scans.opened_series("mr", mr, description="T2 TSE", contrast="T2", number=5)
    held = scans.document_with(opened, other)
    held.add_layer(replace(scans.image_layer(opened, "made"), visible=True))
    return held


@pytest.fixture
def window(show_window: ShowWindow, document: Document) -> MainWindow:
    return show_window(document)


def _choose(window: MainWindow, uid: str) -> None:
    """Click a series in the list."""
    window.studies.series_chosen.emit(uid)


def _shown(window: MainWindow) -> list[str | None]:
    return [None if pane.shown is None else pane.shown.series_uid for pane in window.grid.visible_panes]


def test_undo_brings_back_slice_part_window_and_comparison(window: MainWindow) -> None:
    grid, pane = window.grid, window.grid.panes[0]
    grid.set_linked(False)
    grid.go_to_slice(4)
    pane.camera = Camera(60.0, 60.0, 5.0, 3.0, 1.5)
    grid.apply_window(Window(300.0, 20.0))
    grid.invert()
    grid.set_overlay_visible(True)
    grid.set_swipe(True)
    pane.swipe_share = 0.3
    QApplication.processEvents()
    before = scans.pixels(pane.capture())
    assert is_marked(pane)
    _choose(window, "mr")
    grid.set_comparison(None)
    pane.swipe_share = 0.8
    grid.go_to_slice(11)
    assert window.document.selected_series == "mr"
    window.actions_by_id["edit.undo"].trigger()
    assert (pane.slice_index(), grid.comparison, pane.swipe_share) == (4, "swipe", 0.3)
    assert window.document.window("ct") == Window(300.0, 20.0)
    assert window.document.selected_series == "ct"
    assert window.actions_by_id["compare.swipe"].isChecked()
    QApplication.processEvents()
    assert np.array_equal(scans.pixels(pane.capture()), before)
    assert is_marked(pane)


def test_redo_shows_the_series_again_where_the_reader_was_in_it(window: MainWindow) -> None:
    grid = window.grid
    _choose(window, "mr")
    grid.go_to_slice(11)
    undo, redo = (window.actions_by_id[f"edit.{name}"] for name in ("undo", "redo"))
    assert undo.text() == "Undo: Show T2 TSE in the pane"
    undo.trigger()
    assert _shown(window) == ["ct"]
    redo.trigger()
    assert (_shown(window), grid.panes[0].slice_index()) == (["mr"], 11)
    assert window.document.selected_series == "mr"
    undo.trigger()
    assert _shown(window) == ["ct"]


def test_switches_that_all_panes_share_stay_as_they_are(window: MainWindow) -> None:
    grid = window.grid
    grid.set_overlay_visible(True)
    _choose(window, "mr")
    grid.set_overlay_visible(False)
    grid.set_difference_colours("grey")
    window.document.undo()
    assert not grid.panes[0].state.overlay
    assert grid.panes[0].state.difference_colours == "grey"


def test_a_comparison_by_turns_goes_on_turning(window: MainWindow) -> None:
    grid = window.grid
    grid.set_comparison("flicker")
    grid.set_flicker_rate(4.0)
    _choose(window, "mr")
    grid.set_comparison(None)
    assert not grid._flicker.isActive()
    window.document.undo()
    assert grid.comparison == "flicker"
    assert grid._flicker.isActive()


def test_a_series_dropped_on_a_pane_can_be_taken_back_while_another_pane_is_active(window: MainWindow) -> None:
    grid = window.grid
    grid.set_layout_name("1x2")
    grid.series_dropped.emit("ct", grid.panes[1])
    assert window.document.undo_label is None, "nothing was in its place"
    grid.series_dropped.emit("mr", grid.panes[1])
    assert grid.active_pane is grid.panes[0]
    window.document.undo()
    assert _shown(window) == ["ct", "ct"]
    assert grid.active_pane is grid.panes[1], "what came back is what keys speak to"


def _shown_layers(window: MainWindow) -> list[str | None]:
    return [None if pane.shown is None else pane.shown.layer_uid for pane in window.grid.visible_panes]


def _drop(window: MainWindow) -> None:
    window.grid.series_dropped.emit("made", window.grid.panes[1])


def _click_the_result(window: MainWindow) -> None:
    window.studies.layer_chosen.emit("made")


def _click_its_key_image(window: MainWindow) -> None:
    QTest.mouseClick(window.grid.panes[1], Qt.MouseButton.LeftButton)
    window._key_images.show(KeyImage("ct", 3, "made"))


@pytest.mark.parametrize("way", [_drop, _click_the_result, _click_its_key_image], ids=lambda way: way.__name__)
def test_a_result_that_takes_a_pictures_place_can_be_taken_back(
    window: MainWindow, way: Callable[[MainWindow], None]
) -> None:
    grid = window.grid
    grid.set_layout_name("1x2")
    grid.show_series("mr", grid.panes[1])
    assert window.document.undo_label is None
    way(window)
    assert _shown_layers(window) == [None, "made"]
    assert window.document.undo_label == "Show Synthetic T1 in the pane"
    window.document.undo()
    assert (_shown(window), _shown_layers(window)) == (["ct", "mr"], [None, None])


def test_what_is_done_after_a_click_on_a_result_is_done_in_its_pane(window: MainWindow) -> None:
    grid = window.grid
    grid.set_layout_name("1x2")
    grid.show_series("mr", grid.panes[1])
    assert grid.active_pane is grid.panes[0]
    _click_the_result(window)
    assert grid.active_pane is grid.panes[1]
    window.actions_by_id["image.key"].trigger()
    assert [key.layer_uid for key in window.document.key_images] == ["made"]


def test_what_is_shown_already_or_does_not_open_is_no_step(window: MainWindow) -> None:
    _choose(window, "ct")
    assert window.document.undo_label is None
    unread = scans.opened_series("unread", scans.stack_of(scans.ball()), description="Unread")
    window.document.add_catalog(scans.document_with(unread).catalog)
    _choose(window, "unread")
    assert _shown(window) == ["ct"]
    assert window.document.undo_label is None


def test_each_of_several_series_chosen_in_turn_is_a_step(window: MainWindow) -> None:
    window.grid.show_layer("made", window.grid.panes[0])
    _choose(window, "ct")
    _choose(window, "mr")
    window.document.undo()
    assert window.grid.panes[0].shown == Shown("ct")
    window.document.undo()
    assert window.grid.panes[0].shown == Shown("ct", "made")
    assert is_marked(window.grid.panes[0])


def test_the_three_planes_come_back_together_also_from_another_layout(window: MainWindow) -> None:
    grid = window.grid
    grid.set_layout_name("mpr")
    grid.panes[1].set_index(7)
    _choose(window, "mr")
    assert _shown(window)[:3] == ["mr"] * 3
    grid.set_layout_name("1x1")
    window.document.undo()
    assert grid.layout_name == "mpr"
    assert _shown(window)[:3] == ["ct"] * 3
    assert [pane.shown.kind for pane in grid.panes[:3] if pane.shown] == ["axial", "coronal", "sagittal"]
    assert grid.panes[1].slice_index() == 7


def test_a_pane_that_is_out_of_sight_is_shown_to_bring_its_picture_back(window: MainWindow) -> None:
    grid = window.grid
    grid.set_layout_name("1x2")
    grid.show_series("ct", grid.panes[1])
    grid.series_dropped.emit("mr", grid.panes[1])
    grid.set_layout_name("1x1")
    window.document.undo()
    assert (grid.layout_name, _shown(window)) == ("1x2", ["ct", "ct"])


def test_the_original_comes_back_for_a_synthetic_image_that_is_gone(window: MainWindow) -> None:
    pane = window.grid.panes[0]
    window.grid.show_layer("made", pane)
    _choose(window, "mr")
    layer = window.document.layer("made")
    assert isinstance(layer, ImageLayer)
    window.document.remove_layer("made")
    window.document.undo()
    assert pane.shown == Shown("ct")
    assert not is_marked(pane)


def test_other_steps_keep_their_order(window: MainWindow) -> None:
    _choose(window, "mr")
    window.document.execute(RemoveLayers((window.document.layer("made"),)))
    window.document.undo()
    assert (_shown(window), len(window.document.layers)) == (["mr"], 1)
    window.document.undo()
    assert _shown(window) == ["ct"]


def test_nothing_of_a_closed_study_comes_back(window: MainWindow) -> None:
    _choose(window, "mr")
    window.document.close_study(window.document.catalog.studies[0])
    assert window.document.undo_label is None
    window.document.undo()
    assert _shown(window) == [None]
