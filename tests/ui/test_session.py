"""What was open comes back: after a close, after a crash, and never on images that it was not made from."""

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from medgan_viewer import app, settings
from medgan_viewer.core.commands import RemoveLayers
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Judgement
from medgan_viewer.core.oblique import Triad
from medgan_viewer.core.slabs import Slab
from medgan_viewer.errors import ReadError
from medgan_viewer.settings import Settings
from medgan_viewer.ui import session_file
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.session import Session
from medgan_viewer.ui.session_desk import Desk, KeptLink, KeptPane
from medgan_viewer.ui.session_file import Kept, KeptSession
from medgan_viewer.ui.views.camera import Camera
from medgan_viewer.ui.views.links import BY_HAND
from medgan_viewer.ui.views.scene import Scene
from tests.core.registered_heads import moved_by
from tests.dicom.export_builder import heat_layer, image_layer, label_layer, write_source
from tests.ui.test_time_axis import write_times

pytestmark = pytest.mark.window

Start = Callable[[Path], tuple[MainWindow, Session]]


def starting(qtbot: QtBot) -> Iterator[Start]:
    """Give a function that starts a window whose session lies in a folder; its windows are closed afterwards."""
    windows: list[MainWindow] = []

    def begin(folder: Path) -> tuple[MainWindow, Session]:
        document = Document()
        window = MainWindow(document, Loader(document), Runs(document, "cpu"))
        qtbot.addWidget(window)
        windows.append(window)
        window.resize(1280, 720)
        window.show()
        session = Session(window, folder)
        session.set_keeping(True)
        return window, session

    yield begin
    for window in windows:
        window.close()


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    yield from starting(qtbot)


def _open(qtbot: QtBot, window: MainWindow, folder: Path) -> str:
    window.open_paths([folder])
    qtbot.waitUntil(lambda: window.document.selected_series is not None and not window.loader.busy, timeout=20_000)
    uid = window.document.selected_series
    assert uid is not None
    return uid


def _save(qtbot: QtBot, session: Session) -> None:
    session._save()
    qtbot.waitUntil(lambda: not session._busy, timeout=20_000)


def _add_results(qtbot: QtBot, window: MainWindow, uid: str) -> None:
    opened = window.document.opened(uid)
    assert opened is not None
    image = replace(image_layer(opened.series, opened.stack), uid="image")
    heat = replace(heat_layer(opened.series, opened.stack), uid="heat", threshold=0.6)
    for layer in (image, heat, replace(label_layer(opened.series, opened.stack), uid="labels", opacity=0.25)):
        window.document.add_layer(layer)
    qtbot.waitUntil(lambda: bool(window.document.findings("heat")), timeout=20_000)


def _reopened(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.offered, timeout=20_000):
        session.look()
    with qtbot.waitSignal(session.reopened, timeout=20_000):
        session.reopen()


def _back(qtbot: QtBot, start: Start, folder: Path) -> MainWindow:
    """Start another window and open in it what the session in a folder was."""
    window, session = start(folder)
    _reopened(qtbot, session)
    return window


def _with_results(qtbot: QtBot, start: Start, tmp_path: Path) -> tuple[MainWindow, Session, str]:
    """Start a window with a series and one result of each kind; return the series' UID too."""
    window, session = start(tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _add_results(qtbot, window, uid)
    return window, session, uid


def _copied(folder: Path) -> Path:
    """Return a copy of what a program that was killed would have left."""
    copy = folder.with_name("after-the-crash")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("lock"))
    return copy


def test_a_killed_program_comes_back_with_layout_windows_results_and_verdicts(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, session, uid = _with_results(qtbot, start, tmp_path)
    window.grid.set_layout_name("1x2")
    window.grid.show_series(uid, window.grid.panes[0])
    window.grid.show_layer("image", window.grid.panes[1])
    window.grid.set_linked(False)
    window.grid.panes[0].set_index(1)
    window.grid.panes[1].rotate()
    window.document.set_window(uid, Window(321, 45))
    window.document.set_window("image", Window(0.5, 0.25))
    window.grid.set_overlay_visible(True)
    window.grid.activate_next()
    (finding,) = window.document.findings("heat")
    said = Judgement(finding, "rejected", datetime(2026, 11, 21, tzinfo=UTC), 0.6, "plexus")
    window.document.set_judgement("heat", finding, said)
    marked = (KeyImage(uid, 2), KeyImage(uid, 3, "image"))
    window.document.set_key_images(marked)
    _save(qtbot, session)

    again, other = start(_copied(tmp_path / "session"))
    offers: list[str] = []
    other.offered.connect(offers.append)
    _reopened(qtbot, other)
    assert offers[0].startswith("1 study, 3 results, as of ")
    assert offers[0].endswith("The program did not end well then.")
    grid, document = again.grid, again.document
    assert grid.layout_name == "1x2"
    assert [pane.content and (pane.content.series_uid, pane.content.layer_uid) for pane in grid.visible_panes] == [
        (uid, None),
        (uid, "image"),
    ]
    assert grid.active_pane is grid.panes[1]
    assert grid.panes[0].slice_index() == 1
    assert grid.panes[1].scene is not None
    assert grid.panes[1].scene.turns == 1
    assert grid.overlay_visible
    assert document.window(uid) == Window(321, 45)
    assert document.window("image") == Window(0.5, 0.25)
    for before in window.document.layers:
        after = document.layer(before.uid)
        assert type(after) is type(before)
        assert after.provenance == before.provenance
        assert after.opacity == before.opacity
        np.testing.assert_array_equal(after.volume.array, before.volume.array)
        np.testing.assert_array_equal(after.volume.affine, before.volume.affine)
    assert document.judgements("heat") == (said,)
    assert document.key_images == marked
    qtbot.waitUntil(lambda: document.findings("heat") == (finding,), timeout=20_000)
    assert document.verdict("heat", finding) == "rejected"
    # What stands in the pane is marked as ever.
    assert grid.panes[1].capture() is not None
    assert grid.panes[1].mark_places


def test_a_window_that_was_closed_says_so_and_keeps_what_came_last(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    window.close()
    kept = session_file.read(tmp_path / "session")
    assert kept is not None
    assert kept.session.ended
    assert len(kept.layers) == 3
    again = _back(qtbot, start, tmp_path / "session")
    assert {layer.uid for layer in again.document.layers} == {"image", "heat", "labels"}


def test_mpr_and_slabs_come_back(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    window.grid.set_layout_name("mpr")
    window.grid.set_slab(Slab("maximum", 6.0))
    window.grid.set_linked(False)
    window.grid.panes[1].set_index(7)
    window.close()
    again = _back(qtbot, start, tmp_path / "session")
    assert again.grid.layout_name == "mpr"
    contents = [pane.content for pane in again.grid.panes[:3]]
    assert [one and (one.series_uid, one.orientation) for one in contents] == [
        (uid, "axial"),
        (uid, "coronal"),
        (uid, "sagittal"),
    ]
    assert again.grid.panes[1].slice_index() == 7
    assert again.grid.slab == Slab("maximum", 6.0)


def _two_examinations(qtbot: QtBot, window: MainWindow, folder: Path) -> tuple[str, str]:
    for name in ("before", "now"):
        write_source(folder / name)
    window.open_paths([folder])
    qtbot.waitUntil(lambda: len(window.document.catalog.studies) == 2 and not window.loader.busy, timeout=20_000)
    window.grid.set_layout_name("1x2")
    first, second = (study.series[0].uid for study in window.document.catalog.studies)
    window.open_series_in(first, window.grid.panes[0])
    window.open_series_in(second, window.grid.panes[1])
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=20_000)
    return first, second


def _scenes(window: MainWindow) -> tuple[Scene, Scene]:
    first, second = (pane.scene for pane in window.grid.panes[:2])
    assert first is not None
    assert second is not None
    return first, second


def test_a_registration_comes_back_with_its_figure_after_a_crash(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    pair = _two_examinations(qtbot, window, tmp_path / "patient")
    way, how = moved_by(4, -3, 7, (2.5, -1.4, 6.0)), "registered (within 0.4 mm each way, 93 % in both)"
    assert window.grid.link_registered(*_scenes(window), way, how)
    window.grid.set_pair(pair)
    window.grid.set_comparison("checkered")
    _save(qtbot, session)
    again = _back(qtbot, start, _copied(tmp_path / "session"))
    first, second = _scenes(again)
    found = again.grid._moves.spaces.way(second, first)
    assert found is not None
    np.testing.assert_allclose(found.matrix, way.matrix, atol=1e-12)
    assert [pane.link_note for pane in again.grid.visible_panes] == [how, how]
    assert (again.grid.pair, again.grid.comparison) == (pair, "checkered")
    qtbot.waitUntil(lambda: again.grid.panes[0]._picture().sides is not None, timeout=20_000)
    # A link that is made later makes a group of its own.
    assert again.grid._moves.spaces._new_group() > max(place.group for place in again.grid.places.values())


def test_a_link_by_hand_comes_back_as_one_by_hand(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    _two_examinations(qtbot, window, tmp_path / "patient")
    window.grid.set_linked(False)
    window.grid.panes[1].set_index(0)
    assert window.grid.link_by_hand()
    kept = {space: place.to_group.matrix for space, place in window.grid.places.items()}
    window.close()
    again = _back(qtbot, start, tmp_path / "session")
    assert [pane.link_note for pane in again.grid.visible_panes] == [BY_HAND, BY_HAND]
    for space, place in again.grid.places.items():
        np.testing.assert_array_equal(place.to_group.matrix, kept[space])


def test_the_images_that_were_compared_come_back_with_line_and_range(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, session, uid = _with_results(qtbot, start, tmp_path)
    window.grid.set_pair((uid, "image"))
    window.grid.set_comparison("swipe")
    window.grid.panes[0].swipe_share = 0.3
    window.grid.set_difference_range(80.0)
    _save(qtbot, session)
    again = _back(qtbot, start, _copied(tmp_path / "session"))
    grid = again.grid
    assert (grid.pair, grid.comparison, grid.asked_range) == ((uid, "image"), "swipe", 80.0)
    assert grid.panes[0].swipe_x() == pytest.approx(0.3 * grid.panes[0].width())
    assert grid.panes[0].capture() is not None
    assert grid.panes[0].mark_places


def test_nothing_else_is_compared_where_one_of_two_images_did_not_come_back(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, _, uid = _with_results(qtbot, start, tmp_path)
    window.grid.set_pair((uid, "image"))
    window.grid.set_comparison("swipe")
    window.close()
    for path in (tmp_path / "session").glob("*.npz"):
        path.write_bytes(b"damaged")
    again = _back(qtbot, start, tmp_path / "session")
    assert (again.grid.pair, again.grid.comparison) == (None, None)


def test_turned_planes_zoom_and_place_come_back(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    _open(qtbot, window, write_source(tmp_path / "study"))
    window.grid.set_layout_name("mpr")
    assert window.grid.turn_lines(20.0)
    window.grid.panes[1].ask_camera(Camera(60.0, 50.0, 4.0, -3.0, 2.5))
    window.grid.step(1)
    _save(qtbot, session)
    again = _back(qtbot, start, _copied(tmp_path / "session"))
    again.grid.come_to_rest()
    window.grid.come_to_rest()
    before = [pane.scene.plane for pane in window.grid.panes[:3] if pane.scene is not None]
    after = [pane.scene.plane for pane in again.grid.panes[:3] if pane.scene is not None]
    for was, now in zip(before, after, strict=True):
        assert was is not None
        assert now is not None
        np.testing.assert_allclose(now.origin, was.origin, atol=1e-9)
        np.testing.assert_allclose(now.normal, was.normal, atol=1e-9)
    assert again.grid.panes[1].camera == Camera(60.0, 50.0, 4.0, -3.0, 2.5)
    # The lines can still be turned.
    assert again.grid.panes[0].hub is not None


def test_zooming_alone_is_kept_soon(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    _open(qtbot, window, write_source(tmp_path / "study"))
    _save(qtbot, session)
    session._timer.stop()
    window.grid.panes[0].ask_camera(Camera(60.0, 50.0))
    assert session._timer.isActive()


def test_a_time_point_comes_back(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    write_times(tmp_path / "perfusion")
    uid = _open(qtbot, window, tmp_path / "perfusion")
    window._opening.show_time(2)
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=20_000)
    shown = window.grid.panes[0].shown
    assert shown is not None
    assert shown.series_uid != uid
    window.close()
    again = _back(qtbot, start, tmp_path / "session")
    assert again.grid.panes[0].shown == shown
    assert again.document.selected_series == shown.series_uid
    assert again.times.slider.value() == 2


@pytest.mark.parametrize(
    "made",
    [
        lambda: KeptLink("1.2", 1, (1.0,) * 16),
        lambda: KeptLink("1.2", 1, (1.0,)),
        lambda: KeptPane("1", None, "axial", 0, triad=Triad((0.0, 0.0, 0.0), ((1.0, 0.0, 0.0),) * 3)),
        lambda: Desk("1x1", 0, (None,), (), strongest=0.0),
    ],
)
def test_a_desk_that_cannot_be_is_refused(made: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"rigid|perpendicular|range"):
        made()


def test_panes_of_an_uneven_series_come_to_their_slice_once_its_grid_is_there(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, _ = start(tmp_path / "session")
    _open(qtbot, window, write_source(tmp_path / "study", gaps=(3.0, 3.0, 5.0, 5.0)))
    window.grid.set_layout_name("mpr")
    window.grid.set_linked(False)
    window.grid.panes[1].set_index(9)
    window.close()
    again = _back(qtbot, start, tmp_path / "session")
    qtbot.waitUntil(lambda: again.grid.panes[1].slice_index() == 9, timeout=20_000)


def test_no_file_is_named_by_a_patient_and_the_session_holds_no_name(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, session = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    _save(qtbot, session)
    names = sorted(path.name for path in (tmp_path / "session").iterdir())
    assert [name for name in names if not name.endswith(".npz")] == ["lock", "session.json"]
    assert all(set(Path(name).stem) <= set("0123456789abcdef") for name in names if name.endswith(".npz"))
    text = (tmp_path / "session" / "session.json").read_text(encoding="utf-8")
    for secret in ("Müller", "Zoë", "P-17", "19500101"):
        assert secret not in text
    assert (tmp_path / "session" / "session.json").stat().st_mode & 0o077 == 0


def test_display_settings_do_not_write_the_voxels_again(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    _save(qtbot, session)
    before = {path.name for path in (tmp_path / "session").glob("*.npz")}
    window.document.change_layer(window.document.layer("labels").changed(opacity=0.9))
    _save(qtbot, session)
    assert {path.name for path in (tmp_path / "session").glob("*.npz")} == before
    kept = session_file.read(tmp_path / "session")
    assert kept is not None
    assert [one.words["opacity"] for one in kept.layers if one.words["uid"] == "labels"] == [0.9]


def test_a_result_that_is_taken_away_leaves_the_disk_and_undo_brings_it_back(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, session = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    _save(qtbot, session)
    assert len(list((tmp_path / "session").glob("*.npz"))) == 3
    window.document.execute(RemoveLayers((window.document.layer("labels"),)))
    _save(qtbot, session)
    assert len(list((tmp_path / "session").glob("*.npz"))) == 2
    session._written.clear()
    window.document.undo()
    _save(qtbot, session)
    assert len(list((tmp_path / "session").glob("*.npz"))) == 3


def test_nothing_is_remembered_of_results_that_are_gone(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    _save(qtbot, session)
    for layer in window.document.layers:
        window.document.remove_layer(layer.uid)
    assert [len(known) for known in (session._dirty, session._voxels, session._written, session._seen)] == [0, 0, 0, 0]


def test_a_run_under_way_is_kept_once_it_rests_with_the_slices_that_are_ready(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, session = start(tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    opened = window.document.opened(uid)
    assert opened is not None
    ready = np.array([True, False, False, False, False])
    window.document.add_layer(replace(image_layer(opened.series, opened.stack), uid="image", ready=ready))
    _save(qtbot, session)
    assert list((tmp_path / "session").glob("*.npz")) == []
    ready[1] = True
    window.document.layer_slice_ready("image", 1)
    _save(qtbot, session)
    assert list((tmp_path / "session").glob("*.npz")) == []
    _save(qtbot, session)
    again = _back(qtbot, start, _copied(tmp_path / "session"))
    assert again.document.layer("image").ready.tolist() == [True, True, False, False, False]


def test_a_full_disk_is_one_quiet_sentence_and_the_last_whole_session_stays(
    qtbot: QtBot, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, session = start(tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _save(qtbot, session)
    before = (tmp_path / "session" / "session.json").read_text()
    said: list[str] = []
    session.notice.connect(said.append)

    def full(_layer: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(session_file, "write_voxels", full)
        _add_results(qtbot, window, uid)
        _save(qtbot, session)
        _save(qtbot, session)
    assert len(said) == 1
    assert "the disk is full" in said[0]
    assert "Müller" not in said[0]
    assert not session.keeps_results()
    assert (tmp_path / "session" / "session.json").read_text() == before
    assert {path.name for path in (tmp_path / "session").iterdir()} == {"lock", "session.json"}
    _save(qtbot, session)
    assert session.keeps_results()
    assert len(list((tmp_path / "session").glob("*.npz"))) == 3


def test_a_crash_between_voxels_and_words_leaves_the_session_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "session"
    desk = Desk("1x1", 0, (None,), ())
    kept = Kept(KeptSession(datetime(2026, 11, 21, tzinfo=UTC), False, ("/a",), ("k",), desk))
    session_file.write(folder, kept, [])
    (folder / ".part-12-half.npz").write_bytes(b"")
    (folder / "abcd.npz").write_bytes(b"")
    assert session_file.read(folder) == kept
    session_file.write(folder, kept, [])
    assert [path.name for path in folder.iterdir()] == ["session.json"]


def test_a_result_never_comes_back_on_other_images(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    window.grid.show_layer("image", window.grid.panes[0])
    window.document.set_key_images((KeyImage(window.document.catalog.studies[0].series[0].uid, 2),))
    window.close()
    (tmp_path / "study" / "004.dcm").unlink()
    again, other = start(tmp_path / "session")
    said: list[str] = []
    other.notice.connect(said.append)
    _reopened(qtbot, other)
    assert again.document.layers == ()
    assert again.document.key_images == ()
    assert said == ["3 results were not brought back: the images are not those any more, or the file is damaged."]
    # No original stands where the synthetic image was.
    assert again.grid.panes[0].scene is None


def test_a_damaged_file_of_voxels_costs_that_result_alone(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    window.close()
    kept = session_file.read(tmp_path / "session")
    assert kept is not None
    broken = next(one for one in kept.layers if one.words["uid"] == "labels")
    path = tmp_path / "session" / broken.voxels
    path.write_bytes(path.read_bytes()[:100])
    again, other = start(tmp_path / "session")
    said: list[str] = []
    other.notice.connect(said.append)
    _reopened(qtbot, other)
    assert {layer.uid for layer in again.document.layers} == {"image", "heat"}
    assert said[0].startswith("One result was not brought back")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"schema": 2}',
        '{"schema": 1, "session": {}, "layers": []}',
        "[" * 50_000,
    ],
)
def test_a_session_that_cannot_be_read_is_put_aside_in_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "session.json").write_text(content)
    with pytest.raises(ReadError, match="put aside"):
        session_file.read(tmp_path)
    assert (tmp_path / "session.unreadable").read_text() == content
    assert session_file.read(tmp_path) is None


@pytest.mark.parametrize("name", ["../other.npz", "/etc/passwd.npz", "voxels.py", 7])
def test_a_session_names_no_file_elsewhere(tmp_path: Path, name: object) -> None:
    desk = Desk("1x1", 0, (None,), ())
    session_file.write(tmp_path, Kept(KeptSession(datetime.now(UTC), True, (), (), desk)), [])
    content: dict[str, Any] = json.loads((tmp_path / "session.json").read_text())
    content["layers"] = [{"words": {}, "voxels": name}]
    (tmp_path / "session.json").write_text(json.dumps(content))
    with pytest.raises(ReadError):
        session_file.read(tmp_path)


def test_what_was_closed_does_not_come_back(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    write_source(tmp_path / "both" / "a")
    write_source(tmp_path / "both" / "b", changes={"PatientID": "Q-2"})
    window, _ = start(tmp_path / "session")
    _open(qtbot, window, tmp_path / "both")
    assert len(window.document.catalog.studies) == 2
    window._on_close_study(window.document.catalog.studies[0])
    left = window.document.catalog.studies[0].uid
    window.open_series(window.document.catalog.studies[0].series[0].uid)
    window.close()
    again = _back(qtbot, start, tmp_path / "session")
    assert [study.uid for study in again.document.catalog.studies] == [left]


def test_closing_the_last_study_forgets_the_session(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    _open(qtbot, window, write_source(tmp_path / "study"))
    _save(qtbot, session)
    window._on_close_study(window.document.catalog.studies[0])
    session._save()
    qtbot.waitUntil(lambda: not (tmp_path / "session" / "session.json").exists(), timeout=20_000)


def test_a_start_with_nothing_open_leaves_what_was_kept(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    _open(qtbot, window, write_source(tmp_path / "study"))
    window.close()
    other, session = start(tmp_path / "session")
    _save(qtbot, session)
    other.close()
    assert session_file.read(tmp_path / "session") is not None


def test_keeping_nothing_removes_at_once_what_was_kept(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = start(tmp_path / "session")
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    _save(qtbot, session)
    session.set_keeping(False)
    qtbot.waitUntil(lambda: [path.name for path in (tmp_path / "session").iterdir()] == ["lock"], timeout=20_000)
    _save(qtbot, session)
    session.set_keeping(True)
    session._written.clear()
    _save(qtbot, session)
    assert len(list((tmp_path / "session").glob("*.npz"))) == 3
    session.set_keeping(False)
    window.close()
    assert list((tmp_path / "session").iterdir()) == []


def test_a_second_program_keeps_nothing(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    first, _ = start(tmp_path / "session")
    second, session = start(tmp_path / "session")
    assert not session.keeping
    _open(qtbot, second, write_source(tmp_path / "study"))
    second.close()
    assert session_file.read(tmp_path / "session") is None
    first.close()


def test_hidden_patients_stay_hidden(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = start(tmp_path / "session")
    _open(qtbot, window, write_source(tmp_path / "study"))
    window.set_patient_hidden(True)
    window.close()
    again = _back(qtbot, start, tmp_path / "session")
    assert again.actions_by_id["view.hide_patient"].isChecked()
    assert again.grid.panes[0].patient_hidden


# -- in the program --------------------------------------------------------------------------------------------------


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "CACHE", "LOGS"):
        monkeypatch.setenv(f"MEDGAN_{name}", str(tmp_path / name.lower()))
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path / "data")
    return tmp_path


def test_the_first_page_offers_what_was_open_and_the_key_reopens_it(qtbot: QtBot, own_folders: Path) -> None:
    window = app.make_window()
    qtbot.addWidget(window)
    app._keep_session(window, reopening=True)
    window.show()
    reopen = window.actions_by_id["file.reopen"]
    assert not reopen.isEnabled()
    uid = _open(qtbot, window, write_source(own_folders / "study"))
    window.close()
    again = app.make_window()
    qtbot.addWidget(again)
    again.show()
    app._keep_session(again, reopening=True)
    button = next(one for one in again.findChildren(QPushButton) if one.text() == "Reopen where I was")
    assert not button.isVisible()
    qtbot.waitUntil(button.isVisible, timeout=20_000)
    button.click()
    qtbot.waitUntil(lambda: again.document.selected_series == uid, timeout=20_000)
    assert not again.actions_by_id["file.reopen"].isEnabled()
    again.close()


def test_the_settings_reopen_at_every_start_or_keep_nothing(qtbot: QtBot, own_folders: Path) -> None:
    settings.save(Settings().changed("reopen", "always"))
    window = app.make_window()
    qtbot.addWidget(window)
    app._keep_session(window, reopening=True)
    uid = _open(qtbot, window, write_source(own_folders / "study"))
    window.close()
    again = app.make_window()
    qtbot.addWidget(again)
    app._keep_session(again, reopening=True)
    qtbot.waitUntil(lambda: again.document.selected_series == uid, timeout=20_000)
    live = again.findChild(LiveSettings)
    assert live is not None
    live.set("reopen", "never")
    kept = own_folders / "data" / "session" / "session.json"
    qtbot.waitUntil(lambda: not kept.exists(), timeout=20_000)
    again.close()
    assert not kept.exists()


def test_closing_asks_about_results_only_where_they_are_not_kept(
    qtbot: QtBot, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def no(*_arguments: object) -> QMessageBox.StandardButton:
        asked.append(True)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", no)
    window, session = start(tmp_path / "session")
    window.asks_before_closing = True
    _add_results(qtbot, window, _open(qtbot, window, write_source(tmp_path / "study")))
    window.close()
    assert asked == [True]
    assert window.isVisible()
    window.results_kept = session.keeps_results
    window.close()
    assert asked == [True]
    assert not window.isVisible()
