"""K marks the slice that is shown; the list below the images leads back to it."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QLabel

from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.slabs import Slab
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.panels.key_image_card import KeyImageCard, key_picture
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

pytestmark = pytest.mark.window


@pytest.fixture
def window(show_window: ShowWindow) -> MainWindow:
    """Return a window with a CT, a synthetic image of it and another CT, the first one shown."""
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    document = scans.document_with(opened, scans.opened_series("later", scans.stack_of(scans.ball())))
    document.add_layer(scans.image_layer(opened))
    return show_window(document)


def _mark(window: MainWindow, index: int) -> None:
    window.grid.go_to_slice(index)
    window.actions_by_id["image.key"].trigger()


def _cards(window: MainWindow) -> list[KeyImageCard]:
    return window.findings.key_cards


def test_a_slice_is_marked_said_to_be_so_and_listed(window: MainWindow) -> None:
    assert window.findings.isHidden()
    _mark(window, 7)
    assert list(window.document.key_images) == [KeyImage("ct", 7)]
    assert not window.findings.isHidden()
    (card,) = _cards(window)
    assert "Key image · slice 8" in [line.text() for line in card.findChildren(QLabel)]
    action = window.actions_by_id["image.key"]
    assert action.isChecked()
    pane = window.grid.active_pane
    assert "key image" in _lower_right(window)
    window.grid.step(1)
    assert not action.isChecked()
    assert "key image" not in _lower_right(window)
    window.grid.step(-1)
    assert pane.slice_index() == 7
    action.trigger()
    assert list(window.document.key_images) == []
    assert window.findings.isHidden()


def _lower_right(window: MainWindow) -> tuple[str, ...]:
    return scans.said_in(window.grid.active_pane).bottom_right


def test_a_click_leads_back_to_the_slice_in_the_pane_that_shows_it(window: MainWindow) -> None:
    _mark(window, 3)
    window.grid.go_to_slice(15)
    (card,) = _cards(window)
    scans.mouse(card, QEvent.Type.MouseButtonPress, QPointF(5, 5), Qt.MouseButton.LeftButton)
    assert window.grid.active_pane.slice_index() == 3
    window.open_series("later")
    window.grid.go_to_slice(12)
    scans.mouse(_cards(window)[0], QEvent.Type.MouseButtonPress, QPointF(5, 5), Qt.MouseButton.LeftButton)
    content = window.grid.active_pane.content
    assert content is not None
    assert (content.series_uid, content.slice_index) == ("ct", 3)


def test_a_synthetic_image_is_marked_as_what_it_is(window: MainWindow) -> None:
    window.grid.show_layer("t1", window.grid.panes[0])
    _mark(window, 9)
    assert window.document.key_images == (KeyImage("ct", 9, "t1"),)
    (card,) = _cards(window)
    assert any("SYNTHETIC" in line.text() for line in card.findChildren(QLabel))
    assert [one.property("synthetic") for one in card.findChildren(QLabel, "thumbnail")] == ["true"]
    window.open_series("ct")
    window.grid.go_to_slice(9)
    assert not window.actions_by_id["image.key"].isChecked(), "the original of the same slice is another picture"
    scans.mouse(card, QEvent.Type.MouseButtonPress, QPointF(5, 5), Qt.MouseButton.LeftButton)
    content = window.grid.active_pane.content
    assert content is not None
    assert content.layer_uid == "t1"
    window.document.remove_layer("t1")
    assert not _cards(window)


def test_the_list_takes_marks_away_and_undo_brings_them_back(window: MainWindow) -> None:
    _mark(window, 3)
    _mark(window, 5)
    assert [card.key.index for card in _cards(window)] == [3, 5]
    _cards(window)[0].remove.click()
    assert [card.key.index for card in _cards(window)] == [5]
    window.document.undo()
    assert [card.key.index for card in _cards(window)] == [3, 5]


def test_a_cut_through_the_volume_is_no_key_image_and_the_reason_is_said(window: MainWindow) -> None:
    window.grid.set_slab(Slab("maximum", 10.0))
    window.actions_by_id["image.key"].trigger()
    assert not window.document.key_images
    assert not window.actions_by_id["image.key"].isChecked()
    assert "as it was acquired" in window.banner.text
    window.grid.set_slab(None)
    window.actions_by_id["layout.mpr"].trigger()
    _mark(window, 6)
    assert [key.index for key in window.document.key_images] == [6]


def test_the_picture_of_a_key_image_is_its_slice_in_its_window(window: MainWindow) -> None:
    document = window.document
    pixels = key_picture(document, KeyImage("ct", 10))
    assert pixels is not None
    # 40 HU in the mantle: the middle of the window of 80 / 40.
    assert pixels[32, 38] == 128
    synthetic = key_picture(document, KeyImage("ct", 10, "t1"))
    assert synthetic is not None
    assert not np.array_equal(pixels, synthetic)
    opened = document.opened("ct")
    assert opened is not None
    opened.ready[4] = False
    assert key_picture(document, KeyImage("ct", 4)) is None


def test_a_mark_beyond_what_was_opened_of_a_growing_series_waits(window: MainWindow) -> None:
    opened = window.document.opened("ct")
    assert opened is not None
    beyond = KeyImage("ct", len(opened.ready) + 3)
    window.document.set_key_images((beyond,))
    assert key_picture(window.document, beyond) is None
    before = window.grid.active_pane.scene
    window._key_images.show(beyond)
    assert window.grid.active_pane.scene is before


def test_a_mark_that_came_before_its_pixels_gets_its_picture_with_them(window: MainWindow) -> None:
    opened = window.document.opened("ct")
    assert opened is not None
    opened.ready[4] = False
    window.document.set_key_images((KeyImage("ct", 4),))
    before = _cards(window)[0]
    opened.ready[4] = True
    window.document.series_loaded("ct")
    assert _cards(window)[0] is not before
    pictures = [one.pixmap().toImage() for one in _cards(window)[0].findChildren(QLabel, "thumbnail")]
    assert len({pictures[0].pixel(x, pictures[0].height() // 2) for x in range(pictures[0].width())}) > 1
