"""The window's keys for layouts, slabs, playing and comparing: each does what it says, in any order, and none fails."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QInputDialog, QToolButton
from pytestqt.qtbot import QtBot

from medgan_viewer.core.slabs import Slab
from medgan_viewer.ui.actions import TABLE
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.tool_row import ToolRow
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_views_by_hand import _prior
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window
GROUPS = ("Tools", "Measure", "Image", "Window", "Layout", "Slab", "Cine", "Compare", "Edit")


@pytest.fixture
def window(show_window: ShowWindow, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """Return a window with a CT and its prior open, the CT shown."""
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())), _prior())
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_args: (2.5, True))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: ("", False))
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_args: ("", False))
    return show_window(document)


def _trigger(window: MainWindow, *ids: str) -> None:
    for action_id in ids:
        window.actions_by_id[action_id].trigger()


def test_ways_of_comparing_need_a_synthetic_image_and_exclude_one_another(window: MainWindow) -> None:
    _trigger(window, "compare.checkered")
    assert "no synthetic image" in window.banner.text
    assert not window.actions_by_id["compare.checkered"].isChecked()
    scans.add_results(window.document)
    _trigger(window, "compare.checkered")
    assert str(window.grid.comparison) == "checkered"
    _trigger(window, "compare.flicker", "compare.flicker_rate")
    assert window.grid.comparison == "flicker"
    assert window.grid.flicker_rate == 2.5
    assert is_marked(window.grid.panes[0])
    checked = [way for way in ("swipe", "checkered", "flicker") if window.actions_by_id[f"compare.{way}"].isChecked()]
    assert checked == ["flicker"]
    _trigger(window, "compare.flicker")
    assert window.grid.comparison is None


def test_prior_and_current_stand_side_by_side_and_are_linked_by_hand(window: MainWindow) -> None:
    _trigger(window, "compare.link_by_hand")
    assert window.banner.text
    _trigger(window, "compare.prior")
    assert [pane.content and pane.content.series_uid for pane in window.grid.visible_panes] == ["prior", "ct"]
    _trigger(window, "compare.link_by_hand", "image.next_slice")
    assert len({pane.slice_index() for pane in window.grid.visible_panes}) == 1
    window.document.close_study(window.document.catalog.studies[1])
    _trigger(window, "layout.1x1", "compare.prior")
    assert "No other study" in window.banner.text


def test_the_bar_and_the_menus_show_layout_slab_and_play(window: MainWindow) -> None:
    assert window.cine_bar.isHidden()
    _trigger(window, "layout.2x3", "slab.minimum", "slab.thicker", "cine.play")
    assert window.layout_picker.text() == "2×3"
    assert "2 rows" in window.layout_picker.accessibleName()
    assert window.grid.slab == Slab("minimum", 15.0)
    assert window.actions_by_id["slab.minimum"].isChecked()
    assert not window.cine_bar.isHidden()
    _trigger(window, "cine.play", "slab.off")
    assert not window.cine.playing
    assert window.grid.slab is None
    _trigger(window, "layout.turn_left")
    assert "MPR" in window.banner.text
    _trigger(window, "layout.mpr", "layout.turn_left")
    assert window.grid.panes[1].scene is not None
    assert window.grid.panes[1].scene.cut.triad is not None


def test_keys_go_from_pane_to_pane_and_make_one_large(window: MainWindow) -> None:
    _trigger(window, "layout.1x3", "layout.next_pane", "layout.next_pane")
    assert window.grid.active_pane is window.grid.panes[2]
    _trigger(window, "layout.next_pane")
    assert window.grid.active_pane is window.grid.panes[0]
    _trigger(window, "layout.next_pane", "layout.maximise")
    assert window.grid.visible_panes == [window.grid.panes[1]]
    _trigger(window, "layout.next_pane", "layout.maximise")
    assert window.grid.visible_panes == window.grid.panes[:3]


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_nothing_fails_and_what_is_synthetic_is_marked(window: MainWindow, seed: int) -> None:
    scans.add_results(window.document)
    random = np.random.default_rng(seed)
    ids = [spec.id for spec in TABLE if spec.group in GROUPS and spec.id not in ("measure.copy", "compare.register")]
    protocols = window.hanging.protocols()
    for step in range(90):
        if step % 15 == 7:
            window.hanging.apply(protocols[random.integers(len(protocols))], str(random.choice(["ct", "prior"])))
        else:
            _trigger(window, str(random.choice(ids)))
        QApplication.processEvents()
        for pane in window.grid.visible_panes:
            if pane.scene is not None and pane._picture().synthetic and pane.width() > 100:
                assert is_marked(pane)
    window.cine.play(False)


def test_every_new_control_of_the_bar_has_a_name_and_can_be_reached(window: MainWindow) -> None:
    bar = window.findChild(QFrame, "toolbar")
    assert bar is not None
    buttons = [one for one in bar.findChildren(QToolButton) if one.isVisible()]
    assert len(buttons) > 10
    for one in buttons:
        assert one.accessibleName()
        assert one.focusPolicy() & Qt.FocusPolicy.TabFocus


def _laid_out(bar: QFrame) -> bool:
    """Whether the buttons of the bar stand beside one another, each as wide as it wants to be."""
    buttons = [one for one in bar.findChildren(QToolButton) if one.isVisible()]
    places = sorted((one.geometry() for one in buttons), key=lambda place: place.left())
    apart = all(one.right() < other.left() for one, other in pairwise(places))
    return apart and places[-1].right() <= bar.width() and all(b.width() >= b.sizeHint().width() for b in buttons)


def test_the_bar_fits_the_narrowest_window_with_its_longest_words(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.findChild(QFrame, "toolbar")
    assert bar is not None
    window.grid.set_slab(Slab("minimum", 100.0))
    shown = {}
    for width in (1100, 1900):
        window.resize(width, 700)
        qtbot.waitUntil(lambda width=width: bar.width() == width and _laid_out(bar))  # type: ignore[misc]
        shown[width] = {one.text() for one in bar.findChildren(QToolButton) if one.isVisible()}
    assert {"Window", "MinIP 100 mm", "Overlay", "Menu"} <= shown[1100]
    assert shown[1100] <= shown[1900] >= {"MPR", "Open…", "?"}


def test_what_may_give_way_is_hidden_in_its_order_and_comes_back(qtbot: QtBot) -> None:
    bar = ToolRow()
    qtbot.addWidget(bar)
    boxes = [QFrame() for _ in range(4)]
    for box in boxes:
        box.setMinimumWidth(300)
        bar.row.addWidget(box)
    bar.giving_way = (boxes[2], boxes[0])
    bar.show()
    # 300 pixels each, 2 between them, 8 on both sides.
    for width, hidden in ((1300, []), (1224, []), (1200, [2]), (900, [0, 2]), (650, [0, 2]), (930, [2]), (1300, [])):
        bar.resize(width, 40)
        qtbot.waitUntil(lambda hidden=hidden: [n for n in range(4) if boxes[n].isHidden()] == hidden)  # type: ignore[misc]
