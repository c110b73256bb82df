"""Where a synthetic image comes up: nothing goes that it is to be compared with, and its source least of all."""

from dataclasses import replace
from typing import Any

import pytest

from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.ui.comparing import Comparing
from medgan_viewer.ui.main_window import MainWindow
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

pytestmark = pytest.mark.window


def _mr(contrast: str, **changes: Any) -> OpenSeries:
    stack = scans.stack_of(scans.ball(), modality="MR", unit="")
    return scans.opened_series(contrast, stack, contrast=contrast, description=contrast, **changes)


@pytest.fixture
def window(show_window: ShowWindow, opened: OpenSeries) -> MainWindow:
    """Return a window with a CT, T1, T2 and FLAIR of one patient, and a CT of another."""
    stranger = replace(scans.PATIENT, identifier="P-0002", name="Phantom^Bob")
    other = scans.opened_series("other", scans.stack_of(scans.ball()), patient=stranger)
    return show_window(scans.document_with(opened, _mr("T1"), _mr("T2"), _mr("FLAIR"), other))


def _hang(window: MainWindow, layout: str, *uids: str | None) -> None:
    window.grid.set_layout_name(layout)
    for pane, uid in zip(window.grid.panes, uids, strict=False):
        if uid is None:
            pane.show_content(None)
        else:
            window.grid.show_series(uid, pane)


def _made(window: MainWindow, contrast: str, uid: str = "made") -> ImageLayer:
    opened = window.document.opened("ct")
    assert opened is not None
    layer = replace(scans.image_layer(opened, uid), contrast=contrast)
    window.document.add_layer(layer)
    return layer


def _shown(window: MainWindow) -> list[str | None]:
    contents = [pane.content for pane in window.grid.visible_panes]
    return [None if one is None else one.layer_uid or one.series_uid for one in contents]


def _show(window: MainWindow, contrast: str, uid: str = "made") -> list[str | None]:
    """Let a synthetic image of the CT come up; return what the panes show then."""
    comparing = window.findChild(Comparing)
    assert isinstance(comparing, Comparing)
    comparing.show_layer(_made(window, contrast, uid).uid)
    return _shown(window)


def test_an_empty_pane_is_taken_first(window: MainWindow) -> None:
    _hang(window, "2x2", "ct", "T1", "T2", None)
    assert _show(window, "T2") == ["ct", "T1", "T2", "made"]


def test_another_result_goes_before_an_acquired_series(window: MainWindow) -> None:
    _hang(window, "2x2", "ct", "T1", "T2", None)
    _show(window, "T1", "earlier")
    assert _show(window, "T2") == ["ct", "T1", "T2", "made"]


@pytest.mark.parametrize(
    ("contrast", "expected"),
    [
        ("T1", ["ct", "T1", "made", "FLAIR"]),
        ("T2", ["ct", "made", "T2", "FLAIR"]),
        ("FLAIR", ["ct", "made", "T2", "FLAIR"]),
    ],
)
def test_of_acquired_series_neither_the_source_nor_the_one_of_its_contrast_goes(
    window: MainWindow, contrast: str, expected: list[str]
) -> None:
    _hang(window, "2x2", "ct", "T1", "T2", "FLAIR")
    assert _show(window, contrast) == expected


def test_what_stands_in_two_panes_goes_before_what_stands_in_one(window: MainWindow) -> None:
    _hang(window, "2x2", "ct", "T1", "T2", "T2")
    assert _show(window, "T2") == ["ct", "T1", "made", "T2"]
    _hang(window, "1x2", "ct", "ct")
    assert _show(window, "T1", "next") == ["ct", "next"]


def test_another_patient_goes_before_any_series_of_this_one(window: MainWindow) -> None:
    _hang(window, "2x2", "ct", "T1", "other", "FLAIR")
    assert _show(window, "T2") == ["ct", "T1", "made", "FLAIR"]


@pytest.mark.parametrize(
    ("layout", "wider", "uids"),
    [
        ("1x1", "1x2", ("ct",)),
        ("1x2", "1x3", ("ct", "T2")),
        ("2x1", "2x2", ("ct", "T2")),
    ],
)
def test_where_all_have_to_stay_a_pane_is_added(
    window: MainWindow, layout: str, wider: str, uids: tuple[str, ...]
) -> None:
    _hang(window, layout, *uids)
    assert [one for one in _show(window, "T2") if one is not None] == [*uids, "made"]
    assert window.grid.layout_name == wider


def test_beside_three_planes_the_fourth_pane_is_taken_whatever_it_shows(window: MainWindow) -> None:
    window.grid.set_layout_name("mpr")
    window.grid.show_series("T2", window.grid.panes[3])
    assert _show(window, "T2")[3] == "made"
    assert window.grid.layout_name == "mpr"


def test_a_stored_synthetic_series_is_a_result_and_no_acquired_series(show_window: ShowWindow) -> None:
    ct = scans.opened_series("ct", scans.stack_of(scans.ball()))
    window = show_window(scans.document_with(ct, _mr("T1"), _mr("T2", synthetic=True)))
    _hang(window, "1x3", "ct", "T1", "T2")
    assert _show(window, "T2") == ["ct", "T1", "made"]


def test_a_document_without_a_pane_for_the_source_still_shows_the_image(window: MainWindow) -> None:
    _hang(window, "1x2", "T1", "T2")
    shown = _show(window, "T2")
    assert "made" in shown
    assert "T2" in shown
