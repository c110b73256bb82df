"""Two examinations that were registered are compared in one pane: resampled, with the figure on it, where both are."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot
from scipy import ndimage

from medgan_viewer.core.catalog import Patient
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.slabs import Slab
from medgan_viewer.core.volume import Volume
from medgan_viewer.ui.actions import TABLE
from medgan_viewer.ui.comparing import Comparing
from medgan_viewer.ui.views.captions import captions
from medgan_viewer.ui.views.grid import WAYS, Comparison, ViewGrid
from medgan_viewer.ui.views.pane import Pane
from tests.core.registered_heads import moved_by, scan
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window

# From the first examination's points to the second's.
TRUTH = moved_by(4, -3, 7, (25.0, -14.0, 60.0))
HOW = "registered (within 0.4 mm each way, 93 % in both)"


def _opened(uid: str, volume: Volume, frame: str, patient: Patient = scans.PATIENT) -> OpenSeries:
    stack = scans.stack_of(volume.array, affine=volume.affine, frame=frame)
    opened = scans.opened_series(uid, stack, patient=patient, description=uid)
    return OpenSeries(replace(opened.study, uid=f"study of {uid}"), opened.series, opened.stack, opened.ready)


def _document(patient: Patient = scans.PATIENT) -> Document:
    ct = _opened("ct", scan((40, 48, 42), (4.4, 4.2, 4.2)), "1.2.1")
    return scans.document_with(
        ct, _opened("later", scan((42, 48, 44), (4.2, 4.2, 4.2), TRUTH, seed=1), "1.2.3", patient)
    )


@pytest.fixture
def grid(qtbot: QtBot) -> ViewGrid:
    grid = scans.side_by_side(qtbot, _document(), "ct", "later")
    _link(grid)
    return grid


@pytest.fixture
def comparing(grid: ViewGrid) -> Iterator[Comparing]:
    made = Comparing(grid._document, grid, lambda _uid, _pane: None, grid)
    yield made
    made.deleteLater()


def _link(grid: ViewGrid, way: Rigid = TRUTH.inverse) -> None:
    first, second = (pane.scene for pane in grid.visible_panes)
    assert first is not None
    assert second is not None
    assert grid.link_registered(first, second, way, HOW)


def _words(pane: Pane) -> tuple[str, ...]:
    assert pane.scene is not None
    assert pane.scene.plane is not None
    said = captions(pane.scene, pane.scene.plane, 1.0, picture=pane._picture(), notes=[pane.link_note])
    assert said is not None
    return said.bottom_right


def _both(pane: Pane) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the values of the two images that a pane compares, where both have one."""
    assert pane.scene is not None
    sides = pane.scene.sides(pane.state)
    assert sides is not None
    one, other = (pane.scene.values_of(side) for side in sides)
    assert one is not None
    assert other is not None
    valid = np.ones(one.values.shape, bool) if other.valid is None else other.valid
    if one.valid is not None:
        valid = valid & one.valid
    return one.values[valid].astype(np.float32), other.values[valid].astype(np.float32)


def test_the_other_examination_lies_on_the_slice_as_a_direct_interpolation_says(
    grid: ViewGrid, comparing: Comparing
) -> None:
    comparing.compare_with("later")
    pane = grid.active_pane
    scene, later = pane.scene, grid._document.opened("later")
    assert scene is not None
    assert later is not None
    assert scene.plane is not None
    (image,) = [one for one in scene.images() if one.uid == "later"]
    sample = scene.values_of(image)
    assert sample is not None
    assert sample.valid is not None
    rows, columns = np.mgrid[0 : scene.plane.rows, 0 : scene.plane.columns]
    points = (
        scene.plane.origin[:, None, None]
        + scene.plane.row_step[:, None, None] * rows
        + scene.plane.column_step[:, None, None] * columns
    )
    there = TRUTH.point(points.reshape(3, -1).T)
    index = np.linalg.inv(later.volume().affine) @ np.vstack([there.T, np.ones(len(there))])
    expected = ndimage.map_coordinates(later.volume().array, index[:3], output=np.float32, order=1, mode="nearest")
    inside = ((index[:3] >= -0.5) & (index[:3] <= np.array(later.volume().shape)[:, None] - 0.5)).all(axis=0)
    assert np.mean(sample.valid.ravel() == inside) > 0.999
    both = sample.valid.ravel() & inside
    np.testing.assert_allclose(sample.values.ravel()[both], expected[both], atol=0.5)
    # The values are those of the same head: far more alike than without the registration.
    assert np.corrcoef(*_both(pane))[0, 1] > 0.97


def test_a_difference_of_registered_examinations_is_small_where_nothing_changed(
    grid: ViewGrid, comparing: Comparing
) -> None:
    comparing.compare("difference")
    assert grid.comparison == "difference"
    assert grid.pair == ("ct", "later")
    pane = grid.active_pane
    assert pane.difference is not None
    assert pane.difference.scale.unit == "HU"
    shown = pane.difference.sample
    inner = np.abs(shown.values[14:34, 14:28])
    registered = float(np.median(inner))
    # Noise of 15 HU in both, no more.
    assert registered < 30
    grid._document.undo()
    _link(grid, Rigid.shift(np.array([-25.0, 14.0, -60.0])).after(moved_by(0, 0, 40, (0, 0, 0))))
    assert pane.difference is not None
    assert float(np.median(np.abs(pane.difference.sample.values[14:34, 14:28]))) > registered


@pytest.mark.parametrize("way", WAYS)
def test_every_way_says_that_the_other_is_resampled_and_how_well_it_is_registered(
    grid: ViewGrid, comparing: Comparing, way: Comparison
) -> None:
    comparing.compare(way)
    assert (grid.comparison, grid.pair) == (way, ("ct", "later"))
    words = _words(grid.panes[0])
    assert "2 · later resampled" in words
    # Next to the name, where it is the last to go when room is short; and once.
    assert words.index(HOW) == 2
    assert words.count(HOW) == 1
    # The other pane stays as it is, and compares the same two on its own slices when it is asked to.
    assert "2 · ct resampled" not in _words(grid.panes[1])
    grid.activate_next()
    comparing.compare(way)
    assert {HOW, "2 · ct resampled"} <= set(_words(grid.panes[1]))
    assert grid.panes[0].capture() is not None
    assert not grid.panes[0].message()


def test_a_slab_of_the_other_examination_is_cut_where_it_lies(grid: ViewGrid, comparing: Comparing) -> None:
    grid.set_slab(Slab("mean", 20.0))
    comparing.compare("difference")
    assert grid.active_pane.difference is not None
    assert np.corrcoef(*_both(grid.active_pane))[0, 1] > 0.97


def test_undoing_the_link_ends_the_comparison_and_another_link_shows_another_picture(
    grid: ViewGrid, comparing: Comparing
) -> None:
    comparing.compare("swipe")
    pane = grid.active_pane
    before = _both(pane)[1]
    grid._document.undo()
    assert pane._picture().sides is None
    assert HOW not in " ".join(_words(pane))
    _link(grid, TRUTH.inverse.after(Rigid.shift(np.array([0.0, 12.0, 0.0]))))
    after = _both(pane)[1]
    assert before.shape != after.shape or not np.array_equal(before, after)


def test_what_is_linked_by_hand_is_not_compared(grid: ViewGrid, comparing: Comparing) -> None:
    grid._document.undo()
    assert grid.link_by_hand()
    assert comparing.others_menu() is None
    said: list[str] = []
    comparing.notice.connect(said.append)
    comparing.compare("swipe")
    assert grid.comparison is None
    assert len(said) == 1


def test_another_patient_is_never_compared(qtbot: QtBot) -> None:
    document = _document(patient=Patient("Other^Eve", "P-2", "19700101", "F", "050Y"))
    grid = scans.side_by_side(qtbot, document, "ct", "later")
    first, second = (pane.scene for pane in grid.visible_panes)
    assert first is not None
    assert second is not None
    assert not grid.link_registered(first, second, TRUTH.inverse, HOW)
    assert [image.uid for image in first.images()] == ["ct"]


def test_a_synthetic_image_is_compared_with_the_registered_scan_and_stays_marked(
    grid: ViewGrid, comparing: Comparing
) -> None:
    opened = grid._document.opened("ct")
    assert opened is not None
    grid._document.add_layer(scans.image_layer(opened, "made"))
    grid.show_layer("made", grid.panes[0])
    comparing.compare_with("later")
    assert grid.pair == ("later", "made")
    for way in ("swipe", "flicker"):
        grid.set_comparison(way)
        pane = grid.panes[0]
        pane.capture()
        assert [layer.uid for layer in pane._picture().synthetic] == ["made"]
        assert pane.mark_places
        assert {HOW, "2 · later resampled"} <= set(_words(pane))


def test_the_menu_says_which_series_is_registered_and_how_well(grid: ViewGrid, comparing: Comparing) -> None:
    menu = comparing.others_menu()
    assert menu is not None
    assert f"2 · later · {HOW}" in [action.text() for action in menu.actions()]
    menu.close()


def test_closing_the_other_examination_leaves_the_pane_as_it_was(grid: ViewGrid, comparing: Comparing) -> None:
    comparing.compare("checkered")
    document, pane = grid._document, grid.active_pane
    assert pane.scene is not None
    pane.capture()
    study = next(one for one in document.catalog.studies if one.uid == "study of later")
    document.close_study(study)
    assert pane._picture().sides is None
    assert not pane.message()
    # Nothing of it is held any more.
    assert not pane.scene._registered


def test_the_pane_is_painted_again_once_the_other_examination_has_been_read(
    grid: ViewGrid, comparing: Comparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparing.compare("swipe")
    pane, painted = grid.panes[0], []
    monkeypatch.setattr(pane, "update", lambda: painted.append(True))
    grid._document.series_loaded("later")
    assert painted
    grid.set_comparison(None)
    painted.clear()
    grid._document.series_loaded("later")
    assert not painted


@pytest.mark.parametrize("key", ["Ctrl+J", ""])
def test_what_lies_in_another_space_is_refused_with_the_key_that_registers_it(qtbot: QtBot, key: str) -> None:
    grid = scans.side_by_side(qtbot, _document(), "ct", "later")
    comparing = Comparing(grid._document, grid, lambda _uid, _pane: None, grid)
    actions = {spec.id: QAction(grid) for spec in TABLE}
    actions["compare.register"].setShortcut(key)
    comparing.show_state(actions)
    named = f" ({key})" if key else ""
    with qtbot.waitSignal(comparing.notice) as told:
        comparing.compare("difference")
    assert told.args == [
        f"The other pane lies in a space of its own: link it by registration first{named}, then compare."
    ]
    assert grid.comparison is None
    with qtbot.waitSignal(comparing.notice) as told:
        comparing.ask_other()
    assert told.args is not None
    assert told.args[0].endswith(f"once it is linked by registration{named}.")


def test_two_patients_are_not_compared_and_it_is_said_why(qtbot: QtBot) -> None:
    grid = scans.side_by_side(qtbot, _document(Patient("Somebody^Else", "7", "", "O", "")), "ct", "later")
    comparing = Comparing(grid._document, grid, lambda _uid, _pane: None, grid)
    with qtbot.waitSignal(comparing.notice) as told:
        comparing.compare("difference")
    assert told.args == ["Images that are not surely of one patient cannot be compared in one pane."]
