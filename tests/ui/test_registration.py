"""Panes of two spaces are linked by registration: in another process, with a figure, and never where it fails."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog, Patient
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.registration import Quality, Registration, Rigid
from medgan_viewer.core.volume import Volume
from medgan_viewer.jobs.events import Progress, Started
from medgan_viewer.ui.registration import Registering, RegistrationBar, _Wish
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.links import BY_HAND
from tests.core.registered_heads import moved_by, scan
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window
TRUTH = moved_by(4, -3, 7, (25.0, -14.0, 60.0))
GOOD = Quality(0.4, 0.93, 1.12, 1.31)


def _opened(uid: str, volume: Volume, frame: str, patient: Patient = scans.PATIENT) -> OpenSeries:
    stack = scans.stack_of(volume.array, affine=volume.affine, frame=frame)
    opened = scans.opened_series(uid, stack, patient=patient)
    return OpenSeries(replace(opened.study, uid=f"study of {uid}"), opened.series, opened.stack, opened.ready)


def _document(patient: Patient = scans.PATIENT) -> Document:
    ct = _opened("ct", scan((22, 30, 26), (8.4, 6.6, 6.6)), "1.2.1")
    later = _opened("later", scan((24, 30, 26), (8.0, 6.6, 6.6), TRUTH, seed=1), "1.2.3", patient)
    return scans.document_with(ct, later)


@pytest.fixture
def grid(qtbot: QtBot) -> ViewGrid:
    return scans.side_by_side(qtbot, _document(), "ct", "later")


def _registering(grid: ViewGrid) -> Registering:
    return Registering(grid._document, grid, grid)


@pytest.fixture
def registering(grid: ViewGrid) -> Iterator[Registering]:
    made = _registering(grid)
    yield made
    made.close()


def _link(grid: ViewGrid, way: Rigid, how: str = "registered (within 0.4 mm each way, 93 % in both)") -> None:
    first, (second,) = grid.active_pane.scene, grid.other_spaces()
    assert first is not None
    assert grid.link_registered(first, second, way, how)


def test_two_examinations_are_registered_and_point_at_the_same_places(
    qtbot: QtBot, grid: ViewGrid, registering: Registering
) -> None:
    bar = RegistrationBar(registering)
    qtbot.addWidget(bar)
    assert bar.isHidden()
    registering.start()
    assert not bar.isHidden()
    with qtbot.waitSignal(registering.notice, timeout=300_000) as told:
        pass
    assert "agree within" in told.args[0]
    assert bar.isHidden()
    assert all("registered (within " in pane.link_note for pane in grid.visible_panes)
    scans.mouse(grid.panes[0], QEvent.Type.MouseMove, QPointF(150, 200), keys=Qt.KeyboardModifier.ShiftModifier)
    first, second = (pane._crosshair for pane in grid.visible_panes)
    assert first is not None
    assert second is not None
    assert np.linalg.norm(second - TRUTH.point(first)) < 2.0


def test_a_registered_pane_scrolls_and_zooms_with_the_other(grid: ViewGrid) -> None:
    _link(grid, TRUTH.inverse)
    scans.wheel(grid.panes[0], 120 * 3)
    scans.wheel(grid.panes[0], 240, QPointF(60, 90), Qt.KeyboardModifier.ControlModifier)
    first, second = (pane.middle() for pane in grid.visible_panes)
    assert first is not None
    assert second is not None
    # In plane as exact as the registration; across it, the nearest slice.
    apart = second - TRUTH.point(first)
    assert float(np.abs(apart[2])) < 8.0
    scales = [mapping.scale for pane in grid.visible_panes if (mapping := pane.mapping())]
    assert scales[0] == pytest.approx(scales[1])


def test_a_crosshair_that_a_finding_moves_stands_in_the_registered_space_too(grid: ViewGrid) -> None:
    _link(grid, TRUTH.inverse)
    grid.set_tool("crosshair")
    point = np.array([10.0, 20.0, -15.0])
    grid._document.move_crosshair("1.2.1", point)
    assert grid.panes[1]._crosshair == pytest.approx(TRUTH.point(point))


def test_the_link_is_undone_and_done_again(grid: ViewGrid) -> None:
    _link(grid, TRUTH.inverse)
    assert grid._document.undo_label == "Link by registration"
    grid._document.undo()
    assert not any(pane.link_note for pane in grid.visible_panes)
    scans.wheel(grid.panes[0], 120 * 3)
    assert [pane.slice_index() for pane in grid.visible_panes] == [14, 12]
    grid._document.redo()
    assert all("registered" in pane.link_note for pane in grid.visible_panes)


def test_linking_by_hand_can_be_undone_too_and_parts_what_was_registered(grid: ViewGrid) -> None:
    _link(grid, TRUTH.inverse)
    grid.link_by_hand()
    assert not any(pane.link_note for pane in grid.visible_panes)
    grid.link_by_hand()
    assert [pane.link_note for pane in grid.visible_panes] == [BY_HAND, BY_HAND]
    grid._document.undo()
    grid._document.undo()
    assert all("registered" in pane.link_note for pane in grid.visible_panes)


@pytest.mark.parametrize("what", ["slices", "zoom", "crosshair"])
def test_what_is_not_shared_each_pane_has_for_itself(grid: ViewGrid, what: str) -> None:
    _link(grid, TRUTH.inverse)
    for one in ("slices", "zoom", "crosshair"):
        grid.set_shared(one, one != what)
    other = grid.panes[1]

    def seen() -> dict[str, object]:
        mapping = other.mapping()
        assert mapping is not None
        crosshair = None if other._crosshair is None else tuple(other._crosshair)
        return {"slices": other.slice_index(), "zoom": mapping.scale, "crosshair": crosshair}

    before = seen()
    scans.wheel(grid.panes[0], 120 * 5)
    scans.wheel(grid.panes[0], 240, QPointF(60, 90), Qt.KeyboardModifier.ControlModifier)
    after = seen()
    assert (after["slices"] == before["slices"]) == (what == "slices")
    assert (after["zoom"] == before["zoom"]) == (what == "zoom")
    scans.mouse(grid.panes[0], QEvent.Type.MouseMove, QPointF(150, 200), keys=Qt.KeyboardModifier.ShiftModifier)
    assert (seen()["crosshair"] is None) == (what == "crosshair")


def test_windows_of_one_scale_are_shared_or_not(grid: ViewGrid) -> None:
    _link(grid, TRUTH.inverse)
    document = grid._document
    before = document.window("later")
    grid.set_shared("window", False)
    grid.apply_window(replace(before, width=123.0))
    assert document.window("later") == before
    grid.set_shared("window", True)
    grid.apply_window(replace(before, width=321.0))
    assert document.window("later").width == 321.0


def test_a_poor_registration_links_nothing_and_says_why(qtbot: QtBot, grid: ViewGrid, registering: Registering) -> None:
    registering._wishes = [_wish(grid)]
    with qtbot.waitSignal(registering.failed) as told:
        registering._take(registering._wishes[0], Registration(Rigid(), replace(GOOD, disagreement_mm=14.0)))
    registering._wishes.clear()
    assert told.args[0].startswith("Not linked: registered each way, the two answers lie 14 mm apart")
    assert not any(pane.link_note for pane in grid.visible_panes)


def _wish(grid: ViewGrid) -> _Wish:
    first, (second,) = grid.active_pane.scene, grid.other_spaces()
    assert first is not None
    return _Wish(first, second, "later → ct")


def test_it_is_cancelled_and_links_nothing(qtbot: QtBot, grid: ViewGrid, registering: Registering) -> None:
    registering.start()
    with qtbot.waitSignal(registering.notice, timeout=300_000) as told:
        assert registering.cancel()
    assert "cancelled" in told.args[0]
    assert not registering.active
    assert not any(pane.link_note for pane in grid.visible_panes)
    assert not registering.cancel()


def test_the_bar_says_how_far_it_is(qtbot: QtBot, grid: ViewGrid, registering: Registering) -> None:
    bar = RegistrationBar(registering)
    qtbot.addWidget(bar)
    registering._wishes = [_wish(grid)]
    registering._wishes[0].job_id = "job"
    for event in (Started("job", "cpu", "fp64", 20), Progress("job", 5, 20, 6.2), Progress("another", 20, 20, 0.0)):
        registering._on_event(event)
    assert bar.progress.value() == 25
    assert bar.words.text() == "Registering later → ct · about 6 s left"
    registering._wishes.clear()


def test_patients_are_never_registered_to_one_another(qtbot: QtBot) -> None:
    document = _document(Patient("Else^Eva", "P-0002"))
    document.add_catalog(Catalog(tuple(one.study for uid in ("ct", "later") if (one := document.opened(uid)))))
    grid = scans.side_by_side(qtbot, document, "ct", "later")
    registering = _registering(grid)
    with qtbot.waitSignal(registering.notice) as told:
        registering.start()
    assert "No other pane" in told.args[0]
    assert not registering.active


def test_what_is_still_being_read_is_waited_for(qtbot: QtBot, grid: ViewGrid, registering: Registering) -> None:
    grid._document._loaded.discard("later")
    with qtbot.waitSignal(registering.failed) as told:
        registering.start()
    assert "read" in told.args[0]
    assert not registering.active
