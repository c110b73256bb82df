"""Which images are compared is chosen from a menu; slice, zoom and windows stay, and every way goes with every pair."""

import pytest
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.ui.comparing import Comparing
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.views.grid import WAYS
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_views_difference import ct_layer, mr_series
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window


@pytest.fixture
def window(show_window: ShowWindow) -> MainWindow:
    """Return a window with a CT and a T2 of one space open, the CT shown, and a synthetic CT."""
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    document = scans.document_with(opened, mr_series())
    document.add_layer(ct_layer(opened, degree=0.5))
    return show_window(document)


def comparing(window: MainWindow) -> Comparing:
    found = window.findChild(Comparing)
    assert isinstance(found, Comparing)
    return found


def _trigger(window: MainWindow, *ids: str) -> None:
    for action_id in ids:
        window.actions_by_id[action_id].trigger()


def _entries(menu: QMenu | None) -> list[str]:
    assert menu is not None
    said = [action.text() for action in menu.actions() if not action.isSeparator()]
    menu.close()
    return said


def test_the_difference_is_one_way_of_comparing_among_the_others(window: MainWindow) -> None:
    _trigger(window, "compare.difference")
    assert window.grid.comparison == "difference"
    assert window.actions_by_id["compare.difference"].isChecked()
    assert is_marked(window.grid.panes[0])
    _trigger(window, "compare.swipe")
    assert not window.actions_by_id["compare.difference"].isChecked()
    _trigger(window, "compare.difference", "compare.difference")
    assert window.grid.comparison is None


@pytest.mark.parametrize("way", WAYS)
def test_only_the_active_pane_compares_and_the_reference_beside_it_stays(window: MainWindow, way: str) -> None:
    window.grid.set_layout_name("1x2")
    window.grid.show_layer("sct", window.grid.panes[1])
    original, other = window.grid.panes[:2]
    before = original.capture()
    window.grid.activate_next()
    _trigger(window, f"compare.{way}")
    assert other._picture().sides is not None
    assert original._picture().sides is None
    assert original.capture() == before
    # The buttons tell of the active pane.
    assert window.actions_by_id[f"compare.{way}"].isChecked()
    window.grid.activate_next()
    assert not window.actions_by_id[f"compare.{way}"].isChecked()


def test_switches_go_out_with_what_they_showed_and_the_next_press_switches_on(window: MainWindow) -> None:
    document, by_id = window.document, window.actions_by_id
    _trigger(window, "compare.overlay", "compare.swipe")
    assert by_id["compare.overlay"].isChecked()
    assert by_id["compare.swipe"].isChecked()
    layer = document.layer("sct")
    document.remove_layer("sct")
    assert not by_id["compare.overlay"].isChecked()
    assert not by_id["compare.swipe"].isChecked()
    _trigger(window, "compare.overlay")
    assert not by_id["compare.overlay"].isChecked()
    assert "no result" in window.banner.text
    document.add_layer(layer.changed(visible=False))
    _trigger(window, "compare.swipe")
    assert by_id["compare.swipe"].isChecked()
    assert window.grid.panes[0]._picture().sides is not None


def test_what_is_opened_after_a_study_was_closed_is_not_compared_unasked(window: MainWindow) -> None:
    _trigger(window, "compare.swipe")
    window.document.close_study(window.document.catalog.studies[0])
    assert window.grid.comparison is None
    assert not window.actions_by_id["compare.swipe"].isChecked()


def test_where_nothing_is_synthetic_the_key_and_the_button_lead_to_another_image(window: MainWindow) -> None:
    window.document.remove_layer("sct")
    _trigger(window, "compare.swipe")
    assert "Compare with… (Shift+Y)" in window.banner.text
    button = window.findChild(QToolButton, "comparison")
    assert isinstance(button, QToolButton)
    menu = button.menu()
    assert menu is not None
    assert menu.actions()[-1] is window.actions_by_id["compare.with"]


def test_the_range_of_a_difference_can_be_typed(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def answer(*said: object) -> tuple[float, bool]:
        asked.append(said[2:4])
        return 30.0, True

    monkeypatch.setattr(QInputDialog, "getDouble", answer)
    _trigger(window, "compare.difference_range")
    assert not asked
    assert "no difference" in window.banner.text
    _trigger(window, "compare.difference", "compare.difference_range")
    assert asked == [("Strongest colour at ±, in HU:", 50.0)]
    assert window.grid.difference_range == (30.0, "HU")


def test_what_can_be_compared_is_listed_by_name_and_what_is_synthetic_is_said_so(window: MainWindow) -> None:
    assert _entries(comparing(window).others_menu()) == [
        "Original and its synthetic image",
        "5 · T2 TSE",
        "Synthetic CT · CT → MR · SYNTHETIC",
    ]
    window.document.close_study(window.document.catalog.studies[0])
    assert comparing(window).others_menu() is None
    _trigger(window, "compare.with")
    assert "Nothing else" in window.banner.text


def test_another_image_is_compared_by_a_swipe_line_until_another_way_is_chosen(window: MainWindow) -> None:
    chosen = comparing(window)
    chosen.compare_with("t2")
    assert (window.grid.pair, window.grid.comparison) == (("ct", "t2"), "swipe")
    _trigger(window, "compare.flicker")
    chosen.compare_with("sct")
    assert (window.grid.pair, window.grid.comparison) == (("ct", "sct"), "flicker")
    menu = chosen.others_menu()
    assert menu is not None
    assert [action.isChecked() for action in menu.actions() if action.isCheckable()] == [False, False, True]
    menu.actions()[0].trigger()
    menu.close()
    assert window.grid.pair is None


def test_a_difference_is_synthetic_minus_original_whichever_is_in_the_pane(window: MainWindow) -> None:
    window.grid.show_layer("sct", window.grid.panes[0])
    comparing(window).compare_with("ct")
    assert window.grid.pair == ("ct", "sct")
    _trigger(window, "compare.difference")
    made = window.grid.panes[0].difference
    assert made is not None
    assert made.name == "Synthetic CT − original"


def test_in_a_pane_of_another_image_keys_compare_its_own_again(window: MainWindow) -> None:
    comparing(window).compare_with("t2")
    _trigger(window, "compare.swipe")
    window.open_series("t2")
    _trigger(window, "compare.checkered")
    assert window.grid.pair == ("ct", "t2")
    window.document.add_layer(ct_layer(_opened(window.document, "ct"), "again"))
    window.grid.set_pair(("ct", "sct"))
    _trigger(window, "compare.checkered", "compare.checkered")
    # T2 is neither of the two, and has no synthetic image.
    assert window.grid.pair is None
    assert "no synthetic image" in window.banner.text


def _opened(document: Document, uid: str) -> OpenSeries:
    opened = document.opened(uid)
    assert opened is not None
    return opened


def test_one_sharpness_is_kept_to_be_compared_with_the_next_and_undo_takes_it_away(window: MainWindow) -> None:
    document = window.document
    _trigger(window, "compare.keep")
    kept = document.layers[-1]
    assert kept.name == "Synthetic CT · sharpness 0.5"
    assert "sharpness 0.5" in window.banner.text
    assert not kept.visible
    # The slider brings other voxels: what was kept stays as it was.
    document.refill_layer(ct_layer(_opened(document, "ct"), more=90, degree=1.0))
    window.grid.show_layer("sct", window.grid.panes[0])
    comparing(window).compare_with(kept.uid)
    _trigger(window, "compare.difference")
    made = window.grid.panes[0].difference
    assert made is not None
    assert made.sample.values[32, 38] in (-30, 30)
    assert is_marked(window.grid.panes[0])
    document.undo()
    assert [layer.uid for layer in document.layers] == ["sct"]
    assert is_marked(window.grid.panes[0])


def test_nothing_is_kept_where_no_finished_synthetic_image_is_shown(window: MainWindow) -> None:
    window.document.remove_layer("sct")
    _trigger(window, "compare.keep")
    assert "no synthetic image" in window.banner.text
    assert not window.document.layers
